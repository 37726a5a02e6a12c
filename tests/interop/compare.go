// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// trace is what one client sent: by what it was sent for, the payloads, each
// with its envelope.
type trace struct {
	order []string
	sent  map[string]map[string]string
}

// canonical is JSON with its members in order.
func canonical(raw json.RawMessage) (string, error) {
	var any any
	if err := json.Unmarshal(raw, &any); err != nil {
		return "", err
	}
	text, err := json.Marshal(any)
	return string(text), err
}

// unlabelled is the label of what the bridge does not send, as it should not.
const unlabelled = "-"

// purpose is the command that was asked for.  Handshakes and reads are sent
// whenever one is due, and are their own purpose.
func purpose(label, envelope, payload string) string {
	var content struct {
		InformationRequest json.RawMessage
		VehicleAction      struct{ GetVehicleData, GetNearbyChargingSites json.RawMessage }
	}
	switch {
	case payload == "{}":
		return "handshake " + envelope
	case json.Unmarshal([]byte(payload), &content) == nil && (content.InformationRequest != nil ||
		content.VehicleAction.GetVehicleData != nil ||
		content.VehicleAction.GetNearbyChargingSites != nil):
		return "read " + payload
	}
	return label
}

func (t *trace) add(what, payload, envelope string) {
	if t.sent[what] == nil {
		t.order = append(t.order, what)
		t.sent[what] = map[string]string{}
	}
	t.sent[what][payload] = envelope
}

func load(path string) (*trace, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()

	label := "before any command"
	t := &trace{sent: map[string]map[string]string{}}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, err
		}
		if r.Label != "" {
			label = r.Label
			continue
		}
		envelope, err := canonical(r.Envelope)
		if err != nil {
			return nil, err
		}
		payload, err := canonical(r.Payload)
		if err != nil {
			return nil, err
		}
		if label == unlabelled {
			continue
		}
		t.add(purpose(label, envelope, payload), payload, envelope)
	}
	return t, lines.Err()
}

// differ says how two clients' messages for one purpose do.
func differ(theirs, ours map[string]string) error {
	switch {
	case ours == nil:
		return errors.New("we never sent it")
	case theirs == nil:
		return errors.New("they never sent it")
	}
	show := func(sent map[string]string) string {
		var text []string
		for _, payload := range slices.Sorted(maps.Keys(sent)) {
			text = append(text, payload+" in "+sent[payload])
		}
		return strings.Join(text, " and ")
	}
	if their, our := show(theirs), show(ours); their != our {
		return fmt.Errorf("theirs %s\n# ours   %s", their, our)
	}
	return nil
}

// compare judges each purpose of either, then whether each command that the
// bridge has, one a line in the third file, was among them.
func compare(args []string) error {
	if len(args) != 3 {
		return errors.New("compare takes three files")
	}
	theirs, err := load(args[0])
	if err != nil {
		return err
	}
	ours, err := load(args[1])
	if err != nil {
		return err
	}
	rows, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}

	purposes := theirs.order
	for _, what := range ours.order {
		if theirs.sent[what] == nil {
			purposes = append(purposes, what)
		}
	}
	compared := map[string]bool{}
	names := strings.Fields(string(rows))
	good := len(names) > 0
	fmt.Printf("1..%d\n", len(purposes)+len(names))
	for i, what := range purposes {
		err := differ(theirs.sent[what], ours.sent[what])
		good = report(i+1, err, what) && good
		compared[strings.Fields(what)[0]] = true
	}
	for i, name := range names {
		var err error
		if !compared[name] {
			err = errors.New("a command of the bridge that nobody compared: add it to deeds.go")
		}
		good = report(len(purposes)+i+1, err, name+" is compared") && good
	}
	if !good {
		return errors.New("we send something else")
	}
	return nil
}
