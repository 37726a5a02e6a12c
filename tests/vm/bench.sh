#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is measured in the machine; the figures are its standard output.
set -euo pipefail
exec 2>/mnt/out/bench.log
set -x

# shellcheck source=tests/vm/world.sh
. "${0%/*}/world.sh"

N_COLD=3
N_WARM=100

# The floor, where nothing but the kernel is between two sockets.
power_up
systemctl stop bluetooth beacon
hciconfig hci0 up
hciconfig hci1 up
hciconfig hci1 leadv 0
"$build/tests/bench/bench-att" "$near" "$far" "$N_WARM" | tee "$run/floor"
hciconfig hci0 down
hciconfig hci1 down
systemctl start bluetooth beacon
power_up

key=$run/key.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$key"
chmod 600 "$key"
openssl pkey -in "$key" -pubout -out "$run/public.pem"
start_car --enrol "$run/public.pem:driver"
timeout 120 "$build/tests/bench/bench-air" "$vin" "$key" "$(jq .value "$run/floor")" \
	"$N_COLD" "$N_WARM"
echo 0 >"$out/status"
