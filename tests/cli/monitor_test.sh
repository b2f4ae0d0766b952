#!/bin/bash
# Following a log: each alarm, a log that goes away, and two histories.
. "$(dirname "$0")/lib.sh"
. "$here/tests/cli/world.sh"
world
world_rules
M="saksi monitor $u --once --trust trust --state seen-m"
export M
later() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
days=$(later '10 days') month=$(later '30 days') hours=$(later '2 hours')
export days month hours

saksi audit inventory --server srv-1=a=b $W --key commission.key --box commission.box --vault cvault >/dev/null
transcript <<'END'
# a server in scope that nobody planned to audit
$ $M
ALARM: http*
  log        log.example/x, 2 entries, root *
  cosigned   w 2*
  grown      nothing of this log was seen before
  statements 2 hold, 0 false, 0 cannot be told, 0 revoked
  ALARM      unaudited: srv-1: * (entry 1*)
? 1
$ $M --json | python3 -c 'import json,sys; d=json.loads(sys.stdin.read()); print(d["exit"], d["answer"], [a["alarm"] for a in d["alarms"]])'
1 holds ['unaudited']
$ saksi verify $u --trust trust --state seen-m | head -1
holds: http*
$ saksi audit run --server srv-1 --root root --rules rules --no-walk $K >out
$ $M | grep -E '^[a-zA-Z]|ALARM'
holds: http*
$ $M | grep 'grown'
  grown      from 4 entries seen before
# two hours on all is quiet; ten days on nothing new came, and that is told although it is stale
$ $M --now $hours | grep -cE '^holds|ALARM'
1
$ $M --now $days | grep -E '^[a-zA-Z]|ALARM'
ALARM: http*: the checkpoint is older than the limit: is this the latest?
  ALARM      silence: auditor: *
$ $M --now $days >out
? 1
$ $M --now $month | grep -oE '^ALARM:|ALARM  *(silence|overdue)'
ALARM:
ALARM      silence
ALARM      overdue
# a plan that nothing follows
$ saksi audit plan --server srv-1 --rules rules --deadline 1s $W --key auditor.key --vault vault >out; sleep 2; $M | grep -o 'ALARM      silent-plan: srv-1'
ALARM      silent-plan: srv-1
# wrong use ends it; a log that is not there is no answer, and has no alarm
$ saksi monitor $u --trust trust --state s --every 0s
! saksi monitor: --every takes 1s to 1d
? 2
$ saksi monitor $u --trust trust --state s --now yesterday
! saksi monitor: --now 'yesterday' is no time *
? 2
$ saksi monitor http://127.0.0.1:1 --once --trust trust --state s
cannot tell: http://127.0.0.1:1: no checkpoint could be read: *
? 3
$ saksi monitor nowhere --once --trust trust --state s
! saksi monitor: nowhere: *
? 3
$ saksi monitor log/public --once --trust nowhere --state s
! saksi monitor: nowhere: *
? 3
END

# ---- what authors and logs must not do, in a log that takes anything
heart() { # NUMBER PREVIOUS SECOND KEY: signed, as beat-NUMBER-SECOND
	echo "{\"checkpoint\":{\"size\":0,\"root\":\"$empty\"},\"statements\":$1}" >body
	saksi statement new heartbeat --author auditor --body body --sequence "$1" \
		${2:+--previous "$2"} --time "$(later "-1 hour +$3 sec")" -o h
	saksi statement sign h --key "$4" -o "beat-$1-$3"
}
id() { saksi statement show "$1" 2>/dev/null | sed -n 's/^id *//p'; }
empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
saksi log init O --origin open.example/x --open >O.vkey
mkdir otrust
cp roots otrust/
printf 'log %s\nquorum none\n' "$(cat O.vkey)" >otrust/policy
heart 0 '' 1 auditor.key
heart 0 '' 2 auditor.key
heart 0 '' 3 root.key
heart 2 "$(id beat-0-1)" 4 auditor.key
O="saksi monitor O/public --once --trust otrust"
add() { # of log $1: a new copy with the entries after it
	local at=$1
	shift
	rm -rf X
	cp -a "$at" X
	saksi log add X "$@" >/dev/null
	saksi log publish X >/dev/null
}
head -c 300 /dev/urandom >noise
head -c 300 /dev/urandom >other
export O
export -f add
saksi log add O keys beat-0-1 >/dev/null
saksi log publish O >/dev/null
transcript <<'END'
$ $O --state so | head -1
holds: O/public
$ add O beat-0-2; saksi monitor X/public --once --trust otrust --no-state | grep -oE '^FALSE.*|ALARM  *[a-z-]*'
FALSE: X/public: entry 2: *
ALARM      equivocation
...
$ add O beat-0-3; saksi monitor X/public --once --trust otrust --no-state | grep -oE '^FALSE.*|ALARM  *[a-z-]*'
FALSE: X/public: entry 2: *
ALARM      false-entry
$ add O beat-2-4; saksi monitor X/public --once --trust otrust --no-state | grep -oE '^[A-Z].*|ALARM  *[a-z-]*' | sort -u
ALARM      gap
FALSE: X/public: entry 2: *
$ add O beat-0-1; saksi monitor X/public --once --trust otrust --no-state | grep -cE 'ALARM|FALSE'
0
? 1
$ add O noise; saksi monitor X/public --once --trust otrust --no-state >out
? 1
# ---- an entry that is not served: nothing is said of time
$ add O beat-0-3; rm -r X/public/tile/entries; saksi monitor X/public --once --trust otrust --no-state --now $month
cannot tell: X/public: entry 0 could not be read: tile/entries/*
  log        open.example/x, 3 entries, *
  cosigned   by nobody
  latest     not judged: the policy asks for no witness
  grown      nothing of this log was seen before
  statements not all read: no alarm can be told
? 3
# ---- an older tree, and two histories
$ cp -a O/public older; cp -a O fork; saksi log add O noise >out; saksi log publish O >out; saksi monitor O/public --once --trust otrust --state so >out
? 1
$ saksi monitor older --once --trust otrust --state so | head -1
FALSE: older: an older tree is shown than was seen before
$ saksi log add fork other >out; saksi log publish fork >out; saksi monitor fork/public --trust otrust --state so --evidence two.json | head -1
! saksi monitor: the evidence is in two.json: anyone can check it with saksi verify
SPLIT VIEW: fork/public: the log signed two histories that cannot both be true
$ saksi monitor fork/public --trust otrust --state so --evidence two.json >out 2>&1
? 5
$ saksi verify two.json --trust otrust
holds: evidence: two.json: proven: open.example/x signed two histories, at 3 and 3 entries
$ saksi log add fork noise >out; saksi log publish fork >out; saksi verify fork/public --trust otrust --state so --evidence larger.json >out 2>&1
? 5
$ saksi verify larger.json --trust otrust
holds: evidence: larger.json: proven: open.example/x signed two histories, at 3 and 4 entries
# what was remembered is damaged: never "nothing was seen"
$ for f in so/*.seen; do echo x >$f; done; saksi verify older --trust otrust --state so | head -1
cannot tell: older: the checkpoint remembered from before can no longer be read with this trust folder
$ touch file; saksi verify O/public --trust otrust --state file
cannot tell: O/public: file: *; give --state DIR
? 3
# its first answer may be another than its second: what is judged is what is compared
$ saksi verify O/public --trust otrust --state sp >out; saksi verify O/public --trust otrust --state sp | grep grown
  grown      from 3 entries seen before
END
cat >twice.py <<'PY'
import http.server, os
first = True
class H(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        global first
        b = None
        if self.path == '/checkpoint' and first:
            first, b = False, b'nonsense\n'
        elif os.path.isfile('fork/public' + self.path):
            b = open('fork/public' + self.path, 'rb').read()
        self.send_response(200 if b is not None else 404)
        self.send_header('Content-Length', str(len(b or b''))); self.end_headers(); self.wfile.write(b or b'')
s = http.server.HTTPServer(('127.0.0.1', 0), H)
print(f'http://127.0.0.1:{s.server_port}', flush=True)
s.serve_forever()
PY
start twice python3 twice.py
transcript <<'END'
$ saksi verify $(cat twice) --trust otrust --state sp >out 2>&1
? 1
$ saksi verify $(cat twice) --trust otrust --state sp 2>/dev/null | head -1
SPLIT VIEW: *
END

# ---- one that runs on lives through a log that goes away and comes back
port=${u##*:}
start followed saksi monitor "$u" --every 1s --trust trust --state seen-m
monitor=$!
# until the log says $1; what came before is forgotten
says() {
	local i
	for ((i = 0; i < 100; i++)); do
		if grep -q "$1" followed; then
			passed=$((passed + 1))
			return 0
		fi
		sleep 0.1
	done
	echo "the monitor did not say '$1':"
	tail -20 followed
	failed=$((failed + 1))
}
says '^ALARM: '
kill "$server"
wait "$server" || :
says '^cannot tell: .*no checkpoint could be read'
start again saksi serve log log --listen "127.0.0.1:$port"
: >followed
says '^ALARM: '
kill -TERM "$monitor"
rc=0
wait "$monitor" || rc=$?
if [ "$rc" = 1 ]; then passed=$((passed + 1)); else
	echo "after SIGTERM the monitor ended with $rc"
	failed=$((failed + 1))
fi
finish
