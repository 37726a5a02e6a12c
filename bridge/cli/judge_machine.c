/* SPDX-License-Identifier: MIT */

#include "cli/judge.h"

#include <stdio.h>
#include <string.h>

void judge_service(struct judge *judge)
{
	const struct facts_host *host = judge->host;

	if (judge->facts->is_mute) {
		judge_say(judge, WALK_PROBLEM,
			"The bridge is running, but does not tell how it is: "
			"%s.",
			judge->facts->why_no_look);
		judge_advise(judge,
			"If it stays so, restart it: sudo systemctl restart "
			"1sat2flash");
	} else if (judge->facts->is_on_bus) {
		judge_say(judge, WALK_OK, "The bridge is running.");
		if (strcmp(host->unit_file, "disabled") == 0)
			judge_advise(judge,
				"It is not started at boot; so that it is: "
				"sudo systemctl enable 1sat2flash");
	} else if (!host->has_bus) {
		judge_say(judge, WALK_PROBLEM,
			"There is no D-Bus system bus, so neither bridge nor "
			"Bluetooth can be reached.");
		judge_advise(
			judge, "Install and start it: sudo apt install dbus");
	} else if (strcmp(host->unit_active, "failed") == 0) {
		judge_say(judge, WALK_PROBLEM,
			"The bridge was started, but failed.");
		judge_advise(judge,
			"Its last words: journalctl -u 1sat2flash -n 20");
	} else if (strcmp(host->unit_active, "activating") == 0) {
		judge_say(judge, WALK_PROBLEM, "The bridge is just starting.");
		judge_advise(judge,
			"Ask again in a few seconds; if it stays so: "
			"journalctl -u 1sat2flash -n 20");
	} else if (strcmp(host->unit_active, "active") == 0) {
		judge_say(judge, WALK_PROBLEM,
			"The bridge is running, but cannot be reached on "
			"D-Bus.");
		judge_advise(
			judge, "Restart it: sudo systemctl restart 1sat2flash");
	} else if (strcmp(host->unit_file, "disabled") == 0) {
		judge_say(judge, WALK_PROBLEM,
			"The bridge is not running, and not started at boot.");
		judge_advise(judge,
			"Do both: sudo systemctl enable --now 1sat2flash");
	} else {
		judge_say(judge, WALK_PROBLEM, "The bridge is not running.");
		judge_advise(
			judge, "Start it: sudo systemctl start 1sat2flash");
	}
}

void judge_setup(struct judge *judge)
{
	const struct facts_bridge *bridge = judge->bridge;
	char all[WALK_TEXT_SIZE] = "";
	size_t len = 0;

	if (judge->facts->is_on_bus) {
		judge_say(judge, WALK_OK, "Configuration and key are in use.");
		return;
	}
	if (!judge->facts->is_final)
		return;

	for (size_t i = 0; i < bridge->n_problems && len < sizeof(all); i++) {
		const char *problem = bridge->problems[i];
		size_t n = strlen(problem);

		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s%s",
			i == 0 ? "" : " ", problem,
			n > 0 && problem[n - 1] == '.' ? "" : ".");
	}
	if (judge->facts->source != FACTS_DIAGNOSE)
		judge_say_unknown(judge, "");
	else if (bridge->n_problems > 0)
		judge_say(judge, WALK_PROBLEM, "%s", all);
	else if (judge->facts->why_silent[0] != '\0')
		judge_say(judge, WALK_PROBLEM, "%s.", judge->facts->why_silent);
	else
		judge_say(judge, WALK_OK, "Configuration and key can be used.");
}

/* A car in software: a link that needs no radio. */
static bool is_without_radio(const struct judge *judge)
{
	const struct facts_bridge *bridge = judge->bridge;

	if (bridge->adapter[0] != '\0')
		return false;
	if (strcmp(bridge->link, "ready") == 0)
		return true;
	/* Who got past the adapter over Bluetooth would know its name. */
	return judge->facts->is_final && judge_is_looked(judge) &&
	       (bridge->session_vcsec == ANSWER_YES ||
		       (bridge->car_trouble[0] != '\0' &&
			       judge_trouble_check(bridge->car_trouble) >
				       WALK_ADAPTER));
}

void judge_bluetooth(struct judge *judge)
{
	if (is_without_radio(judge))
		judge_say(
			judge, WALK_OK, "Not needed: the car is at a socket.");
	else if (judge_say_own_trouble(judge, WALK_BLUETOOTH))
		return;
	else if (judge->host->has_bluez == ANSWER_YES)
		judge_say(judge, WALK_OK, "Its service, bluetoothd, answers.");
	else if (judge->facts->is_final && !judge->host->has_bus)
		judge_say(judge, WALK_SKIPPED,
			"Not looked at, because of D-Bus.");
	else if (judge->facts->is_final)
		judge_say_trouble(judge, "no-bluetooth");
}

void judge_adapter(struct judge *judge)
{
	const struct facts_host *host = judge->host;
	const struct facts_adapter *found = NULL;
	bool is_blocked = host->is_rfkilled;

	for (size_t i = 0; i < host->n_adapters; i++) {
		if (found == NULL && host->adapters[i].is_on)
			found = &host->adapters[i];
		is_blocked = is_blocked || host->adapters[i].is_blocked;
	}

	if (is_without_radio(judge))
		judge_say(judge, WALK_OK, "None is needed.");
	else if (judge_say_own_trouble(judge, WALK_ADAPTER))
		return;
	else if (judge->bridge->adapter[0] != '\0' && found != NULL)
		judge_say(judge, WALK_OK, "%s is on.", judge->bridge->adapter);
	else if (!judge->facts->is_final)
		return;
	else if (found != NULL)
		judge_say(judge, WALK_OK, "%s (%s) is on.", found->name,
			found->address);
	else if (is_blocked)
		judge_say_trouble(judge, "adapter-blocked");
	else
		judge_say_trouble(judge,
			host->n_adapters == 0 ? "no-adapter" : "adapter-off");
}

void judge_state(struct judge *judge)
{
	const struct facts_host *host = judge->host;
	const char *dir = host->state_dir;

	if (!host->has_state_dir && judge->facts->is_on_bus) {
		judge_say(judge, WALK_OK,
			"The running bridge has it elsewhere than in %s.", dir);
	} else if (!host->has_state_dir) {
		judge_say(judge, WALK_PROBLEM, "%s is not there.", dir);
		judge_advise(judge,
			"It comes when the bridge is first started: "
			"sudo systemctl start 1sat2flash");
	} else if (host->is_state_durable) {
		judge_say(judge, WALK_OK, "%s is on a disk.", dir);
	} else if (judge->bridge->taking_payments == ANSWER_YES) {
		judge_say(judge, WALK_OK,
			"%s is forgotten at power-off, which the bridge was "
			"told to accept.",
			dir);
	} else {
		judge_say(judge, WALK_PROBLEM,
			"%s is forgotten at power-off (tmpfs or overlay), and "
			"with it what was paid.",
			dir);
		judge_advise(judge,
			"Put it on a disk: mount one there, or leave it "
			"out of the overlay.");
	}
}

void judge_clock(struct judge *judge)
{
	if (judge->host->is_clock_set) {
		judge_say(judge, WALK_OK, "The clock is synchronised.");
		return;
	}
	judge_say(judge, WALK_PROBLEM,
		"The clock is not synchronised: actions with hours stay "
		"closed, and what was paid while the bridge was away is owed.");
	judge_advise(judge, "Give the Pi a network, then see: timedatectl");
}
