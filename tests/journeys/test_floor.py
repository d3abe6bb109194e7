"""The monitor in real browsers: what happens at a desk is seen at once, what the supervisor does is seen there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation.people.models import Role, User
from perezvon.modules.routing.models import NotReadyReason, Queue
from perezvon.modules.supervision.models import Threshold

WORDS = {
    "ru": ("Готов", "Звонит", "Разговор", "Сменить состояние", "Пауза", "Продолжить"),
    "en": ("Ready", "Ringing", "On call", "Change the state", "Pause", "Go on"),
}


@pytest.mark.feature("F17.02", partly="channels beside the telephone")
@pytest.mark.parametrize("language", WORDS)
def test_a_supervisor_sees_a_call_come_to_an_operator_and_sends_him_to_lunch_after_it(centre, operator, language):
    ready, rings, talks, change, pause, go_on = WORDS[language]
    branch = centre.branch()
    one = branch.operators[0]
    boss = User.objects.create_user(
        f"{branch.code}-boss", "perezvon-test", last_name="Lebedeva", role=Role.objects.get(code="supervisor")
    )
    lunch, _made = NotReadyReason.objects.update_or_create(
        code="lunch", defaults={"name": {"ru": "Обед", "en": "Lunch"}, "is_active": True}
    )
    queue = Queue.objects.get(project__in=one.projects.all())
    Threshold.objects.create(queue=queue, wait_s=1)
    desk, page = operator(one, language=language), operator(boss, language=language).page
    page.goto(f"{centre.url}/floor/")
    row = page.locator(f"#floor-agent-{one.pk}")

    desk.ready()
    expect(row).to_contain_text(ready)
    call = centre.rings(branch)
    desk.is_in("ringing")
    expect(row).to_contain_text(rings)
    waits = page.locator("tr", has_text=queue.name[language]).first
    expect(waits.locator("[data-tone=bad] cc-timer")).to_be_visible()  # longer than its second
    desk.press("answer")
    expect(row).to_contain_text(talks)
    expect(row).to_contain_text(queue.name[language])

    row.get_by_label(change).click()
    page.get_by_role("button", name=str(lunch.name[language]), exact=True).click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text(one.short_name)
    centre.callers.caller_hangs_up(call)
    desk.is_in("wrapup")

    page.get_by_role("link", name=pause, exact=True).click()
    expect(page.locator("#workspace .notice")).to_be_visible()
    page.get_by_role("link", name=go_on, exact=True).click()
    expect(page.locator("#workspace .notice")).to_have_count(0)
