"""The measurements; each yields rows for the table."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Iterator

import load
from load import READ_CONNECTIONS, WRITE_CONNECTIONS, Target, note, wrk


@dataclass(frozen=True)
class Settings:
    folder: Path
    seconds: float
    rounds: int
    users: int
    many: int
    events: int = 1_000_000
    # Another build of Attune, for the part `versus`.
    against: str = ""


@dataclass(frozen=True)
class Row:
    part: str
    measure: str
    value: float
    unit: str
    detail: str
    # What the value has to be: at least the first, at most the second.
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value < self.most)


def alternating(settings: Settings, left: Target, right: Target, jobs: tuple[str, str], connections: int) -> tuple[float, str]:
    """The median over several rounds of right's rate by left's, which take turns."""
    pairs = []
    for number in range(settings.rounds):
        order = ((left, jobs[0]), (right, jobs[1]))
        rates = {at: wrk(*order[at], connections, settings.seconds) for at in ((0, 1) if number % 2 else (1, 0))}
        pairs.append((rates[0], rates[1]))
        note(f"{jobs[0]} {rates[0]:,.0f}/s, {jobs[1]} {rates[1]:,.0f}/s at {connections} connections")
    detail = f"{median(pair[1] for pair in pairs):,.0f}/s by {median(pair[0] for pair in pairs):,.0f}/s"
    return median(pair[1] / pair[0] for pair in pairs), detail


def hello(settings: Settings) -> Iterator[Row]:
    """The gateway against the bare HTTP server that it is built on."""
    with load.hello() as bare, load.attune(settings.folder, settings.users) as (_, gateway):
        for job, connections, least in (
            ("profile", READ_CONNECTIONS, 0.6), ("dashboard", READ_CONNECTIONS, 0.5), ("usage", WRITE_CONNECTIONS, 0.35),
        ):
            ratio, detail = alternating(settings, bare, gateway, ("hello", job), connections)
            yield Row("hello", f"{job} by bare hello, {connections} connections", ratio, "x", detail, least=least)


def peer(settings: Settings) -> Iterator[Row]:
    """The gateway against the same jobs on FastAPI, SQLAlchemy and SQLite."""
    users = min(settings.users, 1000)
    with load.peer(settings.folder, users) as other, load.attune(settings.folder, users) as (_, gateway):
        for job, connections in (("profile", READ_CONNECTIONS), ("usage", WRITE_CONNECTIONS)):
            ratio, detail = alternating(settings, other, gateway, (job, job), connections)
            yield Row("peer", f"{job} by FastAPI+SQLite, {connections} connections", ratio, "x", detail, least=20)


def growth(settings: Settings) -> Iterator[Row]:
    """A folder of few users against one of many."""
    with ExitStack() as stack:
        (settings.folder / "few").mkdir()
        (settings.folder / "many").mkdir()
        _, few = stack.enter_context(load.attune(settings.folder / "few", settings.users))
        server, many = stack.enter_context(load.attune(settings.folder / "many", settings.many))
        span = f"{settings.users:,} to {settings.many:,} users"
        for job, name, connections in (("profile", "read", READ_CONNECTIONS), ("usage", "write", WRITE_CONNECTIONS)):
            # The cost of many by that of few is the rate of few by that of many.
            ratio, detail = alternating(settings, many, few, (job, job), connections)
            yield Row("growth", f"cost per {name}, {span}", ratio, "x", detail, most=1.3)
        own, with_map = load.private_bytes(server.process.pid)
        yield Row("growth", f"private memory, {settings.many:,} users", own / 1e6, "MB", f"{with_map / 1e6:,.0f} MB with the store's map", most=150)
        size = (server.data / "store" / "data.mdb").stat().st_size
        ready = []
        for _ in range(max(3, settings.rounds)):
            server.stop(timeout=120)
            began = time.monotonic()
            server.start()
            while server.client().get("/readyz").status != 200:
                time.sleep(0.005)
            ready.append(time.monotonic() - began)
        yield Row("growth", f"start to ready, {settings.many:,} users", median(ready), "s", f"a store of {size / 1e6:,.0f} MB", most=1)


def openloop(settings: Settings) -> Iterator[Row]:
    """Latencies at half of the highest rate, and the bare server's at the same: what the machine itself lets nobody pass under."""
    with load.hello() as bare, load.attune(settings.folder, settings.users) as (_, gateway):
        for job, name, connections, most in (("profile", "reads", READ_CONNECTIONS, 5), ("usage", "durable writes", WRITE_CONNECTIONS, 25)):
            highest = median(wrk(gateway, job, connections, settings.seconds) for _ in range(settings.rounds))
            got = load.openloop(gateway, job, highest / 2, max(10, settings.seconds * 2))
            floor = load.openloop(bare, "hello", highest / 2, max(10, settings.seconds * 2))
            note(f"{job}: {got}")
            note(f"hello: {floor}")
            for each in (got, floor):
                if each["refused"] or each["failed"]:
                    raise RuntimeError(f"open loop, {job}: {each}")
            detail = f"at {got['rate']:,.0f}/s of {highest:,.0f}/s; p50 {got['p50']:.2f}, p99.9 {got['p999']:.2f}, max {got['max']:.1f} ms; hello's p99 {floor['p99']:.2f} ms"
            yield Row("openloop", f"p99 of {name} at half of the highest rate", got["p99"], "ms", detail, most=most)


def fairness(settings: Settings) -> Iterator[Row]:
    """A quiet tenant alone, and beside one that sends twice what it may."""
    limit, quiet_rate, seconds = 2000, 200, max(8, settings.seconds)
    with load.attune(settings.folder, settings.users, ATTUNE_RATE_LIMIT="0") as (server, _):
        server.create_tenant("quiet").key()
        quiet_key, noisy_key = (server.must("key", "create", "--tenant", name, "--kind", "secret")["key"] for name in ("quiet", "bench"))
        load.fill(Target(server.port, quiet_key, 1000))
        server.stop()
        server.settings["ATTUNE_RATE_LIMIT"] = str(limit * 60)
        server.start()
        quiet, noisy = Target(server.port, quiet_key, 1000), Target(server.port, noisy_key, settings.users)
        for job, name in (("profile", "reads"), ("usage", "durable writes")):
            alone, beside, turned_away = [], [], 0
            for _ in range(settings.rounds):
                alone.append(load.openloop(quiet, job, quiet_rate, seconds, 32)["p99"])
                # A minute's allowance may be spent in a burst: the noisy tenant uses it up first.
                exhaust(noisy, limit)
                with load.started_openloop(noisy, "usage", limit * 2, seconds + 2) as noise:
                    time.sleep(1)
                    got = load.openloop(quiet, job, quiet_rate, seconds, 32)
                    turned_away += noise()["refused"]
                if got["refused"] or got["failed"]:
                    raise RuntimeError(f"the quiet tenant was refused: {got}")
                beside.append(got["p99"])
                note(f"{job}: p99 {alone[-1]:.2f} ms alone, {beside[-1]:.2f} ms beside the noisy tenant")
            if not turned_away:
                raise RuntimeError("the noisy tenant was never refused")
            detail = f"{median(beside):.2f} ms by {median(alone):.2f} ms; {turned_away:,} of the noisy tenant's requests refused"
            ratio = median(after / before for before, after in zip(alone, beside))
            yield Row("fairness", f"quiet tenant's p99 of {name} beside a noisy one", ratio, "x", detail, most=2)


def exhaust(noisy: Target, limit: int) -> None:
    for _ in range(20):
        if load.openloop(noisy, "profile", limit * 4, 5)["refused"]:
            return
    raise RuntimeError("the noisy tenant is never refused")


EVENTS_A_BATCH = 100


def ingest(settings: Settings) -> Iterator[Row]:
    """Durable ingestion of events in batches, one by one, and as the store grows; features read beside."""
    with load.hello() as bare, load.attune(settings.folder, settings.users) as (server, gateway):
        store = server.data / "store" / "data.mdb"
        stored = load.until_events(gateway, 100_000)
        rates = {visits: events_per_second(gateway, visits, settings) for visits in (10, 1, 100)}
        few, alone, apart = rates.values()
        # Half of what the first of them sent was there when it was half done.
        early = stored + few * settings.seconds * settings.rounds / 2
        stored += sum(rates.values()) * settings.seconds * settings.rounds
        detail = f"ten visits of ten events a batch; one visit {alone:,.0f}/s, a hundred users {apart:,.0f}/s; {settings.users:,} users"
        yield Row("ingest", "events a second in batches of 100, durable", few, "/s", detail, least=20_000)
        got = load.openloop(gateway, "events", few / EVENTS_A_BATCH / 2, max(10, settings.seconds * 2), 64)
        if got["refused"] or got["failed"]:
            raise RuntimeError(f"open loop, events: {got}")
        detail = f"at {got['rate'] * EVENTS_A_BATCH:,.0f} events/s; p50 {got['p50']:.1f}, max {got['max']:.1f} ms"
        yield Row("ingest", "p99 of a batch of 100 at half of the highest rate", got["p99"], "ms", detail, most=50)
        ratio, detail = alternating(settings, bare, gateway, ("hello", "event"), WRITE_CONNECTIONS)
        yield Row("ingest", f"single events by bare hello, {WRITE_CONNECTIONS} connections", ratio, "x", detail, least=0.3)
        got, floor = (load.latencies(target, job, settings.seconds) for target, job in ((gateway, "features"), (bare, "hello")))
        yield Row("ingest", "p99 of a user's features", got, "ms", f"one connection; hello's p99 {floor:.2f} ms", most=2)
        before, count = store.stat().st_blocks * 512, load.until_events(gateway, settings.events)
        grown = (store.stat().st_blocks * 512 - before) / max(1, count)
        many = events_per_second(gateway, 10, settings)
        late = stored + count + many * settings.seconds * settings.rounds / 2
        detail = f"{few:,.0f}/s by {many:,.0f}/s; {grown:,.0f} bytes of disk an event"
        yield Row("ingest", f"cost per event, from about {early / 1e6:.1f} to {late / 1e6:.1f} million events", few / many, "x", detail, most=1.3)
        own, with_map = load.private_bytes(server.process.pid)
        yield Row("ingest", "private memory", own / 1e6, "MB", f"{with_map / 1e6:,.0f} MB with the store's map", most=250)


def events_per_second(gateway: Target, visits: int, settings: Settings) -> float:
    return median(wrk(gateway, f"events{visits}", 16, settings.seconds) for _ in range(settings.rounds)) * EVENTS_A_BATCH


def versus(settings: Settings) -> Iterator[Row]:
    """This build against another one, in turns: no rate may be lower by more than 3 percent."""
    if not settings.against:
        raise RuntimeError("--against names the other binary")
    for name in ("old", "new"):
        (settings.folder / name).mkdir()
    with ExitStack() as stack:
        own = os.environ.get("ATTUNE_BINARY")
        os.environ["ATTUNE_BINARY"] = settings.against
        try:
            _, old = stack.enter_context(load.attune(settings.folder / "old", settings.users))
        finally:
            os.environ.pop("ATTUNE_BINARY") if own is None else os.environ.update(ATTUNE_BINARY=own)
        _, new = stack.enter_context(load.attune(settings.folder / "new", settings.users))
        for job, connections in (
            ("profile", READ_CONNECTIONS), ("dashboard", READ_CONNECTIONS), ("features", READ_CONNECTIONS), ("usage", WRITE_CONNECTIONS),
            ("event", WRITE_CONNECTIONS), ("events1", 16), ("events10", 16), ("events100", 16),
        ):
            ratio, detail = alternating(settings, old, new, (job, job), connections)
            yield Row("versus", f"{job} by the other build, {connections} connections", ratio, "x", detail, least=0.97)


PARTS = {"ingest": ingest, "hello": hello, "peer": peer, "growth": growth, "openloop": openloop, "fairness": fairness}
