#!/bin/sh
# Refuse calls that cannot be used safely, or that only cmd may make.
set -eu
cd "$(dirname "$0")/.."

call() { grep -nE "(^|[^A-Za-z0-9_>.\"])($1)[[:space:]]*\(" "$2" | grep -vE '^[0-9]+:[[:space:]]*(/?\*|//)'; }
bad=0
for f in src/*/*.[ch] include/*.h tests/fuzz/*.c; do
	[ -e "$f" ] || continue
	if call 'strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|strncpy|strncat|atoi|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|scanf|sscanf|fscanf|system|popen|rand|srand|random|srandom|alloca|mktemp|tmpnam|tempnam|gmtime|localtime|ctime|asctime|setlocale|longjmp' "$f"; then
		echo "$f: banned call (tools/banned.sh)"
		bad=1
	fi
	case $f in src/cmd/*) continue ;; src/*) ;; *) continue ;; esac
	if call 'exit|abort|printf|puts|putchar|perror|assert|err|warn' "$f"; then
		echo "$f: a library room never prints and never exits"
		bad=1
	fi
done
exit $bad
