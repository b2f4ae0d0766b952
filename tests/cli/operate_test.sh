#!/bin/bash
# What an operator has of a server: metrics, health, journal lines, systemd, and a
# restart that loses nothing.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip "no curl"
command -v python3 >/dev/null || skip "no python3"
play=$here/tests/cli/operate
export play

saksi witness init w --name w.example >w.vkey
saksi witness init dead --name dead.example >dead.vkey
start w.out saksi serve witness w --listen 127.0.0.1:0 --metrics 127.0.0.1:0
wu=$(sed -n 's/^listening on //p' w.out)
wm=$(sed -n 's/^metrics on //p' w.out)
printf 'witness w %s %s\nwitness dead"\\%s %s http://127.0.0.1:1\ngroup g 1 w dead"\\%s\nquorum g\n' \
	"$(cat w.vkey)" "$wu" x "$(cat dead.vkey)" x >policy
printf 'witness dead %s http://127.0.0.1:1\nquorum dead\n' "$(cat dead.vkey)" >deaf
saksi log init L --origin l.example/x --open --policy policy >L.vkey
saksi log init D --origin d.example/x --open --policy deaf >/dev/null
saksi witness add w --log "$(cat L.vkey)"
start l.out saksi serve log L --listen 127.0.0.1:0 --metrics 127.0.0.1:0 --log-format json
u=$(sed -n 's/^listening on //p' l.out)
m=$(sed -n 's/^metrics on \(.*\)\/metrics$/\1/p' l.out)
mkdir trust && { echo "log $(cat L.vkey)"; cat policy; } >trust/policy
start site.out saksi serve site "$u" --trust trust --no-state --listen 127.0.0.1:0 --metrics 127.0.0.1:0
su=$(sed -n 's/^listening on //p' site.out)
sm=$(sed -n 's/^metrics on //p' site.out)
status='curl -s -o /dev/null -w %{http_code}\n'
for e in a b a; do printf 'entry %s' $e | curl -s --data-binary @- "$u/add" >/dev/null; done
curl -s "$u/add" --data-binary '' >/dev/null
for _ in $(seq 100); do curl -s "$u/checkpoint" | sed -n 2p | grep -qx 2 && break; sleep 0.1; done
curl -s "$su/" >/dev/null
# A log of which nobody hears: three publications must fail.
start d.out saksi serve log D --listen 127.0.0.1:0 --metrics 127.0.0.1:0
dm=$(sed -n 's/^metrics on \(.*\)\/metrics$/\1/p' d.out)
for _ in $(seq 200); do [ "$($status "$dm/health")" = 503 ] && break; sleep 0.1; done
export u m wm sm dm status

transcript <<'END'
# ---- metrics, health, readiness: on a listener of their own alone
$ $status $u/metrics; $status $u/health; $status $m/metrics; $status $m/checkpoint; $status -d x $m/metrics; $status $m/ready
404
404
200
404
405
200
$ curl -sI $m/metrics | tr -d '\r' | grep -i ^content-type
Content-Type: text/plain; version=0.0.4; charset=utf-8
$ curl -s $m/health; curl -s $m/ready
ok
ready
$ curl -s $m/metrics | grep -E '^saksi_log_(entries|tree_entries|published_entries|repeats_total|queue_entries|publications_missed|quorum_missing|disk_refuses) '
saksi_log_entries 2
saksi_log_tree_entries 2
saksi_log_published_entries 2
saksi_log_publications_missed 0
saksi_log_quorum_missing 0
saksi_log_disk_refuses 0
saksi_log_queue_entries 0
saksi_log_repeats_total 1
$ curl -s $m/metrics | grep -E '^saksi_log_adds_total.*(acknow|malf|refused)|^saksi_log_add_duration_seconds_count|^saksi_http_requests_total.*(2|4)xx|^saksi_build'
saksi_build_info{version="*"} 1
saksi_http_requests_total{class="2xx"} *
saksi_http_requests_total{class="4xx"} *
saksi_log_adds_total{answer="acknowledged"} 3
saksi_log_adds_total{answer="refused"} 0
saksi_log_adds_total{answer="malformed"} 1
saksi_log_add_duration_seconds_count 3
# a witness's name is escaped, and the one that is down is counted as such
$ curl -s $m/metrics | grep '^saksi_log_witness_answers_total{witness="dead' | grep -v ' 0$'
saksi_log_witness_answers_total{witness="dead\"\\x",answer="dead"} *
$ curl -s $m/metrics | grep '^saksi_log_witness_answers_total{witness="w"' | grep -v ' 0$'
saksi_log_witness_answers_total{witness="w",answer="good"} *
$ curl -s $wm | grep -E '^saksi_witness_(answers_total.*200|logs|evidence|log_entries|answer_duration_seconds_count)'
saksi_witness_answers_total{status="200"} *
saksi_witness_answer_duration_seconds_count *
saksi_witness_log_entries{origin="l.example/x"} 2
saksi_witness_logs 1
saksi_witness_evidence{kind="root"} 0
saksi_witness_evidence{kind="empty"} 0
saksi_witness_evidence{kind="proof"} 0
$ curl -s $sm | grep -E '^saksi_site_look(s_total|_duration_seconds_count)' | grep -v ' 0$'
saksi_site_looks_total{answer="*"} 1
saksi_site_look_duration_seconds_count 1
# ---- a log that cannot publish
$ curl -s $dm/health; $status $dm/health; $status $dm/ready
not published (* in a row): *dead*
503
200
$ curl -s $dm/metrics | grep -E '^saksi_(healthy|log_quorum_missing|log_publications_total.outcome="quorum".) '
saksi_healthy 0
saksi_log_quorum_missing 1
saksi_log_publications_total{outcome="quorum"} *
$ saksi status $dm | head -1
QUORUM MISSING: http://* (running server): not published *
$ saksi status $dm/metrics $wm >/dev/null
? 4
# ---- wrong use
$ saksi serve log D --listen 127.0.0.1:0 --metrics nonsense
! saksi serve log: --metrics: cannot listen on "nonsense": *
? 2
$ saksi serve log D --listen 127.0.0.1:0 --log-format xml
! saksi serve log: --log-format takes text, logfmt or json, not "xml"
? 2
$ saksi serve log D
! saksi serve log: --listen ADDR:PORT is needed: *
? 2
$ saksi serve log D --listen fd
! saksi serve log: --listen: cannot listen on "fd": no such socket was given to this process *
? 2
$ LISTEN_FDS=1 LISTEN_PID=1 saksi serve log D --listen fd
! saksi serve log: --listen: cannot listen on "fd": no such socket *
? 2
$ sh -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec saksi serve log D' 3</dev/null
! saksi serve log: --listen: cannot listen on "fd": descriptor 3 is no listening TCP socket
? 2
# what fails when it begins is an event, too
$ saksi serve log nowhere --listen 127.0.0.1:0 --log-format logfmt
! time=* level=error event=failed says="nowhere: No such file or directory"
? 3
# ---- under systemd: sockets, readiness, watchdog, journal
$ saksi log init S --origin s.example/x --open >/dev/null; python3 $play/listener.py err saksi serve log S
listening on http://127.0.0.1:PORT
metrics on http://127.0.0.1:METRICS/metrics
READY=1
STATUS=...
WATCHDOG=1
STOPPING=1
$ sed 's/127.0.0.1:[0-9]*/AT/g' err
<5>level=notice event=listening url=http://AT metrics=http://AT says="listening on http://AT"
<6>level=info event=guarded says="guarded as *"
<5>level=notice event=stopping signal=SIGTERM says=stopping
$ saksi witness init w2 --name w2.example >/dev/null; python3 $play/listener.py err saksi serve witness w2 --log-format json | tail -4; cut -c1-40 err
READY=1
STATUS=...
WATCHDOG=1
STOPPING=1
<5>{"level":"notice","event":"listening"
<6>{"level":"info","event":"guarded","sa
<5>{"level":"notice","event":"stopping",
END

# Lines of a server, as its reader gets them.
kill "${pids[1]}" && wait "${pids[1]}" || failed=$((failed + 1))
transcript <<'END'
$ tail -n +3 l.out | python3 -c 'import json,sys; [print(e["level"], e["event"], e.get("size"), e["time"][:2]) for e in map(json.loads, sys.stdin)]' | uniq
notice listening None 20
info guarded None 20
info published * 20
...
notice stopping None 20
END

# ---- ten restarts under load: no add fails, nothing acknowledged is lost
saksi log init R --origin r.example/x --open >/dev/null
if python3 "$play/restart.py" "$SAKSI" R 10 >restarted; then passed=$((passed + 1)); else
	failed=$((failed + 1))
fi
cat restarted
cat >there.py <<'PY'
import os, sys
got, n = {}, 0
for folder, _, files in sorted(os.walk('R/public/tile/entries')):
    for name in files:
        path = os.path.join(folder, name)
        parts = path.split('tile/entries/')[1].replace('x', '').split('/')
        partial = '.p' in path
        first = int(''.join(parts[:-1] if partial else parts).replace('.p', '')) * 256
        data, at = open(path, 'rb').read(), 0
        while at < len(data):
            size = int.from_bytes(data[at:at + 2], 'big')
            got[first] = data[at + 2:at + 2 + size].decode()
            first, at = first + 1, at + 2 + size
for line in open('acknowledged'):
    index, entry = line.rstrip('\n').split(' ', 1)
    assert got.get(int(index)) == entry, (index, entry, got.get(int(index)))
    n += 1
print(n > 100, 'all there')
PY
transcript <<'END'
$ python3 there.py
True all there
$ saksi log check R
*: all fits
END
finish
