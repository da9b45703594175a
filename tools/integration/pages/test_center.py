"""A person looks after their own data with a link, in a browser."""

import json
import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from conftest import PHONE
from harness.server import ROOT
from test_looks import complaints, picture


@pytest.fixture(scope="module")
def tenant(server):
    """One whose users nobody counts."""
    return server.create_tenant("people")


def without(visitor, *statuses: str) -> None:
    """The browser itself notes every answer of 400 and above."""
    visitor.complaints = [text for text in visitor.complaints if not any(status in text for status in statuses)]


def live(tenant, user: str) -> None:
    api = tenant.client()
    assert api.post(f"/api/personalization/users/{user}/feature-usage", {"feature": "brand-audit"}).ok
    batch = [{"type": "track", "event": "product_view", "userId": user, "messageId": f"{user}-{number}"} for number in range(3)]
    assert api.post("/api/track/batch", {"batch": batch}).ok


def enter(page, address: str) -> None:
    """Opens a link and presses its one button."""
    page.goto(address)
    page.get_by_role("button", name="Show my data").click()


def spend(client, address: str):
    """What the link's button sends."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return client.post("/privacy-center", address.split("?")[1], headers=form)


def link(tenant, user: str, scope: str = "privacy:export privacy:erase", seconds: int | None = None) -> str:
    return f"/privacy-center?token={tenant.token(user, scope, seconds)}"


def test_a_person_sees_takes_and_erases_with_the_keyboard(visit, tenant, server, tmp_path):
    live(tenant, "person")
    visitor = visit()
    page = visitor.page
    address = link(tenant, "person")
    page.goto(address)
    assert complaints(page) == []
    with page.expect_response(lambda answer: answer.request.method == "POST") as exchanged:
        page.get_by_role("button", name="Show my data").press("Enter")
    headers = exchanged.value.headers
    assert exchanged.value.status == 303 and headers["referrer-policy"] == "no-referrer" and "token" not in headers["location"]
    expect(page).to_have_url(re.compile("/privacy-center$"))
    cookie = visitor.context.cookies()[0]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and 0 < cookie["expires"] - time.time() <= 900
    expect(page.get_by_role("row", name=re.compile("Events"))).to_contain_text("3")
    for name in ("JSON", "CSV"):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download as {name}").press("Enter")
        text = download.value.path().read_text()
        assert "person-2" in text and download.value.suggested_filename == f"my-data.{name.lower()}"
    page.get_by_role("link", name="Erase everything").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase everything?")
    assert complaints(page) == []
    page.get_by_role("link", name="Cancel").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data")
    assert tenant.client().get("/api/privacy/users/person/export").json()["events"]
    page.get_by_role("link", name="Erase everything").press("Enter")
    page.get_by_role("button", name="Erase everything").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is erased")
    assert complaints(page) == []
    picture(page, "center-receipt")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").press("Enter")
    (tmp_path / "receipt.json").write_bytes(download.value.path().read_bytes())
    (tmp_path / "jwks.json").write_bytes(server.client().get("/tenants/people/.well-known/jwks.json").body)
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "verify-receipt", tmp_path / "receipt.json", tmp_path / "jwks.json"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0 and json.loads(done.stdout)["counts"]["Event"] == 3
    assert server.must("user", "items", "--tenant", "people", "--user", "person") == []
    page.goto("/privacy-center")
    expect(page.get_by_text("Nothing is held about you")).to_be_visible()
    # Who asks all the same gets a receipt that says so.
    page.get_by_role("link", name="Get a receipt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to erase")
    page.get_by_role("button", name="Get the receipt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was held about you")
    expect(page.get_by_text("Nothing was held under this id")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_without_scripts(visit, tenant, theme):
    live(tenant, "phone")
    visitor = visit(java_script_enabled=False, viewport=PHONE, color_scheme=theme)
    page = visitor.page
    enter(page, link(tenant, "phone"))
    picture(page, f"center-{theme}-phone")
    page.get_by_role("link", name="Erase everything").click()
    picture(page, f"center-erase-{theme}-phone")
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is erased")


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks(visit, tenant, width, theme):
    live(tenant, "looks")
    visitor = visit(color_scheme=theme, viewport={"width": width, "height": 800})
    page = visitor.page
    page.goto("/privacy-center")
    assert complaints(page) == []
    page.goto(link(tenant, "looks"))
    assert complaints(page) == []
    page.get_by_role("button", name="Show my data").click()
    picture(page, f"center-{theme}-{width}")
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    without(visitor, "401")


def test_a_link_is_good_once_also_after_a_restart(tenant, server, tmp_path):
    from harness.server import Server

    with Server(tmp_path / "data", ATTUNE_PUBLIC_URL="") as own:
        tenant = own.create_tenant("acme")
        address = link(tenant, "once")
        token = address.split("token=")[1]
        # Mail scanners and previews fetch a link before the person does.
        for method in ("HEAD", "GET", "GET"):
            look = own.client().request(method, address)
            assert look.status == 200 and "set-cookie" not in look.headers and look["referrer-policy"] == "no-referrer"
        answers = [spend(own.client(), address) for _ in range(3)]
        assert [answer.status for answer in answers] == [303, 401, 401]
        for late in (answers[1], own.client().get(address)):
            assert late.status == 401 and "already been used" in late.body.decode() and token not in late.body.decode()
        assert own.client(token).delete("/api/privacy/users/me").status == 401
        own.kill()
        own.start()
        assert own.client().get(address).status == 401
        cookie = answers[0]["set-cookie"].split(";")[0]
        # The session goes on; it is the cookie's, and the key's that signed it.
        assert own.client().get("/privacy-center", headers={"Cookie": cookie}).status == 200
        assert own.client().get("/privacy-center", headers={"Cookie": cookie[:-4] + "AAAA"}).status == 401
        own.must("tenant", "suspend", "acme")
        assert own.client().get("/privacy-center", headers={"Cookie": cookie}).status == 401
        assert token not in own.log()


def test_what_opens_nothing(visit, tenant, server):
    client = server.client()
    expired = link(tenant, "late", seconds=1)
    revoked = tenant.token("late", "privacy:erase")
    tenant.client().post("/api/tokens/revoke", {"token": revoked})
    for token in ("", "nonsense", tenant.key(), revoked):
        assert client.get(f"/privacy-center?token={token}").status == 401, token
    for scope in ("personalization:read", "privacy:export profile:read"):
        address = link(tenant, "late", scope)
        assert client.get(address).status == 403
        # What is refused is not spent.
        assert server.client(address.split("token=")[1]).get("/api/personalization/users/me").status in (200, 403)
    time.sleep(2)
    for answer in (client.get(expired), spend(client, expired)):
        assert answer.status == 401 and "has expired" in answer.body.decode()
    cut = link(tenant, "late")[:-7]
    for answer in (client.get(cut), spend(client, cut)):
        assert answer.status == 401 and "not complete" in answer.body.decode()
    for method, path in (("GET", "/privacy-center"), ("GET", "/privacy-center/export"), ("GET", "/privacy-center/erase"),
                         ("POST", "/privacy-center/erase"), ("GET", "/privacy-center/receipt?id=x")):
        assert client.request(method, path).status == 401, path
    visitor = visit()
    visitor.page.goto("/privacy-center?token=nonsense")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("This link is not complete")
    assert complaints(visitor.page) == []
    without(visitor, "401")


@pytest.mark.parametrize("scope, path", [("privacy:export", "/privacy-center/erase"), ("privacy:erase", "/privacy-center/export")])
def test_a_link_is_for_its_purpose_alone(visit, tenant, server, scope, path):
    live(tenant, "bound")
    visitor = visit()
    page = visitor.page
    enter(page, link(tenant, "bound", scope))
    assert page.get_by_role("link", name="Download as JSON").count() == (scope == "privacy:export")
    assert page.get_by_role("link", name="Erase everything").count() == (scope == "privacy:erase")
    cookie = {"Cookie": "attune-privacy=" + visitor.context.cookies()[0]["value"]}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert server.client().get(path, headers=cookie).status == 403
    # Without the form's token, and from another site, nothing is erased.
    for body, more in (("", {}), ("formToken=x", {}), ("formToken=x", {"Origin": "https://evil.example"})):
        assert server.client().post("/privacy-center/erase", body, headers=cookie | form | more).status == 403
    assert tenant.client().get("/api/privacy/users/bound/export").json()["events"]


def test_a_link_on_another_sites_page(visit, tenant):
    """The cookie does not come along with what another site has begun: a page of ours leads on."""
    live(tenant, "mail")
    visitor = visit()
    page = visitor.page
    address = visitor.base + link(tenant, "mail")
    page.route("http://mail.example/", lambda route: route.fulfill(content_type="text/html", body=f'<a href="{address}">Your data</a>'))
    page.goto("http://mail.example/")
    page.get_by_role("link", name="Your data").click()
    page.get_by_role("button", name="Show my data").click()
    expect(page.get_by_role("row", name=re.compile("Events"))).to_contain_text("3")
    expect(page).to_have_url(re.compile("/privacy-center$"))


def test_a_link_is_made_by_the_api(tenant, server):
    live(tenant, "linked")
    for kind in ("secret", "privacy"):
        made = tenant.client(kind).post("/api/privacy/users/linked/link", {"scope": "privacy:export", "ttlSeconds": 600})
        assert made.status == 201 and made.json().keys() == {"url", "expiresAt"}
        address = made.json()["url"].split("://", 1)[1]
        address = address[address.index("/"):]
        cookie = {"Cookie": spend(server.client(), address)["set-cookie"].split(";")[0]}
        assert server.client().get("/privacy-center/export", headers=cookie).json()["userId"] == "linked"
        assert server.client().get("/privacy-center/erase", headers=cookie).status == 403
    for bad in ({"scope": "profile:read"}, {"scope": ""}, {"scope": "privacy:export admin"}, {"ttlSeconds": 0}, {"ttlSeconds": 86_401}):
        assert tenant.client().post("/api/privacy/users/linked/link", bad).status == 422, bad
    for other in (tenant.client("publishable"), tenant.as_user("linked", scope="privacy:export")):
        assert other.post("/api/privacy/users/linked/link", {}).status == 403
