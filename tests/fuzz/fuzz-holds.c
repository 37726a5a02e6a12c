/* SPDX-License-Identifier: MIT */

/*
 * An answer of the node's plugin: what is read of its holds, its offers and its
 * state is bounded and sound, or it is none.
 */

#include <stdlib.h>
#include <string.h>

#include "lightning/hold.h"
#include "lightning/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct invoice_texts texts;

static void check_hex(const char *text)
{
	if (text == NULL || strlen(text) != INVOICES_HASH_SIZE - 1 ||
		strspn(text, "0123456789abcdef") != INVOICES_HASH_SIZE - 1)
		abort();
}

static void check_hold(const json_t *object)
{
	struct hold hold = { .msat = UINT64_MAX };

	if (!hold_read(object, &texts, &hold)) {
		if (hold.msat != UINT64_MAX)
			abort();
		return;
	}
	check_hex(hold.payment_hash);
	if (hold.offer_id != NULL)
		check_hex(hold.offer_id);
	if (strlen(hold.label) > INVOICES_TEXT_MAX ||
		(hold.payer_note != NULL &&
			strlen(hold.payer_note) > INVOICES_TEXT_MAX) ||
		hold.msat > INT64_MAX || hold.age_ms > INT64_MAX ||
		(hold.description != NULL &&
			hold.description != json_string_value(json_object_get(
						    object, "description"))))
		abort();
}

static void check_offers(const json_t *array)
{
	struct holds_offer offers[HOLDS_OFFERS_MAX];
	size_t n = hold_read_offers(array, offers);

	if (n > HOLDS_OFFERS_MAX || n > json_array_size(array))
		abort();
	for (size_t i = 0; i < n; i++) {
		check_hex(offers[i].offer_id);
		if (offers[i].action[0] == '\0' ||
			strlen(offers[i].action) >= HOLDS_NAME_SIZE ||
			offers[i].bolt12 == NULL ||
			offers[i].price_msat > INT64_MAX)
			abort();
	}
}

static void check(const json_t *result)
{
	const json_t *holds = json_object_get(result, "holds"), *object;
	enum holds_state state = (enum holds_state)99;
	size_t i;

	json_array_foreach (holds, i, object)
		check_hold(object);
	check_hold(result);
	check_offers(json_object_get(result, "offers"));
	if (hold_read_state(json_object_get(result, "state"), &state)
			? state > HOLDS_UNPAID
			: state != (enum holds_state)99)
		abort();
}

/* As the client takes it from its socket. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream *stream = NULL;
	json_t *object;

	if (stream_new(&stream) != 0)
		abort();
	if (stream_push(stream, (const char *)data, size) == 0)
		while (stream_take(stream, &object) == 0) {
			check(object);
			json_decref(object);
		}
	stream_free(stream);
	return 0;
}
