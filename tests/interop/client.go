// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/teslamotors/vehicle-command/pkg/protocol"
	universal "github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/universalmessage"
	"github.com/teslamotors/vehicle-command/pkg/vehicle"
)

// deed is one request: named as the bridge's menu writes it.
type deed struct {
	name string
	do   func(context.Context, *vehicle.Vehicle) error
}

func state(category vehicle.StateCategory) func(context.Context, *vehicle.Vehicle) error {
	return func(ctx context.Context, v *vehicle.Vehicle) error {
		_, err := v.GetState(ctx, category)
		return err
	}
}

func heat(seat vehicle.SeatPosition, level vehicle.Level) func(context.Context, *vehicle.Vehicle) error {
	return func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetSeatHeater(ctx, map[vehicle.SeatPosition]vehicle.Level{seat: level})
	}
}

var deeds = []deed{
	{"body-controller-state", func(ctx context.Context, v *vehicle.Vehicle) error {
		_, err := v.BodyControllerState(ctx)
		return err
	}},
	{"lock", func(ctx context.Context, v *vehicle.Vehicle) error { return v.Lock(ctx) }},
	{"unlock", func(ctx context.Context, v *vehicle.Vehicle) error { return v.Unlock(ctx) }},
	{"wake", func(ctx context.Context, v *vehicle.Vehicle) error { return v.Wakeup(ctx) }},
	{"frunk-open", func(ctx context.Context, v *vehicle.Vehicle) error { return v.OpenFrunk(ctx) }},
	{"trunk-open", func(ctx context.Context, v *vehicle.Vehicle) error { return v.OpenTrunk(ctx) }},
	{"trunk-close", func(ctx context.Context, v *vehicle.Vehicle) error { return v.CloseTrunk(ctx) }},
	{"ping", func(ctx context.Context, v *vehicle.Vehicle) error { return v.Ping(ctx) }},
	{"honk", func(ctx context.Context, v *vehicle.Vehicle) error { return v.HonkHorn(ctx) }},
	{"flash-lights", func(ctx context.Context, v *vehicle.Vehicle) error { return v.FlashLights(ctx) }},
	{"windows-vent", func(ctx context.Context, v *vehicle.Vehicle) error { return v.VentWindows(ctx) }},
	{"windows-close", func(ctx context.Context, v *vehicle.Vehicle) error { return v.CloseWindows(ctx) }},
	{"sentry-mode on", func(ctx context.Context, v *vehicle.Vehicle) error { return v.SetSentryMode(ctx, true) }},
	{"sentry-mode off", func(ctx context.Context, v *vehicle.Vehicle) error { return v.SetSentryMode(ctx, false) }},
	{"charge-port-open", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ChargePortOpen(ctx) }},
	{"charge-port-close", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ChargePortClose(ctx) }},
	{"charging-start", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ChargeStart(ctx) }},
	{"charging-stop", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ChargeStop(ctx) }},
	{"charging-set-limit 90", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ChangeChargeLimit(ctx, 90) }},
	{"charging-set-amps 12", func(ctx context.Context, v *vehicle.Vehicle) error { return v.SetChargingAmps(ctx, 12) }},
	{"charging-schedule 23:30", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.ScheduleCharging(ctx, true, 23*time.Hour+30*time.Minute)
	}},
	{"charging-schedule-cancel", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.ScheduleCharging(ctx, false, 0)
	}},
	{"low-power-mode on", func(ctx context.Context, v *vehicle.Vehicle) error { return v.SetLowPowerMode(ctx, true) }},
	{"keep-accessory-power on", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetKeepAccessoryPowerMode(ctx, true)
	}},
	{"climate-on", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ClimateOn(ctx) }},
	{"climate-off", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ClimateOff(ctx) }},
	{"climate-set-temp 21c", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.ChangeClimateTemp(ctx, 21, 21)
	}},
	{"climate-set-temp 68f", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.ChangeClimateTemp(ctx, 20, 20)
	}},
	{"climate-keeper dog", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetClimateKeeperMode(ctx, vehicle.ClimateKeeperModeDog, false)
	}},
	{"auto-seat-and-climate LR off", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.AutoSeatAndClimate(ctx, []vehicle.SeatPosition{vehicle.SeatFrontLeft, vehicle.SeatFrontRight}, false)
	}},
	{"auto-seat-and-climate R", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.AutoSeatAndClimate(ctx, []vehicle.SeatPosition{vehicle.SeatFrontRight}, true)
	}},
	{"seat-heater front-left high", heat(vehicle.SeatFrontLeft, vehicle.LevelHigh)},
	{"seat-heater 2nd-row-center low", heat(vehicle.SeatSecondRowCenter, vehicle.LevelLow)},
	{"seat-heater 3rd-row-right medium", heat(vehicle.SeatThirdRowRight, vehicle.LevelMed)},
	{"seat-cooler front-right medium", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetSeatCooler(ctx, vehicle.LevelMed, vehicle.SeatFrontRight)
	}},
	{"steering-wheel-heater on", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetSteeringWheelHeater(ctx, true)
	}},
	{"preconditioning-max on", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetPreconditioningMax(ctx, true, false)
	}},
	{"bioweapon-mode on", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetBioweaponDefenseMode(ctx, true, false)
	}},
	{"cabin-overheat-protection fan-only", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetCabinOverheatProtection(ctx, true, true)
	}},
	{"cabin-overheat-protection on", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.SetCabinOverheatProtection(ctx, true, false)
	}},
	{"media-toggle-playback", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ToggleMediaPlayback(ctx) }},
	{"media-set-volume 4", func(ctx context.Context, v *vehicle.Vehicle) error { return v.SetVolume(ctx, 4) }},
	{"media-volume-up", func(ctx context.Context, v *vehicle.Vehicle) error { return v.VolumeUp(ctx) }},
	{"media-volume-down", func(ctx context.Context, v *vehicle.Vehicle) error { return v.VolumeDown(ctx) }},
	{"media-next-track", func(ctx context.Context, v *vehicle.Vehicle) error { return v.MediaNextTrack(ctx) }},
	{"media-previous-track", func(ctx context.Context, v *vehicle.Vehicle) error { return v.MediaPreviousTrack(ctx) }},
	{"media-next-favorite", func(ctx context.Context, v *vehicle.Vehicle) error { return v.MediaNextFavorite(ctx) }},
	{"media-previous-favorite", func(ctx context.Context, v *vehicle.Vehicle) error { return v.MediaPreviousFavorite(ctx) }},
	{"software-update-start 2h", func(ctx context.Context, v *vehicle.Vehicle) error {
		return v.ScheduleSoftwareUpdate(ctx, 2*time.Hour)
	}},
	{"software-update-cancel", func(ctx context.Context, v *vehicle.Vehicle) error { return v.CancelSoftwareUpdate(ctx) }},
	{"state-drive", state(vehicle.StateCategoryDrive)},
	{"state-closures", state(vehicle.StateCategoryClosures)},
	{"state-media", state(vehicle.StateCategoryMedia)},
}

// refused are requests that a Model 3 does not do: an error of the car, in
// its own words, and not of the protocol.
var refused = []deed{
	{"tonneau-open", func(ctx context.Context, v *vehicle.Vehicle) error { return v.OpenTonneau(ctx) }},
	{"tonneau-close", func(ctx context.Context, v *vehicle.Vehicle) error { return v.CloseTonneau(ctx) }},
	{"tonneau-stop", func(ctx context.Context, v *vehicle.Vehicle) error { return v.StopTonneau(ctx) }},
	{"autosecure-modelx", func(ctx context.Context, v *vehicle.Vehicle) error { return v.AutoSecureVehicle(ctx) }},
	{"charging-stop", func(ctx context.Context, v *vehicle.Vehicle) error { return v.ChargeStop(ctx) }},
}

func connect(socket, vin, key string) (*vehicle.Vehicle, error) {
	private, err := protocol.LoadPrivateKey(key)
	if err != nil {
		return nil, err
	}
	l, err := dial(socket, vin)
	if err != nil {
		return nil, err
	}
	v, err := vehicle.NewVehicle(l, private, nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err = v.Connect(ctx); err != nil {
		return nil, err
	}
	return v, v.StartSession(ctx, []universal.Domain{
		universal.Domain_DOMAIN_VEHICLE_SECURITY,
		universal.Domain_DOMAIN_INFOTAINMENT,
	})
}

// report prints a line of TAP and returns whether it is a good one.
func report(n int, err error, name string) bool {
	if err != nil {
		fmt.Printf("not ok %d %s\n# %v\n", n, name, err)
		return false
	}
	fmt.Printf("ok %d %s\n", n, name)
	return true
}

func client(args []string) error {
	flags := flag.NewFlagSet("client", flag.ExitOnError)
	socket := flags.String("socket", "", "the car")
	vin := flags.String("vin", "", "its VIN")
	key := flags.String("key", "", "private key, PEM")
	_ = flags.Parse(args)

	v, err := connect(*socket, *vin, *key)
	if err != nil {
		return err
	}
	defer v.Disconnect()

	fmt.Printf("1..%d\n", len(deeds)+len(refused))
	good := true
	do := func(d deed) error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return d.do(ctx, v)
	}
	for i, d := range deeds {
		good = report(i+1, do(d), d.name) && good
	}
	for i, d := range refused {
		err := do(d)
		switch {
		case err == nil:
			err = errors.New("the car did it")
		case protocol.IsNominalError(err):
			err = nil
		}
		good = report(len(deeds)+i+1, err, d.name+" is refused") && good
	}
	if !good {
		return errors.New("not every request was answered as it should be")
	}
	return nil
}
