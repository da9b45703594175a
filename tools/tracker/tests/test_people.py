"""Visitors, users, sessions, and the calls of a page."""

from conftest import flush, stored, until, wait_for_tracker

SNIPPET = "window.attune=window.attune||function(){(attune.q=attune.q||[]).push(arguments)};"


def test_calls_before_the_script_is_there(collector, site, page):
    site.page("/", before=SNIPPET + "attune('identify', 7, { plan: 'pro' }); attune('track', 'early', { product_id: '1' })")
    page.goto(site.origin)
    wait_for_tracker(page)
    flush(page)
    until(page, lambda: len(collector.taken()) == 3)
    identify, track, view = collector.taken()
    assert (identify["type"], identify["userId"], identify["traits"]) == ("identify", "7", {"plan": "pro"})
    assert (track["event"], track["properties"], track["userId"]) == ("early", {"product_id": "1"}, "7")
    assert (view["type"], view["userId"]) == ("page", "7")
    assert len({event["anonymousId"] for event in collector.taken()}) == 1


def test_a_visitor_returns_and_a_user_stays_known(ready, collector, page):
    ready()
    page.evaluate("attune('identify', 'ada')")
    page.reload()
    wait_for_tracker(page)
    flush(page)
    until(page, lambda: collector.names().count("page") == 2)
    assert len({event["anonymousId"] for event in collector.taken()}) == 1
    assert [event.get("userId") for event in collector.taken() if event["type"] != "track"] == [None, "ada", "ada"]


def test_reset_and_another_user_are_somebody_new(ready, collector, page):
    ready()
    page.evaluate("attune('identify', 'ada'); attune('reset'); attune('track', 'x')")
    page.evaluate("attune('identify', 'ben'); attune('identify', 'eve'); attune('identify', 'eve')")
    flush(page)
    until(page, lambda: len(collector.taken()) == 6)
    ids = [event["anonymousId"] for event in collector.taken()]
    assert ids[0] == ids[1] != ids[2] == ids[3] != ids[4] == ids[5], "a shared browser does not join two users"
    assert [event.get("userId") for event in collector.taken()] == [None, "ada", None, "ben", "eve", "eve"]


def test_a_user_named_in_one_tab_is_known_in_the_other(ready, collector, page, context):
    ready()
    other = context.new_page()
    ready(on=other)
    other.evaluate("attune('identify', 'ada')")
    page.evaluate("attune('track', 'x')")
    flush(page)
    until(page, lambda: "x" in collector.names())
    assert collector.taken()[-1]["userId"] == "ada"


def sessions(page, collector, waits):
    """The session of an event after each of the waits, in milliseconds."""
    page.clock.install()
    for wait in waits:
        page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
        page.clock.fast_forward(wait)
        page.evaluate("attune('track', 'x')")
        flush(page)
        page.wait_for_timeout(60)
    until(page, lambda: collector.names().count("x") == len(waits))
    return [event["context"]["sessionId"] for event in collector.taken() if event.get("event") == "x"]


def test_thirty_minutes_of_silence_end_a_session(ready, collector, page):
    ready()
    first, second, third, fourth = sessions(page, collector, [0, 29 * 60_000, 29 * 60_000, 31 * 60_000])
    assert first == second == third != fourth


def test_a_day_ends_a_session_that_is_never_silent(ready, collector, page):
    ready()
    seen = sessions(page, collector, [0] + [25 * 60_000] * 60)
    assert len(set(seen)) == 2
    assert seen[57] == seen[0] != seen[58], "24 hours are 57.6 times 25 minutes"


def test_reading_for_long_is_not_silence(ready, collector, page):
    page.clock.install()
    ready()
    page.clock.fast_forward(50 * 60_000)
    page.evaluate("dispatchEvent(new Event('blur'))")
    page.evaluate("attune('track', 'x')")
    flush(page)
    until(page, lambda: "x" in collector.names())
    assert len({event["context"]["sessionId"] for event in collector.taken()}) == 1


def test_embedded_twice_counts_once(collector, site, page):
    site.page("/", content=f'<script src="{collector.origin}/attune.js" data-key="att_pk_test"></script>')
    page.goto(site.origin)
    wait_for_tracker(page)
    page.wait_for_timeout(300)
    flush(page)
    until(page, collector.taken)
    page.wait_for_timeout(300)
    assert collector.names() == ["page"]


def test_another_host_by_option(collector, site, page):
    site.pages["/attune.js"] = page.request.get(collector.origin + "/attune.js").text()
    site.pages["/"] = f'<script async src="/attune.js" data-key="k" data-host="{collector.origin}"></script>'
    page.goto(site.origin)
    wait_for_tracker(page)
    flush(page)
    until(page, lambda: collector.names() == ["page"])
    assert collector.requests[0].body["writeKey"] == "k"
    assert {key.rsplit(".", 1)[0] for key in stored(page)} <= {"attune.k"}
