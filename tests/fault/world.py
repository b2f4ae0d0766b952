"""What the fault suites share: processes, logs, witnesses, load, and an
independent reading of what is on disk.  Python's own library and libsodium
(which saksi itself needs) are all this uses.

A suite calls check(), skip() and note(), and ends with finish(), which prints
`N passed, N failed, N skipped`.  SAKSI is the program; --quick the short form.
"""
import atexit
import base64
import ctypes
import ctypes.util
import hashlib
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SAKSI = os.path.abspath(os.environ.get("SAKSI", os.path.join(HERE, "../../bin/saksi")))
QUICK = "--quick" in sys.argv[1:]
SEED = int(os.environ.get("FAULT_SEED", "20261122"))
dice = random.Random(SEED)

# ---- telling

_count = {"passed": 0, "failed": 0, "skipped": 0}


def check(holds, what, more=""):
    """One test.  `more` is shown when it failed."""
    _count["passed" if holds else "failed"] += 1
    if not holds:
        print(f"! FAIL {what}" + (f": {more}" if more != "" else ""), flush=True)
    return bool(holds)


def skip(what, why):
    _count["skipped"] += 1
    print(f"skipped: {what}: {why}", flush=True)


def note(text):
    print(text, flush=True)


def finish():
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**_count))
    sys.stdout.flush()
    sys.exit(0 if _count["failed"] == 0 else 1)


# ---- places and processes

_work = None
_children = []


def work():
    """A folder of this run, removed at its end."""
    global _work
    if _work is None:
        _work = tempfile.mkdtemp(prefix="saksi-fault-")
    return _work


def _clean():
    for p in _children:
        if p.poll() is None:
            p.kill()
            p.wait()
    if _work is not None and not os.environ.get("FAULT_KEEP"):
        shutil.rmtree(_work, ignore_errors=True)


atexit.register(_clean)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def spawn(args, **how):
    p = subprocess.Popen([str(a) for a in args], stdin=subprocess.DEVNULL, **how)
    _children.append(p)
    return p


def gone(p):
    if p in _children:
        _children.remove(p)


def saksi(*args, prefix=(), **how):
    """Runs one command to its end: (exit code, stdout, stderr)."""
    try:
        p = subprocess.run([*map(str, prefix), SAKSI, *map(str, args)], text=True,
                           stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=how.pop("timeout", 30), **how)
    except subprocess.TimeoutExpired:
        return -1, "", "it did not end\n"
    return p.returncode, p.stdout, p.stderr


def must(*args):
    rc, out, err = saksi(*args)
    if rc != 0:
        raise RuntimeError(f"saksi {' '.join(map(str, args))}: exit {rc}: {err}")
    return out


def free_port(address="127.0.0.1"):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def until(true, seconds=10.0, every=0.02):
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            return value
        time.sleep(every)


class Server:
    """One `saksi serve ...` at a fixed port; what it says goes to a file."""

    def __init__(self, kind, path, prefix=(), env=None, port=None, wait=True, cwd=None):
        self.kind, self.path = kind, path
        self.port = port or free_port()
        self.said_file = f"{path}.said" if cwd is None else f"{cwd}/said"
        self.heard_file = self.said_file + ".out"
        self.said_from = os.path.getsize(self.said_file) if os.path.exists(self.said_file) else 0
        with open(self.said_file, "ab") as err, open(self.heard_file, "wb") as out:
            self.p = spawn([*prefix, SAKSI, "serve", kind, path, "--listen",
                            f"127.0.0.1:{self.port}"], stdout=out, stderr=err, env=env)
        self.url = f"http://127.0.0.1:{self.port}"
        if wait and not self.listening():
            raise RuntimeError(f"serve {kind} did not begin: {self.said()}")

    def ready(self):
        return os.path.getsize(self.heard_file) > 0

    def listening(self, seconds=20):
        until(lambda: self.ready() or self.p.poll() is not None, seconds, 0.002)
        return self.ready()

    def said(self):
        with open(self.said_file, encoding="utf-8", errors="replace") as f:
            f.seek(self.said_from)
            return f.read()

    def alive(self):
        return self.p.poll() is None

    def kill(self, how=signal.SIGKILL):
        if self.p.poll() is None:
            self.p.send_signal(how)
        rc = self.p.wait(timeout=60)
        gone(self.p)
        return rc

    def stop(self):
        return self.kill(signal.SIGTERM)

    def rss_kib(self):
        with open(f"/proc/{self.p.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def fds(self):
        return len(os.listdir(f"/proc/{self.p.pid}/fd"))

    def cpu_s(self):
        with open(f"/proc/{self.p.pid}/stat", encoding="ascii") as f:
            parts = f.read().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


# ---- HTTP, as small as it can be


class Gone(Exception):
    """The other side ended the connection, or never answered."""


class Caller:
    """One connection that is kept."""

    def __init__(self, port, timeout=30.0, source=None, host="127.0.0.1"):
        self.s = socket.create_connection((host, port), timeout,
                                          (source, 0) if source else None)
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def close(self):
        self.s.close()

    def _more(self):
        try:
            got = self.s.recv(65536)
        except OSError as e:
            raise Gone(str(e)) from e
        if not got:
            raise Gone("closed")
        self.rest += got

    def answer(self, head=False):
        while b"\r\n\r\n" not in self.rest:
            self._more()
        top, self.rest = self.rest.split(b"\r\n\r\n", 1)
        status = int(top.split(b" ", 2)[1])
        found = re.search(rb"(?im)^content-length: *(\d+)", top)
        want = 0 if head or not found else int(found.group(1))
        while len(self.rest) < want:
            self._more()
        body, self.rest = self.rest[:want], self.rest[want:]
        return status, body, top

    def send(self, data):
        try:
            self.s.sendall(data)
        except OSError as e:
            raise Gone(str(e)) from e

    def ask(self, method, path, body=b"", more=""):
        self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
                  f"{more}\r\n".encode() + body)
        return self.answer(method == "HEAD")


def once(port, method, path, body=b"", timeout=10.0, source=None):
    """One request on a connection of its own: (status, body); (0, why) when there
    was no answer."""
    try:
        c = Caller(port, timeout, source)
    except OSError as e:
        return 0, str(e).encode()
    try:
        status, got, _ = c.ask(method, path, body)
        return status, got
    except Gone as e:
        return 0, str(e).encode()
    finally:
        c.close()


# ---- Merkle trees, slowly (RFC 6962)


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(a, b):
    return hashlib.sha256(b"\1" + a + b).digest()


class Tree:
    """Leaf hashes in order; whole subtrees are hashed once."""

    def __init__(self):
        self.leaves, self.known = [], {}

    def range(self, lo, hi):
        n = hi - lo
        if n == 1:
            return self.leaves[lo]
        whole = n & (n - 1) == 0
        if whole and (lo, hi) in self.known:
            return self.known[lo, hi]
        k = 1 << ((n - 1).bit_length() - 1)
        h = node_hash(self.range(lo, lo + k), self.range(lo + k, hi))
        if whole:
            self.known[lo, hi] = h
        return h

    def root(self, n):
        return self.range(0, n) if n else hashlib.sha256(b"").digest()

    def consistency(self, m, n):
        """The proof between the trees of m and n entries, 0 < m < n."""
        def part(m, lo, hi, whole):
            if m == hi - lo:
                return [] if whole else [self.range(lo, hi)]
            k = 1 << ((hi - lo - 1).bit_length() - 1)
            if m <= k:
                return part(m, lo, lo + k, whole) + [self.range(lo + k, hi)]
            return part(m - k, lo + k, hi, False) + [self.range(lo, lo + k)]
        return part(m, 0, n, True) if 0 < m < n else []


class Alike(Tree):
    """Of any size, all its entries the same: subtrees differ by their size alone."""

    def __init__(self, entry):
        super().__init__()
        self.known[1] = leaf_hash(entry)

    def range(self, lo, hi):
        n = hi - lo
        if n not in self.known:
            k = 1 << ((n - 1).bit_length() - 1)
            self.known[n] = node_hash(self.range(0, k), self.range(k, n))
        return self.known[n]


# ---- keys, notes


_sodium = None


def sodium():
    global _sodium
    if _sodium is None:
        _sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
        if _sodium.sodium_init() < 0:
            raise RuntimeError("libsodium does not begin")
    return _sodium


class Key:
    """An Ed25519 key of the signed-note kind: 1 signs as a log, 4 cosigns."""

    def __init__(self, name, kind, seed=None):
        self.name, self.kind = name, kind
        pub, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        sodium().crypto_sign_seed_keypair(pub, secret, seed or os.urandom(32))
        self.secret = secret
        typed = bytes([kind]) + pub.raw
        self.id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(typed).decode()}"

    def raw(self, message):
        out = ctypes.create_string_buffer(64)
        sodium().crypto_sign_detached(out, None, message, len(message), self.secret)
        return out.raw

    def line(self, text, when=None):
        """The signature line below a note's text (which ends in a newline)."""
        if self.kind == 1:
            sig = self.raw(text)
        else:
            sig = struct.pack(">Q", when) + self.raw(
                b"cosignature/v1\ntime %d\n" % when + text)
        return "\u2014 {} {}\n".format(
            self.name, base64.b64encode(self.id + sig).decode()).encode()


def point_text(origin, size, root):
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def read_point(text):
    """(size, root) of a checkpoint, or None for what is none."""
    lines = text.split(b"\n")
    try:
        return int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError):
        return None


# ---- databases, read from a copy so that looking changes nothing


class Copy:
    """state.db and its WAL as they lie there."""

    def __init__(self, path):
        self.dir = tempfile.mkdtemp(dir=work())
        for end in ("", "-wal"):
            if os.path.exists(f"{path}/state.db{end}"):
                shutil.copyfile(f"{path}/state.db{end}", f"{self.dir}/state.db{end}")
        self.db = sqlite3.connect(f"{self.dir}/state.db")

    def __enter__(self):
        return self.db

    def __exit__(self, *_):
        self.db.close()
        shutil.rmtree(self.dir)


def batches(db, at_least=0):
    """(index, entry) of all entries from that index on."""
    for first, count, body in db.execute(
            "SELECT first, count, body FROM batch WHERE first + count > ? ORDER BY first",
            (at_least,)):
        at = 0
        for i in range(count):
            n = int.from_bytes(body[at:at + 2], "big")
            if first + i >= at_least:
                yield first + i, body[at + 2:at + 2 + n]
            at += 2 + n


# ---- witnesses and logs


class Witness:
    def __init__(self, name):
        self.name, self.path = name, f"{work()}/{name}"
        self.vkey = must("witness", "init", self.path, "--name", f"{name}.example").strip()
        self.server, self.port = None, free_port()

    def serve(self, **how):
        self.server = Server("witness", self.path, port=self.port, **how)
        return self.server

    def knows(self, vkey):
        must("witness", "add", self.path, "--log", vkey)

    def all_held(self):
        """origin -> (size, root) on its disk."""
        with Copy(self.path) as db:
            return {origin: (size, bytes(root)) for origin, size, root in
                    db.execute("SELECT origin, size, root FROM log")}

    def held(self, origin):
        return self.all_held()[origin]


class Log:
    """An open log, what was acknowledged of it, and every checkpoint ever seen."""

    def __init__(self, name, witnesses=(), path=None, origin=None, quorum=None, **settings):
        self.name, self.path = name, path or f"{work()}/{name}"
        self.origin = origin or f"{name}.example/log"
        self.witnesses = list(witnesses)
        args = []
        if witnesses:
            with open(f"{work()}/{name}.policy", "w", encoding="ascii") as f:
                for w in witnesses:
                    f.write(f"witness {w.name} {w.vkey} http://127.0.0.1:{w.port}\n")
                f.write("group all {} {}\nquorum all\n".format(
                    quorum or "all", " ".join(w.name for w in witnesses)))
            args = ["--policy", f"{work()}/{name}.policy"]
        self.vkey = must("log", "init", self.path, "--origin", self.origin, "--open",
                         *args).strip()
        for w in witnesses:
            if hasattr(w, "knows"):
                w.knows(self.vkey)
        self.set(**{"interval_ms": 20, "gather_ms": 1, **settings})
        self.acked, self.seen, self.tree = {}, set(), Tree()
        self.server, self.port = None, free_port()

    def set(self, **settings):
        with open(f"{self.path}/config", encoding="ascii") as f:
            text = f.read()
        for name, value in settings.items():
            text, n = re.subn(rf"(?m)^{name} .*$", f"{name} {value}", text)
            assert n == 1, name
        with open(f"{self.path}/config", "w", encoding="ascii") as f:
            f.write(text)

    def serve(self, **how):
        self.server = Server("log", self.path, port=self.port, **how)
        return self.server

    # what was told

    def ack(self, index, leaf):
        """False: this index was told for another entry before."""
        return self.acked.setdefault(index, leaf) == leaf

    def add(self, text, timeout=10.0):
        """(status, answer) of one entry added over HTTP, noted when 200."""
        status, body = once(self.port, "POST", "/add", text, timeout)
        if status == 200 and not self.ack(int(body), leaf_hash(text)):
            check(False, "one index, one entry", f"{int(body)} was told twice")
        return status, body

    def look(self):
        """Notes every checkpoint that is on disk now: public and signed."""
        try:
            with open(f"{self.path}/public/checkpoint", "rb") as f:
                self.seen.add(read_point(f.read()))
        except FileNotFoundError:
            pass

    def published(self):
        """Size of public/checkpoint; -1: none."""
        try:
            with open(f"{self.path}/public/checkpoint", "rb") as f:
                return read_point(f.read())[0]
        except FileNotFoundError:
            return -1

    # judging

    def judge(self, what, whole=False):
        """What is on disk against what was told.  True when all holds."""
        self.look()
        with Copy(self.path) as db:
            for row in db.execute("SELECT size, root FROM signed"):
                self.seen.add((row[0], bytes(row[1])))
            from_ = 0 if whole else len(self.tree.leaves)
            for index, entry in batches(db, from_):
                leaf = leaf_hash(entry)
                if index < len(self.tree.leaves):
                    if self.tree.leaves[index] != leaf:
                        return check(False, what, f"entry {index} was changed")
                elif index != len(self.tree.leaves):
                    return check(False, what, f"a gap before entry {index}")
                else:
                    self.tree.leaves.append(leaf)
            last = db.execute("SELECT max(first + count) FROM batch").fetchone()[0] or 0
        if last < len(self.tree.leaves):
            return check(False, what, f"entries from {last} on are gone")
        for index, leaf in self.acked.items():
            if index >= last or self.tree.leaves[index] != leaf:
                return check(False, what, f"entry {index} was acknowledged and is "
                             + ("gone" if index >= last else "another"))
        for w in self.witnesses:
            if hasattr(w, "held"):
                self.seen.add(w.held(self.origin))
        return self.one_history(what)

    def one_history(self, what):
        for point in self.seen:
            if point is None:
                return check(False, what, "what is no checkpoint was shown")
            size, root = point
            if size > len(self.tree.leaves):
                return check(False, what, f"a checkpoint of size {size} was signed, but "
                             f"there are {len(self.tree.leaves)} entries")
            if self.tree.root(size) != root:
                return check(False, what, f"a second history at size {size}")
        return True

    def clean(self, what):
        rc, out, err = saksi("log", "check", self.path)
        if rc == 3 and self.published() < 0 and out.count("\n") <= 1:
            rc = 0 if "nothing is published yet" in out + err else rc
        return rc == 0 or check(False, what, f"log check: exit {rc}: {out} {err}")

    def settle(self, what, seconds=20):
        """The server is asked for one more entry; all must be published then."""
        status, body = 0, b""
        end = time.monotonic() + seconds
        while status != 200 and time.monotonic() < end:
            status, body = self.add(b"settle %d" % dice.getrandbits(60))
            if status != 200:
                time.sleep(0.1)
        if status != 200:
            return check(False, what, f"it takes no entries: {status} {body!r}")
        want = int(body) + 1
        return bool(until(lambda: self.published() >= want, seconds)) or check(
            False, what, f"published {self.published()}, not {want}: " + self.server.said()[-300:])


# ---- load: a process of its own, so that it sees the same as a client would


class Load:
    """`connections` clients add entries, one polls the checkpoint, until the server
    dies or stop().  What was answered goes to a file at once."""

    def __init__(self, log, connections=4, pause=0.0, size=24):
        self.log, self.file = log, f"{work()}/{log.name}.acks"
        self.args = (log.port, connections, pause, size)
        open(self.file, "wb").close()
        # until the child has its own way to end, a signal to it waits
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        self.pid = os.fork()
        if self.pid != 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        else:
            try:
                self._live()
            finally:
                os._exit(0)

    def _live(self):
        port, connections, pause, size = self.args
        self.out = os.open(self.file, os.O_WRONLY | os.O_APPEND)
        self.stopping = False

        def stop(*_):
            self.stopping = True
        signal.signal(signal.SIGTERM, stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        all_ = [threading.Thread(target=self._adds, args=(port, pause, size), daemon=True)
                for _ in range(connections)]
        all_.append(threading.Thread(target=self._looks, args=(port,), daemon=True))
        for t in all_:
            t.start()
        for t in all_:
            while t.is_alive() and not self.stopping:
                t.join(0.05)
        for t in all_:
            t.join(0.3)

    def _connect(self, port):
        while not self.stopping:
            try:
                return Caller(port, 30)
            except OSError:
                time.sleep(0.002)
        return None

    def _adds(self, port, pause, size):
        c, n, mine = self._connect(port), 0, os.urandom(8).hex()
        tail = b"." * max(0, size - 24)
        while c is not None and not self.stopping:
            entry = f"{mine} {n}".encode() + tail
            n += 1
            try:
                status, body, _ = c.ask("POST", "/add", entry)
            except Gone:
                os.write(self.out, b"gone\n")
                return
            if status == 200:
                os.write(self.out, b"ack %d %s\n" % (int(body), leaf_hash(entry).hex().encode()))
            else:
                os.write(self.out, b"no %d %s\n" % (status, body.strip()))
                time.sleep(0.01)
            if pause:
                time.sleep(pause)

    def _looks(self, port):
        c = self._connect(port)
        while c is not None and not self.stopping:
            try:
                status, body, _ = c.ask("GET", "/checkpoint")
            except Gone:
                return
            if status == 200:
                os.write(self.out, b"seen %s\n" % base64.b64encode(body))
            time.sleep(0.004)

    def stop(self):
        """Ends it and hands what it heard to the log: counts by kind."""
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        count = {"ack": 0, "no": 0, "gone": 0, "seen": 0}
        self.refusals = set()
        with open(self.file, "rb") as f:
            for line in f:
                kind, _, rest = line.rstrip(b"\n").partition(b" ")
                kind = kind.decode()
                count[kind] += 1
                if kind == "ack":
                    index, leaf = rest.split(b" ")
                    if not self.log.ack(int(index), bytes.fromhex(leaf.decode())):
                        check(False, "one index, one entry", f"{int(index)} was told twice")
                elif kind == "seen":
                    self.log.seen.add(read_point(base64.b64decode(rest)))
                elif kind == "no":
                    self.refusals.add(rest.decode("utf-8", "replace"))
        return count
