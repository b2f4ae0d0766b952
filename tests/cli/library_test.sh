#!/bin/bash
# Installed, the program, its pages and libsaksi are all there, and a program of
# somebody else builds with pkg-config alone and checks a proof.
. "$(dirname "$0")/lib.sh"

build=${SAKSI#"$here"/}
build=${build%/saksi}
if [ "$build" = bin ]; then build=build; fi
dest=$work/dest
make -s -C "$here" B="$build" install DESTDIR="$dest" >make.out 2>&1 || {
	cat make.out
	failed=1
	finish
}
usr=$dest/usr/local
export usr here PKG_CONFIG_PATH=$usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest

saksi log init log --origin log.example/x --open >log.vkey
echo one >one
echo two >two
saksi log add log one two >/dev/null
saksi log publish log >/dev/null
mkdir trust
printf 'log %s\nquorum none\n' "$(cat log.vkey)" >trust/policy
: >noroots
saksi prove 1 --log log/public --trust trust --no-state -o proof
sed '$d' proof >shorter

transcript <<'END'
$ ls "$usr/bin" "$usr/include" "$usr/lib"
*/bin:
saksi

*/include:
saksi.h

*/lib:
libsaksi.a
libsaksi.so
libsaksi.so.0
pkgconfig
$ ls "$usr/share/man/man1" | head -2
saksi-audit.1
saksi-help.1
$ "$usr/bin/saksi" --version
saksi *
$ pkg-config --modversion saksi
*.*.*
# dynamic and static
$ gcc -Wall -o check "$here/examples/check.c" $(pkg-config --cflags --libs saksi)
$ gcc -Wall -o check-static "$here/examples/check.c" $(pkg-config --cflags --static --libs saksi | sed 's/-lsaksi/-l:libsaksi.a/')
$ objdump -p check | grep NEEDED | grep -o 'libsaksi.*'
libsaksi.so.0
$ LD_LIBRARY_PATH=$usr/lib ./check trust/policy noroots proof
holds: entry 1 of log.example/x, *
$ ./check-static trust/policy noroots proof
holds: entry 1 of log.example/x, *
$ ./check-static trust/policy noroots shorter
answer *
? 1
$ ./check-static noroots noroots proof
! *
? 3
END
finish
