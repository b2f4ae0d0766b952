#!/usr/bin/env python3
"""Plays systemd for one server.

usage: listener.py FILE COMMAND...
Runs COMMAND with a notify socket, a watchdog of 0.4 s, two held sockets ("saksi" and
"metrics") and its stderr as the journal's stream in FILE; after the third WATCHDOG=1
it ends it, and prints what it was told, each line once.
"""
import os, signal, socket, subprocess, sys, tempfile

err = open(sys.argv[1], 'wb')
st = os.fstat(err.fileno())
folder = tempfile.mkdtemp()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(folder + '/notify')
notify.settimeout(20)
held = []
for _ in range(2):
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen()
    held.append(s)
high = [os.dup(s.fileno()) for s in held]


def child():
    for i, fd in enumerate(high):
        os.dup2(fd, 20 + i)
    for i in range(2):
        os.dup2(20 + i, 3 + i, inheritable=True)


env = dict(os.environ, LISTEN_FDS='2', LISTEN_FDNAMES='metrics:saksi',
           NOTIFY_SOCKET=folder + '/notify', WATCHDOG_USEC='400000',
           JOURNAL_STREAM='%d:%d' % (st.st_dev, st.st_ino))
p = subprocess.Popen(['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'] + sys.argv[2:],
                     stdout=subprocess.PIPE, stderr=err, env=env, close_fds=False,
                     preexec_fn=child, text=True)
told, beats = [], 0
while True:
    try:
        text = notify.recv(65536).decode()
    except socket.timeout:
        p.kill()
        sys.exit('nothing was told for 20 s: %r' % told)
    for line in text.split('\n'):
        line = line.split('=')[0] + '=...' if line.startswith('STATUS=') else line
        if line not in told:
            told.append(line)
    beats += text == 'WATCHDOG=1'
    if text == 'WATCHDOG=1' and beats == 3:
        p.send_signal(signal.SIGTERM)
    if text.startswith('STOPPING=1'):
        break
out = p.communicate(timeout=20)[0]
ports = [s.getsockname()[1] for s in held]
print(out.replace(str(ports[1]), 'PORT').replace(str(ports[0]), 'METRICS'), end='')
print('\n'.join(told))
sys.exit(p.returncode)
