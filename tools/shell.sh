#!/bin/bash
# Every script through shellcheck where that is installed; else its syntax alone.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts=()
while IFS= read -r f; do
	case $(head -c 40 "$f" | tr -d '\0' | head -1) in
	'#!/bin/sh'* | '#!/bin/bash'*) scripts+=("$f") ;;
	esac
done < <(find check run .ci tools tests -type f -not -path '*/corpus/*' | sort)
for f in "${scripts[@]}"; do
	if [ "$(head -1 "$f")" = '#!/bin/sh' ]; then dash -n "$f"; else bash -n "$f"; fi
done
if command -v shellcheck >/dev/null; then shellcheck -S warning -e SC2034,SC2154 "${scripts[@]}"; fi
echo "${#scripts[@]} passed, 0 failed, 0 skipped"
