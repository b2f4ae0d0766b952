#!/bin/bash
# tools/links.sh: every relative link in a *.md of this repository leads to a
# file that is there, and every #part of one to a heading.
set -euo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0

# The #parts of a page: its headings in lower case, without punctuation, blanks as '-'.
parts() {
	sed -n '/^```/,/^```/d; s/^##* *//p' "$1" | tr '[:upper:]' '[:lower:]' |
		sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}
# link PAGE TARGET
link() {
	local file=${2%%#*} part=''
	case $2 in
	*://* | mailto:*) return ;;
	*'#'*) part=${2#*#} ;;
	esac
	if [ -n "$file" ]; then file=$(dirname "$1")/$file; else file=$1; fi
	if [ -e "$file" ] && { [ -z "$part" ] || parts "$file" | grep -qxF -- "$part"; }; then
		passed=$((passed + 1))
	else
		echo "$1: dead link: $2"
		failed=$((failed + 1))
	fi
}
while IFS= read -r page; do
	while IFS= read -r target; do
		link "$page" "$target"
	done < <(sed '/^```/,/^```/d' "$page" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//')
done < <(find . -name '*.md' -not -path './build*' -not -path './demo/*' \
	-not -path './node_modules/*' | sort)
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
