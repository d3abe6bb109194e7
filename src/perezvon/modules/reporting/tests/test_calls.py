"""The call report: what it counts, and that every number opens the calls behind it."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perezvon.foundation.access import System
from perezvon.modules.reporting.figures import Calls, Share
from perezvon.modules.reporting.filters import WrongPeriod, read_asked
from perezvon.modules.reporting.selectors import Which, get_call_figures, get_topic_figures, list_calls
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.topics.models import Topic

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)  # ten o'clock in Moscow
WEEK = {"from": "2026-11-16", "until": "2026-11-20"}
BY = System(name="test")


@pytest.fixture
def loans(db):
    return make_project("loans", 1)


@pytest.fixture
def cards(db):
    return make_project("cards", 2)


@pytest.fixture
def queue(loans):
    return make_queue(loans, "loans", within_s=20)


@pytest.fixture
def olga(loans, cards):
    return make_user("olga", "operator", loans, cards)


@pytest.fixture
def viktor(loans, cards):
    return make_user("viktor", "supervisor", loans, cards)


def make_topic(project, name, parent=None):
    return Topic.objects.create(project=project, parent=parent, name={"en": name})


@pytest.fixture
def week(loans, cards, queue, olga):
    """Five calls of loans and one of cards, and one in the week before."""
    payment = make_topic(loans, "Payment")
    early, partial = make_topic(loans, "Early", payment), make_topic(loans, "Partial", payment)
    complaint = make_topic(loans, "Complaint")
    fast = make_queue(cards, "cards", within_s=5)
    make_call(queue, MONDAY, waited_s=10, talk_s=100, wrap_up_s=30, agent=olga, topics=[early, partial])
    make_call(queue, MONDAY, waited_s=20, talk_s=200, hold_s=40, agent=olga, topics=[early, complaint])
    make_call(queue, MONDAY + timedelta(days=1), waited_s=21, talk_s=300, agent=olga)
    make_call(queue, MONDAY + timedelta(days=1), waited_s=90, talk_s=None)
    make_call(queue, MONDAY + timedelta(days=2), waited_s=None, talk_s=None)
    make_call(fast, MONDAY, waited_s=6, talk_s=60, agent=olga)
    make_call(queue, MONDAY - timedelta(days=5), waited_s=1, talk_s=10, agent=olga, topics=[early])
    return {"payment": payment, "early": early, "partial": partial, "complaint": complaint, "fast": fast}


def asked(projects, **more):
    return read_asked(WEEK | more, projects=projects, now=NOW)


class TestFigures:
    def test_count_calls_by_queue_with_the_seconds_of_each(self, week, loans, cards, queue):
        figures = get_call_figures(asked([loans, cards]), by=BY)

        by_queue = {line.queue.code: line.calls for line in figures.queues}
        assert by_queue["loans"] == Calls(
            total=5, served=3, abandoned=2, in_time=2, wait_s=51, talk_s=600, hold_s=40, wrap_up_s=90
        )
        assert by_queue["cards"].in_time == 0
        assert figures.total == by_queue["loans"] + by_queue["cards"]

    def test_stand_on_the_day_of_the_project_on_which_the_call_began(self, loans, queue):
        late = datetime(2026, 11, 16, 21, 30, tzinfo=UTC)  # half past midnight of Tuesday in Moscow
        make_call(queue, late)

        days = dict(get_call_figures(asked([loans]), by=BY).days)

        assert days[date(2026, 11, 17)].total == 1
        assert list(days) == [date(2026, 11, day) for day in range(16, 21)]

    def test_leave_outgoing_calls_and_other_channels_out(self, loans, queue):
        make_call(queue, MONDAY, direction="outbound")
        contact = make_call(queue, MONDAY)
        contact.channel = "visit"
        contact.save()

        assert get_call_figures(asked([loans]), by=BY).total == Calls()

    def test_a_call_that_waits_now_is_neither_served_nor_abandoned(self, loans, queue):
        make_call(queue, NOW - timedelta(seconds=40), talk_s=None, ended_at=None)

        total = get_call_figures(asked([loans]), by=BY).total

        assert (total.total, total.served, total.abandoned, total.waiting) == (1, 0, 0, 1)

    def test_cost_the_same_whatever_the_number_of_calls(self, week, loans, cards, django_assert_num_queries):
        with django_assert_num_queries(3):
            get_call_figures(asked([loans, cards]), by=BY)
        with django_assert_num_queries(3):
            get_topic_figures(asked([loans, cards]), names={loans.pk: "Loans", cards.pk: "Cards"})


class TestTopics:
    def test_a_parent_counts_each_contact_once_and_children_may_overlap(self, week, loans):
        found = get_topic_figures(asked([loans]), names={loans.pk: "Loans"})

        shares = {line.name: line.share for line in found.lines}
        assert found.registered == Share(count=2, registered=2, before=1)
        assert shares["Payment"] == Share(count=2, registered=2, before=1)
        assert shares["Early"] == Share(count=2, registered=2, before=1)
        assert shares["Partial"] == Share(count=1, registered=2, before=0)
        assert [(line.name, line.depth) for line in found.lines] == [
            ("Payment", 0),
            ("Early", 1),
            ("Partial", 1),
            ("Complaint", 0),
        ]

    def test_growth_is_against_the_period_of_equal_length_before(self, week, loans):
        before = asked([loans]).before

        assert (before.first, before.last) == (date(2026, 11, 11), date(2026, 11, 15))
        shares = {line.name: line.share for line in get_topic_figures(asked([loans]), names={loans.pk: "Loans"}).lines}
        assert shares["Early"].growth_percent == 100
        assert shares["Partial"].growth_percent is None

    def test_several_projects_have_a_line_each_above_their_topics(self, week, loans, cards):
        lines = get_topic_figures(asked([loans, cards]), names={loans.pk: "Loans", cards.pk: "Cards"}).lines

        assert [(line.name, line.depth) for line in lines][:2] == [("Loans", 0), ("Payment", 1)]

    def test_withdrawn_topics_stay_in_the_table(self, week, loans):
        Topic.objects.filter(pk=week["complaint"].pk).update(is_active=False)

        lines = get_topic_figures(asked([loans]), names={loans.pk: "Loans"}).lines

        assert "Complaint" in [line.name for line in lines]


class TestTheList:
    def test_goes_on_from_page_to_page_without_gap_or_repeat(self, loans, queue):
        for minute in range(7):
            make_call(queue, MONDAY + timedelta(minutes=minute // 2))

        seen, after = [], None
        while True:
            page = list_calls(asked([loans]), Which(), by=BY, after=after, limit=3)
            seen += [row.contact for row in page.rows]
            after = page.after
            if after is None:
                break

        assert page.total == 7
        assert len(set(seen)) == 7
        assert [contact.began_at for contact in seen] == sorted((c.began_at for c in seen), reverse=True)

    def test_costs_five_queries(self, week, loans, django_assert_num_queries):
        with django_assert_num_queries(6):  # topics come with their names in one more
            list_calls(asked([loans]), Which(), by=BY)


class TestThePage:
    @pytest.fixture
    def client(self, viktor):
        client = Client()
        client.force_login(viktor)
        return client

    @pytest.mark.feature("F18.05")
    def test_shows_calls_total_served_and_both_levels_with_their_formulas(self, week, client):
        page = client.get("/reports/calls/", WEEK).content.decode()

        words = text_of(page)
        assert "Calls 6 all that came in" in words
        assert "Share served 67 % served / calls" in words
        assert "Service level 33 % answered within the seconds of the queue / calls" in words
        assert "rounded to the nearest whole one" in words
        assert re.search(r"Loans 5 3 60 % 40 % 20 s 2 40 % 0:17 3:20 0:13 0:30", words)

    @pytest.mark.feature("F18.06")
    @pytest.mark.feature("F18.07")
    def test_shows_topics_with_share_and_growth(self, week, client):
        words = text_of(client.get("/reports/calls/", WEEK | {"project": "loans"}).content.decode())

        assert "Registered 2 calls with at least one topic" in words
        assert "Share of calls 40 % registered / calls" in words
        assert "Payment 2 100 % +100 % 1" in words
        assert "Partial 1 50 % — 0" in words

    def test_every_number_opens_a_list_of_just_so_many_calls(self, week, client):
        page = client.get("/reports/calls/", WEEK).content.decode()

        links = re.findall(r'href="(/reports/calls/list/[^"]*)"[^>]*>\s*([^<]*?)\s*</a>', page)
        counts = [(unescape(url), int(shown)) for url, shown in links if shown.isdecimal()]
        assert len(counts) > 25
        for url, shown in counts:
            found = re.search(r"Found: (\d+)", client.get(url).content.decode())
            assert found, url
            assert int(found[1]) == shown, url

    @pytest.mark.parametrize("period", [{"until": "0001-01-05"}, {"until": "9999-12-31"}, {"from": "20-11-2026"}])
    @pytest.mark.parametrize("path", ["", "list/", "calls.xlsx"])
    def test_asks_for_two_days_when_given_none_that_make_sense(self, client, path, period):
        refused = client.get(f"/reports/calls/{path}", period)

        assert refused.status_code == 422
        assert "Give two days" in text_of(refused.content.decode())

    def test_finds_nothing_under_a_code_that_cannot_be(self, week, client):
        page = client.get("/reports/calls/list/", WEEK | {"dimension": "\x00", "value": "\x00"})

        assert page.status_code == 200

    def test_is_not_for_operators(self, week, olga):
        client = Client()
        client.force_login(olga)

        for path in ("", "list/", "calls.xlsx"):
            assert client.get(f"/reports/calls/{path}").status_code == 403

    def test_counts_only_projects_that_the_reader_sees(self, week, cards):
        anna = make_user("anna", "supervisor", cards)
        anna.role.all_projects = False
        anna.role.save()
        client = Client()
        client.force_login(anna)

        words = text_of(client.get("/reports/calls/", WEEK | {"project": "loans"}).content.decode())

        assert "Calls 1 all that came in" in words
        assert "Loans" not in words

    def test_hides_callers_from_those_who_may_not_see_contacts(self, week, loans):
        reader = make_user("lisa", "information_administrator", loans)
        client = Client()
        client.force_login(reader)

        assert "Caller" not in client.get("/reports/calls/list/", WEEK).content.decode()

    @pytest.mark.parametrize(
        "period",
        [
            {"from": "2026-11-20", "until": "2026-11-16"},
            {"from": "yesterday"},
            {"from": "2020-01-01", "until": "2026-11-16"},
        ],
        ids=["the wrong way round", "not a date", "too long"],
    )
    def test_says_what_is_wrong_with_the_period(self, week, client, period):
        answer = client.get("/reports/calls/", period)

        assert answer.status_code == 422
        assert "Give two days" in answer.content.decode()

    def test_of_a_period_without_calls_says_so(self, loans, client):
        assert "No calls in this period" in client.get("/reports/calls/", WEEK).content.decode()

    def test_costs_a_fixed_number_of_queries(self, week, client, queue, olga):
        client.get("/reports/calls/", WEEK)
        few = CaptureQueriesContext(connection)
        with few:
            client.get("/reports/calls/", WEEK)
        for minute in range(20):
            make_call(queue, MONDAY + timedelta(minutes=minute), agent=olga, topics=[week["early"]])
        many = CaptureQueriesContext(connection)
        with many:
            client.get("/reports/calls/", WEEK)

        assert len(many) == len(few) <= 13

    def test_the_picture_has_words_and_a_table_beside_it(self, week, client):
        page = client.get("/reports/calls/", WEEK).content.decode()

        assert '<svg class="chart"' in page
        assert 'role="img" aria-labelledby="chart-title chart-words"' in page
        assert "Served: 67 %; the busiest day was 16.11 with 3" in text_of(page)
        assert page.count('class="chart-served"') == 5

    @pytest.mark.feature("F17.03")
    def test_the_spreadsheet_holds_the_same_numbers_and_says_what_was_asked(self, week, client):
        answer = client.get("/reports/calls/calls.xlsx", WEEK)

        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        asked_for = {row[0].value: row[1].value for row in book["What was asked"].iter_rows()}
        assert asked_for["Period"] == "16.11.2026 – 20.11.2026"
        assert asked_for["Project"] == "All projects"
        assert asked_for["Share served"] == "served / calls"
        calls = [[cell.value for cell in row] for row in book["Calls"].iter_rows()]
        assert calls[0][:5] == ["Queue", "Seconds", "Calls", "Served", "Share served"]
        assert calls[1][:6] == ["Loans", 20, 5, 3, 0.6, 0.4]
        assert calls[-1][:6] == ["Total", "—", 6, 4, 0.67, 0.33]
        topics = [[cell.value for cell in row] for row in book["Topics"].iter_rows()]
        assert ["        Early", 2, 1, 1, 1] in topics
        assert ["        Partial", 1, 0.5, "—", 0] in topics


class TestThePeriod:
    def test_is_the_last_thirty_days_when_nothing_is_asked(self, loans):
        found = read_asked({}, projects=[loans], now=NOW)

        assert (found.first, found.last) == (date(2026, 10, 22), date(2026, 11, 20))

    def test_begins_at_midnight_of_the_project(self, loans):
        assert asked([loans], project="loans").begins_at == datetime(2026, 11, 15, 21, tzinfo=UTC)

    def test_of_more_than_a_year_is_refused(self, loans):
        with pytest.raises(WrongPeriod):
            read_asked({"from": "2025-01-01", "until": "2026-11-16"}, projects=[loans], now=NOW)


def text_of(page: str) -> str:
    """What a reader sees of a page, in one line."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))
