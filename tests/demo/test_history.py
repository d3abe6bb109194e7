"""The demo's history is made by the product's own parts and holds together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from perezvon.engine.project import write
from perezvon.modules.interactions.models import Interaction, InteractionTopic, Note, Segment, State
from perezvon.modules.routing.models import AgentState
from perezvon.modules.telephony.models import Recording
from perezvon.project import blueprint
from perezvon.project.demo import talks
from perezvon.project.demo.history import (
    callers_of,
    load_day,
    load_history,
    plan_of,
    run_day,
)
from tests.demo.conftest import NOW, SHARED_NUMBER

YESTERDAY = NOW.date() - timedelta(days=1)


def day_of(history, centre, spool=""):
    plan = plan_of(YESTERDAY, history, centre)
    return plan, run_day(plan, callers_of(plan, history, centre), history, centre, spool)


def rows(model, *, without=()):
    """All rows of a model as comparable values, whatever number they were given."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in without]
    return sorted(model.objects.values_list(*names), key=repr)


class TestAPastDay:
    def test_is_written_as_the_engine_would_have_written_it(self, history, centre, tmp_path):
        plan, happened = day_of(history, centre, str(tmp_path))
        models = {Interaction: ("number",), Segment: (), Recording: ()}

        with transaction.atomic():
            for fact in happened.facts:
                write(fact, fact.at)
            one_by_one = {model: rows(model, without=without) for model, without in models.items()}
            transaction.set_rollback(True)
        happened.write_ups.clear()
        load_day(happened=happened, plan=plan, history=history, centre=centre, numbers=range(20_000, 30_000))

        assert len(one_by_one[Interaction]) > 20
        assert {model: rows(model, without=without) for model, without in models.items()} == one_by_one

    def test_keeps_the_log_of_states_that_the_engine_keeps(self, history, centre):
        plan, happened = day_of(history, centre)
        moves = [move for move in happened.moves if move.at >= plan.shifts[0].begins_at - timedelta(hours=1)]
        columns = ("agent_id", "status", "reason", "by_id", "began_at")

        with transaction.atomic():
            for move in moves:
                write(move, move.at)
            expected = sorted(AgentState.objects.values_list(*columns))
            transaction.set_rollback(True)
        load_day(happened=happened, plan=plan, history=history, centre=centre, numbers=range(20_000, 30_000))

        assert sorted(AgentState.objects.values_list(*columns)) == expected
        assert not AgentState.objects.filter(ended_at=None).exists()

    def test_is_the_same_again_for_the_same_seed(self, history, centre):
        _, first = day_of(history, centre)
        _, second = day_of(history, centre)
        _, other = day_of(replace(history, seed=2), centre)

        assert first == second
        assert first.facts != other.facts


@pytest.fixture
def loaded(history, centre, tmp_path):
    return list(load_history(history, centre, tmp_path))


class TestTheHistory:
    def test_comes_newest_day_first(self, loaded, history, centre):
        assert [day for day, _ in loaded] == list(history.dates(centre.zone))
        assert sum(count for _, count in loaded) == Interaction.objects.count()

    def test_numbers_rise_with_time(self, loaded):
        numbers = Interaction.objects.order_by("began_at").values_list("number", flat=True)

        assert list(numbers) == sorted(numbers)

    def test_every_contact_is_over_before_now_and_written_up_if_somebody_talked(self, loaded, history):
        assert not Interaction.objects.exclude(state=State.DONE).exists()
        assert not Segment.objects.filter(ended_at__gt=history.now).exists()
        assert not Segment.objects.filter(ended_at=None).exists()
        talked = Interaction.objects.exclude(answered_at=None)
        assert talked.count() > 60
        assert not talked.filter(result=None).exists()
        assert InteractionTopic.objects.values("interaction").distinct().count() == talked.count()

    def test_results_carry_the_fields_they_require(self, loaded):
        for contact in Interaction.objects.exclude(result=None).select_related("result"):
            assert set(contact.result.requires) <= {name for name, value in contact.result_fields.items() if value}

    def test_some_gave_up_some_call_again_some_hide_their_number(self, loaded):
        assert Interaction.objects.filter(ended_by="abandoned", answered_at=None).exists()
        assert Interaction.objects.filter(address="").exists()
        callers = list(Interaction.objects.exclude(address="").values_list("address", flat=True))
        assert len(set(callers)) < len(callers)

    def test_a_number_on_one_card_is_linked_and_one_on_two_cards_is_not(self, loaded, bank):
        known = Interaction.objects.filter(address="79160000001").first()
        shared = Interaction.objects.filter(address=SHARED_NUMBER, answered_at=None)

        assert known is None or known.customer == bank[1]
        assert not shared.exclude(customer=None).exists()

    def test_notes_are_lifelike_and_carry_no_open_placeholder(self, loaded):
        texts = list(Note.objects.values_list("text", flat=True))

        assert len(set(texts)) > 0.5 * len(texts)
        assert not any("{" in text or "}" in text for text in texts)

    def test_nobody_talks_at_night(self, loaded):
        hours = {
            at.astimezone(ZoneInfo("Europe/Moscow")).hour for at in Segment.objects.values_list("began_at", flat=True)
        }

        assert hours <= set(range(7, 22))

    def test_a_second_load_changes_nothing(self, loaded, history, centre, tmp_path):
        before = rows(Interaction)

        assert list(load_history(history, centre, tmp_path)) == []
        assert rows(Interaction) == before

    def test_a_killed_load_goes_on_where_it_was(self, history, centre, tmp_path):
        first_day = next(iter(load_history(history, centre, tmp_path)))

        rest = list(load_history(history, centre, tmp_path))

        assert [day for day, _ in [first_day, *rest]] == list(history.dates(centre.zone))

    def test_recordings_of_the_last_days_can_be_played(self, loaded, tmp_path):
        recordings = Recording.objects.exclude(path="")

        assert recordings.exists()
        assert all((tmp_path / recording.path).stat().st_size > 1000 for recording in recordings)
        assert not Recording.objects.filter(path="").exists()


class TestTheTalks:
    def test_speak_of_topics_and_results_that_the_bank_has(self, centre):
        bank = blueprint.read("bank")
        results = {row["code"] for row in bank["results"]}

        for project in set(centre.projects.values()):
            for talk in talks.read_talks("bank").talks:
                assert (project.pk, talk.topic) in centre.topics
                assert set(talk.results) <= results
