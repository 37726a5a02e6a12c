/* SPDX-License-Identifier: MIT */

#include "client/record.h"

#include <string.h>

static int read_list(
	sd_bus_message *m, struct record *record, struct record_field *field)
{
	const char *text;
	int r;

	field->type = 'a';
	field->first_item = record->n_items;
	r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(m, "s", &text)) > 0) {
		if (record->n_items == RECORD_ITEMS_MAX)
			return -E2BIG;
		record->items[record->n_items++] = text;
		field->n_items++;
	}

	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Reads what is in the variant; a type that is not known stays 0. */
static int read_value(sd_bus_message *m, const char *type,
	struct record *record, struct record_field *field)
{
	uint32_t number;
	int flag, r;

	field->type = type[0];
	if (strcmp(type, "s") == 0)
		return sd_bus_message_read(m, "s", &field->text);
	if (strcmp(type, "t") == 0)
		return sd_bus_message_read(m, "t", &field->number);
	if (strcmp(type, "x") == 0)
		return sd_bus_message_read(m, "x", &field->time);
	if (strcmp(type, "as") == 0)
		return read_list(m, record, field);
	if (strcmp(type, "b") == 0) {
		r = sd_bus_message_read(m, "b", &flag);
		field->number = r > 0 && flag != 0;
		return r;
	}
	if (strcmp(type, "u") == 0) {
		r = sd_bus_message_read(m, "u", &number);
		field->type = 't';
		field->number = r > 0 ? number : 0;
		return r;
	}

	field->type = '\0';
	return sd_bus_message_skip(m, type);
}

static int read_field(sd_bus_message *m, struct record *record)
{
	struct record_field field = { .text = "" };
	const char *type;
	int r;

	r = sd_bus_message_read(m, "s", &field.name);
	if (r < 0)
		return r;
	r = sd_bus_message_peek_type(m, NULL, &type);
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(m, 'v', type);
	if (r < 0)
		return r;
	r = read_value(m, type, record, &field);
	if (r < 0)
		return r;
	if (field.type != '\0') {
		if (record->n_fields == RECORD_FIELDS_MAX)
			return -E2BIG;
		record->fields[record->n_fields++] = field;
	}

	return sd_bus_message_exit_container(m);
}

int record_read(sd_bus_message *m, struct record *ret)
{
	struct record record;
	int r;

	record.n_fields = 0;
	record.n_items = 0;
	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	if (r <= 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = read_field(m, &record);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	r = sd_bus_message_exit_container(m);
	if (r < 0)
		return r;

	*ret = record;
	return 1;
}

static const struct record_field none = { .name = "", .text = "" };

/* An empty field if @name is absent or of another type. */
static const struct record_field *find(
	const struct record *record, const char *name, char type)
{
	for (size_t i = 0; i < record->n_fields; i++)
		if (strcmp(record->fields[i].name, name) == 0 &&
			record->fields[i].type == type)
			return &record->fields[i];

	return &none;
}

bool record_has(const struct record *record, const char *name, char type)
{
	return find(record, name, type) != &none;
}

const char *record_text(const struct record *record, const char *name)
{
	return find(record, name, 's')->text;
}

uint64_t record_number(const struct record *record, const char *name)
{
	return find(record, name, 't')->number;
}

int64_t record_time(const struct record *record, const char *name)
{
	return find(record, name, 'x')->time;
}

bool record_flag(const struct record *record, const char *name)
{
	return find(record, name, 'b')->number != 0;
}

const char *const *record_list(
	const struct record *record, const char *name, size_t *ret_n)
{
	const struct record_field *field = find(record, name, 'a');

	*ret_n = field->n_items;
	return record->items + field->first_item;
}

static void write_field(const struct record *record,
	const struct record_field *field, struct json *json)
{
	switch (field->type) {
	case 's':
		json_text(json, field->name, field->text);
		break;
	case 't':
		json_unsigned(json, field->name, field->number);
		break;
	case 'x':
		json_signed(json, field->name, field->time);
		break;
	case 'b':
		json_bool(json, field->name, field->number != 0);
		break;
	case 'a':
		json_open_array(json, field->name);
		for (size_t i = 0; i < field->n_items; i++)
			json_text(json, NULL,
				record->items[field->first_item + i]);
		json_close_array(json);
		break;
	}
}

void record_write(
	const struct record *record, struct json *json, const char *key)
{
	json_open_object(json, key);
	for (size_t i = 0; i < record->n_fields; i++)
		write_field(record, &record->fields[i], json);
	json_close_object(json);
}
