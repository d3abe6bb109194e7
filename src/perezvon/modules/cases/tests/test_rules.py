"""Rules: they do what they say once for a cause, say why, and set each other off without end in no way."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from perezvon.cores.conditions import Fact, Type, Value, read
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import work_on
from perezvon.foundation.messages.models import Message
from perezvon.foundation.outbox.handlers import Dispatcher, handlers
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Role, Team, User
from perezvon.modules.cases import actions, services
from perezvon.modules.cases.blueprint import export_rules, load_rules
from perezvon.modules.cases.models import Case, CaseRule, RuleRun, When
from perezvon.modules.cases.rules import Verdict, decide
from perezvon.modules.cases.selectors import NoSuchCaseKind
from perezvon.modules.cases.services import RuleWanted, ruling
from perezvon.modules.cases.tests.conftest import NOW, SYSTEM, Register, person, step_id
from perezvon.modules.cases.tests.test_pages import words
from perezvon.modules.tasks.models import Task

COMPLAINT = ["and", ["kind", "any", "complaint"]]
URGENT = {"priority": {"to": "urgent"}}


# --- which rules act: pure ---

_FACTS = {"mark": Fact("mark", Type.NUMBER)}


class World:
    """One case and rules whose actions set the mark; each change asks all rules again, with the cause of the first."""

    def __init__(self, rules: list[tuple[int, int]]) -> None:
        self.rules = rules  # (acts when the mark is at least, sets it to)
        self.mark, self.acted, self.order, self.held_back = 0, set[int](), list[int](), 0

    def change(self, mark: int) -> None:
        self.mark = mark
        for key, (least, to) in enumerate(self.rules):
            where = read(["and", ["mark", "least", str(least)]])
            values: Mapping[str, Value] = {"mark": self.mark}
            found = decide(where, _FACTS, values, rule=key, acted=self.acted, now=NOW)
            self.held_back += found.verdict is Verdict.LOOP
            if found.verdict is Verdict.ACTS:
                assert self.mark >= least
                self.acted.add(key)
                self.order.append(key)
                self.change(to)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8), st.integers(0, 5))
def test_rules_that_set_each_other_off_come_to_an_end_and_none_acts_twice(rules, mark):
    world = World(rules)

    world.change(mark)

    assert len(world.order) == len(set(world.order))
    assert set(world.order) >= {key for key, (least, _to) in enumerate(rules) if least == 0}


def test_two_that_undo_each_other_act_once_each_and_it_is_told():
    world = World([(0, 5), (5, 0)])

    world.change(0)

    assert (world.order, world.held_back > 0) == ([0, 1], True)


# --- what they do ---

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(kinds, lisa):
    def made(code: str, when: str, actions: dict[str, Any], **more: Any) -> CaseRule:
        wanted = RuleWanted(code, {"ru": code, "en": code}, when, actions=actions, **more)
        return services.save_rule(rule_id=None, version=0, wanted=wanted, by=lisa, now=NOW)

    return made


def deliver(now: datetime = NOW) -> None:
    """Everything that waits in the outbox, and what that leads to, as the worker does."""
    mine = Dispatcher([one for one in handlers() if one.name.startswith("cases.rules_of")])
    for number, row in enumerate(OutboxRow.objects.filter(number=None).order_by("id"), _last() + 1):
        OutboxRow.objects.filter(pk=row.pk).update(number=number)
    while mine.deliver(now):
        for number, row in enumerate(OutboxRow.objects.filter(number=None).order_by("id"), _last() + 1):
            OutboxRow.objects.filter(pk=row.pk).update(number=number)


def _last() -> int:
    return OutboxRow.objects.exclude(number=None).order_by("-number").values_list("number", flat=True).first() or 0


@pytest.mark.feature("F09.11")
@pytest.mark.feature("F09.05", partly="by load and skills of operators: routing")
class TestActing:
    def test_a_new_case_is_given_out_and_worked_on_by_what_its_conditions_say(self, rule, register: Register):
        claims = Team.objects.create(code="claims", name={"en": "Claims"})
        rule(
            "complaints",
            When.REGISTERED,
            {
                **URGENT,
                "team": {"to": "claims"},
                "note": {"text": "Call back today"},
                "task": {"title": "Call back", "hours": "4"},
                "email": {"text_ru": "Мы получили обращение.", "text_en": "We have your complaint."},
            },
            where=COMPLAINT,
        )
        case, other = register("complaint"), register("order")

        deliver()
        deliver()  # again: nothing is done twice

        case.refresh_from_db(), other.refresh_from_db()
        assert (case.priority, case.team_id) == (4, claims.pk)
        assert other.priority != 4
        assert [run.outcome for run in RuleRun.objects.all()] == [RuleRun.Outcome.DONE]
        assert RuleRun.objects.get().held == [[["kind", "any", "complaint"], True]]
        assert Task.objects.get().title == "Call back"
        assert Message.objects.get().text.startswith("Мы получили")
        assert {entry.facts.get("rule") for entry in case.entries.exclude(act="registered")} == {
            CaseRule.objects.get().pk
        }

    def test_all_of_a_rule_or_nothing_and_the_log_says_why(self, rule, register: Register, browse, lisa):
        rule("close", When.REGISTERED, {**URGENT, "state": {"to": "closed"}}, where=COMPLAINT)
        case = register("complaint")

        deliver()

        case.refresh_from_db()
        run = RuleRun.objects.get()
        assert (run.outcome, run.told, run.done) == (RuleRun.Outcome.REFUSED, "cases.step_closed", [])
        assert case.priority != 4
        page = words(browse(lisa).get(f"/cases/rules/log/{run.pk}/"))
        assert "This step is not possible" in page
        assert "Kind: " in page

    def test_two_rules_that_undo_each_other_stop_and_it_is_told(self, rule, register: Register, olga):
        rule("up", When.CHANGED, URGENT, where=["and", ["priority", "none", "urgent"]])
        rule("down", When.CHANGED, {"priority": {"to": "low"}}, where=["and", ["priority", "any", "urgent"]])
        case = register("complaint")

        services.edit_case(case_id=case.pk, version=case.version, typed={"subject": "Other"}, by=olga, now=NOW)
        deliver()

        outcomes = sorted(RuleRun.objects.values_list("rule__code", "outcome"))
        assert outcomes.count(("up", "done")) == outcomes.count(("down", "done")) == 1
        assert ("up", "loop") in outcomes or ("down", "loop") in outcomes

    def test_one_that_stops_leaves_those_behind_it_unasked(self, rule, register: Register):
        rule("first", When.REGISTERED, URGENT, stops=True)
        rule("second", When.REGISTERED, {"priority": {"to": "low"}})
        case = register("complaint")

        deliver()

        case.refresh_from_db()
        assert case.priority == 4

    def test_so_long_in_one_state_acts_once_for_each_stay(self, rule, register: Register, olga):
        rule("waits", When.WAITED, {"note": {"text": "Still open"}}, after=24 * 60)
        case = register("complaint")
        late = NOW + timedelta(hours=25)

        early = services.sweep_rules(NOW + timedelta(hours=23))
        acted = [services.sweep_rules(late), services.sweep_rules(late), services.sweep_rules(late)]
        services.take_case(case_id=case.pk, by=olga, now=late)
        services.move_case(case_id=case.pk, step_id=step_id(case, "work"), by=olga, now=late)
        again = services.sweep_rules(late + timedelta(hours=25))

        assert (early, acted, again) == (0, [1, 0, 0], 1)
        assert case.entries.filter(text="Still open").count() == 2

    @pytest.mark.feature("F09.16")
    def test_whoever_has_it_is_written_to_again_and_again_until_he_acts(self, rule, register: Register, olga):
        text = {"alert": {"to": "responsible", "text": "The contract wants an answer today."}}
        rule("nags", When.WAITED, text, after=4 * 60, again=2 * 60)
        User.objects.filter(pk=olga.id).update(email="olga@example.com")
        case = register("complaint")

        services.take_case(case_id=case.pk, by=olga, now=NOW)
        told = [services.sweep_rules(NOW + timedelta(hours=hours, minutes=1)) for hours in (3, 4, 4, 5, 6, 8, 9)]
        services.move_case(case_id=case.pk, step_id=step_id(case, "work"), by=olga, now=NOW + timedelta(hours=9))
        afterwards = services.sweep_rules(NOW + timedelta(hours=12))

        assert told == [0, 1, 0, 0, 1, 1, 0]
        assert afterwards == 0
        assert {message.to for message in Message.objects.all()} == {"olga@example.com"}

    def test_days_are_those_of_the_project(self, rule, register: Register, loans, kinds):
        loans.zone = "Asia/Vladivostok"
        loans.save()
        there = datetime(2026, 11, 17, 1, 0, tzinfo=ZoneInfo("Asia/Vladivostok"))  # the 16th in Moscow
        rule("today", When.REGISTERED, URGENT, where=["and", ["registered", "is", "2026-11-17"]])
        case = register("complaint", now=there)

        deliver(there)

        case.refresh_from_db()
        assert case.priority == 4


class TestTogether:
    """A rule and a person, or a rule and what the database says."""

    def test_what_the_database_refuses_is_told(self, rule, register: Register, monkeypatch):
        def breaks(*_given: object) -> None:
            Team.objects.create(code="twice", name={})
            Team.objects.create(code="twice", name={})

        monkeypatch.setitem(actions._actions, "note", replace(actions.case_actions()["note"], run=breaks))
        rule("breaks", When.REGISTERED, {"note": {"text": "Hello"}})
        register("complaint")

        deliver()

        run = RuleRun.objects.get()
        assert (run.outcome, run.told) == (RuleRun.Outcome.FAILED, "IntegrityError")
        assert not Team.objects.filter(code="twice").exists()

    @pytest.mark.django_db(transaction=True)
    def test_an_edit_at_the_same_moment_is_waited_for(self, rule, register: Register):
        made = rule("up", When.CHANGED, URGENT, where=["and", ["subject", "is", "Edited"]])
        case = register("complaint")
        found: list[RuleRun | None] = []

        def ask() -> None:
            try:
                with transaction.atomic():
                    found.append(services.ask_rule(made, case.pk, "cause", NOW))
            finally:
                connection.close()

        asking = Thread(target=ask)
        with transaction.atomic():
            held = Case.objects.select_for_update().get(pk=case.pk)
            asking.start()
            wait_for_lock()
            services.edit_case(case_id=case.pk, version=held.version, typed={"subject": "Edited"}, by=SYSTEM, now=NOW)
        asking.join(10)

        case.refresh_from_db()
        assert [run and (run.outcome, run.told) for run in found] == [(RuleRun.Outcome.DONE, "")]
        assert (case.subject, case.priority) == ("Edited", 4)


def wait_for_lock() -> None:
    """Until somebody waits for what this connection holds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)) LIMIT 1"
            )
            if cursor.fetchone():
                return
    pytest.fail("nobody waits")


class TestSettingUp:
    FORM: Mapping[str, str] = {
        "code": "angry", "name_ru": "Жалобы", "name_en": "Complaints", "when": "registered", "version": "0",
        "w.join": "and", "w.0.join": "and", "w.0.0.fact": "kind", "w.0.0.operator": "any", "w.0.0.value": "complaint",
        "do.priority.to": "urgent",
    }  # fmt: skip

    def test_try_save_and_run_by_hand(self, register: Register, browse, lisa):
        case, order = register("complaint"), register("order")
        browser = browse(lisa)

        tried = words(browser.post("/cases/rules/new/", {**self.FORM, "try": "1"}))
        assert "It would act for 1 of 2 cases under way" in tried
        assert case.code in tried
        assert not CaseRule.objects.exists()

        browser.post("/cases/rules/new/", self.FORM)
        saved = CaseRule.objects.get()
        shown = words(browser.get("/cases/rules/"))
        assert "Kind: " in shown
        assert "Set the priority: Urgent" in shown

        answer = browser.post(f"/cases/rules/{saved.pk}/run/")
        job = Job.objects.get()
        assert answer["Location"] == f"/jobs/{job.pk}/"
        work_on(job.pk, now=lambda: NOW)
        Job.objects.update(state="running")  # as if it had been killed at the end
        work_on(job.pk, now=lambda: NOW)
        case.refresh_from_db(), order.refresh_from_db()
        assert (case.priority, order.priority) == (4, 2)
        assert RuleRun.objects.filter(outcome="done").count() == 1
        assert "Set the priority" in words(browser.get("/cases/rules/log/"))

    def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(self, kinds, browse, lisa):
        browser = browse(lisa)

        nothing = browser.post("/cases/rules/new/", {**self.FORM, "do.priority.to": ""})
        waited = browser.post("/cases/rules/new/", {**self.FORM, "when": "waited"})
        place = browser.post("/cases/rules/new/", {**self.FORM, "do.email.text_ru": "Dear {nobody}"})
        condition = browser.post("/cases/rules/new/", {**self.FORM, "w.0.0.value": "gone"})

        assert [one.status_code for one in (nothing, waited, place, condition)] == [422] * 4
        assert "{nobody}" in words(place)
        assert not CaseRule.objects.exists()

    def test_asked_twice_it_is_run_by_hand_once(self, rule, register: Register, loans, browse, lisa):
        register("complaint")
        known = rule("up", When.HAND, URGENT)
        maria, address = person("maria", loans, "information_administrator"), f"/cases/rules/{known.pk}/"
        browser = browse(lisa)
        sent = {"command_id": re.findall(r'name="command_id" value="(.+?)"', browser.get(address).content.decode())[0]}

        first, again = browser.post(f"{address}run/", sent), browser.post(f"{address}run/")
        hers = browse(maria).post(f"{address}run/")
        work_on(Job.objects.get().pk, now=lambda: NOW)
        late = browse(lisa).post(f"{address}run/", sent)

        job = Job.objects.get()
        assert [one["Location"] for one in (first, again, late)] == [f"/jobs/{job.pk}/"] * 3
        assert (hers["Location"], job.owner_id) == ("/cases/rules/log/", lisa.id)
        browser.post(f"{address}run/")
        assert Job.objects.count() == 2

    def test_run_by_hand_goes_through_all_of_them_page_by_page(self, rule, register: Register, lisa, monkeypatch):
        monkeypatch.setattr(ruling, "BATCH", 2)
        monkeypatch.setattr(ruling, "MOST_TRIED", 3)
        cases = [register("complaint", now=NOW + timedelta(minutes=place // 3)) for place in range(7)]
        known = rule("close", When.HAND, {**URGENT, "note": {"text": "All of you"}}, where=COMPLAINT)
        wanted = RuleWanted("close", {"en": "close"}, When.HAND, where=COMPLAINT)

        job = services.ask_to_run_rule(rule_id=known.pk, by=lisa, now=NOW)
        work_on(job.pk, now=lambda: NOW)

        job.refresh_from_db()
        assert job.result == {"cases": 7, "done": 7, "refused": 0}
        assert set(RuleRun.objects.values_list("case", flat=True)) == {case.pk for case in cases}
        assert RuleRun.objects.count() == 7
        assert services.try_rule(wanted, by=lisa, now=NOW).looked_at == 3

    def test_no_condition_is_lost_unsaid(self, rule, browse, lisa):
        saved = rule("angry", When.REGISTERED, URGENT, where=COMPLAINT)
        gone = ["and", ["f_gone", "any", "b2b"]]
        CaseRule.objects.update(where=gone)
        browser, address = browse(lisa), f"/cases/rules/{saved.pk}/"
        form = {**self.FORM, "version": str(saved.version)}
        unknown = {"w.0.0.fact": "f_gone", "w.0.0.operator": "any", "w.0.0.value": "b2b"}
        unticked = {name: text for name, text in form.items() if name != "w.0.0.value"}

        page = browser.get(address)
        answers = [browser.post(address, {**form, **unknown}), browser.post(address, unticked)]

        assert 'name="w.0.0.fact" value="f_gone"' in page.content.decode()
        assert "This is not there any more" in words(page)
        assert [one.status_code for one in answers] == [422, 422]
        assert 'name="w.0.0.value" value="b2b"' in answers[0].content.decode()
        assert "A value is missing" in words(answers[1])
        assert CaseRule.objects.get().where == gone
        edited = browser.get("/cases/rules/conditions/", {**form, **unknown, "edit": "remove.0.0"})
        assert "f_gone" not in edited.content.decode()

    def test_whoever_sees_some_projects_has_rules_of_those_alone(self, rule, loans, cards, browse, lisa):
        others, of_all = rule("cards", When.REGISTERED, URGENT, project_id=cards.pk), rule("all", When.CHANGED, URGENT)
        Role.objects.filter(code="information_administrator").update(all_projects=False)
        browser, some = browse(lisa), User.objects.get(pk=lisa.id).actor()
        posted = [
            browser.post("/cases/rules/new/", {**self.FORM, "project": project})
            for project in ("", str(cards.pk), "987654", str(loans.pk))
        ]

        assert [one.status_code for one in posted] == [422, 422, 422, 302]
        for known in (others, of_all):
            address = f"/cases/rules/{known.pk}/"
            form = {**self.FORM, "version": str(known.version), "project": str(loans.pk)}
            asked = [browser.get(address), browser.post(address, form), browser.post(f"{address}run/")]
            assert [one.status_code for one in asked] == [404] * 3
            with pytest.raises(NoSuchCaseKind):
                services.switch(what="rule", key_id=known.pk, is_active=False, by=some, now=NOW)
        shown = words(browser.get("/cases/rules/"))
        assert "Complaints" in shown
        assert "cards" not in shown
        assert not Job.objects.exists()

    def test_a_project_that_is_not_there_is_refused_to_who_sees_all(self, kinds, browse, lisa):
        browser = browse(lisa)
        kind = {"code": "fresh", "name_en": "Fresh", "version": "0", "priority": "2", "project": "987654"}

        assert browser.post("/cases/rules/new/", {**self.FORM, "project": "987654"}).status_code == 422
        assert browser.post("/cases/kinds/new/", kind).status_code == 422

    @pytest.mark.parametrize(
        ("action", "typed"),
        [
            ("email", {"text_ru": "Dear customer"}),
            ("sms", {"text_ru": "Dear customer"}),
            ("alert", {"to": "responsible", "text": "Act"}),
        ],
    )
    def test_who_may_not_send_messages_sets_no_rule_up_that_does(
        self, kinds, browse, lisa, action: str, typed: Mapping[str, str]
    ):
        role = Role.objects.get(code="information_administrator")
        role.rights = [right for right in role.rights if not right.startswith("messages.")]
        role.save()

        answer = browse(lisa).post(
            "/cases/rules/new/", {**self.FORM, **{f"do.{action}.{name}": text for name, text in typed.items()}}
        )

        assert answer.status_code == 422
        assert "You may not send messages" in words(answer)
        assert not CaseRule.objects.exists()

    def test_stand_in_a_blueprint(self, rule):
        rule("waits", When.WAITED, URGENT, after=90, again=30, where=COMPLAINT, stops=True)
        before = export_rules()

        load_rules(before, SYSTEM, NOW)

        assert export_rules() == before
        assert before["case_rules"][0]["after"] == "1:30"

    def test_only_who_sets_cases_up_may_see_them(self, rule, register: Register, browse, olga):
        known = rule("up", When.REGISTERED, URGENT)

        assert browse(olga).get(f"/cases/rules/{known.pk}/").status_code == 403
        assert not Case.objects.exists()
