#!/bin/bash
# tools/hardened.sh BUILD_DIR: the program and the shared library in it are hardened as
# the Makefile says (readelf tells).  It is first seen to refuse small programs that
# lack one thing each.
set -euo pipefail
cd "$(dirname "$0")/.."
b=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# lacks FILE KIND ENTRY: a word for each thing that FILE, a program or a library with a
# function ENTRY, lacks
lacks() {
	local file=$1 kind=$2 entry=$3 all
	all=$(readelf -hldnW "$file")
	has() { grep -Eq "$1" <<<"$all" || echo "$2"; }
	hasnt() { ! grep -Eq "$1" <<<"$all" || echo "$2"; }
	has 'Type: +DYN' position
	[ "$kind" = library ] || has 'FLAGS_1.* PIE' position
	has ' GNU_RELRO ' relro
	has 'BIND_NOW|FLAGS_1.* NOW' now
	has ' GNU_STACK .* RW +0x' stack
	hasnt ' (LOAD|GNU_STACK) .* RWE ' write+execute
	# Code in a segment of its own, after one that is only read.
	[ "$(grep -Eo ' LOAD .* (R  |R E|RW ) +0x' <<<"$all" | head -1 |
		sed -n 's/.* R   *0x$/read/p')" = read ] || echo separate-code
	hasnt 'TEXTREL' textrel
	hasnt 'RPATH|RUNPATH' path
	all=$(nm -D --undefined-only "$file")
	has '__stack_chk_fail' canary
	has '__[a-z_]+_chk(@|$)' fortify
	# What may be called through a pointer begins with a mark.  (The note that says so
	# for the whole file is lost where libc's own start files lack it.)
	if [ "$(uname -m)" = x86_64 ]; then
		all=$(objdump -d --disassemble="$entry" "$file")
		has "<$entry>:" entry
		has 'endbr64' control-flow
	fi
}
tell() { # tell EXIT WORDS
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $2"
	fi
}

# ---- small programs: one as it should be, the others with one thing less
cat >"$work/small.c" <<-END
	#include <string.h>
	int main(int argc, char **argv)
	{
		char room[64];
		(void)strcpy(room, argv[0]);
		return (int)strlen(room) + argc;
	}
END
hard=(-O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -pie
	"-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code")
[ "$(uname -m)" != x86_64 ] || hard+=(-fcf-protection=full)
small() { # small WORD FLAG...: WORD is what it lacks
	local word=$1 rc=0 said
	shift
	"${CC:-gcc}" "${hard[@]}" "$@" -o "$work/small" "$work/small.c" 2>/dev/null
	said=$(lacks "$work/small" program main)
	if [ -n "$word" ]; then
		grep -qx "$word" <<<"$said" || rc=1
	else
		[ -z "$said" ] || rc=1
	fi
	tell $rc "a small program (${word:-whole}) is said to lack: ${said:-nothing}"
}
small ''
small position -no-pie -fno-pic
small relro -Wl,-z,norelro
small now -Wl,-z,lazy
small stack -Wl,-z,execstack
small separate-code -Wl,-z,noseparate-code
small path -Wl,-rpath,/nowhere
small canary -fno-stack-protector
small fortify -U_FORTIFY_SOURCE
[ "$(uname -m)" != x86_64 ] || small control-flow -fcf-protection=none

# ---- ours
ours() {
	local rc=0 said
	said=$(lacks "$@" | tr '\n' ' ')
	[ -z "$said" ] || rc=1
	tell $rc "$1 lacks: $said"
}
ours "$b/saksi" program main
ours "$b/libsaksi.so.0" library "$(head -1 include/saksi.symbols)"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
