/* SPDX-License-Identifier: MIT */

#include "pair/starter.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char head[] =
	"# 1sat2flash: what a payment makes the car do.  All of it is in\n"
	"# 1sat2flash.conf(5).  After a change:\n"
	"#\n"
	"#     sudo 1sat2flashd --check\n"
	"#     sudo systemctl restart 1sat2flash\n"
	"\n"
	"car {\n";
static const char rest[] =
	"}\n"
	"\n"
	"node {\n"
	"    # The socket of Core Lightning.  Whoever can use it can use the\n"
	"    # whole wallet.\n"
	"    rpc = \"/var/lib/lightning/bitcoin/lightning-rpc\"\n"
	"    # Which payments are for the car: invoices whose label begins "
	"so.\n"
	"    accept = { \"label 1sat2flash-*\" }\n"
	"}\n"
	"\n"
	"# For one sat the car flashes its lights, if it is parked.\n"
	"action flash {\n"
	"    price = 1\n"
	"    do = flash-lights\n"
	"}\n"
	"\n"
	"#action honk {\n"
	"#    price = 21\n"
	"#    do = honk\n"
	"#    hours = \"08:00-20:00\"\n"
	"#    cooldown = 10\n"
	"#}\n";

static void print_value(FILE *out, const char *key, const char *value)
{
	(void)fprintf(out, "    %s = \"%s\"\n", key, value);
}

/* What libConfuse would read otherwise between quotes. */
static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || strchr("\"\\$", *text))
			return false;

	return true;
}

int starter_print(const struct starter *starter, char **ret)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;
	FILE *out;

	if (!is_plain(starter->vin) || !is_plain(starter->adapter) ||
		(starter->key_path != NULL && !is_plain(starter->key_path)))
		return -EINVAL;
	out = open_memstream(&text, &len);
	if (out == NULL)
		return -errno;
	(void)fputs(head, out);
	print_value(out, "vin", starter->vin);
	if (starter->key_path != NULL)
		(void)fprintf(
			out, "    key = \"file:%s\"\n", starter->key_path);
	if (starter->adapter[0] != '\0')
		print_value(out, "adapter", starter->adapter);
	(void)fputs(rest, out);
	if (fclose(out) == EOF)
		return -ENOMEM;

	*ret = steal_ptr(&text);
	return 0;
}
