#!/bin/bash
# tools/man.sh [--check]: write docs/man out of the command table, or see that
# it is what the table says and that mandoc finds no fault in it.
set -euo pipefail
cd "$(dirname "$0")/.."
saksi=${SAKSI:-bin/saksi}
if [ "${1:-}" != --check ]; then
	mkdir -p docs/man
	rm -f docs/man/*.1
	exec "$saksi" help --man docs/man
fi
now=$(mktemp -d)
trap 'rm -rf "$now"' EXIT
"$saksi" help --man "$now"
diff -ru docs/man "$now" || {
	echo 'docs/man is not what the command table says: tools/man.sh'
	exit 1
}
mandoc -Tlint -Wwarning docs/man/*.1
echo "$(find docs/man -name '*.1' | wc -l) passed, 0 failed, 0 skipped"
