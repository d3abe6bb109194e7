"""Conversations that are over, taken in many at a time: those of a demo's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import override

from perezvon.cores.scripting import Stage
from perezvon.cores.scripting.model import Run as Talk
from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.copying import copy_in
from perezvon.foundation.outbox.services import publish
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.scripting.events import PastRunsChanged
from perezvon.modules.scripting.models import Run, RunAnswer, RunStep, Scenario
from perezvon.modules.scripting.selectors import known_facts, library_of
from perezvon.modules.scripting.services.answering import rows_of
from perezvon.modules.scripting.services.running import fill_in, pinned_for, steps_of
from perezvon.modules.scripting.services.summing import day_of


@dataclass(frozen=True, slots=True)
class PastTalk:
    """How one contact was led. talk: as the core's stepper has it at its end, on `stage_for(scenario)`."""

    contact: Interaction
    scenario: Scenario
    talk: Talk
    author_id: int | None


def stage_for(scenario: Scenario, *, by: Actor) -> Stage:
    """Where conversations by the version in force run."""
    return Stage(library_of(pinned_for(scenario)), known_facts(by))


@command("scripting.record_past", needs="interactions.record")
def record_past_runs(*, talks: Sequence[PastTalk], by: Actor, now: datetime) -> int:
    """Write them as `begin_run` and `give` would have; nothing is done, no card is written to. Returns how many.

    Three statements, whatever their number, and two queries for each scenario.
    """
    stages = {one.scenario.pk: (stage_for(one.scenario, by=by), pinned_for(one.scenario)) for one in _first(talks)}
    runs, steps, answers = [], list[RunStep](), list[RunAnswer]()
    for one in talks:
        stage, pinned = stages[one.scenario.pk]
        row = _row(one, pinned)
        with override(one.talk.language):
            fill_in(row, stage, one.talk, now)
        runs.append(row)
        steps += steps_of(row, one.talk)
        answers += rows_of(row, stage, one.talk) if one.talk.ended_at else []
    copy_in(runs)
    copy_in(steps)
    copy_in(answers)
    for day in sorted({day_of(run.began_at) for run in runs}):
        publish(PastRunsChanged(day=day), now=now)
    return len(runs)


def _first(talks: Sequence[PastTalk]) -> list[PastTalk]:
    """One of each scenario."""
    return list({one.scenario.pk: one for one in talks}.values())


def _row(one: PastTalk, pinned: list[int]) -> Run:
    assert one.scenario.current is not None  # noqa: S101  (nothing else is offered)
    return Run(
        id=UUID(one.talk.id), scenario=one.scenario, version=one.scenario.current, pinned=pinned,
        interaction=one.contact, customer_id=one.contact.customer_id, project_id=one.contact.project_id,
        began_at=one.talk.steps[0].entered_at, by_id=one.author_id, revision=len(one.talk.steps),
    )  # fmt: skip
