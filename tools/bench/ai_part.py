"""Dashboards with an AI provider that hangs, and with one that takes its time."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Iterator

import load
from load import READ_CONNECTIONS, Target, note
from parts import Row, Settings, alternating

from harness.ai_provider import AIProviderServer
from harness.server import Server

ANSWER_MILLISECONDS, DEADLINE_SECONDS = 800, 2.5


@contextmanager
def attune(folder: Path, users: int, **settings: str):
    """An Attune whose one tenant grants the purpose `ai` for its users."""
    folder.mkdir()
    with Server(folder / "data", **settings) as server:
        target = Target(server.port, server.create_tenant("bench", "--grant", "ai").key(), users)
        load.fill(target)
        yield server, target


def ai(settings: Settings) -> Iterator[Row]:
    with ExitStack() as stack:
        provider = stack.enter_context(AIProviderServer())
        _, without = stack.enter_context(attune(settings.folder / "without", settings.users))
        server, beside = stack.enter_context(attune(settings.folder / "beside", settings.users, **provider.settings()))
        provider.behave("hang")
        # The breaker needs some users who wait in vain before it opens.
        load.wrk(beside, "dashboard", READ_CONNECTIONS, 4)
        ratio, detail = alternating(settings, without, beside, ("dashboard", "dashboard"), READ_CONNECTIONS)
        yield Row("ai", "dashboards with a hanging provider, by those without one", ratio, "x", detail, least=0.9)
        rate = float(detail.split("/s by ")[1].split("/s")[0].replace(",", "")) / 2
        p99 = {"without": [], "beside": []}
        for number in range(settings.rounds):
            for name, target in (("without", without), ("beside", beside))[:: 1 if number % 2 else -1]:
                p99[name].append(load.openloop(target, "dashboard", rate, max(8, settings.seconds), READ_CONNECTIONS)["p99"])
            note(f"p99 {p99['without'][-1]:.2f} ms without, {p99['beside'][-1]:.2f} ms beside a hanging provider")
        both = {name: median(values) for name, values in p99.items()}
        yield Row(
            "ai", "p99 with a hanging provider, by that without one", both["beside"] / both["without"], "x",
            f"{both['beside']:.2f} ms by {both['without']:.2f} ms at {rate:,.0f}/s", most=1.1)
    with AIProviderServer() as provider, attune(settings.folder / "slow", 1, **provider.settings()) as (server, target):
        provider.behave("ok", delay_ms=ANSWER_MILLISECONDS)
        client = server.client(target.key)
        first, source = timed(client)
        again = [timed(client) for _ in range(20)]
        if source != "ai" or any(found != "cache" for _, found in again) or len(provider.calls) != 1:
            raise RuntimeError(f"the first dashboard is from {source}, later ones from {[found for _, found in again]}")
        yield Row(
            "ai", f"first dashboard, a provider that answers in {ANSWER_MILLISECONDS} ms", first, "s",
            f"by AI; then from the cache in {median(seconds for seconds, _ in again) * 1000:.1f} ms, one call", most=DEADLINE_SECONDS)


def timed(client) -> tuple[float, str]:
    began = time.monotonic()
    answer = client.get("/api/personalization/users/u0/dashboard")
    return time.monotonic() - began, answer.json()["source"]
