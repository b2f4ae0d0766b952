#!/bin/bash
# tools/symbols.sh BUILD_DIR: the library shows what include/saksi.symbols lists
# and nothing else, and include/saksi.h declares just those.
set -euo pipefail
cd "$(dirname "$0")/.."
b=$1
if [ ! -e include/saksi.h ]; then
	echo 'there is no include/saksi.h'
	exit 77
fi
fail() {
	echo "$1"
	exit 1
}
list=include/saksi.symbols
LC_ALL=C sort -c $list
make -s B="$b" CC="${CC:-gcc}" WERROR=1 "$b/libsaksi.a" "$b/libsaksi.so.0" "$b/saksi.pc"
diff <(nm -D --defined-only "$b/libsaksi.so.0" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
	LC_ALL=C sort) $list || fail 'libsaksi.so.0 shows other symbols than include/saksi.symbols'
diff <(nm -g --defined-only "$b/libsaksi.a" | awk 'NF == 3 { print $3 }' |
	LC_ALL=C sort) $list || fail 'libsaksi.a shows other symbols than include/saksi.symbols'
diff <(tr '\n' ' ' <include/saksi.h | grep -oE 'SAKSI_PUBLIC[^;]*;' |
	grep -oE 'saksi_[a-z0-9_]+ *\(' | tr -d ' (' | LC_ALL=C sort -u) $list ||
	fail 'include/saksi.h marks other calls SAKSI_PUBLIC than include/saksi.symbols lists'
# It must be usable with its header alone, from C and C++ habits of others.
echo '#include <saksi.h>' >"$b/face.c"
"${CC:-gcc}" -std=c99 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$b/face.c"
echo "4 passed, 0 failed, 0 skipped"
