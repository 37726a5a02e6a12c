/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A fake org.bluez that is as strict as bluetoothd and as unreliable as a
 * radio.  Served in the test's own event loop over socketpairs, one for each
 * bus that the link opens, each with what it needs of org.freedesktop.DBus.
 *
 * Behaviour was read in bluez 5.66 and 5.82 (src/adapter.c, src/device.c,
 * src/gatt-client.c, gdbus/object.c): names and texts of errors, the order of
 * signals and replies, what a call does in which state.  What bluetoothd
 * would forgive but our rules forbid is a finding, and fails the test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

enum fake_version {
	BLUEZ_5_66, /* Debian 12 */
	BLUEZ_5_82, /* Debian 13 */
};

enum fake_connect {
	CONNECT_WORKS,
	CONNECT_FAILS, /* le-connection-abort-by-local, and nothing else */
	CONNECT_SAYS_FAILED,  /* but the device is connected */
	CONNECT_SAYS_SUCCESS, /* but the device is not */
	CONNECT_FLAPS,        /* connected for a moment, then it fails */
	CONNECT_HANGS,        /* until the kernel gives up after 40 s */
	CONNECT_LOSES_OBJECT, /* in the middle of it, and never answers */
	CONNECT_LOSES_REPLY,  /* connected, but the answer never comes */
	CONNECT_LOSES_SIGNAL, /* connected, but no signal tells of it */
};

enum fake_services {
	SERVICES_RESOLVE,
	SERVICES_HANG,
	SERVICES_FAIL,     /* ServicesResolved is true, and there are none */
	SERVICES_OF_OTHER, /* of something that is not a car */
	SERVICES_LATE,     /* their objects come after ServicesResolved */
	SERVICES_DROP,     /* the link goes in the middle of it */
};

enum fake_notify {
	NOTIFY_WORKS,
	NOTIFY_FAILS,
	NOTIFY_STALE, /* fails for old handles: until the device is removed */
	NOTIFY_ARMED, /* answered, but Notifying never comes */
	NOTIFY_HANGS,
	NOTIFY_TALKS_FIRST, /* the car says something before the answer */
	NOTIFY_DROPS,       /* the link goes instead of the answer */
};

enum fake_write {
	WRITE_WORKS,
	WRITE_FAILS,
	WRITE_BUSY,   /* another program's write is pending */
	WRITE_BUSIES, /* from this one on, without an end */
	WRITE_HANGS,
	WRITE_DROPS,        /* the link goes, the block did not arrive */
	WRITE_DROPS_SILENT, /* and the objects with it, without an answer */
	WRITE_ARRIVES_DROPS /* the link goes, the block did arrive */
};

enum {
	FAKE_ADAPTERS = 2,
	FAKE_DEVICES = 4,
	FAKE_CLIENTS = 8,
	FAKE_JOBS = 64,
	FAKE_CHARS = 3,

	/* Which characteristic. */
	TO_CAR = 0,
	FROM_CAR = 1,
	VERSION = 2,
};

struct fake_adapter {
	bool present;
	unsigned int index; /* of hciN */
	const char *address;
	bool is_classic; /* no LE */
	bool powered;
	bool blocked;
	bool other_scans; /* another program discovers */
	bool wedged;      /* discovery hears nothing, and never stops */
	bool discovering;
	/* Powered is not to be touched, as others are connected */
	bool power_is_ours;
	bool busy; /* Powered is being set */
};

/* A device as it is on the air, and the object that bluetoothd has of it. */
struct fake_device {
	const char *address; /* NULL: no such device */
	unsigned int adapter;
	const char *name;     /* NULL: it tells none */
	const char *alias;    /* set by somebody; else it is the name */
	const char *gap_name; /* told on a link, where BlueZ takes it over */
	int16_t rssi;         /* 0: not told */
	bool on_air;
	bool full;          /* advertises that it takes no connection */
	bool is_named_late; /* the scan response comes after the advert */
	bool is_random;     /* its address is private: it stays temporary */

	bool exists;
	bool is_permanent;
	bool is_found; /* by the discovery that runs */
	bool is_named;
	bool has_gap_name;
	bool connecting;
	bool connected;
	bool resolved;
	bool disconnecting;
	bool has_gatt;   /* objects of services */
	bool is_stale;   /* handles are those of before an update */
	bool is_other;   /* has no characteristic of a car */
	bool notifying;  /* the property, which outlives a connection */
	bool subscribed; /* for true: the car would be heard */
	bool writing;
	unsigned int first_handle;
	sd_bus_message *connect; /* the pending call */
};

struct fake_client {
	sd_bus *bus; /* NULL: free */
	struct fake_bluez *bluez;
	bool left;
	bool is_greeted; /* Hello() was answered: signals may come */
	bool has_subscribed;
	bool has_filter[FAKE_ADAPTERS];
	char pattern[FAKE_ADAPTERS][64];
	bool discovers[FAKE_ADAPTERS];
	bool is_busy[FAKE_ADAPTERS]; /* discovery starts or stops */
	bool notifies[FAKE_DEVICES];
};

struct fake_job {
	uint64_t due_ms;
	uint64_t order;
	void (*run)(struct fake_bluez *b, struct fake_job *job);
	struct fake_client *client;
	struct fake_adapter *adapter;
	struct fake_device *device;
	sd_bus_message *call; /* to be answered */
	bool is_endless;
	unsigned int n;
	uint8_t data[520];
	size_t len;
};

struct fake_bluez {
	sd_event *event;
	enum fake_version version;
	bool is_running;
	bool is_hung;     /* bluetoothd answers nothing */
	bool bus_is_hung; /* nor does the bus */
	bool bus_is_gone;
	const char *forger;  /* who sends the signals, if not org.bluez */
	bool may_look_once;  /* at what there is, and without listening */
	bool is_activatable; /* a call starts bluetoothd */
	unsigned int n_starts;
	struct fake_adapter adapters[FAKE_ADAPTERS];
	struct fake_device devices[FAKE_DEVICES]; /* 0 is the car */
	struct fake_client clients[FAKE_CLIENTS];
	struct fake_job jobs[FAKE_JOBS];
	uint64_t order;

	/* What goes how: the first @n attempts, later ones work. */
	struct {
		enum fake_connect how;
		unsigned int n;
	} connects;
	struct {
		enum fake_services how;
		unsigned int n;
	} services;
	struct {
		enum fake_notify how;
		unsigned int n;
	} notifies;
	/* The block of this number goes so, counted from 1 */
	struct {
		enum fake_write how;
		unsigned int at;
	} writes;
	bool power_fails;
	unsigned int mtu;          /* 0: there is no such property */
	unsigned int told_mtu;     /* instead of that */
	bool has_other_listener;   /* each value comes twice: bluez B.1 */
	const char *mistyped;      /* a property of another type */
	unsigned int n_neighbours; /* objects of no interest to us */

	uint32_t connect_ms;
	uint32_t services_ms;
	uint32_t notify_ms;
	uint32_t write_ms;
	uint32_t discovery_ms; /* to start or stop one */
	uint32_t disconnect_ms;
	uint32_t power_ms;
	uint32_t advert_ms;

	/* What was asked, a word each, and how often. */
	char calls[8192];
	unsigned int n_open;
	unsigned int n_connect;
	unsigned int n_disconnect;
	unsigned int n_remove;
	unsigned int n_power;
	unsigned int n_start;
	unsigned int n_stop;
	unsigned int n_notify;
	unsigned int n_write;

	/* What has reached the car */
	uint8_t heard[4096];
	size_t n_heard;
	size_t longest_block;

	unsigned int n_findings;
	char findings[1024];
};

enum fake_kind {
	FAKE_NONE,
	FAKE_ADAPTER,
	FAKE_DEVICE,
	FAKE_SERVICE,
	FAKE_CHAR,
};

struct fake_object {
	enum fake_kind kind;
	struct fake_adapter *adapter;
	struct fake_device *device;
	unsigned int n; /* of FAKE_CHAR */
};

/* hci0, powered, and a car that advertises. */
void fake_bluez_init(
	struct fake_bluez *b, sd_event *event, enum fake_version version);
void fake_bluez_deinit(struct fake_bluez *b);

/* For link_bluez_config; @userdata is the fake. */
int fake_bluez_open_bus(void *userdata, sd_bus **ret);

/* When something happens next of itself; UINT64_MAX: nothing will. */
uint64_t fake_bluez_next(const struct fake_bluez *b);
void fake_bluez_run_due(struct fake_bluez *b);
/* Reads what was sent, where no loop runs; was there anything? */
bool fake_bluez_serve(struct fake_bluez *b);

/* Something is wrong with what was asked. */
void fake_bluez_find(struct fake_bluez *b, const char *format, ...)
	__attribute__((__format__(printf, 2, 3)));

/* The world. */
void fake_bluez_stop(struct fake_bluez *b);  /* bluetoothd ends */
void fake_bluez_start(struct fake_bluez *b); /* with what it has stored */
void fake_bluez_lose_bus(struct fake_bluez *b);
void fake_adapter_remove(struct fake_bluez *b, struct fake_adapter *a);
void fake_adapter_add(struct fake_bluez *b, struct fake_adapter *a);
void fake_adapter_set_powered(
	struct fake_bluez *b, struct fake_adapter *a, bool on);
void fake_adapter_set_others(
	struct fake_bluez *b, struct fake_adapter *a, bool scans);
void fake_device_add(struct fake_bluez *b, struct fake_device *d);
void fake_device_remove(struct fake_bluez *b, struct fake_device *d);
void fake_device_drop(struct fake_bluez *b, struct fake_device *d);
/* A crashed client's Connect is pending for so long: bluez B.3 4. */
void fake_device_hog(struct fake_bluez *b, struct fake_device *d, uint32_t ms);
/* A client that is gone has left it connected. */
void fake_device_leave_connected(struct fake_bluez *b, struct fake_device *d);
/* Its services have changed: read anew, under other handles. */
void fake_device_change_services(struct fake_bluez *b, struct fake_device *d);
/* The car says @data; lost if nobody has subscribed. */
void fake_device_say(struct fake_bluez *b, struct fake_device *d,
	const void *data, size_t len);

unsigned int fake_bluez_n_clients(const struct fake_bluez *b);

/* PropertiesChanged of the value of @o. */
void fake_emit_value(struct fake_bluez *b, const struct fake_object *o,
	const void *data, size_t len);
