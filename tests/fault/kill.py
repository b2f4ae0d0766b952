#!/usr/bin/env python3
"""kill -9 at random points under load; of a log, with and without witnesses, and
of a witness.

Each round starts `saksi serve log` on a log that has lived through kills before,
lets several clients add entries, and kills it: at a uniformly random time, or as
soon as a file shows that a chosen phase began.  Then everything that was answered
must be on disk under its index, `saksi log check` must be clean, and all
checkpoints that anybody ever saw (clients, witnesses, the public, state.db) must
be of one history.  What the kill hit is told from what lies on disk.
"""
import ctypes
import os
import select
import struct
import sys
import threading
import time

from world import (Alike, Caller, Copy, Gone, Key, Load, Log, QUICK, Tree, Witness, base64, check,
                   dice, finish, leaf_hash, node_hash, note, once, point_text, read_point, until, work)

KILLS = int(os.environ.get("FAULT_KILLS", 40 if QUICK else 1000))
WITNESS_KILLS = 6 if QUICK else 200
PER_LOG = 10 if QUICK else 50
LIFE = 0.25  # seconds a server lives when killed at a uniform time

libc = ctypes.CDLL(None, use_errno=True)
MODIFY, MOVED_TO, CREATE = 0x2, 0x80, 0x100


class Watch:
    """inotify on paths; wait() returns at the first event that fits."""

    def __init__(self, wanted):
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.names = [name for _, _, name in wanted]
        for path, mask, _ in wanted:
            libc.inotify_add_watch(self.fd, path.encode(), mask)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return False
            data, at = os.read(self.fd, 65536), 0
            while at < len(data):
                n = struct.unpack_from("I", data, at + 12)[0]
                name = data[at + 16:at + 16 + n].rstrip(b"\0").decode()
                if any(want is None or name == want for want in self.names):
                    return True
                at += 16 + n

    def close(self):
        os.close(self.fd)


def aims(log):
    """phase -> what to watch for"""
    p = log.path
    out = {
        "commit": [(f"{p}/state.db-wal", MODIFY, None)],
        "stage": [(f"{p}/staging", CREATE, "building")],
        "sign/swap": [(f"{p}/staging", MOVED_TO, None)],
        "place": [(f"{p}/public/tile/0", MOVED_TO, None),
                  (f"{p}/public/tile/entries", MOVED_TO, None)],
        "publish": [(f"{p}/public", CREATE, ".checkpoint.next")],
        "idle": None, "start-up": None, "any": None,
    }
    if log.witnesses:
        out["cosign"] = [(f"{w.path}/state.db-wal", MODIFY, None) for w in log.witnesses]
    return out


PHASES = ["start-up", "commit", "stage", "sign/swap", "place", "cosign", "publish", "idle"]


def phase_of(log, heard, listened):
    """What was under way, from what is on disk."""
    if not listened:
        return "start-up"
    with Copy(log.path) as db:
        size, placed = db.execute("SELECT size, placed FROM tree").fetchone()
        last = db.execute("SELECT max(first + count) FROM batch").fetchone()[0] or 0
    staged = os.listdir(f"{log.path}/staging")
    if "building" in staged:
        return "stage"
    if any(int(n.split("-")[0]) > size for n in staged if n != "building"):
        return "sign/swap"
    if not placed:
        return "place"
    if os.path.exists(f"{log.path}/public/.checkpoint.next"):
        return "publish"
    if log.published() < size:
        return "cosign" if log.witnesses else "publish"
    # each connection that broke had asked for something
    return "commit" if heard["gone"] > 0 or last > len(log.tree.leaves) + heard["ack"] else "idle"


def one(log, aim, n):
    """One life and death; the phase it died in."""
    server = log.serve(wait=False)
    load = Load(log, connections=dice.choice((1, 2, 4, 8)))
    if aim == "start-up":
        time.sleep(dice.uniform(0.001, 0.03))
    elif server.listening():
        if aim == "idle":
            time.sleep(dice.uniform(0.01, 0.05))
            kept = load.stop()
            until(lambda: log.published() >= len(log.acked), 5, 0.005)
        elif aim == "any":
            time.sleep(dice.uniform(0, LIFE))
        else:
            time.sleep(dice.uniform(0, 0.05))
            w = Watch(aims(log)[aim])
            w.wait(1.0)
            w.close()
            time.sleep(dice.choice((0, 0, dice.uniform(0, 0.004))))
    else:
        check(False, "it starts again", server.said()[-300:])
    listened = server.ready()
    server.kill()
    heard = kept if aim == "idle" else load.stop()
    phase = phase_of(log, heard, listened)
    what = f"kill {n} aimed at {aim}, in {phase}"
    if log.judge(what) and log.clean(what):
        check(True, what)
    return phase, heard


def logs_die():
    count, aimed = dict.fromkeys(PHASES, 0), 0
    acked = durable = done = 0
    witnesses = [Witness("state"), Witness("society")]
    for w in witnesses:
        w.serve()
    while done < KILLS:
        with_witnesses = (done // PER_LOG) % 2 == 1
        log = Log(f"log-{done}", witnesses if with_witnesses else (),
                  interval_ms=dice.choice((1, 20, 100)))
        every = [a for a in aims(log) if a != "any"]
        for i in range(min(PER_LOG, KILLS - done)):
            # half of them uniform in time, half aimed at each phase in turn
            aim = "any" if i % 2 == 0 else every[(done // 2) % len(every)]
            aimed += aim != "any"
            phase, heard = one(log, aim, done)
            count[phase] += 1
            acked += heard["ack"]
            done += 1
        what = f"after the kills of {log.name}"
        log.serve()
        good = log.settle(what)
        rc = log.server.stop()
        good = check(rc == 0, f"{what} it stops gracefully", rc) and good
        if good and log.judge(what, whole=True) and log.clean(what):
            check(True, what)
        durable += len(log.tree.leaves)
    for w in witnesses:
        w.server.stop()
    note(f"{done} kills of a log under load ({aimed} of them aimed), {acked} entries "
         f"acknowledged, {durable} durable")
    note("they fell into: " + ", ".join(f"{p} {count[p]}" for p in PHASES))
    wanted = [p for p in PHASES if count[p] == 0]
    check(done < 200 or not wanted, "every phase was hit", ", ".join(wanted))


# ---- a witness


class Feeder(threading.Thread):
    """Plays a log of its own against the witness, honestly, until it dies."""

    def __init__(self, witness, n):
        super().__init__(daemon=True)
        self.w, self.origin = witness, f"feed-{n}.example/log"
        self.key = Key(self.origin, 1)
        witness.knows(self.key.vkey)
        self.tree, self.held, self.told = Tree(), 0, []
        self.bad = ""

    def body(self, old, size, tree=None):
        tree = tree or self.tree
        text = point_text(self.origin, size, tree.root(size))
        proof = [base64.b64encode(h).decode() for h in tree.consistency(old, size)]
        head = "".join(f"{x}\n" for x in [f"old {old}", *proof, ""])
        return head.encode() + text + b"\n" + self.key.line(text)

    def live(self):
        try:
            c = Caller(self.w.port, 10)
        except OSError:
            return
        while True:
            size = self.held + dice.randrange(1, 40)
            while len(self.tree.leaves) < size:
                self.tree.leaves.append(leaf_hash(os.urandom(8)))
            try:
                status, got, _ = c.ask("POST", "/add-checkpoint", self.body(self.held, size))
            except Gone:
                return
            if status == 200:
                self.told.append((size, got))
                self.held = size
            elif status == 409:
                self.held = int(got)
            elif status != 503:
                self.bad = f"answered {status} {got!r} to an honest log"
                return


def witness_judged(w, feeders, what):
    """After a kill: what was told is kept, and no fork gets through."""
    held = w.all_held()
    for f in feeders:
        size, root = held[f.origin]
        told = max((s for s, _ in f.told), default=0)
        if f.bad:
            return check(False, what, f.bad)
        if size < told:
            return check(False, what, f"told 200 for size {told}, holds {size}")
        if f.tree.root(size) != root:
            return check(False, what, f"holds a root of size {size} that nobody signed")
        f.held = size
    return True


def witness_refuses(w, feeders, what):
    for f in feeders:
        size = f.held
        if size == 0:
            continue
        other = Alike(b"fork")
        cases = [("a fork of the same size", f.body(size, size, other), {422}),
                 ("a longer fork", f.body(size, size + 3, other), {422})]
        if size > 1:
            cases.append(("a smaller tree", f.body(size - 1, size - 1), {409}))
            cases.append(("a smaller tree from its size", f.body(size, size - 1), {400}))
        for name, body, fit in cases:
            status, got = once(w.port, "POST", "/add-checkpoint", body)
            if status not in fit or b"\xe2\x80\x94" in got:
                return check(False, what, f"{name} at {size}: {status} {got!r}")
    return True


def witness_dies():
    w = Witness("mortal")
    feeders = [Feeder(w, n) for n in range(6)]
    told = under_way = lives = 0
    for n in range(WITNESS_KILLS):
        what = f"kill {n} of a witness"
        server = w.serve()
        if not witness_refuses(w, feeders, what):
            break
        before = sum(len(f.told) for f in feeders)
        threads = [threading.Thread(target=f.live, daemon=True) for f in feeders]
        for t in threads:
            t.start()
        time.sleep(dice.uniform(0.001, 0.15))
        server.kill()
        for t in threads:
            t.join()
        lives += 1
        told += sum(len(f.told) for f in feeders) - before
        # a tree that is held but was never told: killed between disk and answer
        held = w.all_held()
        under_way += sum(held[f.origin][0] > max((s for s, _ in f.told), default=0)
                         for f in feeders)
        if not witness_judged(w, feeders, what):
            break
        for f in feeders:
            f.told = f.told[-1:]
        check(True, what)
    w.serve()
    for f in feeders:
        status, got = once(w.port, "POST", "/add-checkpoint", f.body(f.held, f.held))
        if not check(status == 200, "it cosigns on after all kills", f"{status} {got!r}"):
            break
    w.server.stop()
    note(f"{lives} kills of a witness, {told} cosignatures told, {under_way} "
         f"were on disk but not yet told")


if __name__ == "__main__":
    note(f"seed {os.environ.get('FAULT_SEED', 'of the house')}, work in {work()}")
    logs_die()
    witness_dies()
    finish()
