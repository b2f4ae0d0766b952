#!/bin/bash
# Every release's files, read by today's program: tests/fixtures/formats/VERSION holds
# small real ones of each format (docs/FORMATS.md, "Changes").
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

for version in "$here"/tests/fixtures/formats/*/; do
	rm -rf "$work/at/v"
	cp -r "$version" v
	cd v || exit 1
	find . -name .keep -delete
	# A checkout does not keep modes.
	chmod -R go-rwx .
	cp log/public/receipt.vkey trust/receipt
	: >"$work/shown"
	S=$(cat size) P=$(cat plan)
	python3 - "log/public/tile/entries/000.p/$S" <<-'PY'
		import struct, sys
		b, at, i = open(sys.argv[1], "rb").read(), 0, 0
		while at < len(b):
		    n = struct.unpack(">H", b[at:at + 2])[0]
		    open("statements/entry%d" % i, "wb").write(b[at + 2:at + 2 + n])
		    at, i = at + 2 + n, i + 1
	PY
	for f in statements/*; do
		saksi statement show "$f" 2>/dev/null >>"$work/shown" || echo "$f cannot be read" >>"$work/shown"
	done
	export SHOWN=$work/shown P W
	W='--log log/public --trust lies --no-state'
	printf 'log %s\nquorum none\n' "$(cat next/public/vkey)" >next.policy
	mkdir next.trust && cp next.policy next.trust/policy
	transcript <<'END'
# a log and all that stands in it
$ saksi log check log | grep -c 'all fits'
1
$ saksi verify log/public --trust lies --no-state --full
holds: log/public
...
  statements * hold, 0 false, 0 cannot be told, 0 revoked
...
$ saksi verify log/public --trust lies --state lied | head -1
holds: log/public
$ saksi verify log/public/closing --trust lies | cut -d: -f1-2
holds: closing
$ grep -h ^kind "$SHOWN" | sort -u
kind      abandoned
kind      acceptance
kind      audit
kind      disclosure
kind      extension
kind      heartbeat
kind      inventory
kind      keys
kind      observation
kind      plan
# proofs, a receipt, evidence
$ saksi verify files/audit.tlog-proof --trust trust | cut -d: -f1-2; saksi verify files/rotated.tlog-proof --trust trust | cut -d: -f1-2
holds: proof
holds: proof
$ saksi verify files/receipt --trust trust | cut -d: -f1-2
holds: receipt
$ saksi verify files/split.json --trust split | cut -d: -f1-2; saksi verify files/after.json --trust lies | cut -d: -f1-2
holds: evidence
holds: evidence
# keys of each kind
$ for k in keys/* log/key log/receipt.key next/key witness/key; do saksi key show $k --only key; done | grep -c '^[0-9a-f]\{64\}$'
11
# facts, dossier, vault objects, rules
$ saksi audit report --plan $P --rules rules $W --box keys/auditor.box --vault vault | grep -c .
*
# a witness, a successor, backups
$ saksi witness status witness | grep -c log.example
1
$ saksi verify next/public --trust next.trust --no-state | head -1; saksi log add next plan
holds: next/public
0
$ mkdir tmp; saksi restore backup --drill --at tmp | tail -1; saksi restore backup-witness --drill --at tmp | tail -1
*entries and * files fit
1 logs, 0 pieces of evidence
# and a log of then can go on: its key changes, and another entry is refused since it was closed
$ saksi log add log statements/entry0
! saksi log add: statements/entry0: this log is closed; *
? 1
END
	cd ..
done
finish
