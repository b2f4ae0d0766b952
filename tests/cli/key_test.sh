#!/bin/bash
# Making and showing keys.
# valgrind: yes
. "$(dirname "$0")/lib.sh"

transcript <<'END'
$ saksi key new auditor.key --name auditor
type   log or author
name   auditor
vkey   auditor+*
key    *
keyid  *
$ stat -c %a auditor.key
600
# a key is never overwritten
$ cp auditor.key before; saksi key new auditor.key --name auditor
! saksi key new: auditor.key: is there already; a key is never overwritten
? 3
$ cmp before auditor.key
# show says what new said, and never the secret
$ saksi key show auditor.key >a; saksi key new --type box box.key --name auditor >b; saksi key show box.key | diff b - && cat b
type   box
name   auditor
key    *
keyid  *
$ grep -c -F "$(cut -d+ -f5- auditor.key)" a
0
? 1
$ grep -c -F "$(sed -n 's/^secret //p' box.key)" b
0
? 1
$ saksi key show auditor.key --only vkey | sed 's/+.*//'
auditor
$ saksi key show auditor.key --only key | tr -d '0-9a-f\n' | wc -c
0
$ test "$(printf "$(saksi key show auditor.key --only key | sed 's/../\\x&/g')" | sha256sum | cut -d' ' -f1)" = "$(saksi key show auditor.key --only keyid)"
$ saksi key show auditor.key --only secret
! saksi key show: --only 'secret' is none of vkey, key, keyid
? 2
$ saksi key show box.key --only vkey
! saksi key show: a box key has no vkey; --only key
? 2
$ saksi key show auditor.key --json
{"type":"log or author","name":"auditor","vkey":"auditor+*","key":"*","keyid":"*"}
$ saksi key new w.key --type witness --name example.org/w --json
{"type":"witness","name":"example.org/w","vkey":"example.org/w+*+B*","key":"*","keyid":"*"}
# names
$ saksi key new x --name 'Auditor Satu'
! saksi key new: --name 'Auditor Satu': an author's name has 1 to 64 of a-z, 0-9, '.' and '-'
? 2
$ saksi key new x --name 'a b' --type log
! saksi key new: --name 'a b': a key's name has *
? 2
$ saksi key new x --name 'a+b' --type witness
! saksi key new: --name 'a+b': a key's name has *
? 2
$ saksi key new x --name '' --type log
! saksi key new: --name '': a key's name has *
? 2
$ saksi key new x --name "$(printf %0300d 0)" --type log
! saksi key new: --name '0*0': a key's name has *
? 2
$ saksi key new x --name a --type rsa
! saksi key new: --type 'rsa' is none of author, log, witness, box
? 2
$ ls x
! ls: cannot access 'x': No such file or directory
? 2
# files that are no keys, or not kept as one
$ chmod 644 auditor.key; saksi key show auditor.key; chmod 600 auditor.key
! saksi key show: auditor.key: *chmod*
$ saksi key show missing.key
! saksi key show: missing.key: *
? 3
$ (umask 077; echo hello >text); saksi key show text
! saksi key show: text: *; 'saksi key new' makes key files
? 3
$ (umask 077; : >empty); saksi key show empty
! saksi key show: empty: *; 'saksi key new' makes key files
? 3
$ (umask 077; head -c 5000 /dev/zero >big); saksi key show big
! saksi key show: big: *
? 3
$ (umask 077; sed 's/ 1$/ 2/' box.key >newer); saksi key show newer
! saksi key show: newer: a box key of a version this program does not know; 'saksi key new' makes key files
? 3
$ (umask 077; tr -d '\n' <auditor.key >cut); saksi key show cut
! saksi key show: cut: *; 'saksi key new' makes key files
? 3
$ saksi key new nowhere/x --name a
! saksi key new: nowhere/x: the key file could not be written: No such file or directory
? 3
$ saksi key new . --name a
! saksi key new: .: *
? 3
$ ln -s auditor.key link; saksi key new link --name a
! saksi key new: link: is there already; a key is never overwritten
? 3
END
finish
