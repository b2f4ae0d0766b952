#!/bin/bash
# SHA-256 of Merkle nodes (65 bytes) on one core: ours and OpenSSL's EVP with one
# reused context, in turns within one process; with the processor's SHA instructions
# and without them (OPENSSL_ia32cap hides them from OpenSSL, the engine is chosen for
# ours).  Processor time, so that others on the machine count little.
source "$(dirname "$0")/lib.sh"
ms=400
[ -z "$QUICK" ] || ms=40
bench=$B/bench/hash_bench
core=$(taskset -pc $$ | sed 's/.*: *//; s/[-,].*//')
has() { grep -qw "$1" /proc/cpuinfo; }
openssl=$(openssl version | cut -d' ' -f1,2)
three() { awk -v n="$1" '$1 == n { printf "%.2f (%.2f..%.2f)", $2, $3, $4 }' <<<"$2"; }
one() { awk -v n="$1" '$1 == n { print $2 }' <<<"$2"; }
# row WHAT OUTPUT MUST-BE-AT-LEAST SAID NOTE
row() {
	local ratio
	ratio=$(calc "$(one ours "$2") / $(one evp "$2")")
	result "$1" "$(three ours "$2")" "$openssl EVP" "$(three evp "$2")" "${ratio}x" \
		"$4" "$(yes_if "$ratio >= $3")" "$5"
}
what='SHA-256 of 65-byte nodes, M/s, one core'
with=
if has sha_ni; then
	with=$(taskset -c "$core" "$bench" - $ms)
	row "$what, with SHA-NI" "$with" 1 'not slower' \
		"engine: $(sed -n 's/^engine //p' <<<"$with") (two messages fill the SHA unit; 2 cycles an instruction bound it)"
else
	result "$what, with SHA-NI" - "$openssl EVP" - - 'not slower' 'not run' 'no SHA-NI here'
fi
# without NAME FLAG ENGINE MUST
without() {
	local out
	if ! has "$2"; then
		result "$what, without SHA-NI, $1" - "$openssl EVP" - - "${4}x" 'not run' "no $1 here"
		return
	fi
	out=$(OPENSSL_ia32cap=':~0x20000000' taskset -c "$core" "$bench" "$3" $ms)
	if [ -n "$with" ] && [ "$(yes_if "$(one evp "$out") < 0.8 * $(one evp "$with")")" = no ]; then
		result "$what, without SHA-NI, $1" - "$openssl EVP" - - "${4}x" 'not run' \
			'OpenSSL is as fast as with SHA-NI: it could not be hidden'
		return
	fi
	row "$what, without SHA-NI, $1" "$out" "$4" "${4}x" \
		"engine: $3 (bound by 2 vector shifts a cycle: $1 has no rotate)"
}
without AVX2 avx2 '8 lanes' 4
if has avx512f; then
	without AVX-512 avx512f '16 lanes' 8
else
	result "$what, without SHA-NI, AVX-512" - "$openssl EVP" - - 8x 'not run' 'no AVX-512 here'
fi
