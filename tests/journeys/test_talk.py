"""What an operator does with a call that he has answered, and with one that he makes himself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.modules.telephony.models import CallCommand
from tests.support import eventually

IN_TALK = ("mute", "hold", "digits", "consult", "transfer", "pause_recording", "hang_up")


def joined(centre, call_id: str) -> set[str]:
    """Who is in the conversation now."""
    return {leg["address"] for leg in centre.parties(call_id) if leg["joined"]}


@pytest.mark.feature("F03.04")
@pytest.mark.parametrize(("language", "words"), [("en", "On hold"), ("ru", "Удержание")])
def test_hold_and_back(centre, talk, language, words):
    talking = talk(language=language)
    desk = talking.desk
    desk.may(*IN_TALK)
    desk.press("hold")
    desk.is_in("held")
    expect(desk.pill).to_contain_text(words)
    eventually(lambda: joined(centre, talking.call_id) == {desk.address})
    desk.press("retrieve")
    desk.is_in("talking")
    eventually(lambda: len(joined(centre, talking.call_id)) == 2)
    desk.may(*IN_TALK)


def test_the_microphone_is_muted_at_the_exchange(centre, talk):
    talking = talk()
    desk = talking.desk

    def muted() -> bool:
        return next(leg["muted"] for leg in centre.parties(talking.call_id) if leg["address"] == desk.address)

    desk.press("mute")
    expect(desk.button("unmute")).to_be_visible()
    eventually(muted)
    desk.press("unmute")
    expect(desk.button("mute")).to_be_visible()
    eventually(lambda: not muted())


def test_digits_of_the_keypad_are_sent_one_by_one(talk):
    talking = talk()
    page = talking.desk.page
    talking.desk.press("digits")
    for key in ("4", "2", "#"):
        page.locator(f"#keypad [data-digit='{key}']").click()

    def sent() -> list[str]:
        rows = CallCommand.objects.filter(call=talking.call_id, outcome="sent").order_by("at", "id")
        return [row.body["digits"] for row in rows if "digits" in row.body]

    eventually(lambda: sent() == ["4", "2", "#"])


def test_recording_is_paused_and_resumed(talk):
    desk = talk().desk
    expect(desk.bar.get_by_text("recording", exact=True)).to_be_visible()
    desk.press("pause_recording")
    expect(desk.bar.get_by_text("recording paused")).to_be_visible()
    desk.press("resume_recording")
    expect(desk.bar.get_by_text("recording", exact=True)).to_be_visible()
