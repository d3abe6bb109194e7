"""Browsers for journeys and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
]
# A bound, not an expectation: what is waited for shows within a fraction of it.
PATIENCE_MS = 20_000
SCREEN = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not CHROMIUM.exists():
        pytest.fail(f"Journeys need Chromium at {CHROMIUM}: apt-get install chromium", pytrace=False)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all; its microphone beeps."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browser profiles that know nothing of each other. Script errors in their pages fail the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def make(language: str = "en", **options: object) -> BrowserContext:
        context = chromium.new_context(**{"viewport": SCREEN, "locale": language, "reduced_motion": "reduce"} | options)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert not errors, errors
