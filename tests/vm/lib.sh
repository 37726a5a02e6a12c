# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Runs the facts of the machine, one after the other, as each finds the world
# that those before it left.  Every fact is a process, which has FACT_S.
#
#   expect TEXT TEXT          they are equal
#   fails COMMAND...          it does
#   await SECONDS COMMAND...  until it succeeds; 1 after SECONDS
#   run_facts FACT...         the only one, where a fact is asked for: FACT...
#                             come before it
set -euo pipefail

readonly FACT_S=60
# What has not begun by then is not begun: the machine has an end.
readonly ALL_S=190

out=/mnt/out
# From the kernel's command line.
: "${machine:?}" "${build:?}"

expect() {
	[[ $1 == "$2" ]] && return
	printf 'expected: %s\n     got: %s\n' "$2" "$1" >&2
	return 1
}

fails() {
	! "$@"
}

await() {
	local end=$((SECONDS + $1))
	shift

	until "$@" 2>/dev/null; do
		((SECONDS <= end)) || {
			echo "not so in time: $*" >&2
			return 1
		}
		sleep 0.05
	done
}

# run_fact NAME: prints its line, and of one that fails all that it said.
run_fact() {
	local began=${EPOCHREALTIME/./} status=0 took

	if ((SECONDS >= ALL_S)); then
		echo "not ok $n_facts ${1#fact_}: no time was left"
		return 1
	fi
	echo "--- ${1#fact_}" >>"$out/facts.log"
	logger --tag fact -- "${1#fact_}" || true
	timeout --kill-after=5 "$FACT_S" "$BASH" "$0" "$1" \
		>"$out/said" 2>&1 </dev/null || status=$?
	cat "$out/said" >>"$out/facts.log"
	took=$(((${EPOCHREALTIME/./} - began) / 100000))
	if ((status == 0)); then
		echo "ok $n_facts ${1#fact_} # $((took / 10)).$((took % 10)) s"
		return 0
	fi
	echo "not ok $n_facts ${1#fact_} # status $status after" \
		"$((took / 10)).$((took % 10)) s"
	tail -n 60 "$out/said" | sed 's/^/# /'
	return 1
}

run_facts() {
	local name n_facts=0 n_failed=0
	local -a facts

	if [[ ${1:-} == fact_* && $# == 1 ]]; then
		set -x
		"$1"
		return
	fi
	# In the order in which they are written.
	mapfile -t facts < <(grep -o '^fact_[a-z0-9_]*' "$0")
	[[ -z ${fact:-} ]] || facts=("${@/#/fact_}" "fact_$fact")
	echo "1..${#facts[@]}"
	for name in "${facts[@]}"; do
		n_facts=$((n_facts + 1))
		run_fact "$name" || n_failed=$((n_failed + 1))
	done
	rm "$out/said"
	echo "$((n_facts - n_failed)) passed, $n_failed failed"
	((n_failed == 0)) && echo 0 >"$out/status" || echo 1 >"$out/status"
}
