#!/bin/bash
# A witness: made, taught a log, served, asked, looked at.
. "$(dirname "$0")/lib.sh"

transcript <<'END'
$ saksi witness init w --name witness.example/w1 >w.vkey; sed 's/+.*//' w.vkey
witness.example/w1
$ cmp w.vkey w/vkey; ls w; stat -c %a w w/key w/state.db
key
state.db
vkey
700
600
600
# a key and a memory are never overwritten
$ saksi witness init w --name other
! saksi witness init: w: a witness is there already; its key and its memory are never overwritten
? 1
$ saksi witness init v --name 'two words'
! saksi witness init: --name: no key may have this name: want 1 to 255 bytes without spaces and plus signs*
? 2
$ ls v
! ls: *
? 2
$ saksi witness init w2 --name w2 --json
{"vkey":"w2+*"}
# what is no log's key
$ saksi witness add w --log nonsense
! saksi witness add: the log's vkey: byte *
? 2
$ saksi witness add w --log "$(cat w.vkey)"
! saksi witness add: the log's vkey: type 0x04 is not a log's that this program can check (0x01)*
? 2
$ saksi witness add nowhere --log nonsense
! saksi witness add: nowhere: No such file or directory: make a witness there with saksi witness init
? 3
$ saksi witness status w
vkey     witness.example/w1+*
signed   never
$ saksi witness status w --json
{"vkey":"witness.example/w1+*","signed":null,"logs":[],"evidence":[]}
# a key that others can read is refused, with what to type
$ chmod 644 w/key; saksi serve witness w --listen 127.0.0.1:0
! saksi serve witness: *chmod*
? 1
$ chmod 600 w/key
$ saksi serve witness w --listen nonsense
! saksi serve witness: --listen: cannot listen on "nonsense"*
? 2
# without its memory it is no witness any more
$ mv w2/state.db kept; saksi serve witness w2 --listen 127.0.0.1:0
! saksi serve witness: w2/state.db: is not there; if this witness ever cosigned*
? 3
$ ls w2/state.db
! ls: *
? 2
# nor with a newer one
$ cp kept w2/state.db; printf '\0\0\0\2' | dd of=w2/state.db bs=1 seek=60 conv=notrunc status=none; saksi witness status w2
! saksi witness status: w2/state.db: is of version 2, this program knows 1: use a newer saksi
? 3
END

start served saksi serve witness w --listen 127.0.0.1:0
served=$!
url=$(sed -n 's/^listening on //p' served)
export url

transcript <<'END'
$ curl -sS "$url/vkey" | cmp - w.vkey
$ curl -sS "$url/" | cmp - w.vkey
$ curl -sS -o body -w '%{http_code}\n' "$url/add-checkpoint"; cat body
405
add-checkpoint takes a POST
$ printf 'old 0\n\nlog.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— log.example AAAAAAAA\n' >ask
$ curl -sS -w '%{http_code}\n' --data-binary @ask "$url/add-checkpoint"
this log is not known here
404
$ curl -sS -w '%{http_code}\n' --data-binary nonsense "$url/add-checkpoint" | tail -1
400
$ head -c 65537 /dev/zero | curl -sS -o body -w '%{http_code}\n' -H Expect: --data-binary @- "$url/add-checkpoint"
413
# one folder is served once
$ saksi serve witness w --listen 127.0.0.1:0
! saksi serve witness: w: another process serves this witness
? 3
# it can be looked at beside its server
$ saksi witness status w | head -2
vkey     witness.example/w1+*
signed   never
END

kill -TERM "$served"
wait "$served" && rc=0 || rc=$?
export rc
transcript <<'END'
$ echo $rc
0
# after the end it can be served again
$ timeout -s TERM 1 saksi serve witness w --listen 127.0.0.1:0
listening on http://127.0.0.1:*
! saksi serve witness: guarded as *
! saksi serve witness: stopping
? 124
END
finish
