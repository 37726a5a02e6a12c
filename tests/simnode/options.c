/* SPDX-License-Identifier: MIT */

#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "node.h"
#include "usage.h"
#include "util/bytes.h"

enum {
	PRELOAD_MAX = 1000 * 1000,
};

static _printf_(1, 2) int complain(const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "simnode: ");
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");

	return OPTIONS_E_USAGE;
}

static int read_id(const char *text, struct options *options)
{
	uint8_t bytes[NODE_ID_SIZE / 2];

	if (hex_decode(text, bytes, sizeof(bytes)) < 0)
		return complain(
			"--id has 66 hexadecimal digits, not \"%s\"", text);

	options->id = text;
	return 0;
}

static int read_key(const char *text, struct options *options)
{
	uint8_t bytes[32];

	if (hex_decode(text, bytes, sizeof(bytes)) < 0)
		return complain(
			"--key has 64 hexadecimal digits, not \"%s\"", text);

	options->key = text;
	return 0;
}

static int read_port(const char *text, struct options *options)
{
	if (strlen(text) == 0 || strlen(text) > 5 ||
		text[strspn(text, "0123456789")] != '\0' ||
		strtoul(text, NULL, 10) > UINT16_MAX)
		return complain(
			"--bolt8 takes 0 to %d, not \"%s\"", UINT16_MAX, text);

	options->bolt8 = true;
	options->port = (uint16_t)strtoul(text, NULL, 10);
	return 0;
}

static int read_preload(const char *text, struct options *options)
{
	unsigned long n = 0;
	char *end;

	if (*text >= '0' && *text <= '9')
		n = strtoul(text, &end, 10);
	if (n == 0 || *end != '\0' || n > PRELOAD_MAX)
		return complain("--preload takes 1 to %d, not \"%s\"",
			PRELOAD_MAX, text);

	options->preload = (unsigned int)n;
	return 0;
}

static int read_fault(const char *text, struct options *options)
{
	if (options->n_faults == OPTIONS_FAULTS_MAX)
		return complain("--fault is given at most %d times",
			OPTIONS_FAULTS_MAX);

	options->faults[options->n_faults++] = text;
	return 0;
}

static int read_plugin(const char *text, struct options *options)
{
	if (options->n_plugins == OPTIONS_PLUGINS_MAX)
		return complain("--plugin is given at most %d times",
			OPTIONS_PLUGINS_MAX);

	options->plugins[options->n_plugins++] = text;
	return 0;
}

/* NAME=VALUE, of which there may be several, or a flag's NAME. */
static int read_setting(const char *text, struct options *options)
{
	size_t len = strcspn(text, "=");
	_cleanup_(freep) char *name = strndup(text, len);
	json_t *values = json_object_get(options->settings, name);

	if (text[len] == '\0')
		values = json_null();
	else if (json_is_array(values))
		values = json_incref(values);
	else
		values = json_array();
	if (text[len] == '=')
		(void)json_array_append_new(
			values, json_string(text + len + 1));
	if (json_object_set_new(options->settings, name, values) < 0)
		return complain("--plugin-option is no UTF-8");

	return 0;
}

static int choose(const char *method, struct options *options)
{
	if (options->method != NULL)
		return complain("--pay and --call are given once");

	options->method = method;
	return 0;
}

/* A parameter of simnode-pay. */
static int add(struct options *options, const char *name, json_t *value)
{
	if (json_object_set_new(options->params, name, value) < 0)
		return complain("%s is no UTF-8", name);

	return 0;
}

enum {
	OPTION_SOCKET = 256,
	OPTION_ID,
	OPTION_STATE,
	OPTION_BOLT8,
	OPTION_KEY,
	OPTION_RUNE,
	OPTION_RUNE_METHODS,
	OPTION_PRELOAD,
	OPTION_FAULT,
	OPTION_PLUGIN,
	OPTION_PLUGIN_OPTION,
	OPTION_LIGHTNING_DIR,
	OPTION_HELP,
	OPTION_CALL,
	/* These belong to --pay. */
	OPTION_PAY,
	OPTION_LABEL,
	OPTION_OFFER,
	OPTION_DESCRIPTION,
	OPTION_NOTE,
	OPTION_KEYSEND,
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "id", required_argument, NULL, OPTION_ID },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "bolt8", required_argument, NULL, OPTION_BOLT8 },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "rune", required_argument, NULL, OPTION_RUNE },
	{ "rune-methods", required_argument, NULL, OPTION_RUNE_METHODS },
	{ "preload", required_argument, NULL, OPTION_PRELOAD },
	{ "fault", required_argument, NULL, OPTION_FAULT },
	{ "plugin", required_argument, NULL, OPTION_PLUGIN },
	{ "plugin-option", required_argument, NULL, OPTION_PLUGIN_OPTION },
	{ "lightning-dir", required_argument, NULL, OPTION_LIGHTNING_DIR },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "call", required_argument, NULL, OPTION_CALL },
	{ "pay", required_argument, NULL, OPTION_PAY },
	{ "label", required_argument, NULL, OPTION_LABEL },
	{ "offer", required_argument, NULL, OPTION_OFFER },
	{ "description", required_argument, NULL, OPTION_DESCRIPTION },
	{ "note", required_argument, NULL, OPTION_NOTE },
	{ "keysend", no_argument, NULL, OPTION_KEYSEND },
	{ 0 },
};

static int read_option(int option, const char *value, struct options *options)
{
	int r;

	switch (option) {
	case OPTION_SOCKET:
		options->socket = value;
		return 0;
	case OPTION_ID:
		return read_id(value, options);
	case OPTION_STATE:
		options->state = value;
		return 0;
	case OPTION_BOLT8:
		return read_port(value, options);
	case OPTION_KEY:
		return read_key(value, options);
	case OPTION_RUNE:
		options->rune = value;
		return 0;
	case OPTION_RUNE_METHODS:
		options->methods = value;
		return 0;
	case OPTION_PRELOAD:
		return read_preload(value, options);
	case OPTION_FAULT:
		return read_fault(value, options);
	case OPTION_PLUGIN:
		return read_plugin(value, options);
	case OPTION_PLUGIN_OPTION:
		return read_setting(value, options);
	case OPTION_LIGHTNING_DIR:
		options->folder = value;
		return 0;
	case OPTION_HELP:
		usage_print();
		return OPTIONS_E_HELP;
	case OPTION_CALL:
		return choose(value, options);
	case OPTION_PAY:
		r = choose("simnode-pay", options);
		return r != 0 ? r
			      : add(options, "amount_msat", json_string(value));
	case OPTION_LABEL:
		return add(options, "label", json_string(value));
	case OPTION_OFFER:
		return add(options, "offer_id", json_string(value));
	case OPTION_DESCRIPTION:
		return add(options, "description", json_string(value));
	case OPTION_NOTE:
		return add(options, "payer_note", json_string(value));
	case OPTION_KEYSEND:
		return add(options, "keysend", json_true());
	default:
		/* getopt has said what is wrong. */
		return complain("--help lists the options");
	}
}

/* The rest of the line: PARAMS of --call. */
static int read_rest(int n, char **words, bool calls, struct options *options)
{
	json_error_t error;

	if (n > 1 || (n == 1 && !calls))
		return complain("\"%s\" is not expected; --help lists the "
				"options",
			words[n - 1]);
	if (n == 0)
		return 0;

	json_decref(options->params);
	options->params = json_loads(words[0], 0, &error);
	if (options->params == NULL)
		return complain(
			"PARAMS is no JSON object or array: %s", error.text);

	return 0;
}

static int read_all(int argc, char **argv, struct options *options)
{
	bool pays = false, of_pay = false, of_node = false;
	int option, r;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
		-1) {
		r = read_option(option, optarg, options);
		if (r != 0)
			return r;
		pays = pays || option == OPTION_PAY;
		of_pay = of_pay || option > OPTION_PAY;
		of_node = of_node ||
			  (option > OPTION_SOCKET && option < OPTION_HELP);
	}
	if (options->socket == NULL)
		return complain("--socket is needed; --help lists the options");
	if (of_pay && !pays)
		return complain("--label, --offer, --description, --note and "
				"--keysend go with --pay");
	if (of_node && options->method != NULL)
		return complain("options of a node do not go with --pay and "
				"--call");
	if (options->bolt8 && options->id != NULL)
		return complain("with --bolt8, its id is that of --key");
	if (!options->bolt8 && (options->key != NULL || options->rune != NULL ||
				       options->methods != NULL))
		return complain("--key, --rune and --rune-methods go with "
				"--bolt8");

	return read_rest(argc - optind, argv + optind,
		options->method != NULL && !pays, options);
}

int options_read(int argc, char **argv, struct options *ret)
{
	struct options options = {
		.params = json_object(),
		.settings = json_object(),
	};
	int r;

	r = read_all(argc, argv, &options);
	if (r != 0) {
		options_deinit(&options);
		return r;
	}

	*ret = options;
	return 0;
}

void options_deinit(struct options *options)
{
	json_decref(options->params);
	json_decref(options->settings);
	options->params = NULL;
	options->settings = NULL;
}
