#!/bin/bash
# How a log, a witness, a published log stands: each answer and its exit code.
. "$(dirname "$0")/lib.sh"

for n in w v; do saksi witness init $n --name $n.example >$n.vkey; done
start w.out saksi serve witness w --listen 127.0.0.1:0 --metrics 127.0.0.1:0
witness=$!
wu=$(sed -n 's/^listening on //p' w.out)
wm=$(sed -n 's/^metrics on //p' w.out)
printf 'witness w %s %s\nwitness v %s\ngroup any 1 w v\nquorum any\n' \
	"$(cat w.vkey)" "$wu" "$(cat v.vkey)" >policy
saksi log init L --origin l.example/x --open --policy policy >L.vkey
saksi witness add w --log "$(cat L.vkey)"
saksi log init never --origin never.example/x --open --policy policy >/dev/null
mkdir trust both
{ echo "log $(cat L.vkey)"; cat policy; } >trust/policy
sed 's/any 1/any 2/' trust/policy >both/policy
echo one >one
saksi log add L one >/dev/null
saksi log publish L 2>/dev/null >/dev/null
day=$(($(date +%s) + 86400))
late=$(date -u -d "@$day" +%Y-%m-%dT%H:%M:%SZ)
past=$(date -u -d "@$((day - 172800))" +%Y-%m-%dT%H:%M:%SZ)
export late past wm

transcript <<'END'
$ saksi status L
well: L (folder of a log)
  origin     l.example/x (open: anybody may add)
  key        l.example/x+*
  entries    1 acknowledged, 1 signed
  shown      2*Z, * s ago
  published  1 entries, root *
  witnesses  1 of 2 cosigned: quorum met
             cosigned  w, 2*Z, * s ago
             MISSING   v
  vouched    2*Z, * s ago
  due        published again by 2*Z
  served     by no process that is seen here
  disk       * of * GB free (* %)
$ cd L && saksi status | head -1
well: . (folder of a log)
$ saksi status w | sed -n '1,3p;/served/p'
well: w (folder of a witness)
  vkey       w.example+*
  signed     2*Z, * s ago
  served     by process *
$ saksi status w | grep logs
  logs       l.example/x: size 1, cosigned 2*Z, * s ago
$ saksi status v | grep -E 'signed|logs|served'
  signed     never
  logs       none yet: saksi witness add
  served     by no process that is seen here
$ saksi status L w --json | python3 -c 'import json,sys; d=json.load(sys.stdin); a,b=d["things"]; print(d["exit"],a["published"],a["waiting"],[w["answer"] for w in a["witnesses"]],a["served_by"],b["logs"][0]["size"],b["evidence"])'
0 1 0 ['cosigned', 'missing'] None 1 0
# what others published is judged by a trust folder, or not at all
$ saksi status L/public | head -1
cannot tell: L/public (published log): signatures are judged only with --trust DIR
? 0
$ saksi status L/public >/dev/null
? 3
$ saksi status L/public --trust trust | head -2
well: L/public (published log)
  shown      *
$ saksi status L/public --trust both >said; echo $?; head -1 said
4
QUORUM MISSING: L/public (published log): too few witnesses cosigned
$ saksi status L --trust both >/dev/null
? 4
# ---- late: the folder by its own settings, the public by its freshness
$ saksi status L --now $late >said; echo $?; head -1 said; grep '  due' said
1
WRONG: L (folder of a log): the next publication is overdue by * h: is it served?
  due        *, OVERDUE by * h
$ saksi status L/public --trust trust --now $late >said; echo $?; head -1 said
3
cannot tell: L/public (published log): stale: a quorum last vouched for it * h ago
$ saksi status L/public --trust trust --now $past >said; echo $?; head -1 said
3
cannot tell: L/public (published log): the witnesses' clocks are ahead of this one
$ saksi status w --now $past >said; echo $?; head -1 said
1
WRONG: w (folder of a witness): the clock is behind the last cosignature: nothing is cosigned
# ---- entries that were promised and are not public
$ echo two >two; saksi log add L two >/dev/null; saksi status L | grep -E 'well|waiting'
well: L (folder of a log)
  waiting    1 entries, the oldest for * s
$ saksi status L --now $late | head -1
WRONG: L (folder of a log): entries were promised to be public and are not, for * h: receipts are broken
$ saksi log publish L 2>/dev/null
published size 2
# ---- what is false, what cannot be told
$ cp -r L forged; sed -i 's/^2$/3/' forged/public/checkpoint; saksi status forged >said; echo $?; head -1 said
1
WRONG: forged (folder of a log): the checkpoint: a known key's signature is false
$ cp -r L old; rm old/state.db*; saksi status old | head -1
cannot tell: old (folder of a log): old/state.db: *
$ cp -r L unset; echo nonsense >>unset/config; saksi status unset >said; echo $?; head -1 said
3
cannot tell: unset (folder of a log): unset/config:*
$ saksi status never | head -1
cannot tell: never (folder of a log): nothing was published yet
$ mkdir empty; saksi status empty nowhere
cannot tell: empty (nothing known): empty: neither a log nor a witness nor a published log is here

cannot tell: nowhere (nothing known): nowhere: No such file or directory
? 3
$ saksi status http://127.0.0.1:1
cannot tell: http://127.0.0.1:1 (nothing known): no answer: *
? 3
$ saksi status L --trust nowhere
! saksi status: nowhere: *
? 3
# a log that has ended is due no more
$ saksi log init E --origin e.example/x --open >/dev/null; saksi log close E >/dev/null 2>&1; saksi status E --now $late | grep -E 'well|due'
well: E (folder of a log)
  due        never: this log was closed
# no secret is read, and nothing is changed: a reader who owns nothing is enough
$ cp -r L bare; rm bare/key bare/receipt.key; saksi status bare | head -1; ls -A bare | grep -c lock
well: bare (folder of a log)
1
# a server by its metrics
$ saksi status $wm | sed 's/[0-9][0-9.]* MB/N MB/'
well: http://*/metrics (running server)
  health     ok
  began      *
  signed     *
  logs       1 known
  cosigned   * since it began
  memory     N MB
# the gravest of several is the answer
$ saksi status L forged nowhere --trust both >/dev/null
? 1
END

# ---- evidence: a copy of the log goes another way
cp -r L fork
echo three >three
echo four >four
saksi log add L three >/dev/null
saksi log publish L >/dev/null 2>&1 || :
saksi log add fork four >/dev/null
saksi log publish fork >/dev/null 2>&1 || :
transcript <<'END'
$ saksi status w >said; echo $?; grep -E '^EVID|refused' said
5
EVIDENCE: w (folder of a witness): 1 kept checkpoints prove that a log showed two trees
  refused    1 prove a lie, 0 came without a proof (saksi witness status)
$ saksi status $wm | head -1
EVIDENCE: http://*/metrics (running server): 1 kept checkpoints prove that a log showed two trees
$ saksi status L forged w >/dev/null
? 5
END
kill "$witness"
wait "$witness" || failed=$((failed + 1))
pids=()
finish
