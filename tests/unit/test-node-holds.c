/* SPDX-License-Identifier: MIT */

#include "node/holds.h"

#include "cars-world.h"
#include "faults.h"
#include "util/clock.h"

static const char label_a[] =
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"
	"02cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc-0";
static const char claims[] =
	"{'holds': true, 'labels': ['flash-*'], 'descriptions': ['honk'],"
	" 'actions': [{'name': 'flash', 'price_msat': 1000}]}";

/* The disk: marks by hash, which is one letter 64 times. */
static struct {
	enum mark mark;
	int64_t age_s;
} disk[256];
static int write_error, read_error;

/* What came out. */
static char answers[64]; /* an id's letter, + or - */
static unsigned int n_asked, n_changed, n_ended;
static struct hold_end last_end;
static bool is_guarded;

static struct holds *holds;
static struct car_entry *car;
static uint64_t now_ms;

static const char *hash(char c)
{
	static char text[4][MARK_HASH_SIZE];
	static size_t i;

	i = (i + 1) % ARRAY_SIZE(text);
	memset(text[i], c, MARK_HASH_SIZE - 1);
	return text[i];
}

static void on_look_up(void *userdata, const struct hold *hold)
{
	(void)userdata;
	cr_assert_eq(hold->state, HOLD_LOOKING);
	n_asked++;
}

static int on_read(void *userdata, const char *name, struct mark_state *ret)
{
	(void)userdata;
	if (read_error != 0)
		return read_error;
	ret->mark = disk[(int)name[0]].mark;
	ret->age_s = disk[(int)name[0]].age_s;
	return 0;
}

static int on_write(void *userdata, const char *name, enum mark mark)
{
	(void)userdata;
	if (write_error != 0)
		return write_error;
	disk[(int)name[0]].mark = mark;
	return 0;
}

static bool on_guarded(void *userdata)
{
	(void)userdata;
	return is_guarded;
}

static void on_answer(void *userdata, void *id, bool settles)
{
	const char *letter = id;
	size_t len = strlen(answers);

	(void)userdata;
	cr_assert(strchr(answers, *letter) == NULL, "%c twice", *letter);
	cr_assert_lt(len, sizeof(answers) - 3);
	answers[len] = *letter;
	answers[len + 1] = settles ? '+' : '-';
	answers[len + 2] = '\0';
}

static void on_changed(void *userdata, struct car_entry *changed)
{
	(void)userdata;
	cr_assert_not_null(changed);
	n_changed++;
}

static void on_ended(void *userdata, const struct hold_end *end)
{
	(void)userdata;
	n_ended++;
	last_end = *end;
}

static const struct holds_ops ops = {
	.look_up = on_look_up,
	.read_mark = on_read,
	.write_mark = on_write,
	.is_guarded = on_guarded,
	.answer = on_answer,
	.changed = on_changed,
	.ended = on_ended,
};

static void begin(void)
{
	cars_begin();
	car = add_car("roadster", claims);
	add_offer(car, "flash", 1000, offer_a);
	now_ms = 1000 * 1000;
	car->last_poll_ms = now_ms;
	car->is_polling = true;
	is_guarded = true;
	cr_assert_eq(holds_new(cars, HOLDS_DEADLINE_MS, &ops, NULL, &holds), 0);
}

static void end(void)
{
	holds = holds_free(holds);
	cars_end();
}

static void hook(const char *id, char c, const char *label)
{
	holds_hook(holds, (void *)(uintptr_t)id, hash(c), label, 1500, now_ms);
}

static void look(char c, uint64_t expires_in_ms, const char *description)
{
	const struct hold_invoice invoice = {
		.expires_in_ms = expires_in_ms,
		.description = description,
		.payer_note = "note",
	};

	holds_looked_up(holds, hash(c), &invoice, now_ms);
}

static void pass(uint64_t ms)
{
	now_ms += ms;
	holds_tick(holds, now_ms);
}

/* What the first answers are, and why the last one ended. */
static void assert_answers(const char *expected)
{
	cr_assert_str_eq(answers, expected);
}

static void assert_end(enum hold_reason reason)
{
	cr_assert_eq(n_ended, 1);
	cr_assert_eq(last_end.reason, reason);
	cr_assert_eq(holds_count(holds), 0);
	cr_assert_eq(holds_next_ms(holds), CLOCK_NEVER);
}

static struct hold *open_one(const char *id, char c)
{
	hook(id, c, label_a);
	look(c, 3600 * 1000, NULL);
	return holds_find(holds, hash(c));
}

static uint64_t take(char c, bool keeps)
{
	uint64_t left_ms = 0;

	cr_assert_eq(
		holds_take(holds, car, hash(c), keeps, now_ms, &left_ms), 0);
	return left_ms;
}

static enum mark decide(char c, bool settles)
{
	enum mark mark;

	cr_assert_eq(holds_decide(holds, hash(c), settles, &mark), 0);
	return mark;
}

TEST(node_holds, a_foreign_payment_goes_on_at_once)
{
	begin();
	cr_assert_eq(cars_forget(cars, car), 0);
	(void)add_car("b", "{'holds': true, 'labels': ['flash-*']}");
	hook("a", '1', "mug");
	hook("b", '2', label_a);
	assert_answers("a+b+");
	cr_assert_eq(n_asked + n_changed + n_ended, 0);
	cr_assert_eq(holds_next_ms(holds), CLOCK_NEVER);
	end();
}

TEST(node_holds, a_payment_is_held_taken_and_settled)
{
	struct hold *hold;

	begin();
	hold = open_one("a", '1');
	cr_assert_eq(hold->state, HOLD_OPEN);
	cr_assert_eq(hold->msat, 1500);
	cr_assert_str_eq(hold->offer_id, offer_a);
	cr_assert_str_eq(hold->payer_note, "note");
	cr_assert_eq(disk['1'].mark, MARK_HELD);
	cr_assert(holds_has_car(holds, car));
	cr_assert_eq(holds_first(holds), hold);
	cr_assert_eq(n_changed, 1);
	assert_answers("");

	now_ms += 1000;
	cr_assert_eq(take('1', true), HOLDS_DEADLINE_MS - 1000);
	cr_assert_eq(disk['1'].mark, MARK_TAKEN_KEEP);
	now_ms += 1000;
	cr_assert_eq(take('1', true), HOLDS_DEADLINE_MS - 2000);
	cr_assert_eq(decide('1', true), MARK_SETTLE);
	assert_answers("a+");
	cr_assert(last_end.settles);
	cr_assert_eq(last_end.msat, 1500);
	assert_end(HOLD_DONE);
	cr_assert_not(holds_has_car(holds, car));
	/* The same again: no second time. */
	hook("b", '1', label_a);
	assert_answers("a+b+");
	end();
}

TEST(node_holds, a_refusal_returns_it_for_good)
{
	begin();
	(void)open_one("a", '1');
	(void)take('1', true);
	cr_assert_eq(decide('1', false), MARK_RETURN);
	assert_answers("a-");
	assert_end(HOLD_DONE);
	hook("b", '1', label_a);
	assert_answers("a-b-");
	cr_assert_eq(n_asked, 1);
	end();
}

TEST(node_holds, one_that_nobody_takes_goes_back_after_5_s)
{
	begin();
	(void)open_one("a", '1');
	cr_assert_eq(holds_next_ms(holds), now_ms + HOLDS_TAKE_MS);
	pass(HOLDS_TAKE_MS - 1);
	assert_answers("");
	pass(1);
	assert_answers("a-");
	cr_assert_eq(disk['1'].mark, MARK_RETURN);
	assert_end(HOLD_UNTAKEN);
	end();
}

TEST(node_holds, without_a_verdict_the_unknown_rule_counts)
{
	begin();
	(void)open_one("a", '1');
	(void)take('1', true);
	pass(HOLDS_DEADLINE_MS - 1);
	assert_answers("");
	pass(1);
	assert_answers("a+");
	cr_assert_eq(disk['1'].mark, MARK_SETTLE);
	assert_end(HOLD_UNKNOWN);

	n_ended = 0;
	car->last_poll_ms = now_ms;
	(void)open_one("b", '2');
	(void)take('2', false);
	cr_assert_eq(disk['2'].mark, MARK_TAKEN_RETURN);
	pass(HOLDS_DEADLINE_MS);
	assert_answers("a+b-");
	cr_assert_eq(disk['2'].mark, MARK_RETURN);
	assert_end(HOLD_UNKNOWN);
	end();
}

TEST(node_holds, settle_wins_over_what_was_returned)
{
	begin();
	cr_assert_eq(decide('1', false), MARK_RETURN);
	cr_assert_eq(decide('1', true), MARK_SETTLE);
	cr_assert_eq(decide('1', false), MARK_SETTLE);
	hook("a", '1', label_a);
	assert_answers("a+");
	cr_assert_eq(n_ended, 0);
	end();
}

TEST(node_holds, a_verdict_waits_for_what_the_node_says)
{
	enum mark mark = MARK_HELD;

	begin();
	hook("a", '1', label_a);
	cr_assert_eq(holds_decide(holds, hash('1'), false, &mark),
		HOLDS_E_LOOKING, "nobody can have taken it");
	cr_assert_eq(mark, MARK_HELD);
	cr_assert_eq(disk['1'].mark, MARK_NONE);
	assert_answers("");
	look('1', 3600 * 1000, NULL);
	cr_assert_eq(decide('1', true), MARK_SETTLE);
	assert_answers("a+");
	end();
}

TEST(node_holds, only_the_car_that_it_is_for_takes_it)
{
	struct car_entry *other;
	uint64_t left_ms = 7;

	begin();
	other = add_car("other", "{'holds': true}");
	hook("a", '1', label_a);
	cr_assert_eq(holds_take(holds, car, hash('1'), true, now_ms, &left_ms),
		HOLDS_E_NOT_HELD, "the node has not said what it is");
	look('1', 3600 * 1000, NULL);
	cr_assert_eq(
		holds_take(holds, other, hash('1'), true, now_ms, &left_ms),
		HOLDS_E_NOT_HELD);
	cr_assert_eq(holds_take(holds, car, hash('2'), true, now_ms, &left_ms),
		HOLDS_E_NOT_HELD);
	cr_assert_eq(left_ms, 7);
	(void)take('1', true);
	now_ms += HOLDS_DEADLINE_MS;
	cr_assert_eq(holds_take(holds, car, hash('1'), true, now_ms, &left_ms),
		HOLDS_E_NOT_HELD, "before the timer has fired");
	end();
}

TEST(node_holds, what_cannot_be_taken_needs_no_question)
{
	static const struct {
		enum hold_reason reason;
		bool guarded, paused, polling;
	} cases[] = {
		{ HOLD_UNGUARDED, false, false, true },
		{ HOLD_PAUSED, true, true, true },
		{ HOLD_AWAY, true, false, false },
	};
	const char *const ids[] = { "a", "b", "c" };

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		n_ended = 0;
		is_guarded = cases[i].guarded;
		car->paused = cases[i].paused;
		car->is_polling = cases[i].polling;
		car->last_poll_ms = now_ms - CAR_AWAY_MS;
		hook(ids[i], '1', label_a);
		assert_end(cases[i].reason);
		cr_assert_eq(disk['1'].mark, MARK_NONE, "it may come again");
	}
	assert_answers("a-b-c-");
	cr_assert_eq(n_asked, 0);
	end();
}

TEST(node_holds, what_changes_while_the_node_thinks_counts)
{
	begin();
	hook("a", '1', label_a);
	car->paused = true;
	look('1', 3600 * 1000, NULL);
	assert_answers("a-");
	assert_end(HOLD_PAUSED);
	cr_assert_eq(disk['1'].mark, MARK_NONE);

	n_ended = 0;
	car->paused = false;
	hook("b", '1', label_a);
	car->claims.holds = false;
	look('1', 3600 * 1000, NULL);
	assert_answers("a-b+");
	cr_assert_eq(n_ended, 0);
	hook("c", '1', label_a);
	assert_answers("a-b+c+");
	end();
}

TEST(node_holds, an_invoice_about_to_expire_is_returned)
{
	uint64_t least_ms = HOLDS_DEADLINE_MS + HOLDS_EXPIRY_MARGIN_MS;

	begin();
	hook("a", '1', label_a);
	look('1', least_ms - 1, NULL);
	assert_answers("a-");
	assert_end(HOLD_EXPIRES);
	cr_assert_eq(disk['1'].mark, MARK_RETURN);
	hook("b", '2', label_a);
	look('2', least_ms, NULL);
	cr_assert_eq(holds_count(holds), 1);
	end();
}

TEST(node_holds, a_description_claims_where_no_label_does)
{
	begin();
	hook("a", '1', "shop-1");
	hook("b", '2', "shop-2");
	hook("c", '3', "keysend-3");
	assert_answers("c+");
	cr_assert_eq(n_asked, 2);
	look('1', 3600 * 1000, "please honk");
	look('2', 3600 * 1000, "a mug");
	assert_answers("c+b+");
	cr_assert_str_eq(
		holds_find(holds, hash('1'))->description, "please honk");
	cr_assert_eq(holds_find(holds, hash('1'))->car, car);
	end();
}

TEST(node_holds, the_node_may_name_the_offer)
{
	const struct hold_invoice invoice = {
		.expires_in_ms = 3600 * 1000,
		.offer_id = offer_a,
	};

	begin();
	hook("a", '1', "by-a-newer-node");
	holds_looked_up(holds, hash('1'), &invoice, now_ms);
	cr_assert_str_eq(holds_find(holds, hash('1'))->offer_id, offer_a);
	cr_assert_eq(holds_find(holds, hash('1'))->car, car);
	end();
}

TEST(node_holds, long_texts_stay_behind)
{
	static char text[HOLDS_NOTE_MAX + 2];
	struct hold_invoice invoice = {
		.expires_in_ms = 3600 * 1000,
		.description = text,
		.payer_note = text,
	};

	begin();
	memset(text, 'x', sizeof(text) - 1);
	hook("a", '1', label_a);
	holds_looked_up(holds, hash('1'), &invoice, now_ms);
	cr_assert_null(holds_find(holds, hash('1'))->description);
	cr_assert_null(holds_find(holds, hash('1'))->payer_note);
	memcpy(text, "honk", 4);
	hook("b", '2', "shop");
	holds_looked_up(holds, hash('2'), &invoice, now_ms);
	cr_assert_str_eq(holds_find(holds, hash('2'))->description, text);
	end();
}

TEST(node_holds, a_silent_node_returns_what_is_claimed)
{
	begin();
	hook("a", '1', label_a);
	hook("b", '2', "shop");
	cr_assert_eq(holds_next_ms(holds), now_ms + HOLDS_LOOK_MS);
	pass(HOLDS_LOOK_MS);
	assert_answers("a-b+");
	assert_end(HOLD_SILENT);
	cr_assert_eq(disk['1'].mark, MARK_NONE);
	end();
}

TEST(node_holds, all_calls_for_one_payment_get_one_verdict)
{
	static const char ids[] = "abcdefghijklmnopq";

	begin();
	(void)open_one("a", '1');
	for (int i = 1; i < HOLD_IDS_MAX; i++)
		hook(ids + i, '1', label_a);
	assert_answers("");
	hook(ids + HOLD_IDS_MAX, '1', label_a);
	assert_answers("q-");
	(void)take('1', true);
	(void)decide('1', true);
	assert_answers("q-a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+");
	assert_end(HOLD_DONE);
	end();
}

TEST(node_holds, a_replay_waits_for_the_car_to_come_back)
{
	begin();
	disk['1'].mark = MARK_HELD;
	disk['1'].age_s = HOLDS_MAX_AGE_S;
	car->is_polling = false;
	car->last_poll_ms = 0;
	cr_assert_eq(open_one("a", '1')->state, HOLD_OPEN);
	cr_assert_eq(holds_find(holds, hash('1'))->before_ms, 60 * 1000);
	(void)take('1', false);
	cr_assert_eq(disk['1'].mark, MARK_TAKEN_RETURN);
	end();
}

TEST(node_holds, a_stale_one_is_returned)
{
	begin();
	disk['1'].mark = disk['2'].mark = MARK_HELD;
	disk['1'].age_s = HOLDS_MAX_AGE_S + 1;
	disk['2'].age_s = -10; /* the clock was set back: nobody knows */
	hook("a", '1', label_a);
	assert_end(HOLD_STALE);
	hook("b", '2', label_a);
	assert_answers("a-b-");
	cr_assert_eq(disk['1'].mark, MARK_RETURN);
	cr_assert_eq(disk['2'].mark, MARK_RETURN);
	end();
}

TEST(node_holds, one_that_was_held_is_never_let_go_unheard)
{
	const char *const ids[] = { "a", "b", "c", "d" };

	begin();
	for (int i = 0; i < 4; i++) {
		disk['1'].mark = MARK_HELD;
		n_ended = 0;
		is_guarded = i != 0;
		car->paused = i == 1;
		hook(ids[i], '1', i == 2 ? "nobodys" : label_a);
		if (i < 3)
			look('1', 3600 * 1000, NULL);
		else
			pass(HOLDS_LOOK_MS);
		cr_assert_eq(disk['1'].mark, MARK_RETURN);
		cr_assert_eq(n_ended, 1);
	}
	assert_answers("a-b-c-d-");
	end();
}

TEST(node_holds, one_that_was_taken_waits_two_minutes)
{
	begin();
	disk['1'].mark = MARK_TAKEN_KEEP;
	disk['1'].age_s = 1000;
	disk['2'].mark = MARK_TAKEN_RETURN;
	/* Whatever has become of them: the car may have acted. */
	is_guarded = false;
	car->paused = true;
	car->is_polling = false;
	hook("a", '1', label_a);
	hook("b", '2', "nobodys");
	cr_assert_eq(n_asked, 2);
	look('1', 0, NULL);
	cr_assert_eq(holds_find(holds, hash('1'))->state, HOLD_TAKEN);
	cr_assert(holds_find(holds, hash('1'))->is_replay);
	pass(HOLDS_REPLAY_MS - 1);
	assert_answers("");
	pass(1);
	assert_answers("a+b-");
	end();
}

TEST(node_holds, a_taken_one_gets_its_verdict_after_a_restart)
{
	begin();
	disk['1'].mark = disk['2'].mark = MARK_TAKEN_KEEP;
	hook("a", '1', label_a);
	look('1', 3600 * 1000, NULL);
	cr_assert_eq(take('1', true), HOLDS_REPLAY_MS);
	cr_assert_eq(decide('1', false), MARK_RETURN);
	hook("b", '2', label_a);
	cr_assert_eq(decide('2', true), MARK_SETTLE);
	assert_answers("a-b+");
	end();
}

TEST(node_holds, without_a_mark_nobody_acts)
{
	uint64_t left_ms = 7;
	enum mark mark = MARK_NONE;

	begin();
	write_error = -ENOSPC;
	(void)open_one("a", '1');
	assert_answers("a-");
	assert_end(HOLD_UNMARKED);

	write_error = 0;
	(void)open_one("b", '2');
	write_error = -EIO;
	cr_assert_eq(holds_take(holds, car, hash('2'), true, now_ms, &left_ms),
		-EIO);
	cr_assert_eq(left_ms, 7);
	cr_assert_eq(holds_decide(holds, hash('2'), true, &mark), -EIO);
	cr_assert_eq(mark, MARK_NONE);
	assert_answers("a-");
	write_error = 0;
	(void)take('2', true);
	write_error = -EIO;
	n_ended = 0;
	pass(HOLDS_DEADLINE_MS);
	assert_answers("a-b-");
	assert_end(HOLD_UNMARKED);
	end();
}

TEST(node_holds, unreadable_marks_let_nothing_through)
{
	enum mark mark;

	begin();
	read_error = write_error = -EIO;
	(void)open_one("a", '1');
	hook("b", '2', "keysend-1");
	assert_answers("a-b+");
	cr_assert_eq(holds_decide(holds, hash('1'), true, &mark), -EIO);
	end();
}

TEST(node_holds, a_pause_returns_what_nobody_has_taken)
{
	begin();
	(void)open_one("a", '1');
	(void)open_one("b", '2');
	(void)take('2', true);
	hook("c", '3', label_a);
	holds_return_open(holds, car);
	assert_answers("a-");
	cr_assert_eq(disk['1'].mark, MARK_RETURN);
	cr_assert_eq(holds_count(holds), 2);
	end();
}

TEST(node_holds, have_a_bound)
{
	char text[MARK_HASH_SIZE];

	begin();
	for (int i = 0; i < HOLDS_MAX; i++) {
		(void)snprintf(text, sizeof(text), "%064x", i);
		holds_hook(holds, NULL, text, label_a, 1, now_ms);
	}
	cr_assert_eq(holds_count(holds), HOLDS_MAX);
	hook("a", 'x', label_a);
	cr_assert_eq(last_end.reason, HOLD_FULL);
	hook("b", 'y', "shop"); /* the guard will ask */
	disk['z'].mark = MARK_TAKEN_KEEP;
	hook("c", 'z', "shop");
	hook("d", 'z', "flash-1");
	assert_answers("a-b+c-d-");
	end();
}

TEST(node_holds, without_memory_what_is_claimed_goes_back)
{
	begin();
	faults_arm(0);
	hook("a", '1', label_a);
	faults_disarm();
	faults_arm(0);
	hook("b", '2', "shop");
	faults_disarm();
	assert_answers("a-b+");
	assert_end(HOLD_FULL);
	end();
}

TEST(node_holds, are_kept_in_the_order_in_which_they_came)
{
	static const char hashes[] = "12345";
	const struct hold *hold;

	begin();
	for (int i = 0; i < 5; i++)
		(void)open_one(&"abcde"[i], hashes[i]);
	(void)decide('5', false);
	(void)decide('3', false);
	(void)decide('1', false);
	(void)open_one("f", '6');
	hold = holds_first(holds);
	cr_assert_eq(hold->hash[0], '2');
	cr_assert_eq(hold->next->hash[0], '4');
	cr_assert_eq(hold->next->next->hash[0], '6');
	cr_assert_null(hold->next->next->next);
	end();
}
