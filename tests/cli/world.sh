# A small world for tests of whole audits; sourced after lib.sh.
#   roots one (quorum 1); authors auditor (box, heartbeat 1 d), commission (box),
#   other (an auditor without box key)
#   one witness, a served log (URL in u), trust/; W, the options all commands share
# shellcheck shell=bash
pub() { saksi key show "$1" --only key; }

# world_log NAME: a log with the world's witness, served; sets u and server.
world_log() {
	saksi log init "$1" --origin "$1.example/x" --policy "$1.policy" --roots roots \
		--interval 1s >"$1.vkey"
	saksi witness add witness --log "$(cat "$1.vkey")"
	rm -f "$1.out"
	start "$1.out" saksi serve log "$1" --listen 127.0.0.1:0
	server=$!
	u=$(sed -n 's/^listening on //p' "$1.out")
}

world() {
	local who
	saksi key new root.key --name root >/dev/null
	for who in auditor commission other; do
		saksi key new "$who.key" --name "$who" >/dev/null
		saksi key new "$who.box" --name "$who" --type box >/dev/null
	done
	printf 'quorum 1\nroot one %s\n' "$(pub root.key)" >roots
	cat >keys.json <<-END
		{"authors":[
		{"author":"auditor","role":"auditor","key":"$(pub auditor.key)","box":"$(pub auditor.box)",
		 "kinds":["plan","audit","abandoned","disclosure","heartbeat"],"heartbeat_s":86400},
		{"author":"commission","role":"commission","key":"$(pub commission.key)","box":"$(pub commission.box)",
		 "kinds":["inventory","heartbeat"],"heartbeat_s":0},
		{"author":"other","role":"auditor","key":"$(pub other.key)",
		 "kinds":["plan","audit","abandoned","disclosure","heartbeat"],"heartbeat_s":0}],
		"revoked":[]}
	END
	saksi statement new keys --author root --body keys.json --sequence 0 -o keys.new
	saksi statement sign keys.new --key root.key -o keys
	saksi witness init witness --name w.example >w.vkey
	start witness.out saksi serve witness witness --listen 127.0.0.1:0
	printf 'witness w %s %s\nquorum w\n' "$(cat w.vkey)" \
		"$(sed -n 's/^listening on //p' witness.out)" >log.policy
	world_log log
	mkdir trust
	cp roots trust/roots
	{
		echo "log $(cat log.vkey)"
		sed 's/ http:.*//' log.policy
	} >trust/policy
	saksi log add "$u" keys >/dev/null
	W="--log $u --trust trust --state seen"
	K="$W --key auditor.key --box auditor.box --vault vault"
	covers 1
	export u W K
}

# covers N: until the witnessed tree has N entries.
covers() {
	local i
	for ((i = 0; i < 100; i++)); do
		if [ "$(sed -n 2p log/public/checkpoint)" = "$1" ]; then return 0; fi
		sleep 0.1
	done
	echo "the log did not come to $1 entries"
	return 1
}

# rule ID SEVERITY TEST
rule() {
	printf '[%s]\nseverity = %s\ntitle.id = a\ntitle.en = The rule %s\nwhy.id = a\nwhy.en = b\n' \
		"$1" "$2" "$1"
	printf 'needs = os\ntest = %s\nfix.id = a\nfix.en = Do it\nref = CIS-8 4.6\n\n' "$3"
}

# Three rules, and a server root/ that fails two of them.
world_rules() {
	mkdir -p rules root/etc
	{
		echo 'rules 1'
		rule worst critical 'os.id = safe'
		rule slight low 'os.version-id = 99'
		rule fine high 'os.id present'
	} >rules/a.rules
	cp "$here/rules/eol.tsv" rules/
	printf 'ID=planted-marker-7041\nVERSION_ID="12"\n' >root/etc/os-release
}
