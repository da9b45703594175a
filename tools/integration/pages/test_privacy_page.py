"""The operators' page of privacy, in a browser."""

import json
import re

import pytest
from playwright.sync_api import expect

from test_center import live, without
from test_looks import complaints, picture


def go_on(page, user: str, action: str) -> None:
    page.goto("/privacy")
    page.get_by_label("User ID").fill(user)
    page.get_by_role("radio", name=re.compile(action)).check()
    page.get_by_role("button", name="Continue").click()


def test_an_operator_exports_restricts_and_erases(page, tenant, server):
    live(tenant, "asked")
    page.goto("/privacy")
    page.get_by_label("User ID").fill("asked")
    with page.expect_download() as download:
        page.get_by_role("button", name="Continue").click()
    assert len(json.loads(download.value.path().read_text())["events"]) == 3
    go_on(page, "asked", "Restrict")
    expect(page.get_by_role("status")).to_contain_text("is now restricted")
    assert "asked" not in page.url
    assert tenant.client().get("/api/profiles/asked").json()["consent"]["restricted"]
    go_on(page, "asked", "Lift")
    expect(page.get_by_role("status")).to_contain_text("lifted")
    go_on(page, "asked", "Erase")
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase this person?")
    # What is held is seen before it goes.
    expect(page.get_by_text(re.compile(r"^\d+ entries$"))).to_be_visible()
    for term in ("First seen", "Last seen", "Event"):
        expect(page.get_by_role("term").filter(has_text=re.compile(f"^{term}$"))).to_be_visible()
    assert complaints(page) == []
    picture(page, "privacy-erase")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of erasure")
    assert complaints(page) == []
    assert server.must("user", "items", "--tenant", "demo", "--user", "asked") == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    receipt = download.value.path().read_text()
    page.goto("/privacy")
    page.get_by_label(re.compile("Receipt")).fill(receipt)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status")).to_contain_text("This receipt is valid")
    page.goto("/privacy?requests=all")
    row = page.get_by_role("row", name=re.compile("^Erasure"))
    expect(row.first).to_contain_text("Completed")
    row.first.get_by_role("link", name=re.compile("Receipt")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of erasure")


def test_a_mistyped_id_is_not_erased_unless_forced(visit, tenant):
    visitor = visit()
    page = visitor.sign_in(tenant.key())
    go_on(page, "nobody-xyz", "Erase")
    expect(page.get_by_text("Nothing is held under this id")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Issue the receipt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase this person?")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Issue the receipt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of erasure: nothing was held")
    expect(page.get_by_text("Nothing was held under this id")).to_be_visible()
    without(visitor, "409")


@pytest.mark.parametrize("text", ["{}", "not json", '{"id":"x"}'])
def test_what_is_no_receipt(visit, tenant, text):
    visitor = visit()
    page = visitor.sign_in(tenant.key())
    page.goto("/privacy")
    page.get_by_label(re.compile("Receipt")).fill(text)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("alert")).to_contain_text("not a receipt")
    without(visitor, "422")


def test_requests_say_how_many_days_are_left(page, tenant):
    api = tenant.client()
    made = api.post("/api/privacy/requests", {"type": "access", "userId": "letter"})
    assert made.status == 201, made
    page.goto("/privacy")
    row = page.get_by_role("row", name=re.compile(made.json()["id"]))
    expect(row).to_contain_text("Pending")
    expect(row).to_contain_text(f"{made.json()['daysLeft']} days left")
    assert api.post(f"/api/privacy/requests/{made.json()['id']}/completion").ok
    page.reload()
    expect(page.get_by_role("row", name=re.compile(made.json()["id"]))).to_have_count(0)


def test_consents_by_purpose(page, tenant):
    live(tenant, "consents")
    tenant.client().put("/api/consent/consents", {"purposes": {"marketing": True}, "source": "banner"})
    page.goto("/privacy")
    row = page.get_by_role("row", name=re.compile("^Marketing"))
    expect(row).to_have_text(re.compile(r"Marketing\s*[1-9]\d*\s*(<1|\d+)%\s*[1-9]"))
    tenant.client().delete("/api/privacy/users/consents")


def test_the_log_is_paged_and_has_its_checkpoint(page, tenant, server, tmp_path):
    api = tenant.client()
    for number in range(60):
        api.get(f"/api/privacy/users/nobody{number}/export")
    page.goto("/privacy")
    page.get_by_role("link", name="Audit log").click()
    seen = set()
    while True:
        seen |= set(page.locator("tbody td:first-child").all_text_contents())
        (tmp_path / "checkpoint.json").write_text(page.locator("pre code").text_content())
        older = page.get_by_role("link", name="Older")
        if not older.count():
            break
        older.click()
    size = int(page.locator("dd").first.text_content())
    assert seen == {str(index) for index in range(size)}
    assert server.must("privacy", "audit-verify", "--tenant", "demo", "--checkpoint", str(tmp_path / "checkpoint.json"))["valid"]
    expect(page.get_by_role("row", name=re.compile("Tenant created"))).to_be_visible()


def test_nobody_else_sends_the_forms(visit, tenant, server):
    live(tenant, "forged")
    visitor = visit()
    visitor.sign_in(tenant.key())
    cookie = {"Cookie": "attune-session=" + visitor.context.cookies()[0]["value"], "Content-Type": "application/x-www-form-urlencoded"}
    for path, body in (("/privacy/erase", "userId=forged"), ("/privacy/users", "userId=forged&action=restrict"), ("/privacy/verify", "receipt=x")):
        for token in ("", "&formToken=x"):
            assert server.client().post(path, body + token, headers=cookie).status == 403
    assert server.client().get("/privacy").status == 303
    assert tenant.client().get("/api/privacy/users/forged/export").json()["events"]
    tenant.client().delete("/api/privacy/users/forged")
