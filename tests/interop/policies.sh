#!/bin/bash
# One table of tlog-policy files, read by us, torchwood and Tessera, and by sigsum's
# readers in Go and Rust (which write keys in hex and have no vkeys): each file that
# the specification allows is enough with the same cosignatures, each other one is
# refused, and who differs differs as the table says.
#   SIGSUM_GO   a checkout of sigsum.org/sigsum-go, where the proxy has it not
set -euo pipefail
# shellcheck source=tests/interop/lib.sh
. "$(dirname "$0")/lib.sh"
judges=('tlog-policy, torchwood and Tessera')
build . ./cmd/policies
cd "$work"
readers=()

# A reader of sigsum's is one more judge, or none.
reader() { # NAME JUDGE REASON COMMAND...: COMMAND builds $bin/NAME
	local name=$1 who=$2 reason=$3
	shift 3
	if [ -x "$bin/$name" ] || "$@" >build.out 2>&1; then
		readers+=("$name=$bin/$name")
		judges+=("$who")
	else
		echo "judge $who: not run ($reason)"
	fi
}
in_go() {
	cp -r "$here/sigsum-go" go
	[ -z "${SIGSUM_GO:-}" ] || (cd go && go mod edit -replace "sigsum.org/sigsum-go=$(realpath "$SIGSUM_GO")")
	(cd go && GOFLAGS=-mod=readonly go build -o "$bin/sigsum-go" .)
}
in_rust() {
	command -v cargo >/dev/null && [ -z "$quick" ] &&
		CARGO_TARGET_DIR=$work/cargo cargo build --release --locked \
			--manifest-path "$here/sigsum-rs/Cargo.toml" &&
		cp cargo/release/sigsum-rs "$bin/"
}
reader sigsum-go 'tlog-policy, sigsum-go' 'its module cannot be fetched; give its source as SIGSUM_GO' in_go
reader sigsum-rs 'tlog-policy, sigsum-rs' 'its crate cannot be built, or this is the quick form' in_rust

masks=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
[ -z "$quick" ] || masks=0,3,14
judge=${judges[0]}
must 0 'the table' "$bin/policies" "$SAKSI" "$masks" "${readers[@]}"
grep -v '^difference: ' said || :
if [ "$code" -ne 0 ]; then for judge in "${judges[@]:1}"; do failed 'see above'; done; fi
verdicts
