"""Calls that an operator makes: from a card, by hand, and back to somebody who was cut off."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Role, User
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.customers.services import Banned, ban_contact
from tests.support import eventually
from tests.support.centre import new_number


@pytest.mark.feature("F03.03")
@pytest.mark.feature("F03.11", partly="the same choice inside a scenario: scripting")
@pytest.mark.feature("F03.12")
@pytest.mark.feature("F04.07")
@pytest.mark.feature("F04.16", partly="calls that the dialler makes: campaigns")
def test_an_outgoing_call_to_a_chosen_number_shows_its_progress_and_then_the_card(centre, operator):
    branch, mobile, home = centre.branch(), new_number(), new_number()
    customer = centre.customer("Petrov", mobile, birth_date=date(1981, 5, 14), region="Tver")
    ContactPoint.objects.create(customer=customer, kind="phone", use="home", digits=home, raw=f"+{home}")
    centre.callers.set_far_end(home, outcome="no_answer", after_s=120.0)  # until he is told to pick up
    desk = operator(branch.operators[0])
    desk.page.fill("#global-search", mobile)
    desk.page.keyboard.press("Enter")
    desk.workspace.get_by_role("link", name="Petrov").first.click()
    phones = desk.workspace.locator(".customer-points")
    expect(phones.get_by_role("button", name=re.compile("^Call "))).to_have_count(2)
    phones.locator("li", has_text="Home").get_by_role("button", name=re.compile("^Call ")).click()
    desk.is_in("dialling")
    expect(desk.pill).to_contain_text("Calling")
    expect(desk.bar).to_contain_text(f"{home[-4:-2]}-{home[-2:]}")
    desk.page.locator("#tabs a").first.click()
    expect(desk.workspace.locator("h1")).to_have_text("Petrov Test")
    expect(desk.workspace).to_contain_text(f"{home[-4:-2]}-{home[-2:]}")
    expect(desk.workspace).not_to_contain_text("Tver")
    centre.callers.pick_up(home)
    desk.is_in("talking")
    expect(desk.workspace.locator(".client-strip h1")).to_have_text("Petrov Test")
    expect(desk.workspace.locator(".client-strip")).to_contain_text("Tver")
    expect(desk.helper.locator("#contact-topics")).to_be_visible()
    desk.may("mute", "hold", "digits", "consult", "transfer", "pause_recording", "hang_up")
    desk.hang_up()


def test_an_answer_that_is_late_finds_the_first_tab_though_another_was_in_front(centre, talk):
    talking = talk()
    page, late = talking.desk.page, []
    page.fill("#global-search", talking.number)
    page.keyboard.press("Enter")
    expect(page.locator("#tabs .tab")).to_have_count(2)
    page.route("**/desk/parts/*", lambda route: late.append(route))
    centre.callers.caller_hangs_up(talking.call_id)
    eventually(lambda: page.wait_for_timeout(50) or late)
    page.locator("#tabs a").first.click()
    page.unroute("**/desk/parts/*")  # lets go what was held
    talking.desk.is_in("wrapup")
    expect(page.locator("#workspace input[name=result]").first).to_be_visible()


@pytest.mark.parametrize(("language", "words"), [("en", "busy"), ("ru", "занято")])
def test_a_busy_number_is_said_to_be_busy(centre, operator, language, words):
    branch, number = centre.branch(), new_number()
    centre.callers.set_far_end(number, outcome="busy", after_s=0.5)
    desk = operator(branch.operators[0], language=language)
    desk.page.fill("#dial-number", f"+{number}")
    desk.page.locator(".callbar-dial button").click()
    desk.is_in("wrapup")
    expect(desk.bar).to_contain_text(words)


def test_a_number_not_to_be_called_asks_who_may_for_a_reason(centre, operator):
    branch, number = centre.branch(), new_number()
    centre.callers.set_far_end(number, outcome="answers", after_s=0.2)
    ban_contact(banned=Banned("asked twice"), address=f"+{number}", by=System(name="test"), now=clock.now())
    role = branch.operators[0].role
    User.objects.filter(pk=branch.operators[0].pk).update(
        role=Role.objects.create(
            code=f"r{number}", name={"en": "Senior"}, rights=[*role.rights, "customers.contact_anyway"]
        )
    )
    desk = operator(branch.operators[0])

    desk.page.fill("#dial-number", f"+{number}")
    button = desk.page.locator(".callbar-dial button")
    button.click()

    dialog = desk.page.locator("#contact-refused")
    expect(dialog).to_contain_text("This number is not to be used: asked twice.")
    expect(button).not_to_have_attribute("data-pending", re.compile(".*"))  # the button is awake again
    dialog.get_by_label("Why he is to be called all the same").fill("his card was stolen")
    dialog.get_by_role("button", name="Call all the same").click()
    desk.is_in("talking")
    expect(dialog).to_have_count(0)
    desk.hang_up()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_dropped_customer_is_called_back_with_one_click(centre, talk, language):
    talking = talk(language=language)
    desk = talking.desk
    desk.add_note("asks about the rate")
    centre.callers.set_far_end(talking.number, outcome="answers", after_s=0.2)
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    expect(desk.button("call_back")).to_have_text({"en": "Call back", "ru": "Перезвонить"}[language])
    desk.press("call_back")
    desk.is_in("talking")
    expect(desk.helper.locator(".note-list")).to_contain_text("asks about the rate")
    contact = talking.branch.contacts.get()
    assert str(contact.pk) == talking.call_id
    eventually(lambda: contact.segments.filter(kind="talk", agent=desk.user).count() == 2)
    desk.hang_up()
    expect(desk.button("call_back")).to_have_count(0)
