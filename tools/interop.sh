#!/bin/bash
# tools/interop.sh [--quick]: strangers' tools judge ours in every role, and ours
# judges theirs.  What each script shows is in docs/INTEROP.md.  One line a judge:
#   judge NAME: passed|failed|not run (reason)
# A judge that is not run is skipped, never passed.  SAKSI is the program.
#   --quick   shorter runs, and no Rust
set -euo pipefail
cd "$(dirname "$0")/.."
quick=()
case ${1:-} in
'') ;;
--quick) quick=(--quick) ;;
*)
	echo "tools/interop.sh: there is no option '$1'; is it --quick?" >&2
	exit 2
	;;
esac
bins=$(mktemp -d)
lanes=()
end() {
	for p in "${lanes[@]}"; do kill "$p" 2>/dev/null || :; done
	for p in "${lanes[@]}"; do wait "$p" 2>/dev/null || :; done
	rm -rf "$bins"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
export INTEROP_BIN=$bins

# lane SCRIPT...: one after the other, each one's words in a file
lane() {
	local s rc from p='' words
	trap '[ -z "$p" ] || kill "$p"; exit 1' HUP INT TERM
	for s; do
		rc=0 from=$SECONDS words=$bins/$s.said
		timeout 300 bash "tests/interop/$s.sh" "${quick[@]}" >"$words" 2>&1 </dev/null &
		p=$!
		wait "$p" || rc=$?
		if ! grep -q '^judge ' "$words" || { [ $rc -ne 0 ] && ! grep -q '^judge .*: failed' "$words"; }; then
			echo "judge $s: failed (exit $rc)" >>"$words"
		fi
		echo "$s: $((SECONDS - from)) s" >>"$words"
	done
}
# Two lanes, since much of it is waiting.
lane hammer proofs policies &
lanes+=($!)
lane cosigners tessera torchwood &
lanes+=($!)
wait "${lanes[@]}" || :
lanes=()
cat "$bins"/{hammer,cosigners,tessera,torchwood,proofs,policies}.said
cat "$bins"/*.said | awk '/^judge .*: passed$/ { p++ } /^judge .*: failed/ { f++ }
	/^judge .*: not run \(/ { n++ }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, n; exit f > 0 }'
