/* SPDX-License-Identifier: MIT */
#pragma once

/* Between the parts of the fake org.bluez. */

#include "fake-bluez.h"

#define ERROR_BLUEZ "org.bluez.Error."
#define ERROR_DBUS "org.freedesktop.DBus.Error."
#define PROPERTIES "org.freedesktop.DBus.Properties"

#define CHANGED(b, object, ...)                                      \
	do {                                                         \
		const struct fake_object object_ = object;           \
		fake_emit_changed(b, &object_,                       \
			(const char *const[]){ __VA_ARGS__, NULL }); \
	} while (0)
/* fake-bluez.c */
struct fake_object fake_adapter_object(struct fake_adapter *a);
struct fake_object fake_device_object(struct fake_device *d);
/* Or an object of another address that it had. */
bool fake_is_car(const struct fake_device *d);
struct fake_adapter *fake_adapter_of(
	struct fake_bluez *b, const struct fake_device *d);
int fake_failed(sd_bus_message *call, const char *text);
int fake_in_progress(sd_bus_message *call);
void fake_note(struct fake_bluez *b, const char *member);
struct fake_job *fake_add_job(struct fake_bluez *b, uint64_t in_ms,
	void (*run)(struct fake_bluez *b, struct fake_job *job));
void fake_end_job(struct fake_job *job);
void fake_end_jobs(struct fake_bluez *b, const struct fake_device *device,
	const char *error, const char *text);

/* fake-bluez-radio.c */
unsigned int fake_n_discovering(
	const struct fake_bluez *b, const struct fake_adapter *a);
void fake_set_discovering(
	struct fake_bluez *b, struct fake_adapter *a, bool on);
void fake_remove_object(struct fake_bluez *b, struct fake_device *d);
void fake_end_discovery(struct fake_bluez *b, struct fake_adapter *a);
void fake_all_advertise(struct fake_bluez *b, struct fake_job *job);
int fake_set_filter(struct fake_bluez *b, struct fake_client *c,
	struct fake_adapter *a, sd_bus_message *call);
int fake_start_discovery(struct fake_bluez *b, struct fake_client *c,
	struct fake_adapter *a, sd_bus_message *call);
int fake_stop_discovery(struct fake_bluez *b, struct fake_client *c,
	struct fake_adapter *a, sd_bus_message *call);
int fake_set_property(struct fake_bluez *b, const struct fake_object *o,
	sd_bus_message *call);

/* fake-bluez-device.c */
void fake_answer_connect(
	struct fake_bluez *b, struct fake_device *d, const char *error);
int fake_connect_device(struct fake_bluez *b, struct fake_client *c,
	struct fake_device *d, sd_bus_message *call);
int fake_disconnect_device(struct fake_bluez *b, struct fake_device *d,
	sd_bus_message *call, bool remove);
int fake_remove_device(
	struct fake_bluez *b, struct fake_adapter *a, sd_bus_message *call);

/* fake-bluez-gatt.c */
void fake_services_resolve(struct fake_bluez *b, struct fake_job *job);
int fake_start_notify(struct fake_bluez *b, struct fake_client *c,
	const struct fake_object *o, sd_bus_message *call);
int fake_write_value(struct fake_bluez *b, const struct fake_object *o,
	sd_bus_message *call);
int fake_stop_notify(struct fake_bluez *b, struct fake_client *c,
	const struct fake_object *o, sd_bus_message *call);

/* fake-bluez-tree.c, fake-bluez-bus.c */
void fake_path(const struct fake_bluez *b, const struct fake_object *o,
	char ret[static 128]);
void fake_emit_changed(struct fake_bluez *b, const struct fake_object *o,
	const char *const *names);
void fake_emit_added(struct fake_bluez *b, const struct fake_object *o);
void fake_emit_removed(struct fake_bluez *b, const struct fake_object *o);
void fake_emit_owner(
	struct fake_bluez *b, const char *before, const char *after);
int fake_reply(sd_bus_message *call);
int fake_reply_error(sd_bus_message *call, const char *name, const char *text);
int fake_call(struct fake_bluez *b, struct fake_client *client,
	const struct fake_object *o, sd_bus_message *call);
void fake_client_left(struct fake_bluez *b, struct fake_client *client);
bool fake_bluez_is_started(struct fake_bluez *b);
const char *fake_interface(enum fake_kind kind);
bool fake_find_object(
	struct fake_bluez *b, const char *path, struct fake_object *ret);
bool fake_has_property(
	struct fake_bluez *b, const struct fake_object *o, const char *name);
void fake_append_property(struct fake_bluez *b, sd_bus_message *m,
	const struct fake_object *o, const char *name);
void fake_append_object(
	struct fake_bluez *b, sd_bus_message *m, const struct fake_object *o);
int fake_append_mistyped(sd_bus_message *m, char type);
void fake_send(struct fake_bluez *b, sd_bus_message *m);
int fake_get_managed_objects(
	struct fake_bluez *b, struct fake_client *client, sd_bus_message *call);
int fake_get_property(struct fake_bluez *b, const struct fake_object *o,
	sd_bus_message *call);
int fake_get_properties(struct fake_bluez *b, const struct fake_object *o,
	sd_bus_message *call);
