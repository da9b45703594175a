"""How the pages look and whether everybody can use them: axe in both themes, phone width, pictures to look at."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import DESKTOP, PHONE, SCREENSHOTS

PAGES = {
    "overview": "/",
    "profiles": "/profiles",
    "profiles-none": "/profiles?q=nobody",
    "profile": "/profiles/agent-0007",
    "behavioral": "/api/ui-dashboard/behavioral-profiling-dashboard-ui?limit=6",
    "behavioral-none": "/api/ui-dashboard/behavioral-profiling-dashboard-ui?after_id=100000",
    "behavioral-wrong": None,
    "privacy": "/privacy?requests=all",
    "privacy-log": "/privacy/log",
    "keys": "/keys",
    "rotate": None,
    "revoke": None,
    "newkey": None,
}
BEHAVIORAL = "/api/ui-dashboard/behavioral-profiling-dashboard-ui"


def complaints(page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    return [
        f"{violation['id']}: {violation['help']}: {[node['html'][:160] for node in violation['nodes'][:3]]}"
        for violation in found.response["violations"]
    ]


def go(page, name: str) -> None:
    path = PAGES[name]
    if path:
        page.goto(path)
        return
    if name == "behavioral-wrong":
        page.goto(BEHAVIORAL)
        page.get_by_label("User ID").fill("agent-0001")
        page.get_by_label("Behavioral score").fill("120")
        page.get_by_label("Level", exact=True).select_option("high")
        page.get_by_role("button", name="Create profile").click()
        page.get_by_role("alert").wait_for()
        return
    page.goto("/keys")
    if name == "newkey":
        page.get_by_label("Label").fill("picture")
        page.get_by_role("button", name="Create key").click()
    else:
        page.get_by_role("row", name=re.compile("shop front")).get_by_role("link", name=name.title()).click()


def picture(page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_every_page(visit, tenant, theme, width):
    size = DESKTOP if width == "desktop" else PHONE
    visitor = visit(color_scheme=theme, viewport=size, device_scale_factor=1)
    page = visitor.page
    problems = {}

    def look(name: str) -> None:
        picture(page, f"{name}-{theme}-{width}")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = complaints(page) + ([f"scrolls {overflow} px sideways"] if overflow > 0 else [])
        if found:
            problems[name] = found

    page.goto("/login")
    look("login")
    page.goto("/nothing-here")
    look("error")
    visitor.complaints = [text for text in visitor.complaints if "404" not in text]
    visitor.sign_in(tenant.key())
    for name in PAGES:
        go(page, name)
        look(name)
    visitor.complaints = [text for text in visitor.complaints if "422" not in text]
    assert problems == {}


def test_an_empty_tenant_says_what_to_do(visit, server):
    empty = server.create_tenant("empty")
    page = visit().sign_in(empty.key())
    expect(page.get_by_role("heading", name="No users yet")).to_be_visible()
    expect(page.locator("pre").first).to_contain_text("curl -u $KEY:")
    picture(page, "overview-empty")
    assert complaints(page) == []
    page.goto("/profiles")
    expect(page.get_by_role("heading", name="No users yet")).to_be_visible()
    picture(page, "profiles-empty")
    assert complaints(page) == []


def test_large_text_on_a_small_screen(visit, tenant):
    """At 320 px, which is what 1280 px are at 400 % (WCAG 1.4.10)."""
    page = visit(viewport={"width": 320, "height": 640}).sign_in(tenant.key())
    for path in filter(None, PAGES.values()):
        page.goto(path)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, path


# Every word of a label, heading or table head that stands on two lines, and everything that sticks out of the page or its scroller.
BROKEN = """() => {
    const found = [];
    for (const element of document.querySelectorAll("a, button, label, legend, summary, h1, h2, h3, th, dt, .state, .badge, .label, .figure")) {
        if (element.closest(".sr, .id, .user, pre, code") || !element.getClientRects().length) continue;
        const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        for (let text; (text = texts.nextNode()); ) {
            if (text.parentElement.closest(".sr, code, .id")) continue;
            for (const { 0: word, index } of text.data.matchAll(/[^\\s-]+/g)) {
                const range = document.createRange();
                range.setStart(text, index);
                range.setEnd(text, index + word.length);
                if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(`broken: ${word}`);
            }
        }
        const { left, right } = element.getBoundingClientRect();
        if (right - left > 1 && (right > innerWidth + 1 || left < -1)) found.push(`cut: ${element.textContent.trim().slice(0, 40)}`);
    }
    for (const scroller of document.querySelectorAll(".scroll"))
        if (scroller.scrollWidth > scroller.clientWidth + 1) found.push(`scrolls: ${scroller.getAttribute("aria-label")}`);
    return found;
}"""


@pytest.mark.parametrize("font", ["DejaVu Sans", "Liberation Sans"])
@pytest.mark.parametrize("width", [320, 390, 430])
def test_no_word_is_broken_and_nothing_is_cut(visit, tenant, width, font):
    """On phones, with the widest usual font and with a narrow one."""
    api = tenant.client()
    made = api.post("/api/privacy/requests", {"type": "portability", "userId": "narrow"}).json()
    assert api.post(f"/api/privacy/requests/{made['id']}/completion").ok
    assert api.post("/api/personalization/users/narrow/feature-usage", {"feature": "brand-audit"}).ok
    assert api.delete("/api/privacy/users/narrow").ok
    page = visit(viewport={"width": width, "height": 800}, bypass_csp=True).sign_in(tenant.key())
    found = {}
    for path in filter(None, PAGES.values()):
        page.goto(path)
        page.add_style_tag(content=f":root {{ --sans: '{font}', sans-serif !important; }}")
        if broken := page.evaluate(BROKEN):
            found[path] = broken
    assert found == {}
