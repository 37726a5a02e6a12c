/* SPDX-License-Identifier: MIT */

#include <sys/stat.h>

#include "node/cars.h"

#include "cars-world.h"

/* The nth sync from now fails; 0: none. */
static int failing_sync;
int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	if (failing_sync > 0 && --failing_sync == 0) {
		errno = ENOSPC;
		return -1;
	}
	return __real_fsync(fd);
}

static const char flash[] =
	"{'holds': true, 'labels': ['1sat2flash-*'], 'addresses': ['a@b.c'],"
	" 'descriptions': ['flash me'], 'actions': [{'name': 'flash',"
	" 'price_msat': 1000, 'text': 'Flash', 'keeps': true,"
	" 'deposit_msat': 5, 'offers': true}]}";

static unsigned int n_broken;

static void on_broken(void *userdata, const char *file, const char *why)
{
	(void)userdata;
	cr_assert_str_neq(file, "");
	cr_assert_str_neq(why, "");
	n_broken++;
}

static void reload(void)
{
	cars = cars_free(cars);
	cr_assert_eq(cars_new(cars_fd, &cars), 0);
	n_broken = 0;
	cr_assert_eq(cars_load(cars, on_broken, NULL), 0);
}

static void write_file(const char *name, const char *text)
{
	int fd = openat(
		cars_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

TEST(cars, what_was_registered_is_there_after_a_restart)
{
	struct car_entry *car;

	cars_begin();
	car = add_car("roadster", flash);
	add_offer(car, "flash", 900, offer_a);
	car->offers[0].retired = true;
	car->offers[0].deposit_msat = 7;
	car->paused = true;
	cr_assert_eq(cars_save(cars, car), 0);
	reload();
	cr_assert_eq(n_broken, 0);
	cr_assert_eq(cars_count(cars), 1);
	car = cars_find(cars, "roadster");
	cr_assert_eq(car, cars_at(cars, 0));
	cr_assert(car->paused);
	cr_assert(car->claims.holds);
	cr_assert_str_eq(car->claims.labels.texts[0], "1sat2flash-*");
	cr_assert_str_eq(car->claims.addresses.texts[0], "a@b.c");
	cr_assert_str_eq(car->claims.descriptions.texts[0], "flash me");
	cr_assert_str_eq(car->claims.actions[0].name, "flash");
	cr_assert_str_eq(car->claims.actions[0].text, "Flash");
	cr_assert_eq(car->claims.actions[0].price_msat, 1000);
	cr_assert_eq(car->claims.actions[0].deposit_msat, 5);
	cr_assert(car->claims.actions[0].keeps);
	cr_assert(car->claims.actions[0].offers);
	cr_assert_str_eq(car->offers[0].offer_id, offer_a);
	cr_assert_str_eq(car->offers[0].bolt12, "lno1qqq");
	cr_assert_eq(car->offers[0].price_msat, 900);
	cr_assert(car->offers[0].retired);
	cr_assert_eq(car->offers[0].deposit_msat, 7);
	cr_assert_str_eq(car->boot, "", "nobody has spoken since");
	cars_end();
}

TEST(cars, an_older_files_offers_take_the_deposit_of_their_action)
{
	char text[1024];

	cars_begin();
	(void)snprintf(text, sizeof(text),
		"{\"car\":\"old\",\"holds\":true,\"actions\":[{\"name\":"
		"\"rent\",\"price_msat\":9,\"deposit_msat\":5}],\"offers\":["
		"{\"action\":\"rent\",\"price_msat\":9,\"bolt12\":\"lno1qqq\","
		"\"offer_id\":\"%s\"},"
		"{\"action\":\"gone\",\"price_msat\":9,\"bolt12\":\"lno1qqq\","
		"\"offer_id\":\"%s\"}]}",
		offer_a, offer_b);
	write_file("old.json", text);
	reload();
	cr_assert_eq(n_broken, 0);
	cr_assert_eq(cars_at(cars, 0)->offers[0].deposit_msat, 5);
	cr_assert_eq(cars_at(cars, 0)->offers[1].deposit_msat, 0);
	cars_end();
}

TEST(cars, an_entry_stays_where_it_is)
{
	struct car_entry *car;

	cars_begin();
	car = add_car("m", flash);
	car->claims.actions[0].is_open = true;
	add_offer(car, "flash", 900, offer_a);
	for (char c = 'a'; c < 'z'; c++)
		if (c != 'm')
			(void)add_car((char[]){ c, '\0' }, "{'holds': false}");
	cr_assert_eq(add_car("m", flash), car);
	cr_assert(car->claims.actions[0].is_open, "as the car said last");
	cr_assert_eq(car->n_offers, 1);
	for (size_t i = 1; i < cars_count(cars); i++)
		cr_assert_lt(strcmp(cars_at(cars, i - 1)->name,
				     cars_at(cars, i)->name),
			0);
	cars_end();
}

TEST(cars, a_forgotten_car_leaves_no_file)
{
	cars_begin();
	(void)add_car("a", flash);
	(void)add_car("b", "{'holds': false}");
	failing_sync = 1;
	cr_assert_eq(cars_forget(cars, cars_find(cars, "a")), -ENOSPC);
	cr_assert_not_null(cars_find(cars, "a"));
	cr_assert_eq(cars_forget(cars, cars_find(cars, "a")), 0);
	cr_assert_null(cars_find(cars, "a"));
	reload();
	cr_assert_eq(cars_count(cars), 1);
	cars_end();
}

TEST(cars, what_cannot_be_written_changes_nothing)
{
	static const char other[] = "{'holds': false}";
	char why[CAR_WHY_SIZE];

	cars_begin();
	failing_sync = 1;
	cr_assert_eq(try_register("a", flash, why), -ENOSPC);
	cr_assert_eq(cars_count(cars), 0);
	(void)add_car("a", flash);
	failing_sync = 1;
	cr_assert_eq(try_register("a", other, why), -ENOSPC);
	cr_assert(cars_find(cars, "a")->claims.holds);
	reload();
	cr_assert(cars_find(cars, "a")->claims.holds);
	cars_end();
}

TEST(cars, a_file_that_is_none_is_passed_over)
{
	cars_begin();
	(void)add_car("good", flash);
	write_file("README", "x");
	write_file("Car.json", "x");
	write_file(".good.tmp", "x");
	write_file("half.json", "{\"car\":\"half\",\"holds\":tr");
	write_file("other.json", "{\"car\":\"good\",\"holds\":true}");
	write_file("odd.json", "{\"car\":\"odd\",\"holds\":true,\"offers\":3}");
	reload();
	cr_assert_eq(n_broken, 3);
	cr_assert_eq(cars_count(cars), 1);
	cars_end();
}

TEST(cars, a_file_that_cannot_be_read_is_not_passed_over)
{
	cars_begin();
	(void)add_car("good", flash);
	cr_assert_eq(symlinkat("good.json", cars_fd, "link.json"), 0);
	cr_assert_eq(cars_load(cars, on_broken, NULL), -ELOOP);
	cr_assert_eq(unlinkat(cars_fd, "link.json", 0), 0);
	cr_assert_eq(mkdirat(cars_fd, "folder.json", 0700), 0);
	cr_assert_eq(cars_load(cars, on_broken, NULL), -EISDIR);
	cr_assert_eq(n_broken, 0);
	cars_end();
}

TEST(cars, bounds_are_named)
{
	static const struct {
		const char *claims;
		const char *why;
	} cases[] = {
		{ "{}", "holds" },
		{ "{'holds': 1}", "holds" },
		{ "{'holds': true, 'labels': 'x'}", "labels" },
		{ "{'holds': true, 'labels': ['']}", "labels" },
		{ "{'holds': true, 'labels': ['a', '*']}", "every invoice" },
		{ "{'holds': true, 'descriptions': [3]}", "descriptions" },
		{ "{'holds': true, 'actions': {}}", "actions" },
		{ "{'holds': true, 'actions': [3]}", "name" },
		{ "{'holds': true, 'actions': [{'name': 'A'}]}", "name" },
		{ "{'holds': true, 'actions': [{'name': 'a'}]}", "price_msat" },
		{ "{'holds': true, 'actions': [{'name': 'a', 'price_msat': 0}]"
		  "}",
			"price_msat" },
		{ "{'holds': true, 'actions': [{'name': 'a', 'price_msat': 1,"
		  "'offer_id': 'x'}]}",
			"offer_id" },
		{ "{'holds': true, 'actions': [{'name': 'a', 'price_msat': 1,"
		  "'keeps': 'yes'}]}",
			"keeps" },
		{ "{'holds': true, 'actions': [{'name': 'a', 'price_msat': 1,"
		  "'deposit_msat': -1}]}",
			"deposit_msat" },
		{ "{'holds': true, 'actions': [{'name': 'a', 'price_msat': 1},"
		  "{'name': 'a', 'price_msat': 2}]}",
			"twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct car_claims claims;
		char why[CAR_WHY_SIZE];
		json_t *object = read_json(cases[i].claims);

		cr_assert_eq(car_claims_read(object, &claims, why),
			CARS_E_INVALID, "%s", cases[i].claims);
		cr_assert_not_null(strstr(why, cases[i].why), "%s", why);
		json_decref(object);
	}
}

TEST(cars, too_many_claims_are_refused)
{
	struct car_claims claims;
	char why[CAR_WHY_SIZE];
	json_t *labels = json_array(), *object;

	for (int i = 0; i <= CAR_CLAIMS_MAX; i++)
		(void)json_array_append_new(labels, json_string("x"));
	object = json_pack("{s:b, s:o}", "holds", 1, "labels", labels);
	cr_assert_eq(car_claims_read(object, &claims, why), CARS_E_INVALID);
	(void)json_array_remove(labels, 0);
	cr_assert_eq(car_claims_read(object, &claims, why), 0);
	car_claims_deinit(&claims);
	json_decref(object);
}

TEST(cars, an_offer_belongs_to_one)
{
	const char *action = NULL;
	uint64_t price_msat = 0;
	struct car_entry *car;
	char claims[256];

	cars_begin();
	(void)snprintf(claims, sizeof(claims),
		"{'holds': true, 'actions': [{'name': 'honk', 'price_msat': 7,"
		" 'offer_id': '%s'}]}",
		offer_b);
	car = add_car("a", flash);
	add_offer(car, "flash", 900, offer_a);
	(void)add_car("b", claims);
	cr_assert_eq(cars_find_offer(cars, offer_a, &action, &price_msat), car);
	cr_assert_str_eq(action, "flash");
	cr_assert_eq(price_msat, 900);
	cr_assert_eq(cars_find_offer(cars, offer_b, &action, &price_msat),
		cars_find(cars, "b"));
	cr_assert_str_eq(action, "honk");
	cr_assert_null(cars_find_offer(cars, "", NULL, NULL));
	cars_end();
}

TEST(cars, what_is_on_sale_depends_on_the_car)
{
	struct car_action *action;
	struct car_entry *car;

	cars_begin();
	car = add_car("a", flash);
	action = car_find_action(car, "flash");
	cr_assert_null(car_find_action(car, "honk"));
	cr_assert_not(car_is_here(car, 1000));
	cr_assert_not(car_sells(car, action, 1000));
	action->is_open = true;
	car->last_poll_ms = 1000;
	cr_assert(car_sells(car, action, 1000 + CAR_AWAY_MS - 1));
	cr_assert_not(car_sells(car, action, 1000 + CAR_AWAY_MS));
	car->is_polling = true;
	cr_assert(car_sells(car, action, 1000 + CAR_AWAY_MS));
	car->paused = true;
	cr_assert_not(car_sells(car, action, 1000));
	cars_end();
}

TEST(cars, names_are_those_of_a_file)
{
	cr_assert(car_name_is_valid("roadster-2"));
	cr_assert(car_name_is_valid("01234567890123456789012345678901"));
	cr_assert_not(car_name_is_valid("012345678901234567890123456789012"));
	cr_assert_not(car_name_is_valid(""));
	cr_assert_not(car_name_is_valid("../a"));
	cr_assert_not(car_name_is_valid("A"));
}
