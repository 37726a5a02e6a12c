/* SPDX-License-Identifier: MIT */

#include "node/refund_record.h"

#include <string.h>

#include "test.h"

#define HASH                                       \
	"2222222222222222222222222222222222222222" \
	"222222222222222222222222"

enum {
	NOW_S = 1800000000,
	HOUR_S = 60 * 60,
};

static struct refund_record sample(void)
{
	return (struct refund_record){ .state = REFUND_PAYING,
		.car = "roadster",
		.payment_hash = HASH,
		.to = WAY_BACK_NAME,
		.amount_msat = 990000,
		.fee_msat = 9900,
		.at_s = NOW_S,
		.expires_s = NOW_S + 7200,
		.invoice = strdup("lni1qq") };
}

static void assert_invalid(const char *text)
{
	struct refund_record record;

	cr_assert_eq(refund_record_read(text, &record), -EINVAL, "%s", text);
}

TEST(refund_record, what_is_printed_is_read)
{
	struct refund_record record = sample(), read;
	char *text = refund_record_print(&record);

	cr_assert_not_null(text);
	cr_assert_not_null(strstr(text, "\"maxfee_msat\":9900"));
	cr_assert_eq(refund_record_read(text, &read), 0);
	cr_assert_eq(read.state, REFUND_PAYING);
	cr_assert_eq(read.to, WAY_BACK_NAME);
	cr_assert_eq(read.amount_msat, 990000);
	cr_assert_eq(read.fee_msat, 9900);
	cr_assert_eq(read.expires_s, NOW_S + 7200);
	cr_assert_str_eq(read.car, "roadster");
	cr_assert_str_eq(read.payment_hash, HASH);
	cr_assert_str_eq(read.invoice, "lni1qq");
	refund_record_deinit(&read);
	refund_record_deinit(&record);
	free(text);
}

TEST(refund_record, one_that_is_paid_keeps_no_invoice)
{
	struct refund_record record = sample(), read;
	char *text;

	refund_record_deinit(&record);
	record = sample();
	free(record.invoice);
	record.invoice = NULL;
	record.state = REFUND_PAID;
	text = refund_record_print(&record);
	cr_assert_not_null(text);
	cr_assert_not_null(strstr(text, "\"fee_msat\":9900"));
	cr_assert_null(strstr(text, "invstring"));
	cr_assert_eq(refund_record_read(text, &read), 0);
	cr_assert_eq(read.state, REFUND_PAID);
	cr_assert_null(read.invoice);
	refund_record_deinit(&read);
	free(text);
}

TEST(refund_record, anything_else_is_refused)
{
	static const struct {
		const char *good;
		const char *bad;
	} changes[] = {
		{ "\"paying\"", "\"stolen\"" },
		{ "\"paying\"", "\"paid\"" },
		{ "\"name\"", "\"void\"" },
		{ "roadster", "Roadster" },
		{ HASH, "2222" },
		{ ":990000", ":0" },
		{ ":990000", ":-1" },
		{ ":990000", ":9000000000000000000" },
		{ ":990000", ":\"1\"" },
		{ ":9900,", ":-9900," },
		{ "maxfee", "minfee" },
		{ "\"at\"", "\"on\"" },
		{ "invstring", "bolt12" },
	};
	struct refund_record record = sample();
	char *text = refund_record_print(&record);

	cr_assert_not_null(text);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		char copy[1024];
		const char *at = strstr(text, changes[i].good);

		cr_assert_not_null(at, "%s", changes[i].good);
		(void)snprintf(copy, sizeof(copy), "%.*s%s%s", (int)(at - text),
			text, changes[i].bad, at + strlen(changes[i].good));
		assert_invalid(copy);
	}
	assert_invalid("");
	assert_invalid("[]");
	assert_invalid("{}");
	assert_invalid("{\"state\":\"paid\",\"state\":\"paid\"}");
	refund_record_deinit(&record);
	free(text);
}

TEST(refund_record, a_day_is_24_hours_and_a_little)
{
	struct refund_spent spent = { 0 };

	refund_spent_add(&spent, NOW_S, 1000);
	refund_spent_add(&spent, NOW_S + 1, 10);
	cr_assert_eq(refund_spent_sum(&spent, NOW_S), 1010);
	cr_assert_eq(refund_spent_sum(&spent, NOW_S + 24 * HOUR_S), 1010);
	cr_assert_eq(refund_spent_sum(&spent, NOW_S + 25 * HOUR_S), 0);
	refund_spent_less(&spent, NOW_S, 5);
	cr_assert_eq(refund_spent_sum(&spent, NOW_S), 1005);
	refund_spent_less(&spent, NOW_S, 5000);
	cr_assert_eq(refund_spent_sum(&spent, NOW_S), 0);
	refund_spent_less(&spent, NOW_S + HOUR_S, 5000);
}

TEST(refund_record, the_hours_of_weeks_fit)
{
	struct refund_spent spent = { 0 };

	for (int64_t hour = 0; hour < 1000; hour++) {
		refund_spent_add(&spent, NOW_S + hour * HOUR_S, 1);
		cr_assert_eq(refund_spent_sum(&spent, NOW_S + hour * HOUR_S),
			hour < REFUND_HOURS ? (uint64_t)hour + 1
					    : REFUND_HOURS);
	}
}

TEST(refund_record, a_clock_that_is_set_back_frees_nothing)
{
	struct refund_spent spent = { 0 };

	for (int64_t hour = 0; hour < 2 * REFUND_HOURS; hour++)
		refund_spent_add(&spent, NOW_S - hour * HOUR_S, 1);
	cr_assert_eq(refund_spent_sum(&spent, NOW_S - 49 * HOUR_S),
		2 * REFUND_HOURS);
}

TEST(refund_record, the_index_is_read_as_it_was_printed)
{
	struct refund_spent spent = { 0 }, read;
	json_t *open = json_pack("[s]", HASH), *read_open;
	char *text;

	refund_spent_add(&spent, NOW_S, 1000);
	text = refund_index_print(&spent, open);
	cr_assert_not_null(text);
	cr_assert_eq(refund_index_read(text, 1, &read, &read_open), 0);
	cr_assert_eq(refund_spent_sum(&read, NOW_S), 1000);
	cr_assert(json_equal(open, read_open));
	json_decref(read_open);
	cr_assert_eq(refund_index_read(text, 0, &read, &read_open), -EINVAL);
	free(text);
	json_decref(open);
}

TEST(refund_record, no_other_index_is_read)
{
	static const char *const texts[] = { "", "[]", "{}", "{\"open\":[]}",
		"{\"open\":{},\"spent\":[]}", "{\"open\":[1],\"spent\":[]}",
		"{\"open\":[\"12\"],\"spent\":[]}",
		"{\"open\":[],\"spent\":[1]}", "{\"open\":[],\"spent\":[[1]]}",
		"{\"open\":[],\"spent\":[[1,-1]]}",
		"{\"open\":[],\"spent\":[[-1,1]]}",
		"{\"open\":[],\"spent\":[[1,9000000000000000000]]}" };
	struct refund_spent spent;
	json_t *open;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		cr_assert_eq(refund_index_read(texts[i], 9, &spent, &open),
			-EINVAL, "%s", texts[i]);
}
