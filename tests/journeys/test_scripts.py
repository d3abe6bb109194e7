"""Conversations led by a scenario, from the ring to the saved result."""

from __future__ import annotations

import os
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from perezvon.foundation import clock
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.models import Case
from perezvon.modules.interactions.models import Interaction, State
from perezvon.modules.interactions.services import add_note
from perezvon.modules.scripting.models import Run
from tests.journeys.conftest import Talk
from tests.support import eventually
from tests.support.centre import new_number

ESSENCE = "списали комиссию дважды"


def _script(page: Page) -> Locator:
    return page.locator("#script")


def _at(page: Page, title: str) -> None:
    expect(_script(page).locator("#script-node")).to_have_text(title)


def _tick(page: Page, title: str, count: int = 1) -> None:
    """Reads out what has to be read out at the step of that title."""
    _at(page, title)
    ticks = _script(page).locator(".script-tick")
    for place in range(count):
        ticks.nth(place).click()
        expect(ticks.nth(place)).to_have_attribute("aria-checked", "true")


def _press(page: Page, label: str) -> None:
    _script(page).locator(".script-way", has_text=label).first.click()


def _another_contact_is_known(talking: Talk, text: str) -> None:
    """So that the panel has something new to say though nobody touched it."""
    contact, day_before = talking.branch.newest_contact(), clock.now() - timedelta(days=1)
    number = Interaction.objects.latest("number").number + 10**9
    Interaction.objects.create(
        id=uuid7(day_before), number=number, project=contact.project, channel="phone", state=State.DONE,
        direction="inbound", customer=contact.customer, began_at=day_before, ended_at=day_before,
    )  # fmt: skip
    add_note(interaction_id=contact.pk, text=text, by=talking.desk.user.actor(), now=clock.now())


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.feature("F02.02")
@pytest.mark.feature("F04.13")
@pytest.mark.feature("F05.08")
@pytest.mark.feature("F06.02")
@pytest.mark.feature("F06.03")
@pytest.mark.feature("F06.05")
@pytest.mark.feature("F06.06")
@pytest.mark.feature("F06.07")
@pytest.mark.feature("F06.11", partly="home of a campaign: campaigns")
@pytest.mark.feature("F06.13")
@pytest.mark.feature("F09.01", partly="processing of insured events: service")
@pytest.mark.feature("F30.09")
def test_a_bank_takes_a_complaint_from_the_ring_to_the_result(centre, talk):
    """In Russian, with words that are typed and survive a reload, and a case that is registered by the scenario."""
    talking = talk(language="ru")
    desk, page = talking.desk, talking.desk.page
    _script(page).get_by_role("button", name="Входящий звонок").click()
    _at(page, "Приветствие")
    expect(page.locator("#rail-work")).to_contain_text("Входящий звонок")
    _look(page, "greeting")
    # While the step is under way the panel is drawn anew for another reason: the answer is shown all the same.
    held: list[Route] = []
    page.route(re.compile(r"/script/[0-9a-f-]+/(\?|$)"), lambda route: held.append(route))
    _press(page, "Далее")
    eventually(lambda: page.title() and held)
    with page.expect_response(re.compile(r"/desk/parts/\?(?!only)")):
        _another_contact_is_known(talking, "called yesterday too")
    expect(desk.helper).to_contain_text("called yesterday too")
    held.pop().continue_()
    expect(_script(page).locator("[data-wrong]")).to_have_count(2)
    # And it stays when the panel is drawn anew after it.
    _another_contact_is_known(talking, "and the day before")
    expect(desk.helper).to_contain_text("and the day before")
    expect(_script(page).locator("[data-wrong]")).to_have_count(2)
    page.unroute_all()
    _tick(page, "Приветствие", 2)
    _press(page, "Далее")
    _at(page, "С чем обратился клиент")
    expect(_script(page).locator(".script-way", has_text="Рекламация")).to_contain_text("→ Регистрация рекламации")
    _look(page, "choice")
    page.keyboard.press("3")
    _at(page, "Суть рекламации")
    expect(desk.helper.locator(".topic")).to_contain_text("Регистрация рекламации")
    _tick(page, "Суть рекламации")
    essence = _script(page).locator("textarea")
    with page.expect_response(re.compile("/keep/")):
        essence.fill(ESSENCE)
    _look(page, "essence")
    page.reload()
    desk.wait_until_live()
    expect(_script(page).locator("textarea")).to_have_value(ESSENCE)
    _press(page, "Далее")
    _at(page, "Тип рекламации")
    _script(page).get_by_label("Возврат комиссии").check()
    _look(page, "type")
    _press(page, "Далее")
    _at(page, "Подтвердить запись")
    expect(_script(page)).to_contain_text(f"Я записываю: {ESSENCE}")
    _tick(page, "Подтвердить запись")
    _press(page, "Зарегистрировать")
    _at(page, "Сообщить номер")
    case = eventually(lambda: Case.objects.filter(contact=talking.branch.newest_contact()).first())
    expect(_script(page)).to_contain_text(case.code)
    _tick(page, "Сообщить номер")
    _look(page, "number")
    _press(page, "Далее")
    _at(page, "Ещё вопросы?")
    _press(page, "Да, ещё вопрос")
    # This topic is told to nobody but the customer himself; a complaint was taken from anyone.
    _press(page, "Его договор, карта, заявка")
    _at(page, "Предупредить об идентификации")
    _tick(page, "Предупредить об идентификации")
    _press(page, "Без идентификации")
    _at(page, "Общая консультация")
    _press(page, "Далее")
    _press(page, "Нет, всё")
    _tick(page, "Прощание")
    _press(page, "Завершить обслуживание")
    expect(_script(page).locator("details", has_text="Входящий звонок")).to_be_visible()
    _look(page, "ended")
    desk.hang_up()
    expect(desk.workspace.locator("input[name=result][value=solved]")).to_be_checked()
    desk.finish()
    desk.is_in("not_ready")
    contact = talking.branch.newest_contact()
    eventually(lambda: talking.branch.newest_contact().state == State.DONE)
    contact.refresh_from_db()
    assert contact.result.code == "solved"
    run = Run.objects.get(interaction=contact)
    assert run.result == "solved"
    assert ESSENCE in [one["value"] for one in run.said]
    assert {str(row.topic) for row in contact.topics.all()} == {"Регистрация рекламации", "Выписка"}


@pytest.mark.feature("F06.16", partly="projects of telemarketing: campaigns")
@pytest.mark.feature("F06.17")
@pytest.mark.feature("F19.17")
def test_an_outgoing_call_about_halva_ends_with_an_agreement(centre, operator):
    branch, mobile = centre.branch(), new_number()
    customer = centre.customer("Petrov", mobile, language="en")
    centre.callers.set_far_end(mobile, outcome="answers", after_s=0.2)
    desk = operator(branch.operators[0])
    page = desk.page
    page.goto(f"{centre.url}/customers/{customer.pk}/")
    page.get_by_role("button", name=re.compile("^Call ")).first.click()
    page.goto(f"{centre.url}/desk/")
    desk.is_in("talking")
    _script(page).get_by_role("button", name="Halva card").click()
    _tick(page, "Introduce yourself")
    _press(page, "The customer speaks")
    _tick(page, "Recording and consent to talk")
    _press(page, "He agrees to talk")
    _tick(page, "Tell him of Halva")
    _press(page, "Next")
    _at(page, "The customer's decision")
    no = _script(page).locator("button[value='answer:no']")
    expect(no).to_be_disabled()
    _look(page, "decision")
    for objection in ("Too dear", "Does not trust the bank"):
        _press(page, "He objects")
        _press(page, objection)
        _tick(page, objection)
        _press(page, "Next")
        _at(page, "The customer's decision")
    expect(no).to_be_enabled()
    _press(page, "He agrees")
    _tick(page, "Consent to ask the credit bureau")
    _press(page, "The customer consents")
    bureau = page.locator("#bureau")
    expect(bureau.get_by_label("Passport, series and number")).to_be_focused()
    bureau.get_by_label("Passport, series and number").fill("4509")
    bureau.get_by_label("Date of birth").fill("14.05.1981")
    bureau.get_by_role("button", name="Send").click()
    expect(bureau.get_by_label("Passport, series and number")).to_have_attribute("aria-invalid", "true")
    _look(page, "bureau")
    bureau.get_by_label("Passport, series and number").fill("45 09 123450")
    page.keyboard.press("Enter")
    expect(bureau).to_contain_text("does not answer")
    bureau.get_by_label("Passport, series and number").fill("45 09 123452")
    page.keyboard.press("Enter")
    expect(bureau).to_contain_text("Approved")
    bureau.get_by_role("button", name="Close").last.click()
    _at(page, "How he gets the card")
    _script(page).get_by_label("He comes to an office").check()
    _script(page).locator("input[type=datetime-local]").fill("2030-01-15T11:30")
    _script(page).locator("textarea").fill("Tverskaya 5")
    _look(page, "delivery")
    _press(page, "Next")
    _at(page, "Sum up")
    expect(_script(page)).to_contain_text("15.01.2030 11:30, Tverskaya 5")
    _tick(page, "Sum up")
    _press(page, "Next")
    expect(_script(page).locator("details", has_text="Halva card")).to_be_visible()
    desk.hang_up()
    expect(desk.workspace.locator("input[name=result][value=agreed]")).to_be_checked()
    contact = branch.newest_contact()
    assert "БКИ" in contact.notes.get().text
    assert contact.offers.get().answer == "agreed"
