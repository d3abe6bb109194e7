"""A caller reaches an operator: what rings, what is shown before the answer, who gets the call."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import State
from tests.support import eventually
from tests.support.centre import new_number
from tests.support.desk import texts

MISSED = {"en": "Missed", "ru": "Не ответил"}
READY = {"en": "Ready", "ru": "Готов"}


@pytest.mark.feature("F03.02")
@pytest.mark.feature("F03.26")
@pytest.mark.feature("F04.01")
@pytest.mark.feature("F05.01")
@pytest.mark.feature("F01.29")
@pytest.mark.feature("F05.07")
def test_the_card_is_there_before_the_answer(centre, operator):
    branch, number = centre.branch(), new_number()
    centre.customer("Smirnova", number)
    desk = operator(branch.operators[0])
    desk.ready()
    call = centre.rings(branch, f"8{number[1:]}")
    desk.is_in("ringing")
    expect(desk.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    project = branch.line.project
    expect(desk.workspace.locator(".found-line")).to_contain_text(f"{project.number} Branch {branch.code}")
    desk.answer()
    expect(desk.bar.locator(".callbar-name")).to_contain_text("Smirnova")
    centre.callers.caller_hangs_up(call)
    desk.is_in("wrapup")
    eventually(lambda: branch.newest_contact().state == State.WRAP_UP)


@pytest.mark.feature("X.10")
def test_a_queue_may_show_the_card_on_answer_only(centre, operator):
    """The other way is `test_the_card_is_there_before_the_answer`."""
    branch, number = centre.branch(pop_on_answer=True), new_number()
    centre.customer("Smirnova", number)
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{number}")
    desk.is_in("ringing")
    expect(desk.workspace.get_by_role("heading")).to_contain_text(number[-2:])
    expect(desk.page.locator("body")).to_contain_text(f"Branch {branch.code}")
    expect(desk.page.locator("body")).not_to_contain_text("Smirnova")
    desk.answer()
    expect(desk.workspace.locator(".client-strip h1")).to_have_text("Smirnova Test")
    expect(desk.bar.locator(".callbar-name")).to_contain_text("Smirnova")


@pytest.mark.feature("F04.03")
def test_the_caller_is_looked_up_again_by_a_number_that_he_names(centre, operator):
    branch, named = centre.branch(), new_number()
    centre.customer("Lebedeva", named)
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{new_number()}")
    desk.is_in("ringing")
    expect(desk.workspace.locator("#clarified")).to_have_count(0)
    desk.answer()
    desk.add_note("calls from a neighbour's telephone")
    desk.page.locator("#notestrip textarea").fill("her own number is")
    desk.workspace.locator("#clarified").fill(f"8 ({named[1:4]}) {named[4:]}")
    desk.workspace.get_by_role("button", name="Look up").click()
    expect(desk.workspace.get_by_role("heading", name="Lebedeva Test")).to_be_visible()
    desk.workspace.get_by_role("button", name="This is who calls").click()
    expect(desk.workspace.locator(".client-strip h1")).to_have_text("Lebedeva Test")
    expect(desk.helper.locator(".note-list")).to_contain_text("a neighbour's telephone")
    expect(desk.page.locator("#notestrip textarea")).to_have_value("her own number is")
    eventually(lambda: branch.newest_contact().clarified == named)


def test_ringing_takes_no_focus_and_creates_nothing(centre, operator):
    branch, number = centre.branch(), new_number()
    desk = operator(branch.operators[0])
    desk.ready()
    known = Customer.objects.count()
    search = desk.page.locator("#global-search")
    search.press_sequentially("Iva")
    centre.rings(branch, f"+{number}")
    desk.is_in("ringing")
    expect(desk.workspace.locator(".found")).to_be_visible()
    expect(search).to_be_focused()
    desk.page.keyboard.type("nova")
    expect(search).to_have_value("Ivanova")
    contact = branch.newest_contact()
    assert Customer.objects.count() == known
    assert (contact.customer_id, contact.notes.count(), contact.answered_at) == (None, 0, None)


@pytest.mark.feature("F04.05")
@pytest.mark.feature("F05.02")
def test_several_customers_with_one_number_are_offered(centre, operator):
    branch, number = centre.branch(), new_number()
    for name in ("Antonova", "Borisova"):
        centre.customer(name, number)
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{number}")
    desk.is_in("ringing")
    choices = desk.workspace.locator(".found-choice strong")
    expect(choices).to_have_count(2)
    assert set(texts(choices)) == {"Antonova Test", "Borisova Test"}
    desk.answer()
    desk.workspace.locator(".found-choice", has_text="Borisova").click()
    expect(desk.workspace.locator(".client-strip h1")).to_have_text("Borisova Test")
    desk.workspace.locator(".client-strip button.link").click()
    expect(choices).to_have_count(2)
    eventually(lambda: branch.newest_contact().customer_id is None)


def test_an_unknown_number_offers_search_and_registration(centre, operator):
    branch, number = centre.branch(), new_number()
    desk = operator(branch.operators[0], language="ru")
    desk.ready()
    centre.rings(branch, f"+{number}")
    desk.is_in("ringing")
    expect(desk.workspace.get_by_role("heading")).to_contain_text("в базе не найден")
    desk.answer()
    expect(desk.workspace.get_by_role("link", name="Новый клиент")).to_be_visible()
    expect(desk.workspace.get_by_role("link", name="Без регистрации")).to_be_visible()


@pytest.mark.feature("F01.30")
@pytest.mark.feature("F05.10", partly="registering, which the customers module shows")
def test_somebody_who_refuses_registration_is_served_without_a_name(centre, operator):
    branch = centre.branch()
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{new_number()}")
    desk.answer()
    desk.workspace.get_by_role("link", name="Without registration").click()
    expect(desk.workspace.locator(".client-strip")).to_be_visible()
    contact = branch.newest_contact()
    assert contact.customer.kind == "quasi"


@pytest.mark.parametrize(("language", "words"), [("en", "The number is withheld"), ("ru", "Номер скрыт")])
def test_a_hidden_number_is_said_to_be_hidden(centre, operator, language, words):
    branch = centre.branch()
    desk = operator(branch.operators[0], language=language)
    desk.ready()
    centre.rings(branch, None)
    desk.is_in("ringing")
    expect(desk.workspace.get_by_role("heading", name=words)).to_be_visible()
    desk.answer()


@pytest.mark.feature("F03.05")
def test_a_ringing_call_is_redirected_without_answering(centre, operator):
    branch = centre.branch(operators=2)
    first, second = (operator(user) for user in branch.operators)
    first.ready()
    second.choose_state("not_ready:lunch")
    second.is_in("not_ready")
    centre.rings(branch, f"+{new_number()}")
    first.is_in("ringing")
    second.ready()
    first.send_to(second.address, by="redirect")
    second.is_in("ringing")
    first.is_in("ready")
    second.answer()
    contact = branch.newest_contact()
    assert [one.outcome for one in contact.segments.filter(kind="ring")] == ["redirected", "answered"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_does_not_answer_is_set_aside_and_the_next_is_rung(centre, operator, language):
    branch = centre.branch(operators=2, ring_s=3.0)
    first, second = (operator(user, language=language) for user in branch.operators)
    first.ready()
    centre.rings(branch, f"+{new_number()}")
    first.is_in("ringing")
    second.ready()
    first.is_in("missed")
    expect(first.pill).to_contain_text(MISSED[language])
    second.answer()
    first.bar.get_by_role("button", name=READY[language], exact=True).click()
    first.is_in("ready")


def test_a_declined_call_goes_to_the_next(centre, operator):
    branch = centre.branch(operators=2)
    first, second = (operator(user) for user in branch.operators)
    first.ready()
    centre.rings(branch, f"+{new_number()}")
    first.is_in("ringing")
    second.ready()
    first.press("decline")
    second.answer()
    first.is_in("not_ready")
    expect(first.pill).to_contain_text("Declined a call")


def test_who_gives_up_while_queued_leaves_nothing_ringing(centre, operator):
    branch = centre.branch()
    desk = operator(branch.operators[0])
    desk.ready()
    call = centre.rings(branch, f"+{new_number()}")
    desk.is_in("ringing")
    centre.callers.caller_hangs_up(call)
    desk.is_in("ready")
    eventually(lambda: branch.newest_contact().ended_by == "abandoned")
    assert not branch.newest_contact().segments.filter(ended_at=None).exists()


def test_a_caller_who_returns_reaches_the_same_operator_and_contact(centre, operator, talk):
    talking = talk(operators=2)
    other = operator(talking.colleague)
    other.ready()
    centre.callers.caller_hangs_up(talking.call_id)
    talking.desk.is_in("wrapup")
    again = centre.rings(talking.branch, f"+{talking.number}")
    talking.desk.is_in("ringing")
    expect(talking.desk.bar.get_by_text("calls again")).to_be_visible()
    talking.desk.answer()
    other.is_in("ready")
    contact = talking.branch.newest_contact()
    assert contact.segments.filter(kind="talk", agent=talking.desk.user).count() == 2
    assert str(contact.pk) == talking.call_id != again
