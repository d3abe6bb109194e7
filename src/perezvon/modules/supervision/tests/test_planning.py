"""Planning a day: what is taken from the past, what the page says, who may see it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project, Role
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.supervision.planning import load_by_project, past_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday, 15:00 in Moscow
FRIDAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def queue(db):
    Role.objects.filter(code="supervisor").update(all_projects=False)
    project = make_project("loans", 1)
    Project.objects.filter(pk=project.pk).update(zone="Europe/Moscow")
    project.refresh_from_db()
    return make_queue(project, "loans", within_s=20)


@pytest.fixture
def viktor(queue):
    return make_user("viktor", "supervisor", queue.project)


def friday(weeks_ago: int, hour: int, minute: int = 0) -> datetime:
    """By UTC, three hours behind the project."""
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC) - timedelta(weeks=weeks_ago)


@pytest.fixture
def calls(queue):
    """Two Fridays with calls at nine by the project's clock, one without, and calls that do not count."""
    for weeks, count in ((1, 4), (3, 2)):
        for number in range(count):
            make_call(queue, friday(weeks, 6, number), talk_s=100, wrap_up_s=20)
    make_call(queue, friday(1, 6, 20), talk_s=100, wrap_up_s=20)
    make_call(queue, friday(0, 6))  # today is not over
    make_call(queue, friday(1, 6) - timedelta(days=1), talk_s=100, wrap_up_s=20)
    make_call(queue, friday(1, 6), direction="outbound")


class TestPast:
    def test_is_the_mean_of_such_days_by_the_projects_clock(self, calls, queue, viktor):
        past = past_of(queue, FRIDAY, 4, by=viktor.actor(), now=NOW)

        assert (past.weeks, past.known) == (4, 2)
        assert {number: count for number, count in enumerate(past.calls) if count} == {36: 3.0, 37: 0.5}
        assert past.handling_s == pytest.approx(120)

    def test_of_a_day_far_ahead_is_that_of_weeks_that_are_over(self, calls, queue, viktor):
        near, far = (
            past_of(queue, day, 2, by=viktor.actor(), now=NOW) for day in (FRIDAY, FRIDAY + timedelta(weeks=9))
        )

        assert near == far

    def test_costs_the_same_however_many_calls_there_were(self, calls, queue, viktor):
        by = viktor.actor()
        with CaptureQueriesContext(connection) as few:
            past_of(queue, FRIDAY, 4, by=by, now=NOW)
        for minute in range(20):
            make_call(queue, friday(2, 8, minute))
        with CaptureQueriesContext(connection) as many:
            past_of(queue, FRIDAY, 4, by=by, now=NOW)

        assert len(many) == len(few)


@pytest.mark.feature("F03.25")
class TestLoad:
    def test_is_told_project_by_project_the_heaviest_first(self, calls, queue, viktor):
        other = make_queue(make_project("cards", 2), "cards")
        viktor.projects.add(other.project)
        for number in range(20):
            make_call(other, friday(1, 9, number), talk_s=600, wrap_up_s=0)

        cards, loans = load_by_project(date(2026, 11, 13), date(2026, 11, 19), by=viktor.actor())

        assert (cards.project, cards.calls.total, round(cards.hours, 2)) == (other.project, 20, 3.33)
        assert (loans.project, loans.calls.served, loans.handling_s) == (queue.project, 5, pytest.approx(120))


def text_of(page) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


class TestPage:
    def test_plans_a_day_and_checks_another_number(self, calls, queue, viktor, client):
        client.force_login(viktor)
        asked = f"/floor/planning/?queue={queue.pk}&day={FRIDAY}"

        planned = client.get(asked)
        assert "the mean of 2 of 4 such days" in text_of(planned)
        assert '<path class="plan-line"' in planned.content.decode()
        short = text_of(client.get(f"{asked}&agents=1&handling_s=900"))
        assert "0 % !" in short

    @pytest.mark.parametrize(
        "wrong", ["weeks=0", "share=100", "away=91", "agents=x", "day=2026-02-30", "handling_s=99999999", "more=-91"]
    )
    def test_says_at_the_field_what_is_wrong(self, calls, queue, viktor, client, wrong):
        client.force_login(viktor)

        page = client.get(f"/floor/planning/?queue={queue.pk}&{wrong}")

        assert page.status_code == 200
        assert 'data-tone="bad"' in page.content.decode()
        assert "Calls expected" not in text_of(page)

    def test_says_when_there_is_nothing_to_plan_from(self, queue, viktor, client):
        client.force_login(viktor)

        assert "nothing to plan from" in text_of(client.get("/floor/planning/"))

    def test_is_for_supervisors(self, queue, client):
        client.force_login(make_user("olga", "operator", queue.project))

        assert client.get("/floor/planning/").status_code == 403
