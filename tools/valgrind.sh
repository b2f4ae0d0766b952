#!/bin/sh
# tools/valgrind.sh COMMAND...: under valgrind; any fault or leak is exit 99.
exec valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible \
	--errors-for-leak-kinds=definite --track-fds=no "$@"
