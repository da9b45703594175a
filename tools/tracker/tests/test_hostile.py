"""Pages and browsers that break what the tracker stands on: no error may reach the page (the context checks), and what can be sent is."""

import pytest
from conftest import flush, set_visible, stored, until, wait_for_tracker

HOSTILE = {
    "storage that cannot be reached": "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })",
    "storage that is null": "Object.defineProperty(window, 'localStorage', { value: null })",
    "storage that is full": "localStorage.x = 'x'.repeat(5 * 1024 * 1024 - 1)",
    "storage methods that throw": """for (const name of ["setItem", "getItem", "removeItem"])
        Storage.prototype[name] = () => { throw new Error("no") }""",
    "storage that throws at each touch": """Object.defineProperty(window, 'localStorage', { value: new Proxy({}, {
        get() { throw 1 }, set() { throw 1 }, ownKeys() { throw 1 }, deleteProperty() { throw 1 } }) })""",
    "corrupt storage": """localStorage['attune.att_pk_test.v'] = '{'; localStorage['attune.att_pk_test.qx'] = '\\u0000';
        localStorage['attune.att_pk_test.qy'] = '1\\nnot json'""",
    "fetch that throws": "window.fetch = () => { throw new Error('no') }",
    "fetch that answers nonsense": "window.fetch = () => 7",
    "fetch that fails with nothing": "window.fetch = () => Promise.reject()",
    "fetch that is gone": "delete window.fetch; window.fetch = undefined",
    "JSON that throws": "JSON.stringify = JSON.parse = () => { throw new Error('no') }",
    "no crypto": "Object.defineProperty(window, 'crypto', { value: undefined })",
    "a frozen history": "Object.freeze(history)",
    "a frozen name": "Object.defineProperty(window, 'attune', { value: Object.freeze(() => 0) })",
    "timers that throw": "window.setTimeout = () => { throw new Error('no') }",
    "a queue of nonsense": "window.attune = () => 0; attune.q = [[], [1], ['no such call'], [null, 2], 'text', ['track']]",
    "no Blob": "delete window.Blob",
    "no Intl": "delete window.Intl",
}
STILL_SENDS = {
    "storage that cannot be reached", "storage that is null", "storage that is full", "storage methods that throw", "corrupt storage",
    "a frozen history", "a queue of nonsense",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_error_reaches_the_page(site, collector, page, name):
    site.page("/", before=HOSTILE[name])
    page.goto(site.origin)
    page.wait_for_timeout(150)
    page.evaluate("""() => {
        if (!window.attune) return;
        attune("track", "x", { product_id: "1" });
        attune("identify", "ada");
        attune("page");
        attune("reset");
        const circle = {};
        circle.circle = circle;
        attune("track", "circle", circle);
        attune("track", "trap", { get x() { throw new Error("no") } });
        attune();
        attune("no such call");
    }""")
    page.evaluate("history.pushState(0, '', '/two'); document.body.click(); document.dispatchEvent(new Event('click'))")
    flush(page)
    page.wait_for_timeout(150)
    set_visible(page, False)
    page.wait_for_timeout(150)
    page.evaluate("window.attune && (attune('optOut'), attune('optIn'), attune('track', 'y'))")
    flush(page)
    page.wait_for_timeout(150)
    if name in STILL_SENDS:
        until(page, lambda: "x" in collector.names())


def test_full_storage_keeps_one_visitor(site, collector, page):
    site.page("/", before=HOSTILE["storage that is full"])
    page.goto(site.origin)
    wait_for_tracker(page)
    page.evaluate("attune('track', 'a'); attune('track', 'b')")
    flush(page)
    until(page, lambda: len(collector.taken()) == 3)
    assert len({event["anonymousId"] for event in collector.taken()}) == 1 == len({e["context"]["sessionId"] for e in collector.taken()})


def test_a_content_security_policy_that_forbids_the_connection(site, collector, page):
    site.headers.append(("Content-Security-Policy", f"default-src 'self' 'unsafe-inline' {collector.origin}; connect-src 'self'"))
    page.goto(site.origin)
    wait_for_tracker(page)
    flush(page)
    page.wait_for_timeout(300)
    assert collector.requests == []
    assert any(".q" in key for key in stored(page)), "what could not be sent is kept"


def test_an_answer_without_cors_is_a_failure_and_no_error(site, collector, page):
    collector.allowed_origin = "https://other.example"
    page.goto(site.origin)
    wait_for_tracker(page)
    flush(page)
    page.wait_for_timeout(300)
    assert any(".q" in key for key in stored(page))


PATCHES = {
    "Prototype.js": "Array.prototype.toJSON = function () { return '[' + [].map.call(this, (item) => JSON.stringify(item)).join(', ') + ']' }",
    "toJSON everywhere": "for (const type of [Object, String, Number, Boolean]) type.prototype.toJSON = () => 'x'",
    "on every object": "Object.prototype.on = Object.prototype.each = Object.prototype.extend = function () {}",
    "no includes": "delete Array.prototype.includes; delete String.prototype.includes",
    "enumerable additions to arrays": "Array.prototype.contains = Array.prototype.last = function () {}",
    "a wrapped fetch": "window.fetch = ((original) => (...all) => ({ then: (...more) => original(...all).then(...more), catch: (work) => original(...all).catch(work) }))(fetch)",
}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_beside_libraries_that_patch_prototypes_each_visitor_is_itself(site, collector, page, browser, patch):
    site.page("/", before=patch)
    for visitor in range(2):
        context = browser.new_context()
        tab = context.new_page()
        for path in ("/", "/?second", "/?third"):
            tab.goto(site.origin + path)
            wait_for_tracker(tab)
            tab.evaluate("attune('track', 'x', { list: [1, 'two', { three: 3 }], when: new Date(0) })")
            flush(tab)
            tab.wait_for_timeout(150)
        until(tab, lambda visitor=visitor: collector.names().count("x") == 3 * (visitor + 1))
        context.close()
    events = collector.taken()
    ids = {event["anonymousId"] for event in events}
    assert len(ids) == 2 and all(len(name.split("-")) == 4 for name in ids)
    assert all(event.get("userId") is None for event in events)
    for event in events:
        if event.get("event") == "x":
            assert event["properties"] == {"list": [1, "two", {"three": 3}], "when": "1970-01-01T00:00:00.000Z"}
