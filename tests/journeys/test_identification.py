"""The caller is asked who he is; commercial data opens when he has shown it."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from perezvon.foundation.people.models import Project


@pytest.mark.parametrize(
    ("language", "wrong", "left", "passed"),
    [
        ("en", "This does not agree with the card.", "1 attempt left", "Identified."),
        ("ru", "Ответы не совпадают с карточкой.", "Осталась 1 попытка", "Идентификация пройдена."),
    ],
)
def test_a_wrong_answer_is_told_and_costs_an_attempt(talk, language, wrong, left, passed):
    talking = talk(language=language)
    asked = {"need": 1, "attempts": 2, "questions": ["birth_date"]}
    Project.objects.filter(pk=talking.branch.line.project_id).update(settings={"identification": asked})
    talking.customer.birth_date = date(1981, 5, 14)
    talking.customer.save()
    page, dialog = talking.desk.page, talking.desk.page.locator("#identification")
    talking.desk.workspace.locator("a[href$='/identify/']").click()
    expect(dialog).to_be_visible()

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
