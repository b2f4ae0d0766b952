#!/bin/bash
# A log kept by hand: made, added to, published, damaged, checked.
# valgrind: yes
. "$(dirname "$0")/lib.sh"

echo -n hi >hi
echo -n ho >ho
: >empty
head -c 65536 /dev/zero >long

transcript <<'END'
$ saksi log init L --origin logs.example/open --open
logs.example/open+*
$ stat -c %a L L/key L/receipt.key L/state.db L/public
700
600
600
600
755
$ saksi log check L
0 entries, 0 in the newest tree, 0 published; 1 signed checkpoints, 0 files and 0 addenda compared: all fits
$ sed -n 2,3p L/public/checkpoint
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
# indices are told once an entry is on disk; the same bytes keep theirs
$ saksi log add L hi ho hi
0
1
0
$ saksi log add L ho --json
{"entries":[{"file":"ho","index":1}]}
$ saksi log add L hi --receipt
saksi/receipt/v1
logs.example/open
index 0
leaf 5pCAJc1QzjgP7s/q7bcLosL3AcxeMUt7cO9eHASw7Fg=
time *
due *

— logs.example/open/receipt *
$ saksi log check L
2 entries, 0 in the newest tree, 0 published; 1 signed checkpoints, 0 files and 0 addenda compared: all fits
$ saksi log publish L
published size 2
$ sed -n 2p L/public/checkpoint; od -An -c L/public/tile/entries/000.p/2
2
  \0 002   h   i  \0 002   h   o
$ saksi log check L --json
{"flaws":[],"acknowledged":2,"size":2,"published":2,"checkpoints":2,"files":2,"addenda":0,"addenda_awaited":0,"flaw_count":0}
# what cannot be an entry
$ saksi log add L empty
! saksi log add: empty: an entry of no bytes
? 1
$ saksi log add L long
! saksi log add: long: over the 65535 bytes that a log takes
? 3
$ saksi log add L nothing
! saksi log add: nothing: No such file or directory
? 3
$ saksi log add L hi ho --receipt
! saksi log add: --receipt prints one receipt: give one FILE, or --json
? 2
$ saksi log add L hi --addendum ho
! saksi log add: ho: no entry of this log names it
0
? 3
# what differs is said with its place
$ cp -a L/public good; printf X | dd of=L/public/tile/0/000.p/2 bs=1 seek=40 conv=notrunc status=none; saksi log check L
FALSE public/tile/0/000.p/2: byte 40 differs from what the entries say (64 bytes there, 64 expected)
2 entries, 2 in the newest tree, 2 published; 2 signed checkpoints, 2 files and 0 addenda compared: NOT all fits
? 1
$ rm L/public/tile/entries/000.p/2; saksi log check L --json
{"flaws":[{"answer":"refused","where":"public/tile/entries/000.p/2","what":"is not there"},{"answer":"refused",*}],*"flaw_count":2}
? 1
$ rm -r L/public; cp -a good L/public; sed -i s/logs.example/lugs.example/ L/public/checkpoint; saksi log check L
FALSE public/checkpoint: *
...
? 1
$ rm -r L/public; cp -a good L/public; saksi log check L
*: all fits
# a log is made only where nothing is
$ saksi log init L --origin other --open
! saksi log init: L: a new log needs a folder that is absent or empty
? 1
$ saksi log init M --origin other
! saksi log init: give --roots FILE, whose authors may add, or --open, so that anybody may
? 2
$ saksi log init M --origin 'two words' --open
! saksi log init: --origin 'two words': a name like logs.example/audit, without spaces or '+'
? 2
$ saksi log init M --origin other --open --batch 0 --interval 2d
! saksi log init: --interval is 1s to 1d
? 2
$ echo nonsense >policy; saksi log init M --origin other --open --policy policy
! saksi log init: policy:1: *
? 3
$ saksi log init M --origin other --open --policy nothing
! saksi log init: nothing: No such file or directory
? 3
$ ls M
! ls: *
? 2
$ saksi log check nothing
! saksi log check: nothing: No such file or directory
? 3
$ mkdir folder; saksi log publish folder
! saksi log publish: folder: not a log (it has no config): saksi log init makes one
? 3
$ chmod 640 L/key; saksi log publish L
! saksi log publish: L/key: others can use this secret (mode 0640): type chmod 600 key
? 1
$ chmod 600 L/key; echo 'colour blue' >>L/config; saksi log publish L
! saksi log publish: L/config:15: a setting this program does not know
? 3
$ sed -i '$d' L/config; flock L/lock saksi log add L hi
! saksi log add: L: another process has this log open: send to its URL, or stop it first
? 3
# nobody cosigns: signed, but the older checkpoint stays
$ saksi key new w.key --type witness --name w.example >w.pub; echo "witness w $(saksi key show w.key --only vkey) http://127.0.0.1:1/" >L/policy; echo quorum w >>L/policy; echo -n new >new; saksi log add L new
2
$ saksi log publish L
! saksi log publish: *
? 4
$ sed -n 2p L/public/checkpoint; saksi log check L
2
3 entries, 3 in the newest tree, 2 published; 3 signed checkpoints, *: all fits
END
finish
