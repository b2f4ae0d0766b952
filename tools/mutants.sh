#!/bin/bash
# tools/mutants.sh [--quick] [--jobs N] [ROOM | ROOM/NAME]...: a suite that lets a
# broken program pass is no suite.  Each patch in tests/mutants/ROOM breaks one thing;
# its lines before the diff name who must notice, and whoever of them does is told:
#   # tests: net/server_test log/fault_test    unit tests (when no line is there:
#                                              all of the room)
#   # cli: log_test.sh                         transcripts of tests/cli
#   # fault: kill                              suites of tools/fault.sh
# A mutant that survives, or a patch that no longer fits, fails.
#   --quick   one mutant a room, another one with each commit
set -euo pipefail
cd "$(dirname "$0")/.."
quick='' jobs=2 only=()
while [ $# -gt 0 ]; do
	case $1 in
	--quick) quick=1 ;;
	--jobs)
		jobs=$2
		shift
		;;
	*) only+=("$1") ;;
	esac
	shift
done
top=$PWD
home=$top/build-mutants
mkdir -p "$home"

# ---- which
wanted() { # PATCH
	local name=${1#tests/mutants/} o
	name=${name%.patch}
	[ ${#only[@]} -gt 0 ] || return 0
	for o in "${only[@]}"; do
		case $name in "$o" | "$o"/*) return 0 ;; esac
	done
	return 1
}
patches=()
turn=$(git rev-list --count HEAD 2>/dev/null || echo 0)
for room in tests/mutants/*/; do
	mine=()
	for p in "$room"*.patch; do
		if [ -e "$p" ] && wanted "$p" && { [ -z "$quick" ] || ! grep -q '^# fault:' "$p"; }; then
			mine+=("$p")
		fi
	done
	[ ${#mine[@]} -gt 0 ] || continue
	if [ -n "$quick" ]; then mine=("${mine[turn % ${#mine[@]}]}"); fi
	patches+=("${mine[@]}")
done
if [ ${#patches[@]} -eq 0 ]; then
	echo 'no mutant is here'
	exit 77
fi

# ---- a sound copy for each lane, so that this tree is never the broken one
tree_of() { # LANE
	local tree=$home/$1
	mkdir -p "$tree"
	rm -rf "$tree/src" "$tree/tests"
	git ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' f; do
			if [ -f "$f" ]; then printf '%s\0' "$f"; fi
		done | xargs -0 cp -p --parents -t "$tree"
}
in_tree() { # LANE TARGET...
	local tree=$home/$1
	shift
	make -s -C "$tree" CC=gcc CFLAGS='-O0 -g0 -w' B=b "$@"
}
witnesses() { # PATCH WORD: what its line "# WORD: ..." names
	sed -n "/^---/q;s/^# $2: *//p" "$1"
}
tests_of() { # PATCH: its unit tests
	local named room
	named=$(witnesses "$1" tests)
	if [ -z "$named$(witnesses "$1" cli)$(witnesses "$1" fault)" ]; then
		room=$(basename "$(dirname "$1")")
		for t in "tests/unit/$room"/*_test.c; do
			t=${t#tests/unit/}
			named+=" ${t%.c}"
		done
	fi
	# shellcheck disable=SC2086 # a list of words
	printf '%s ' $named
}

# What would also fail on the sound program proves nothing.
run_one() { # LANE KIND NAME: does this witness pass in this lane's tree, as it is now?
	local tree=$home/$1
	cd "$tree" || return 1
	case $2 in
	unit) timeout 120 "b/unit/$3" ;;
	cli) SAKSI=$tree/b/saksi timeout 300 bash "tests/cli/$3" ;;
	fault) SAKSI=$tree/b/saksi timeout 900 tools/fault.sh --quick "$3" ;;
	esac >"$home/$1.said" 2>&1 </dev/null
}
built() { # LANE KIND NAME
	case $2 in
	unit) in_tree "$1" "b/unit/$3" ;;
	*) in_tree "$1" b/saksi ;;
	esac >"$home/$1.said" 2>&1 </dev/null
}
sound() { # LANE KIND NAME
	local stamp=$home/$1.sound/$2.${3//\//.}
	if [ -e "$stamp" ]; then return 0; fi
	if built "$@" && (run_one "$@"); then : >"$stamp"; else return 1; fi
}

# ---- one mutant: prints "dies (who)" or what is wrong
judge() { # LANE PATCH
	local tree=$home/$1 patch=$top/$2 t kind
	local -a all=()
	for t in $(tests_of "$2"); do all+=("unit $t"); done
	for t in $(witnesses "$2" cli); do all+=("cli $t"); done
	for t in $(witnesses "$2" fault); do all+=("fault $t"); done
	for t in "${all[@]}"; do
		kind=${t%% *}
		if ! sound "$1" "$kind" "${t#* }"; then
			echo "FAILED: ${t#* } fails without it, too"
			return
		fi
	done
	if ! (cd "$tree" && patch -p1 -s -f -F3 <"$patch") >"$home/$1.said" 2>&1; then
		echo "FAILED: the patch no longer fits"
		return
	fi
	for t in "${all[@]}"; do
		kind=${t%% *}
		if ! built "$1" "$kind" "${t#* }"; then
			echo "FAILED: it does not compile"
			return
		fi
		if ! (run_one "$1" "$kind" "${t#* }"); then
			echo "dies (${t#* })"
			return
		fi
	done
	echo "FAILED: SURVIVES"
}
mend() { # LANE PATCH: as it was, with the objects of before
	local tree=$home/$1 f
	# With its own objects gone, nothing of the mutant can linger.
	sed -n 's|^+++ [ab]/\([^[:space:]]*\).*|\1|p' "$2" | while read -r f; do
		cp -p "$f" "$tree/$f"
		touch "$tree/$f"
		rm -f "$tree/$f".orig "$tree/$f".rej "$tree/b/${f%.c}.o"
	done
	rm -rf "$tree/b/unit" "$tree/b/saksi"
}
lane() { # LANE PATCH...
	local me=$1 p name
	shift
	tree_of "$me"
	rm -rf "$home/$me.sound"
	mkdir -p "$home/$me.sound"
	for p; do
		name=${p#tests/mutants/}
		printf '%-44s %s\n' "${name%.patch}" "$(judge "$me" "$p")"
		mend "$me" "$p"
	done
}

# Patches of one room go to one lane, where their tests are built.
rm -f "$home"/*.told
for ((i = 0; i < jobs; i++)); do
	share=()
	for ((k = i * ${#patches[@]} / jobs; k < (i + 1) * ${#patches[@]} / jobs; k++)); do
		share+=("${patches[k]}")
	done
	if [ ${#share[@]} -gt 0 ]; then lane "$i" "${share[@]}" >"$home/$i.told" & fi
done
wait
cat "$home"/*.told
died=$(cat "$home"/*.told | grep -c ' dies (') || :
failed=$((${#patches[@]} - died))
echo "$died passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
