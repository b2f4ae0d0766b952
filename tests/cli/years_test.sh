#!/bin/bash
# Keys and years: authors' keys, roots and a log's own key replaced; a log closed
# and gone on from.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

pub() { saksi key show "$1.key" --only key; }
export -f pub
for k in a b c a2 b2 c2 x y; do saksi key new $k.key --name $k >/dev/null; done
printf 'quorum 2\nroot a %s\nroot b %s\nroot c %s\n' "$(pub a)" "$(pub b)" "$(pub c)" >roots
printf 'quorum 2\nroot a %s\nroot b %s\nroot c %s\n' "$(pub a2)" "$(pub b2)" "$(pub c2)" >roots2
printf '{"authors":[{"author":"x","role":"auditor","key":"%s","kinds":["heartbeat"],"heartbeat_s":0}],"revoked":[]}' \
	"$(pub x)" >keys.json
saksi statement new keys --author root --body keys.json --sequence 0 -o k0 2>/dev/null
saksi statement sign k0 --key a.key --key b.key -o k0
saksi log init log --origin t.example/l --roots roots >vkey
saksi log add log k0 >/dev/null
saksi log publish log >/dev/null
mkdir trust
cp roots trust/
printf 'log %s\nquorum none\n' "$(cat vkey)" >trust/policy
export W='--log log/public --trust trust --state seen'

transcript <<'END'
# an author's key: the next keys statement, from the log's newest, signed by two roots
$ saksi key rotate x --new "$(pub y)" $W -o k1
! saksi key rotate: note: to be signed by 2 of the roots in force: a, b, c
! saksi key rotate: note: each reads it *
$ saksi statement show k1 --json | grep -c "$(pub y)"
! saksi statement show: note: signed by nobody yet
1
$ saksi statement sign k1 --key a.key -o k1 && saksi log add log k1
! saksi log add: k1: keys signed by too few of the pinned roots
? 1
$ saksi statement sign k1 --key c.key -o k1 && saksi log add log k1 && saksi log publish log
1
published size 2
# the roots: two of the old and two of the new, nothing less
$ saksi key rotate --roots roots2 $W -o k2
! saksi key rotate: note: to be signed by 2 of the roots in force: a, b, c
! saksi key rotate: note: to be signed by 2 of the new roots: a, b, c
! saksi key rotate: note: each reads it *
$ saksi statement sign k2 --key a.key --key b.key -o k2 && saksi log add log k2
! saksi log add: k2: new roots that too few of them have signed
? 1
$ saksi statement sign k2 --key a2.key --key b2.key -o k2 && saksi log add log k2 && saksi log publish log
2
published size 3
$ saksi verify log/public --trust trust --state seen
holds: log/public
...
  roots      replaced 1 times, last by entry 2
# who was a root is none any more
$ saksi key revoke x --from 2 --new "$(pub x)" $W -o k3
! saksi key revoke: note: to be signed by 2 of the roots in force: a, b, c
! saksi key revoke: note: each reads it *
$ cp k3 k3.old && saksi statement sign k3.old --key a.key --key b.key -o k3.old && saksi log add log k3.old
! saksi log add: k3.old: signed by a key that nobody was given
? 1
$ saksi statement sign k3 --key a2.key --key c2.key -o k3 && saksi log add log k3 && saksi log publish log
3
published size 4
$ saksi statement show k3 --json | grep -o '"revoked":.*' | grep -c "$(pub y)"
! saksi statement show: note: *
1
# a proof carries the change of roots to whoever pinned the first ones
$ saksi prove 3 $W --output p && saksi verify p --trust trust
p proves entry 3 in a tree of 4
holds: proof: p: entry 3 is in log t.example/l, 4 entries; keys number 3 of root*
# wrong usage, and what cannot be told
$ saksi key rotate x --new 00 $W
! saksi key rotate: --new takes the 64 digits *
...
? 2
$ saksi key rotate nobody --new "$(pub y)" $W
! saksi key rotate: the newest keys statement of this log names no author 'nobody'
? 3
$ saksi key rotate x --new "$(pub y)"
! saksi key rotate: --log WHERE is needed: *
...
? 2
$ saksi key rotate log --finish
! saksi key rotate: log: no new key was begun (there is no next.key)
? 3
# the log's own key: both sign for a while
$ saksi key rotate log >vkey2; wc -l <vkey2
! saksi key rotate: note: both keys sign from now on. *
1
$ grep -c '^—' log/public/checkpoint && saksi log check log
2
4 entries, *: all fits
$ saksi key rotate log | cmp - vkey2
! saksi key rotate: note: both keys sign from now on. *
$ saksi verify log/public --trust trust --state seen | head -1
holds: log/public
# the old one goes; who has only that one is told what happened, and not that it is false
$ saksi key rotate log --finish | cmp - vkey2
! saksi key rotate: note: only this key signs from now on; *
$ grep -c '^—' log/public/checkpoint && cmp log/public/vkey vkey2 && saksi log check log
1
4 entries, *: all fits
$ saksi verify log/public --trust trust --state seen
cannot tell: log/public: the log's key was replaced, as the key in your policy signed: ask people you trust whether it is now t.example/l+*
? 3
$ cp -r log other && rm other/public/keychange/* && saksi verify other/public --trust trust --no-state
FALSE: other/public: checkpoint: the log itself did not sign
? 1
$ printf 'log %s\nlog %s\nquorum none\n' "$(cat vkey)" "$(cat vkey2)" >trust/policy && saksi verify log/public --trust trust --state seen | head -1
holds: log/public
# the end of a log, with who goes on
$ saksi log init new --origin t.example/n --roots roots2 >nkey && cp -r log on
$ saksi log close log --successor "$(cat nkey)" --url http://n.example/
! saksi log close: note: it takes no entry any more; *
closed at 4 entries, root *
$ saksi log close log
! saksi log close: log: this log was closed before, with another successor; a second closing would be a lie
? 1
$ saksi log add log k0
! saksi log add: k0: this log is closed; its public file 'closing' names the one that goes on
? 1
$ saksi key rotate log
! saksi key rotate: log: this log is closed; its key signs no more
? 1
$ saksi key rotate log --finish
! saksi key rotate: log: this log is closed; its key signs no more
? 1
$ saksi log succeed new log/public && grep -c 't.example/l+' new/public/predecessor
new goes on from log/public
1
$ saksi log init stranger --origin t.example/s --roots roots2 --succeeds log/public
! saksi log init: stranger: the log that was closed names another successor
? 1
# a closed log is not stale, whatever the hour
$ saksi verify log/public --trust trust --state seen --now 2031-01-01T00:00:00Z
holds: log/public
...
  latest     CLOSED since *; t.example/n goes on at http://n.example/
...
$ saksi verify log/public/closing --trust trust
holds: closing: log/public/closing: t.example/l ended with 4 entries on *; t.example/n+* goes on
# a log that went on, and one that ended twice, are caught by who saw the end
$ saksi key rotate x --new "$(pub y)" --log on/public --trust trust --no-state -o k4 2>/dev/null; saksi key rotate x --new "$(pub c)" --log on/public --trust trust --no-state -o k4 2>/dev/null; saksi statement sign k4 --key a2.key --key b2.key -o k4; saksi log add on k4; saksi log publish on
! saksi log add: k4: a root's key for an author
published size 4
$ saksi key new z.key --name z >/dev/null && saksi key rotate x --new "$(pub z)" --log on/public --trust trust --no-state -o k4 2>/dev/null && saksi statement sign k4 --key a2.key --key b2.key -o k4 && saksi log add on k4 && saksi log publish on
4
published size 5
$ saksi verify on/public --trust trust --state seen --evidence lie.json
! saksi verify: the evidence is in lie.json: anyone can check it with saksi verify
SPLIT VIEW: on/public: the log went on after it had signed its end
...
? 5
$ saksi verify lie.json --trust trust
holds: evidence: lie.json: proven: t.example/l went on after it had signed its end
$ cp -r log twice && rm twice/closed twice/public/closing && saksi log close twice >/dev/null && saksi verify twice/public --trust trust --state seen --evidence two.json
! saksi log close: note: *
! saksi verify: the evidence is in two.json: anyone can check it with saksi verify
SPLIT VIEW: twice/public: the log signed two different ends
...
? 5
$ saksi verify two.json --trust trust
holds: evidence: two.json: proven: t.example/l signed two different ends
$ saksi verify log/public --trust trust --state seen | head -1
holds: log/public
END
# With a witness: what is open is stale after its hours, what is closed never.
saksi witness init wit --name w.example >wkey
start wit.out saksi serve witness wit --listen 127.0.0.1:0
printf 'witness w %s %s\nquorum w\n' "$(cat wkey)" "$(sed -n 's/^listening on //p' wit.out)" >w.policy
saksi log init seen-by-w --origin t.example/w --open --policy w.policy >wlog
saksi witness add wit --log "$(cat wlog)" >/dev/null
echo one >one
saksi log add seen-by-w one >/dev/null
mkdir wtrust
{
	echo "log $(cat wlog)"
	sed 's/ http:.*//' w.policy
} >wtrust/policy
transcript <<'END'
$ saksi log publish seen-by-w && saksi verify seen-by-w/public --trust wtrust --no-state --now 2031-01-01T00:00:00Z | head -1
published size 1
cannot tell: seen-by-w/public: the checkpoint is older than the limit: is this the latest?
$ saksi log close seen-by-w && saksi verify seen-by-w/public --trust wtrust --no-state --now 2031-01-01T00:00:00Z | head -1
! saksi log close: note: *
closed at 1 entries, root *
holds: seen-by-w/public
END
finish
