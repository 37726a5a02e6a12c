// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
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

// list prints what the bridge is to be asked for, as "DEED" or "DEED|refused".
func list([]string) error {
	for _, d := range deeds {
		fmt.Println(d.name)
	}
	for _, d := range written {
		fmt.Println(d.name)
	}
	for _, d := range refused {
		fmt.Println(d.name + "|refused")
	}
	for _, d := range strange {
		fmt.Println(d.name + "|refused")
	}
	return nil
}

func isDone(err error) error { return err }

// isRefused wants an error of the car, and not of what is between.
func isRefused(err error) error {
	var fault *protocol.RoutableMessageError
	switch {
	case err == nil:
		return errors.New("the car did it")
	case protocol.IsNominalError(err) || errors.As(err, &fault):
		return nil
	}
	return err
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

	n, good := 0, true
	try := func(label string, d deed, judge func(error) error) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		n++
		err := write(labels, record{Label: label})
		if err == nil {
			err = judge(d.do(v, ctx))
		}
		good = report(n, err, d.name) && good
	}

	fmt.Printf("1..%d\n", len(reads)+len(deeds)+len(written)+len(alone)+len(refused)+len(strange))
	for _, d := range slices.Concat(reads, deeds) {
		try(d.name, d, isDone)
	}
	for _, d := range written {
		fmt.Printf("# note: %s: a message written here, as their client lacks %s\n", d.name, d.lacks)
		try(d.name, d.deed, isDone)
	}
	for _, d := range alone {
		fmt.Printf("# note: %s: not compared, as %s\n", d.name, d.why)
		try(unlabelled, d.deed, isDone)
	}
	for _, d := range refused {
		try(d.name, d, isRefused)
	}
	for _, d := range strange {
		fmt.Printf("# note: %s: a message written here, as their client lacks %s\n", d.name, d.lacks)
		try(d.name, d.deed, isRefused)
	}
	if !good {
		return errors.New("not every request was answered as it should be")
	}
	return nil
}
