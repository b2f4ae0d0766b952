#!/bin/bash
# tools/units.sh [FOLDER]: the systemd units (conf/systemd) are well formed and leave
# little open: each service scores under 1.5 in "systemd-analyze security", and the
# witness is without any network.  The judge is first seen to refuse a damaged unit.
set -euo pipefail
cd "$(dirname "$0")/.."
from=${1:-conf/systemd}
if ! command -v systemd-analyze >/dev/null; then
	echo 'judge systemd-analyze: not run (it is not installed)'
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
tell() { # tell EXIT WORDS
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $2"
	fi
}

# An installed program and user for what verify asks for.
cp "$from"/* "$work"
sed -i -e 's|/usr/local/bin/saksi|/bin/true|' -e '/^Documentation=/d' "$work"/*
instance() { echo "${1/@./@x.}"; }
verify() { # verify FILE: as an instance, without a word
	local at
	at=$work/$(instance "$(basename "$1")")
	cp "$1" "$at"
	systemd-analyze verify --man=no --recursive-errors=no "$at" >"$work/said" 2>&1 &&
		! grep -q "$(basename "$at")" "$work/said"
}
score() { # score FILE: in tenths
	systemd-analyze security --offline=true --no-pager "$1" 2>&1 |
		sed -n 's/.*exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}

for unit in "$work"/saksi-*@.{service,socket,timer}; do
	rc=0
	verify "$unit" || rc=$?
	tell $rc "$(basename "$unit"): $(cat "$work/said")"
done
for unit in "$work"/saksi-*@.service; do
	n=$(score "$unit")
	echo "$(basename "$unit") scores $((10#$n / 10)).$((10#$n % 10))"
	rc=0
	[ "$((10#$n))" -lt 15 ] || rc=1
	tell $rc "$(basename "$unit"): scores 1.5 or more"
done
for line in PrivateNetwork=yes IPAddressDeny=any RestrictAddressFamilies=AF_UNIX; do
	rc=0
	grep -qx "$line" "$from/saksi-witness@.service" || rc=1
	tell $rc "saksi-witness@.service: $line"
done

# Damaged ones.
sed 's/^SystemCallFilter=@system-service/SystemCallFiltre=@system-service/' \
	"$from/saksi-log@.service" >"$work/bad@.service"
rc=0
! verify "$work/bad@.service" || rc=1
tell $rc 'a unit with a misspelt line was not refused'
sed '/^SystemCallFilter=/d' "$from/saksi-log@.service" >"$work/bad@.service"
n=$(score "$work/bad@.service")
rc=0
[ "$((10#$n))" -ge 15 ] || rc=1
tell $rc 'a unit without its filter still scores under 1.5'

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
