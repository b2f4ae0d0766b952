#!/bin/bash
# The library as others use it: installed, found by pkg-config, with its one header.
. "$(dirname "$0")/lib.sh"
command -v pkg-config >/dev/null || skip "no pkg-config"
. "$here/tests/cli/world.sh"
b=$(dirname "$SAKSI")
make -C "$here" -s B="$b" DESTDIR="$work/at/root" PREFIX=/usr install >made 2>&1 ||
	{ cat made; failed=$((failed + 1)); finish; }
export PKG_CONFIG_PATH=$work/at/root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/at/root
export LD_LIBRARY_PATH=$work/at/root/usr/lib example=$here/examples/check.c CC=${CC:-cc} b
world
saksi prove 0 --log "$u" --trust trust --no-state -o proof

transcript <<'END'
$ $CC -std=c99 -Wall -Wextra -Werror -o check $example $(pkg-config --cflags --libs saksi)
$ ./check trust/policy trust/roots proof
holds: entry 0 of log.example/x, keys by root
# one version, everywhere
$ [ "$(pkg-config --modversion saksi)" = "$(saksi --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')" ]
$ printf '#include <saksi.h>\n#include <stdio.h>\nint main(void) { return puts(saksi_library_version()) < 0; }' >v.c; $CC -o v v.c $(pkg-config --cflags --libs saksi) && [ $(./v) = $(pkg-config --modversion saksi) ]
# damaged, another log's, short of its quorum, no policy, no proof
$ sed 's/^index 0/index 1/' proof >bad; ./check trust/policy trust/roots bad
answer 1: this entry is not at this place in the signed tree
? 1
$ grep -v '^— w' proof >alone; ./check trust/policy trust/roots alone
answer 4: too few witnesses cosigned
? 4
$ saksi key new x --type log --name log.example/y >out; (echo log $(saksi key show x --only vkey); echo quorum none) >policy; ./check policy trust/roots proof
answer 3: no log of the policy has this origin
? 3
$ echo nonsense >policy; ./check policy trust/roots proof
! policy, line 1: *
? 3
$ ./check trust/policy policy proof
! roots, line 1: *
? 3
$ ./check trust/policy trust/roots nothing
! nothing: cannot be read, or is too large
? 3
# linked into the program itself
$ $CC -std=c99 -o static $example $(pkg-config --cflags saksi) root/usr/lib/libsaksi.a -lsodium -lcrypto -lpthread && LD_LIBRARY_PATH= ./static trust/policy trust/roots proof
holds: entry 0 of log.example/x, keys by root
END
finish
