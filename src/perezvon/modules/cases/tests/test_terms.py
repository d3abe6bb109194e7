"""Terms: what is promised, what happens when it is broken, why, and what another promise would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.calendars.services import WantedDay, put_day
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.outbox.handlers import Dispatcher, handlers
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Team
from perezvon.modules.cases import services
from perezvon.modules.cases.blueprint import export_terms, load_terms
from perezvon.modules.cases.models import Act, Case, CaseTerm, TermPolicy
from perezvon.modules.cases.services import TermWanted, clocking
from perezvon.modules.cases.tests.conftest import SYSTEM, Register, step_id
from perezvon.modules.cases.tests.test_pages import words

pytestmark = pytest.mark.django_db

MOSCOW = ZoneInfo("Europe/Moscow")
MORNING = datetime(2026, 11, 16, 10, 0, tzinfo=MOSCOW)  # a Monday; the usual day is from nine to six
FOUR_HOURS = TermWanted("quick", {"en": "Quick"}, answer=240, warn=60)


def at(hour: int, minute: int = 0, *, day: int = 16) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


@pytest.fixture
def policy(kinds, lisa) -> TermPolicy:
    wanted = replace(FOUR_HOURS, kind_id=kinds["complaint"].pk)
    return services.save_term(term_id=None, version=0, wanted=wanted, by=lisa, now=MORNING)


def wake(now: datetime) -> None:
    for key in services.terms_to_wake(now):
        services.wake_case(case_id=key, by=SYSTEM, now=now)


def topics() -> list[str]:
    return list(
        OutboxRow.objects.filter(topic__startswith="cases.term_").order_by("id").values_list("topic", flat=True)
    )


class TestPromise:
    def test_holds_for_the_cases_that_it_is_for(self, policy, register: Register):
        case, other = register("complaint", now=MORNING), register("order", now=MORNING)

        assert case.due == at(14)
        assert other.due is None

    def test_is_the_earliest_of_several_and_of_what_was_promised_by_hand(self, policy, register: Register, lisa, olga):
        services.save_term(
            term_id=None, version=0, wanted=TermWanted("all", {"en": "All"}, solution=120), by=lisa, now=MORNING
        )
        case = register(now=MORNING)
        assert case.due == at(12)

        services.edit_case(
            case_id=case.pk, version=case.version, typed={"promised": "16.11.2026 11:00"}, by=olga, now=MORNING
        )
        assert Case.objects.get(pk=case.pk).due == at(11)

    def test_rests_while_the_case_waits_and_is_kept_by_an_answer(self, policy, register: Register, olga):
        case = register(now=MORNING)
        services.take_case(case_id=case.pk, by=olga, now=MORNING)
        services.move_case(case_id=case.pk, step_id=step_id(case, "work"), by=olga, now=at(11))
        case.refresh_from_db()
        services.move_case(case_id=case.pk, step_id=step_id(case, "customer"), comment="asked", by=olga, now=at(12))
        assert Case.objects.get(pk=case.pk).due is None

        case.refresh_from_db()
        services.move_case(case_id=case.pk, step_id=step_id(case, "work"), by=olga, now=at(9, day=17))
        assert Case.objects.get(pk=case.pk).due == at(11, day=17)

        services.comment_case(case_id=case.pk, text="Paid back", is_public=True, by=olga, now=at(10, day=17))
        assert CaseTerm.objects.get().state == "met"
        assert Case.objects.get(pk=case.pk).due is None


@pytest.mark.feature("F09.15", partly="contract terms (entitlements)")
@pytest.mark.feature("F09.17")
class TestClock:
    def test_warns_tells_of_the_breach_and_does_what_the_policy_says_once(self, policy, register: Register, lisa, olga):
        night = Team.objects.create(code="night", name={"en": "Night"})
        wanted = replace(
            FOUR_HOURS, kind_id=policy.kind_id, raises_after=0, hands_after=60, hands_to_id=night.pk
        )  # fmt: skip
        services.save_term(term_id=policy.pk, version=policy.version, wanted=wanted, by=lisa, now=MORNING)
        case = register(now=MORNING, priority="2")
        services.take_case(case_id=case.pk, by=olga, now=MORNING)

        wake(at(12, 59))
        assert topics() == []
        for _turn in range(2):
            wake(at(13, 1))
        assert topics() == ["cases.term_warned"]

        for _turn in range(2):
            wake(at(14, 1))
        case.refresh_from_db()
        assert topics() == ["cases.term_warned", "cases.term_broken"]
        assert (case.priority, case.person_id) == (3, olga.id)

        for _turn in range(2):
            wake(at(15, 1))
        case.refresh_from_db()
        assert (case.priority, case.person_id, case.team) == (3, None, night)
        assert [one.facts["what"] for one in case.entries.filter(act=Act.TERM)] == ["warned", "broken"]

    def test_tells_of_a_breach_that_an_answer_came_too_late_for(self, policy, register: Register, olga):
        case = register(now=MORNING)
        services.comment_case(case_id=case.pk, text="Paid back", is_public=True, by=olga, now=at(15))

        wake(at(15, 1))

        assert topics() == ["cases.term_broken"]
        assert CaseTerm.objects.get().state == "met_late"


class TestPages:
    def test_show_how_it_stands_and_the_stretches_that_add_up(self, policy, browse, register: Register, olga):
        case = register(now=at(17))
        services.take_case(case_id=case.pk, by=olga, now=at(17))
        wake(at(12, 30, day=17))
        term = CaseTerm.objects.get()
        browser = browse(olga)

        assert "First answer" in words(browser.get(f"/cases/{case.pk}/"))
        told = words(browser.get(f"/cases/{case.pk}/terms/{term.pk}/"))
        assert "Quick" in told
        assert "4 working hr" in told

    def test_try_terms_before_they_hold(self, policy, browse, register: Register, lisa):
        register(now=MORNING), register("order", now=MORNING)
        form = {"code": "strict", "name_ru": "Строже", "solution": "0:01", "only_try": "on", "version": "0"}
        browser = browse(lisa)

        tried = browser.post("/cases/terms/new/", form)
        wrong = browser.post("/cases/terms/new/", {**form, "solution": "soon"})

        assert "these terms are for 2; at once 2 would be overdue" in words(tried)
        assert wrong.status_code == 422
        assert TermPolicy.objects.count() == 1
        assert "Only the newest" not in words(tried)

    def test_a_trial_that_leaves_cases_out_says_so(self, kinds, browse, register: Register, lisa, monkeypatch):
        register(now=MORNING), register(now=MORNING)
        monkeypatch.setattr(clocking, "MOST_TRIED", 1)
        form = {"code": "strict", "name_ru": "Строже", "solution": "0:01", "only_try": "on", "version": "0"}

        tried = words(browse(lisa).post("/cases/terms/new/", form))

        assert "these terms are for 1;" in tried
        assert "Only the newest 1 cases under way were looked at." in tried


class TestCalendars:
    def test_that_change_have_terms_reckoned_anew_once_for_all_changes_that_wait(self, policy, calendar):
        Job.objects.all().delete()
        mine = Dispatcher([one for one in handlers() if one.name == "cases.reckon_by_other_hours"])
        for day in (17, 18):
            wanted = WantedDay(date(2026, 11, day), "holiday", name={"ru": "Выходной"})
            put_day(calendar_id=calendar.pk, wanted=wanted, by=SYSTEM, now=MORNING)
        for number, row in enumerate(OutboxRow.objects.filter(number=None).order_by("id"), 1):
            OutboxRow.objects.filter(pk=row.pk).update(number=number)

        mine.deliver(MORNING)

        assert [job.kind for job in Job.objects.all()] == [services.RECKON]


@pytest.fixture
def calendar(loans) -> WorkingCalendar:
    return WorkingCalendar.objects.create(code="house", name={"ru": "Дом"}, week=["09:00-18:00"] * 7)


class TestMany:
    def test_are_reckoned_as_one_by_one(self, policy, register: Register, lisa, olga, django_assert_max_num_queries):
        cases = [register(now=MORNING) for _turn in range(4)]
        services.comment_case(case_id=cases[0].pk, text="Paid", is_public=True, by=olga, now=at(11))
        kept = {one.case_id: (one.state, one.due_at, one.met_at) for one in CaseTerm.objects.all()}
        CaseTerm.objects.all().delete()
        Case.objects.update(due=None)

        with django_assert_max_num_queries(14):
            assert services.reckon_many([case.pk for case in cases], now=at(11)) == 4

        again = {one.case_id: (one.state, one.due_at, one.met_at) for one in CaseTerm.objects.all()}
        assert again == kept
        assert Case.objects.filter(due=at(14)).count() == 3

    @pytest.mark.django_db(transaction=True)
    def test_batches_go_side_by_side_and_count_every_case_under_way_once(self, policy, register: Register, monkeypatch):
        monkeypatch.setattr(clocking, "BATCH", 2)
        cases = [register(now=MORNING) for _turn in range(7)]
        CaseTerm.objects.all().delete()
        Case.objects.update(due=None)

        counts = list(services.reckon_under_way(now=lambda: at(11)))

        assert counts == [2, 2, 2, 1]
        assert Case.objects.filter(due=at(14)).count() == len(cases)
        assert CaseTerm.objects.count() == len(cases)

    @pytest.mark.django_db(transaction=True)
    def test_whoever_stops_it_leaves_whole_batches(self, policy, register: Register, monkeypatch):
        monkeypatch.setattr(clocking, "BATCH", 1)
        for _turn in range(20):
            register(now=MORNING)
        Case.objects.update(due=None)

        reckoning = services.reckon_under_way(now=lambda: at(11))
        next(reckoning)
        reckoning.close()

        assert 1 <= Case.objects.filter(due=at(14)).count() < 20

    def test_stand_in_a_blueprint(self, policy):
        before = export_terms()

        load_terms(before, SYSTEM, MORNING + timedelta(hours=1))

        assert export_terms() == before
        assert before["case_terms"][0] | {"answer": "4:00", "warn": "1:00"} == before["case_terms"][0]
