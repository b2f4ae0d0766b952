#!/bin/bash
# A log over HTTP: who may add what, addenda, receipts, stopping and dying.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip "no curl"

for n in 1 2; do saksi key new "root-$n.key" --name root >"root-$n.pub"; done
saksi key new auditor.key --name auditor >auditor.pub
saksi key new stranger.key --name stranger >stranger.pub
{
	echo quorum 2
	echo root one "$(saksi key show root-1.key --only key)"
	echo root two "$(saksi key show root-2.key --only key)"
} >roots
cat >keys.json <<END
{"authors":[{"author":"auditor","role":"auditor","key":"$(saksi key show auditor.key --only key)",
"kinds":["heartbeat"],"heartbeat_s":86400}],"revoked":[]}
END
empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
echo "{\"checkpoint\":{\"size\":0,\"root\":\"$empty\"},\"statements\":0}" >beat.json
echo "{\"checkpoint\":{\"size\":0,\"root\":\"$empty\"},\"statements\":1}" >saw.json
printf 'a photograph' >photo
digest=$(sha256sum photo | cut -d' ' -f1)

saksi log init L --origin logs.example/audit --roots roots >L.vkey
sed -i 's/^addendum_mib .*/addendum_mib 1/' L/config
start url saksi serve log L --listen 127.0.0.1:0
server=$!
u=$(sed -n 's/^listening on //p' url)
export u digest
t='--time 2026-11-22T16:39:05Z'

saksi statement new keys --author root --body keys.json --sequence 0 $t -o keys
saksi statement sign keys --key root-1.key -o keys-1
saksi statement sign keys-1 --key root-2.key -o keys-2
saksi statement new heartbeat --author auditor --body beat.json --sequence 0 $t -o beat
saksi statement sign beat --key auditor.key -o beat-1
saksi statement sign beat --key stranger.key -o beat-x
saksi statement new heartbeat --author auditor --body saw.json --sequence 1 --previous \
	"$(saksi statement show beat 2>/dev/null | sed -n 's/^id *//p')" $t --addendum photo -o saw
saksi statement sign saw --key auditor.key -o saw-1
status='curl -s -o /dev/null -w %{http_code}\n'
export status

transcript <<'END'
# before anybody is named nobody may speak, and two roots must name
$ saksi log add $u beat-1
! saksi log add: beat-1: the log answers 403: *
? 1
$ saksi log add $u keys-1
! saksi log add: keys-1: the log answers 403: *
? 1
$ saksi log add $u keys-2
0
$ saksi log add $u beat-x
! saksi log add: beat-x: the log answers 403: *
? 1
$ saksi log add $u saw-1
! saksi log add: saw-1: the log answers 403: *
? 1
# an addendum that no entry names is not kept
$ curl -s --data-binary @photo $u/addenda
no acknowledged entry of this log names this addendum: add the entry first
$ saksi log add $u beat-1 saw-1
1
2
$ saksi log add $u beat-1 --receipt | sed -n 1,3p
saksi/receipt/v1
logs.example/audit
index 1
$ curl -s --data-binary @photo $u/addenda | grep -c $digest
1
$ saksi log add $u saw-1 --addendum photo
2
$ curl -s $u/addenda/${digest:0:2}/${digest:2:2}/$digest
a photograph
$ printf 'another photograph' | $status --data-binary @- $u/addenda
404
$ head -c 1048577 /dev/zero | $status --data-binary @- $u/addenda
413
# what is no entry
$ $status --data-binary nonsense $u/add
400
$ $status --data-binary '' $u/add
400
$ head -c 65536 /dev/zero | $status --data-binary @- $u/add
413
$ $status $u/add; $status -X PUT $u/checkpoint; $status $u/nothing; $status $u/../key; $status --path-as-is $u/../key
405
405
404
404
400
# the public folder, to anybody
$ for i in $(seq 100); do curl -s $u/checkpoint | sed -n 2p | grep -q 3 && break; sleep 0.1; done; curl -s $u/checkpoint | sed -n 1,2p
logs.example/audit
3
$ curl -sI $u/tile/0/000.p/3 | tr -d '\r' | grep -iE 'type:|cache|origin'
Content-Type: application/octet-stream
Cache-Control: public, max-age=31536000, immutable
Access-Control-Allow-Origin: *
$ curl -sI $u/checkpoint | tr -d '\r' | grep -iE 'type:|cache|origin'
Content-Type: text/plain; charset=utf-8
Cache-Control: public, max-age=5
Access-Control-Allow-Origin: *
$ $status $u/addenda.v1; $status $u/state.db; $status $u/.x
200
404
404
# the folder is taken, but can be looked at
$ saksi log add L beat-1
! saksi log add: L: another process has this log open: send to its URL, or stop it first
? 3
$ saksi serve log L --listen 127.0.0.1:0
! saksi serve log: L: another process has this log open: send to its URL, or stop it first
? 3
$ saksi log check L
3 entries, 3 in the newest tree, 3 published; * and 1 addenda compared: all fits
# an addendum that was taken and is gone, or another
$ echo x >>L/public/addenda/${digest:0:2}/${digest:2:2}/$digest; saksi log check L
FALSE public/addenda/*: its digest is not its name
...
? 1
$ rm L/public/addenda/${digest:0:2}/${digest:2:2}/$digest; saksi log check L
FALSE public/addenda/*: was taken and is not there
...
? 1
$ curl -s --data-binary @photo $u/addenda >/dev/null; saksi log check L
*: all fits
END

# ---- stopping while entries come in: what was acknowledged is there
kill -TERM "$server"
wait "$server" || failed=$((failed + 1))
pids=()

# post N: entries one after the other; what was answered goes to a file
post() {
	local i index
	for ((i = 0; i < 400; i++)); do
		index=$(curl -sf --max-time 5 --data-binary "caller $1 entry $i" "$o/add") || break
		echo "$index caller $1 entry $i"
	done >"answered-$1"
}
# lives through SIGNAL: is each answered entry in the log, under its index?
lives_through() {
	local n at answered=0
	rm -rf O
	saksi log init O --origin logs.example/open --open >O.vkey
	rm -f url
	start url saksi serve log O --listen 127.0.0.1:0
	server=$!
	o=$(sed -n 's/^listening on //p' url)
	local callers=()
	for n in 1 2 3 4; do
		post "$n" &
		callers+=($!)
	done
	sleep 1.$((RANDOM % 5 + 4))
	kill -"$1" "$server"
	wait "$server" 2>/dev/null || :
	pids=()
	wait "${callers[@]}"
	saksi log check O >checked || cat checked
	saksi log publish O >published
	saksi log check O >checked || { cat checked; failed=$((failed + 1)); }
	for n in 1 2 3 4; do
		while read -r at rest; do
			answered=$((answered + 1))
			printf %s "$rest" >again
			[ "$(saksi log add O again)" = "$at" ] || {
				echo "after SIG$1: '$rest' was answered $at and is not there"
				failed=$((failed + 1))
				return
			}
		done < <(tail -n 12 "answered-$n")
	done
	if [ "$answered" -gt 20 ]; then passed=$((passed + 1)); else
		echo "after SIG$1: only $answered were answered"
		failed=$((failed + 1))
	fi
}
lives_through TERM
lives_through KILL
lives_through KILL
finish
