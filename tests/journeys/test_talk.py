"""What an operator does with a call that he has answered, and with one that he makes himself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.modules.telephony.models import CallCommand
from tests.support import eventually
from tests.support.centre import new_number

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


@pytest.mark.feature("F04.02")
def test_a_colleague_is_consulted_and_takes_over(centre, operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, by="consult")
    talking.desk.is_in("consulting")
    colleague.is_in("ringing")
    expect(colleague.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    colleague.press("answer")
    colleague.is_in("talking")
    eventually(lambda: joined(centre, talking.call_id) == {talking.desk.address, colleague.address})
    talking.desk.press("complete_transfer")
    talking.desk.is_in("wrapup")
    expect(colleague.bar.locator(".callbar-name")).to_contain_text("Smirnova")
    colleague.may(*IN_TALK)
    eventually(lambda: talking.desk.address not in joined(centre, talking.call_id))
    assert len(joined(centre, talking.call_id)) == 2


def test_back_to_the_customer_from_a_consultation(operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, by="consult")
    colleague.is_in("ringing")
    colleague.press("answer")
    colleague.is_in("talking")
    talking.desk.press("cancel_consult")
    talking.desk.is_in("talking")
    colleague.is_in("ready")


def test_all_three_talk_together(centre, operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, by="consult")
    colleague.is_in("ringing")
    colleague.press("answer")
    colleague.is_in("talking")
    talking.desk.press("conference")
    talking.desk.is_in("talking")
    eventually(lambda: len(joined(centre, talking.call_id)) == 3)
    talking.desk.hang_up()
    colleague.is_in("talking")
    eventually(lambda: len(joined(centre, talking.call_id)) == 2)


@pytest.mark.feature("F03.05")
def test_a_call_is_transferred_at_once_to_a_colleague(operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, note="asks about the rate")
    talking.desk.is_in("wrapup")
    colleague.is_in("ringing")
    expect(colleague.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    colleague.answer()
    expect(colleague.helper.locator(".note-list")).to_contain_text("asks about the rate")


@pytest.mark.feature("F03.06")
def test_a_call_is_transferred_at_once_to_a_group(centre, operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(f"queue:{talking.branch.line.queue_id}")
    talking.desk.is_in("wrapup")
    colleague.is_in("ringing")
    expect(colleague.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    colleague.answer()
    eventually(lambda: joined(centre, talking.call_id) >= {colleague.address})


@pytest.mark.feature("F03.03")
@pytest.mark.feature("F03.12")
def test_an_outgoing_call_shows_its_progress_and_opens_the_card(centre, operator):
    branch, number = centre.branch(), new_number()
    centre.customer("Petrov", number)
    centre.callers.set_far_end(number, outcome="answers", after_s=1.5)
    desk = operator(branch.operators[0])
    desk.page.fill("#dial-number", f"+{number}")
    desk.page.locator(".callbar-dial button").click()
    desk.is_in("dialling")
    expect(desk.bar).to_contain_text(f"{number[-4:-2]}-{number[-2:]}")
    desk.is_in("talking")
    expect(desk.workspace.locator(".client-strip h1")).to_have_text("Petrov Test")
    desk.hang_up()


@pytest.mark.parametrize(("language", "words"), [("en", "busy"), ("ru", "занято")])
def test_a_busy_number_is_said_to_be_busy(centre, operator, language, words):
    branch, number = centre.branch(), new_number()
    centre.callers.set_far_end(number, outcome="busy", after_s=0.5)
    desk = operator(branch.operators[0], language=language)
    desk.page.fill("#dial-number", f"+{number}")
    desk.page.locator(".callbar-dial button").click()
    desk.is_in("wrapup")
    expect(desk.bar).to_contain_text(words)
