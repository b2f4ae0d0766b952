#!/bin/bash
# Audits from plan to disclosure, and each way in which they must be refused.
. "$(dirname "$0")/lib.sh"
. "$here/tests/cli/world.sh"
world
world_rules
mkdir tmp
export TMPDIR=$PWD/tmp
cat >docs.py <<'PY'
import json, sys
d, text, at = [], sys.stdin.read(), 0
while text[at:].strip():
    at += len(text[at:]) - len(text[at:].lstrip())
    one, at = json.JSONDecoder().raw_decode(text, at)
    d.append(one)
print(len(d), *[eval(e, {'d': d[0]}) for e in sys.argv[1:]])
PY
R="--root root --rules rules --no-walk"
export R

transcript <<'END'
# ---- who, what: the inventory seals names
$ saksi audit inventory --server 'srv-1=voter database=host-7041.internal' --server 'srv-2=mail=x' $W --key commission.key --box commission.box --vault cvault
inventory of 2 servers is entry 1, witnessed
$ saksi audit inventory --server 'srv-1=role' $W --key commission.key --box commission.box --vault cvault
! saksi audit inventory: --server takes PSEUDONYM=ROLE=NAME, not "srv-1=role"
? 2
$ grep -rl host-7041 log cvault; ls -l cvault | grep -c '^-rw-------'
2
# wrong options are told before anything is published
$ saksi audit run --server srv-1 $R $K --fail-on worst
! saksi audit run: --fail-on takes critical, high, medium, low or info, not "worst"
? 2
$ saksi audit run --server srv-1 $R $K --wait soon
! saksi audit run: --wait 'soon' is no length of time *
? 2
$ saksi audit plan --server srv-1 --rules rules --log log/public --trust trust --state seen --key auditor.key --vault vault
! saksi audit plan: log/public: to publish, --log must be the URL of the log
? 2
$ saksi audit plan --server srv-1 --rules rules $W --key other.box --vault vault
! saksi audit plan: other.box: *
? 3
$ saksi audit plan --server srv-1 --rules rules $W --key root.key --vault vault
! saksi audit plan: the key of --key is no author's in the newest keys statement
? 3
$ mkdir open-vault; chmod 755 open-vault; saksi audit plan --server srv-1 --rules rules $W --key auditor.key --vault open-vault
! saksi audit plan: open-vault: others can look into this vault; type: chmod 700 open-vault
? 3
$ saksi audit plan --server srv-1 --rules nowhere $W --key auditor.key --vault vault
! saksi audit plan: nowhere: *
? 3
$ sed -n 2p log/public/checkpoint
2
# ---- a plan
$ saksi audit plan --server srv-1 --rules rules $W --key auditor.key --vault vault
plan * of srv-1 is entry 2, witnessed
END
P=$(basename vault/*.plan .plan)
export P
transcript <<'END'
$ saksi audit judge --plan $P --rules rules $W --box auditor.box --vault vault
! saksi audit judge: no *-facts.vault in the vault; *
? 3
$ saksi audit publish --plan $P $K
! saksi audit publish: no *-dossier.vault in the vault; *
? 3
$ saksi audit collect --plan abcd $W --vault vault
! saksi audit collect: --plan takes 8 to 64 hex digits of its id
? 2
$ saksi audit collect --plan 0000000000000000 $W --vault vault
! saksi audit collect: no witnessed plan begins with 0000000000000000
? 3
$ saksi audit collect --plan $P --root nowhere --no-walk $W --vault vault
! saksi audit collect: *nowhere*
? 3
$ saksi audit collect --plan $P --root root --no-walk $W --vault vault
facts of srv-1: * bytes, encrypted to auditor
$ saksi audit collect --plan $P --root root --no-walk $W --vault vault
! saksi audit collect: *-facts.vault is in the vault: this plan's facts were gathered; a new try needs a new plan
? 1
# no fact lies anywhere unencrypted
$ grep -rl planted-marker vault tmp log
? 1
# ---- judged by what the plan fixed, or not at all
$ cp -r rules other-rules; sed -i 's/os.version-id = 99/os.version-id = 12/' other-rules/a.rules; saksi audit judge --plan $P --rules other-rules $W --box auditor.box --vault vault
! saksi audit judge: these are not the rules that the plan fixed
? 1
$ cp rules/a.rules other-rules/; sed -i 's/^debian\t7\t2016-04-25/debian\t7\t2016-04-24/' other-rules/eol.tsv; saksi audit judge --plan $P --rules other-rules $W --box auditor.box --vault vault
! saksi audit judge: the table "*" is not the one that the plan fixed
? 1
$ saksi audit judge --plan $P --rules rules $W --box commission.box --vault vault
! saksi audit judge: *-facts.vault is not for this box key, or was changed
? 1
$ cp -r vault changed; printf x | dd of=changed/$P-facts.vault bs=1 seek=300 conv=notrunc status=none; saksi audit judge --plan $P --rules rules $W --box auditor.box --vault changed
! saksi audit judge: *-facts.vault is not for this box key, or was changed
? 1
$ cp -r vault second
$ saksi audit judge --plan $P --rules rules $W --box auditor.box --vault vault --fail-on high
3 rules: 1 pass, 2 fail, 0 not applicable, 0 not covered, 0 error
failures: 1 critical, 0 high, 0 medium, 1 low, 0 info
? 1
$ saksi audit judge --plan $P --rules rules $W --box auditor.box --vault vault
! saksi audit judge: *-dossier.vault is in the vault: this plan's facts were judged; a new try needs a new plan
? 1
$ saksi audit disclose --plan $P --rule worst $K
! saksi audit disclose: plan * has no published audit
? 3
# facts swapped between judging and publishing
$ mv vault/$P-facts.vault f; cp changed/$P-facts.vault vault/; saksi audit publish --plan $P $K
! saksi audit publish: *-facts.vault was changed after it was judged
? 1
$ mv f vault/$P-facts.vault; saksi audit publish --plan $P $W --key other.key --box auditor.box --vault vault
! saksi audit publish: *answered 403: *
? 1
$ saksi audit publish --plan $P $K
audit of plan * is entry 3, witnessed; 3 verdicts are committed, 2 failures sealed
$ saksi audit publish --plan $P $K
! saksi audit publish: plan * has its audit already: entry 3
? 1
# another vault, judged again for another result: one plan has one audit
$ saksi audit judge --plan $P --rules rules $W --box auditor.box --vault second
! saksi audit judge: plan * has its audit already: entry 3
? 1
$ saksi audit collect --plan $P --root root --no-walk $W --vault third
! saksi audit collect: plan * has its audit already: entry 3
? 1
$ saksi audit abandon --plan $P --reason 'we would rather not' $W --key auditor.key
! saksi audit abandon: plan * has its audit already: entry 3
? 1
# ---- the private report
$ saksi audit report --plan $P --rules rules $W --box auditor.box --vault vault
fail           critical worst: The rule worst
    saw: os: id=planted-marker-7041
    fix: Do it
fail           low      slight: The rule slight
    saw: os: version-id=12
    fix: Do it
$ saksi audit report --plan $P --rules rules $W --box other.box --vault vault
! saksi audit report: *-dossier.vault is not for this box key, or was changed
? 1
$ grep -rl planted-marker vault tmp log
? 1
# ---- disclosing
$ saksi audit disclose --plan $P --rule fine $K
! saksi audit disclose: fine did not fail in this audit
? 1
$ saksi audit disclose --plan $P --rule nothing $K
! saksi audit disclose: this audit has no rule "nothing"
? 2
$ saksi audit disclose --plan $P --rule worst --rule worst $K
! saksi audit disclose: --rule worst stands twice
? 2
$ saksi audit disclose --plan $P --rule worst --fixed-by $P $K
! saksi audit disclose: --fixed-by takes a later audit of the same server; plan * is none
? 1
END

# ---- fixed, and proven so; still failing is first seen then
sed -i 's/^ID=.*/ID=safe/' root/etc/os-release
transcript <<'END'
$ saksi audit run --server srv-1 $R $K --fail-on critical
plan * of srv-1 is entry 4, witnessed
facts of srv-1: * bytes, encrypted to auditor
3 rules: 2 pass, 1 fail, 0 not applicable, 0 not covered, 0 error
failures: 0 critical, 0 high, 0 medium, 1 low, 0 info
audit of plan * is entry 5, witnessed; 3 verdicts are committed, 1 failures sealed
END
for plan in vault/*.plan; do [ "$plan" = "vault/$P.plan" ] || N=$(basename "$plan" .plan); done
first() { saksi statement show "vault/$1.audit" --json 2>/dev/null | grep -o '"severity":"low","first_seen":"[^"]*"'; }
export N
export -f first
transcript <<'END'
$ first $P >a; first $N >b; cmp a b; wc -l <a
1
$ saksi audit disclose --plan $P --rule slight --fixed-by $N $K
! saksi audit disclose: slight did not fail in this audit, or does not pass in the later one
? 1
$ saksi audit disclose --plan $N --rule slight --fixed-by $P $K
! saksi audit disclose: --fixed-by takes a later audit of the same server; plan * is none
? 1
$ saksi audit disclose --plan $P --rule worst --fixed-by $N $K
1 findings of plan * are disclosed in entry 6, witnessed
$ saksi verify $u --trust trust --state seen | grep -E '^holds|ALARM|opened 1'
holds: http:*
*disclosures opened 1
  ALARM      unaudited: srv-2: *
$ saksi verify log/public/addenda/*/*/* $W
holds: openings: *: opens in the audit of srv-1
  worst (fixed): *os: id=planted-marker-7041*
# the audit before cannot be read: said, never passed over
$ mkdir -m 700 alone; saksi audit run --server srv-1 $R $W --key auditor.key --box auditor.box --vault alone >said; wc -l <said
! saksi audit run: no *-dossier.vault in the vault; *
! saksi audit run: warning: so what failed in the audit before (entry 5) counts as first seen now; *
5
# ---- JSON: one document each
$ saksi audit run --server srv-2 $R $K --json >j; python3 docs.py "sorted(d)" "d['rules']" "d['failed']['low']" <j
1 ['entries', 'error', 'fail', 'failed', 'not-applicable', 'not-covered', 'pass', 'plan', 'rules'] 3 1
$ saksi audit report --plan $P --rules rules $W --box auditor.box --vault vault --json | python3 docs.py
1
$ saksi audit plan --server srv-2 --rules rules $W --key auditor.key --vault vault --json | tee plan.json | python3 docs.py
1
$ saksi audit abandon --plan $(grep -o '[0-9a-f]\{64\}' plan.json) --reason 'no time' $W --key auditor.key --json | python3 docs.py
1
$ saksi audit judge --plan $(grep -o '[0-9a-f]\{64\}' plan.json) --rules rules $W --box auditor.box --vault vault
! saksi audit judge: plan * was abandoned: entry *
? 1
$ for c in "list" "rules rules"; do saksi audit $c --json | python3 docs.py; done
1
1
$ saksi verify $u --trust trust --state seen --json | python3 docs.py "d['alarms']" "d['exit']"
1 [] 0
END

# ---- a log that misbehaves
cat >answers.py <<'PY'
import http.server, sys, urllib.request
true, status, body = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
class H(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        try:
            with urllib.request.urlopen(true + self.path) as r: s, b = r.status, r.read()
        except urllib.error.HTTPError as e: s, b = e.code, b''
        self.send_response(s); self.send_header('Content-Length', str(len(b))); self.end_headers(); self.wfile.write(b)
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(status); self.send_header('Content-Length', str(len(body))); self.end_headers(); self.wfile.write(body)
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)
print(f'http://127.0.0.1:{s.server_port}', flush=True)
s.serve_forever()
PY
bad=0
for answer in '200 0' '200 garbage' "403 $(printf 'no\033[2Jsuch\nright')" '500 oops' '302 '; do
	bad=$((bad + 1))
	start "bad-$bad" python3 answers.py "$u" "${answer%% *}" "${answer#* }"
done
plan='saksi audit plan --server srv-2 --rules rules --trust trust --state seen --key auditor.key --vault vault --wait 2s'
export plan
transcript <<'END'
# it answers an index that is another's
$ $plan --log $(cat bad-1)
! saksi audit plan: the log answered index 0, and its witnessed tree does not hold the statement: *
? 1
$ $plan --log $(cat bad-2)
! saksi audit plan: http*/add answered something else than an index
? 3
$ $plan --log $(cat bad-3)
! saksi audit plan: http*/add answered 403: no\x1b[2Jsuch\x0aright
? 1
$ $plan --log $(cat bad-4)
! saksi audit plan: http*/add answered 500: oops
? 3
$ $plan --log $(cat bad-5)
! saksi audit plan: http*/add answered 302: *
? 3
$ $plan --log http://127.0.0.1:1
! saksi audit plan: http://127.0.0.1:1: no checkpoint could be read: http://127.0.0.1:1/checkpoint: *
? 3
END
finish
