// SPDX-License-Identifier: MIT

// Interop runs the car maker's own client against a car on a unix socket, and
// compares what it sends with what the bridge sends.
//
//	interop client --socket PATH --vin VIN --key PEM --trace FILE
//	    does every command that it shares with the bridge; TAP on stdout;
//	    says in the file which one comes next
//	interop list
//	    prints what the client does, for the bridge to do as well
//	interop relay --listen PATH --socket PATH --vin VIN --key PEM --trace FILE
//	    stands between a client and a car, and writes down, as one JSON
//	    object per line, each message of the client, decoded and decrypted
//	interop compare THEIRS OURS NAMES
//	    compares two such files, and misses the commands of the third that
//	    are in neither; TAP on stdout
//	interop bench --socket PATH --vin VIN --key PEM --commands N
//	    times one command from the start, and N more: as bench-client does
package main

import (
	"fmt"
	"os"
)

func main() {
	programs := map[string]func([]string) error{
		"client":  client,
		"list":    list,
		"relay":   relay,
		"compare": compare,
		"bench":   bench,
	}
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: interop client|list|relay|compare|bench ...")
		os.Exit(2)
	}
	if err := programs[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}
