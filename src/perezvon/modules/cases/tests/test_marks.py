"""The question at the end: sent once, answered by a link that nobody else has, changed for two weeks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from perezvon.foundation import clock
from perezvon.foundation.messages.models import Message
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case, CaseKind
from perezvon.modules.cases.services.changing import enter
from perezvon.modules.cases.tests.conftest import SYSTEM, Register
from perezvon.modules.cases.tests.test_pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(register: Register, settings) -> Case:
    settings.PUBLIC_URL = "https://help.example.com"
    now = clock.now()
    CaseKind.objects.filter(code="complaint").update(asks_mark=True)
    case = register("complaint", now=now)
    enter(case, case.kind.states.get(code="closed"), SYSTEM, now)
    return case


def ask(case: Case) -> bool:
    return services.ask_mark(case_id=case.pk, by=SYSTEM, now=clock.now())


def test_is_asked_once_and_answered_by_the_link(closed: Case, client: Client, browse, olga):
    assert (ask(closed), ask(closed)) == (True, False)
    letter = Message.objects.get()
    path = letter.text.split("https://help.example.com")[1].strip()

    asked = client.get(path)
    nothing = client.post(path, {"mark": "9"})
    answered = client.post(path, {"mark": "4", "words": "Quick, and kind"}, headers={"Accept-Language": "en"})
    changed = client.post(path, {"mark": "2", "words": "It came back"})

    assert letter.to == "elena@example.com"
    assert words(asked)  # in the customer's language, without signing in
    assert nothing.status_code == 422
    assert [one.status_code for one in (answered, changed)] == [200, 200]
    closed.refresh_from_db()
    assert (closed.mark, closed.mark_words) == (2, "It came back")
    page = words(browse(olga).get(f"/cases/{closed.pk}/"))
    assert "2 of 5" in page
    assert "The customer was asked how content he is" in page


def test_other_links_and_late_answers_change_nothing(closed: Case, client: Client, register: Register):
    ask(closed)
    token = services.token_of(closed.pk)
    other = register("complaint")

    made_up = client.post(f"/mark/{token[:-1]}x/", {"mark": "1"})
    under_way = client.post(f"/mark/{services.token_of(other.pk)}/", {"mark": "1"})
    for turn in range(12):
        client.post(f"/mark/{token}/", {"mark": str(turn % 5 + 1)})
    often = client.post(f"/mark/{token}/", {"mark": "1"})
    Case.objects.filter(pk=closed.pk).update(over_at=clock.now() - timedelta(days=15))
    late = client.get(f"/mark/{token}/")

    assert [one.status_code for one in (made_up, under_way, often, late)] == [404, 409, 409, 409]
    assert closed.entries.filter(act="mark", facts__mark__isnull=False).count() == 10
    assert Case.objects.get(pk=other.pk).mark is None


def test_nobody_is_asked_where_customers_cannot_reach_us_or_the_kind_does_not_want_it(closed: Case, settings):
    settings.PUBLIC_URL = ""
    assert not ask(closed)
    settings.PUBLIC_URL = "https://help.example.com"
    CaseKind.objects.update(asks_mark=False)
    assert not ask(closed)
    assert not Message.objects.exists()
