"""A task goes from hand to hand in real browsers: handed over, accepted, moved on the board, seen by the supervisor."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.people.models import Role, User
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import State, Task
from perezvon.modules.tasks.services import Wanted
from tests.support import eventually

WORDS = {
    "en": ("Hand over", "Until it is accepted it stays where it is", "There are tasks for you", "Accept the task"),
    "ru": ("Передать", "Пока её не приняли, она остаётся на месте", "Для вас есть задачи", "Принять задачу"),
}


@pytest.mark.feature("F10.05")
@pytest.mark.feature("F10.06")
@pytest.mark.feature("F10.07")
@pytest.mark.parametrize("language", WORDS)
def test_a_task_is_handed_over_accepted_done_and_seen_by_the_supervisor(centre, operator, language):
    hand_over, stays, waiting, accept = WORDS[language]
    branch = centre.branch(operators=2)
    one, other = branch.operators[:2]
    supervisor = User.objects.create_user(
        f"{branch.code}-boss", "perezvon-test", last_name="Lebedeva", role=Role.objects.get(code="supervisor")
    )
    supervisor.projects.set(one.projects.all())
    title = f"Check the address {branch.code}"
    wanted = Wanted(title=title, owner_id=one.pk, project_id=one.projects.get().pk)
    task = services.plan(wanted=wanted, by=one.actor(), now=clock.now())
    first, second, boss = (operator(who, language=language).page for who in (one, other, supervisor))
    boss.goto(f"{centre.url}/tasks/board/?whose=all")
    expect(boss.locator("[data-board-cell=new]").get_by_text(title)).to_be_visible()

    first.goto(f"{centre.url}/tasks/{task.pk}/")
    first.locator("#field-to").select_option(str(other.pk))
    first.get_by_role("button", name=hand_over, exact=True).click()
    expect(first.get_by_text(stays)).to_be_visible()
    expect(second.get_by_text(waiting)).to_be_visible()
    second.goto(f"{centre.url}/tasks/")
    second.get_by_role("button", name=accept).click()

    expect(boss.locator("[data-board-cell=work]").get_by_text(title)).to_be_visible()  # told, without asking
    second.goto(f"{centre.url}/tasks/board/?whose=mine")
    second.locator("[data-board-cell=work]").get_by_role("link", name=title).focus()
    second.keyboard.press("Shift+ArrowRight")
    expect(boss.locator("[data-board-cell=waiting]").get_by_text(title)).to_be_visible()
    second.locator(f"#card-{task.pk}").drag_to(second.locator("[data-board-cell=done]"))
    expect(boss.locator("[data-board-cell=done]").get_by_text(title)).to_be_visible()
    eventually(lambda: Task.objects.get(pk=task.pk).state == State.DONE)


@pytest.mark.feature("F10.10", partly="on a telephone without a link (mobile)")
def test_the_calendar_shows_what_is_planned_and_a_click_plans_more(centre, operator):
    branch = centre.branch()
    one = branch.operators[0]
    due = clock.now().replace(minute=0, second=0, microsecond=0, tzinfo=None)
    title = f"Meet {branch.code}"
    wanted = Wanted(title=title, kind="meeting", due=due, zone="UTC", project_id=one.projects.get().pk)
    services.plan(wanted=wanted, by=one.actor(), now=clock.now())
    page = operator(one).page

    page.goto(f"{centre.url}/tasks/calendar/")

    expect(page.locator("cc-planner[data-ready] .ec-event").get_by_text(title)).to_be_visible()
    page.get_by_role("button", name="list", exact=True).click()
    page.locator(".ec-event").get_by_text(title).click()
    expect(page.locator("h1", has_text=title)).to_be_visible()
