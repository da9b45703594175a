"""Page views, engagement, clicks: what is seen of a page."""

import re
from datetime import datetime

import pytest
from conftest import flush, set_visible, until, wait_for_tracker


def test_the_first_page_view_is_complete(ready, collector, site):
    page = ready("/shop?q=1")
    until(page, collector.taken, 8)
    (request,) = collector.requests
    assert request.headers["content-type"] == "text/plain;charset=UTF-8"
    assert "authorization" not in request.headers and "cookie" not in request.headers
    assert request.body["writeKey"] == "att_pk_test" and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", request.body["sentAt"])
    (event,) = request.body["batch"]
    assert event["type"] == "page" and event["messageId"] and event["anonymousId"] and "userId" not in event
    context = event["context"]
    assert context["page"] == {
        "url": site.origin + "/shop?q=1", "path": "/shop", "referrer": "", "title": "Title", "search": "?q=1",
    }
    assert (context["timezone"], context["locale"], context["library"]) == ("Europe/Vienna", "de-AT", {"name": "attune.js"})
    assert context["sessionId"]


ROUTES = [
    ("history.pushState(0, '', '/two')", ["/two"]),
    ("history.replaceState(0, '', '/two')", ["/two"]),
    ("history.pushState(0, '', '?page=2')", ["/"]),
    ("history.replaceState(0, '', '?filter=2')", []),
    ("history.replaceState({}, '')", []),
    ("history.pushState(0, '', '#chapter')", []),
    ("location.hash = 'chapter'", []),
    ("location.hash = '/inside'", ["/"]),
    ("history.pushState(0, '', '/two'); history.replaceState(0, '', '/three')", ["/three"]),
]


@pytest.mark.parametrize("script,paths", ROUTES)
def test_routes_of_a_single_page_application(ready, collector, script, paths):
    page = ready()
    page.evaluate(script)
    page.evaluate("document.title = 'Changed'")
    page.wait_for_timeout(50)
    flush(page)
    until(page, collector.taken)
    views = [event["context"]["page"]["path"] for event in collector.taken() if event["type"] == "page"]
    assert views == ["/", *paths]


def test_a_router_with_its_titles_referrers_and_the_way_back(ready, collector, site):
    page = ready()
    # A page that was looked at for less than a tenth of a second has no engagement to tell of.
    page.wait_for_timeout(400)
    page.evaluate("history.pushState(0, '', '/two'); document.title = 'Two'")
    page.wait_for_timeout(400)
    page.evaluate("history.back()")
    page.wait_for_timeout(400)
    flush(page)
    until(page, lambda: len(collector.taken()) >= 5)
    views = [event["context"]["page"] for event in collector.taken() if event["type"] == "page"]
    assert [(view["path"], view["title"]) for view in views[:2]] == [("/", "Title"), ("/two", "Two")]
    assert [view["path"] for view in views] == ["/", "/two", "/"]
    assert [view["referrer"] for view in views] == ["", site.origin + "/", site.origin + "/two"]
    ends = [event for event in collector.taken() if event.get("event") == "page_engagement"]
    assert [event["context"]["page"]["path"] for event in ends] == ["/", "/two"], "an end belongs to the page that ended"


def test_pushState_still_answers_and_still_throws(ready):
    page = ready()
    assert page.evaluate("history.pushState(1, '', '/x') === undefined && history.state == 1")
    assert page.evaluate("try { history.pushState(0, '', 'https://other.example/') } catch (error) { error.name }") == "SecurityError"


def test_back_forward_cache(ready, collector, site, page):
    site.page("/other", before="")
    ready()
    page.evaluate("addEventListener('pageshow', (event) => window.persisted = event.persisted)")
    page.goto(site.origin + "/other")
    wait_for_tracker(page)
    page.evaluate("history.back()")
    page.wait_for_timeout(800)
    assert page.evaluate("window.persisted") is True, "the tracker keeps the page out of the cache"
    flush(page)
    until(page, lambda: collector.names().count("page") == 3)
    assert [event["context"]["page"]["path"] for event in collector.taken() if event["type"] == "page"] == ["/", "/other", "/"]


def test_engaged_time_is_visible_and_focused(ready, collector, page):
    page.clock.install(time=datetime(2026, 1, 1, 12))
    ready()
    page.clock.pause_at(datetime(2026, 1, 1, 13))  # from here on time is what the test makes it
    set_visible(page, False)
    set_visible(page, True)
    page.clock.run_for(3000)
    page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    page.clock.run_for(60_000)
    page.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))")
    page.clock.run_for(2000)
    set_visible(page, False)
    page.clock.run_for(60_000)
    set_visible(page, True)
    page.clock.run_for(1000)
    set_visible(page, False)
    until(page, lambda: collector.names().count("page_engagement") == 3)
    # Two requests that are under way at a time may arrive in either order.
    told = sorted((event["timestamp"], event["properties"]["dwellSeconds"]) for event in collector.taken() if event.get("event") == "page_engagement")
    seconds = [dwell for _, dwell in told]
    assert seconds[1:] == [5, 1], "each tells what the one before did not"


def test_scroll_depth(ready, collector, site, page):
    site.page("/", content="<div style='height:4000px'></div>")
    page.set_viewport_size({"width": 800, "height": 1000})
    ready()
    page.evaluate("document.body.style.margin = 0; scrollTo(0, 2000)")
    page.wait_for_timeout(200)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(200)
    set_visible(page, False)
    until(page, lambda: "page_engagement" in collector.names())
    assert collector.taken()[-1]["properties"]["scrollDepth"] == 75


def test_clicks_by_attributes_and_outbound_links(ready, collector, site, page):
    site.page("/", content="""
        <div data-attune-event="product_view" data-attune-product-id="12" data-attune-category="x"><b id="inner">card</b></div>
        <button id="stopped" data-attune-event="add_to_cart" data-attune-product-id="13" onclick="event.stopPropagation()">buy</button>
        <a id="out" href="https://other.example/there?x=1" onclick="event.preventDefault()" data-attune-campaign="spring">out</a>
        <a id="within" href="/#chapter">within</a> <a id="mail" href="mailto:a@b.example" onclick="event.preventDefault()">mail</a>
        <p id="plain">plain</p>""")
    ready()
    for name in ("inner", "stopped", "out", "within", "mail", "plain"):
        page.click(f"#{name}")
    flush(page)
    until(page, lambda: len(collector.taken()) >= 4)
    assert [(event["event"], event["properties"]) for event in collector.taken() if event["type"] == "track"] == [
        ("product_view", {"product_id": "12", "category": "x"}),
        ("add_to_cart", {"product_id": "13"}),
        ("outbound_click", {"url": "https://other.example/there?x=1", "campaign": "spring"}),
    ]


def test_automatic_off_sends_only_what_is_called(ready, collector, site, page):
    site.page("/", options='data-auto="off"', content='<b id="b" data-attune-event="product_view">x</b>')
    ready()
    page.click("#b")
    page.evaluate("history.pushState(0, '', '/two')")
    page.wait_for_timeout(200)
    set_visible(page, False)
    page.wait_for_timeout(200)
    assert collector.requests == []
    page.evaluate("attune('track', 'add_to_cart', { product_id: '1' }); attune('page', { section: 'a' })")
    flush(page)
    until(page, lambda: collector.names() == ["add_to_cart", "page"])
    assert collector.taken()[1]["properties"] == {"section": "a"}


def test_inside_a_frame(ready, collector, site, page):
    site.page("/outer", content='<iframe src="/inner"></iframe>')
    ready("/outer")
    frame = page.frames[1]
    frame.wait_for_function("window.attune && attune.on")
    frame.evaluate("attune('track', 'product_view', { product_id: '1' })")
    page.wait_for_timeout(50)
    for part in page.frames:
        part.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: len(collector.taken()) == 3)
    assert len({event["anonymousId"] for event in collector.taken()}) == 1 == len({e["context"]["sessionId"] for e in collector.taken()})
    assert {event["context"]["page"]["path"] for event in collector.taken()} == {"/outer", "/inner"}


def test_inside_a_sandboxed_frame_without_storage(ready, collector, site, page):
    site.page("/outer", options='data-auto="off"', content='<iframe sandbox="allow-scripts" src="/inner"></iframe>')
    ready("/outer")
    frame = page.frames[1]
    frame.wait_for_function("window.attune && attune.on")
    assert frame.evaluate("try { localStorage } catch (error) { error.name }") == "SecurityError"
    frame.evaluate("attune('track', 'a'); attune('track', 'b')")
    page.wait_for_timeout(50)
    frame.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: len(collector.taken()) == 3)
    assert len({event["anonymousId"] for event in collector.taken()}) == 1 == len({e["context"]["sessionId"] for e in collector.taken()})
    assert {request.headers["origin"] for request in collector.requests} == {"null"}
    assert all(request.method == "POST" for request in collector.requests)


def test_a_prerendered_page_counts_once_it_is_shown(ready, collector, site, page):
    site.page("/", before="""
        window.shown = false;
        Object.defineProperty(document, "prerendering", { get: () => !window.shown });
        window.attune = window.attune || function () { (attune.q = attune.q || []).push(arguments) };""")
    page.goto(site.origin)
    page.evaluate("attune('track', 'early')")
    page.wait_for_timeout(300)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(200)
    assert collector.requests == [] and page.evaluate("localStorage.length") == 0
    page.evaluate("window.shown = true; document.dispatchEvent(new Event('prerenderingchange'))")
    page.wait_for_timeout(100)
    flush(page)
    until(page, lambda: collector.names() == ["early", "page"])
