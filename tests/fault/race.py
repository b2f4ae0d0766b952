#!/usr/bin/env python3
"""Two processes want one log, or one witness; and copies of a log's folder.

Exactly one may write; the others say so and end at once, even when the lock file
was deleted in between.  Where locks do not work at all (played with strace: flock
answers yes to everybody) state.db still keeps one history.  A copy of the folder
that is served with the same key and the same witnesses is never cosigned beside
the original, and a log is not opened on a state.db older than its checkpoint.
"""
import os
import re
import shutil
import sqlite3
import threading
import time

from kill import Feeder
from world import (Load, Log, QUICK, Server, Witness, check, dice, finish, free_port, note, once,
                   read_point, saksi, skip, spawn, until, work)

TAKEN = "another process has this log open"
NO_LOCKS = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=flock",
            "-e", "inject=flock:retval=0"]


def refused(what, path, args, prefix=()):
    """A command that needs the log while somebody has it: ends at once, changes nothing."""
    began = time.monotonic()
    rc, out, err = saksi(*args, prefix=prefix)
    took = time.monotonic() - began
    check(rc == 3 and TAKEN in err and err.count("\n") == 1 and out == "" and took < 3,
          f"{what}: refused at once with one line", f"exit {rc}, {took:.1f} s: {out}{err}")
    check(str(path) in err, f"{what}: the line names the log", err)


def against_a_server():
    log = Log("taken")
    log.serve()
    load = Load(log, 4)
    entry = f"{work()}/entry"
    with open(entry, "w", encoding="ascii") as f:
        f.write("one more")
    tries = [("a second server", ["serve", "log", log.path, "--listen", "127.0.0.1:0"]),
             ("log add", ["log", "add", log.path, entry]),
             ("log publish", ["log", "publish", log.path])]
    for gone in (False, True):
        if gone:
            os.unlink(f"{log.path}/lock")
        for what, args in tries:
            refused(what + (", the lock file deleted" if gone else ""), log.path, args)
    rc, out, err = saksi("log", "check", log.path)
    check(rc == 0, "log check needs no lock", out + err)
    rc, out, err = saksi("log", "init", log.path, "--origin", "x.example/y", "--open")
    check(rc != 0 and "absent or empty" in err, "log init over it is refused", err)
    check(log.server.alive(), "the server went on")
    heard = load.stop()
    log.settle("after the refused")
    check(log.server.stop() == 0, "it stops")
    if log.judge("after the refused") and log.clean("after the refused"):
        check(heard["ack"] > 0, "one history beside refused writers")


def all_at_once(rounds):
    """Several servers are started in the same moment."""
    log = Log("rush")
    for n in range(rounds):
        servers = [Server("log", log.path, wait=False, cwd=folder(f"rush-{n}-{i}"))
                   for i in range(5)]
        until(lambda: sum(s.alive() for s in servers) <= 1 and any(
            s.alive() and s.ready() for s in servers), 10)
        serving = [s for s in servers if s.alive()]
        check(len(serving) == 1 and serving[0].ready(), "one of five serves",
              f"{len(serving)} do")
        for s in servers:
            if s not in serving:
                check(s.p.returncode == 3 and TAKEN in s.said(), "the others say why they do not",
                      f"exit {s.p.returncode}: {s.said()}")
        for s in serving:
            log.port = s.port
            log.add(b"round %d" % n)
            s.stop()
    # writers that come and go
    adders = []
    for i in range(12):
        name = f"{work()}/rush-entry-{i}"
        with open(name, "w", encoding="ascii") as f:
            f.write(f"rushed {i}")
        adders.append((i, spawn([os.environ["SAKSI"], "log", "add", log.path, name],
                                stdout=-1, stderr=-1)))
    told = 0
    for i, p in adders:
        out, err = p.communicate(timeout=30)
        if p.returncode == 0:
            from world import leaf_hash
            told += 1
            check(log.ack(int(out), leaf_hash(b"rushed %d" % i)), "one index, one entry")
        else:
            check(p.returncode == 3 and TAKEN.encode() in err, "a late log add says why", err)
    check(told > 0, "some of twelve log add got through")
    if log.judge("after a rush") and log.clean("after a rush"):
        check(True, "one history after a rush")


def folder(name):
    os.makedirs(f"{work()}/{name}", exist_ok=True)
    return f"{work()}/{name}"


def without_locks(seconds):
    """Two servers that both believe to have the lock; state.db is what is left."""
    if shutil.which("strace") is None:
        skip("two writers without locks", "no strace")
        return
    log = Log("unlocked", interval_ms=15)
    one = Server("log", log.path, prefix=NO_LOCKS, cwd=folder("unlocked-1"))
    two = Server("log", log.path, prefix=NO_LOCKS, cwd=folder("unlocked-2"))
    heard, least = [], -1
    went_back = 0
    for s in (one, two):
        log.port = s.port
        log.name = f"unlocked-{s.port}"
        heard.append(Load(log, 2, pause=0.05))
    end = time.monotonic() + seconds
    heads, db = [0], sqlite3.connect(f"file:{log.path}/state.db?mode=ro", uri=True)
    while time.monotonic() < end:
        heads.append(db.execute("SELECT size FROM tree").fetchone()[0])
        log.look()
        now = log.published()
        went_back += now < least
        least = max(least, now)
        time.sleep(0.003)
    db.close()
    counts = [h.stop() for h in heard]
    check(heads == sorted(heads), "the signed tree never shrinks", heads[-9:])
    # one may be held off by the other for a second at a time
    check(sum(c["ack"] > 0 for c in counts) >= (1 if QUICK else 2), "both got entries in", counts)
    refusals = set().union(*(h.refusals for h in heard))
    check(all(re.search("another program wrote|held by another", r) for r in refusals),
          "refusals say that somebody else writes", refusals)
    for s in (one, two):
        check(s.stop() in (0, 3), "it stops", s.said()[-300:])
    good = log.judge("two writers without locks", whole=True)
    if good and log.clean("two writers without locks"):
        check(True, "one history of two writers without locks")
    log.serve()
    log.settle("after two writers without locks")
    log.server.stop()
    note(f"two writers whom no lock kept apart: {counts[0]['ack']} and {counts[1]['ack']} entries "
         f"acknowledged, {counts[0]['no'] + counts[1]['no']} refused; "
         f"the public checkpoint went back {went_back} times")


def copied(n):
    """The folder is copied and both are served, with the same witnesses."""
    witnesses = [Witness(f"copy-{n}-state"), Witness(f"copy-{n}-society")]
    for w in witnesses:
        w.serve()
    log = Log(f"copied-{n}", witnesses, interval_ms=20, witness_ms=2000)
    log.serve()
    log.settle("before the copy")
    log.server.stop()
    twin = object.__new__(Log)
    twin.__dict__.update(log.__dict__)
    twin.path, twin.name, twin.port = log.path + "-twin", log.name + "-twin", free_port()
    shutil.copytree(log.path, twin.path)
    both = (log, twin)
    twin.acked, twin.seen = dict(log.acked), set(log.seen)
    twin.tree = type(log.tree)()
    shown = set()
    for x in both:
        x.serve()
    loads = [Load(x, 2, pause=0.01) for x in both]
    end = time.monotonic() + (1.5 if QUICK else 4)
    while time.monotonic() < end:
        for x in both:
            with open(f"{x.path}/public/checkpoint", "rb") as f:
                shown.add(read_point(f.read()))
        time.sleep(0.01)
    for load in loads:
        load.stop()
    for x in both:
        check(x.server.stop() in (0, 3), "it stops", x.server.said()[-200:])
    held = [w.held(log.origin) for w in witnesses]
    # each copy's own history is one; they differ from each other after the copy
    for x in both:
        x.seen, x.witnesses = set(), ()
        x.judge(f"the copy {x.name}", whole=True)
        x.clean(f"the copy {x.name}")

    def fits(x, point):
        return point[0] <= len(x.tree.leaves) and x.tree.root(point[0]) == point[1]
    for x in both:
        for w, point in zip(witnesses, held):
            note(f"  {w.name} holds size {point[0]}, which {'fits' if fits(x, point) else 'is not of'} "
                 f"{x.name}")
    check(all(fits(log, p) or fits(twin, p) for p in held), "each witness holds one of the two")
    fit_one = [x for x in both if all(fits(x, p) for p in shown)]
    check(len(fit_one) > 0, "all that was published with a quorum is one history",
          f"{sorted(p[0] for p in shown)}")
    check(any("WITNESS AHEAD OF THIS LOG" in x.server.said() or "WITNESS HOLDS ANOTHER TREE"
              in x.server.said() for x in both), "the loser is told loudly")
    for w in witnesses:
        w.server.stop()


def rolled_back():
    """An older state.db below a newer checkpoint."""
    log = Log("old")
    log.serve()
    log.settle("at first")
    log.server.stop()
    shutil.copytree(log.path, log.path + "-kept")
    log.serve()
    log.settle("later")
    log.server.stop()
    os.unlink(f"{log.path}/state.db")
    for end in ("-wal", "-shm"):
        if os.path.exists(f"{log.path}/state.db{end}"):
            os.unlink(f"{log.path}/state.db{end}")
    shutil.copy(f"{log.path}-kept/state.db", log.path)
    for args in (["serve", "log", log.path, "--listen", "127.0.0.1:0"], ["log", "publish", log.path]):
        rc, out, err = saksi(*args)
        check(rc == 1 and "an old state.db was put back" in err and err.count("\n") == 1,
              f"{args[0]} {args[1]} of an older copy is refused", f"exit {rc}: {out}{err}")
    rc, out, err = saksi("log", "check", log.path)
    check(rc == 1, "and log check finds it", out + err)


def witnesses_race():
    w = Witness("wanted")
    feeders = [Feeder(w, f"race-{n}") for n in range(3)]
    w.serve()
    threads = [threading.Thread(target=f.live, daemon=True) for f in feeders]
    for t in threads:
        t.start()
    for gone in (False, True):
        if gone:
            os.unlink(f"{w.path}/lock")
        rc, out, err = saksi("serve", "witness", w.path, "--listen", "127.0.0.1:0")
        check(rc == 3 and "another process serves this witness" in err and err.count("\n") == 1,
              "a second witness process is refused" + (", the lock file deleted" if gone else ""),
              f"exit {rc}: {out}{err}")
    w.knows(Feeder(w, "race-more").key.vkey)
    w.server.kill()
    for t in threads:
        t.join(10)
    if shutil.which("strace") is None:
        return
    # no locks at all: the same log is shown to both, growing differently
    one = Server("witness", w.path, prefix=NO_LOCKS, cwd=folder("w-1"))
    two = Server("witness", w.path, prefix=NO_LOCKS, cwd=folder("w-2"))
    f = Feeder(w, "torn")
    from world import Tree, leaf_hash
    trees, cosigned = [], []
    for side in range(2):
        t = Tree()
        t.leaves = [leaf_hash(b"side %d %d" % (side, i)) for i in range(60)]
        trees.append(t)

    def push(side, port):
        held = 0
        for size in range(1, 60):
            status, got = once(port, "POST", "/add-checkpoint", f.body(held, size, trees[side]))
            if status == 200:
                cosigned.append((side, size))
                held = size
            elif status not in (409, 422, 503):
                cosigned.append((2, status))
    pushers = [threading.Thread(target=push, args=(side, s.port)) for side, s in ((0, one), (1, two))]
    for t in pushers:
        t.start()
    for t in pushers:
        t.join()
    sides = {side for side, _ in cosigned}
    check(len(sides) == 1 and sides <= {0, 1}, "two witness processes without locks cosign one history",
          sorted(cosigned)[:20])
    for s in (one, two):
        s.stop()


if __name__ == "__main__":
    against_a_server()
    all_at_once(1 if QUICK else 10)
    without_locks(3.0 if QUICK else 10)
    for n in range(1 if QUICK else 5):
        copied(n)
    rolled_back()
    witnesses_race()
    note("servers, adders and witnesses raced for one folder, with and without its lock file, "
         "and for a copy of it")
    finish()
