"""Somebody looks for a recording, sees what it looks like, and hears the place that matters."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perezvon.foundation.people.models import Role, User
from perezvon.modules.telephony.models import Recording
from tests.journeys.conftest import Operator, Talk
from tests.support import eventually
from tests.support.centre import Centre

WORDS = {
    "ru": ("Записи разговоров", "Слушать", "Пауза", "Удержание", "Кого слышать", "нашу сторону"),
    "en": ("Recordings", "Play", "Pause", "On hold", "Whom to hear", "our side"),
}


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.feature("F03.24")
@pytest.mark.parametrize("language", WORDS)
def test_a_supervisor_finds_a_recording_and_hears_what_came_after_the_hold(
    centre: Centre, operator: Operator, talk: Callable[..., Talk], language: str
) -> None:
    title, play, pause, hold, whom, ours = WORDS[language]
    talking = talk(language=language)
    desk = talking.desk
    desk.page.wait_for_timeout(1_500)
    desk.press("hold")
    desk.is_in("held")
    desk.page.wait_for_timeout(1_000)
    desk.press("retrieve")
    desk.is_in("talking")
    desk.page.wait_for_timeout(1_000)
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    recorded = Recording.objects.filter(interaction=talking.call_id).exclude(path="")
    eventually(recorded.exists)
    role = Role.objects.get(code="supervisor")
    boss = User.objects.create_user(f"{talking.branch.code}-boss", "perezvon-test", last_name="Lebedeva", role=role)

    page = operator(boss, language=language).page
    page.goto(f"{centre.url}/recordings/")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    row = page.locator("tbody tr", has_text="Smirnova").first
    _look(page, f"recordings-{language}")
    row.get_by_role("link").first.click()
    player = page.locator("cc-player")
    assert len(player.locator(".player-customer").get_attribute("d") or "") > 600
    _look(page, f"recording-{language}")

    time = player.locator("[data-player-time]")
    player.get_by_role("button", name=hold).click()
    expect(player.get_by_role("button", name=pause)).to_be_visible()
    eventually(lambda: player.evaluate("player => player.seconds > 0.5"))
    player.get_by_label(whom).select_option(label=ours)
    player.focus()
    page.keyboard.press("Space")
    expect(player.get_by_role("button", name=play)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(time).to_have_text("0:00")
    page.keyboard.press("Shift+>")
    assert player.evaluate("player => player.querySelector('audio').playbackRate") == 1.25
    player.locator(".player-seek").fill("2")
    expect(time).to_have_text("0:02")
