#!/bin/bash
# The product's main job on this very machine: audit it, seal the result, have
# it witnessed, let a stranger check it, and catch five lies.  ./run calls this.
#   --once      exit after the job instead of serving the page
#   --port N    port of the page (8080; 0 picks one)
#   --dir DIR   where everything is kept (demo/ here); begun anew each time
set -euo pipefail
cd "$(dirname "$0")/.."
saksi=${SAKSI:-$PWD/bin/saksi}
once='' port=8080 dir=demo
while [ $# -gt 0 ]; do
	case $1 in
	--once) once=yes ;;
	--port) port=${2:?--port takes a number} && shift ;;
	--dir) dir=${2:?--dir takes a folder} && shift ;;
	--help)
		sed -n 's/^# \{0,1\}//p' "$0" | sed 1d
		exit 0
		;;
	*)
		echo "./run: there is no option '$1'; it takes --once, --port N, --dir DIR" >&2
		exit 2
		;;
	esac
	shift
done
if [ -e "$dir" ] && [ ! -e "$dir/.saksi-demo" ]; then
	echo "./run: $dir is there and no demo of this program: move it, or give --dir" >&2
	exit 2
fi
rm -rf "$dir"
mkdir -p "$dir"
chmod 700 "$dir"
touch "$dir/.saksi-demo"
cd "$dir"
PATH=$(dirname "$saksi"):$PATH
export PATH LC_ALL=C.UTF-8

pids=()
stop() {
	local p
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${pids[@]}"; do wait "$p" 2>/dev/null || :; done
}
trap stop EXIT
trap 'exit 130' INT TERM

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
fail() {
	echo "./run: $*" >&2
	exit 1
}

# url NAME COMMAND...: begins a server and prints its URL when it listens.
serve() {
	local name=$1 i
	shift
	: >"$name.out"
	"$@" >"$name.out" 2>"$name.err" </dev/null &
	pids+=($!)
	for ((i = 0; i < 200; i++)); do
		url=$(sed -n 's/^listening on //p' "$name.out")
		if [ -n "$url" ]; then return 0; fi
		kill -0 "${pids[-1]}" 2>/dev/null || break
		sleep 0.05
	done
	cat "$name.err" >&2
	fail "$name did not begin"
}

# witnessed N: returns when a checkpoint over N entries has its quorum.
witnessed() {
	local i
	for ((i = 0; i < 200; i++)); do
		saksi verify "$log" --trust trust --state seen --json >look.json 2>look.err || :
		grep -q "\"exit\":0.*\"size\":$1," look.json && return 0
		sleep 0.1
	done
	cat look.json look.err >&2
	fail "the witnesses did not come to $1 entries"
}

# ---- keys, witnesses, log

step "1. Keys: an offline root of three (two must sign), an auditor, the commission, an observer"
mkdir -m 700 keys
for who in commission supervisor society; do
	saksi key new "keys/root-$who" --name "root-$who" >/dev/null
done
for who in auditor commission supervisor observer; do
	saksi key new "keys/$who" --name "$who" >/dev/null
done
for who in auditor commission supervisor; do
	saksi key new "keys/$who.box" --name "$who" --type box >/dev/null
done
pub() { saksi key show "keys/$1" --only key; }

step "2. Five witnesses, each its own process, key and state"
origin=saksi.example/demo
state="BSSN Polri Kementerian" society="Universitas LSM"
{
	for who in $state $society; do
		vkey=$(saksi witness init "witness-$who" --name "saksi.example/$who")
		serve "witness-$who" saksi serve witness "witness-$who" --listen 127.0.0.1:0
		echo "witness $who $vkey $url"
	done
	echo "group negara 2 $state"
	echo "group masyarakat 1 $society"
	echo "group saksi all negara masyarakat"
	echo "quorum saksi"
} >policy.witnesses
{
	echo "quorum 2"
	for who in commission supervisor society; do echo "root $who $(pub "root-$who")"; done
} >roots
sed -n 's/^\(witness [^ ]*\) .* \(http.*\)/  \1 \2/p' policy.witnesses
echo "  policy: 2 of 3 of the state and 1 of 2 of society"

step "3. A log with that policy"
saksi log init log --origin "$origin" --policy policy.witnesses --roots roots --interval 1s
log_vkey=$(cat log/public/vkey)
for who in $state $society; do saksi witness add "witness-$who" --log "$log_vkey"; done
serve log saksi serve log log --listen 127.0.0.1:0
log=$url
mkdir trust
cp roots trust/roots
{
	echo "log $log_vkey"
	sed 's/ http:.*//' policy.witnesses
} >trust/policy
echo "  $log"

# ---- statements

common=(--log "$log" --trust trust --state seen)
step "4. Who may say what, signed by two of the three roots; then the inventory"
cat >keys.json <<END
{"authors":[
{"author":"auditor","role":"auditor","key":"$(pub auditor)","box":"$(pub auditor.box)",
 "kinds":["plan","audit","abandoned","disclosure","heartbeat"],"heartbeat_s":604800},
{"author":"commission","role":"commission","key":"$(pub commission)","box":"$(pub commission.box)",
 "kinds":["inventory","extension","acceptance","heartbeat"],"heartbeat_s":604800},
{"author":"supervisor","role":"supervisor","key":"$(pub supervisor)","box":"$(pub supervisor.box)",
 "kinds":["extension","acceptance","heartbeat"],"heartbeat_s":604800},
{"author":"observer","role":"observer","key":"$(pub observer)",
 "kinds":["observation"],"heartbeat_s":0}],
"revoked":[]}
END
saksi statement new keys --author root --body keys.json --sequence 0 --output keys.1
saksi statement sign keys.1 --key keys/root-commission --output keys.2
saksi statement sign keys.2 --key keys/root-supervisor --output keys.3
saksi log add "$log" keys.3
witnessed 1
saksi audit inventory --server "srv-1=basis data pemilih=$(uname -n)" \
	--key keys/commission --box keys/commission.box --vault vault-commission "${common[@]}"

step "5. Plan, collect, judge and publish: an audit of this very machine"
saksi audit plan --server srv-1 --key keys/auditor --vault vault "${common[@]}"
plan=$(basename vault/*.plan .plan)
cp -R log/public older
saksi audit collect --plan "$plan" --vault vault "${common[@]}"
saksi audit judge --plan "$plan" --vault vault --box keys/auditor.box "${common[@]}"
saksi audit publish --plan "$plan" --vault vault --key keys/auditor --box keys/auditor.box "${common[@]}"

step "6. Somebody who stood beside the auditor says what they saw, with a note attached"
audit=$(saksi statement show "vault/$plan.audit" --json 2>/dev/null | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
echo "Saya berdiri di samping auditor sejak rencana disaksikan sampai segel terbit." >note.txt
printf '{"of":"%s","saw":"the audit was run in my presence"}\n' "$audit" >observation.json
saksi statement new observation --author observer --body observation.json \
	--addendum note.txt --output observation.1 "${common[@]}"
saksi statement sign observation.1 --key keys/observer --output observation
saksi log add "$log" observation --addendum note.txt
witnessed 5

step "7. The public page"
serve site saksi serve site log/public --trust trust --listen "127.0.0.1:$port" --state seen-site
page=$url
echo "  $page"

# ---- a stranger

step "8. A stranger in an empty folder, who knows only the URL and a trust folder"
mkdir stranger
cp -R trust stranger/trust
(cd stranger && saksi verify "$page" --trust trust --state seen --full)

step "9. Five lies, each refused with its reason"
lies=0
# lie WHAT EXIT WORDS COMMAND...: must be answered with that exit and those words.
lie() {
	local what=$1 want=$2 words=$3 rc=0 said
	shift 3
	said=$("$@" 2>&1) || rc=$?
	said=$(printf '%s\n' "$said" | head -1)
	printf '  %-34s %s\n' "$what" "$said"
	if [ "$rc" != "$want" ] || ! printf '%s' "$said" | grep -qE "$words"; then
		fail "this lie was not caught (exit $rc)"
	fi
	lies=$((lies + 1))
}
# flip FILE OFFSET: changes one byte.
flip() {
	local b
	b=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	printf '%b' "$(printf '\\x%02x' $((b ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
size=$(sed -n 2p log/public/checkpoint)
stranger=(--trust stranger/trust --state stranger/seen)

cp -R log/public lie-entry
flip "lie-entry/tile/entries/000.p/$size" 200
lie "one byte of an entry changed" 1 'entry [0-9]+' saksi verify lie-entry "${stranger[@]}"

cp -R log/public lie-tile
flip "lie-tile/tile/0/000.p/$size" 40
lie "one byte of a tile changed" 1 'tile|tree' saksi verify lie-tile "${stranger[@]}"

lie "an older tree served" 1 'older tree' saksi verify older "${stranger[@]}"

cp -R log/public lie-note
attached=$(find lie-note/addenda -type f | head -1)
echo "Saya tidak melihat apa-apa." >"$attached"
lie "an attachment swapped" 1 'attachment' saksi verify lie-note "${stranger[@]}"

# A verdict is dropped by an auditor and a log that conspire: the statement is
# signed and logged, and still says less than its plan fixed.
saksi statement show "vault/$plan.audit" --json 2>/dev/null >audit.json
sed -n 's/.*"body":\({.*}\)}$/\1/p' audit.json >audit.body
leaves=$(sed -n 's/.*"leaves":"\([^"]*\)".*/\1/p' audit.body)
short=$(printf '%s' "$leaves" | base64 -d | head -c -32 | base64 -w 0)
sed "s|$leaves|$short|" audit.body >dropped.body
saksi log init lying --origin saksi.example/lying --open >/dev/null
mkdir lying-trust
cp roots lying-trust/roots
printf 'log %s\nquorum none\n' "$(cat lying/public/vkey)" >lying-trust/policy
number=$(sed -n 's/.*"sequence":\([0-9]*\).*/\1/p' audit.json)
before=$(saksi statement show "vault/$plan.plan" --json 2>/dev/null | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
if saksi statement new audit --author auditor --body dropped.body --sequence "$number" \
	--previous "$before" --output dropped.1 2>dropped.err; then
	saksi statement sign dropped.1 --key keys/auditor --output dropped
else
	cat dropped.err >&2
	fail "the shortened audit could not be written down"
fi
saksi log add lying keys.3 vault-commission/inventory-*.entry "vault/$plan.plan" dropped >/dev/null
saksi log publish lying >/dev/null
lie "a verdict dropped" 1 'verdict|leaves|rule' saksi verify lying/public --trust lying-trust --no-state
echo "  $lies of 5 lies caught"
[ "$lies" = 5 ] || fail "not all lies were caught"

step "10. One finding is opened, and anyone can check the opening"
saksi audit report --plan "$plan" --vault vault --box keys/auditor.box "${common[@]}" >report.txt
rule=$(awk '$1 == "fail" { sub(":$", "", $3); rule = $3 } END { print rule }' report.txt)
if [ -n "$rule" ]; then
	saksi audit disclose --plan "$plan" --rule "$rule" --vault vault --key keys/auditor \
		--box keys/auditor.box "${common[@]}"
	openings=$(grep -rl '"openings":\|"findings":' log/public/addenda | head -1)
	(cd stranger && saksi verify "../$openings" --as openings --log "$page" --trust trust --state seen)
	(cd stranger && saksi verify "$page" --trust trust --state seen)
else
	echo "  this machine failed no rule: there is nothing to open"
fi
saksi prove 3 --log "$page" --output audit.tlog-proof --trust trust --state seen
saksi verify audit.tlog-proof --trust trust

step "Done. Everything is in $dir; the page is $page"
[ -z "$once" ] || exit 0
echo "It is served until you press Ctrl-C. Check it yourself from another terminal:"
echo "  bin/saksi verify $page --trust $dir/trust"
wait
