#!/bin/bash
# What must be so of the help of every command.
. "$(dirname "$0")/lib.sh"

transcript <<'END'
$ saksi help --json | tr , '\n' | sed -n 's/.*"name":"\([a-z][a-z -]*\)"/\1/p' >names; wc -l <names | awk '{ print ($1 > 20) }'
1
$ while read -r c; do saksi help $c >one || echo "$c"; saksi $c --help | cmp - one; awk -v c="$c" 'length > 79 { print c ": " $0 }' one; done <names
$ while read -r c; do saksi $c --nonsense; [ $? = 2 ] || echo "$c"; done <names 2>said
$ grep -vc "there is no option '--nonsense' (saksi .* --help)" said
0
? 1
END
finish
