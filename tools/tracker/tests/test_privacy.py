"""What must not be stored or sent, and when."""

import pytest
from conftest import flush, set_visible, stored, until, wait_for_tracker

REFUSALS = {
    "global privacy control": 'Object.defineProperty(navigator, "globalPrivacyControl", { get: () => window.signal !== false })',
    "do not track": 'Object.defineProperty(navigator, "doNotTrack", { get: () => window.signal === false ? null : "1" })',
}
SNIPPET = "window.attune = window.attune || function () { (attune.q = attune.q || []).push(arguments) };"


def use_everything(page):
    """All that could store or send something."""
    page.evaluate("""() => {
        attune("track", "add_to_cart", { product_id: "1" });
        attune("identify", "ada", { plan: "pro" });
        attune("page");
        attune("reset");
        history.pushState(0, "", "/elsewhere");
        document.body.click();
    }""")
    page.wait_for_timeout(100)
    set_visible(page, False)
    flush(page)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.wait_for_timeout(200)


def assert_untouched(page, context, collector):
    assert collector.requests == []
    assert stored(page) == {}
    assert page.evaluate("sessionStorage.length") == 0
    assert context.cookies() == []
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


@pytest.mark.parametrize("signal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_signal_of_the_browser(ready, collector, site, page, context, signal):
    site.page("/", before=signal)
    ready()
    use_everything(page)
    assert_untouched(page, context, collector)
    page.evaluate("attune('optIn')")
    use_everything(page)
    assert_untouched(page, context, collector)


@pytest.mark.parametrize("signal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_signal_that_comes_later_ends_it(ready, collector, site, page, signal):
    site.page("/", before="window.signal = false;" + signal)
    ready()
    assert stored(page) != {}
    page.evaluate("window.signal = true")
    use_everything(page)
    assert collector.requests == []


def test_an_opt_out_called_before_the_script_is_there(site, collector, context, page):
    site.page("/", before=SNIPPET + "attune('optOut'); attune('track', 'x')")
    page.goto(site.origin)
    wait_for_tracker(page)
    use_everything(page)
    assert collector.requests == [] and stored(page) == {"attune.att_pk_test.out": "1"}


@pytest.mark.parametrize("options", ["", "data-cookieless"])
def test_an_opt_out_forgets_all_and_lasts(ready, collector, site, page, context, options):
    site.page("/", options=options)
    ready()
    page.evaluate("attune('track', 'x')")
    page.evaluate("attune('optOut')")
    assert stored(page) == {"attune.att_pk_test.out": "1"}
    use_everything(page)
    page.reload()
    wait_for_tracker(page)
    use_everything(page)
    other = context.new_page()
    ready(on=other)
    use_everything(other)
    assert collector.requests == [] and stored(page) == {"attune.att_pk_test.out": "1"}


def test_an_opt_out_in_another_tab_counts_here(ready, collector, page, context):
    ready()
    other = context.new_page()
    ready(on=other)
    other.evaluate("attune('optOut')")
    use_everything(page)
    assert collector.requests == [] and stored(page) == {"attune.att_pk_test.out": "1"}


def test_an_opt_out_while_a_request_fails_stores_nothing(ready, collector, page):
    from collector import Fault

    collector.fault = Fault(503, delay_seconds=0.4)
    ready()
    flush(page)
    until(page, lambda: collector.requests)
    page.evaluate("attune('optOut')")
    page.wait_for_timeout(700)
    assert stored(page) == {"attune.att_pk_test.out": "1"}


def test_an_opt_in_starts_again_as_somebody_new(ready, collector, page):
    ready()
    flush(page)
    until(page, lambda: collector.names() == ["page"])
    page.evaluate("attune('optOut'); attune('optIn')")
    flush(page)
    until(page, lambda: collector.names() == ["page", "page"])
    first, second = collector.taken()
    assert first["anonymousId"] != second["anonymousId"] and first["context"]["sessionId"] != second["context"]["sessionId"]
    page.evaluate("attune('optIn')")
    flush(page)
    page.wait_for_timeout(200)
    assert collector.names() == ["page", "page"], "an opt-in of somebody who is in is not a page view"


def test_consent_first(ready, collector, site, page, context):
    site.page("/", options="data-consent")
    ready()
    use_everything(page)
    assert_untouched(page, context, collector)
    set_visible(page, True)
    page.evaluate("attune('optIn')")
    flush(page)
    until(page, lambda: collector.names() == ["page"])


def test_cookieless_sends_but_stores_nothing(ready, collector, site, page, context):
    site.page("/", options="data-cookieless")
    ready()
    page.evaluate("attune('track', 'a')")
    page.wait_for_timeout(50)
    assert stored(page) == {}
    flush(page)
    until(page, lambda: len(collector.taken()) == 2)
    page.reload()
    wait_for_tracker(page)
    set_visible(page, False)
    until(page, lambda: collector.names().count("page") == 2)
    assert stored(page) == {} and context.cookies() == [] and page.evaluate("sessionStorage.length") == 0
    ids = [event["anonymousId"] for event in collector.taken() if event["type"] != "track" or event["event"] == "a"]
    assert ids[0] == ids[1] != ids[-1], "an id lives as long as its page"
