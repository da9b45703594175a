"""Chromium, a collector, a site, and the words that the tests are written in."""

from __future__ import annotations

import os
import time

import pytest
from collector import Collector, Site
from playwright.sync_api import Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser
    browser.close()


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def site(collector):
    site = Site(collector)
    yield site
    site.close()


@pytest.fixture
def context(browser):
    context = browser.new_context(locale="de-AT", timezone_id="Europe/Vienna")
    context.errors = []
    context.on("weberror", lambda error: context.errors.append(str(error.error)))
    yield context
    context.close()
    assert context.errors == [], "an error reached the page"


@pytest.fixture
def page(context):
    return context.new_page()


@pytest.fixture
def ready(page, site):
    """Opens a page and waits until the tracker works there."""

    def open_page(path: str = "/", on: Page = page) -> Page:
        on.goto(site.origin + path)
        wait_for_tracker(on)
        return on

    return open_page


def wait_for_tracker(page: Page):
    page.wait_for_function("window.attune && attune.on")
    page.wait_for_timeout(30)


def flush(page: Page):
    """What a return of the network does: everything that waits is sent now."""
    page.evaluate("dispatchEvent(new Event('online'))")


def until(page: Page, holds, seconds: float = 5):
    """Waits for a condition outside the browser, keeping the browser's events going."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(20)


def stored(page: Page) -> dict[str, str]:
    return page.evaluate("Object.fromEntries(Object.entries(localStorage))")


def set_visible(page: Page, visible: bool):
    """A tab that is covered or shown: in a headless browser no tab ever is."""
    page.evaluate(
        """(visible) => {
            for (const [name, value] of [["hidden", !visible], ["visibilityState", visible ? "visible" : "hidden"]])
                Object.defineProperty(document, name, { value, configurable: true });
            document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }""",
        visible,
    )
