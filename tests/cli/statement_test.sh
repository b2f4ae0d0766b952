#!/bin/bash
# Claims written down, signed by a quorum one after the other, and shown.
# valgrind: yes
. "$(dirname "$0")/lib.sh"

for n in 1 2 3; do saksi key new "root-$n.key" --name root >"root-$n.pub"; done
saksi key new auditor.key --name auditor >auditor.pub
auditor=$(saksi key show auditor.key --only key)
cat >keys.json <<END
{
	"authors": [{"author": "auditor", "role": "auditor", "key": "$auditor",
		"kinds": ["plan", "audit", "heartbeat"], "heartbeat_s": 86400}],
	"revoked": []
}
END

transcript <<'END'
$ saksi statement new keys --author root --body keys.json --sequence 0 --time 2026-11-22T16:39:05Z -o keys
$ saksi statement show keys
! saksi statement show: note: signed by nobody yet
id        *
kind      keys
author    root
sequence  0
time      2026-11-22T16:39:05Z
subject   keys
          *
body      {"authors":[{"author":"auditor","role":"auditor","key":"*","kinds":["plan","audit","heartbeat"],"heartbeat_s":86400}],"revoked":[]}
# the subject is the digest of the authors' keys
$ saksi statement show keys --json 2>/dev/null | grep -c "\"subject\":\"$(saksi key show auditor.key --only keyid)\""
1
# k of n, one after the other, no network
$ saksi statement sign keys --key root-1.key -o one
$ saksi statement sign one --key root-2.key --key root-3.key --output three
$ saksi statement show three
! saksi statement show: note: shown as it says; signatures are checked by 'saksi verify'
id        *
...
signers   *
          *
          *
body      *
$ saksi statement sign keys --key root-1.key --key root-2.key --key root-3.key | cmp - three
$ for f in keys one three; do saksi statement show $f 2>/dev/null | head -1; done | sort -u | wc -l
1
$ saksi statement sign three --key root-2.key
! saksi statement sign: root-2.key: this key has signed it already
? 3
$ saksi key new w.key --name w --type witness >w.pub; saksi statement sign keys --key w.key
! saksi statement sign: w.key: this is a witness key; a log or author key is needed here
? 3
$ saksi key new b.key --name b --type box >b.pub; saksi statement sign keys --key b.key
! saksi statement sign: b.key: *; 'saksi key new' makes key files
? 3
# the author's number
$ saksi statement new keys --author root --body keys.json
! saksi statement new: --log WHERE or --sequence N is needed: an author numbers its statements
? 2
$ saksi statement new keys --author root --body keys.json --sequence 1
! saksi statement new: --previous HEX is needed: the id of the author's statement before this one
? 2
$ saksi statement new keys --author root --body keys.json --sequence 0 --previous 00
! saksi statement new: statement 0 has no --previous
? 2
$ saksi statement new keys --author root --body keys.json --sequence 1 --previous 00
! saksi statement new: --previous '00' is not 64 digits 0-9a-f
? 2
$ saksi statement new keys --author root --body keys.json --sequence 01
! saksi statement new: --sequence '01' is no whole number such as 0 or 256
? 2
$ saksi statement new keys --author root --body keys.json --log nowhere
! saksi statement new: --log needs --trust DIR: *
? 2
$ saksi statement new keys --author root --body keys.json --sequence 1 --previous "$(saksi statement show keys 2>/dev/null | sed -n 's/^id *//p')" | saksi statement show /dev/stdin
! saksi statement show: /dev/stdin: cannot be read: *
? 3
$ saksi statement new keys --author root --body keys.json --sequence 1 --previous "$(saksi statement show keys 2>/dev/null | sed -n 's/^id *//p')" -o next; saksi statement show next 2>/dev/null | sed -n 4,5p
sequence  1
previous  *
# kinds, names and bodies
$ saksi statement new kyes --author root --body keys.json --sequence 0
! saksi statement new: there is no kind 'kyes'; is it 'keys'?
? 2
$ saksi statement new poem --author root --body keys.json --sequence 0
! saksi statement new: there is no kind 'poem'; there are keys, *
? 2
$ saksi statement new keys --author 'The Root' --body keys.json --sequence 0
! saksi statement new: this statement cannot be written: an author's name has 1 to 64 of a-z, *
? 2
$ saksi statement new plan --author root --body keys.json --sequence 0
! saksi statement new: keys.json: not the body of a plan statement: *
? 3
$ echo '{"authors":[],"authors":[]}' >twice; saksi statement new keys --author root --body twice --sequence 0
! saksi statement new: twice: byte *: *
? 3
$ echo '[]' >list; saksi statement new keys --author root --body list --sequence 0
! saksi statement new: list: *: a body is a JSON object
? 3
$ saksi statement new keys --author root --body missing.json --sequence 0
! saksi statement new: missing.json: cannot be read: No such file or directory
? 3
$ saksi statement new keys --author root --body keys.json --sequence 0 --time yesterday
! saksi statement new: --time 'yesterday' is no time such as 2026-11-22T16:39:05Z
? 2
# attachments are committed to by their digest
$ echo evidence >a; saksi statement new keys --author root --body keys.json --sequence 0 --addendum a --addendum keys.json -o with; saksi statement show with 2>/dev/null | sed -n 's/^addenda *//p' | grep -c "^$(sha256sum <a | cut -d' ' -f1)$"
1
# a changed claim is another claim, and what cannot be read is not signed
$ sed 's/86400/86401/' keys >changed; saksi statement show changed 2>/dev/null | head -1 | cmp -s - <(saksi statement show keys 2>/dev/null | head -1)
? 1
$ sed 's/:keys:1/:poem:1/' keys >poem; saksi statement sign poem --key root-1.key
! saksi statement sign: poem: byte 0: a kind this program does not know
? 3
$ sed 's/:keys:1/:keys:2/' keys >newer; saksi statement sign newer --key root-1.key
! saksi statement sign: newer: *
? 3
$ sed 's/"sha256":"../"sha256":"00/' keys >other; saksi statement sign other --key root-1.key
! saksi statement sign: other: byte 0: the subject is not the one of this body
? 1
$ head -c 100 keys >cut; saksi statement show cut
! saksi statement show: cut: *
? 3
$ : >empty; saksi statement show empty
! saksi statement show: empty: *
? 3
END
finish
