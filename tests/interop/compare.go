// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// canonical is JSON with its members in order.
func canonical(raw json.RawMessage) (string, error) {
	var any any
	if err := json.Unmarshal(raw, &any); err != nil {
		return "", err
	}
	text, err := json.Marshal(any)
	return string(text), err
}

// load returns, by payload and kind of envelope, what was sent.
func load(path string) ([]string, map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()

	var order []string
	envelopes := map[string]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, nil, err
		}
		envelope, err := canonical(r.Envelope)
		if err != nil {
			return nil, nil, err
		}
		payload, err := canonical(r.Payload)
		if err != nil {
			return nil, nil, err
		}
		if payload == "{}" {
			// A handshake: its envelope is all that it is.
			payload = "handshake " + envelope
		}
		if _, known := envelopes[payload]; !known {
			order = append(order, payload)
		}
		envelopes[payload] = envelope
	}
	return order, envelopes, lines.Err()
}

func compare(args []string) error {
	if len(args) != 2 {
		return errors.New("compare takes two files")
	}
	order, theirs, err := load(args[0])
	if err != nil {
		return err
	}
	ourOrder, ours, err := load(args[1])
	if err != nil {
		return err
	}

	for _, payload := range ourOrder {
		if _, sent := theirs[payload]; !sent {
			order = append(order, payload)
		}
	}
	good := true
	fmt.Printf("1..%d\n", len(order))
	for i, payload := range order {
		var err error
		their, theySent := theirs[payload]
		our, weSent := ours[payload]
		switch {
		case !weSent:
			err = errors.New("we never sent it")
		case !theySent:
			err = errors.New("they never sent it")
		case our != their:
			err = fmt.Errorf("theirs %s\n# ours   %s", their, our)
		}
		good = report(i+1, err, payload) && good
	}
	if !good {
		return errors.New("we send something else")
	}
	return nil
}
