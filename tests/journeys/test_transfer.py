"""Consulting a colleague, handing a call over, and what the dialog for it offers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from perezvon.cores.routing import AgentStatus, Presence
from perezvon.foundation import clock
from perezvon.foundation.messages.models import Message, State
from perezvon.foundation.people.models import User
from perezvon.modules.routing.services import ask_presence
from perezvon.modules.telephony.selectors import list_standings
from tests.journeys.test_talk import IN_TALK, joined
from tests.support import eventually
from tests.support.centre import new_number


@pytest.mark.feature("F04.02")
def test_a_colleague_is_consulted_and_takes_over(centre, operator, talk):
    talking = talk(operators=2)
    talking.desk.add_note("asks for a senior")
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, by="consult")
    talking.desk.is_in("consulting")
    colleague.is_in("ringing")
    expect(colleague.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    says_who_brings_it(colleague, talking.desk, "asks for a senior")
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
@pytest.mark.feature("F04.02")
def test_a_call_is_transferred_at_once_to_a_colleague(operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, note="asks about the rate")
    talking.desk.is_in("wrapup")
    colleague.is_in("ringing")
    expect(colleague.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    says_who_brings_it(colleague, talking.desk, "asks about the rate")
    colleague.answer()
    expect(colleague.helper.locator(".note-list")).to_contain_text("asks about the rate")


@pytest.mark.feature("F03.06")
@pytest.mark.feature("F04.02")
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


@pytest.mark.feature("F03.07")
@pytest.mark.feature("F03.08")
def test_the_dialog_lists_colleagues_and_all_their_telephones(centre, talk):
    talking = talk(operators=4)
    _, away, ready, _ = talking.branch.operators
    mobile = new_number()
    User.objects.filter(pk=away.pk).update(extension="102", mobile=f"+{mobile}", home_phone="+74852599359")
    centre.callers.operator_comes(f"agent:{ready.pk}")
    ask_presence(presence=Presence.READY, by=ready.actor(), now=clock.now())
    eventually(lambda: list_standings()[ready.pk].status is AgentStatus.READY)
    desk = talking.desk
    desk.press("transfer")
    dialog = desk.page.locator("#transfer")
    names = dialog.locator("tbody tr:has(.avatar) strong")
    expect(names).to_have_count(3)
    expect(dialog.locator(".list-foot")).to_contain_text("Found: 3")
    dialog.get_by_role("combobox").select_option("people")
    first = dialog.locator("tbody tr").first
    expect(first).to_contain_text(ready.full_name)
    expect(first).to_contain_text(ready.login)
    expect(first.locator(".state")).to_have_text("Ready")
    expect(first).to_contain_text(ready.email)

    dialog.get_by_role("button", name="Phone").click()
    expect(dialog.locator("th[aria-sort=ascending]")).to_have_text("Phone")
    expect(names.first).to_have_text(away.full_name)
    dialog.get_by_role("combobox").select_option("ready")
    expect(names).to_have_text([ready.full_name])
    dialog.get_by_role("combobox").select_option("")
    dialog.get_by_role("searchbox").fill(away.login)
    expect(names).to_have_text([away.full_name])
    expect(dialog.locator(".list-foot")).to_contain_text("Found: 1")

    expect(dialog.locator(".phone-choice .second")).to_have_text(["mobile", "internal", "home"])
    centre.callers.set_far_end(mobile, outcome="answers", after_s=0.2)
    dialog.locator(".phone-choice", has_text="mobile").locator("input").check()
    dialog.locator(".dialog-foot .btn-primary").click()
    desk.is_in("wrapup")
    eventually(lambda: mobile in joined(centre, talking.call_id))


@pytest.mark.feature("F03.09")
def test_who_cannot_be_had_is_left_a_message(talk):
    talking = talk(operators=2)
    desk, absent = talking.desk, talking.colleague
    desk.send_to(f"agent:{absent.pk}")
    dialog = desk.page.locator("#transfer")
    expect(dialog.get_by_role("alert")).to_contain_text(f"{absent.full_name} is not at the phone")
    expect(dialog.get_by_role("alert")).to_contain_text("Offer the customer to leave a message")
    text = dialog.get_by_role("textbox", name="Call for you")
    expect(text).to_have_value(re.compile("Smirnova.*contact no"))
    text.press("End")
    text.press_sequentially(" she asks about her card")
    dialog.get_by_role("button", name=f"Send a message to {absent.email}").click()
    expect(dialog.get_by_role("status")).to_contain_text(f"on its way to {absent.email}")
    letters = Message.objects.filter(to=absent.email, text__endswith="she asks about her card")
    eventually(lambda: letters.get().state == State.SENT, within=20)
    desk.page.keyboard.press("Escape")
    desk.is_in("talking")


def test_a_colleague_who_declines_to_talk_is_named_in_the_bar(operator, talk):
    talking = talk(operators=2)
    colleague = operator(talking.colleague)
    colleague.ready()
    talking.desk.send_to(colleague.address, by="consult")
    colleague.is_in("ringing")
    colleague.press("decline")
    talking.desk.is_in("talking")
    notice = talking.desk.bar.get_by_role("status")
    expect(notice).to_contain_text(f"{colleague.user.short_name} was not reached")
    notice.get_by_role("button", name="Leave a message").click()
    letter = talking.desk.page.locator("#transfer").get_by_role("button", name=f"message to {colleague.user.email}")
    expect(letter).to_be_visible()


def says_who_brings_it(receiver, giver, note: str) -> None:
    """Before he answers."""
    expect(receiver.bar.locator(".callbar-offer")).to_contain_text(f"from {giver.user.short_name}")
    expect(receiver.bar.locator(".callbar-offer")).to_contain_text(note)
