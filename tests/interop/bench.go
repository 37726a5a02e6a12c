// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/teslamotors/vehicle-command/pkg/protocol"
	universal "github.com/teslamotors/vehicle-command/pkg/protocol/protobuf/universalmessage"
	"github.com/teslamotors/vehicle-command/pkg/vehicle"
)

// timed notes when the client hands over the first message since it was reset.
type timed struct {
	*link
	sent time.Time
}

func (t *timed) Send(ctx context.Context, frame []byte) error {
	if t.sent.IsZero() {
		t.sent = time.Now()
	}
	return t.link.Send(ctx, frame)
}

// resident is VmRSS in KB.
func resident() (kb float64, err error) {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			_, err = fmt.Sscan(value, &kb)
		}
	}
	return kb, err
}

// bench does what tests/bench/bench-client does with the bridge's own code.
func bench(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	socket := flags.String("socket", "", "the car")
	vin := flags.String("vin", "", "its VIN")
	key := flags.String("key", "", "private key, PEM")
	commands := flags.Int("commands", 0, "how many after the first")
	_ = flags.Parse(args)

	private, err := protocol.LoadPrivateKey(*key)
	if err != nil {
		return err
	}
	l, err := dial(*socket, *vin)
	if err != nil {
		return err
	}
	t := &timed{link: l}
	v, err := vehicle.NewVehicle(t, private, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err = v.Connect(ctx); err != nil {
		return err
	}
	defer v.Disconnect()
	// As little as it can do with: the lights are infotainment's.
	if err = v.StartSession(ctx, []universal.Domain{universal.Domain_DOMAIN_INFOTAINMENT}); err != nil {
		return err
	}
	if err = v.FlashLights(ctx); err != nil {
		return err
	}
	fmt.Println("confirmed")
	if *commands == 0 {
		return nil
	}

	untilSent := make([]time.Duration, *commands)
	began := time.Now()
	for i := range untilSent {
		t.sent = time.Time{}
		called := time.Now()
		if err = v.FlashLights(ctx); err != nil {
			return err
		}
		untilSent[i] = t.sent.Sub(called)
	}
	took := time.Since(began)
	slices.Sort(untilSent)
	kb, err := resident()
	fmt.Printf("%.4g %.4g %.4g\n", float64(untilSent[*commands/2].Nanoseconds())/1e3,
		float64(*commands)/took.Seconds(), kb)
	return err
}
