#!/bin/bash
# shellcheck disable=SC2086,SC2016 # W is a list of options; edits are evaluated later
# Whatever a later version wrote is "cannot tell" (3), and not one byte of it is touched.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

set -- "$here"/tests/fixtures/formats/*/
cp -r "${!#}" now
find now -name .keep -delete
chmod -R go-rwx now
cp now/log/public/receipt.vkey now/trust/receipt
P=$(cat now/plan)
W='--log now/log/public --trust now/lies --no-state'
export P W

# made THING: a copy of everything, in which THING is changed by the command that follows
state() { python3 -c "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute('PRAGMA user_version=2'); d.commit(); d.close()" "$1"; }
sum() { (cd "$1" && find . -type f ! -name lock ! -name 'state.db-*' -exec sha256sum {} + | sort -k2); }
# newer NAME EDIT... -- COMMAND: the answer is 3 and nothing has changed
newer() {
	local name=$1 code=0
	shift
	rm -rf later
	cp -r now later
	while [ "$1" != -- ]; do
		eval "$1"
		shift
	done
	shift
	sum later >before
	"$@" >out 2>err </dev/null || code=$?
	sum later >after
	if [ $code = 3 ] && cmp -s before after && { [ -s err ] || [ -s out ]; }; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "! $name: exit $code"
	cat out err
	diff before after || :
}
export -f state

newer "log state.db" 'state later/log/state.db' -- saksi log check later/log
newer "log state.db, writing" 'state later/next/state.db' -- saksi log add later/next now/plan
newer "log state.db, publishing" 'state later/next/state.db' -- saksi log publish later/next
newer "log state.db, closing" 'state later/next/state.db' -- saksi log close later/next
newer "log state.db, a new key" 'state later/next/state.db' -- saksi key rotate later/next
newer "log state.db, backup" 'state later/log/state.db' -- saksi backup later/log --to copy
rm -rf copy
newer "log config" "sed -i 's/^saksi-log 1/saksi-log 2/' later/next/config" -- saksi log add later/next now/plan
newer "log config, check" "sed -i 's/^saksi-log 1/saksi-log 2/' later/log/config" -- saksi log check later/log
newer "witness state.db" 'state later/witness/state.db' -- saksi witness status later/witness
newer "witness state.db, adding" 'state later/witness/state.db' -- saksi witness add later/witness --log "$(cat now/next/public/vkey)"
newer "box key" "sed -i 's/^saksi-box-key 1/saksi-box-key 2/' later/keys/auditor.box" -- saksi key show later/keys/auditor.box
newer "vault object" 'printf "\002" | dd of=later/vault/'"$P"'-dossier.vault bs=1 seek=11 conv=notrunc status=none' -- \
	saksi audit report --plan "$P" --rules now/rules $W --box now/keys/auditor.box --vault later/vault
newer "rules" "sed -i 's/^rules 1/rules 2/' later/rules/a.rules" -- \
	saksi audit report --plan "$P" --rules later/rules $W --box now/keys/auditor.box --vault now/vault
newer "receipt" "sed -i 's,^saksi/receipt/v1,saksi/receipt/v2,' later/files/receipt" -- saksi verify later/files/receipt --trust now/trust
newer "proof" "sed -i 's/^c2sp.org.tlog-proof@v1/c2sp.org\/tlog-proof@v2/' later/files/audit.tlog-proof" -- \
	saksi verify later/files/audit.tlog-proof --trust now/trust
newer "evidence" "sed -i 's/^{\"version\":1/{\"version\":2/' later/files/split.json" -- saksi verify later/files/split.json --trust now/split
newer "evidence of an end" "sed -i 's/^{\"version\":1/{\"version\":2/' later/files/after.json" -- saksi verify later/files/after.json --trust now/lies
newer "closing" "sed -i 's,^saksi/closing/v1,saksi/closing/v2,' later/log/public/closing" -- \
	saksi verify later/log/public/closing --trust now/lies
newer "closing of a log" "sed -i 's,^saksi/closing/v1,saksi/closing/v2,' later/log/public/closing" -- \
	saksi verify later/log/public --trust now/lies --no-state
newer "backup" "sed -i 's/^saksi-backup 1/saksi-backup 2/' later/backup/MANIFEST" -- saksi restore later/backup --drill
newer "state.db in a backup" 'state later/backup-witness/state.db' \
	'd=$(sha256sum <later/backup-witness/state.db | cut -c1-64)' \
	'l=$(stat -c %s later/backup-witness/state.db)' \
	'sed -i "s/^file .* state.db$/file $d $l state.db/; /^end /d" later/backup-witness/MANIFEST' \
	'echo "end $(sha256sum <later/backup-witness/MANIFEST | cut -c1-64)" >>later/backup-witness/MANIFEST' -- \
	saksi restore later/backup-witness --drill
newer "statement" "printf '%s' '{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"s\",\"digest\":{\"sha256\":\"$(printf %064d 0)\"}}],\"predicateType\":\"urn:saksi:keys:3\",\"predicate\":{\"version\":3,\"author\":\"root\",\"sequence\":0,\"previous\":\"\",\"time\":\"2026-11-21T12:00:00Z\",\"addenda\":[],\"body\":{}}}' >later/s" -- \
	saksi statement sign later/s --key now/keys/root.key
finish
