#!/usr/bin/env python3
"""A log is restarted under load; its listening socket is held here, as systemd would.

usage: restart.py SAKSI LOGDIR RESTARTS
Four callers add entries all the time, two of them over one connection as long as it
lasts (keep-alive), two over a new one each time.  A caller does what any HTTP client
does: 503 is tried again after Retry-After, and when a connection that was used before
was closed before an answer began, the entry is sent again over a new one (adding an
entry twice gives the index it has).  Anything else is a failed add.  Prints counts;
the acknowledged entries go to the file `acknowledged`, "INDEX ENTRY" a line.
"""
import http.client, os, signal, socket, subprocess, sys, threading, time

saksi, log, restarts = sys.argv[1], sys.argv[2], int(sys.argv[3])
held = socket.socket()
held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
held.bind(('127.0.0.1', 0))
held.listen(1024)
port = held.getsockname()[1]
stop = threading.Event()
lock = threading.Lock()
acknowledged, failed = [], []
counts = {'busy': 0, 'again': 0}


def server():
    def child():  # between fork and exec: the socket becomes descriptor 3
        os.dup2(held.fileno(), 3, inheritable=True)
    env = dict(os.environ, LISTEN_FDS='1', LISTEN_FDNAMES='saksi')
    # LISTEN_PID must be the child's own: a shell says it and becomes the server.
    return subprocess.Popen(
        ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', saksi, 'serve', 'log', log],
        stdout=subprocess.PIPE, stderr=open('restart.err', 'ab'), env=env,
        pass_fds=[3], preexec_fn=child, text=True)


def ask(connection, entry):
    connection.request('POST', '/add', entry)
    answer = connection.getresponse()
    body = answer.read()
    return answer.status, body, answer.getheader('Connection', '') == 'close', \
        answer.getheader('Retry-After')


def add(state, keep, entry):
    """True once it is acknowledged; a line in `failed` otherwise."""
    for _ in range(100):
        used = state.get('c') is not None
        c = state.pop('c', None) or http.client.HTTPConnection('127.0.0.1', port, timeout=30)
        try:
            status, body, closes, retry = ask(c, entry)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as e:
            c.close()
            if not used:
                failed.append('a new connection: %r' % e)
                return False
            with lock:
                counts['again'] += 1
            continue
        except OSError as e:
            failed.append(repr(e))
            return False
        if keep and not closes:
            state['c'] = c
        else:
            c.close()
        if status == 503 and retry:
            with lock:
                counts['busy'] += 1
            time.sleep(min(float(retry), 0.2))
            continue
        if status != 200:
            failed.append('%d %r' % (status, body))
            return False
        with lock:
            acknowledged.append((int(body), entry.decode()))
        return True
    failed.append('busy for ever')
    return False


def caller(who, keep):
    state, n = {}, 0
    while not stop.is_set():
        add(state, keep, b'caller %d entry %d' % (who, n))
        n += 1


def ready(process):
    line = process.stdout.readline()
    if not line.startswith('listening on http://127.0.0.1:%d' % port):
        sys.exit('it did not begin: %r' % line)


process = server()
ready(process)
callers = [threading.Thread(target=caller, args=(i, i % 2 == 0)) for i in range(4)]
for c in callers:
    c.start()
longest = 0.0
for _ in range(restarts):
    time.sleep(0.4)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    rc = process.wait(30)
    if rc != 0:
        failed.append('the server ended with %d' % rc)
    process = server()
    ready(process)
    longest = max(longest, time.monotonic() - began)
time.sleep(0.4)
stop.set()
for c in callers:
    c.join()
process.send_signal(signal.SIGTERM)
if process.wait(30) != 0:
    failed.append('the last server ended badly')
with open('acknowledged', 'w') as f:
    for index, entry in sorted(acknowledged):
        f.write('%d %s\n' % (index, entry))
for line in failed[:10]:
    print('failed:', line)
print('%d restarts, %d acknowledged, %d failed, %d told to wait, %d sent again, longest gap %.1f s'
      % (restarts, len(acknowledged), len(failed), counts['busy'], counts['again'], longest))
sys.exit(1 if failed or len(acknowledged) < 50 * restarts else 0)
