"""The browser: Debian's Chromium, kept from every network but this machine's own."""

import time
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
WIDTHS = {"phone": 360, "tablet": 768, "desktop": 1280}
THEMES = ("light", "dark")
PATIENCE = 120_000  # milliseconds; a busy machine takes longer, and how long is told, not wanted
ALONE = [
    "--no-sandbox",  # as root, in a container, there is none
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def chromium():
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        yield browser
        browser.close()


def new_context(browser, width="desktop", theme="light", **settings):
    """A reader with an empty cache, a window of some width and a taste for light or dark.

    The worker that keeps the book is blocked, for a test sees no request that it answers.
    """
    size = {"width": WIDTHS[width], "height": 800}
    # a reader who wants less motion: what moves would be looked at half way
    settings = {"service_workers": "block", "reduced_motion": "reduce"} | settings
    return browser.new_context(viewport=size, color_scheme=theme, **settings)


def wait_until(page, condition, arg=None, *, seconds=120):
    """Wait for a condition in JavaScript; Playwright's own way is eval, which a page's policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"not in {seconds} s: {condition}")
        page.wait_for_timeout(20)


def begin(page, address, bench):
    """Open the playground of a page, and wait until it answers."""
    page.goto(address)
    page.get_by_role("button", name="Change it by hand").click()
    page.wait_for_selector(bench, timeout=PATIENCE)


def begin_by_keys(page, address, bench):
    """Open the playground of a page without a pointer."""
    page.goto(address)
    page.get_by_role("button", name="Change it by hand").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(bench, timeout=PATIENCE)


@contextmanager
def with_a_friend(page, bench):
    """Somebody else who was sent the address of a playground as it is."""
    with new_context(page.context.browser) as context:
        friend = context.new_page()
        friend.goto(page.url)
        friend.wait_for_selector(bench, timeout=PATIENCE)
        yield friend


@contextmanager
def opened(browser, address, bench):
    """A page with its playground open, for tests that change what is in it and nothing else."""
    with new_context(browser) as context:
        page = context.new_page()
        begin(page, address, bench)
        yield page


def show(page, bench, state):
    """Go to a state of a playground by its address, and wait until the page shows it."""
    page.evaluate(
        "([bench, state]) => { document.querySelector(bench).dataset.answered = ''; location.hash = state }",
        [bench, state],
    )
    wait_until(page, "bench => document.querySelector(bench).dataset.answered !== ''", bench)
