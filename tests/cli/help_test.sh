#!/bin/bash
# Usage, help and how wrong words are answered.
# valgrind: yes
. "$(dirname "$0")/lib.sh"

transcript <<'END'
$ saksi --version
saksi *.*.*
$ saksi --version --json
{"version":"*"}
$ saksi
! saksi: a command is needed (saksi --help)
? 2
$ saksi --help
usage: saksi COMMAND [ARGUMENTS] [OPTIONS]
...
everyone
...
operator
...
  key new * make a key and print its public part
...
4 quorum not met, 5 split view.
# every line fits a terminal of 80 columns
$ saksi --help | awk 'length > 79'
$ saksi key --help
usage: saksi key COMMAND [ARGUMENTS] [OPTIONS]

  key new * make a key and print its public part
  key show * print the public part of a key, never the secret
  key rotate * replace a key: an author's, the roots, a log's
  key revoke * say from where on a stolen key counts for nothing

'saksi help key COMMAND' says more.
$ saksi help key show
usage: saksi key show FILE [OPTIONS]

print the public part of a key, never the secret
...
options
  --only PART            print just vkey, key or keyid
  --json                 results on stdout as JSON
  --help                 this text
# a slip of the hand gets the nearest name
$ saksi kye show
! saksi: there is no command 'kye'; is it 'key'? (saksi --help)
? 2
$ saksi key shwo f
! saksi: there is no command 'key shwo'; is it 'key show'? (saksi key --help)
? 2
$ saksi key
! saksi: key needs one of: new, show, rotate, revoke (saksi key --help)
? 2
$ saksi key frobnicate
! saksi: there is no command 'key frobnicate'; key has: new, show, rotate, revoke
? 2
$ saksi help frobnicate
! saksi help: there is no command 'frobnicate' (saksi --help)
? 2
$ saksi frobnicate
! saksi: there is no command 'frobnicate' (saksi --help)
? 2
$ saksi key new f --nmae x
! saksi key new: there is no option '--nmae'; is it '--name'?
? 2
# options: repeated, with and without value, both forms
$ saksi key new f --name a --name b
! saksi key new: --name stands twice; once is enough
? 2
$ saksi key new f --name
! saksi key new: --name needs a value: --name NAME
? 2
$ saksi key new f --name --json
{"error":"--name needs a value: --name NAME","exit":2}
! saksi key new: --name needs a value: --name NAME
? 2
$ saksi key new f --json=yes --name a
! saksi key new: --json takes no value
? 2
$ saksi key new f
! saksi key new: --name NAME is needed: *
? 2
$ saksi key new --name a
! saksi key new: too few arguments: saksi key new FILE (--help)
? 2
$ saksi key show a b
! saksi key show: 'b' is one argument too many: saksi key show FILE
? 2
$ saksi key new --name=example.org/a --type=log -- --odd
type   log or author
name   example.org/a
vkey   example.org/a+*
key    *
keyid  *
$ ls
--odd
# text from outside cannot move the cursor or turn the line around
$ saksi key show "$(printf 'a\033[31m\n\342\200\256b\377')"
! saksi key show: a\x1b[31m\x0a\xe2\x80\xaeb\xff: *
? 3
# an answer that nobody got is no answer
$ saksi --help >/dev/full
! saksi: the result could not be written: No space left on device
? 3
$ saksi --help >&-
! saksi: the result could not be written: *
? 3
# manual pages come from the same table
$ mkdir man; saksi help --man man; ls man | sed -n 's/^saksi-key.1$/there/p'
there
$ saksi help --man nowhere
! saksi help: nowhere: the manual pages could not be written there: *
? 3
END
finish
