#!/bin/bash
# ./run --once from beginning to end: this machine is audited, witnessed, checked
# by a stranger; five lies are caught, one finding is opened.
. "$(dirname "$0")/lib.sh"
export SAKSI demo="$here/tools/demo.sh --once --port 0 --dir $work/at/demo" trust='--trust demo/trust'

transcript <<'END'
# what it says of wrong use, before it does anything
$ $demo --sideways
! ./run: there is no option '--sideways'; *
? 2
$ mkdir demo && echo mine >demo/file; $demo
! ./run: */demo is there and no demo of this program: move it, or give --dir
? 2
$ cat demo/file; rm -r demo
mine
# the whole of it
$ $demo >out 2>err || { cat out err; false; }
$ grep -A 1 '^8\.' out | tail -1
holds: http://127.0.0.1:*
$ grep -A 6 '^9\.' out
9. Five lies, *
  one byte of an entry changed       FALSE: *entry *
  one byte of a tile changed         FALSE: *
  an older tree served               FALSE: *older tree*
  an attachment swapped              FALSE: *attachment*
  a verdict dropped                  FALSE: *
  5 of 5 lies caught
# a finding is opened and its opening checked, or there was nothing to open
$ sed -n '/^10\./,$p' out | grep -cE '^holds: openings: |failed no rule'
1
$ tail -3 out
holds: proof: audit.tlog-proof: entry 3 is in log saksi.example/demo, *; audit number 1 of auditor, *

Done. Everything is in *; the page is http://127.0.0.1:*
END

# What stays behind can be checked without any server, and holds no secret.
transcript <<'END'
$ saksi verify demo/log/public $trust --no-state --full | head -1
holds: demo/log/public
$ saksi verify demo/audit.tlog-proof $trust --now 2046-11-22T00:00:00Z | cut -d: -f1-3
holds: proof: demo/audit.tlog-proof
$ find demo/keys demo/vault demo/vault-commission -type f -perm /077 ! -name '*.pub'
$ grep -rlF "srv-1=basis" demo/log/public demo/trust demo/stranger
? 1
# begun anew, it forgets the old; and nothing of it is still running
$ ps ax | grep -c "[s]aksi serve .*$PWD" || :
0
END
finish
