"""What customers do by links that they were sent, in a browser of their own, where nobody is signed in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.messages.models import Message
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.models import Case, CaseKind, Stage
from perezvon.modules.cases.services.marking import token_of
from perezvon.modules.interactions.models import Channel
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Run, Scenario
from tests.support.centre import new_number

BY = System(name="test")


@pytest.fixture
def customer(centre):
    return centre.customer("Orlova", new_number(), language="ru")


def test_a_questionnaire_is_filled_in_by_a_link(centre, customer, new_context, settings):
    settings.PUBLIC_URL = centre.url
    branch = centre.branch()
    survey = Scenario.objects.get(code="satisfaction")
    way = services.Way("email", "orlova@mail.example", project_id=branch.line.project_id)
    services.invite(scenario_id=survey.pk, customer_id=customer.pk, way=way, by=BY, now=clock.now())
    link = re.search(r"http\S+", Message.objects.get(to="orlova@mail.example").text)[0]
    page = new_context("ru").new_page()

    page.goto(link)
    expect(page.locator("h1")).to_have_text(str(survey.name["ru"]))
    page.get_by_role("button", name="Далее").last.click()
    expect(page.locator("[data-wrong]").first).to_be_visible()
    for _step in range(20):
        if page.locator("form [name=revision]").count() == 0:
            break
        for field in page.locator(".script-field").all():
            if field.locator("input[type=radio]").count():
                field.locator("input[type=radio]").last.check()
            elif field.locator("textarea").count():
                field.locator("textarea").fill("Всё хорошо")
        before = page.locator("[name=revision]").input_value()
        page.locator(".script-ways button").last.click()
        expect(page.locator(f"[name=revision][value='{before}']")).to_have_count(0)
    expect(page.locator(".notice[data-tone=good]")).to_contain_text("Спасибо")

    run = Run.objects.get(customer=customer)
    assert run.ended_at is not None
    assert run.interaction.channel == Channel.WEB
    page.goto(link)
    expect(page.locator(".notice")).to_contain_text("уже ответили")


def test_a_customer_says_how_content_he_is(centre, customer, new_context):
    branch, now = centre.branch(), clock.now()
    kind = CaseKind.objects.get(code="complaint")
    case = Case.objects.create(
        id=uuid7(now), number=900_000 + customer.number, kind=kind,
        project_id=branch.line.project_id, state=kind.states.get(code="solved"), stage=Stage.SOLVED,
        subject="Комиссия", customer=customer, created_at=now, changed_at=now, over_at=now,
    )  # fmt: skip
    page = new_context("ru").new_page()

    page.goto(f"{centre.url}/mark/{token_of(case.pk)}/")
    page.locator("input[name=mark][value='4']").check()
    page.locator("textarea[name=words]").fill("Быстро помогли")
    page.get_by_role("button", name="Отправить").click()

    expect(page.locator(".notice[data-tone=good]")).to_be_visible()
    case.refresh_from_db()
    assert (case.mark, case.mark_words) == (4, "Быстро помогли")
