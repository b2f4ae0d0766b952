#!/bin/bash
# tools/screenshot.sh URL [DIR]: the README's pictures, taken from a page that
# ./run serves.  Writes page.png (Indonesian), page-en.png and page-phone.png
# into DIR (docs/images here) and prints what it wrote.
# URL is a loopback one; needs chromium (apt-get install chromium).
set -euo pipefail
url=${1:-}
url=${url%/}
if [[ ! $url =~ ^http://(127\.0\.0\.1|localhost):([0-9]+)$ ]]; then
	echo 'usage: tools/screenshot.sh http://127.0.0.1:PORT [DIR]; ./run prints the URL' >&2
	exit 2
fi
host=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
dir=${2:-}
[ -n "$dir" ] || { cd "$(dirname "$0")/.." && dir=docs/images; }
if ! browser=$(command -v chromium); then
	echo 'chromium is not installed; type: apt-get install chromium' >&2
	exit 3
fi
# A browser draws its error page as gladly as ours, so ask by hand first.
if ! (: <>"/dev/tcp/$host/$port") 2>/dev/null; then
	echo "$url: nobody answers; is ./run serving it?" >&2
	exit 1
fi
mkdir -p "$dir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shot FILE PATH WIDTH,HEIGHT SCALE: by a browser that reaches nothing but
# loopback and forgets everything.
shot() {
	local flags=(--headless=new --user-data-dir="$work/profile" --hide-scrollbars
		--disable-background-networking --no-first-run
		--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'
		--window-size="$3" --force-device-scale-factor="$4"
		--screenshot="$work/$1")
	[ "$(id -u)" -ne 0 ] || flags+=(--no-sandbox) # its sandbox refuses root
	timeout 60 "$browser" "${flags[@]}" "$url$2" >"$work/log" 2>&1 || :
	if [ ! -s "$work/$1" ]; then
		tail -5 "$work/log" >&2
		echo "$url$2: no picture was made" >&2
		exit 1
	fi
	cp "$work/$1" "$dir/$1"
	echo "$dir/$1: $(wc -c <"$dir/$1") bytes"
}
shot page.png / 1280,1500 1
shot page-en.png /en 1280,1500 1
shot page-phone.png / 390,844 2
