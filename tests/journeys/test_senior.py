"""A senior comes to a conversation: he listens, prompts, joins, takes over; an operator asks for him."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from perezvon.foundation.people.models import Role, User
from perezvon.modules.supervision.models import HelpRequest
from tests.journeys.conftest import Operator, Talk
from tests.support import eventually
from tests.support.centre import Centre
from tests.support.desk import Desk

WORDS = {
    "ru": {
        "listen": "Слушать", "whisper": "Подсказать", "barge": "Вмешаться", "take_over": "Забрать вызов",
        "listens": "Вы слушаете", "hears": "Вас слышит оператор", "prompts": "подсказывает", "listened": "слушает",
        "ask": "Позвать старшего", "open": "Открыть", "send": "Отправить", "change": "Сменить состояние",
        "settled": "Вопрос решён", "leave": "Выйти", "asks": "просит старшего", "asked": "ждём",
        "message": "Сообщение", "read": "Прочитано",
    },
    "en": {
        "listen": "Listen", "whisper": "Whisper", "barge": "Barge in", "take_over": "Take the call over",
        "listens": "You listen", "hears": "The operator hears you", "prompts": "prompts you", "listened": "listens",
        "ask": "Ask for the senior", "open": "Open", "send": "Send", "change": "Change the state",
        "settled": "It is settled", "leave": "Leave", "asks": "asks for the senior", "asked": "asked for",
        "message": "Message", "read": "I have read it",
    },
}  # fmt: skip


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def _senior(centre: Centre, operator: Operator, talking: Talk, language: str) -> Desk:
    role = Role.objects.get(code="supervisor")
    boss = User.objects.create_user(f"{talking.branch.code}-boss", "perezvon-test", last_name="Lebedeva", role=role)
    return operator(boss, language=language)


def _ways(page: Page) -> Locator:
    return page.locator("dialog[open] .floor-ways")


def _joined(centre: Centre, call_id: str) -> set[str]:
    """Who of us is in the conversation."""
    joined = {leg["address"] for leg in centre.parties(call_id) if leg["joined"]}
    return {address for address in joined if address.startswith("agent:")}


@pytest.mark.feature("F17.01", partly="waiting items are moved and queues closed: routing")
@pytest.mark.parametrize("language", WORDS)
def test_a_supervisor_listens_prompts_and_takes_the_call_over(
    centre: Centre, operator: Operator, talk: Callable[..., Talk], language: str
) -> None:
    """From the monitor, which stands in a tab of his own desk."""
    words = WORDS[language]
    talking = talk(language=language)
    desk = talking.desk
    boss = _senior(centre, operator, talking, language)
    page = boss.page
    page.locator("#rail a[href='/floor/']").click()
    row = page.locator(f"#floor-agent-{desk.user.pk}")
    row.get_by_label(words["change"]).click()
    expect(page.locator("dialog[open]")).to_contain_text("Smirnova")
    _look(page, f"senior-ways-{language}")
    _ways(page).get_by_role("button", name=words["listen"]).click()

    expect(page.locator("#callbar")).to_contain_text(words["listens"])
    expect(page.locator("#callbar")).to_contain_text("Smirnova")
    expect(page.locator("dialog[open]")).to_have_count(0)
    eventually(lambda: _joined(centre, talking.call_id) >= {f"agent:{boss.user.pk}", f"agent:{desk.user.pk}"})
    expect(desk.page.locator("#callbar")).to_contain_text(words["listened"])
    _look(page, f"senior-listens-{language}")

    page.locator("#callbar").get_by_role("button", name=words["whisper"]).click()
    expect(page.locator("#callbar")).to_contain_text(words["hears"])
    expect(desk.page.locator("#callbar")).to_contain_text(words["prompts"])
    _look(desk.page, f"senior-prompted-{language}")

    page.locator("#callbar").get_by_role("button", name=words["take_over"]).click()
    desk.is_in("wrapup")
    boss.is_in("talking")
    eventually(lambda: _joined(centre, talking.call_id) == {f"agent:{boss.user.pk}"})
    centre.callers.caller_hangs_up(talking.call_id)
    boss.is_in("wrapup")


@pytest.mark.parametrize("language", WORDS)
def test_an_operator_asks_for_the_senior_who_answers_and_comes(
    centre: Centre, operator: Operator, talk: Callable[..., Talk], language: str
) -> None:
    words = WORDS[language]
    talking = talk(language=language)
    desk = talking.desk
    boss = _senior(centre, operator, talking, language)
    page = boss.page
    panel = desk.helper.locator(".desk-panel")
    panel.locator("input[name=text]").fill("Просит отменить комиссию, можно?")
    panel.get_by_role("button", name=words["ask"]).click()
    expect(panel).to_contain_text(words["asked"])
    _look(desk.page, f"senior-asked-{language}")

    strip = page.locator(".desk-panel .notice", has_text="Просит отменить комиссию")
    expect(strip).to_contain_text(words["asks"])
    _look(page, f"senior-strip-{language}")
    strip.get_by_role("button", name=words["open"]).click()
    dialog = page.locator("dialog[open]")
    dialog.locator("input[name=text]").fill("Да, до тысячи рублей")
    dialog.get_by_role("button", name=words["send"]).click()
    expect(panel).to_contain_text("Да, до тысячи рублей")
    expect(panel).to_contain_text("Lebedeva")
    panel.locator("input[name=text]").fill("Не закрыва")  # typed while the other writes
    dialog.locator("input[name=text]").fill("И извинитесь")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("И извинитесь")
    expect(panel.locator("input[name=text]")).to_have_value("Не закрыва")
    _look(page, f"senior-talk-{language}")

    _ways(page).get_by_role("button", name=words["barge"]).click()
    eventually(lambda: f"agent:{boss.user.pk}" in _joined(centre, talking.call_id))
    page.locator("#callbar").get_by_role("button", name=words["leave"]).click()
    eventually(lambda: f"agent:{boss.user.pk}" not in _joined(centre, talking.call_id))
    desk.is_in("talking")

    centre.callers.caller_hangs_up(talking.call_id)
    expect(strip).to_have_count(0)
    asked = HelpRequest.objects.get(interaction=talking.branch.newest_contact())
    assert (asked.senior, asked.agent) == (boss.user, desk.user)
    eventually(lambda: HelpRequest.objects.filter(pk=asked.pk, ended_at__isnull=False).exists())


@pytest.mark.parametrize("language", WORDS)
def test_a_message_from_the_monitor_stands_on_the_desk_until_it_is_read(
    centre: Centre, operator: Operator, talk: Callable[..., Talk], language: str
) -> None:
    words = WORDS[language]
    talking = talk(language=language)
    desk = talking.desk
    page = _senior(centre, operator, talking, language).page
    page.goto(f"{centre.url}/floor/")
    page.locator(f"#floor-agent-{desk.user.pk}").get_by_label(words["change"]).click()
    page.locator("dialog[open]").get_by_role("button", name=words["message"]).click()
    page.locator("dialog[open] textarea").fill("Сбой в базе, отвечать по памятке")
    page.locator("dialog[open]").get_by_role("button", name=words["send"]).click()
    expect(page.locator("dialog[open]")).to_have_count(0)

    told = desk.page.locator(".desk-panel .notice", has_text="Сбой в базе")
    expect(told).to_contain_text("Lebedeva")
    _look(desk.page, f"floor-message-{language}")
    desk.page.reload()
    told.get_by_role("button", name=words["read"]).click()
    expect(told).to_have_count(0)


def test_an_ordinary_operator_cannot_listen(centre: Centre, talk: Callable[..., Talk], operator: Operator) -> None:
    talking = talk(operators=2)
    other = operator(talking.colleague)

    status = other.page.evaluate(
        """async (path) => {
            const token = document.querySelector('meta[name=csrf]').content;
            const body = new URLSearchParams({act: 'listen'});
            return (await fetch(path, {method: 'POST', body, headers: {'X-CSRFToken': token}})).status;
        }""",
        f"/desk/call/{talking.call_id}/act/",
    )

    assert status in {403, 404}
    assert _joined(centre, talking.call_id) == {f"agent:{talking.desk.user.pk}"}
