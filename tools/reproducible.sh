#!/bin/bash
# tools/reproducible.sh [--quick]: built twice, in two folders, by two users, with
# another umask, time zone, language, age of the files and order of work, every
# installed file is the same to the bit.  The comparison is first seen to fail when a
# path leaks in.
#   --quick   the library only
set -euo pipefail
cd "$(dirname "$0")/.."
quick=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
one=$work/one two="$work/quite-another-place/two"
mkdir "$one" "${two%/*}" "$two"
for at in "$one" "$two"; do
	cp -R Makefile src include saksi.pc.in conf rules "$at"
	mkdir "$at/docs"
	cp -R docs/man "$at/docs"
done
find "$two" -exec touch -d '2001-02-03 04:05:06' {} +
passed=0 failed=0

# build WHERE TARGETS...: with the habits of the one who works there
build() {
	local at=$1
	shift
	if [ "$at" = "$one" ]; then
		(umask 022 && cd "$at" &&
			TZ=UTC LC_ALL=C make -s -j2 CC="${CC:-gcc}" B=build "$@")
	elif [ "$(id -u)" -eq 0 ]; then
		chown -R nobody "$at"
		# shellcheck disable=SC2016 # for the inner shell
		setpriv --reuid nobody --clear-groups env HOME=/nonexistent USER=nobody \
			TZ=Asia/Jakarta LC_ALL=C.UTF-8 bash -c \
			'umask 077; cd "$1"; shift; exec make -s "$@"' sh "$at" \
			CC="${CC:-gcc}" B=out "$@"
	else
		(umask 077 && cd "$at" && TZ=Asia/Jakarta LC_ALL=C.UTF-8 \
			make -s CC="${CC:-gcc}" B=out "$@")
	fi
}
same() { # same NAME ONE TWO
	if diff -r "$2" "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1 has other bits when built elsewhere"
	fi
}

# ---- a path that leaks is seen
for at in "$one" "$two"; do
	build "$at" "EXTRA=-fdebug-prefix-map=$at=$at" \
		"$([ "$at" = "$one" ] && echo build || echo out)/src/base/cursor.o"
done
if cmp -s "$one/build/src/base/cursor.o" "$two/out/src/base/cursor.o"; then
	failed=$((failed + 1))
	echo 'FAIL: a path in the debug data was not seen'
else
	passed=$((passed + 1))
fi
rm -r "$one/build" "$two/out"

if [ -n "$quick" ]; then
	build "$one" build/libsaksi.a build/libsaksi.so.0
	build "$two" out/libsaksi.a out/libsaksi.so.0
	for name in libsaksi.a libsaksi.so.0; do
		same $name "$one/build/$name" "$two/out/$name"
	done
else
	for at in "$one" "$two"; do
		build "$at" install DESTDIR="$at/installed" PREFIX=/usr
		mkdir "$at/installed/man"
		"$at/installed/usr/bin/saksi" help --man "$at/installed/man" >&2
		(cd "$at/installed" && find . -type f | sort)
	done | sort | uniq -u | sed 's/^/FAIL: only once: /' >"$work/once"
	[ ! -s "$work/once" ] || { cat "$work/once" && failed=$((failed + 1)); }
	while IFS= read -r name; do
		same "$name" "$one/installed/$name" "$two/installed/$name"
	done < <(cd "$one/installed" && find . -type f | sort)
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
