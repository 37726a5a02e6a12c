# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Runs the facts of the machine, one after the other, as each finds the world
# that those before it left.  Every fact is a process, which has FACT_S.
#
#   expect TEXT TEXT          they are equal
#   fails COMMAND...          it does
#   remark TEXT               stands behind its name in the report
#   run_facts "$@"            all; or, where one is asked for, those of the
#                             array builds_on, and then that one
set -euo pipefail

readonly FACT_S=100
# What has not begun by then is not begun: the machine has an end.
readonly ALL_S=360

# shellcheck source=tests/vm/world.sh
. "${BASH_SOURCE[0]%/*}/world.sh"

remark() {
	echo "$*" >"$run/remark"
}

expect() {
	[[ $1 == "$2" ]] && return
	printf 'expected: %s\n     got: %s\n' "$2" "$1" >&2
	return 1
}

fails() {
	! "$@"
}

# run_fact NAME: prints its line, and of one that fails all that it said.
run_fact() {
	local began=${EPOCHREALTIME/./} status=0 line

	if ((SECONDS >= ALL_S)); then
		echo "not ok $n_facts ${1#fact_} # no time was left"
		return 1
	fi
	: >"$run/remark"
	# The journal tells what belongs to which.
	logger --tag fact -- "${1#fact_}"
	timeout --kill-after=5 "$FACT_S" "$BASH" "$0" "$1" \
		>"$run/said" 2>&1 </dev/null || status=$?
	line="$n_facts ${1#fact_} # $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
	line+=$(sed 's/^/, /' "$run/remark")
	printf '%s\n' "--- $line" >>"$out/facts.log"
	cat "$run/said" >>"$out/facts.log"
	if ((status == 0)); then
		echo "ok $line"
		return 0
	fi
	echo "not ok $line, status $status"
	tail -n 60 "$run/said" | sed 's/^/# /'
	return 1
}

run_facts() {
	local name n_facts=0 n_failed=0
	local -a facts

	if [[ -n ${1:-} ]]; then
		set -x
		"$1"
		return
	fi
	# In the order in which they are written.
	mapfile -t facts < <(grep -o '^fact_[a-z0-9_]*' "$0")
	[[ -z ${fact:-} ]] || facts=("${builds_on[@]}" "fact_$fact")
	echo "1..${#facts[@]}"
	for name in "${facts[@]}"; do
		n_facts=$((n_facts + 1))
		run_fact "$name" && continue
		n_failed=$((n_failed + 1))
		[[ " ${builds_on[*]} " != *" $name "* ]] || {
			echo "# what comes after it builds on it"
			break
		}
	done
	echo "$((n_facts - n_failed)) passed, $n_failed failed"
	((n_failed == 0)) && echo 0 >"$out/status" || echo 1 >"$out/status"
}
