/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * State - what infotainment tells of the car, one category at a time
 *
 * As a Model 3 does: what it has not, or does not know, is absent.
 * Spec: vehicle-protocol 7.3 and appendix A.
 */

#include "car_server.pb-c.h"
#include "world.h"

/* The charge state with its parts; it refers to itself. */
struct charge_state {
	CarServer__ChargeState state;
	CarServer__ChargeState__ChargingState charging;
	CarServer__ChargeState__ChargerType charger;
	CarServer__ChargeState__ChargerBrand brand;
	CarServer__ChargeState__CableType cable;
	CarServer__ChargePortLatchState latch;
	CarServer__PreconditioningTimes preconditioning;
	CarServer__OffPeakChargingTimes off_peak;
	CarServer__LatLong home;
	CarServer__LatLong work;
};

struct climate_state {
	CarServer__ClimateState state;
	CarServer__ClimateState__ClimateKeeperMode keeper;
	CarServer__ClimateState__DefrostMode defrost;
};

struct charge_schedule_state {
	CarServer__ChargeScheduleState state;
	CarServer__ChargeSchedule list[SCHEDULES_MAX];
	CarServer__ChargeSchedule *pointers[SCHEDULES_MAX];
	char names[SCHEDULES_MAX][SCHEDULE_NAME_SIZE];
};

struct precondition_schedule_state {
	CarServer__PreconditioningScheduleState state;
	CarServer__PreconditionSchedule list[SCHEDULES_MAX];
	CarServer__PreconditionSchedule *pointers[SCHEDULES_MAX];
	char names[SCHEDULES_MAX][SCHEDULE_NAME_SIZE];
};

void charge_state_tell(struct charge_state *ret, const struct world *world,
	CarServer__Void *nothing);

void climate_state_tell(struct climate_state *ret, const struct world *world,
	CarServer__Void *nothing);

void charge_schedule_state_tell(
	struct charge_schedule_state *ret, const struct world *world);

void precondition_schedule_state_tell(
	struct precondition_schedule_state *ret, const struct world *world);

/* An answer of any category, with all of its parts. */
struct state {
	CarServer__VehicleData data;
	CarServer__Timestamp now;
	CarServer__Void nothing;
	CarServer__ShiftState shift;
	CarServer__LatLong route;
	CarServer__LocationState__GPSCoordinateType coordinates;
	CarServer__ClosuresState__DisplayState display;
	CarServer__ClosuresState__SentryModeState sentry;
	CarServer__SpeedLimitMode speed_limit;
	CarServer__ParentalControlsSettings parental_settings;
	CarServer__SoftwareUpdateState__SoftwareUpdateStatus status;
	char texts[4][DEED_TEXT_SIZE];
	union {
		struct charge_state charge;
		struct climate_state climate;
		struct charge_schedule_state charge_schedule;
		struct precondition_schedule_state precondition_schedule;
		CarServer__DriveState drive;
		CarServer__LocationState location;
		CarServer__ClosuresState closures;
		CarServer__TirePressureState tires;
		CarServer__MediaState media;
		CarServer__MediaDetailState detail;
		CarServer__SoftwareUpdateState software;
		CarServer__ParentalControlsState parental;
	};
};

/* Fills @ret->data with the category that @act, ACT_READ_…, reads. */
void state_tell(struct state *ret, const struct world *world, uint64_t now_ms,
	int64_t wall_s, enum act act);
