#!/usr/bin/env python3
"""Witnesses that lie, stall and babble, against a real `saksi serve log`.

Each behaviour has a log of its own whose policy needs both an honest witness and
the liar; all of them run at once.  While it lies nothing may be published, adding
must go on, memory must stay bounded, and the log must say which witness did what;
when it turns honest, publication follows by itself.  Then the same liars beside a
quorum that does not need them: they may not delay it beyond the grace.
"""
import os
import re
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from world import (Key, Log, QUICK, Witness, base64, check, finish, free_port, must, note,
                   point_text, read_point, sodium, until)

WITNESS_MS = 700
FAR = 2 ** 62


class Liar:
    """One behaviour, at its own path of one server."""

    def __init__(self, name, says, act, counts=False):
        self.name, self.says, self.act, self.counts = name, says, act, counts
        self.key = Key(f"{name}.liar.example", 4)
        self.vkey, self.port = self.key.vkey, f"{PORT}/{name}"
        self.honest, self.asked = False, 0


def http(body, status="200 OK", more="", length=None):
    n = len(body) if length is None else length
    return (f"HTTP/1.1 {status}\r\nContent-Length: {n}\r\n{more}\r\n").encode() + body


def text_of(request):
    """The checkpoint's text within an add-checkpoint request."""
    return request.split(b"\n\n", 1)[1].split(b"\n\n", 1)[0] + b"\n"


def good(liar, request, key=None, when=None, text=None):
    text = text or text_of(request)
    return (key or liar.key).line(text, int(time.time()) if when is None else when)


def answers(make, **how):
    def act(liar, request, s):
        s.sendall(http(make(liar, request), **how))
    return act


def late(liar, request, s):
    time.sleep(WITNESS_MS / 1000 + 1.0)
    s.sendall(http(good(liar, request)))


def drip(liar, request, s):
    for b in http(good(liar, request)):
        s.sendall(bytes([b]))
        time.sleep(0.05)


def flood(start, part):
    def act(_liar, _request, s):
        s.sendall(start)
        for _ in range(1 << 14):
            s.sendall(part * 64)
    return act


def half(liar, request, s):
    line = good(liar, request)
    s.sendall(http(line[:40], length=len(line)))


def reset(_liar, _request, s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(_liar, _request, _s):
    time.sleep(WITNESS_MS / 1000 + 1.0)


def other_point(liar, request):
    origin, size, _ = text_of(request).split(b"\n")[:3]
    return good(liar, request, text=point_text(origin.decode(), int(size) + 1, os.urandom(32)))


def stranger(liar, request):
    return good(liar, request, key=Key(liar.key.name, 4))


def borrowed(liar, request):
    """Its own name and id over a signature by another key."""
    other = Key(liar.key.name, 4)
    other.id = liar.key.id
    return good(liar, request, key=other)


def twisted(liar, request):
    """A blank line and a text of its own before the signature."""
    text = b"other.example/log\n5\n" + base64.b64encode(bytes(32)) + b"\n"
    return text + b"\n" + good(liar, request, text=text)


def make_liars():
    no_line = "sent no cosignature"
    slow = "no whole answer in time"
    dead = "cannot be reached"
    return [
        Liar("garbage", no_line, answers(lambda *_: os.urandom(300))),
        Liar("empty", no_line, answers(lambda *_: b"")),
        Liar("html", no_line, answers(lambda *_: b"<html>login</html>\n", more="Content-Type: text/html\r\n")),
        Liar("late", slow, late),
        Liar("silent", slow, silent),
        Liar("drip", slow, drip),
        Liar("borrowed", "does not verify", answers(borrowed)),
        Liar("stranger", no_line, answers(stranger)),
        Liar("twisted", no_line, answers(twisted)),
        Liar("other-point", "does not verify", answers(other_point)),
        Liar("future", "far from our clock", answers(lambda i, r: good(i, r, when=FAR))),
        Liar("tomorrow", "far from our clock",
             answers(lambda i, r: good(i, r, when=int(time.time()) + 86400))),
        Liar("zero", "far from our clock|no cosignature", answers(lambda i, r: good(i, r, when=0))),
        Liar("huge", "more than 64 KiB",
             flood(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n", b"x" * 1024)),
        Liar("endless", "more than 64 KiB",
             flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"y" * 1024 + b"\r\n")),
        Liar("headers", dead, flood(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"z" * 1000 + b"\r\n")),
        Liar("hundreds", f"{dead}|{slow}", flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
        Liar("half", dead, half),
        Liar("reset", dead, reset),
        Liar("no-http", dead, lambda i, r, s: s.sendall(b"SSH-2.0-x\r\n")),
        Liar("redirect", "answered 302",
             answers(lambda *_: b"", status="302 Found",
                     more=f"Location: http://127.0.0.1:{PORT}/honest/add-checkpoint\r\n")),
        Liar("conflict-word", "no size", answers(lambda *_: b"many\n", status="409 Conflict")),
        Liar("conflict-huge", "it holds size 9223372036854775807",
             answers(lambda *_: b"9223372036854775807\n", status="409 Conflict")),
        Liar("conflict-again", "409 to the size it told|answered 409",
             answers(lambda *_: b"0\n", status="409 Conflict")),
        Liar("fork", "answered 422", answers(lambda *_: b"no\n", status="422 Unprocessable")),
        Liar("teapot", "answered 418", answers(lambda *_: b"", status="418 Teapot")),
        Liar("twice", no_line, answers(lambda i, r: good(i, r) * 2)),
        # these say odd things beside a good cosignature, which counts once
        Liar("crowd", "", answers(lambda i, r: stranger(i, r) + good(i, r)), counts=True),
        Liar("typed", "", answers(lambda i, r: good(i, r), more="Content-Type: image/png\r\n"),
             counts=True),
    ]


def serve_one(s):
    s.settimeout(10)
    try:
        while True:
            request = b""
            while b"\r\n\r\n" not in request:
                got = s.recv(65536)
                if not got:
                    return
                request += got
            top, body = request.split(b"\r\n\r\n", 1)
            name = top.split(b" ", 2)[1].split(b"/")[1].decode()
            want = int(re.search(rb"(?i)content-length: *(\d+)", top).group(1))
            while len(body) < want:
                body += s.recv(65536)
            liar = BY_NAME[name]
            liar.asked += 1
            if liar.honest:
                s.sendall(http(good(liar, body)))
                continue
            liar.act(liar, body, s)
            return
    except OSError:
        pass
    finally:
        s.close()


def serve_all():
    listener = socket.create_server(("127.0.0.1", PORT), backlog=256)
    while True:
        s, _ = listener.accept()
        threading.Thread(target=serve_one, args=(s,), daemon=True).start()


def cosigned(note_bytes, vkey):
    """Does the note hold a good cosignature by this key?  By libsodium alone."""
    name, key_id, typed = vkey.split("+", 2)
    pub = base64.b64decode(typed)[1:]
    text, lines = note_bytes.split(b"\n\n", 1)
    for line in lines.decode().splitlines():
        _, who, blob = line.split(" ")
        raw = base64.b64decode(blob)
        if who != name or raw[:4].hex() != key_id or len(raw) != 76:
            continue
        message = b"cosignature/v1\ntime %d\n" % struct.unpack(">Q", raw[4:12]) + text + b"\n"
        if sodium().crypto_sign_verify_detached(raw[12:], message, len(message), pub) == 0:
            return True
    return False


class Life:
    """One log beside one liar."""

    def __init__(self, liar, state, quorum):
        self.liar = liar
        self.log = Log(f"{liar.name}-{quorum or 'both'}", (state, liar), quorum=quorum,
                       witness_ms=WITNESS_MS, interval_ms=20, grace_ms=200)
        self.what = f"{liar.name}" + (" beside a quorum" if quorum else "")
        self.server = self.log.serve()
        self.rss = 0
        self.begun = time.monotonic()
        status, got = self.log.add(b"first of " + liar.name.encode())
        self.ok(status == 200, "an entry is taken", f"{status} {got!r}")

    def ok(self, holds, what, more=""):
        return check(holds, f"{self.what}: {what}", more)

    def watch(self):
        self.rss = max(self.rss, self.server.rss_kib())

    def told(self):
        return re.search(rf"{self.liar.name}(?: \(|: )[^,;]*(?:{self.liar.says})",
                         self.server.said())

    def lies(self):
        """While it lies."""
        if self.liar.counts:
            self.ok(until(lambda: self.log.published() >= 1, 5), "its one good line counts",
                    self.server.said()[-300:])
            return
        self.ok(until(self.told, 5), "the message names it", self.server.said()[-400:])
        self.watch()
        self.ok(self.log.published() < 1, "nothing is published without it")
        began = time.monotonic()
        status, got = self.log.add(b"second of " + self.liar.name.encode())
        took = time.monotonic() - began
        self.ok(status == 200 and took < 1, "adding goes on", f"{status} {got!r} {took:.2f} s")
        self.ok(all(self.liar.name in line for line in self.server.said().splitlines()
                    if "missing" in line), "each line says who is missing")

    def ends(self, seconds, needs):
        """It turns honest, or was not needed."""
        want = len(self.log.acked)
        shown = until(lambda: self.log.published() >= want, seconds)
        self.ok(shown, "all is published in time", self.server.said()[-400:])
        self.watch()
        self.ok(self.rss < 64 * 1024, "memory is bounded", f"{self.rss} KiB")
        self.ok(self.server.stop() == 0, "it stops gracefully", self.server.said()[-300:])
        with open(f"{self.log.path}/public/checkpoint", "rb") as f:
            text = f.read()
        for w in needs:
            self.ok(read_point(text)[0] == 0 or cosigned(text, w.vkey),
                    f"what is public is cosigned by {w.name}")
        self.ok(self.log.judge(self.what) and self.log.clean(self.what), "the log is sound")


def live(liar, state, quorum):
    life = Life(liar, state, quorum)
    if quorum:
        # the honest one alone is enough: the grace, not the liar, decides
        life.ends(max(0.5, life.begun + 4 - time.monotonic()), [state])
        return life
    life.lies()
    liar.honest = True
    life.ends(15, [state, liar])
    liar.honest = False
    return life


def round_of(liars, state, quorum):
    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(lambda liar: live(liar, state, quorum), liars))


if __name__ == "__main__":
    PORT = free_port()
    LIARS = make_liars()
    BY_NAME = {liar.name: liar for liar in LIARS}
    BY_NAME["honest"] = Liar("honest", "", None)
    BY_NAME["honest"].honest = True
    threading.Thread(target=serve_all, daemon=True).start()
    STATE = Witness("state")
    STATE.serve()
    lives = round_of(LIARS[::2] if QUICK else LIARS, STATE, None)
    lives += round_of(LIARS[1::4] if QUICK else LIARS, STATE, "any")
    check(BY_NAME["honest"].asked == 0, "no redirect was followed")
    note(f"{len(LIARS)} ways to lie in {len(lives)} logs; largest server "
         f"{max(life.rss for life in lives)} KiB resident; witness_ms {WITNESS_MS}")
    STATE.server.stop()
    finish()
