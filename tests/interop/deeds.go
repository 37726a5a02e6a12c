// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"time"

	"github.com/teslamotors/vehicle-command/pkg/vehicle"
)

type (
	car = vehicle.Vehicle
	act = func(*car, context.Context) error
)

// deed is one request: named as the bridge's menu writes it.
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

func state(category vehicle.StateCategory) act {
	return func(v *car, ctx context.Context) error {
		_, err := v.GetState(ctx, category)
		return err
	}
}

func bodyState(v *car, ctx context.Context) error {
	_, err := v.BodyControllerState(ctx)
	return err
}

func heat(seat vehicle.SeatPosition, level vehicle.Level) act {
	return with((*car).SetSeatHeater, map[vehicle.SeatPosition]vehicle.Level{seat: level})
}

func autoSeats(on bool, seats ...vehicle.SeatPosition) act {
	return with2((*car).AutoSeatAndClimate, seats, on)
}

var deeds = []deed{
	{"body-controller-state", bodyState},
	{"lock", (*car).Lock},
	{"unlock", (*car).Unlock},
	{"drive", (*car).RemoteDrive},
	{"wake", (*car).Wakeup},
	{"frunk-open", (*car).OpenFrunk},
	{"trunk-open", (*car).OpenTrunk},
	{"trunk-close", (*car).CloseTrunk},
	{"ping", (*car).Ping},
	{"honk", (*car).HonkHorn},
	{"flash-lights", (*car).FlashLights},
	{"windows-vent", (*car).VentWindows},
	{"windows-close", (*car).CloseWindows},
	{"sentry-mode on", with((*car).SetSentryMode, true)},
	{"sentry-mode off", with((*car).SetSentryMode, false)},
	{"charge-port-open", (*car).ChargePortOpen},
	{"charge-port-close", (*car).ChargePortClose},
	{"charging-start", (*car).ChargeStart},
	{"charging-stop", (*car).ChargeStop},
	{"charging-set-limit 90", with((*car).ChangeChargeLimit, 90)},
	{"charging-set-amps 12", with((*car).SetChargingAmps, 12)},
	{"charging-schedule 23:30", with2((*car).ScheduleCharging, true, 23*time.Hour+30*time.Minute)},
	{"charging-schedule-cancel", with2((*car).ScheduleCharging, false, 0)},
	{"low-power-mode on", with((*car).SetLowPowerMode, true)},
	{"keep-accessory-power on", with((*car).SetKeepAccessoryPowerMode, true)},
	{"climate-on", (*car).ClimateOn},
	{"climate-off", (*car).ClimateOff},
	{"climate-set-temp 21c", with2((*car).ChangeClimateTemp, 21, 21)},
	{"climate-set-temp 68f", with2((*car).ChangeClimateTemp, 20, 20)},
	{"climate-keeper dog", with2((*car).SetClimateKeeperMode, vehicle.ClimateKeeperModeDog, false)},
	{"auto-seat-and-climate LR off", autoSeats(false, vehicle.SeatFrontLeft, vehicle.SeatFrontRight)},
	{"auto-seat-and-climate R", autoSeats(true, vehicle.SeatFrontRight)},
	{"seat-heater front-left high", heat(vehicle.SeatFrontLeft, vehicle.LevelHigh)},
	{"seat-heater 2nd-row-center low", heat(vehicle.SeatSecondRowCenter, vehicle.LevelLow)},
	{"seat-heater 3rd-row-right medium", heat(vehicle.SeatThirdRowRight, vehicle.LevelMed)},
	{"seat-cooler front-right medium", with2((*car).SetSeatCooler, vehicle.LevelMed, vehicle.SeatFrontRight)},
	{"steering-wheel-heater on", with((*car).SetSteeringWheelHeater, true)},
	{"preconditioning-max on", with2((*car).SetPreconditioningMax, true, false)},
	{"bioweapon-mode on", with2((*car).SetBioweaponDefenseMode, true, false)},
	{"cabin-overheat-protection fan-only", with2((*car).SetCabinOverheatProtection, true, true)},
	{"cabin-overheat-protection on", with2((*car).SetCabinOverheatProtection, true, false)},
	// The bridge looks first whether anything plays.
	{"media-play", (*car).ToggleMediaPlayback},
	{"media-toggle-playback", (*car).ToggleMediaPlayback},
	{"media-set-volume 4", with((*car).SetVolume, 4)},
	{"media-volume-up", (*car).VolumeUp},
	{"media-volume-down", (*car).VolumeDown},
	{"media-next-track", (*car).MediaNextTrack},
	{"media-previous-track", (*car).MediaPreviousTrack},
	{"media-next-favorite", (*car).MediaNextFavorite},
	{"media-previous-favorite", (*car).MediaPreviousFavorite},
	{"software-update-start 2h", with((*car).ScheduleSoftwareUpdate, 2*time.Hour)},
	{"software-update-cancel", (*car).CancelSoftwareUpdate},
	{"state-drive", state(vehicle.StateCategoryDrive)},
	{"state-closures", state(vehicle.StateCategoryClosures)},
	{"state-media", state(vehicle.StateCategoryMedia)},
}

// refused are requests that a Model 3 does not do: an error of the car, in
// its own words, and not of the protocol.
var refused = []deed{
	{"tonneau-open", (*car).OpenTonneau},
	{"tonneau-close", (*car).CloseTonneau},
	{"tonneau-stop", (*car).StopTonneau},
	{"autosecure-modelx", (*car).AutoSecureVehicle},
	{"charging-stop", (*car).ChargeStop},
}
