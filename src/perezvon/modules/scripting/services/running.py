"""Leading a conversation: one input, what it brings about, and where it stands then.

The run is held while an input is worked through, so that two clicks come one after the other, and everything that a
step does belongs to the same transaction: a killed process leaves either all of it or nothing. An action that fails is
taken back alone; the operator reads what failed, and the conversation goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from perezvon.cores.conditions import Value
from perezvon.cores.scripting import Stage, begin, next_wakeup, step
from perezvon.cores.scripting.codec import read_run, write_run
from perezvon.cores.scripting.knowing import node_of, score_of
from perezvon.cores.scripting.model import Clock, Do, Done, Effect, Failure, Input, Know, NotNow, Stored, Write
from perezvon.cores.scripting.model import Run as Talk
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.values import as_typed
from perezvon.foundation.outbox.services import publish, tell
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, PerezvonError, Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.customers.services import update_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.scripting.actions import Action, CannotDo, Doing, Opening, actions
from perezvon.modules.scripting.events import PastRunsChanged, RunBegan, RunEnded
from perezvon.modules.scripting.facts import FIELDS, OF_CARD, OWN, context_of, news
from perezvon.modules.scripting.models import Run, RunStep, Scenario
from perezvon.modules.scripting.selectors import (
    RUN,
    NoSuchRun,
    action_at,
    library_of,
    list_offered,
    said_of,
    set_facts,
    stage_of,
    versions_in_force,
    visible_runs,
)
from perezvon.modules.scripting.services.answering import keep_answers
from perezvon.modules.scripting.services.summing import day_of

MOST_ACTIONS = 40  # that one input may bring about; more are a ring of actions, and then the operator is waited for
CARD = "card"  # as what a failure to write to the card is told
log = structlog.get_logger(__name__)


class NotPossible(Refused):
    """It cannot be done at this step. facts: reason, problems: [Missing]."""

    code = "scripting.not_possible"
    http_status = 422


class Moved(Refused):
    """The conversation has moved on since: somebody else, or another window."""

    code = "scripting.moved"


class NotOffered(NotFound):
    """There is no such scenario for this person."""

    code = "scripting.not_offered"


@command("scripting.begin", needs=RUN)
def begin_run(*, scenario_id: UUID, interaction_id: UUID, by: Person, now: datetime, language: str = "") -> Run:
    """Lead this contact by the scenario, as it is published now. One under way goes on.

    Raises NotOffered, NotPossible while it still rings.
    """
    contact = get_interaction(interaction_id, by=by)
    scenario = next((one for one in list_offered(by=by) if one.pk == scenario_id), None)
    if scenario is None or scenario.current is None:
        raise NotOffered(scenario=scenario_id)
    if contact.answered_at is None:
        raise NotPossible(reason="ringing")
    Interaction.objects.select_for_update().get(pk=contact.pk)  # so that two clicks begin one run
    under_way = Run.objects.filter(interaction=contact, scenario=scenario, ended_at=None).first()
    if under_way is not None:
        return under_way
    row = Run(
        id=uuid7(now), scenario=scenario, version=scenario.current, pinned=pinned_for(scenario), interaction=contact,
        customer=contact.customer, project=contact.project, began_at=now, by_id=by.id, revision=0,
    )  # fmt: skip
    stage = stage_of(row, by=by)
    spoken = language or (contact.customer.language if contact.customer else by.language)
    context = context_of(contact, by=by, now=now)
    turn = begin(stage, scenario.code, run_id=str(row.pk), language=spoken, context=context, now=now)
    work = Work(stage, row, contact, by, now, turn.run)
    work.carry_out(turn.effects)
    return work.saved()


def pinned_for(scenario: Scenario) -> list[int]:
    """The versions in force of a scenario and of all that it may enter."""
    in_force = versions_in_force()
    found: dict[str, int] = {}
    wanted = [scenario.code]
    while wanted:
        code = wanted.pop()
        if code in in_force and code not in found:
            found[code] = in_force[code]
            drawn = library_of([in_force[code]])[code]
            wanted += [node.scenario for node in drawn.nodes.values() if node.scenario]
    return list(found.values())


@command("scripting.give", needs=RUN)
def give(*, run_id: UUID, given: Sequence[Input], by: Person, now: datetime, revision: int | None = None) -> Run:
    """Answer, go back, jump, skip, …: inputs one after the other, all of them or none.

    revision: of the run that the operator was looking at; another one has moved on. Raises NotPossible, Moved.
    """
    work = _held(run_id, by, now, revision)
    for one in given:
        work.say(one)
    return work.saved()


@command("scripting.keep", needs=RUN)
def keep(*, run_id: UUID, given: Input, by: Person, now: datetime) -> Run:
    """What is typed so far; it is there for whoever takes over. Nobody's window is told."""
    work = _held(run_id, by, now, None)
    work.say(given)
    return work.saved(quietly=True)


@command("scripting.catch_up", needs=RUN)
def catch_up(*, run_id: UUID, by: Person, now: datetime) -> Run:
    """Let the run know what has changed around it, and that time has passed. Nothing changed, nothing happens."""
    work = _held(run_id, by, now, None)
    work.know()
    return work.saved() if work.has_changed else work.row


def _held(run_id: UUID, by: Person, now: datetime, revision: int | None) -> Work:
    """The run, held for this transaction, brought up to date. Raises NoSuchRun, Moved."""
    row = visible_runs(by).select_for_update(of=("self",)).filter(pk=run_id).first()
    if row is None:
        raise NoSuchRun(run=run_id)
    if revision is not None and row.revision != revision:
        raise Moved(run=run_id)
    contact = get_interaction(row.interaction_id, by=by)
    work = Work(stage_of(row, by=by), row, contact, by, now, read_run(row.state))
    work.know()
    return work


class Work:
    """A run, while an input is worked through. opened: what the operator's browser has to open now."""

    def __init__(self, stage: Stage, row: Run, contact: Interaction, by: Actor, now: datetime, talk: Talk) -> None:
        self.row, self._contact, self._stage = row, contact, stage
        self._by, self._now = by, now
        self._talk, self._before = talk, talk
        self._done = 0
        self.opened: list[Opening] = []

    @property
    def has_changed(self) -> bool:
        return self._talk != self._before

    def know(self) -> None:
        """What is otherwise around it now: another customer, a topic more, something opened that is done, the time."""
        if self._talk.ended_at is not None:
            return
        self._look_around()
        self._look_after_action()
        until = next_wakeup(self._stage, self._talk)
        if until is not None and until <= self._now:
            self.say(Clock())

    def _look_around(self) -> None:
        if not isinstance(self._by, Person):
            return
        changed = news(self._talk.context, context_of(self._contact, by=self._by, now=self._now))
        if changed:
            self.say(Know(changed))

    def _look_after_action(self) -> None:
        action, gives = action_at(self._stage, self._talk, self._now)
        if action is None or action.is_done is None:
            return
        ends, doing = action.is_done, self._doing(gives)
        try:
            with transaction.atomic():
                facts = ends(doing)
        except PerezvonError:
            return  # the operator says himself what came of it
        if facts is not None:
            self.say(Done(self._talk.here.effect, ok=True, facts=facts))

    def say(self, given: Input) -> None:
        """One input with all that it brings about. Raises NotPossible."""
        try:
            turn = step(self._stage, self._talk, given, self._now)
        except NotNow as refused:
            raise NotPossible(reason=refused.code, problems=refused.problems) from None
        self._talk = turn.run
        self.carry_out(turn.effects)

    def carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self._write(effect.values)
            elif isinstance(effect, Do):
                self._do(effect)

    # --- the card ---

    def _write(self, values: Mapping[str, Stored]) -> None:
        typed = {
            name.removeprefix(OF_CARD): as_typed(list(stored) if isinstance(stored, tuple) else stored)
            for name, stored in values.items()
            if name.removeprefix(OF_CARD) in FIELDS or name.startswith(OWN)
        }
        if not typed or self._contact.customer_id is None:
            return
        _facts, failed = self._attempt(lambda: self._update(typed))
        if failed:
            failures = (*self._talk.failures, Failure(CARD, failed, self._now))
            self._talk = replace(self._talk, failures=failures)

    def _update(self, typed: Mapping[str, str]) -> None:
        customer = get_customer(_linked(self._contact), by=self._by)
        update_customer(customer_id=customer.pk, version=customer.version, typed=typed, by=self._by, now=self._now)

    # --- actions ---

    def _do(self, effect: Do) -> None:
        self._done += 1
        if self._done > MOST_ACTIONS:
            return None
        action = actions().get(effect.does)
        if action is None or (action.runs is None and action.opens is None):
            return self.say(Done(effect.effect, ok=False, said=words_for(CannotDo(why="unknown"))))
        doing = self._doing(effect.gives)
        facts, failed = self._attempt(lambda: _carried_out(action, doing, self._by))
        if isinstance(facts, Opening):
            self.opened.append(facts)
            if self._is_waited_for(effect.effect):
                return None
            facts = None
        elif not failed:
            self._look_around()  # the next decision may ask for what the action has changed
        return self.say(Done(effect.effect, ok=not failed, facts=facts or {}, said=failed))

    def _is_waited_for(self, effect: int) -> bool:
        asked = next(one for one in self._talk.steps if one.effect == effect)
        return node_of(self._stage.library, asked).waits

    def _doing(self, gives: Mapping[str, str]) -> Doing:
        assert isinstance(self._by, Person)  # noqa: S101  (nobody else is given a scenario that does something)
        return Doing(self._contact, gives, self._by, self._now)

    def _attempt[T](self, act: Callable[[], T]) -> tuple[T | None, str]:
        """What it gives, and why it failed: nothing of it has happened then."""
        try:
            with transaction.atomic():
                return act(), ""
        except OperationalError:
            raise  # a deadlock takes all of it back, and all of it is done again
        except PerezvonError as error:
            return None, words_for(error)
        except Exception:
            log.exception("scripting.action_broke", run=str(self.row.pk))
            return None, words_for(CannotDo(why="broken"))

    # --- keeping it ---

    def saved(self, *, quietly: bool = False) -> Run:
        """Kept, with its steps for statistics; who looks at the contact is told."""
        row, talk = self.row, self._talk
        is_new = row.revision == 0
        fill_in(row, self._stage, talk, self._now)
        row.customer_id = self._contact.customer_id
        row.revision += 0 if quietly else 1
        row.save(force_insert=is_new)
        if not quietly:
            _keep_steps(row, talk)
        if is_new:
            publish(RunBegan(run_id=row.pk), now=self._now)
        if talk.ended_at is not None and self._before.ended_at is None:
            keep_answers(row, self._stage, talk)
            publish(RunEnded(run_id=row.pk, result=talk.result), now=self._now)
        if day_of(row.began_at) < day_of(self._now):
            publish(PastRunsChanged(day=day_of(row.began_at)), now=self._now)
        if not quietly:
            tell("script", row.pk, row.revision, to=audience_of(self._contact, self._by), now=self._now)
        row.opened = self.opened
        return row


def _carried_out(action: Action, doing: Doing, by: Actor) -> Mapping[str, Value] | Opening | None:
    if action.right:
        by.must(action.right)
    if action.opens is not None:
        return action.opens(doing)
    return action.runs(doing) if action.runs is not None else None


def audience_of(contact: Interaction, by: Actor) -> list[str]:
    """Whoever has the contact in hand, and whoever has just done something with it."""
    return [f"user:{one}" for one in {contact.agent_id, by.user_id} if one]


def _linked(contact: Interaction) -> UUID:
    assert contact.customer_id is not None  # noqa: S101  (asked before)
    return contact.customer_id


def _keep_steps(row: Run, talk: Talk) -> None:
    """The way up to the cursor. What lies ahead of it, or was left, is none of it."""
    steps = steps_of(row, talk)
    row.steps.filter(place__gte=len(steps)).delete()
    columns = ["scenario", "node", "entered_at", "left_at", "way", "late"]
    RunStep.objects.bulk_create(steps, update_conflicts=True, unique_fields=["run", "place"], update_fields=columns)


def fill_in(row: Run, stage: Stage, talk: Talk, now: datetime) -> None:
    """Where it stands, and what was said so far, into the row of a run."""
    row.state, row.language, row.result, row.ended_at = write_run(talk), talk.language, talk.result, talk.ended_at
    row.node = f"{talk.here.place.scenario}/{talk.here.place.node}"[:200]
    row.score = score_of(stage.library, talk)
    row.said, row.facts = said_of(stage, talk, now), set_facts(stage, talk)


def steps_of(row: Run, talk: Talk) -> list[RunStep]:
    """Rows of the way up to the cursor."""
    path = talk.path
    left = [one.entered_at for one in path[1:]] + [talk.ended_at]
    return [
        RunStep(
            run=row, place=place, scenario=one.place.scenario, node=one.place.node[:150], entered_at=one.entered_at,
            left_at=ended, way=(one.way if place < len(path) - 1 else "")[:150], late=one.late,
        )
        for place, (one, ended) in enumerate(zip(path, left, strict=True))
    ]  # fmt: skip
