"""Cases of several people at once, in both languages: a broken term, two at one case, a mass incident told to all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import Team, User
from perezvon.modules.cases import services
from perezvon.modules.cases.jobs import wake_terms
from perezvon.modules.cases.models import Case, CaseKind, Priority, Stage
from perezvon.modules.cases.services import TermWanted
from tests.support import eventually

SYSTEM = System(name="test")
WORDS = {
    "ru": {
        "looks": "смотрит",
        "broken": "Срок сорван: Решение",
        "changed": "обращение изменил другой сотрудник",
        "one more": "Ещё один звонок",
        "solved": "Решено",
    },
    "en": {
        "looks": "has it open",
        "broken": "Term broken: Solution",
        "changed": "Somebody else changed this case meanwhile",
        "one more": "One more call",
        "solved": "Solved",
    },
}
in_both_languages = pytest.mark.parametrize("language", WORDS)


def register(who: User, subject: str, *, hours_ago: int = 0, **more: object) -> Case:
    kind = CaseKind.objects.get(code="complaint")
    return services.register_case(
        kind_id=kind.pk,
        project_id=who.projects.get().pk,
        typed={"subject": subject, "category": str(kind.categories.order_by("position")[0].pk)},
        by=who.actor(),
        now=clock.now() - timedelta(hours=hours_ago),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.feature("F09.17")
@in_both_languages
def test_a_broken_term_escalates_under_the_eyes_of_two_who_do_not_undo_each_other(centre, operator, language):
    words = WORDS[language]
    branch = centre.branch(operators=2)
    one, other = branch.operators
    case = register(one, f"Не пришли деньги {branch.code}", hours_ago=3)
    first, second = (operator(who, language=language).page for who in (one, other))
    first.goto(f"{centre.url}/cases/{case.pk}/")
    second.goto(f"{centre.url}/cases/{case.pk}/")
    expect(second.locator("#case-lookers")).to_contain_text(f"{one.short_name} {words['looks']}")
    for page in (first, second):
        expect(page.locator("html")).to_have_attribute("data-live", "connected")

    # Its promise of two hours was broken an hour ago: the minute's job of the worker, or this one, finds that.
    always = WorkingCalendar.objects.create(code=branch.code, name={"ru": "Всегда"}, week=["00:00-24:00"] * 7)
    team = Team.objects.create(code=branch.code, name={"ru": f"Вторая линия {branch.code}"})
    wanted = TermWanted(
        branch.code, {"ru": "Два часа"}, project_id=one.projects.get().pk, calendar_id=always.pk, solution=120,
        raises_after=0, hands_after=0, hands_to_id=team.pk,
    )  # fmt: skip
    services.save_term(term_id=None, version=0, wanted=wanted, by=SYSTEM, now=clock.now())
    services.reckon_many([case.pk], now=clock.now())
    wake_terms(0)
    eventually(lambda: case.entries.filter(act="term").exists())
    for page in (first, second):
        expect(page.locator(".case-entry", has_text=words["broken"])).to_be_visible()
        expect(page.locator(".case-entry", has_text=team.name["ru"])).to_be_visible()
    case.refresh_from_db()
    assert (case.priority, case.team_id) == (Priority.URGENT, team.pk)

    for page in (first, second):
        page.goto(f"{centre.url}/cases/{case.pk}/edit/")
    first.locator("#field-subject").fill("Деньги не пришли за неделю")
    first.locator("form .form-actions button.btn-primary").click()
    expect(first.get_by_role("heading", name="Деньги не пришли за неделю")).to_be_visible()
    second.locator("#field-subject").fill("Другая тема")
    second.locator("form .form-actions button.btn-primary").click()
    expect(second.get_by_text(words["changed"])).to_be_visible()
    assert Case.objects.get(pk=case.pk).subject == "Деньги не пришли за неделю"
    second.get_by_role("radio", name="Другая тема").check()
    second.locator("form .form-actions button.btn-primary").click()
    expect(second.get_by_role("heading", name="Другая тема")).to_be_visible()
    # Whoever looks on sees that it changed, and whose doing it was.
    expect(first.locator(".case-entry", has_text=other.short_name).first).to_be_visible()


@pytest.mark.feature("F09.04")
@in_both_languages
def test_one_more_call_about_a_mass_incident_is_a_click_and_all_are_told_when_it_is_solved(talk, language):
    words = WORDS[language]
    talking = talk(language=language, name="Соколова")
    desk, who = talking.desk, talking.branch.operators[0]
    talking.customer.points.create(kind="email", use="contact", raw="sokolova@example.com")
    incident = register(who, "Не работают банкоматы")
    services.declare_incident(
        case_id=incident.pk, banner="Банкоматы чинят до вечера", until=None, by=SYSTEM, now=clock.now()
    )
    desk.page.reload()
    desk.wait_until_live()

    notice = desk.page.locator(".notice", has_text="Банкоматы чинят до вечера")
    notice.get_by_role("button", name=words["one more"]).click()
    eventually(lambda: incident.children.filter(customer=talking.customer).count() == 1)
    child = incident.children.get()
    expect(notice.get_by_role("button", name=words["one more"])).to_have_count(0)

    now = clock.now()
    services.take_case(case_id=incident.pk, by=who.actor(), now=now)
    services.move_case_to(case_id=incident.pk, state="work", by=SYSTEM, now=now)
    for point in incident.points.all():
        services.tick_point(case_id=incident.pk, point_id=point.pk, done=True, by=SYSTEM, now=now)
    services.comment_case(case_id=incident.pk, text="Банкоматы снова работают.", is_public=True, by=SYSTEM, now=now)
    services.move_case_to(case_id=incident.pk, state="solved", by=SYSTEM, now=now)
    eventually(lambda: Case.objects.get(pk=child.pk).stage == Stage.SOLVED, within=30)
    assert Message.objects.filter(record=talking.customer.pk, text="Банкоматы снова работают.").exists()
    page = desk.page.context.new_page()
    page.goto(f"{talking.desk.centre.url}/cases/{child.pk}/")
    expect(page.locator(".case-title")).to_contain_text(words["solved"])
    expect(page.locator(".case-entry", has_text="Банкоматы снова работают.").first).to_be_visible()
