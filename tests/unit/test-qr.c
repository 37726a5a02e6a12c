/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "faults.h"
#include "qr-world.h"

TEST(qr, code_is_drawn_with_name_and_price)
{
	struct world *w = begin();
	struct qr_code *code = qr_code_of(QR_OFFER);

	set_menu(w, MENU(&bare, &flash));
	cr_assert_eq(ask_for(w, "flash"), 0);
	cr_assert_str_eq(w->capture.err, "");
	cr_assert_str_eq(qr_read_blocks(w->capture.out, code),
		"\n    flash  21 sat\n    wallet says failed = nothing "
		"paid\n");
	free(code);
	end(w);
}

TEST(qr, what_is_not_so_is_not_said)
{
	const struct action paused = { "flash", QR_OFFER, false, false };
	struct world *w = begin();

	set_menu(w, MENU(&paused));
	cr_assert_eq(ask_for(w, "flash"), 0);
	cr_assert(!has(w->capture.out, "nothing paid"));
	cr_assert(
		has(w->capture.out, "\n    flash  21 sat\n    not on sale now; "
				    "see: 1sat2flash status\n"));
	end(w);
}

TEST(qr, all_are_drawn_below_each_other)
{
	const struct action wave = { "wave", QR_OFFER, true, false };
	struct world *w = begin();
	struct qr_code *code = qr_code_of(QR_OFFER);
	const char *rest;

	set_menu(w, MENU(&flash, &wave));
	cr_assert_eq(ask_for(w, NULL), 0);
	rest = qr_read_blocks(w->capture.out, code);
	rest = strstr(rest, "paid\n\n");
	cr_assert_not_null(rest);
	cr_assert_str_eq(
		qr_read_blocks(rest + 6, code), "\n    wave  21 sat\n");
	free(code);
	end(w);
}

TEST(qr, without_an_offer_the_way_to_one_is_told)
{
	const struct action early = { "early", "", false, true };
	struct world *w = begin();

	set_menu(w, MENU(&bare, &early, &handmade));
	cr_assert_eq(ask_for(w, "bare"), QR_E_FAILED);
	cr_assert_str_eq(w->capture.err,
		"1sat2flash: bare has no offer: the node's plugin "
		"1sat2flash-node makes them; set plugin = yes in the section "
		"node, see 1sat2flash-node(8)\n");
	cr_assert_eq(ask_for(w, "early"), QR_E_FAILED);
	cr_assert(has(w->capture.err, "early has no offer yet: "));
	cr_assert_eq(ask_for(w, "honk"), QR_E_FAILED);
	cr_assert(has(w->capture.err, "made by hand"));
	cr_assert_str_eq(w->capture.out, "");
	end(w);
}

TEST(qr, menu_of_an_older_bridge_has_no_offers)
{
	struct world *w = begin();

	open_menu(w);
	cr_assert_geq(
		sd_bus_message_append(w->m, "a{sv}", 1, "action", "s", "flash"),
		0);
	close_menu(w);
	cr_assert_eq(ask_for(w, "flash"), QR_E_FAILED);
	cr_assert(has(w->capture.err, "flash has no offer: "));
	end(w);
}

TEST(qr, unknown_action_is_told_what_there_is)
{
	const struct action foreign = { "a\x1b[2J", QR_OFFER, true, true };
	struct world *w = begin();

	set_menu(w, MENU(&flash, &foreign));
	cr_assert_eq(ask_for(w, "no"), QR_E_FAILED);
	cr_assert_str_eq(w->capture.err,
		"1sat2flash: there is no such action in the menu; there are: "
		"flash, a?[2J\n");
	end(w);
}

TEST(qr, what_cannot_be_drawn_is_left_out_of_all)
{
	struct world *w = begin();

	set_menu(w, MENU(&bare, &flash, &handmade));
	cr_assert_eq(ask_svg(w, NULL, "-"), 0);
	cr_assert_eq(count(w->capture.out, "<path "), 1);
	cr_assert(has(w->capture.err, "bare has no offer: "));
	cr_assert(has(w->capture.err, "1sat2flash: left out: bare, honk\n"));
	set_menu(w, MENU(&bare));
	cr_assert_eq(ask_svg(w, NULL, "-"), QR_E_FAILED);
	cr_assert_str_eq(w->capture.out, "");
	open_menu(w);
	close_menu(w);
	cr_assert_eq(ask_svg(w, NULL, "-"), QR_E_FAILED);
	cr_assert_str_eq(w->capture.err, "1sat2flash: the menu is empty\n");
	end(w);
}

TEST(qr, offer_that_no_code_holds_is_told)
{
	struct world *w = begin();
	char *offer = qr_offer_of(QR_CODE_TEXT_MAX);

	set_menu(w, MENU(&(const struct action){ "long", offer, true, true }));
	cr_assert_eq(ask_for(w, "long"), QR_E_FAILED);
	cr_assert(has(w->capture.err, "the offer of long is too long"));
	free(offer);
	end(w);
}

TEST(qr, answer_that_is_no_menu_is_an_error)
{
	struct world *w = begin();

	open_menu(w);
	for (int i = 0; i < 300; i++)
		add(w->m, &flash);
	close_menu(w);
	cr_assert_eq(ask_for(w, NULL), -E2BIG);
	(void)sd_bus_message_unref(w->m);
	cr_assert_geq(
		sd_bus_message_new_signal(w->bus, &w->m, "/x", "x.Y", "Z"), 0);
	cr_assert_geq(sd_bus_message_append(w->m, "s", "x"), 0);
	cr_assert_geq(sd_bus_message_seal(w->m, 1, 0), 0);
	cr_assert_lt(ask_for(w, "flash"), 0);
	end(w);
}

#define FLASH_URI                                                           \
	"BITCOIN:?LNO=LNO1PGX9GETNWSS8VETRW3HHYUCKYYPWA3EYT44H6TXTXQUQH7LZ" \
	"5DJGE4AFGFJN7K4RGRKUAG0JSD5XVXG"
#define FLASH_JSON                                                         \
	"{\"action\":\"flash\",\"price_msat\":21000,\"offer\":\"" QR_OFFER \
	"\",\"uri\":\"" FLASH_URI "\",\"active\":true}"

TEST(qr, programs_get_json)
{
	struct world *w = begin();

	set_menu(w, MENU(&flash, &bare));
	cr_assert_eq(ask(w, &(const struct qr_ask){ .action = "flash",
				    .as_json = true }),
		0);
	cr_assert_str_eq(w->capture.out, FLASH_JSON "\n");
	cr_assert_eq(ask(w, &(const struct qr_ask){ .as_json = true }), 0);
	cr_assert_str_eq(w->capture.out, "[" FLASH_JSON "]\n");
	end(w);
}

TEST(qr, sticker_replaces_the_file)
{
	struct world *w = begin();
	struct stat st;
	char *text;
	FILE *file = fopen("flash.svg", "w");

	cr_assert_not_null(file);
	(void)fputs("old, and no drawing", file);
	(void)fclose(file);
	set_menu(w, MENU(&flash));
	cr_assert_eq(ask_svg(w, "flash", "flash.svg"), 0);
	cr_assert_str_eq(w->capture.out, "");
	cr_assert_str_eq(w->capture.err, "");
	text = slurp("flash.svg");
	cr_assert_eq(count(text, "<svg "), 1);
	cr_assert(has(text, ">flash</text>"));
	cr_assert(has(text, "</svg>\n"));
	cr_assert_eq(stat("flash.svg", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0644);
	/* The same as on standard output. */
	cr_assert_eq(ask_svg(w, "flash", "-"), 0);
	cr_assert_str_eq(w->capture.out, text);
	free(text);
	cr_assert_eq(unlink("flash.svg"), 0);
	end(w);
}

TEST(qr, file_that_cannot_be_written_is_told_and_kept)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct world *w = begin();
	char *text;

	set_menu(w, MENU(&flash));
	cr_assert_eq(ask_svg(w, "flash", "none/flash.svg"), QR_E_FAILED);
	cr_assert_str_eq(w->capture.err,
		"1sat2flash: none/flash.svg: not "
		"written: No such file or directory\n");
	cr_assert_eq(ask_svg(w, "flash", "/dev/null"), QR_E_FAILED);
	cr_assert(has(w->capture.err, "/dev/null: not replaced"));
	cr_assert_eq(ask_svg(w, "flash", "flash.svg"), 0);
	cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	/* In a child: what is said could not be written either. */
	if (fork() == 0) {
		(void)setrlimit(RLIMIT_FSIZE, &none);
		_exit(qr_show(w->m, &(const struct qr_ask){ .action = "flash",
					    .svg = "flash.svg" }));
	} else {
		int status;

		cr_assert_gt(wait(&status), 0);
		cr_assert(WIFEXITED(status));
		cr_assert_eq(WEXITSTATUS(status), QR_E_FAILED);
	}
	text = slurp("flash.svg");
	cr_assert(has(text, "</svg>\n"));
	free(text);
	cr_assert_eq(unlink("flash.svg"), 0);
	end(w);
}

TEST(qr, standard_output_that_is_full_is_told)
{
	struct world *w = begin();
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int saved = dup(STDOUT_FILENO), r;

	cr_assert_geq(full, 0);
	set_menu(w, MENU(&flash));
	(void)fflush(stdout);
	cr_assert_geq(dup2(full, STDOUT_FILENO), 0);
	r = qr_show(
		w->m, &(const struct qr_ask){ .action = "flash", .svg = "-" });
	cr_assert_geq(dup2(saved, STDOUT_FILENO), 0);
	clearerr(stdout);
	(void)close(saved);
	(void)close(full);
	cr_assert_eq(r, QR_E_FAILED);
	end(w);
}

TEST(qr, without_memory_nothing_is_drawn)
{
	struct world *w = begin();
	int r = -1;

	set_menu(w, MENU(&flash, &flash));
	for (long n = 0; r != 0; n++) {
		capture_begin(&w->capture);
		faults_arm(n);
		r = qr_show(w->m, &(const struct qr_ask){
					  .action = "flash", .svg = "-" });
		faults_disarm();
		capture_end(&w->capture);
		cr_assert_geq(sd_bus_message_rewind(w->m, 1), 0);
		cr_assert_eq(has(w->capture.out, "</svg>"), r == 0);
		cr_assert_eq(has(w->capture.err, "the code of flash cannot be "
						 "made: Cannot allocate"),
			r != 0);
	}
	end(w);
}

TEST(qr, sheet_goes_on_in_a_second_file)
{
	static const char *const names[][2] = {
		{ "menu.svg", "menu-2.svg" },
		{ "menu", "menu-2" },
		{ ".svg", ".svg-2" },
	};
	struct world *w = begin();

	set_long_menu(w);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *first, *second;

		cr_assert_eq(ask_svg(w, NULL, names[i][0]), 0);
		first = slurp(names[i][0]);
		second = slurp(names[i][1]);
		cr_assert_eq(count(first, "<path "), QR_SVG_PLACES);
		cr_assert_eq(count(second, "<path "), 1);
		cr_assert(has(first, ">a0</text>"));
		cr_assert(has(first, ">a11</text>"));
		cr_assert(has(second, ">a12</text>"));
		free(first);
		free(second);
		cr_assert_eq(unlink(names[i][0]), 0);
		cr_assert_eq(unlink(names[i][1]), 0);
	}
	cr_assert_eq(ask_svg(w, NULL, "-"), QR_E_FAILED);
	cr_assert_str_eq(w->capture.out, "");
	cr_assert(has(w->capture.err, "holds 12 stickers, and there are 13"));
	end(w);
}

TEST(qr, terminal_is_painted_if_it_is_wide_enough)
{
	struct world *w = begin();
	struct qr_code *code = qr_code_of(QR_OFFER);
	unsigned short columns = (unsigned short)qr_code_columns(code);
	char width[64];

	(void)setenv("TERM", "xterm", 1);
	(void)setenv("NO_COLOR", "1", 1);
	set_menu(w, MENU(&flash));
	cr_assert_eq(ask_terminal(w, columns), 0);
	cr_assert_eq(strncmp(w->capture.out, "\x1b[38;5;16;48;5;231m", 19), 0);
	cr_assert(has(w->capture.out, "    flash  21 sat\r\n"));

	cr_assert_eq(ask_terminal(w, columns - 1), QR_E_FAILED);
	(void)snprintf(width, sizeof(width),
		"the terminal is %d columns wide, and this takes %d: ",
		columns - 1, columns);
	cr_assert(has(w->capture.out, width), "%s", w->capture.out);
	cr_assert(!has(w->capture.out, "\xe2\x96"));

	/* One that does not tell its size, and one that knows no escapes. */
	cr_assert_eq(ask_terminal(w, 0), 0);
	(void)setenv("TERM", "dumb", 1);
	cr_assert_eq(ask_terminal(w, columns), 0);
	cr_assert(!has(w->capture.out, "\x1b"));
	free(code);
	end(w);
}
