"""A complaint from the talk in which it is registered to its end."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIResponse, Route, expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.messages.models import Message
from perezvon.modules.cases.blueprint import load_cases
from perezvon.modules.cases.models import Case, Stage
from perezvon.project.blueprint import read
from tests.support import eventually
from tests.support.desk import Desk

TICKS_ALL_AT_ONCE = """() => {
  window.answered = 0;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig.path.endsWith("/tick/")) window.answered += 1;
  });
  document.querySelectorAll(".case-point").forEach((point) => point.click());
}"""


def choose(desk: Desk, name: str) -> None:
    desk.workspace.get_by_role("link", name=name, exact=True).click()


@pytest.mark.feature("F09.11")
@pytest.mark.feature("F09.14", partly="fax, e-mail, voicemail and preview (channels, campaigns)")
def test_goes_from_the_talk_to_an_answer_and_its_end(talk):
    load_cases(read("bank"), System(name="test"), clock.now())
    talking = talk(name="Smirnova")
    desk, page, customer = talking.desk, talking.desk.page, talking.customer
    customer.points.create(kind="email", use="contact", raw="smirnova@example.com")

    choose(desk, "Register a case")
    choose(desk, "Complaint")
    expect(desk.workspace.get_by_role("heading", name="New case: Complaint")).to_be_visible()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Subject")).to_be_visible()
    page.locator("#field-subject").fill("Fee for the card")
    page.locator("#field-category").select_option(label="Fees and tariffs")
    page.locator("#field-text").fill("490 taken without a word")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(desk.workspace.get_by_role("heading", name="Fee for the card")).to_be_visible()
    case = Case.objects.get(customer=customer)

    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.get_by_role("button", name="Take", exact=True)).to_have_count(0)
    expect(desk.workspace.get_by_text("Responsible:")).to_be_visible()
    page.get_by_role("button", name="Next step").click()
    page.get_by_role("button", name="Begin").click()
    expect(desk.workspace.locator(".case-title")).to_contain_text("In work")
    # Ticked as fast as can be: each answer takes away the forms of those that are still under way.
    page.evaluate(TICKS_ALL_AT_ONCE)
    eventually(lambda: page.evaluate("window.answered") == case.points.count())
    expect(desk.workspace.get_by_role("checkbox", checked=True)).to_have_count(case.points.count())
    assert page.locator("main .case-page").count() == 1  # none of them went into another tab

    # An answer that was long in coming does not take back what the next act has changed.
    slow: list[tuple[Route, APIResponse]] = []
    page.route("**/follow/", lambda route: slow.append((route, route.fetch())))
    page.get_by_role("button", name="Unfollow").click()
    eventually(lambda: page.title() and slow)
    first = desk.workspace.get_by_role("checkbox", name=case.points.all()[0].text)
    first.click()
    expect(first).not_to_be_checked()
    expect(page.get_by_role("button", name="Follow", exact=True)).to_be_visible()
    [(route, answer)] = slow
    with page.expect_response("**/follow/"):
        route.fulfill(response=answer)
    first.click()
    expect(desk.workspace.get_by_role("checkbox", checked=True)).to_have_count(case.points.count())
    page.unroute("**/follow/")

    # The answer to an earlier act comes only while the letter is under way: what was chosen is not taken back by it.
    held: list[Route] = []
    page.route("**/follow/", lambda route: held.append(route))
    page.get_by_role("button", name="Follow", exact=True).click()
    eventually(lambda: page.title() and held)  # asking the page lets its requests come to us
    page.get_by_role("radio", name="by e-mail to smirnova@example.com").check()
    page.locator("#case-text").fill("We pay the fee back.")
    page.locator("#case-then").select_option(label="Solve → Solved")
    letters: list[Route] = []
    page.route("**/say/", lambda route: letters.append(route))
    held[0].continue_()
    expect(page.get_by_role("button", name="Unfollow")).to_be_visible()
    page.locator("#case-text").focus()
    page.keyboard.press("Control+Enter")
    eventually(lambda: page.title() and letters)
    page.get_by_role("button", name="Next step").click()
    letters[0].continue_()
    expect(desk.workspace.locator(".case-title")).to_contain_text("Solved")
    expect(page.locator("#case-text")).to_have_value("")
    expect(page.get_by_role("button", name="Close →")).to_be_visible()  # the menu stays open, with the steps of now
    button = page.get_by_role("button", name="Next step").bounding_box()
    assert page.locator("#case-steps").bounding_box()["y"] > button["y"]  # and at its button
    page.keyboard.press("Escape")
    expect(desk.workspace.locator(".case-entry", has_text="Letter to the customer")).to_contain_text(
        "We pay the fee back."
    )
    assert Message.objects.filter(record=customer.pk, text="We pay the fee back.").exists()

    page.get_by_role("radio", name="5", exact=True).check()
    page.locator("#case-page, .case-page").get_by_role("button", name="Save", exact=True).click()
    expect(desk.workspace.locator(".case-entry").first).to_contain_text("5 of 5")
    expect(desk.workspace.locator("input[name=mark][checked]")).to_be_attached()  # the answer, after the live entry
    page.get_by_role("button", name="Next step").click()
    page.get_by_role("button", name="Close →").click()
    expect(desk.workspace.locator(".case-title")).to_contain_text("Closed")
    case.refresh_from_db()
    assert (case.stage, case.mark) == (Stage.CLOSED, 5)
    desk.is_in("talking")
