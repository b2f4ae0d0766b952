#!/bin/bash
# nginx serves a log's public folder with the configuration that is shipped.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || skip "no nginx"
command -v curl >/dev/null || skip "no curl"

saksi log init L --origin logs.example/open --open >L.vkey
printf one >one
saksi log add L one >index
saksi log publish L >published
rm -f url
start url saksi serve log L --listen 127.0.0.1:0
backend=$(sed -n 's|^listening on http://||p' url)
for ((i = 0; i < 50; i++)); do # a port that is free
	port=$((20000 + RANDOM % 20000))
	(exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null || break
done
sed -e "s|listen 80;|listen 127.0.0.1:$port;|" -e "s|/var/lib/saksi/log|$PWD/L|" \
	-e "s|127.0.0.1:8430|$backend|" "$here/conf/nginx.conf" >site.conf
mkdir tmp
{
	echo "daemon off; pid $PWD/pid; error_log $PWD/error.log;"
	[ "$(id -u)" -eq 0 ] && echo "user $(id -un);"
	sed "s|^http {|&\n client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;|" site.conf
} >nginx.conf
nginx -p "$PWD" -c nginx.conf >nginx.out 2>&1 </dev/null &
pids+=($!)
u=http://127.0.0.1:$port
for ((i = 0; i < 100; i++)); do
	curl -s -o /dev/null "$u/checkpoint" && break
	sleep 0.05
done
export u
status='curl -s -o /dev/null -w %{http_code}\n'
export status

transcript <<'END'
$ curl -s $u/checkpoint | cmp - L/public/checkpoint; curl -s $u/vkey | cmp - L.vkey
$ curl -s $u/tile/entries/000.p/1 | cmp - L/public/tile/entries/000.p/1
$ curl -sI $u/checkpoint | tr -d '\r' | grep -iE 'type:|cache|origin' | sort
Access-Control-Allow-Origin: *
Cache-Control: public, max-age=5
Content-Type: text/plain; charset=utf-8
$ curl -sI $u/tile/0/000.p/1 | tr -d '\r' | grep -iE 'type:|cache|origin' | sort
Access-Control-Allow-Origin: *
Cache-Control: public, max-age=31536000, immutable
Content-Type: application/octet-stream
# submissions reach the log
$ printf two | curl -s --data-binary @- $u/add
1
$ saksi log add $u one --receipt | sed -n 3p
index 0
$ head -c 65536 /dev/zero | $status --data-binary @- $u/add
413
# nothing beside the public folder
$ $status $u/; $status $u/tile/; $status $u/key; $status --path-as-is $u/tile/../../key; $status $u/state.db; $status $u/tile/0/001
404
403
404
4*
404
404
$ ln -s ../../../key L/public/tile/0/key; $status $u/tile/0/key
403
END
finish
