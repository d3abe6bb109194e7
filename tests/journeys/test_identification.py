"""The caller is asked who he is; commercial data opens when he has shown it."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from perezvon.foundation.people.models import Project


def _asks_the_birth_date(talking):
    asked = {"need": 1, "attempts": 2, "questions": ["birth_date"]}
    Project.objects.filter(pk=talking.branch.line.project_id).update(settings={"identification": asked})
    talking.customer.birth_date = date(1981, 5, 14)
    talking.customer.save()


@pytest.mark.parametrize(
    ("language", "wrong", "left", "passed"),
    [
        ("en", "This does not agree with the card.", "1 attempt left", "Identified."),
        ("ru", "Ответы не совпадают с карточкой.", "Осталась 1 попытка", "Идентификация пройдена."),
    ],
)
def test_a_wrong_answer_is_told_and_costs_an_attempt(talk, language, wrong, left, passed):
    talking = talk(language=language)
    _asks_the_birth_date(talking)
    page, dialog = talking.desk.page, talking.desk.page.locator("#identification")
    talking.desk.workspace.locator("a[href$='/identify/']").click()
    expect(dialog.locator("[name=birth_date]")).to_be_focused()

    dialog.locator("[name=birth_date]").fill("01.02.1990")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(wrong)
    expect(dialog).to_contain_text(left)

    dialog.locator("[name=birth_date]").fill("14.05.1981")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(passed)
    dialog.locator(".dialog-foot .btn-primary").click()
    expect(talking.desk.workspace.locator("a[href$='/identify/']")).to_have_count(0)
    talking.desk.is_in("talking")


# Each part that is drawn finds the focus on the button and leaves it in the field, as a fast hand would.
_MOVE_ON_WHILE_DRAWN = """() => new Promise((drawn) => {
    const focus = (what) => document.querySelector("#identification " + what).focus();
    addEventListener("htmx:beforeSwap", () => {
        focus(".icon-button");
        queueMicrotask(() => focus("[name=birth_date]"));
    }, { capture: true });
    addEventListener("htmx:oobAfterSwap", () => setTimeout(drawn, 100), { once: true });
    for (const key of document.querySelectorAll("[data-part]")) key.value = "older";
    document.body.dispatchEvent(new CustomEvent("live:resync", { detail: {} }));
})"""


def test_a_redraw_leaves_the_focus_where_the_person_has_moved_it(talk):
    talking = talk()
    _asks_the_birth_date(talking)
    talking.desk.workspace.locator("a[href$='/identify/']").click()
    field = talking.desk.page.locator("#identification [name=birth_date]")
    expect(field).to_be_focused()

    talking.desk.page.evaluate(_MOVE_ON_WHILE_DRAWN)

    expect(field).to_be_focused()
