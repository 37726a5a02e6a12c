/* SPDX-License-Identifier: MIT */

/*
 * The floor of the bridge's memory: uses each of the same libraries once,
 * then says how much memory is resident, private and in all, in kB.
 */

#include <confuse.h>
#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <protobuf-c/protobuf-c.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <systemd/sd-journal.h>

#include "figure.h"
#include "vcsec.pb-c.h"

static void use_openssl(void)
{
	EVP_PKEY *ours = EVP_EC_gen("P-256"), *theirs = EVP_EC_gen("P-256");
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ours, NULL);
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	uint8_t shared[32], nonce[12] = { 0 }, text[16];
	size_t len = sizeof(shared);
	int n;

	if (EVP_PKEY_derive_init(context) != 1 ||
		EVP_PKEY_derive_set_peer(context, theirs) != 1 ||
		EVP_PKEY_derive(context, shared, &len) != 1 ||
		EVP_EncryptInit_ex2(
			cipher, EVP_aes_128_gcm(), shared, nonce, NULL) != 1 ||
		EVP_EncryptUpdate(cipher, text, &n, shared, 16) != 1)
		figure_die("OpenSSL failed");
	EVP_CIPHER_CTX_free(cipher);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
}

static sqlite3 *use_sqlite(void)
{
	sqlite3 *db;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
		sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1)",
			NULL, NULL, NULL) != SQLITE_OK)
		figure_die("SQLite failed");

	return db;
}

static void use_confuse(void)
{
	cfg_opt_t options[] = { CFG_INT("price", 0, CFGF_NONE), CFG_END() };
	cfg_t *cfg = cfg_init(options, CFGF_NONE);

	if (cfg_parse_buf(cfg, "price = 1") != CFG_SUCCESS)
		figure_die("libConfuse failed");
	(void)cfg_free(cfg);
}

static void use_jansson(void)
{
	json_t *json = json_loads("{\"a\":1}", 0, NULL);
	char *text = json_dumps(json, 0);

	if (text == NULL)
		figure_die("jansson failed");
	free(text);
	json_decref(json);
}

static void use_protobuf(void)
{
	VCSEC__UnsignedMessage message = VCSEC__UNSIGNED_MESSAGE__INIT;
	uint8_t packed[16];

	(void)vcsec__unsigned_message__pack(&message, packed);
}

static void print_memory(void)
{
	static const char *const names[] = { "RssAnon:", "VmRSS:" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		FILE *file = fopen("/proc/self/status", "re");
		char line[256];

		while (file != NULL && fgets(line, sizeof(line), file) != NULL)
			if (strncmp(line, names[i], strlen(names[i])) == 0)
				(void)printf(
					"%ld ", atol(line + strlen(names[i])));
		if (file != NULL)
			(void)fclose(file);
	}
	(void)printf("\n");
}

int main(void)
{
	sd_event *event = NULL;
	sd_bus *bus = NULL;
	sqlite3 *db;

	figure_check(sd_event_new(&event) < 0, "sd_event_new");
	figure_check(sd_bus_open_system(&bus) < 0, "sd_bus_open_system");
	(void)sd_journal_print(LOG_DEBUG, "a line");
	use_openssl();
	use_confuse();
	use_jansson();
	use_protobuf();
	db = use_sqlite();
	print_memory();

	(void)sqlite3_close(db);
	(void)sd_bus_flush_close_unref(bus);
	(void)sd_event_unref(event);
	return 0;
}
