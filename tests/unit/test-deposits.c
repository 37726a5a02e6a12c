/* SPDX-License-Identifier: MIT */

/* Deposits in the ledger, and the offers by which they were paid. */

#include "ledger-money-world.h"

static void inspect(int64_t at_s)
{
	cr_assert_eq(ledger_inspect_deposits(ledger, at_s), 0);
}

static void due(int64_t at_s)
{
	cr_assert_eq(ledger_due_deposits(ledger, at_s), 0);
}

TEST(deposits, deposit_is_inspected_and_goes_back)
{
	bool waits = true;
	uint64_t id;

	begin();
	id = take_one(false, LEDGER_RUNNING, false, DEPOSIT);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_HELD);
	cr_expect_eq(row_of(ledger, id).deposit_msat, DEPOSIT);
	/* As long as it runs nobody looks at the car. */
	cr_assert_eq(ledger_has_deposits(ledger, &waits), 0);
	cr_expect_not(waits);
	inspect(now.wall_s);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_HELD);
	end_one(id, OUTCOME_CONFIRMED, false);
	restart();
	cr_assert_eq(ledger_has_deposits(ledger, &waits), 0);
	cr_expect(waits);
	due(INT64_MAX);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_HELD);

	inspect(now.wall_s);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_INSPECT);
	cr_expect_eq(row_of(ledger, id).deposit_due_s, now.wall_s + DAY_S);
	cr_assert_eq(ledger_has_deposits(ledger, &waits), 0);
	cr_expect_not(waits);
	/* His time begins once. */
	inspect(now.wall_s + 100);
	due(now.wall_s + DAY_S - 1);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_INSPECT);
	due(now.wall_s + DAY_S);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_DUE);
	cr_assert_eq(ledger_move_deposit(ledger, id, LEDGER_DEPOSIT_DUE,
			     LEDGER_DEPOSIT_DUE, "no route"),
		0);
	cr_expect_str_eq(row_of(ledger, id).refund_why, "no route");
	cr_assert_eq(ledger_move_deposit(ledger, id, LEDGER_DEPOSIT_DUE,
			     LEDGER_DEPOSIT_RETURNED, ""),
		0);
	cr_expect_eq(ledger_move_deposit(ledger, id, LEDGER_DEPOSIT_DUE,
			     LEDGER_DEPOSIT_KEPT, "never written"),
		LEDGER_E_NONE);
	cr_expect_str_eq(row_of(ledger, id).refund_why, "");
	cr_expect_eq(money(id), LEDGER_EARNED);
	end();
}

TEST(deposits, deposit_of_what_goes_back_whole_is_none)
{
	begin();
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		for (int paid = -1; paid < 2; paid++) {
			uint64_t id = take_one(paid >= 0, LEDGER_QUEUED,
				ends[i].rule_keeps, DEPOSIT);
			enum ledger_money end_money;

			end_one(id, ends[i].outcome, ends[i].step_keeps);
			/* Who has it is not known yet. */
			inspect(now.wall_s);
			due(now.wall_s + DAY_S);
			if (paid >= 0)
				cr_expect_neq(deposit(id), LEDGER_DEPOSIT_DUE);
			if (paid >= 0)
				cr_assert_eq(
					ledger_settled(ledger, id, paid), 0);
			due(now.wall_s + DAY_S);
			end_money = money(id);
			cr_expect_eq(deposit(id),
				end_money == LEDGER_EARNED ||
						end_money == LEDGER_KEPT
					? LEDGER_DEPOSIT_DUE
					: LEDGER_NO_DEPOSIT,
				"%zu, %d", i, paid);
		}
	end();
}

TEST(deposits, deposit_of_what_is_done_after_all_is_there_again)
{
	uint64_t id, by;

	begin();
	id = take_one(false, LEDGER_REFUSED, false, DEPOSIT);
	cr_expect_eq(deposit(id), LEDGER_NO_DEPOSIT);
	cr_assert_eq(redo(id, &by), 0);
	end_one(by, OUTCOME_REFUSED, false);
	cr_expect_eq(deposit(id), LEDGER_NO_DEPOSIT);
	cr_assert_eq(redo(id, &by), 0);
	end_one(by, OUTCOME_CONFIRMED, false);
	cr_expect_eq(money(id), LEDGER_EARNED);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_HELD);
	cr_expect_eq(row_of(ledger, id).deposit_msat, DEPOSIT);
	/* Once: it went back. */
	inspect(now.wall_s);
	due(now.wall_s + DAY_S);
	cr_assert_eq(ledger_move_deposit(ledger, id, LEDGER_DEPOSIT_DUE,
			     LEDGER_DEPOSIT_RETURNED, ""),
		0);
	end_one(take_one(false, LEDGER_QUEUED, false, 0), OUTCOME_CONFIRMED,
		false);
	cr_expect_eq(deposit(id), LEDGER_DEPOSIT_RETURNED);
	end();
}

static void offers(size_t n, const struct ledger_offer *list)
{
	cr_assert_eq(ledger_set_offers(ledger, list, n), 0);
}

TEST(deposits, offer_is_ours_for_good)
{
	const struct ledger_offer first = { .offer_id = HASH,
		.action = "flash",
		.price_msat = 1000,
		.deposit_msat = 0,
		.bolt12 = "lno1a",
		.is_active = true };
	struct ledger_offer old = first, second = first;
	char action[33], bolt12[LEDGER_BOLT12_SIZE];
	uint64_t price_msat = 0, deposit_msat = 7;
	bool active = false;

	begin();
	cr_expect_eq(
		ledger_offer(ledger, HASH, action, &price_msat, &deposit_msat),
		LEDGER_E_NONE);
	cr_expect_eq(ledger_offer_of(ledger, "flash", bolt12, &active),
		LEDGER_E_NONE);
	offers(1, &first);
	cr_assert_eq(ledger_offer_of(ledger, "flash", bolt12, &active), 0);
	cr_expect_str_eq(bolt12, "lno1a");
	cr_expect(active);
	cr_expect_eq(ledger_offer_of(ledger, "honk", bolt12, &active),
		LEDGER_E_NONE);

	/* Another price, another offer: the old one keeps its price. */
	old.is_retired = true;
	old.price_msat = 5;
	old.action = "honk";
	second.offer_id = HASH2;
	second.price_msat = 2000;
	second.bolt12 = "lno1b";
	second.is_active = false;
	offers(2, (const struct ledger_offer[]){ old, second });
	restart();
	cr_assert_eq(ledger_offer_of(ledger, "flash", bolt12, &active), 0);
	cr_expect_str_eq(bolt12, "lno1b");
	cr_expect_not(active);
	cr_assert_eq(
		ledger_offer(ledger, HASH, action, &price_msat, &deposit_msat),
		0);
	cr_expect_str_eq(action, "flash");
	cr_expect_eq(price_msat, 1000);
	cr_expect_eq(deposit_msat, 0);
	cr_assert_eq(
		ledger_offer(ledger, HASH2, action, &price_msat, &deposit_msat),
		0);
	cr_expect_eq(price_msat, 2000);

	/* What is not listed any more is known still, but sold no more. */
	offers(0, NULL);
	cr_expect_eq(ledger_offer_of(ledger, "flash", bolt12, &active),
		LEDGER_E_NONE);
	cr_expect_eq(
		ledger_offer(ledger, HASH, action, &price_msat, &deposit_msat),
		0);
	/* It comes back, where the menu has gone back. */
	offers(1, &first);
	cr_assert_eq(ledger_offer_of(ledger, "flash", bolt12, &active), 0);
	cr_expect_str_eq(bolt12, "lno1a");
	end();
}

TEST(deposits, offer_remembers_how_much_of_it_is_a_deposit)
{
	struct ledger_offer offer = { .offer_id = HASH,
		.action = "rent",
		.price_msat = 59000,
		.deposit_msat = -1,
		.bolt12 = "lno1a" };
	static const struct {
		int64_t told;
		uint64_t known;
	} cases[] = { { -1, 0 }, { 50000, 50000 }, { -1, 50000 },
		{ 40000, 40000 }, { 0, 0 }, { -1, 0 } };
	uint64_t price_msat, deposit_msat;
	char action[33];

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		offer.deposit_msat = cases[i].told;
		offers(1, &offer);
		cr_assert_eq(ledger_offer(ledger, HASH, action, &price_msat,
				     &deposit_msat),
			0);
		cr_expect_eq(deposit_msat, cases[i].known, "%zu", i);
	}
	end();
}

TEST(deposits, a_long_offer_is_told_as_far_as_there_is_room)
{
	char text[2 * LEDGER_BOLT12_SIZE], bolt12[LEDGER_BOLT12_SIZE];
	struct ledger_offer offer = { .offer_id = HASH,
		.action = "flash",
		.price_msat = INT64_MAX,
		.bolt12 = text };
	uint64_t price_msat, deposit_msat;
	char action[33];
	bool active;

	memset(text, 'q', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	begin();
	offers(1, &offer);
	cr_expect_eq(ledger_offer_of(ledger, "flash", bolt12, &active),
		LEDGER_E_NONE);
	cr_assert_eq(
		ledger_offer(ledger, HASH, action, &price_msat, &deposit_msat),
		0);
	cr_expect_eq(price_msat, INT64_MAX);
	end();
}
