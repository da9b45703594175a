"""Erasing and exporting large users beside a stream of events."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from statistics import median
from typing import Iterator

import load
from load import Target, note
from parts import EVENTS_A_BATCH, Row, Settings

from harness.client import Client

ERASED_ITEMS, EXPORTED_EVENTS, STREAM_PER_SECOND = 10_000, 100_000, 1000


def grow(client: Client, user: str, events: int) -> None:
    """Events of a user, of about 300 bytes each in an export."""
    for start in range(0, events, 1000):
        batch = [
            {"type": "track", "event": "product_view", "userId": user, "messageId": f"{user}-{number}",
             "properties": {"product_id": number % 97, "category": f"c{number % 7}", "url": f"/products/{number % 97}", "note": "n" * 60}}
            for number in range(start, min(start + 1000, events))
        ]
        if (answer := client.post("/api/track/batch", {"batch": batch})).status != 202:
            raise RuntimeError(f"events: {answer}")


def privacy(settings: Settings) -> Iterator[Row]:
    """Rights of users with a long past."""
    with load.attune(settings.folder, settings.users) as (server, gateway):
        client = Client(gateway.port, gateway.key, timeout=120)
        yield from erasures(settings, client, gateway)
        yield from exports(settings, client, server)
        yield from compactions(settings, server, gateway)


def erasures(settings: Settings, client: Client, gateway: Target) -> Iterator[Row]:
    users = max(20, settings.rounds * 8)
    for number in range(users):
        grow(client, f"large{number}", ERASED_ITEMS)
    note(f"{users} users of {ERASED_ITEMS:,} events")
    # Long enough for all of them; what is left of it when they are gone is not waited for.
    with load.started_openloop(gateway, "events", STREAM_PER_SECOND / EVENTS_A_BATCH, users * 1.5, 16):
        time.sleep(1)
        took = []
        for number in range(users):
            began = time.monotonic()
            answer = client.delete(f"/api/privacy/users/large{number}")
            took.append((time.monotonic() - began) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"erasure: {answer}")
    took.sort()
    detail = f"p50 {median(took):,.0f}, longest {took[-1]:,.0f} ms of {users} users of {ERASED_ITEMS:,} events, {STREAM_PER_SECOND:,} events/s beside"
    yield Row("privacy", "p99 of an erasure", took[min(len(took) - 1, int(len(took) * 0.99))], "ms", detail, most=1000)


def exports(settings: Settings, client: Client, server) -> Iterator[Row]:
    grow(client, "past", EXPORTED_EVENTS)
    for form in ("json", "ndjson", "csv"):
        before, rates, size = load.private_bytes(server.process.pid)[0], [], 0
        with sampling(server.process.pid) as samples:
            for _ in range(settings.rounds):
                began = time.monotonic()
                answer = client.get(f"/api/privacy/users/past/export?format={form}")
                rates.append(len(answer.body) / (time.monotonic() - began) / 1e6)
                size = len(answer.body)
                if answer.status != 200 or size < EXPORTED_EVENTS * 50:
                    raise RuntimeError(f"export: {answer}")
        detail = f"{size / 1e6:,.1f} MB of {EXPORTED_EVENTS:,} events"
        yield Row("privacy", f"export, {form}", median(rates), "MB/s", detail, least=20)
        grown = (max(samples) - before) / 1e6
        yield Row("privacy", f"memory for it, {form}", grown, "MB", f"private, the most of {len(samples)} samples meanwhile", most=50)


@contextmanager
def sampling(pid: int):
    """A process's private memory in bytes, every 20 ms."""
    samples, ended = [], threading.Event()

    def sample() -> None:
        while not ended.wait(0.02):
            samples.append(load.private_bytes(pid)[0])

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def compactions(settings: Settings, server, gateway: Target) -> Iterator[Row]:
    """Compacting beside a stream of reads and one of writes, and what those wait."""
    waits = {}
    for job, rate in (("profile", 500), ("usage", 300)):
        alone = load.openloop(gateway, job, rate, 4, 16)
        with load.started_openloop(gateway, job, rate, 8, 16) as result:
            time.sleep(0.5)
            done = server.must("privacy", "compact")
            waits[job] = (alone, result())
    for job, (alone, beside) in waits.items():
        detail = f"without {alone['max']:.0f} ms; {done['bytesBefore'] / 1e6:,.0f} MB to {done['bytesAfter'] / 1e6:,.0f} MB"
        yield Row("privacy", f"longest wait beside a compaction, {job}", beside["max"], "ms", detail, most=100)
