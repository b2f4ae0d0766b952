#!/bin/bash
# The public page: two languages, no script, nothing others wrote becomes markup,
# and it says so when the log cannot be read.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip "no curl"
. "$here/tests/cli/world.sh"
world
world_rules
sed -i "s/^ID=.*/ID=\"<script>alert('x')<\/script>\"/" root/etc/os-release
saksi audit inventory --server "srv-1=<i>role</i>&\"'\"=b" $W --key commission.key --box commission.box --vault cvault >out
saksi audit run --server srv-1 --root root --rules rules --no-walk $K >out
P=$(basename vault/*.plan .plan)
saksi audit disclose --plan "$P" --rule worst $K >out
start site.out saksi serve site log/public --trust trust --listen 127.0.0.1:0 --state seen-s
s=$(sed -n 's/^listening on //p' site.out)
status='curl -s -o /dev/null -w %{http_code}\n --path-as-is'
export s status

transcript <<'END'
# ---- both languages say that it holds
$ curl -s $s/ >id.html; curl -s $s/en >en.html; grep -o '<html lang="[a-z]*"' id.html en.html
id.html:<html lang="id"
en.html:<html lang="en"
$ grep -c 'class="answer holds"' id.html en.html
id.html:1
en.html:1
$ cmp -s id.html en.html
? 1
# ---- headers
$ curl -sI $s/ | tr -d '\r' | grep -iE '^(HTTP|content-sec|content-type|x-content|referrer|cache)'
HTTP/1.1 200 OK
...
$ curl -sI $s/ | tr -d '\r' | grep -i '^content-security-policy' | grep -o "default-src 'none'"
default-src 'none'
$ curl -sI $s/ | grep -ic "script-src\|unsafe"
0
? 1
# ---- what others wrote is text
$ grep -ciE '<script|<b>&|<i>role|javascript:|onload=|style="' id.html en.html
id.html:0
en.html:0
? 1
$ grep -o '&lt;i&gt;role&lt;/i&gt;&amp;&quot;&#39;&quot;' en.html | head -1; grep -o '&lt;script&gt;alert' en.html | head -1
&lt;i&gt;role&lt;/i&gt;&amp;&quot;&#39;&quot;
&lt;script&gt;alert
$ grep -cE 'src=|href="(https?:)?//' en.html
0
? 1
# ---- beside the page lies the log
$ curl -s $s/checkpoint | cmp - log/public/checkpoint; curl -s $s/tile/0/000.p/5 | cmp - log/public/tile/0/000.p/5
$ saksi verify $s --trust trust --no-state | head -1
holds: http*
$ for p in /nothing /en/x /tile/ /../state.db /%2e%2e/state.db /..%2f..%2fkey / ; do $status $s$p; done | tr '\n' ' '
404 404 404 400 400 400 200 
$ $status -X POST $s/; $status -X DELETE $s/checkpoint; $status -I $s/en
405
405
200
$ curl -s $s/style.css | grep -c '[{}]' >n; curl -sI $s/style.css | grep -ci 'text/css'
1
END

# ---- a log that cannot be read, a checkpoint that is false, a folder that went away
mv log/public/checkpoint kept
sleep 2.1
transcript <<'END'
$ curl -s $s/ >u; grep -c 'class="answer unknown"' u; $status $s/en; $status $s/checkpoint
1
200
404
$ sed '3s/^./x/' kept >log/public/checkpoint; sleep 2.1; curl -s $s/ | grep -c 'class="answer false"'
1
$ cp kept log/public/checkpoint; sleep 2.1; curl -s $s/ | grep -c 'class="answer holds"'
1
$ mv log/public away; sleep 2.1; curl -s $s/; $status $s/
the log could not be read just now
503
$ mv away log/public; sleep 2.1; curl -s $s/ | grep -c 'class="answer holds"'
1
END

# ---- over HTTP, and of a log that is down
kill "$server"
wait "$server" || :
start down.out saksi serve site "$u" --trust trust --listen 127.0.0.1:0 --state seen-d
d=$(sed -n 's/^listening on //p' down.out)
export d u
transcript <<'END'
$ curl -s $d/ | grep -c 'class="answer unknown"'; curl -s $d/en | grep -o "saksi verify $u"
1
saksi verify http*
$ $status $d/checkpoint
404
$ timeout 5 saksi serve site log/public --trust nowhere --listen 127.0.0.1:0
! saksi serve site: nowhere: *
? 3
$ timeout 5 saksi serve site log/public --trust trust --listen nonsense
! saksi serve site: --listen: cannot listen on "nonsense": *
? 2
END
finish
