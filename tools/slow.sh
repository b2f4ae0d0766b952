#!/bin/bash
# tools/slow.sh [SUITE...]: what ./check does in a quick form, in full: every mutant,
# every allocation, every fault, and a minute for each fuzz target.  An hour or two.
set -euo pipefail
cd "$(dirname "$0")/.."
sh tools/packages.sh check
export LC_ALL=C.UTF-8
logs=build-slow/log
rm -rf $logs
mkdir -p $logs
. tools/suite.sh
trap 'kill $(jobs -p) 2>/dev/null || :' EXIT
make -s -j2 CC=gcc B=build-check build-check/saksi
export SAKSI=$PWD/build-check/saksi

wanted=("$@")
slow() { # NAME COMMAND...: unless others were asked for
	if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $1 "* ]]; then return 0; fi
	suite "$@"
}
lane_run() {
	slow faults tools/fault.sh
	slow alloc tools/alloc.sh
}
lane_read() {
	slow mutants tools/mutants.sh --jobs 1
	slow fuzz tools/fuzz.sh 60
	slow differential tools/differential.sh --seconds 60
	slow reproducible tools/reproducible.sh
}
lane_read &
lane_run
wait $! || :
trap - EXIT
suites_sum
