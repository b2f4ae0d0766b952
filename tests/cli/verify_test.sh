#!/bin/bash
# verify: every kind of thing, whole, damaged in each line, of another log, newer.
. "$(dirname "$0")/lib.sh"
. "$here/tests/cli/world.sh"
world
world_rules
saksi audit inventory --server srv-1=a=b $W --key commission.key --box commission.box --vault cvault >out
saksi audit run --server srv-1 --root root --rules rules --no-walk $K >out
P=$(basename vault/*.plan .plan)
saksi audit disclose --plan "$P" --rule worst $K >out
cp log/public/checkpoint cp
cp "vault/$P.audit" entry
cp log/public/addenda/*/*/* openings
saksi prove 2 --log "$u" --trust trust --no-state -o proof
saksi log add "$u" keys --receipt >receipt
cp log/public/receipt.vkey trust/receipt 2>/dev/null ||
	saksi log status log --json 2>/dev/null >status || :
T='--trust trust --no-state'
export T u P
# another log, with a key of its own
saksi log init other --origin other.example/x --open >other.vkey
saksi log add other keys >/dev/null
saksi log publish other >/dev/null
mkdir otrust
cp roots otrust/
printf 'log %s\nquorum none\n' "$(cat other.vkey)" >otrust/policy
cp -a other before

cat >flip.py <<'PY'
# flip.py FILE N: FILE with one bit of line N changed, to stdout; no such line: exit 9
import sys
lines = open(sys.argv[1], 'rb').read().split(b'\n')
n = int(sys.argv[2])
if n >= len(lines) - (lines[-1] == b''): sys.exit(9)
at = len(lines[n]) * 2 // 3
lines[n] = lines[n][:at] + bytes([lines[n][at] ^ 1]) + lines[n][at + 1:] if lines[n] else b'x'
sys.stdout.buffer.write(b'\n'.join(lines))
PY
# each FILE OPTIONS...: with one bit of each line in turn changed, all exit codes
each() {
	local n rc
	for ((n = 0; n < 60; n++)); do
		rc=0
		python3 flip.py "$1" "$n" >flipped || break
		saksi verify flipped "${@:2}" >said 2>&1 || rc=$?
		[ "$(grep -c . said)" = 1 ] || rc="$rc with more than one line: $(cat said)"
		echo "$rc"
	done | sort | uniq -c | sed 's/^ *//'
}
export -f each

transcript <<'END'
# ---- a log, by folder and URL
$ saksi verify log/public $T --full | sed -n '1p;/tree/p'
holds: log/public
  tree       derived again from every entry
$ saksi verify $u/ $T --json | grep -c '"answer":"holds","exit":0'
1
$ saksi verify log/public --trust otrust --no-state
cannot tell: log/public: checkpoint: no log of the policy has this origin
? 3
$ mkdir empty; saksi verify empty $T
cannot tell: empty: no checkpoint could be read: checkpoint: No such file or directory
? 3
$ saksi verify log $T
cannot tell: log: no checkpoint could be read: *
? 3
$ saksi verify nothing $T
! saksi verify: nothing: No such file or directory
? 3
$ saksi verify http://127.0.0.1:1 $T
cannot tell: http://127.0.0.1:1: no checkpoint could be read: *
? 3
$ cp -r log/public copy; rm -r copy/tile/0; saksi verify copy $T | head -1
cannot tell: copy: entry 0 could not be read: tile/0/*
# ---- a checkpoint
$ saksi verify cp $T
holds: checkpoint: cp: log log.example/x, 5 entries, a quorum cosigned it as of 2*
$ saksi verify cp $T --now 2046-01-01T00:00:00Z
cannot tell: checkpoint: cp: older than the limit: is this the latest?
? 3
$ grep -v '^— w' cp >alone; saksi verify alone $T
quorum not met: checkpoint: alone: too few witnesses cosigned
? 4
$ grep -v '^— log' cp >unsigned; saksi verify unsigned $T
FALSE: checkpoint: unsigned: byte *: the log itself did not sign
? 1
$ each cp $T
6 1
$ saksi verify cp --trust otrust --no-state
cannot tell: unknown: cp: this is no checkpoint, entry, proof, receipt, openings or evidence of a log in the trust folder; say which with --as TYPE
? 3
$ saksi verify cp --trust otrust --no-state --as checkpoint
cannot tell: checkpoint: cp: *no log of the policy has this origin
? 3
# ---- an entry
$ saksi verify entry $T --log $u
holds: entry: entry: entry 3 of log log.example/x, 5 entries, *; audit number 1 of auditor, dated 2*
$ saksi verify entry $T
cannot tell: entry: entry: this needs the log it is in: give --log URL or DIR
? 3
$ saksi verify entry $T --log nowhere
! saksi verify: nowhere: No such file or directory
cannot tell: entry: entry: the log could not be opened
? 3
$ saksi verify entry $T --log empty
cannot tell: entry: entry: no checkpoint could be read: *
? 3
$ saksi verify entry --trust otrust --no-state --log other/public
FALSE: entry: entry: the log does not hold this statement
? 1
$ saksi verify entry $T --log other/public
cannot tell: entry: entry: checkpoint: no log of the policy has this origin
? 3
# every byte of it, a few at a time
$ for at in 15 40 400 900 1500; do cp entry bad; printf '\001' | dd of=bad bs=1 seek=$at conv=notrunc status=none; saksi verify bad $T --log $u >out; echo $?; done | sort | uniq -c
*5 1
# ---- openings
$ saksi verify openings $T --log $u
holds: openings: openings: opens in the audit of srv-1
  worst: os: id=planted-marker-7041
$ saksi verify openings $T
cannot tell: openings: openings: this needs the log it is in: give --log URL or DIR
? 3
$ saksi verify openings --trust otrust --no-state --log other/public
FALSE: openings: openings: the log holds no audit that these open
? 1
$ sed 's/planted-marker-7041/planted-marker-7042/' openings >bad; saksi verify bad $T --log $u
FALSE: openings: bad: *
? 1
$ sed 's/"rule":"worst"/"rule":"slight"/' openings >bad; saksi verify bad $T --log $u
FALSE: openings: bad: *
? 1
$ sed 's/^{"version":1/{"version":2/' openings >newer; saksi verify newer $T --log $u
cannot tell: openings: newer: *newer*
? 3
# ---- a proof, for ever, and without the log
$ saksi verify proof $T --now 2046-01-01T00:00:00Z
holds: proof: proof: entry 2 is in log log.example/x, *; plan number 0 of auditor, *; its author's right rests on entry 0 *
$ each proof $T
12 1
1 3
$ saksi verify proof --trust otrust --no-state
cannot tell: proof: proof: *no log of the policy has this origin
? 3
$ sed '1s/v1/v2/' proof >newer; saksi verify newer $T
cannot tell: proof: newer: *
? 3
$ grep -v '^extra' proof >bare; saksi verify bare $T
cannot tell: proof: bare: the proof carries no entry; give it with --entry
? 3
$ saksi verify bare $T --entry entry
FALSE: proof: bare: this entry is not at this place in the signed tree
? 1
$ saksi verify bare $T --entry vault/$P.plan
cannot tell: proof: bare: the proof does not carry its author's keys
? 3
$ saksi verify bare $T --entry nothing
cannot tell: proof: bare: the file of --entry could not be read
? 3
$ saksi prove 5 --log $u $T -o p
! saksi prove: entry 5: the log has no such entry yet
? 3
$ saksi prove 1 --log empty $T -o p
cannot tell: empty: no checkpoint could be read: *
? 3
$ saksi prove one --log $u $T -o p; ls p
! saksi prove: "one" is no entry number
! ls: *
? 2
# ---- a receipt
$ saksi verify receipt $T
holds: receipt: receipt: log.example/x took entry 0 in and promised it by 2*
$ saksi verify receipt $T --log $u
holds: receipt: receipt: log.example/x took entry 0 in and promised it by 2*; the log kept its promise
$ saksi verify receipt $T --log other/public
cannot tell: receipt: receipt: checkpoint: no log of the policy has this origin
? 3
$ saksi verify receipt --trust otrust --no-state
cannot tell: receipt: receipt: signed by no key of the trust folder's file receipt
? 3
# a promise, kept and broken
$ mkdir ptrust; cp otrust/policy ptrust/; cp other/public/receipt.vkey ptrust/receipt; echo one >one; saksi log add other one --receipt >promise; saksi verify promise --trust ptrust --no-state --log other/public
cannot tell: receipt: promise: not in the tree yet, and not due yet
? 3
$ saksi verify promise --trust ptrust --no-state --log other/public --now 2046-01-01T00:00:00Z
FALSE: receipt: promise: the log broke its promise: the time is up and its tree does not hold the entry
? 1
$ cp -a other honest; saksi log publish honest >out; saksi verify promise --trust ptrust --no-state --log honest/public | cut -d';' -f2
 the log kept its promise
$ echo two >two; saksi log add before two >out; saksi log publish before >out; saksi verify promise --trust ptrust --no-state --log before/public
FALSE: receipt: promise: the log broke its promise: another entry is in its place
? 1
$ each receipt $T
7 1
1 3
# ---- whatever else
$ : >nil; saksi verify nil $T
cannot tell: unknown: nil: the file is empty
? 3
$ mkfifo fifo; saksi verify fifo $T
! saksi verify: fifo: *
? 3
$ saksi verify fifo $T --as log
! saksi verify: fifo: Not a directory
? 3
$ saksi verify /dev/null $T
! saksi verify: /dev/null: *
? 3
$ head -c 1000 /dev/urandom >noise; saksi verify noise $T | cut -c1-30
cannot tell: unknown: noise: t
$ for t in checkpoint proof receipt openings evidence entry; do saksi verify noise $T --as $t --log $u >out; echo $?; done | sort | uniq -c
*6 1
$ for t in checkpoint proof receipt openings evidence entry; do saksi verify nil $T --as $t --log $u --json | grep -c '"exit":1'; done | sort | uniq -c
*6 1
$ saksi verify cp $T --as picture
! saksi verify: --as takes log, checkpoint, entry, proof, receipt, openings or evidence, not "picture"
? 2
$ saksi verify cp $T --as proof
FALSE: proof: cp: line 1: *
? 1
END
finish
