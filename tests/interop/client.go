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
	trace := flags.String("trace", "", "file that is told what is sent next")
	_ = flags.Parse(args)

	labels, err := openTrace(*trace)
	if err != nil {
		return err
	}
	v, err := connect(*socket, *vin, *key)
	if err != nil {
		return err
	}
	defer v.Disconnect()

	fmt.Printf("1..%d\n", len(deeds)+len(refused))
	good := true
	do := func(d deed) error {
		if err := write(labels, record{Label: d.name}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return d.do(v, ctx)
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
