#!/usr/bin/env python3
"""Disks that fill, quotas that are used up, inodes that run out, a file system that
turns read-only or stands still, under a log and a witness that serve on.

While the disk refuses, adding is answered 503 with a line that says so and reading
goes on; when there is space again all goes on by itself, without a restart.  No
acknowledged entry is lost, `log check` is clean.  In a mount namespace of its own.
"""
import os
import shutil
import subprocess
import sys
import threading
import time

if os.geteuid() == 0 and not os.environ.get("FAULT_APART") and shutil.which("unshare"):
    os.environ["FAULT_APART"] = "1"
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0:
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable,
                              *sys.argv])
    os.environ["FAULT_APART"] = "no"

from kill import Feeder, witness_judged, witness_refuses
from world import (Load, Log, QUICK, Server, Witness, check, dice, finish, note, once, saksi, skip,
                   until, work)

APART = os.environ.get("FAULT_APART") == "1"
FULL = "the disk of the log is full"
LOST = "a page of state.db-shm could not be kept"


def sh(*args):
    return subprocess.run([str(a) for a in args], capture_output=True, text=True, check=False)


class Disk:
    """A file system at .path; None of it when it cannot be had: .why."""

    def __init__(self, name, kind, *how):
        self.path, self.why, self.image = f"{work()}/{name}", "", None
        os.makedirs(self.path)
        if not APART:
            self.why = "needs root and a mount namespace"
            return
        if kind == "tmpfs":
            done = sh("mount", "-t", "tmpfs", "-o", *how, "tmpfs", self.path)
        else:
            self.image = f"{work()}/{name}.img"
            if shutil.which(f"mkfs.{kind}", path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
                self.why = f"no mkfs.{kind}"
                return
            with open(self.image, "wb") as f:
                f.truncate((160 if kind == "btrfs" else 24) << 20)
            done = sh(f"mkfs.{kind}", "-q", self.image)
            if done.returncode == 0:
                done = sh("mount", "-o", "loop", self.image, self.path)
        if done.returncode != 0:
            self.why = done.stderr.strip().splitlines()[0] if done.stderr.strip() else "no mount"

    def end(self):
        sh("umount", self.path)

    def fill(self, leave=0):
        """All of its space but `leave` bytes, in big and then small files."""
        n, part = 0, 1 << 20
        while part >= 512:
            try:
                with open(f"{self.path}/filler-{n}", "wb", buffering=0) as f:
                    while True:
                        if f.write(b"x" * part) < part:
                            break
            except OSError:
                pass
            n, part = n + 1, part // 8
        if leave:
            os.truncate(f"{self.path}/filler-0", max(0, os.path.getsize(
                f"{self.path}/filler-0") - leave))

    def free(self):
        for name in os.listdir(self.path):
            if name.startswith("filler-"):
                os.unlink(f"{self.path}/{name}")


def refuses(log, what, text, seconds=10):
    """It comes to say 503 with that text, while reading goes on."""
    last = (0, b"")

    def no():
        nonlocal last
        last = log.add(os.urandom(6000).hex().encode())
        return last[0] == 503 and text.encode() in last[1]
    check(until(no, seconds, 0.05), f"{what}: an honest 503", f"{last[0]} {last[1]!r}")
    status, body = once(log.port, "GET", "/checkpoint")
    check(status == 200 and body.count(b"\n") >= 4, f"{what}: reading goes on", status)
    check(log.server.alive(), f"{what}: it lives", log.server.said()[-300:])


def recovers(log, what):
    began = time.monotonic()
    if log.settle(f"{what}: by itself", 30):
        took = time.monotonic() - began
        check(took < 20, f"{what}: soon", f"{took:.1f} s")
        if log.judge(what) and log.clean(what):
            check(True, what)
        return took
    return 0


def full():
    # the log itself may have 16 MiB in its WAL alone before it moves them
    disk = Disk("small", "tmpfs", "size=12m" if QUICK else "size=64m")
    if disk.why:
        skip("a full disk", disk.why)
        return
    log = Log("full", path=f"{disk.path}/log", interval_ms=20, origin="full.example/log")
    log.server = Server("log", log.path, port=log.port, cwd=work())
    log.settle("before")
    slowest = refused = 0
    rounds = 2 if QUICK else 20
    for n in range(rounds):
        what = f"full disk, round {n}"
        load = Load(log, 3, size=400, pause=0.003)
        time.sleep(dice.uniform(0, 0.2))
        disk.fill(dice.choice((0, 0, 4096, 30000)))
        if n == 0:
            refuses(log, what, FULL)
            rc, out, err = saksi("log", "check", log.path)
            check(rc == 0, f"{what}: log check works on a full disk", f"{rc}: {out}{err}")
        time.sleep(0.3 if QUICK else dice.uniform(0.2, 1.5))
        heard = load.stop()
        refused += heard["no"]
        check(all(r.startswith("503 ") and (FULL in r or "failed to read or write" in r)
                  for r in load.refusals), f"{what}: each refusal is honest", load.refusals)
        if log.judge(what):
            log.clean(f"{what}, while full")
        disk.free()
        slowest = max(slowest, recovers(log, what))
    said = log.server.said()
    check("No space left" in said or "disk of the log is full" in said,
          "full disk: the journal says that nothing was published", said[-300:])
    check(log.server.stop() == 0, "full disk: it stops")
    # and one that is full when the log is opened or added to
    disk.fill()
    entry = f"{work()}/entry"
    with open(entry, "w", encoding="ascii") as f:
        f.write("e" * 60000)
    for args in (("log", "add", log.path, entry), ("log", "publish", log.path)):
        rc, out, err = saksi(*args)
        if rc == 0:
            continue  # what is there already needs no space
        check(rc == 3 and err.count("\n") == 1 and "full" in err or "No space" in err,
              f"{' '.join(args[:2])} on a full disk: an honest line", f"{rc}: {out}{err}")
    disk.free()
    log.serve(cwd=work())
    recovers(log, "after opening on a full disk")
    log.server.stop()
    note(f"full disk: {rounds} times under load, {refused} refused, back in {slowest:.1f} s at most")
    disk.end()


def inodes():
    disk = Disk("few", "tmpfs", "size=64m,nr_inodes=120")
    if disk.why:
        skip("no inodes left", disk.why)
        return
    log = Log("few", path=f"{disk.path}/log", interval_ms=20, origin="few.example/log")
    log.server = Server("log", log.path, port=log.port, cwd=work())
    log.settle("before")
    n = 0
    try:
        while True:
            with open(f"{disk.path}/filler-{n}", "wb"):
                n += 1
    except OSError:
        pass
    status, got = log.add(b"an entry needs no inode")
    check(status == 200, "no inodes: adding goes on", f"{status} {got!r}")
    check(until(lambda: "not published" in log.server.said() and "No space left" in log.server.said(), 10),
          "no inodes: the journal says why nothing is published", log.server.said()[-300:])
    log.judge("no inodes") and log.clean("no inodes")
    disk.free()
    recovers(log, "inodes again")
    check(log.server.stop() == 0, "no inodes: it stops")
    disk.end()


def quota():
    disk = Disk("bounded", "btrfs")
    if not disk.why and (sh("btrfs", "quota", "enable", disk.path).returncode != 0
                         or sh("btrfs", "qgroup", "limit", "8M", disk.path).returncode != 0):
        disk.why = "no btrfs quota here"
    if disk.why:
        skip("a quota that is used up", disk.why)
        return
    log = Log("bounded", path=f"{disk.path}/log", interval_ms=50, origin="bounded.example/log")
    log.server = Server("log", log.path, port=log.port, cwd=work())
    log.settle("before")
    died = 0
    for n in range(1 if QUICK else 5):
        what = f"quota, round {n}"
        load = Load(log, 3, size=2000)
        disk.fill()
        sh("sync", "-f", disk.path)
        until(lambda: log.add(os.urandom(6000).hex().encode())[0] != 200, 20, 0.05)
        status, got = log.add(b"after the quota")
        read = once(log.port, "GET", "/checkpoint")[0]
        if (status == 0 or read == 0) and until(lambda: not log.server.alive(), 5):
            # SQLite maps state.db-shm; a copy-on-write file system that finds no room
            # for a changed page can only answer SIGBUS
            died += 1
            check(log.server.p.returncode == 3 and LOST in log.server.said(),
                  f"{what}: it ends with a line that says why",
                  f"{log.server.p.returncode}: {log.server.said()[-300:]}")
        else:
            check(status in (200, 503) and (status == 200 or b"the disk" in got or b"quota" in got),
                  f"{what}: an honest 503", f"{status} {got!r}")
            check(read == 200, f"{what}: reading goes on", read)
        load.stop()
        log.judge(what)
        rc, out, err = saksi("log", "check", log.path)
        check(rc == 0 or rc == 3 and ("quota" in err or LOST in err), f"{what}: log check holds or cannot tell",
              f"{rc}: {out}{err}")
        disk.free()
        sh("sync", "-f", disk.path)
        if not log.server.alive():
            log.server = Server("log", log.path, port=log.port, cwd=work())
        recovers(log, what)
    note(f"quota: {died} times a mapped page of state.db-shm could not be kept, and the server ended")
    check(log.server.stop() == 0, "quota: it stops")
    disk.end()


def frozen_and_broken():
    """An ext4 that stands still for a snapshot, then one whose kernel makes it
    read-only below the running log."""
    disk = Disk("shaken", "ext4")
    if disk.why:
        skip("a file system frozen, or turned read-only", disk.why)
        return
    log = Log("shaken", path=f"{disk.path}/log", interval_ms=50, origin="shaken.example/log")
    log.server = Server("log", log.path, port=log.port, cwd=work())
    log.settle("before")
    load = Load(log, 3)
    time.sleep(0.2)
    if sh("fsfreeze", "-f", disk.path).returncode == 0:
        time.sleep(0.2)
        began = time.monotonic()
        status, _ = once(log.port, "GET", "/checkpoint")
        check(status == 200 and time.monotonic() - began < 1, "frozen: reading goes on", status)
        time.sleep(1)
        sh("fsfreeze", "-u", disk.path)
        heard = load.stop()
        check(heard["no"] == 0 and heard["ack"] > 0, "frozen: adders only waited", heard)
        recovers(log, "thawed")
    else:
        load.stop()
        skip("a file system frozen", "no fsfreeze here")
    # a plain remount is refused by the kernel while state.db is open for writing
    rc = sh("mount", "-o", "remount,ro", disk.path).returncode
    if rc == 0:
        refuses(log, "read-only", "state.db")
        sh("mount", "-o", "remount,rw", disk.path)
        recovers(log, "writable again")
    else:
        check(log.settle("a remount that was refused"), "the refused remount harmed nothing")
    device = os.path.basename(sh("findmnt", "-no", "SOURCE", disk.path).stdout.strip())
    trigger = f"/sys/fs/ext4/{device}/trigger_fs_error"
    if sh("mount", "-o", "remount,errors=remount-ro", disk.path).returncode != 0 \
            or not os.access(trigger, os.W_OK):
        skip("a file system turned read-only", "no trigger_fs_error here")
    else:
        load = Load(log, 3)
        time.sleep(0.3)
        with open(trigger, "w", encoding="ascii") as f:
            f.write("played by a test\n")
        refuses(log, "turned read-only", "state.db")
        heard = load.stop()
        check(until(lambda: "not published" in log.server.said(), 10) and all(
            r.startswith("503 ") and ("state.db" in r or "disk" in r) for r in load.refusals),
            "turned read-only: each refusal is honest", load.refusals)
        rc = log.server.stop()
        check(rc in (0, 3), "turned read-only: it stops", rc)
        rc, out, err = saksi("serve", "log", log.path, "--listen", "127.0.0.1:0")
        check(rc == 3 and "Read-only" in err and err.count("\n") == 1,
              "started on a read-only disk: an honest line", f"{rc}: {out}{err}")
        disk.end()
        sh("e2fsck", "-fy", disk.image)
        sh("mount", "-o", "loop", disk.image, disk.path)
        log.server = Server("log", log.path, port=log.port, cwd=work())
        recovers(log, "repaired")
        log.server.stop()
        note(f"turned read-only below {heard['ack']} acknowledged entries; repaired, all there")
    disk.end()


def a_witness():
    disk = Disk("witness-disk", "tmpfs", "size=2m" if QUICK else "size=16m")
    if disk.why:
        skip("a witness on a full disk", disk.why)
        return
    w = Witness("cramped")
    shutil.move(w.path, f"{disk.path}/cramped")
    w.path = f"{disk.path}/cramped"
    feeders = [Feeder(w, f"disk-{n}") for n in range(3)]
    w.server = Server("witness", w.path, port=w.port, cwd=work())
    for n in range(1 if QUICK else 5):
        what = f"a witness on a full disk, round {n}"
        threads = [threading.Thread(target=f.live, daemon=True) for f in feeders]
        for t in threads:
            t.start()
        time.sleep(0.2)
        disk.fill()

        def no():
            f = feeders[0]
            return once(w.port, "POST", "/add-checkpoint", f.body(f.held, f.held))[0] == 503
        # later its WAL has room of its own, and it may go on
        check(until(no, 10) if n == 0 else until(no, 2) or w.server.alive(), f"{what}: 503")
        disk.free()
        f = feeders[0]
        check(until(lambda: once(w.port, "POST", "/add-checkpoint", f.body(f.held, f.held))[0] == 200
                    or once(w.port, "POST", "/add-checkpoint", f.body(f.held, f.held))[0] == 409, 10),
              f"{what}: it cosigns again by itself")
        w.server.kill()
        for t in threads:
            t.join(5)
        if witness_judged(w, feeders, what):
            check(True, what)
        w.server = Server("witness", w.path, port=w.port, cwd=work())
        witness_refuses(w, feeders, what)
    w.server.stop()
    disk.end()


if __name__ == "__main__":
    for part in (full, inodes, quota, frozen_and_broken, a_witness):
        if os.environ.get("FAULT_ONLY", part.__name__) == part.__name__:
            part()
    finish()
