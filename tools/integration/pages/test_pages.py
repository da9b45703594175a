"""What an operator does in a browser."""

import re
import time

import pytest
from playwright.sync_api import expect

from conftest import USERS


def test_signs_in_and_out(visit, tenant):
    visitor = visit()
    page = visitor.page
    page.goto("/profiles?q=agent-004")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.get_by_label("Secret key").fill(tenant.key())
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/profiles\?q=agent-004$"))
    cookie = visitor.context.cookies()[0]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto("/keys")
    expect(page).to_have_url(re.compile("/login"))
    # A copy of the cookie opens nothing either.
    visitor.context.add_cookies([cookie])
    page.goto("/keys")
    expect(page).to_have_url(re.compile("/login"))


def test_refuses_a_wrong_key_without_a_hint(visit, tenant):
    visitor = visit()
    page = visitor.page
    page.goto("/login")
    page.get_by_label("Secret key").fill("att_sk_nonsense")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not valid for sign-in")
    assert "att_sk_nonsense" not in page.content()
    # The browser itself notes every answer of 400 and above.
    visitor.complaints = [text for text in visitor.complaints if "401" not in text]


def test_overview_is_alive(page):
    expect(page.locator('[data-live="users"]')).to_have_text(str(USERS))
    expect(page.get_by_role("img", name="Feature uses by hour of the day")).to_be_visible()
    page.get_by_text("Show as a table").first.click()
    expect(page.get_by_role("rowheader", name="09:00").first).to_be_visible()
    page.get_by_role("link", name="Lead Follow-up").click()
    expect(page.get_by_label("Feature used")).to_have_value("lead-follow-up")


def test_searches_filters_and_pages(page):
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Profiles").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    seen = set()
    while True:
        seen |= set(page.locator("tbody th a").all_text_contents())
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        following.click()
    assert len(seen) == USERS
    page.get_by_label("User ID").fill("AGENT-029")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_label("Feature used").select_option("market-analysis")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"q=AGENT-029&feature=market-analysis"))
    filtered = page.locator("tbody tr").count()
    assert 0 < filtered < 10
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(filtered)
    page.get_by_label("User ID").fill("nobody-at-all")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="No matching users")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(page).to_have_url(re.compile("/profiles$"))


def test_profile_says_why(page):
    page.goto("/profiles?q=agent-0007")
    page.get_by_role("link", name="agent-0007").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("agent-0007")
    for section in ("Dashboard, as the user sees it", "Activity by hour", "Features", "Timeline"):
        expect(page.get_by_role("heading", name=section)).to_be_visible()
    entries = page.locator(".entries > li")
    assert entries.count() >= 12
    assert page.locator(".entries > li .why").count() == entries.count()
    expect(page.locator(".timeline")).to_contain_text("Lead Follow-up")


BEHAVIORAL = "/api/ui-dashboard/behavioral-profiling-dashboard-ui"


def test_behavioral_profiles_are_made_and_filtered(visit, tenant):
    visitor = visit()
    page = visitor.sign_in(tenant.key())
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Behavior").click()
    expect(page).to_have_url(re.compile(BEHAVIORAL + "$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Behavioral profiles")
    page.get_by_role("link", name="Create profile").click()
    page.get_by_label("User ID").fill("agent-0150")
    page.get_by_label("Behavioral score").fill("91")
    page.get_by_label("Level", exact=True).select_option("low")
    page.get_by_label("Interests").fill("villas by the sea")
    page.get_by_role("button", name="Create profile").click()
    expect(page.get_by_role("alert")).to_contain_text("was not created")
    level = page.get_by_label("Level", exact=True)
    expect(level).to_be_focused()
    expect(level).to_have_accessible_description(re.compile("contradicts the score"))
    expect(page.get_by_label("User ID")).to_have_value("agent-0150")
    expect(page.get_by_label("Interests")).to_have_value("villas by the sea")
    level.select_option("")
    page.get_by_role("button", name="Create profile").click()
    expect(page.get_by_role("status")).to_contain_text("created for agent-0150: high")
    assert tenant.client().get("/api/behavioral-profiles/user/agent-0150").json()["behavioral_score"] == 91
    page.get_by_label("Engagement level").select_option("high")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("engagement_level=high$"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    for row in rows.all():
        expect(row).to_contain_text("high")
        expect(row).to_contain_text("Maintain engagement with premium content and exclusive offers")
        expect(row).to_contain_text("90% confidence")
    colours = set()
    for level in ("high", "medium", "low"):
        page.goto(f"{BEHAVIORAL}?engagement_level={level}")
        badge = page.locator("td .badge").first
        expect(badge).to_have_text(level)
        colours.add(badge.evaluate("element => getComputedStyle(element).backgroundColor"))
    assert len(colours) == 3
    # A user has one.
    page.goto(BEHAVIORAL)
    page.get_by_label("User ID").fill("agent-0150")
    page.get_by_label("Behavioral score").fill("5")
    page.keyboard.press("Enter")
    expect(page.get_by_label("User ID")).to_have_accessible_description("The user has a behavioral profile.")
    visitor.complaints = [text for text in visitor.complaints if "422" not in text and "409" not in text]


def test_behavioral_profiles_page_by_page_without_javascript(visit, tenant):
    page = visit(java_script_enabled=False).sign_in(tenant.key())
    page.goto(f"{BEHAVIORAL}?limit=4")
    seen = []
    while True:
        seen += page.locator("tbody th a").all_text_contents()
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        following.click()
    assert len(seen) == len(set(seen)) and set(seen) >= {f"agent-{number:04}" for number in range(1, 10)}


def test_makes_rotates_and_revokes_a_key(page, server):
    page.goto("/keys")
    page.get_by_label("Label").fill("night job")
    page.get_by_role("button", name="Create key").click()
    key = page.get_by_label(re.compile("secret key")).input_value()
    assert server.client(key).get("/api/playbook").status == 200
    page.get_by_role("link", name="Done").click()
    assert key not in page.content()
    row = page.get_by_role("row", name=re.compile("night job"))
    row.get_by_role("link", name="Rotate").click()
    page.get_by_label("Keep the old key working for").select_option("3600")
    page.get_by_role("button", name="Rotate key").click()
    fresh = page.get_by_label(re.compile("secret key")).input_value()
    assert fresh != key and server.client(key).get("/api/playbook").status == 200
    page.goto("/keys")
    expect(page.get_by_role("row", name=re.compile(key[7:15]))).to_contain_text("Expires in")
    page.get_by_role("row", name=re.compile(fresh[7:15])).get_by_role("link", name="Revoke").click()
    with page.expect_response(lambda answer: answer.url.endswith("/revoke") and answer.request.method == "POST") as revoked:
        page.get_by_role("button", name="Revoke key").click()
    assert revoked.value.status == 303
    expect(page.get_by_role("row", name=re.compile(fresh[7:15]))).to_contain_text("Revoked")
    assert server.client(fresh).get("/api/playbook").status == 401


def test_live_numbers_go_on_pause_and_go_on(page, tenant):
    uses = page.locator('[data-live="uses"]')
    path = "/api/personalization/users/agent-0001/feature-usage"

    def use() -> None:
        assert tenant.client().post(path, {"feature": "brand-audit"}).status == 202

    before = int(uses.text_content())
    use()
    expect(uses).to_have_text(str(before + 1), timeout=5000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").first).to_have_text("Paused")
    use()
    time.sleep(2.5)
    expect(uses).to_have_text(str(before + 1))
    page.get_by_role("button", name="Resume").click()
    expect(uses).to_have_text(str(before + 2), timeout=5000)


def test_by_keyboard_alone(visit, tenant):
    page = visit().page
    page.goto("/login")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "key":
            break
    page.keyboard.type(tenant.key())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Overview", exact=True).wait_for()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.goto("/profiles")
    for _ in range(40):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.getAttribute('href')") or "").startswith("/profiles/"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("agent-")


def test_without_javascript(visit, tenant):
    page = visit(java_script_enabled=False).sign_in(tenant.key())
    expect(page.locator('[data-live="users"]')).to_have_text(str(USERS))
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    page.goto("/profiles")
    page.get_by_label("User ID").fill("agent-0042")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="agent-0042").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("agent-0042")
    page.goto("/keys")
    page.get_by_label("Label").fill("no script")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_label(re.compile("secret key"))).to_have_value(re.compile("^att_sk_"))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login$"))


@pytest.mark.parametrize("before, after", [("\u0600", ""), ("", "\u0301")])
def test_text_is_escaped_whatever_it_is_joined_with(page, tenant, before, after):
    """A sign that makes one character of itself and its neighbour does not hide the neighbour."""
    hostile = "".join(before + sign + after for sign in "<>&\"'") + f"{before}<i id=injected {before}>{after}"
    api = tenant.client()
    assert api.put("/api/personalization/users/joined/goals", {"shortTerm": [hostile], "longTerm": []}).ok
    try:
        page.goto("/profiles/joined")
        expect(page.locator(".goals")).to_contain_text(hostile)
        assert page.locator("#injected").count() == 0
    finally:
        api.delete("/api/personalization/users/joined")


def test_hostile_ids_are_text(page, tenant):
    segment = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%2F..%2F%22'"
    assert tenant.client().put(f"/api/personalization/users/{segment}/goals", {"shortTerm": ["<svg onload=alert(2)>"], "longTerm": []}).ok
    try:
        page.goto("/profiles?q=onerror")
        page.locator("tbody th a").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("<img src=x onerror=alert(1)>/../\"'")
        expect(page.locator(".goals")).to_contain_text("<svg onload=alert(2)>")
    finally:
        tenant.client().delete(f"/api/personalization/users/{segment}")


@pytest.mark.parametrize("signal_seconds", [5])
def test_a_live_stream_does_not_hold_up_the_drain(chromium, tmp_path, signal_seconds):
    from conftest import Visitor
    from harness.server import Server

    with Server(tmp_path / "data", ATTUNE_PUBLIC_URL="") as server:
        visitor = Visitor(chromium, server)
        visitor.sign_in(server.create_tenant("acme").key())
        # The stream is open once it has said something.
        visitor.page.wait_for_timeout(1500)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < signal_seconds
        visitor.context.close()
