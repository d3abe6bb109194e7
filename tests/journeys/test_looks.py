"""What every screen must be: usable by all (WCAG 2.2 AA, by axe), at any zoom, and worth a look (build/shots/)."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.centre import WEBVOICE
from tests.support.desk import CallPage

SHOTS = Path(__file__).resolve().parents[2] / "build" / "shots"
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_desk_in_every_state(centre, talk, theme):
    talking = talk(language="ru")
    desk, page = talking.desk, talking.desk.page
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    look_at(page, f"talking-{theme}")
    desk.press("hold")
    desk.is_in("held")
    look_at(page, f"held-{theme}")
    desk.press("transfer")
    expect(page.locator("#transfer")).to_be_visible()
    look_at(page, f"transfer-{theme}")
    page.keyboard.press("Escape")
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    look_at(page, f"wrapup-{theme}")
    desk.choose_result("solved")
    desk.add_topic("Жалоба")
    desk.finish()
    desk.is_in("not_ready")
    look_at(page, f"idle-{theme}")
    desk.ready()
    again = centre.rings(talking.branch, f"+{talking.number}")
    desk.is_in("ringing")
    look_at(page, f"ringing-{theme}")
    centre.callers.caller_hangs_up(again)
    desk.is_in("ready")


def test_the_pages_before_the_desk(centre, new_context):
    branch = centre.branch(connector=WEBVOICE)
    page = new_context("ru").new_page()
    page.goto(f"{centre.url}/sign-in/")
    look_at(page, "sign-in")
    CallPage(page, centre, branch.code)
    look_at(page, "call-page")


@pytest.mark.feature("F30.14")
@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_the_call_bar_is_usable_at_any_zoom(talk, zoom):
    """A browser's zoom changes how many CSS pixels fit into the window."""
    desk = talk().desk
    desk.page.set_viewport_size({"width": round(1366 / zoom), "height": round(768 / zoom)})
    for action in ("mute", "hold", "transfer", "hang_up"):
        expect(desk.button(action)).to_be_in_viewport(ratio=1)
    desk.page.screenshot(path=SHOTS / f"zoom-{zoom:.0%}.png")
    desk.press("hold")
    desk.is_in("held")
    desk.press("retrieve")
    desk.is_in("talking")
    wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} pixels stick out to the side"


def look_at(page: Page, name: str) -> None:
    """Keep a picture and let axe judge; serious and critical findings fail."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    grave = [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found.response["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
    assert not grave, "\n".join([name, *grave])
