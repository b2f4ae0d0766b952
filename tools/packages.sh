#!/bin/sh
# tools/packages.sh run|check: have the Debian packages that ./run or ./check
# needs.  Prints what it will install; silent and quick when all are there.
# Exit 3 when they cannot be installed from here.
set -eu

run='gcc libc6-dev make pkg-config libsodium-dev libsqlite3-dev
	libcurl4-openssl-dev libmicrohttpd-dev libexpat1-dev liblz4-dev libssl-dev libseccomp-dev
	distro-info-data openscap-scanner ca-certificates'
check="$run libcmocka-dev libjansson-dev clang libclang-rt-dev clang-tidy clang-format
	cppcheck valgrind libc6-dbg procps mandoc nginx-light python3 curl systemd
	strace faketime e2fsprogs btrfs-progs"
sodium='1.0.18-1+deb12u1' # older ones accept points outside the main group

missing() {
	for p; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
			grep -qx installed || echo "$p"
	done
	v=$(dpkg-query -W -f '${Version}\n' libsodium-dev 2>/dev/null | sed 1q)
	if [ -n "$v" ] && dpkg --compare-versions "$v" lt "$sodium"; then
		echo libsodium-dev
		echo libsodium23
	fi
}

# Installing a package must not start its services on this machine.
install_quietly() {
	export DEBIAN_FRONTEND=noninteractive
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
		trap 'exit 3' HUP INT TERM
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
	fi
	said=$(mktemp)
	if ! { apt-get update && apt-get install -y --no-install-recommends "$@"; } \
		>"$said" 2>&1; then
		tail -20 "$said" >&2
		rm -f "$said"
		return 1
	fi
	rm -f "$said"
}

case ${1:-} in
run) need=$run ;;
check) need=$check ;;
install) # as root, from below
	shift
	install_quietly "$@"
	exit
	;;
*)
	echo 'usage: tools/packages.sh run|check' >&2
	exit 2
	;;
esac
if ! command -v dpkg-query >/dev/null; then
	echo "No Debian here. Install what these packages hold, then run make:" \
		"$need" >&2
	exit 3
fi

# shellcheck disable=SC2086 # a list of words
need=$(missing $need | sort -u | tr '\n' ' ')
[ -n "$need" ] || exit 0
echo "Installing packages: $need"
by_hand="apt-get update && apt-get install --no-install-recommends $need"
# shellcheck disable=SC2086
if [ "$(id -u)" -eq 0 ]; then
	sh "$0" install $need >&2 || rc=$?
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
	sudo sh "$0" install $need >&2 || rc=$?
else
	echo "Only root can install them. Type as root: $by_hand" >&2
	exit 3
fi
if [ "${rc:-0}" -ne 0 ]; then
	echo "The packages could not be installed; by hand: $by_hand" >&2
	exit 3
fi
# shellcheck disable=SC2086
need=$(missing $need | sort -u | tr '\n' ' ')
if [ -n "$need" ]; then
	echo "Still missing, or older than needed: $need" >&2
	exit 3
fi
