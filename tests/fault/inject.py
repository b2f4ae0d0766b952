#!/usr/bin/env python3
"""strace fails system calls of the real program: every n-th write, sync, rename,
open or truncate answers EIO, ENOSPC, EROFS, EDQUOT or EINTR, late calls, deaths and stops in the
middle.  Against `saksi serve log`, `log add`, `log publish` and `serve witness`.

After each: whoever was answered 200 has his entry, everybody else got an honest
503; what the program says is a line that names the thing; `log check` is clean,
there is one history, and without the fault all goes on.  At last the order of a
healthy run is read from strace: disk first, answer and rename later.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from kill import Feeder, witness_judged, witness_refuses
from world import (Gone, Load, Log, QUICK, Server, Witness, check, dice, finish, leaf_hash, note,
                   once, saksi, skip, until, work)

CALLS = ["write", "pwrite64", "fsync", "fdatasync", "renameat", "openat", "ftruncate", "syncfs",
         "pread64", "unlinkat"]
ERRORS = ["EIO", "ENOSPC", "EROFS", "EDQUOT", "EINTR"]
SECONDS = 0.5 if QUICK else 0.8


def strace(path, calls, tamper, log=None):
    """A prefix.  Writes are tampered with in files only: a pipe to oneself does not
    break with the disk."""
    only = []
    if calls == "write":
        for name in ("staging/building", "public/.checkpoint.next"):
            only += ["-P", f"{path}/{name}"]
    return ["strace", "-D", "-f", "-qq", "-o", log or "/dev/null", *only,
            "-e", f"trace={calls}", "-e", f"inject={calls}:{tamper}"]


HONEST = re.compile(
    r"the disk of the log (is full|failed)|state\.db (is held|may not be written)|"
    r"state\.db cannot be used|out of memory|the (log|server) is stopping|too many entries wait|quota")


def loader(rc, said):
    """The fault struck before there was a program."""
    return rc == 127 and "error while loading shared libraries" in said


def honest(what, refusals, said):
    good = True
    for r in refusals:
        status, _, text = r.partition(" ")
        good = check(status == "503" and HONEST.search(text) is not None,
                     f"{what}: a refusal is an honest 503", r) and good
    for line in said.splitlines():
        if loader(127, line):
            continue
        good = check(re.match(r"saksi (serve|log)[a-z ]*: \S", line) is not None,
                     f"{what}: it says a line of its own", line) and good
    return good


def settled(log, what):
    """Without the fault all goes on."""
    log.serve()
    good = log.settle(what)
    good = check(log.server.stop() == 0, f"{what}: it stops after all", log.server.said()[-200:]) and good
    return good and log.judge(what) and log.clean(what)


def serving(log, call, tamper, tally):
    what = f"serve log, {call} {tamper}"
    server = Server("log", log.path, prefix=strace(log.path, call, tamper), port=log.port,
                    wait=False)
    log.server = server
    load = Load(log, 3, pause=0.005)
    up = until(lambda: server.ready() or not server.alive(), 15, 0.01) and server.alive()
    time.sleep(SECONDS)
    if server.alive():
        rc = server.stop()
        check(rc in (0, 3), f"{what}: it stops", f"{rc}: {server.said()[-300:]}")
    else:
        rc = server.kill()
        # a fault while opening: it may give up, with a line, never crash
        check(rc in (1, 3) and server.said().strip() != "" or loader(rc, server.said()),
              f"{what}: it gives up with a line", f"{rc}: {server.said()[-300:]}")
    heard = load.stop()
    said = server.said()
    good = honest(what, load.refusals, said)
    if good and log.judge(what) and log.clean(what) and settled(log, what):
        check(True, what)
    tally["runs"] += 1
    tally["acked"] += heard["ack"]
    tally["refused"] += heard["no"]
    tally["given up"] += not up
    tally["unpublished"] += "not published" in said


def log_faults():
    log = Log("injected", interval_ms=20)
    tally = dict.fromkeys(("runs", "acked", "refused", "given up", "unpublished"), 0)
    every = [(c, e, n, m) for c in CALLS for e in ERRORS
             for n, m in dice.sample(((1, 1), (5, 3), (20, 7), (40, 40), (9, 0)), 2)]
    if QUICK:
        every = [e for c in ("write", "pwrite64", "fdatasync", "renameat", "openat", "fsync")
                 for e in dice.sample([x for x in every if x[0] == c and x[2] >= 5], 1)]
    for i, (call, error, n, m) in enumerate(every):
        if i % 20 == 0 and i > 0:
            log = Log(f"injected-{i}", interval_ms=20)
        serving(log, call, f"error={error}:when={n}" + (f"+{m}" if m else ""), tally)
    note("serve log: " + ", ".join(f"{v} {k}" for k, v in tally.items()))


def commands():
    """log add and log publish, each call failing once."""
    log = Log("commanded")
    runs = 0
    for call in ("write", "pwrite64", "fsync", "fdatasync", "renameat", "openat", "ftruncate"):
        for n in dice.sample(range(1, 30), 1) if QUICK else range(1, 26):
            for error in dice.sample(ERRORS[:4], 1):
                runs += 1
                what = f"{call} {error} at {n}"
                name = f"{work()}/commanded-entry"
                text = f"{call} {error} {n} {runs}".encode()
                with open(name, "wb") as f:
                    f.write(text)
                prefix = strace(log.path, call, f"error={error}:when={n}")
                for args in (["add", log.path, name], ["publish", log.path]):
                    rc, out, err = saksi("log", *args, prefix=prefix)
                    said = err.strip().splitlines()
                    check(rc == 0 or loader(rc, err) or (rc in (1, 3) and len(said) == 1
                                      and said[0].startswith(f"saksi log {args[0]}: ")),
                          f"log {args[0]}, {what}: an honest line", f"exit {rc}: {out}{err}")
                    if rc == 0 and args[0] == "add":
                        log.ack(int(out), leaf_hash(text))
                    if not (log.judge(what) and log.clean(f"log {args[0]}, {what}")):
                        return
    if settled(log, "after log add and log publish"):
        check(True, "log add and log publish")
    note(f"log add and log publish: {runs} faults each")


def stops():
    """SIGTERM while calls are slow: what was answered is there, exit 0."""
    log = Log("slow", interval_ms=20)
    for call, delay in (("fdatasync", 40000), ("renameat", 20000), ("fsync", 40000),
                        ("pwrite64", 2000)):
        for _ in range(1 if QUICK else 6):
            what = f"{call} slow, then SIGTERM"
            log.server = Server("log", log.path, port=log.port, prefix=strace(
                log.path, call, f"delay_enter={delay}"))
            load = Load(log, 4)
            time.sleep(dice.uniform(0.1, 0.4))
            began = time.monotonic()
            rc = log.server.stop()
            took = time.monotonic() - began
            heard = load.stop()
            check(rc == 0 and took < 15, f"{what}: it stops gracefully", f"{rc} in {took:.1f} s")
            good = honest(what, load.refusals, log.server.said())
            check(log.published() > max(log.acked, default=-1),
                  f"{what}: all that was answered is published at the end",
                  f"{log.published()} of {len(log.acked)}")
            if good and heard["ack"] and log.judge(what) and log.clean(what):
                check(True, what)
    if settled(log, "after slow stops"):
        check(True, "after slow stops")


def deaths():
    """SIGKILL exactly at a call, before it happens."""
    log, n = Log("shot", interval_ms=20), 0
    for call in ("fdatasync", "renameat", "fsync", "pwrite64", "write", "unlinkat", "openat"):
        for at in dice.sample(range(8, 60), 1) if QUICK else dice.sample(range(8, 200), 15):
            what = f"killed at {call} {at}"
            log.server = Server("log", log.path, port=log.port, wait=False, prefix=strace(
                log.path, call, f"signal=KILL:when={at}"))
            load = Load(log, 3)
            until(lambda: not log.server.alive(), 1.0, 0.01)
            log.server.kill()
            load.stop()
            n += 1
            if not (log.judge(what) and log.clean(what)):
                return
            check(True, what)
    if settled(log, "after being killed at calls"):
        check(True, "after being killed at calls")
    note(f"{n} kills exactly at a call")


def witness_faults():
    w = Witness("injected-witness")
    feeders = [Feeder(w, f"inject-{n}") for n in range(2)]
    import threading
    runs = 0
    for call in ("pwrite64", "fdatasync", "fsync", "openat", "ftruncate"):
        for error in dice.sample(ERRORS[:4], 1 if QUICK else 4):
            n, m = dice.choice(((3, 2), (12, 5), (30, 1), (25, 0)))
            what = f"serve witness, {call} {error} {n}+{m}"
            server = Server("witness", w.path, port=w.port, wait=False, prefix=strace(
                w.path, call, f"error={error}:when={n}" + (f"+{m}" if m else "")))
            until(lambda: server.ready() or not server.alive(), 10, 0.01)
            threads = [threading.Thread(target=f.live, daemon=True) for f in feeders]
            for t in threads:
                t.start()
            time.sleep(0.3)
            rc = server.stop()
            for t in threads:
                t.join(10)
            if loader(rc, server.said()):
                continue
            check(rc in (0, 3), f"{what}: it ends", f"{rc}: {server.said()[-200:]}")
            check(rc == 0 or server.said().startswith("saksi serve witness: "),
                  f"{what}: and says why", server.said()[-200:])
            runs += 1
            if not witness_judged(w, feeders, what):
                return
            w.serve()
            good = witness_refuses(w, feeders, what)
            w.server.stop()
            if not good:
                return
            check(True, what)
    note(f"serve witness: {runs} faults, {sum(len(f.told) for f in feeders)} cosignatures told")


# ---- the order of a healthy run

LINE = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)(\(| resumed>)(.*)$")


def events(text):
    """(call, arguments, phase) in order; phase: 'whole', 'begun', 'done'."""
    begun = {}
    for line in text.splitlines():
        m = LINE.match(line)
        if not m:
            continue
        pid, call = line.split(" ", 1)[0], m.group(1)
        if m.group(2) != "(":
            yield call, begun.pop((pid, call), "") + m.group(3), "done"
        elif "<unfinished" in line:
            begun[pid, call] = m.group(3)
            yield call, m.group(3), "begun"
        else:
            yield call, m.group(3), "whole"


def order():
    """Durable first: read from the calls of a run that nothing disturbs."""
    log = Log("ordered", interval_ms=20)
    trace = f"{work()}/order"
    log.server = Server("log", log.path, port=log.port, prefix=[
        "strace", "-D", "-f", "-qq", "-y", "-s", "40", "-o", trace, "-e",
        "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg,renameat,syncfs"])
    for i in range(25 if QUICK else 200):
        log.add(b"in order %d" % i)
        time.sleep(0.01)
    until(lambda: log.published() >= len(log.acked))
    log.server.stop()
    time.sleep(0.2)
    with open(trace, encoding="utf-8", errors="replace") as f:
        text = f.read()
    dirty, at = set(), f"{log.path}/"
    answers = renames = 0
    bad = []
    unsynced_rename = set()

    def named(args):
        m = re.search(r"<([^>]*)>", args)
        return m.group(1) if m else ""
    for call, args, phase in events(text):
        path = named(args)
        if call in ("pwrite64", "write") and path.startswith(at) and phase != "done":
            dirty.add(path)
        elif call in ("fsync", "fdatasync") and phase != "begun":
            dirty.discard(path)
            unsynced_rename.discard(path)
        elif call == "syncfs" and phase != "begun":
            dirty = {p for p in dirty if p.endswith("-wal")}
            unsynced_rename.clear()
        elif call == "renameat" and phase != "done":
            names = re.findall(r'<([^>]*)>, "([^"]*)"', args)
            renames += 1
            old = f"{names[0][0]}/{names[0][1]}"
            # many tiles may be placed together before one syncfs
            if old in dirty and not (old.startswith(f"{at}public/tile")):
                bad.append(f"renamed before it was on disk: {old}")
            if old in dirty:
                dirty.discard(old)
                dirty.add(f"{names[1][0]}/{names[1][1]}")
            unsynced_rename.add(names[1][0])
            if names[1][1] == "checkpoint":
                late = [p for p in sorted(unsynced_rename | dirty)
                        if "/public/tile" in p or "/staging" in p]
                if late:
                    bad.append(f"a checkpoint was shown before {late[0]} was on disk")
        elif call in ("sendto", "sendmsg", "writev") and phase != "done" and "HTTP/1.1 200" in args:
            answers += 1
            if f"{at}state.db-wal" in dirty and "GET" not in args:
                bad.append("an answer before the WAL was on disk")
    # the publisher writes to the same WAL, so an answer may meet its commit: most may not
    early = [b for b in bad if b.startswith("an answer")]
    other = [b for b in bad if not b.startswith("an answer")]
    check(answers >= 20 and renames >= 20, "order: there was something to see",
          f"{answers} answers, {renames} renames")
    check(not other, "order: synced, then renamed, then shown", other[:3])
    check(len(early) * 4 < answers, "order: on disk, then answered",
          f"{len(early)} of {answers} answers came with an unsynced WAL")
    note(f"order: {answers} answers, {renames} renames, {len(early)} answers while the "
         "publisher was writing its own")
    if log.judge("order") and log.clean("order"):
        check(True, "order")


if __name__ == "__main__":
    probe = shutil.which("strace") and subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO",
         "true"], capture_output=True, check=False)
    if not probe:
        skip("injected system calls", "no strace")
        finish()
    if probe.returncode != 0:
        skip("injected system calls", "strace may not trace here: " + probe.stderr.decode().strip())
        finish()
    for part in (log_faults, commands, stops, deaths, witness_faults, order):
        if os.environ.get("FAULT_ONLY", part.__name__) == part.__name__:
            part()
    finish()
