/* SPDX-License-Identifier: MIT */

#include "model/trouble.h"

#include <stddef.h>
#include <string.h>

#include "util/macro.h"

/*
 * In the words of who owns a car and has a Pi in it.  From adapter to node, as
 * one would look for the cause: bluez B.3, vehicle-protocol 5 and 6.1.
 */
static const struct trouble rows[] = {
	/* This machine's Bluetooth. */
	{ "no-bluetooth", "Bluetooth does not run on this machine.",
		"Start it with: sudo systemctl enable --now bluetooth. If "
		"there is no such service, install it first: sudo apt install "
		"bluez." },
	{ "no-adapter",
		"There is no Bluetooth adapter, or not the one that was asked "
		"for.",
		"See which there are with: bluetoothctl list. The adapter of a "
		"Raspberry Pi is off if /boot/firmware/config.txt has "
		"\"dtoverlay=disable-bt\", and sometimes missing until the "
		"next reboot. Any USB adapter for Bluetooth 4.0 or later does "
		"as well." },
	{ "adapter-off", "The Bluetooth adapter is switched off.",
		"Switch it on with: bluetoothctl power on." },
	{ "adapter-blocked", "Bluetooth is blocked on this machine (rfkill).",
		"Unblock it with: sudo rfkill unblock bluetooth. If it is "
		"blocked again at once, there is a switch on the machine." },

	/* The way to the car. */
	{ "car-not-heard", "The car is not heard.",
		"Bring this machine to the car, best into it: a few metres and "
		"a door are often too much. Check the VIN, as the car is known "
		"by it. Open a door, in case the car is in a deep sleep." },
	{ "car-full",
		"The car is heard, but has no connection left: it takes three "
		"at a time.",
		"Each phone that is a key of the car takes one while it is "
		"near. Switch off Bluetooth on one of them, or take it away." },
	{ "car-not-connecting", "The car is heard, but no connection comes up.",
		"Bring this machine closer to the car. Wi-Fi on 2.4 GHz "
		"disturbs the Bluetooth of a Raspberry Pi: use 5 GHz, a cable, "
		"or a USB adapter for Bluetooth. It may also be that phones "
		"hold all three connections that the car has." },
	{ "link-lost", "The car dropped the connection.",
		"That happens now and then, and it is taken up again. If it "
		"happens often, bring this machine closer to the car." },
	{ "link-failed", "The Bluetooth connection failed.",
		"It is tried again. If that goes on, restart Bluetooth with: "
		"sudo systemctl restart bluetooth, and see what it says with: "
		"journalctl -u bluetooth." },
	{ "link-closed", "There is no connection to the car at present.",
		"It comes up when there is something to do." },
	{ "link-lent",
		"Another program has the connection to the car: "
		"1sat2flash-pair.",
		"Orders wait until it ends. If nobody is pairing, end it." },
	{ "not-a-car",
		"Something answers to the name of the car, but it is no car.",
		"Check the VIN, and whether a simulated car of the same VIN "
		"runs nearby." },

	/* The car and our key. */
	{ "key-not-enrolled", "The car does not know this key.",
		"Pair it, in the car and with a key card at hand: sudo "
		"1sat2flash-pair." },
	{ "car-silent", "The car is connected, but does not answer.",
		"Open a door to wake it. If it stays silent, restart the "
		"car's screen: hold both buttons of the steering wheel until "
		"it goes dark." },
	{ "locked-out",
		"The car refused our signature three times in a row; the "
		"bridge pauses for some minutes.",
		"It goes on by itself. If it comes back, see that no other "
		"program uses the same key: each needs one of its own." },
	{ "half-enrolled",
		"The car's locks know this key, the computer of its screen "
		"does not yet.",
		"It learns of it when it is awake: open a door, wait for the "
		"screen, and look again with: sudo 1sat2flash-pair --status." },

	/* Why a request for a new key came to nothing. */
	{ "tap-timed-out", "Nobody tapped a key card in time.",
		"Start again, and tap your key card on the console, behind the "
		"cup holders, within a minute. Nothing appears on the screen "
		"before that." },
	{ "screen-not-answered",
		"The card was tapped, but nobody confirmed on the screen.",
		"Start again. After the tap the car's screen asks about a new "
		"key: confirm it there." },
	{ "denied-on-screen", "Somebody said no on the car's screen.",
		"If that was a mistake, start again and confirm." },
	{ "cancelled-on-screen",
		"The request was cancelled, on the car's screen or by another "
		"one.",
		"If that was a mistake, start again and confirm. Only one "
		"program can ask for a key at a time." },
	{ "screen-dark", "The car could not ask, as its screen is dark.",
		"Sit down in the car, press the brake, wait for the screen, "
		"and start again." },
	{ "key-list-full", "The car's list of keys is full.",
		"Delete one that nobody needs on the car's screen, under "
		"Controls > Locks, and start again." },
	{ "valet-mode", "The car is in valet mode, and takes no new keys.",
		"End valet mode on the car's screen, and start again." },
	{ "not-permitted", "The car does not permit this.",
		"A new key needs the key card of an owner. A key that is there "
		"may do what its role allows; the role that can flash, honk "
		"and open is \"driver\"." },
	{ "enrol-refused", "The car refused the key.",
		"Sit down in the car, press the brake, wait for the screen, "
		"and start again. If it refuses again, restart the screen: "
		"hold both buttons of the steering wheel until it goes dark." },
	{ "enrol-timed-out", "The car did not take the key in time.",
		"Start again, and tap your key card on the console, behind the "
		"cup holders, when it says so. Then confirm on the screen." },
	{ "failed-here", "Something failed on this machine.",
		"Start again. If it fails again, see what it says with "
		"--debug." },

	/* The node. */
	{ "node-not-reached", "The Lightning node cannot be reached.",
		"See that lightningd runs, and that \"rpc\" in "
		"/etc/1sat2flash/1sat2flash.conf is the path of its socket "
		"lightning-rpc." },
	{ "node-not-permitted", "The bridge may not use the node's socket.",
		"Let it: add the user _1sat2flash to the group of the node, "
		"for example with: sudo usermod -aG bitcoin _1sat2flash, have "
		"\"rpc-file-mode=0660\" in lightningd's configuration, let the "
		"group into the folders above the socket (chmod g+x), and "
		"restart both." },
	{ "node-far-not-reached", "The Lightning node cannot be reached.",
		"See that this machine has a network, that lightningd runs and "
		"can be called from here (bind-addr or addr in its "
		"configuration, port 9735 open), and that \"address\" in "
		"/etc/1sat2flash/1sat2flash.conf has its id, as lightning-cli "
		"getinfo shows it, and its host and port." },
	{ "node-rune", "The node does not take the bridge's rune.",
		"At the node, make one for what the bridge does: lightning-cli "
		"createrune restrictions='[[\"method=getinfo\","
		"\"method=waitanyinvoice\"]]', or, with hold = yes or plugin = "
		"yes, as 1sat2flash-node(8) shows. Write what it gives as "
		"\"rune\" "
		"to the file that \"rune\" in "
		"/etc/1sat2flash/1sat2flash.conf names, owner root, group "
		"_1sat2flash, mode 640. The bridge need not be restarted." },
	{ "node-plugin", "The node's plugin does not do its part.",
		"At the node, see: lightning-cli 1sat2flash-status. Both "
		"1sat2flash-node and 1sat2flash-guard have to run, and the "
		"guard has to be started last: see 1sat2flash-node(8)." },
};

const struct trouble *trouble_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];

	return NULL;
}
