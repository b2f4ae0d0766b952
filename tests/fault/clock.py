#!/usr/bin/env python3
"""Clocks that jump, by libfaketime: of a log, of its witnesses, of who verifies.

A log goes on whatever its clock says, but shows no cosignature dated far from it;
a witness cosigns nothing on a clock that went back; a verifier calls stale what is
old by his clock, and never false.
"""
import glob
import os
import re
import time

from world import (Load, Log, QUICK, Server, Witness, check, finish, must, note, once, read_point,
                   saksi, skip, until, work)

HOUR, DAY = 3600, 86400


class Clock:
    """An offset in seconds that a running process follows."""

    def __init__(self, folder):
        self.file = f"{folder}/clock"
        self.set(0)
        self.env = dict(os.environ, LD_PRELOAD=LIB, FAKETIME_TIMESTAMP_FILE=self.file,
                        FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")

    def set(self, seconds):
        with open(self.file + ".next", "w", encoding="ascii") as f:
            f.write(f"{seconds:+d}\n")
        os.rename(self.file + ".next", self.file)


def about(when, offset):
    return abs(when - (time.time() + offset)) < 60


def log_alone():
    """It goes on; what it dates is dated by its clock."""
    log = Log("timeless", interval_ms=20)
    clock = Clock(log.path)
    log.serve(env=clock.env)
    load = Load(log, 2, pause=0.002)
    for offset in (0, 3 * DAY, -3 * DAY, 0, 400 * DAY, -HOUR, 0):
        what = f"a log at {offset:+d} s"
        clock.set(offset)
        log.settle(what)
        status, got = once(log.port, "POST", "/add?receipt=1", f"dated {offset} {time.time()}".encode())
        dated = re.search(rb"\ntime (\d+)\ndue (\d+)\n", got)
        check(status == 200 and dated and about(int(dated.group(1)), offset)
              and int(dated.group(2)) - int(dated.group(1)) == HOUR,
              f"{what}: its receipt says that time, and an hour", f"{status} {got!r}")
        time.sleep(0.1 if QUICK else 0.5)
    heard = load.stop()
    check(heard["no"] == 0 and heard["ack"] > 0, "a jumping clock refuses nobody", heard)
    check(log.server.stop() == 0, "it stops")
    if log.judge("a jumping clock", whole=True) and log.clean("a jumping clock"):
        check(True, "one history on a jumping clock")


def witnessed():
    witnesses = [Witness("steady"), Witness("dizzy")]
    witnesses[0].serve()
    log = Log("beside", witnesses, interval_ms=20, witness_ms=2000)
    theirs, ours = Clock(witnesses[1].path), Clock(log.path)
    witnesses[1].serve(env=theirs.env)
    log.serve(env=ours.env)
    check(log.settle("true clocks"), "true clocks")

    def stuck(what, says, anew=False):
        before = log.published()
        status, _ = log.add(os.urandom(8).hex().encode())
        check(status == 200, f"{what}: adding goes on", status)
        if not anew:
            log.server.said_from = os.path.getsize(log.server.said_file)
        check(until(lambda: re.search(says, log.server.said()), 25), f"{what}: it is said",
              log.server.said()[-300:])
        check(log.published() == before, f"{what}: nothing is shown")

    def held():
        return witnesses[1].held(log.origin)
    # the log's clock
    ours.set(300)
    check(log.settle("five minutes off"), "five minutes off are borne")
    ours.set(3 * DAY)
    stuck("a log three days ahead", r"steady \(dated its cosignature far from our clock\)")
    ours.set(0)
    check(log.settle("a true clock again", 40), "a true clock again")
    # a witness's clock
    theirs.set(-HOUR)
    at = held()
    status, got = once(witnesses[1].port, "GET", "/vkey")
    check(status == 200, "a witness whose clock went back still answers", status)
    stuck("a witness an hour back", r"dizzy \(asked to come later \(503\)\)")
    check(held() == at, "it kept its state", (at, held()))
    theirs.set(0)
    check(log.settle("its clock is right again", 40), "its clock is right again")
    if not QUICK:
        theirs.set(2 * DAY)
        stuck("a witness two days ahead", r"dizzy \(dated its cosignature far from our clock\)")
        theirs.set(0)
        stuck("that witness back again", r"dizzy \(asked to come later \(503\)\)")
        witnesses[1].server.stop()
        witnesses[1].serve(env=theirs.env)
        # what did not change is not said again: the log, too, is started anew
        log.server.stop()
        log.serve(env=ours.env)
        stuck("and started anew", r"dizzy \(asked to come later \(503\)\)", anew=True)
        theirs.set(2 * DAY)
        ours.set(2 * DAY - 300)
        stuck("both two days ahead", r"steady \(dated")
    check(log.server.stop() == 0, "it stops")
    if log.judge("witnesses with clocks") and log.clean("witnesses with clocks"):
        check(True, "one history before witnesses with clocks")
    for w in witnesses:
        w.server.stop()


def verified():
    """What a verifier says of the same published log at other times."""
    at, w = work(), Witness("dated")
    w.serve()
    must("key", "new", f"{at}/root.key", "--name", "root")
    public = must("key", "show", f"{at}/root.key", "--only", "key").strip()
    with open(f"{at}/roots", "w", encoding="ascii") as f:
        f.write(f"quorum 1\nroot one {public}\n")
    with open(f"{at}/dated.policy", "w", encoding="ascii") as f:
        f.write(f"witness dated {w.vkey} http://127.0.0.1:{w.port}\nquorum dated\n")
    vkey = must("log", "init", f"{at}/shown", "--origin", "shown.example/x", "--roots",
                f"{at}/roots", "--policy", f"{at}/dated.policy").strip()
    w.knows(vkey)
    must("log", "publish", f"{at}/shown")
    os.makedirs(f"{at}/trust")
    with open(f"{at}/trust/policy", "w", encoding="ascii") as f:
        f.write(f"log {vkey}\nwitness dated {w.vkey}\nquorum dated\n")
    with open(f"{at}/trust/roots", "w", encoding="ascii") as f:
        f.write(f"quorum 1\nroot one {public}\n")
    shown = f"{at}/shown/public"
    cases = [(0, 0, ""), (2 * HOUR, 0, ""), (4 * HOUR, 3, "old|stale|latest"),
             (400 * DAY, 3, "old|stale|latest"), (-DAY, 3, "ahead|clock|future|latest"), (0, 0, "")]
    for offset, want, says in cases:
        env = dict(os.environ, LD_PRELOAD=LIB, FAKETIME=f"{offset:+d}")
        for command in (["verify"], ["monitor", "--once"]):
            rc, out, err = saksi(command[0], shown, "--trust", f"{at}/trust", "--state",
                                 f"{at}/seen", *command[1:], env=env)
            check(rc == want, f"{command[0]} {offset / HOUR:+.0f} h off: exit {want}",
                  f"{rc}: {out}{err}")
            check(re.search(says, out + err), f"{command[0]} {offset / HOUR:+.0f} h off: it says why",
                  out + err)
    # a stale answer came never to be a false one, and remembered nothing wrong
    w.server.stop()


if __name__ == "__main__":
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        skip("clocks", "no libfaketime")
        finish()
    LIB = found[0]
    for part in (log_alone, witnessed, verified):
        if os.environ.get("FAULT_ONLY", part.__name__) == part.__name__:
            part()
    note("clocks of a log, a witness and a verifier went forwards and back")
    finish()
