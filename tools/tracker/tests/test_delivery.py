"""Batches, failures, offline, several tabs, the end of a page."""

import json

import pytest
from collector import Fault
from conftest import flush, set_visible, stored, until, wait_for_tracker

QUEUE = "attune.att_pk_test.q"


def queued(page) -> list[dict]:
    """The events in the stored queues of all pages."""
    lines = [line for key, value in stored(page).items() if key.startswith(QUEUE) for line in value.split("\n")[1:]]
    return [json.loads(line) for line in lines]


def posts(collector) -> list:
    return [request for request in collector.requests if request.method == "POST"]


def test_no_preflight_ever(ready, collector, page):
    ready()
    page.evaluate("attune('identify', 'ada', { plan: 'pro' })")
    flush(page)
    until(page, collector.taken)
    assert {request.method for request in collector.requests} == {"POST"}


def test_twenty_events_leave_at_once_and_others_after_five_seconds(ready, collector, page):
    ready()
    page.evaluate("for (let i = 0; i < 19; i++) attune('track', 'e' + i)")
    until(page, collector.taken, 1)
    assert len(posts(collector)[0].body["batch"]) == 20
    page.evaluate("attune('track', 'late'); attune('track', 'later')")
    page.wait_for_timeout(3000)
    assert len(collector.taken()) == 20
    until(page, lambda: len(collector.taken()) == 22, 4)
    until(page, lambda: queued(page) == [])
    assert len(posts(collector)) == 2


def test_503_is_tried_again_later_and_later(ready, collector, page):
    page.clock.install()
    collector.faults.extend([Fault(503), Fault(500), Fault(503)])
    ready()
    waits = []
    page.clock.run_for(5100)
    until(page, lambda: len(posts(collector)) == 1)
    for attempt in (2, 3, 4):
        page.wait_for_timeout(150)
        waited = 0
        while len(posts(collector)) < attempt:
            page.clock.run_for(500)
            page.wait_for_timeout(30)
            waited += 0.5
            assert waited < 40
        waits.append(waited)
    assert [low <= wait <= 2 * low + 1.5 for wait, low in zip(waits, (2, 4, 8))] == [True] * 3, waits
    until(page, lambda: collector.names() == ["page"])
    assert len({request.body["batch"][0]["messageId"] for request in posts(collector)}) == 1, "the same message each time"
    until(page, lambda: queued(page) == [])


def test_429_waits_as_long_as_it_says(ready, collector, page):
    page.clock.install()
    collector.faults.append(Fault(429, (("Retry-After", "60"),)))
    ready()
    page.clock.run_for(5100)
    until(page, lambda: len(posts(collector)) == 1)
    page.wait_for_timeout(150)
    page.clock.run_for(59_000)
    page.evaluate("for (let i = 0; i < 30; i++) attune('track', 'e' + i)")
    set_visible(page, False)
    page.wait_for_timeout(150)
    assert len(posts(collector)) == 1, "neither many events nor the end of the page breaks the pause"
    page.clock.run_for(65_000)
    until(page, lambda: "e29" in collector.names())


@pytest.mark.parametrize("status", [400, 404, 413])
def test_what_is_refused_is_dropped(ready, collector, page, status):
    collector.faults.append(Fault(status))
    ready()
    flush(page)
    until(page, lambda: posts(collector) and queued(page) == [])
    page.evaluate("attune('track', 'next')")
    flush(page)
    until(page, lambda: collector.names() == ["next"])


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_ends_it(ready, collector, page, status):
    collector.fault = Fault(status)
    ready()
    flush(page)
    until(page, lambda: posts(collector) and queued(page) == [])
    page.evaluate("for (let i = 0; i < 30; i++) attune('track', 'e' + i)")
    flush(page)
    page.wait_for_timeout(300)
    assert len(posts(collector)) == 1 and queued(page) == []


def test_a_server_that_hangs_up(ready, collector, page):
    collector.fault = Fault(0)
    ready()
    flush(page)
    until(page, lambda: posts(collector))
    page.wait_for_timeout(200)
    assert [event["type"] for event in queued(page)] == ["page"]
    collector.fault = Fault(200)
    flush(page)
    until(page, lambda: collector.names() == ["page"])


def test_a_slow_server_gets_nothing_twice_and_delays_nothing(ready, collector, page):
    collector.faults.append(Fault(200, delay_seconds=1.5))
    ready()
    flush(page)
    until(page, lambda: posts(collector))
    page.evaluate("attune('track', 'meanwhile')")
    flush(page)
    until(page, lambda: len(posts(collector)) == 2, 1)
    page.wait_for_timeout(2000)
    assert [[event["type"] for event in request.body["batch"]] for request in posts(collector)] == [["page"], ["track"]]
    assert queued(page) == []


WORKER = """
    const fill = () => caches.open("a").then((cache) => cache.addAll(["/", "/attune.js"]));
    addEventListener("install", (event) => event.waitUntil(fill().then(() => skipWaiting())));
    addEventListener("activate", (event) => event.waitUntil(clients.claim()));
    addEventListener("fetch", (event) => { if (event.request.method == "GET") event.respondWith(caches.match(event.request)); });
"""


def test_a_reload_while_offline_loses_nothing(collector, site, page, context):
    site.pages["/attune.js"] = page.request.get(collector.origin + "/attune.js").text()
    site.pages["/worker.js"] = WORKER
    site.pages["/"] = f'<script async src="/attune.js" data-key="att_pk_test" data-host="{collector.origin}"></script>'
    page.goto(site.origin)
    wait_for_tracker(page)
    page.evaluate("navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => 0)")
    flush(page)
    until(page, lambda: collector.names() == ["page"] and queued(page) == [])
    # The emulation lets the requests of a page that ends through: the collector does not answer them.
    collector.fault = Fault(0)
    context.set_offline(True)
    page.evaluate("attune('track', 'before_reload', { product_id: '1' })")
    flush(page)
    page.wait_for_timeout(200)
    page.reload()
    wait_for_tracker(page)
    page.evaluate("attune('track', 'after_reload')")
    flush(page)
    page.wait_for_timeout(200)
    assert collector.names() == ["page"]
    collector.fault = Fault(200)
    context.set_offline(False)
    flush(page)
    until(page, lambda: {"before_reload", "after_reload"} <= set(collector.names()))
    assert collector.names().count("page") == 2
    until(page, lambda: queued(page) == [])


def test_offline_keeps_the_last_hundred_and_nothing_older_than_the_gateway_remembers(ready, collector, page):
    collector.fault = Fault(0)
    page.clock.install()
    ready()
    page.evaluate("attune('track', 'old')")
    page.clock.fast_forward(46 * 3600 * 1000)
    page.evaluate("attune('track', 'newer')")
    page.clock.fast_forward(2 * 3600 * 1000)
    page.wait_for_timeout(200)
    flush(page)
    page.wait_for_timeout(200)
    assert [event.get("event") for event in queued(page)] == ["newer"]
    page.evaluate("for (let i = 0; i < 300; i++) attune('track', 'e' + i)")
    flush(page)
    page.wait_for_timeout(300)
    flush(page)
    page.wait_for_timeout(300)
    names = [event["event"] for event in queued(page)]
    assert len(names) <= 121 and names[-1] == "e299"


def test_a_closed_tab_tells_its_end(ready, collector, page, context):
    keeper = context.new_page()
    ready()
    page.wait_for_timeout(300)
    page.evaluate("attune('track', 'last')")
    page.close(run_before_unload=True)
    until(keeper, lambda: set(collector.names()) == {"page", "last", "page_engagement"})


def test_a_navigation_tells_the_end_of_a_page_and_the_next_page_makes_sure(ready, collector, site, page):
    ready("/one")
    page.wait_for_timeout(300)
    page.goto(site.origin + "/two")
    wait_for_tracker(page)
    until(page, lambda: collector.names() == ["page", "page_engagement"])
    flush(page)
    until(page, lambda: collector.names() == ["page", "page_engagement", "page"])
    until(page, lambda: queued(page) == [])
    assert len({event["context"]["sessionId"] for event in collector.taken()}) == 1


def test_what_a_page_could_not_send_is_sent_by_the_next(ready, collector, site, page):
    collector.fault = Fault(503)
    ready()
    page.evaluate("attune('track', 'kept')")
    page.goto(site.origin + "/two")
    wait_for_tracker(page)
    collector.fault = Fault(200)
    flush(page)
    until(page, lambda: "kept" in collector.names())
    until(page, lambda: queued(page) == [])


def test_two_tabs_keep_to_their_own_events(ready, collector, page, context):
    collector.fault = Fault(503)
    ready()
    other = context.new_page()
    ready(on=other)
    for number in range(5):
        page.evaluate(f"attune('track', 'here{number}')")
        other.evaluate(f"attune('track', 'there{number}')")
    flush(page), flush(other), page.wait_for_timeout(300)
    assert len(queued(page)) == 12, "neither tab writes over the other's queue"
    collector.fault = Fault(200)
    before = len(posts(collector))
    flush(page), flush(other)
    until(page, lambda: len(collector.taken()) == 12)
    page.wait_for_timeout(300)
    sent = [event["messageId"] for request in posts(collector)[before:] for event in request.body["batch"]]
    assert len(sent) == len(set(sent)) == 12, "nothing is sent by both"
    assert queued(page) == []
    assert len({event["anonymousId"] for event in collector.taken()}) == 1 == len({e["context"]["sessionId"] for e in collector.taken()})


def test_the_queue_of_a_tab_that_crashed_is_taken_over_after_its_lease(ready, collector, page, context):
    page.clock.install()
    ready()
    event = {"timestamp": page.evaluate("new Date().toISOString()"), "type": "track", "messageId": "m1", "event": "orphan"}
    page.evaluate("([key, event]) => localStorage[key] = [Date.now() + 6e5, JSON.stringify(event)].join('\\n')", [QUEUE + "dead", event])
    flush(page)
    until(page, lambda: collector.names() == ["page"])
    page.clock.run_for(660_000)
    flush(page)
    until(page, lambda: "orphan" in collector.names())
    assert stored(page).get(QUEUE + "dead") is None


def test_the_budget_of_keepalive_requests(ready, collector, page):
    collector.fault = Fault(200, delay_seconds=0.5)
    ready()
    page.evaluate("for (let i = 0; i < 12; i++) attune('track', 'big' + i, { text: 'ü'.repeat(5000) })")
    set_visible(page, False)
    until(page, lambda: len(posts(collector)) >= 1)
    page.wait_for_timeout(200)
    first = posts(collector)
    sizes = [len(request.text.encode()) for request in first]
    assert 40_000 < sum(sizes) <= 65_536, sizes
    collector.fault = Fault(200)
    until(page, lambda: len(collector.taken()) >= 13, 15)
    assert all(len(request.text.encode()) <= 65_536 for request in posts(collector))
    assert len([1 for request in posts(collector) for _ in request.body["batch"]]) == len(collector.taken())


def test_an_event_that_no_request_can_carry_is_left_out(ready, collector, page):
    ready()
    page.evaluate("attune('track', 'huge', { text: 'x'.repeat(40000) }); attune('track', 'small')")
    flush(page)
    until(page, lambda: collector.names() == ["page", "small"])
