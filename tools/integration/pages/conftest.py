"""A browser over a server with a filled tenant. Everything that a page complains of on the console fails its test."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from harness.server import ROOT, Server  # noqa: E402

SCREENSHOTS = ROOT / ".build" / "screenshots"
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
USERS = 300


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("pages") / "data", ATTUNE_PUBLIC_URL="") as running:
        yield running


@pytest.fixture(scope="session")
def tenant(server):
    tenant = server.create_tenant("demo", "--grant", "ai")
    filled = server.must("demo", "fill", "--tenant", "demo", "--users", str(USERS))
    assert filled["users"] == USERS
    client = tenant.client()
    for user in ("agent-0007", "agent-0042"):
        client.get(f"/api/personalization/users/{user}/dashboard")
    for _ in range(7):
        client.post("/api/personalization/users/agent-0007/feature-usage", {"feature": "lead-follow-up"})
    for number in range(1, 10):
        body = {"user_id": f"agent-{number:04}", "behavioral_score": number * 10 + 0.5, "interests": "homes, gardens" if number % 2 else ""}
        assert client.post("/api/behavioral-profiles", body | ({"lead_id": number} if number % 3 else {})).status == 201
    tenant.new_key("publishable", "--label", "shop front", "--origin", "https://shop.example")
    return tenant


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """One browser profile, and what its console said."""

    def __init__(self, browser, server, **options):
        self.base = f"http://127.0.0.1:{server.port}"
        self.context = browser.new_context(base_url=self.base, **({"viewport": DESKTOP} | options))
        self.complaints: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def sign_in(self, key: str):
        self.page.goto("/login")
        self.page.get_by_label("Secret key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Overview", exact=True).wait_for()
        return self.page


@pytest.fixture
def visit(chromium, server):
    visitors = []

    def make(**options) -> Visitor:
        visitors.append(Visitor(chromium, server, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.complaints for visitor in visitors if visitor.complaints] == []


@pytest.fixture
def page(visit, tenant):
    """Signed in."""
    return visit().sign_in(tenant.key())
