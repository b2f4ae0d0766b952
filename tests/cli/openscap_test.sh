#!/bin/bash
# OpenSCAP content in an audit: fixed by the plan, refused when it is another.
. "$(dirname "$0")/lib.sh"
. "$here/tests/cli/world.sh"
if [ ! -x /usr/bin/oscap ] || ! grep -q '^VERSION_ID="12"' /etc/os-release; then
	skip 'needs oscap and Debian 12, which our content is for'
fi
world
world_rules
{
	echo 'rules 1'
	rule engine high 'none openscap where severity = high and result = fail' |
		sed 's/^needs = os$/needs = openscap/'
} >rules/a.rules
cp "$here/tests/unit/engine/content/three.xml" three.xml
sed 's/severity="low"/severity="high"/' three.xml >other.xml

transcript <<'END'
$ saksi audit inventory --server srv-1=web=a --server srv-2=web=b $W --key commission.key --box commission.box --vault cvault
inventory of 2 servers is entry 1, witnessed
$ saksi audit run --server srv-1 --root root --openscap three.xml --rules rules $K
! saksi audit run: --openscap scans this machine; it cannot go with --root
? 2
$ saksi audit plan --server srv-1 --openscap nowhere.xml --rules rules $W --key auditor.key --vault vault
! saksi audit plan: nowhere.xml: this file cannot be read: *
? 3
$ saksi audit plan --server srv-1 --openscap three.xml --rules rules $W --key auditor.key --vault vault
plan * of srv-1 is entry 2, witnessed
END
P=$(basename vault/*.plan .plan)
export P
transcript <<'END'
$ saksi audit collect --plan $P --openscap other.xml --no-walk $W --vault vault
! saksi audit collect: other.xml is not the content that plan * fixes
? 1
$ saksi audit collect --plan $P --openscap three.xml --no-walk $W --vault vault
facts of srv-1: * bytes, encrypted to auditor
$ saksi audit judge --plan $P --rules rules $W --box auditor.box --vault vault
1 rules: 0 pass, 1 fail, 0 not applicable, 0 not covered, 0 error
failures: 0 critical, 1 high, 0 medium, 0 low, 0 info
# a plan without content, and a folder of another machine
$ saksi audit plan --server srv-2 --rules rules $W --key auditor.key --vault vault2
plan * of srv-2 is entry 3, witnessed
END
P=$(basename vault2/*.plan .plan)
export P
transcript <<'END'
$ saksi audit collect --plan $P --openscap three.xml --no-walk $W --vault vault2
! saksi audit collect: plan * fixes no OpenSCAP content: make a plan with --openscap, or leave the option out
? 1
$ saksi audit collect --plan $P --root root --no-walk $W --vault vault2
facts of srv-2: * bytes, encrypted to auditor
$ saksi audit judge --plan $P --rules rules $W --box auditor.box --vault vault2
1 rules: 0 pass, 0 fail, 0 not applicable, 1 not covered, 0 error
failures: 0 critical, 0 high, 0 medium, 0 low, 0 info
END
finish
