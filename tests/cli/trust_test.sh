#!/bin/bash
# A trust folder that cannot be read says where, and never judges a log.
. "$(dirname "$0")/lib.sh"

saksi key new log.key --type log --name example.org/log >log.pub
saksi key new w.key --type witness --name example.org/w >w.pub
saksi key new root.key --name root >root.pub
log=$(saksi key show log.key --only vkey)
witness=$(saksi key show w.key --only vkey)
mkdir trust nolog
printf 'log %s\nwitness w %s\nquorum w\n' "$log" "$witness" >trust/policy
printf 'quorum 1\nroot root %s\n' "$(saksi key show root.key --only key)" >trust/roots
cp -R trust good
export XDG_STATE_HOME=$PWD/state

transcript <<'END'
# a good folder gets as far as the log
$ saksi verify nolog --trust good
cannot tell: nolog: no checkpoint could be read: *
? 3
$ saksi verify nolog --trust missing
! saksi verify: missing: this trust folder cannot be opened: No such file or directory; it holds the files policy and roots
? 3
$ rm trust/roots; saksi verify nolog --trust trust; cp good/roots trust/
cannot tell: nolog: no checkpoint could be read: *
$ rm trust/policy; saksi verify nolog --trust trust; cp good/policy trust/
! saksi verify: trust/policy: is missing from the trust folder
$ echo 'roots 1' >>trust/roots; saksi verify nolog --trust trust; cp good/roots trust/
! saksi verify: trust/roots:3: *
$ echo 'quorum w' >>trust/policy; saksi verify nolog --trust trust
! saksi verify: trust/policy:4: *
? 3
$ cp good/policy trust/; sed -i 's/^witness w /&x/' trust/policy; saksi verify nolog --trust trust
! saksi verify: trust/policy:2: *
? 3
$ cp good/policy trust/; echo 'freshness soon' >trust/limits; saksi verify nolog --trust trust
! saksi verify: trust/limits:1: *
? 3
$ echo 'freshness 3h' >trust/limits; printf '# receipts\nnonsense\n' >trust/receipt; saksi verify nolog --trust trust
! saksi verify: trust/receipt:2: no Ed25519 verifier key
? 3
$ saksi key show w.key --only vkey >trust/receipt; saksi verify nolog --trust trust
! saksi verify: trust/receipt:1: no Ed25519 verifier key
? 3
$ printf x >trust/receipt; saksi verify nolog --trust trust
! saksi verify: trust/receipt:1: no final newline
? 3
$ head -c 2000000 /dev/zero >trust/receipt; saksi verify nolog --trust trust
! saksi verify: trust/receipt: is larger than 1 MiB
? 3
$ rm trust/receipt; mkdir trust/receipt; saksi verify nolog --trust trust
! saksi verify: trust/receipt: Is a directory
? 3
END
finish
