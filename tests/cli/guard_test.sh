#!/bin/bash
# What a running server has given up: its user, its rights, its memory, its keys.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # expanded by the transcript
. "$(dirname "$0")/lib.sh"
chmod 711 "$work" "$work/at" # others are to come through

# field PID NAME: of /proc/PID/status
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
export -f field
key() { saksi key new "$1" --name "$2" >/dev/null; }

saksi log init log --origin guard.example/log --open --interval 1s >log.vkey
saksi witness init witness --name w.example >w.vkey
mkdir trust
printf 'log %s\nquorum none\n' "$(cat log.vkey)" >trust/policy
start log.out saksi serve log log --listen 127.0.0.1:0 --metrics 127.0.0.1:0
export log=$!
start witness.out saksi serve witness witness --listen 127.0.0.1:0
export witness=$!
start site.out saksi serve site log/public --trust trust --state seen --listen 127.0.0.1:0
export site=$!
u=$(sed -n 's/^listening on //p' log.out)
m=$(sed -n 's/^metrics on //p' log.out)
s=$(sed -n 's/^listening on //p' site.out)
w=$(sed -n 's/^listening on //p' witness.out)
export u m s w

transcript <<'END'
# each says in one line what it gave up
$ grep -h 'guarded as' log.out witness.out site.out | sed 's/; not limited.*//'
saksi serve log: guarded as *
saksi serve witness: guarded as *
saksi serve site: guarded as *
# no new rights, a filter, no capability, in all threads
$ for p in $log $witness $site; do for t in /proc/$p/task/*; do grep -hE '^(NoNewPrivs|CapEff|CapPrm|CapBnd):' $t/status; done; done | sort -u | grep -v CapBnd | tr -s '\t ' ' '
CapEff: 0000000000000000
CapPrm: 0000000000000000
NoNewPrivs: 1
$ for p in $log $witness $site; do field $p Seccomp; done | uniq
2
# and they serve: the log takes entries in, the site shows, the metrics are told
$ echo hello >e; saksi log add "$u" e | head -1
0
$ curl -sS "$w/vkey" | cmp - w.vkey
$ curl -sS -o /dev/null -w '%{http_code}\n' "$s/"
200
$ curl -sS "$m" | grep -cE '^process_(open_fds|resident_memory_bytes) [1-9]'
2
# the page that holds the key is kept out of dumps (dd), and there are none
$ grep -c '^VmFlags:.* dd' /proc/$log/smaps | sed 's/^[1-9].*/some/'
some
$ grep '^Max core file size' /proc/$witness/limits | tr -s ' '
Max core file size 0 0 bytes 
$ ulimit -c unlimited 2>/dev/null; saksi witness init w3 --name w3.example >/dev/null; (saksi serve witness w3 --listen 127.0.0.1:0 >w3.out 2>&1 & p=$!; until grep -q listening w3.out; do sleep 0.1; done; kill -ABRT $p; wait $p || echo ended) 2>/dev/null; ls core* w3/core* 2>/dev/null | wc -l
ended
0
END

# ---- keys as systemd's credentials
mkdir -m 700 creds
mv log/key creds/saksi.key
mv log/receipt.key creds/saksi.receipt.key
chmod 400 creds/*
kill "$log"
wait "$log" || :
transcript <<'END'
# without them the log has no key
$ timeout -s TERM 5 saksi serve log log --listen 127.0.0.1:0
! saksi serve log: log/key: No such file or directory
? 3
$ CREDENTIALS_DIRECTORY=$PWD/creds timeout -s TERM 2 saksi serve log log --listen 127.0.0.1:0 2>&1 | sed 's/http.*//; s/; not limited.*//'
listening on 
saksi serve log: guarded as *
saksi serve log: stopping
# a loose one is refused, with what to type
$ chmod 444 creds/saksi.receipt.key; CREDENTIALS_DIRECTORY=$PWD/creds saksi serve log log --listen 127.0.0.1:0
! saksi serve log: */creds/saksi.receipt.key: others can use this credential (mode 0444): type chmod 400 */creds/saksi.receipt.key
? 1
$ chmod 400 creds/saksi.receipt.key; chmod 777 creds; CREDENTIALS_DIRECTORY=$PWD/creds saksi serve log log --listen 127.0.0.1:0
! saksi serve log: */creds: others can change these credentials (mode 0777): type chmod 500 */creds
? 1
# a witness whose credential is not the key that its state was kept with
$ chmod 700 creds; saksi witness init w2 --name w2.example >/dev/null; cp w2/key creds/saksi.key; chmod 400 creds/saksi.key; kill $witness; sleep 0.5; CREDENTIALS_DIRECTORY=$PWD/creds saksi serve witness witness --listen 127.0.0.1:0
! saksi serve witness: witness/key: is not the key that state.db was kept with
? 1
END

# ---- started by root it becomes the owner of its folder
if [ "$(id -u)" -ne 0 ]; then
	skipped=$((skipped + 1))
	finish
	exit
fi
saksi log init owned --origin guard.example/owned --open --interval 1s >owned.vkey
chown -R 54321:54321 owned
chown root owned/key # read before the rights are given up
for ((port = 1023; port > 600; port--)); do
	if ! (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; then break; fi
done
start owned.out saksi serve log owned --listen 127.0.0.1:$port
export owned=$! port
transcript <<'END'
$ sed "s/:$port/:LOW/; s/; not limited.*//" owned.out | head -2
listening on http://127.0.0.1:LOW
saksi serve log: guarded as uid 54321
$ field $owned Uid; field $owned Gid; field $owned Groups
54321	54321	54321	54321
54321	54321	54321	54321
54321 
$ echo one >e1; saksi log add "http://127.0.0.1:$port" e1 | head -1; sleep 2; sed -n 2p owned/public/checkpoint
0
1
# what it makes is its own, so that it can be started without root next time
$ find owned ! -uid 54321
owned/key
END
finish
