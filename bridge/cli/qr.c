/* SPDX-License-Identifier: MIT */

#include "cli/qr.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/qr_svg.h"
#include "cli/term.h"
#include "client/record.h"
#include "util/amount.h"
#include "util/bytes.h"
#include "util/file.h"

enum {
	/* More than a menu has: who answers may be no bridge. */
	ITEMS_MAX = 256,
	NAME_SIZE = 64,
};

struct drawing {
	char uri[QR_CODE_URI_SIZE];
	struct qr_code code;
};

/* An action of the menu; the texts are the message's. */
struct item {
	const char *action;
	uint64_t price_msat;
	const char *offer;
	bool is_active;
	bool is_held;
	struct drawing *drawing;
};

struct items {
	size_t n;
	struct item list[ITEMS_MAX];
};

static void items_deinit(struct items *items)
{
	for (size_t i = 0; i < items->n; i++)
		free(items->list[i].drawing);
}

static int complain(const char *format, ...) _printf_(1, 2);

static int complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("1sat2flash: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return QR_E_FAILED;
}

static int read_items(sd_bus_message *m, struct items *ret)
{
	struct record action;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	if (r < 0)
		return r;
	while ((r = record_read(m, &action)) > 0) {
		if (ret->n == ITEMS_MAX)
			return -E2BIG;
		ret->list[ret->n++] = (struct item){
			.action = record_text(&action, "action"),
			/* What has to be paid. */
			.price_msat = record_number(&action, "price_msat") +
				      record_number(&action, "deposit_msat"),
			.offer = record_text(&action, "offer"),
			.is_active = record_flag(&action, "offer_active"),
			.is_held = record_flag(&action, "hold"),
		};
	}

	return r;
}

/* Returns 0, QR_CODE_E_* or negative errno. */
static int draw(struct item *item)
{
	_cleanup_(freep) struct drawing *drawing = malloc(sizeof(*drawing));
	int r;

	if (drawing == NULL)
		return -ENOMEM;
	r = qr_code_uri(item->offer, drawing->uri);
	if (r == 0)
		r = qr_code_encode(drawing->uri, &drawing->code);
	if (r != 0)
		return r;

	item->drawing = steal_ptr(&drawing);
	return 0;
}

/* Why draw() did not, and what to do. */
static int explain(const struct item *item, int r)
{
	char action[NAME_SIZE];

	text_printable(item->action, action, sizeof(action));
	if (r == QR_CODE_E_TOO_LONG)
		return complain("the offer of %s is too long for a code; give "
				"the action a shorter text",
			action);
	if (r < 0)
		return complain("the code of %s cannot be made: %s", action,
			strerror(-r));
	if (item->offer[0] != '\0')
		return complain("%s is bought by an offer that was made by "
				"hand, of which the bridge knows no more than "
				"the id; draw the text that lightning-cli "
				"listoffers shows for it",
			action);
	if (item->is_held)
		return complain("%s has no offer yet: the node's plugin "
				"1sat2flash-node makes it once it hears from "
				"the bridge; see: 1sat2flash status",
			action);

	return complain("%s has no offer: the node's plugin 1sat2flash-node "
			"makes them; set plugin = yes in the section node, see "
			"1sat2flash-node(8)",
		action);
}

/* "@said: flash, honk, wave" */
static int complain_of(const char *said, const struct items *items)
{
	char action[NAME_SIZE];

	(void)fprintf(stderr, "1sat2flash: %s", said);
	for (size_t i = 0; i < items->n; i++) {
		text_printable(items->list[i].action, action, sizeof(action));
		(void)fprintf(stderr, "%s%s", i == 0 ? ": " : ", ", action);
	}
	(void)fputc('\n', stderr);
	return QR_E_FAILED;
}

static int choose_one(struct items *items, const char *action)
{
	struct item *item = NULL;
	int r;

	for (size_t i = 0; i < items->n && item == NULL; i++)
		if (strcmp(items->list[i].action, action) == 0)
			item = &items->list[i];
	if (item == NULL)
		return complain_of("there is no such action in the menu; there "
				   "are",
			items);
	r = draw(item);
	if (r != 0)
		return explain(item, r);

	items->list[0] = *item;
	items->n = 1;
	return 0;
}

/* Those that can be drawn; one reason stands for those that cannot. */
static int choose_all(struct items *items)
{
	struct items left = { .n = 0 };
	size_t n = 0;
	int why = 0;

	for (size_t i = 0; i < items->n; i++) {
		struct item *item = &items->list[i];
		int r = draw(item);

		if (r == 0) {
			items->list[n++] = *item;
			continue;
		}
		if (left.n == 0)
			why = r;
		left.list[left.n++] = *item;
	}
	items->n = n;
	if (left.n > 0) {
		(void)explain(&left.list[0], why);
		(void)complain_of("left out", &left);
	} else if (n == 0) {
		(void)complain("the menu is empty");
	}

	return n == 0 ? QR_E_FAILED : 0;
}

static void write_json(const struct item *item, struct json *json)
{
	json_open_object(json, NULL);
	json_text(json, "action", item->action);
	json_unsigned(json, "price_msat", item->price_msat);
	json_text(json, "offer", item->offer);
	json_text(json, "uri", item->drawing->uri);
	json_bool(json, "active", item->is_active);
	json_close_object(json);
}

static int show_json(const struct items *items, bool is_array)
{
	struct json json;

	json_init(&json, stdout);
	if (is_array)
		json_open_array(&json, NULL);
	for (size_t i = 0; i < items->n; i++)
		write_json(&items->list[i], &json);
	if (is_array)
		json_close_array(&json);
	json_end(&json);
	return 0;
}

static void show_item(const struct item *item)
{
	char action[NAME_SIZE], price[AMOUNT_TEXT_SIZE];

	text_printable(item->action, action, sizeof(action));
	amount_print(item->price_msat, price);
	qr_code_draw(&item->drawing->code, term_paints(), stdout);
	(void)printf("\n%*s%s%s%s  %s\n", QR_CODE_QUIET, "",
		term_style(TERM_BOLD), action, term_end(TERM_BOLD), price);
	if (item->is_held)
		(void)printf("%*s" QR_SVG_HELD "\n", QR_CODE_QUIET, "");
	if (!item->is_active)
		(void)printf("%*s%snot on sale now; see: 1sat2flash status"
			     "%s\n",
			QR_CODE_QUIET, "", term_style(TERM_WARN),
			term_end(TERM_WARN));
}

static int show_items(const struct items *items)
{
	size_t columns = term_columns(), most = 0;

	for (size_t i = 0; i < items->n; i++) {
		size_t n = qr_code_columns(&items->list[i].drawing->code);

		if (n > most)
			most = n;
	}
	if (columns > 0 && columns < most)
		return complain("the terminal is %zu columns wide, and this "
				"takes %zu: make it wider or its letters "
				"smaller, or write to a file with --svg FILE",
			columns, most);

	for (size_t i = 0; i < items->n; i++) {
		(void)fputs(i == 0 ? "" : "\n", stdout);
		show_item(&items->list[i]);
	}
	return 0;
}

/* A document, as it goes to a file. */
struct page {
	char *text;
	size_t len;
	FILE *out;
};

static void page_deinit(struct page *page)
{
	if (page->out != NULL)
		(void)fclose(page->out);
	free(page->text);
}

static int page_open(struct page *page)
{
	page->out = open_memstream(&page->text, &page->len);

	return page->out == NULL ? -errno : 0;
}

/* All of its text, or why not. */
static int page_end(struct page *page)
{
	int r = fclose(steal_ptr(&page->out));

	return r == EOF ? -ENOMEM : 0;
}

static int write_page(const struct page *page, const char *path)
{
	mode_t mask;
	int r;

	if (strcmp(path, "-") == 0) {
		(void)fwrite(page->text, 1, page->len, stdout);
		if (fflush(stdout) == EOF || ferror(stdout))
			return complain("standard output: %s", strerror(errno));
		return 0;
	}

	mask = umask(0);
	(void)umask(mask);
	r = file_replace(path, 0666 & ~mask, page->text, page->len);
	if (r == FILE_E_NO_FILE)
		return complain("%s: not replaced, as it is no regular file; "
				"- is standard output",
			path);
	if (r < 0)
		return complain("%s: not written: %s", path, strerror(-r));

	return 0;
}

static struct qr_sticker sticker_of(const struct item *item)
{
	return (struct qr_sticker){
		.action = item->action,
		.price_msat = item->price_msat,
		.is_held = item->is_held,
		.code = &item->drawing->code,
	};
}

static int write_sticker(const struct item *item, const char *path)
{
	_cleanup_(page_deinit) struct page page = { .out = NULL };
	struct qr_sticker sticker = sticker_of(item);
	int r;

	r = page_open(&page);
	if (r == 0) {
		qr_svg_sticker(page.out, &sticker);
		r = page_end(&page);
	}
	if (r < 0)
		return complain("%s: not written: %s", path, strerror(-r));

	return write_page(&page, path);
}

/* "menu.svg" is the first page, "menu-2.svg" the second. */
static int page_path(const char *path, size_t number, char **ret)
{
	size_t len = strlen(path);
	bool has_end = len > 4 && strcmp(path + len - 4, ".svg") == 0;

	if (number == 1)
		*ret = strdup(path);
	else if (asprintf(ret, "%.*s-%zu%s", (int)(has_end ? len - 4 : len),
			 path, number, has_end ? ".svg" : "") < 0)
		*ret = NULL;

	return *ret == NULL ? -ENOMEM : 0;
}

static int write_sheet(
	const struct items *items, size_t number, const char *path)
{
	_cleanup_(page_deinit) struct page page = { .out = NULL };
	_cleanup_(freep) char *name = NULL;
	size_t first = (number - 1) * QR_SVG_PLACES;
	int r;

	r = page_path(path, number, &name);
	if (r == 0)
		r = page_open(&page);
	if (r == 0) {
		qr_svg_open_page(page.out);
		for (size_t i = first; i < items->n; i++) {
			struct qr_sticker sticker = sticker_of(&items->list[i]);

			if (i - first == QR_SVG_PLACES)
				break;
			qr_svg_place(page.out, i - first, &sticker);
		}
		qr_svg_close_page(page.out);
		r = page_end(&page);
	}
	if (r < 0)
		return complain("%s: not written: %s", path, strerror(-r));

	return write_page(&page, name);
}

/* SVG has no pages that printers know of: each is a file. */
static int write_sheets(const struct items *items, const char *path)
{
	size_t n_pages = (items->n + QR_SVG_PLACES - 1) / QR_SVG_PLACES;
	int r = 0;

	if (n_pages > 1 && strcmp(path, "-") == 0)
		return complain("a page holds %d stickers, and there are %zu: "
				"name a file, the next pages go beside it",
			QR_SVG_PLACES, items->n);
	for (size_t number = 1; number <= n_pages && r == 0; number++)
		r = write_sheet(items, number, path);

	return r;
}

int qr_show(sd_bus_message *m, const struct qr_ask *ask)
{
	_cleanup_(items_deinit) struct items items = { .n = 0 };
	int r;

	r = read_items(m, &items);
	if (r < 0)
		return r;
	r = ask->action == NULL ? choose_all(&items)
				: choose_one(&items, ask->action);
	if (r != 0)
		return r;

	if (ask->svg != NULL && ask->action == NULL)
		return write_sheets(&items, ask->svg);
	if (ask->svg != NULL)
		return write_sticker(&items.list[0], ask->svg);
	if (ask->as_json)
		return show_json(&items, ask->action == NULL);
	return show_items(&items);
}
