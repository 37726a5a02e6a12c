// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"time"

	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/keys"
	"github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/vcsec"
	"github.com/teslamotors/vehicle-command/pkg/vehicle"
)

type (
	car = vehicle.Vehicle
	act = func(*car, context.Context) error
)

// deed is one request: named as the bridge's menu writes it, with PIN for the
// file that has it.
type deed struct {
	name string
	do   act
}

func with[A any](do func(*car, context.Context, A) error, a A) act {
	return func(v *car, ctx context.Context) error { return do(v, ctx, a) }
}

func with2[A, B any](do func(*car, context.Context, A, B) error, a A, b B) act {
	return func(v *car, ctx context.Context) error { return do(v, ctx, a, b) }
}

func with3[A, B, C any](do func(*car, context.Context, A, B, C) error, a A, b B, c C) act {
	return func(v *car, ctx context.Context) error { return do(v, ctx, a, b, c) }
}

func with4[A, B, C, D any](do func(*car, context.Context, A, B, C, D) error, a A, b B, c C, d D) act {
	return func(v *car, ctx context.Context) error { return do(v, ctx, a, b, c, d) }
}

// give drops what a read returns.
func give[R any](read func(*car, context.Context) (R, error)) act {
	return func(v *car, ctx context.Context) error {
		_, err := read(v, ctx)
		return err
	}
}

func give1[A, R any](read func(*car, context.Context, A) (R, error), a A) act {
	return func(v *car, ctx context.Context) error {
		_, err := read(v, ctx, a)
		return err
	}
}

func state(category vehicle.StateCategory) act {
	return give1((*car).GetState, category)
}

func heat(seat vehicle.SeatPosition, level vehicle.Level) act {
	return with((*car).SetSeatHeater, map[vehicle.SeatPosition]vehicle.Level{seat: level})
}

func autoSeats(on bool, seats ...vehicle.SeatPosition) act {
	return with2((*car).AutoSeatAndClimate, seats, on)
}

func clock(hours, minutes time.Duration) time.Duration {
	return hours*time.Hour + minutes*time.Minute
}

const (
	pin       = "1234"
	latitude  = 52.517
	longitude = 13.3889
	// Monday is 2, as Sunday is 1.
	weekdays = 2 + 4 + 8 + 16 + 32
	weekend  = 1 + 64
)

// deeds are what their client has a call for, in an order that a car does.
var deeds = []deed{
	{"lock", (*car).Lock},
	{"unlock", (*car).Unlock},
	{"drive", (*car).RemoteDrive},
	{"wake", (*car).Wakeup},
	{"frunk-open", (*car).OpenFrunk},
	{"trunk-open", (*car).OpenTrunk},
	{"trunk-close", (*car).CloseTrunk},
	{"trunk-move", (*car).ActuateTrunk},
	{"ping", (*car).Ping},
	{"honk", (*car).HonkHorn},
	{"flash-lights", (*car).FlashLights},
	{"windows-vent", (*car).VentWindows},
	{"windows-close", (*car).CloseWindows},
	{"homelink 52.517 13.3889", with2((*car).TriggerHomelink, latitude, longitude)},
	{"sentry-mode on", with((*car).SetSentryMode, true)},
	{"sentry-mode off", with((*car).SetSentryMode, false)},
	{"vehicle-name Lightning McCar", with((*car).SetVehicleName, "Lightning McCar")},

	{"charge-port-open", (*car).ChargePortOpen},
	{"charge-port-close", (*car).ChargePortClose},
	{"charging-start", (*car).ChargeStart},
	{"charging-stop", (*car).ChargeStop},
	{"charging-max-range", (*car).ChargeMaxRange},
	{"charging-standard", (*car).ChargeStandardRange},
	{"charging-set-limit 90", with((*car).ChangeChargeLimit, 90)},
	{"charging-set-amps 12", with((*car).SetChargingAmps, 12)},
	{"charging-set-amps 0", with((*car).SetChargingAmps, 0)},
	{"charging-schedule 23:30", with2((*car).ScheduleCharging, true, clock(23, 30))},
	{"charging-schedule-cancel", with2((*car).ScheduleCharging, false, 0)},
	{"charging-schedule-add weekdays 23:30-06:00 52.517 13.3889 once 7 true",
		with((*car).AddChargeSchedule, &vehicle.ChargeSchedule{
			Id: 7, DaysOfWeek: weekdays, StartEnabled: true, StartTime: 23*60 + 30, EndEnabled: true,
			EndTime: 6 * 60, OneTime: true, Enabled: true, Latitude: latitude, Longitude: longitude,
		})},
	{"charging-schedule-add sun,sat 01:00- 52.517 13.3889 weekly 8 false",
		with((*car).AddChargeSchedule, &vehicle.ChargeSchedule{
			Id: 8, DaysOfWeek: weekend, StartEnabled: true, StartTime: 60, Latitude: latitude, Longitude: longitude,
		})},
	{"charging-schedule-remove id 7", with((*car).RemoveChargeSchedule, 7)},
	{"charging-schedule-remove home", with3((*car).BatchRemoveChargeSchedules, true, false, false)},
	{"charging-schedule-remove other", with3((*car).BatchRemoveChargeSchedules, false, false, true)},
	{"scheduled-departure 07:30 weekdays all 06:00", with4((*car).ScheduleDeparture,
		clock(7, 30), clock(6, 0), vehicle.ChargingPolicyWeekdays, vehicle.ChargingPolicyAllDays)},
	{"scheduled-departure 07:30", with4((*car).ScheduleDeparture,
		clock(7, 30), 0, vehicle.ChargingPolicyOff, vehicle.ChargingPolicyOff)},
	{"scheduled-departure-cancel", (*car).ClearScheduledDeparture},
	{"low-power-mode on", with((*car).SetLowPowerMode, true)},
	{"low-power-mode off", with((*car).SetLowPowerMode, false)},
	{"keep-accessory-power on", with((*car).SetKeepAccessoryPowerMode, true)},

	{"climate-on", (*car).ClimateOn},
	{"climate-off", (*car).ClimateOff},
	{"climate-set-temp 21c", with2((*car).ChangeClimateTemp, 21, 21)},
	{"climate-set-temp 68f", with2((*car).ChangeClimateTemp, 20, 20)},
	{"climate-keeper dog", with2((*car).SetClimateKeeperMode, vehicle.ClimateKeeperModeDog, false)},
	{"climate-keeper camp override", with2((*car).SetClimateKeeperMode, vehicle.ClimateKeeperModeCamp, true)},
	{"auto-seat-and-climate LR off", autoSeats(false, vehicle.SeatFrontLeft, vehicle.SeatFrontRight)},
	{"auto-seat-and-climate R", autoSeats(true, vehicle.SeatFrontRight)},
	{"seat-heater front-left high", heat(vehicle.SeatFrontLeft, vehicle.LevelHigh)},
	{"seat-heater front-right off", heat(vehicle.SeatFrontRight, vehicle.LevelOff)},
	{"seat-heater 2nd-row-left low", heat(vehicle.SeatSecondRowLeft, vehicle.LevelLow)},
	{"seat-heater 2nd-row-left-back low", heat(vehicle.SeatSecondRowLeftBack, vehicle.LevelLow)},
	{"seat-heater 2nd-row-center low", heat(vehicle.SeatSecondRowCenter, vehicle.LevelLow)},
	{"seat-heater 2nd-row-right low", heat(vehicle.SeatSecondRowRight, vehicle.LevelLow)},
	{"seat-heater 2nd-row-right-back low", heat(vehicle.SeatSecondRowRightBack, vehicle.LevelLow)},
	{"seat-heater 3rd-row-left medium", heat(vehicle.SeatThirdRowLeft, vehicle.LevelMed)},
	{"seat-heater 3rd-row-right medium", heat(vehicle.SeatThirdRowRight, vehicle.LevelMed)},
	{"seat-cooler front-left off", with2((*car).SetSeatCooler, vehicle.LevelOff, vehicle.SeatFrontLeft)},
	{"seat-cooler front-right medium", with2((*car).SetSeatCooler, vehicle.LevelMed, vehicle.SeatFrontRight)},
	{"steering-wheel-heater on", with((*car).SetSteeringWheelHeater, true)},
	{"preconditioning-max on", with2((*car).SetPreconditioningMax, true, false)},
	{"preconditioning-max on override", with2((*car).SetPreconditioningMax, true, true)},
	{"bioweapon-mode on", with2((*car).SetBioweaponDefenseMode, true, false)},
	{"bioweapon-mode on override", with2((*car).SetBioweaponDefenseMode, true, true)},
	{"cabin-overheat-protection fan-only", with2((*car).SetCabinOverheatProtection, true, true)},
	{"cabin-overheat-protection on", with2((*car).SetCabinOverheatProtection, true, false)},
	{"cabin-overheat-temp high", with((*car).SetCabinOverheatProtectionTemperature, vehicle.LevelHigh)},
	{"precondition-schedule-add mon 07:30 52.517 13.3889",
		with((*car).AddPreconditionSchedule, &vehicle.PreconditionSchedule{
			Id: 1, DaysOfWeek: 2, PreconditionTime: 7*60 + 30, Enabled: true, Latitude: latitude, Longitude: longitude,
		})},
	{"precondition-schedule-add sun,sat 07:30 52.517 13.3889 once 9 true",
		with((*car).AddPreconditionSchedule, &vehicle.PreconditionSchedule{
			Id: 9, DaysOfWeek: weekend, PreconditionTime: 7*60 + 30, OneTime: true, Enabled: true,
			Latitude: latitude, Longitude: longitude,
		})},
	{"precondition-schedule-remove id 9", with((*car).RemovePreconditionSchedule, 9)},
	{"precondition-schedule-remove work", with3((*car).BatchRemovePreconditionSchedules, false, true, false)},

	// The bridge looks first whether anything plays.
	{"media-play", (*car).ToggleMediaPlayback},
	{"media-toggle-playback", (*car).ToggleMediaPlayback},
	{"media-set-volume 4", with((*car).SetVolume, 4)},
	{"media-set-volume 0", with((*car).SetVolume, 0)},
	{"media-volume-up", (*car).VolumeUp},
	{"media-volume-down", (*car).VolumeDown},
	{"media-next-track", (*car).MediaNextTrack},
	{"media-previous-track", (*car).MediaPreviousTrack},
	{"media-next-favorite", (*car).MediaNextFavorite},
	{"media-previous-favorite", (*car).MediaPreviousFavorite},

	{"valet-mode-on PIN", with((*car).EnableValetMode, pin)},
	{"valet-mode-off", (*car).DisableValetMode},
	{"valet-mode-reset-pin", (*car).ResetValetPin},
	{"guest-mode-on", with((*car).SetGuestMode, true)},
	{"erase-guest-data", (*car).EraseGuestData},
	{"guest-mode-off", with((*car).SetGuestMode, false)},
	{"speed-limit-set 65mph", with((*car).SpeedLimitSetLimitMPH, 65)},
	{"speed-limit-activate PIN", with((*car).ActivateSpeedLimit, pin)},
	{"speed-limit-deactivate PIN", with((*car).DeactivateSpeedLimit, pin)},
	{"speed-limit-clear-pin PIN", with((*car).ClearSpeedLimitPIN, pin)},
	{"speed-limit-clear-pin-admin", (*car).ClearSpeedLimitPINAdminAction},
	{"pin-to-drive-reset", (*car).ResetPIN},
	{"pin-to-drive-reset-admin", (*car).ClearPINToDrive},
	{"software-update-start 2h", with((*car).ScheduleSoftwareUpdate, 2*time.Hour)},
	{"software-update-cancel", (*car).CancelSoftwareUpdate},
}

// refused are requests that a Model 3 does not do: an error of the car, in
// its own words, and not of the protocol.
var refused = []deed{
	{"tonneau-open", (*car).OpenTonneau},
	{"tonneau-close", (*car).CloseTonneau},
	{"tonneau-stop", (*car).StopTonneau},
	{"autosecure-modelx", (*car).AutoSecureVehicle},
	{"sunroof-open 50", with((*car).ChangeSunroofState, 50)},
	{"sunroof-close", with((*car).ChangeSunroofState, 0)},
}

// reads are what "1sat2flash state" reads.
var reads = []deed{
	{"body-controller-state", give((*car).BodyControllerState)},
	{"state-charge", state(vehicle.StateCategoryCharge)},
	{"state-climate", state(vehicle.StateCategoryClimate)},
	{"state-drive", state(vehicle.StateCategoryDrive)},
	{"state-location", state(vehicle.StateCategoryLocation)},
	{"state-closures", state(vehicle.StateCategoryClosures)},
	{"state-charge-schedule", state(vehicle.StateCategoryChargeSchedule)},
	{"state-precondition-schedule", state(vehicle.StateCategoryPreconditioningSchedule)},
	{"state-tire-pressure", state(vehicle.StateCategoryTirePressure)},
	{"state-media", state(vehicle.StateCategoryMedia)},
	{"state-media-detail", state(vehicle.StateCategoryMediaDetail)},
	{"state-software-update", state(vehicle.StateCategorySoftwareUpdate)},
	{"state-parental-controls", state(vehicle.StateCategoryParentalControls)},
}

// odd is a deed that their client can seal, but lacks something for: the
// message is written here, as vehicle-protocol 7 and B have it.
type odd struct {
	deed
	lacks string
}

const (
	aCall     = "a call"
	theFields = "the fields"
)

var written = []odd{
	{deed{"charge-door-open", unsigned(`{"closureMoveRequest": {"chargePort": "CLOSURE_MOVE_TYPE_OPEN"}}`)}, aCall},
	{deed{"charge-door-close", unsigned(`{"closureMoveRequest": {"chargePort": "CLOSURE_MOVE_TYPE_CLOSE"}}`)}, aCall},
	{deed{"parental-controls-set-speed-limit 65mph", raw("120c8a0709090000000000405040")}, theFields},
	{deed{"parental-controls-enable-setting speed-limit on", raw("12058207021001")}, theFields},
	{deed{"parental-controls-enable-setting curfew on", raw("120782070408031001")}, theFields},
	{deed{"parental-controls-enable-setting curfew off", raw("12058207020803")}, theFields},
	{deed{"parental-controls-on PIN", raw("120bfa06080801120431323334")}, theFields},
	{deed{"parental-controls-off PIN", raw("1209fa0606120431323334")}, theFields},
	{deed{"parental-controls-clear-pin PIN", raw("1209ea06060a0431323334")}, theFields},
	{deed{"door-open driver", unsigned(`{"closureMoveRequest": {"frontDriverDoor": "CLOSURE_MOVE_TYPE_OPEN"}}`)}, aCall},
	{deed{"boombox 2000", raw("120682040308d00f")}, theFields},
	{deed{"light-show-start 3 5 on", raw("120caa070908031d0000a0402001")}, theFields},
	{deed{"light-show-stop", raw("1203a20700")}, theFields},
	{deed{"dashcam-save", raw("1203fa0200")}, theFields},
	{deed{"navigate 52.517 13.3889", raw("1217aa0314091904560e2d424a40112cd49ae61dc72a401801")}, theFields},
}

// strange are refused by a Model 3.
var strange = []odd{
	{deed{"sunroof-vent", action(`{"vehicleControlSunroofOpenCloseAction": {"vent": {}}}`)}, aCall},
	{deed{"parental-controls-clear-pin-admin", raw("1203f20600")}, theFields},
	{deed{"door-close rear-passenger", unsigned(`{"closureMoveRequest": {"rearPassengerDoor": "CLOSURE_MOVE_TYPE_CLOSE"}}`)}, aCall},
}

// stranger is a key to put on the car's list, and to take off it again.
var stranger = func() *ecdh.PublicKey {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key.PublicKey()
}()

// alone are what the bridge does not send, and why.
var alone = []struct {
	deed
	why string
}{
	{deed{"list-keys", give((*car).KeySummary)}, "the bridge knows one key, its own"},
	{deed{"list-keys slot 0", give1((*car).KeyInfoBySlot, 0)}, "it asks by key, not by slot"},
	{deed{"add-key", func(v *car, ctx context.Context) error {
		return v.AddKeyWithRole(ctx, stranger, keys.Role_ROLE_GUEST, vcsec.KeyFormFactor_KEY_FORM_FACTOR_CLOUD_KEY)
	}}, "a key is put on the list by a person with a key card"},
	{deed{"remove-key", with((*car).RemoveKey, stranger)}, "it takes no key off the list but its own"},
}
