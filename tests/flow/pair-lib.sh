# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A car that knows no key, and who pairs one: for the flow tests of pairing,
# which source this.
#
#   begin_pairing [OPTION]...    a menu and a car; options are simcar's
#   pair STATUS OPTION...        to its end; $world/said is what it said
#   begin_pair OPTION..., end_pair STATUS
#                                in the background: $world/pair.out and .log
#   on_terminal ANSWER OPTION... where somebody types; $world/status
#   said TEXT                    however the lines are broken

# shellcheck source=tests/flow/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

world_programs+=(bridge/pair/1sat2flash-pair)

new_car() {
	[[ -p $world/car.in ]] || mkfifo -m 666 "$world/car.in"
	rm -f "$world/car"
	world_start car "$world/car.in" "$world/bin/simcar" \
		--socket "$world/car" --vin "$world_vin" --sync-time 500ms "$@"
	world_await 10 test -S "$world/car"
}

begin_pairing() {
	world_begin "$build"
	world_menu
	new_car "$@"
}

paths() {
	echo --config "$world/menu.conf" --state-dir "$world/state"
}

pair() {
	local want=$1 status=0
	shift

	# shellcheck disable=SC2046 # two options of two words
	"${world_as[@]}" "$world/bin/1sat2flash-pair" $(paths) "$@" \
		</dev/null >"$world/said" 2>&1 || status=$?
	cat "$world/said" >&2
	expect "$status" "$want"
}

said() {
	# Lines are broken for a terminal.
	tr '\n' ' ' <"$world/said" | grep -q -F -- "$1"
}

begin_pair() {
	: >"$world/pair.out"
	# shellcheck disable=SC2046
	world_start pair /dev/null "$world/bin/1sat2flash-pair" $(paths) "$@"
}

end_pair() {
	local status=0

	wait "${world_pids[pair]}" || status=$?
	unset "world_pids[pair]"
	cat "$world/pair.out" "$world/pair.log" >&2
	expect "$status" "$1"
}

car_waits() {
	grep -q '"waiting":"tap"' "$world/car.out"
}

n_requests() {
	grep -c '"waiting":"tap"' "$world/car.out" || true
}

over_socket() {
	sed -i "/vin = /a link = \"socket:$world/car\"" "$world/menu.conf"
}

on_terminal() {
	local answer=$1 status=0
	shift

	# shellcheck disable=SC2046
	python3 -c '
import os, pty, sys
answer = sys.argv[1].encode()
sent = False
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said = b""
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    said += got
    if not sent and b"[y/N] " in said:
        os.write(fd, answer + b"\n")
        sent = True
sys.stdout.buffer.write(said.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' \
		"$answer" "${world_as[@]:-env}" "$world/bin/1sat2flash-pair" \
		$(paths) "$@" \
		>"$world/said" 2>&1 || status=$?
	cat "$world/said" >&2
	echo "$status" >"$world/status"
}
