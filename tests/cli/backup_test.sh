#!/bin/bash
# Backups: made while the log runs, tried, brought back, and refused.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

saksi log init log --origin t.example/m --open --interval 1s >vkey
echo one >e1
echo two >e2
echo three >e3
saksi log add log e1 e2 >/dev/null
saksi log publish log >/dev/null
saksi key new s.box --name s --type box >/dev/null
saksi witness init wit --name w.example >wkey
saksi witness add wit --log "$(cat vkey)" >/dev/null

transcript <<'END'
# what a backup holds, and what it does not
$ saksi backup log --to b
! saksi backup: note: key and receipt.key are not in it: keep them elsewhere, or the log cannot go on (--with-keys)
log t.example/m, of *: 6 files, * bytes
2 entries, a signed tree of 2, root *
$ find b -type f | sort; stat -c %a b b/MANIFEST b/state.db b/config
b/MANIFEST
b/config
b/policy
b/public/checkpoint
b/public/receipt.vkey
b/public/vkey
b/state.db
700
600
600
600
$ saksi backup log --to b
! saksi backup: b: needs a folder that is absent or empty
? 1
# the drill: all of it read again, nothing left behind
$ mkdir tmp && saksi restore b --drill --log log/public --at tmp && ls tmp
log t.example/m, of *
2 entries, a signed tree of 2, root *
* s old; restored and read again in * s
2 entries and 2 files fit
nothing that is live would be missing
# it comes back when nobody has seen more, and then the log goes on
$ saksi restore b again
! saksi restore: nobody was asked: give --log URL or folder of what the log has published
! saksi restore: nothing was restored: *
? 3
# somebody's folder is neither written into nor deleted
$ mkdir again.restoring && echo mine >again.restoring/f && saksi restore b again --log log/public
! saksi restore: again.restoring: is there already, perhaps of a restore that was interrupted: look at it and remove it
? 3
$ cat again.restoring/f && rm -r again.restoring
mine
$ saksi restore b again --log log/public
! saksi restore: note: put key and receipt.key back into again before it is served
restored to again
$ saksi log check again
2 entries, 2 in the newest tree, 2 published; 2 signed checkpoints, 2 files and 0 addenda compared: all fits
$ cp log/key log/receipt.key again/ && saksi log add again e3 && saksi log publish again && saksi log check again
2
published size 3
3 entries, *: all fits
# an older one does not: that would be a second history
$ saksi restore b back --log again/public; ls -d back*
! saksi restore: again/public has a tree of 3 entries that this backup does not hold (it has 2): going on from it would sign a second history
! saksi restore: this log has ended with the newest tree it has published: *
! ls: *
? 2
$ saksi restore b --drill --log again/public | tail -1
older than what is live: 1 entries of 3 would be missing, and it could not go on
$ saksi restore b --drill --log again/public --json | grep -o '"could_go_on.*'
"could_go_on":"refused","live":3,"missing":1}
# changed, unfinished, of a later version: three answers
$ cp -r b c && echo x >>c/config && saksi restore c --drill
! saksi restore: c/config: was changed since the backup was made
? 1
$ cp -r b d && sed -i 's/^batch 4096/batch 4097/' d/config && saksi restore d --drill
! saksi restore: d/config: was changed since the backup was made
? 1
$ sed -i 's/^entries 2/entries 3/' c/MANIFEST && saksi restore c --drill
! saksi restore: c/MANIFEST:16: it was changed: its own digest is another
? 1
$ sed -i 's/^saksi-backup 1/saksi-backup 2/' c/MANIFEST && saksi restore c --drill
! saksi restore: c/MANIFEST:1: a backup of a later version of this program; use that one
? 3
$ rm c/MANIFEST && saksi restore c --drill
! saksi restore: c: no backup, or one that was not finished: it has no MANIFEST
? 3
# with its keys, sealed: for one box key only
$ saksi backup log --to s --with-keys --seal "$(saksi key show s.box --only key)" | head -1; grep -l PRIVATE -r s
log t.example/m, of *, with its keys, sealed
? 1
$ saksi restore s --drill
! saksi restore: s: it is sealed; give --box FILE
? 3
$ saksi key new t.box --name t --type box >/dev/null && saksi restore s --drill --box t.box
! saksi restore: s/config: not sealed to this box key
? 1
$ saksi restore s whole --box s.box --log log/public && saksi log add whole e1 && saksi log check whole
restored to whole
0
2 entries, *: all fits
# while it is served
$ saksi serve log log --listen 127.0.0.1:0 >out 2>&1 & p=$!; until grep -q listening out; do sleep 0.05; done; u=$(sed -n 's/^listening on //p' out); saksi log add "$u" e3 && saksi backup log --to live 2>/dev/null | tail -1; kill $p; wait $p
2
3 entries, a signed tree of *
$ saksi restore live --drill | tail -1
3 entries and 2 files fit
# a witness: without its key, and never restored
$ saksi backup wit --to w
! saksi backup: note: without the key, which is never backed up: *
witness w.example, of *: 2 files, * bytes
$ saksi backup wit --to w2 --with-keys
! saksi backup: wit: a witness's key is not backed up: with it and an old state.db it would cosign a second history; after a loss make a new witness
? 1
$ saksi restore w --drill | tail -1
1 logs, 0 pieces of evidence
$ saksi restore w other
! saksi restore: w: a witness is never restored: *
? 1
$ saksi backup e1 --to x
! saksi backup: e1: *
? 3
END
finish
