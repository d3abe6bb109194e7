"""What one case has taught, the next one is offered: suggested, used, counted, written down, approved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Role, User
from perezvon.modules.cases.blueprint import load_cases
from perezvon.modules.cases.models import Case, CaseKind, CaseState, Stage
from perezvon.modules.cases.services import register_case
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, Kind, Section
from perezvon.project.blueprint import read
from tests.support import eventually
from tests.support.centre import Branch, Centre

BY = System(name="test")
WORDS = {
    "en": ("Solutions", "Take it", "Solved it", "solved the problem"),
    "ru": ("Решения", "Взять", "Решило", "решило вопрос"),
}


def case_of(branch: Branch, subject: str) -> Case:
    kind = CaseKind.objects.get(code="complaint")
    typed = {"subject": subject, "category": str(kind.categories.first().pk), "text": "490 roubles"}
    project = branch.line.project_id
    return register_case(kind_id=kind.pk, project_id=project, typed=typed, by=BY, now=clock.now())


def solution(branch: Branch, title: str) -> Article:
    library, _made = Section.objects.get_or_create(
        code="solutions", defaults={"name": {"ru": "Решения"}, "is_library": True}
    )
    wanted = services.Wanted(library.pk, title, Kind.SOLUTION, brief="It comes back.")
    article = services.write(wanted=wanted, by=BY, now=clock.now())
    services.approve(article_id=article.pk, number=1, by=BY, now=clock.now())
    return article


def take_and_judge(page: Page, centre: Centre, case: Case, title: str, language: str) -> None:
    card, take, solved, judged = WORDS[language]
    page.goto(f"{centre.url}/cases/{case.pk}/")
    box = page.locator(".case-solutions")
    expect(box.get_by_role("heading", name=card)).to_be_visible()
    box.locator("li", has_text=title).get_by_role("button", name=take).click()
    box.locator("li", has_text=title).get_by_role("button", name=solved).click()
    expect(box.locator("li", has_text=title)).to_contain_text(judged)


@pytest.mark.feature("F12.14")
@pytest.mark.feature("F12.16", partly="work orders (orders)")
@pytest.mark.feature("F12.19")
def test_a_solution_is_suggested_used_counted_and_a_new_one_approved(centre, operator, new_context):
    load_cases(read("bank"), BY, clock.now())
    branch = centre.branch(role="supervisor")
    known = solution(branch, f"Комиссия списана дважды {branch.code}")
    case = case_of(branch, f"Списали комиссию дважды {branch.code}")
    page = operator(branch.operators[0], language="ru").page

    take_and_judge(page, centre, case, "Комиссия списана дважды", "ru")
    eventually(lambda: Article.objects.filter(pk=known.pk, used=1, solved=1).exists())

    over = CaseState.objects.filter(kind=case.kind, stage=Stage.SOLVED).first()
    Case.objects.filter(pk=case.pk).update(state=over, stage=over.stage)
    page.reload()
    page.get_by_role("button", name="Записать, как решили").click()
    page.locator("#field-title").fill(f"Возврат второй комиссии {branch.code}")
    page.locator("#field-brief").fill("Вторая комиссия вернётся завтра.")
    page.get_by_role("button", name="Сохранить и отдать на проверку").click()
    expect(page.get_by_role("heading", name="Возврат второй комиссии")).to_be_visible()

    role = Role.objects.get(code="information_administrator")
    approver = User.objects.create_user(f"{branch.code}.lisina", last_name="Lisina", role=role, language="ru")
    approver.projects.add(branch.line.project)
    context = new_context("ru")
    context.add_cookies([centre.session_of(approver)])
    editor = context.new_page()
    editor.goto(f"{centre.url}/knowledge/work/")
    editor.get_by_role("link", name=f"Возврат второй комиссии {branch.code}").click()
    editor.get_by_role("button", name="Ввести в действие").click()
    expect(editor.get_by_text("действует")).to_be_visible()

    again = case_of(branch, f"Вторая комиссия, возврат {branch.code}")
    take_and_judge(page, centre, again, "Возврат второй комиссии", "ru")


def test_in_english_too(centre, operator):
    load_cases(read("bank"), BY, clock.now())
    branch = centre.branch(role="supervisor")
    solution(branch, f"Fee was taken twice {branch.code}")
    case = case_of(branch, f"Fee taken twice {branch.code}")

    take_and_judge(operator(branch.operators[0]).page, centre, case, "Fee was taken twice", "en")


@pytest.mark.feature("F12.09", partly="orders of service and of work: those modules are not there yet")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_one_search_finds_articles_solved_cases_and_scenarios(centre, operator, new_context, language):
    load_cases(read("bank"), BY, clock.now())
    branch = centre.branch(role="supervisor")
    solution(branch, f"Возврат комиссии {branch.code}")
    case = case_of(branch, f"Возврат комиссии соседу {branch.code}")
    state = CaseState.objects.filter(kind=case.kind_id, stage=Stage.CLOSED).first()
    Case.objects.filter(pk=case.pk).update(state=state, stage=Stage.CLOSED, over_at=clock.now())
    desk = operator(branch.operators[0], language=language)

    desk.page.goto(f"{centre.url}/knowledge/?q=возвраты+комиссий")

    cases = desk.page.get_by_role("region", name={"en": "Solved cases", "ru": "Решённые обращения"}[language])
    cases.get_by_role("link", name=case.subject).click()
    expect(desk.page.get_by_role("heading", name=case.subject)).to_be_visible()
