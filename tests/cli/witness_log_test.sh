#!/bin/bash
# A log and its witnesses: cosigned, short of a quorum, and caught showing two trees.
. "$(dirname "$0")/lib.sh"

witness() { # NAME: made, taught the log, served
	saksi witness init "$1" --name "$1.example" >"$1.vkey"
	start "$1.out" saksi serve witness "$1" --listen 127.0.0.1:0
	echo "witness $1 $(cat "$1.vkey") $(sed -n 's/^listening on //p' "$1.out")" >>policy
}

witness state
state_pid=$!
witness society
society_pid=$!
printf 'group both all state society\nquorum both\n' >>policy
saksi log init log --origin log.example/x --open --policy policy >log.vkey
for i in 1 2 3 4 5 6; do echo "entry $i" >"e$i"; done

transcript <<'END'
# nobody was told of the log yet
$ saksi log add log e1
0
$ saksi log publish log
! *state (does not know this log (404)), society (does not know this log (404))*
? 4
$ for w in state society; do saksi witness add $w --log "$(cat log.vkey)"; done
$ saksi log publish log >said; grep -c '^— [a-z]*.example ' log/public/checkpoint
2
# it grows, and is proved to each from the size it told
$ saksi log add log e2 e3
1
2
$ saksi log publish log >said; sed -n 2p log/public/checkpoint
3
$ saksi witness status state
vkey     state.example+*
signed   20*
log      log.example/x
         size 3, cosigned 20*, 1 key(s), 0 refused and kept
END

# A second history, signed with the same key.
cp -a log fork
transcript <<'END'
$ saksi log add log e4; saksi log add fork e5
3
3
$ saksi log publish log >said; sed -n 2p log/public/checkpoint
4
$ saksi log publish fork
! *WITNESS HOLDS ANOTHER TREE state: answered 422: its tree of size 4 is not ours*
? 4
$ sed -n 2p fork/public/checkpoint
3
$ saksi witness status state --json | tr '{' '\n' | grep -o '"size":4,.*"kind":"[a-z]*"'
"size":4,*"kind":"root"
$ saksi witness status state | tail -n 15
refused  log.example/x
         size 4, 20*: TWO ROOTS OF ONE SIZE
  signed by the log, not cosigned
    log.example/x
    4
    *=

    — log.example/x *
  held then
    log.example/x
    4
    *=

    — log.example/x *
    — state.example *
$ saksi witness status state >said
? 5
# a larger fork comes without a proof that it fits: a reason to ask, not yet a proof
$ saksi log add fork e6
4
$ saksi log publish fork
! *WITNESS HOLDS ANOTHER TREE state: *
? 4
$ saksi witness status society | grep -c '^refused'
2
# and the true log goes on
$ saksi log add log e6; saksi log publish log >said; sed -n 2p log/public/checkpoint
4
5
END

kill "$society_pid"
wait "$society_pid" || :
transcript <<'END'
$ saksi log add log e5
5
$ saksi log publish log
! *1 of 2 witnesses cosigned*missing: society (cannot be reached)*
? 4
$ sed -n 2p log/public/checkpoint
5
# an old copy of the log: the witness is ahead, nothing goes back
$ saksi log publish fork
! *WITNESS AHEAD OF THIS LOG state: it holds size 6 of this log, we have 5*
? 4
END
kill "$state_pid"
wait "$state_pid" || :
finish
