#!/bin/bash
# --json on every command: what stands on stdout is one JSON document, as a strict
# reader of somebody else's takes it, also when the command fails.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
. "$here/tests/cli/world.sh"
cat >one.py <<'PY'
import json, sys
def pairs(all):
    assert len({k for k, _ in all}) == len(all), 'a key stands twice'
    return dict(all)
text = sys.stdin.buffer.read().decode()
assert text.endswith('\n') and text.count('\n') == 1, 'not one line: %r' % text[:200]
d = json.loads(text, object_pairs_hook=pairs)
assert isinstance(d, (dict, list)), 'no object'
if len(sys.argv) > 1:
    print(eval(sys.argv[1], {'d': d}))
PY

# told RC COMMAND...: runs it with --json; its row counts as seen
touch seen-rows
told() {
	local want=$1 rc=0
	shift
	echo "$*" >>seen-rows
	saksi "$@" --json >doc 2>said </dev/null || rc=$?
	if [ "$rc" = "$want" ] && python3 one.py <doc 2>why; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "saksi $* --json: exit $rc, not $want, or no document:"
		cat doc said why
	fi
}
served() { # COMMAND...: its first line, then it is told to end
	echo "$*" >>seen-rows
	rm -f served
	start served saksi "$@" --json
	local pid=$!
	if head -n 1 served | python3 one.py "d['listening'][:7]" >/dev/null 2>why; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		cat served why
	fi
	kill "$pid"
	wait "$pid" || failed=$((failed + 1))
	unset 'pids[-1]'
}

# ---- each command where it cannot succeed: told nothing, or a word too many
saksi help --json | python3 one.py '"\n".join(r["name"] for r in d)' >rows
while read -r row; do
	# shellcheck disable=SC2086 # a row is one or two words
	for args in '--nonsense' '/nowhere /nowhere /nowhere'; do
		rc=0
		saksi $row $args --json >doc 2>said </dev/null || rc=$?
		if [ $rc -ne 0 ] && python3 one.py "d.get('exit', d.get('things', 0)) and 0" <doc >why 2>&1; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "saksi $row $args --json: exit $rc:"
			cat doc why
		fi
	done
done <rows

# ---- each command where it does what it is for
world
world_rules
told 0 help
told 0 key new another.key --name another
told 0 key show another.key
echo '{"checkpoint":{"size":0,"root":"'"$(printf '' | sha256sum | cut -d' ' -f1)"'"},"statements":0}' >beat.json
told 0 statement new heartbeat --author other --body beat.json --sequence 0 -o beat.new
told 0 statement sign beat.new --key other.key -o beat
told 0 statement show beat
told 0 log init L --origin l.example/x --open
told 0 log add L beat
told 0 log publish L
told 0 log check L
told 0 log add "$u" beat
covers 2
told 0 witness init v --name v.example
told 0 witness add v --log "$(cat log.vkey)"
told 0 witness status v
told 0 status log witness log/public "$u" --trust trust
told 3 status log/public nowhere
served serve log L --listen 127.0.0.1:0 --metrics 127.0.0.1:0
served serve witness v --listen 127.0.0.1:0
served serve site log/public --trust trust --no-state --listen 127.0.0.1:0
read -ra w <<<"$W"
read -ra k <<<"$K"
told 0 verify "$u" --trust trust --state seen
told 0 prove 1 --log "$u" --trust trust --state seen -o 1.tlog-proof
told 0 verify 1.tlog-proof --trust trust
told 0 monitor "$u" --trust trust --state seen --once
told 0 audit inventory --server 'srv-1=roll=host' "${w[@]}" --key commission.key --box commission.box --vault cvault
told 0 audit rules rules
told 0 audit plan --server srv-1 --rules rules "${w[@]}" --key auditor.key --vault vault
plan=$(basename vault/*.plan .plan)
told 0 audit list
told 0 audit collect --plan "$plan" --root root --no-walk "${w[@]}" --vault vault
told 0 audit judge --plan "$plan" --rules rules "${w[@]}" --box auditor.box --vault vault
told 0 audit publish --plan "$plan" "${k[@]}"
told 0 audit report --plan "$plan" --rules rules "${w[@]}" --box auditor.box --vault vault
told 0 audit disclose --plan "$plan" --rule worst "${k[@]}"
told 0 audit run --server srv-1 --root root --rules rules --no-walk "${k[@]}"
told 0 audit plan --server srv-1 --rules rules "${w[@]}" --key auditor.key --vault other-vault
told 0 audit abandon --plan "$(basename other-vault/*.plan .plan)" --reason 'the disk died' "${w[@]}" --key auditor.key

told 0 key rotate auditor --log "$u" --new "$(pub another.key)" --trust trust --no-state
told 0 key revoke auditor --log "$u" --from 3 --trust trust --no-state

told 0 backup L --to copy
told 0 restore copy --drill
told 0 log close L
saksi log init M --origin m.example/x --open >/dev/null
told 0 log succeed M L/public

# A command that nobody thought of here is not known to speak JSON.
while read -r row; do
	if ! grep -q "^$row\b" seen-rows; then
		echo "no call of 'saksi $row' is tried here"
		failed=$((failed + 1))
	fi
done <rows
finish
