#!/bin/sh
# Refuse calls that cannot be used safely, or that only cmd may make.
set -eu
cd "$(dirname "$0")/.."

# calls NAMES FILE...: where they are called, comments left out
calls() {
	names=$1
	shift
	grep -nE "(^|[^A-Za-z0-9_>.\"])($names)[[:space:]]*\(" /dev/null "$@" |
		grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/\*|\*([ /]|$)|//)'
}
bad=0
copies='strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|strncpy|strncat'
numbers='atoi|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|scanf|sscanf|fscanf'
rest='system|popen|rand|srand|random|srandom|alloca|mktemp|tmpnam|tempnam|longjmp'
times='gmtime|localtime|ctime|asctime|setlocale'
if calls "$copies|$numbers|$rest|$times" src/*/*.[ch] include/*.h tests/fuzz/*.c; then
	echo 'these calls are banned'
	bad=1
fi
# shellcheck disable=SC2046 # no names with spaces here
if calls 'exit|abort|printf|puts|putchar|perror|assert|err|warn' \
	$(printf '%s\n' src/*/*.[ch] | grep -v '^src/cmd/'); then
	echo 'a room that is a library never prints and never exits'
	bad=1
fi
exit $bad
