"""A conversation is evaluated while it is heard, its operator appeals, another supervisor decides."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from perezvon.foundation.people.models import Role, User
from perezvon.modules.quality.models import Evaluation, State
from perezvon.modules.telephony.models import Recording
from tests.journeys.conftest import Operator, Talk
from tests.support import eventually
from tests.support.centre import Centre
from tests.support.desk import Desk

WORDS = {
    "ru": {
        "draw": "Отобрать", "evaluate": "Оценить", "begin": "Начать оценку", "publish": "Опубликовать", "yes": "да",
        "add": "Добавить", "appeal": "Оспорить", "right": "Оператор прав: оценить заново", "no": "нет",
        "unanswered": "Без ответа", "appealed": "Оспорена", "draft": "Черновик", "compare": "Сравнить оценки",
        "new": "Новая карта оценки", "name": "Название по-русски", "question": "Вопрос по-русски",
        "more": "Добавить вопрос", "save": "Сохранить",
    },
    "en": {
        "draw": "Draw", "evaluate": "Evaluate", "begin": "Begin the evaluation", "publish": "Publish", "yes": "yes",
        "add": "Add", "appeal": "Appeal", "right": "The operator is right: evaluate anew", "no": "no",
        "unanswered": "unanswered", "appealed": "Appealed", "draft": "Draft", "compare": "Compare evaluators",
        "new": "New scorecard", "name": "Name in Russian", "question": "Question in Russian",
        "more": "Add a question", "save": "Save",
    },
}  # fmt: skip


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def _supervisor(centre: Centre, operator: Operator, talking: Talk, name: str, language: str) -> Desk:
    role = Role.objects.get(code="supervisor")
    user = User.objects.create_user(f"{talking.branch.code}-{name}", "perezvon-test", last_name=name, role=role)
    return operator(user, language=language)


@pytest.mark.parametrize("language", WORDS)
def test_a_conversation_is_evaluated_appealed_and_decided(
    centre: Centre, operator: Operator, talk: Callable[..., Talk], language: str
) -> None:
    words = WORDS[language]
    talking = talk(language=language)
    desk = talking.desk
    desk.page.wait_for_timeout(2_000)
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    recorded = Recording.objects.filter(interaction=talking.call_id).exclude(path="")
    eventually(recorded.exists)
    page = _supervisor(centre, operator, talking, "Lebedeva", language).page

    # A card of her own, drawn up in the table.
    page.goto(f"{centre.url}/quality/cards/")
    page.get_by_role("link", name=words["new"]).click()
    page.get_by_label(words["name"]).fill(f"Карта {talking.branch.code}")
    page.get_by_label(words["question"]).first.fill("Поздоровался")
    page.get_by_role("button", name=words["more"]).click()
    expect(page.get_by_label(words["question"])).to_have_count(2)
    page.get_by_label(words["question"]).nth(1).fill("Ответил")
    _look(page, f"quality-card-{language}")
    page.locator(".form-actions").get_by_role("button", name=words["save"]).click()
    expect(page.locator("main tbody")).to_contain_text(f"Карта {talking.branch.code}")

    page.goto(f"{centre.url}/quality/waiting/")
    page.locator("select[name=scorecard]").select_option(label=f"Карта {talking.branch.code}")
    page.locator("input[name=least_s]").fill("0")
    page.get_by_role("button", name=words["draw"], exact=True).click()
    row = page.locator("tbody tr", has_text=desk.user.last_name).first
    expect(row).to_contain_text(f"Карта {talking.branch.code}")
    _look(page, f"quality-waiting-{language}")
    row.get_by_role("link", name=words["evaluate"]).click()
    page.get_by_role("button", name=words["begin"]).click()

    questions = page.locator(".quality-item")
    expect(questions).to_have_count(2)
    page.locator("cc-player .player-seek").fill("1.5")
    page.locator("#quality-marks input[name=text]").fill("Здесь хорошо")
    page.locator("#quality-marks").get_by_role("button", name=words["add"]).click()
    expect(page.locator(".quality-marks")).to_contain_text("0:01")
    with page.expect_response("**/keep/"):
        questions.nth(0).get_by_label(words["yes"], exact=True).check()
    expect(page.locator("#quality-score")).to_contain_text("100")
    page.locator("textarea[name=comment]").fill("Спокойный разговор")
    page.get_by_role("button", name=words["publish"]).click()
    expect(page.locator(".notice[data-tone=bad]")).to_contain_text(words["unanswered"])
    expect(page.locator("textarea[name=comment]")).to_have_value("Спокойный разговор")
    with page.expect_response("**/keep/"):
        questions.nth(1).get_by_label(words["no"], exact=True).check()
    _look(page, f"quality-evaluation-{language}")
    page.get_by_role("button", name=words["publish"]).click()
    expect(page.get_by_role("button", name=words["publish"])).to_have_count(0)

    one = Evaluation.objects.get(interaction=talking.call_id)
    assert (one.state, one.percent) == (State.PUBLISHED, 50)
    mine = desk.page
    mine.goto(f"{centre.url}/quality/{one.pk}/")
    expect(mine.locator("main")).to_contain_text("Здесь хорошо")
    mine.locator("textarea[name=text]").fill("Я ответил на 0:03")
    _look(mine, f"quality-mine-{language}")
    mine.get_by_role("button", name=words["appeal"]).click()
    expect(mine.locator("main")).to_contain_text(words["appealed"])

    other = _supervisor(centre, operator, talking, "Orlov", language).page
    other.goto(f"{centre.url}/quality/{one.pk}/")
    other.locator("textarea[name=text]").fill("Действительно ответил")
    other.get_by_role("button", name=words["right"]).click()
    expect(other.get_by_role("button", name=words["right"])).to_have_count(0)

    page.reload()
    expect(page.locator("main")).to_contain_text(words["draft"])
    expect(page.locator("main")).to_contain_text("Действительно ответил")
    with page.expect_response("**/keep/"):
        questions.nth(1).get_by_label(words["yes"], exact=True).check()
    page.get_by_role("button", name=words["publish"]).click()
    expect(page.locator("#quality-score")).to_contain_text("100")
    page.get_by_role("link", name=words["compare"]).click()
    expect(page.locator("main tbody")).to_contain_text("Ответил")
    _look(page, f"quality-compared-{language}")
