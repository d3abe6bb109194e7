"""Judging conversations: cards, evaluations, appeals, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.timezone import localtime

from perezvon.cores import quality as core
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.notices.services import News, notify
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.quality.models import (
    LONGEST_TEXT,
    Evaluation,
    EvaluationMark,
    Sampled,
    Scorecard,
    State,
    card_of,
)
from perezvon.modules.quality.selectors import (
    DECIDE,
    EVALUATE,
    OWN,
    SET_UP,
    get_evaluation,
    get_scorecard,
    may_evaluate,
    week_of,
)
from perezvon.modules.telephony.selectors import get_recording, visible_recordings

PUBLISHED, APPEALED, DECIDED = "quality.published", "quality.appealed", "quality.decided"
MOST_QUESTIONS, MOST_POINTS, MOST_WEIGHT, MOST_MARKS, WHOLE = 100, 10, 100, 200, 100
MOST_EACH = 50
_SAMPLED_DAYS = timedelta(days=7)


class CardWrong(Refused):
    """facts: problems, {field or "number.field": word}; the words: missing, number, percent, questions."""

    code = "quality.card_wrong"
    http_status = 422


class NotFinished(Refused):
    """Questions are unanswered. facts: codes."""

    code = "quality.not_finished"
    http_status = 422


class NotNow(Refused):
    """The evaluation is in a state in which this cannot be done, or somebody else's to do."""

    code = "quality.not_now"
    http_status = 409


class SaySomething(Refused):
    """An appeal, and a decision on it, need words."""

    code = "quality.say_something"
    http_status = 422


class NobodysCall(Refused):
    """No operator spoke in it: there is nobody to be judged."""

    code = "quality.nobodys_call"


# --- cards --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WantedCard:
    """questions: as `Scorecard` keeps them, numbers as numbers; one without a code is new."""

    code: str
    name: Mapping[str, str]
    questions: Sequence[Mapping[str, Any]]
    pass_percent: int = 80
    critical_percent: int = 100
    is_active: bool = True


@command("quality.save_card", needs=SET_UP)
def save_card(*, wanted: WantedCard, version: int = 0, by: Actor, now: datetime) -> Scorecard:
    """Make it, or change the one of this code; evaluations that have begun keep what they were asked.

    version: that which was read, 0 for whatever there is. Raises CardWrong, NotNow when it is another by now.
    """
    if problems := _problems(wanted):
        raise CardWrong(problems=problems)
    card = Scorecard.objects.select_for_update().filter(code=wanted.code).first() or Scorecard(code=wanted.code)
    if card.pk and version and card.version != version:
        raise NotNow(scorecard=card.pk)
    card.version += 1 if card.pk else 0
    card.name, card.questions = dict(wanted.name), _coded(wanted.questions)
    card.pass_percent, card.critical_percent = wanted.pass_percent, wanted.critical_percent
    card.is_active = wanted.is_active
    card.save()
    return card


def _problems(wanted: WantedCard) -> dict[str, str]:
    found: dict[str, str] = {}
    if not any(text.strip() for text in wanted.name.values()):
        found["name"] = "missing"
    for name, percent in (("pass_percent", wanted.pass_percent), ("critical_percent", wanted.critical_percent)):
        if not 0 <= percent <= WHOLE:
            found[name] = "percent"
    if not 0 < len(wanted.questions) <= MOST_QUESTIONS:
        found["questions"] = "questions"
    for number, one in enumerate(wanted.questions):
        if not any(text.strip() for text in one.get("text", {}).values()):
            found[f"{number}.text"] = "missing"
        if not 1 <= one.get("most", 1) <= MOST_POINTS:
            found[f"{number}.most"] = "number"
        if not 0 <= one.get("weight", 1) <= MOST_WEIGHT:
            found[f"{number}.weight"] = "number"
    return found


def _coded(questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A question keeps its code wherever it stands; a new one gets the next number."""
    known = {str(one["code"]) for one in questions if one.get("code")}
    free = (f"q{number}" for number in range(1, MOST_QUESTIONS * 2) if f"q{number}" not in known)
    fields = ("section", "text", "most", "weight", "fatal", "critical")
    return [
        {"code": one.get("code") or next(free)} | {name: one[name] for name in fields if name in one}
        for one in questions
    ]


# --- evaluations --------------------------------------------------------------------------------------


@command("quality.begin", needs=EVALUATE)
def begin(*, recording_id: UUID, scorecard_id: int, calibration: bool = False, by: Person, now: datetime) -> Evaluation:
    """Begin to judge a conversation; what the actor has begun already is gone on with.

    Raises NotFound, NobodysCall, NotNow where somebody else's evaluation by this card counts.
    """
    recording, scorecard = get_recording(recording_id, by=by), get_scorecard(scorecard_id, by=by)
    contact = recording.interaction
    if contact.agent_id is None:
        raise NobodysCall(recording=recording_id)
    alike = Evaluation.objects.filter(interaction=contact, scorecard=scorecard, calibration=calibration)
    known = alike.filter(evaluator=by.id).first()
    if known:
        return known
    if not calibration and alike.exists():
        raise NotNow(recording=recording_id)
    return Evaluation.objects.create(
        id=uuid7(now), interaction=contact, recording=recording, scorecard=scorecard, agent_id=contact.agent_id,
        evaluator_id=by.id, calibration=calibration, began_at=now,
        card={
            "questions": scorecard.questions,
            "pass_percent": scorecard.pass_percent,
            "critical_percent": scorecard.critical_percent,
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What the evaluator has found so far. Answers that a question cannot have are left out."""

    answers: Mapping[str, int | None] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    coaching: str = ""


@command("quality.keep", needs=EVALUATE)
def keep(*, evaluation_id: UUID, found: Found, by: Person, now: datetime) -> Evaluation:
    """Write down what was found so far, instead of what was. Raises NotFound, NotNow."""
    evaluation = _draft(evaluation_id, by)
    questions = {one.code: one for one in card_of(evaluation.card).questions}
    evaluation.answers = {
        code: value
        for code, value in found.answers.items()
        if code in questions and core.is_possible(questions[code], value)
    }
    notes = {code: text.strip()[:LONGEST_TEXT] for code, text in found.notes.items() if code in questions}
    evaluation.notes = {code: text for code, text in notes.items() if text}
    evaluation.comment, evaluation.coaching = found.comment[:LONGEST_TEXT], found.coaching[:LONGEST_TEXT]
    _weigh(evaluation)
    _save(evaluation)
    return evaluation


@command("quality.mark", needs=EVALUATE)
def mark(*, evaluation_id: UUID, at_s: float, text: str, by: Person, now: datetime) -> EvaluationMark:
    """Say something to a place of the recording. Raises NotFound, NotNow, SaySomething."""
    evaluation = _draft(evaluation_id, by)
    if not text.strip():
        raise SaySomething
    if evaluation.marks.count() >= MOST_MARKS:
        raise NotNow(evaluation=evaluation_id)
    return EvaluationMark.objects.create(evaluation=evaluation, at_s=max(0.0, at_s), text=text.strip()[:500])


@command("quality.unmark", needs=EVALUATE)
def unmark(*, evaluation_id: UUID, mark_id: int, by: Person, now: datetime) -> None:
    _draft(evaluation_id, by).marks.filter(pk=mark_id).delete()


@command("quality.publish", needs=EVALUATE)
def publish(*, evaluation_id: UUID, by: Person, now: datetime) -> Evaluation:
    """It counts from now on, and the operator is told of it; of a calibration nobody is.

    Raises NotFound, NotNow, NotFinished.
    """
    evaluation = _draft(evaluation_id, by)
    if codes := core.missing(card_of(evaluation.card), evaluation.answers):
        raise NotFinished(codes=codes)
    evaluation.state, evaluation.published_at = State.PUBLISHED, now
    _weigh(evaluation)
    _save(evaluation)
    if not evaluation.calibration:
        _tell(evaluation, PUBLISHED, evaluation.agent_id, now)
    return evaluation


@command("quality.accept", needs=OWN)
def accept(*, evaluation_id: UUID, by: Person, now: datetime) -> None:
    """The operator has read it and agrees. Raises NotFound, NotNow."""
    evaluation = _mine(evaluation_id, by)
    evaluation.state = State.ACCEPTED
    _save(evaluation)


@command("quality.appeal", needs=OWN)
def appeal(*, evaluation_id: UUID, text: str, by: Person, now: datetime) -> None:
    """The operator does not agree, and says why. Raises NotFound, NotNow, SaySomething."""
    evaluation = _mine(evaluation_id, by)
    if not text.strip():
        raise SaySomething
    evaluation.state, evaluation.appeal = State.APPEALED, text.strip()[:LONGEST_TEXT]
    _save(evaluation)
    _tell(evaluation, APPEALED, evaluation.evaluator_id, now)


@command("quality.decide", needs=DECIDE)
def decide(*, evaluation_id: UUID, is_right: bool, text: str, by: Person, now: datetime) -> None:
    """Whether the operator is right: his evaluator corrects it then; else it stands. Not for the evaluator himself.

    Raises NotFound, NotNow, SaySomething.
    """
    evaluation = _locked(evaluation_id, by)
    if evaluation.state != State.APPEALED or evaluation.evaluator_id == by.id:
        raise NotNow(evaluation=evaluation_id)
    if not text.strip():
        raise SaySomething
    evaluation.state = State.DRAFT if is_right else State.UPHELD
    evaluation.decision, evaluation.decided_by_id = text.strip()[:LONGEST_TEXT], by.id
    _save(evaluation)
    _tell(evaluation, DECIDED, evaluation.evaluator_id if is_right else evaluation.agent_id, now)


def _locked(evaluation_id: UUID, by: Person) -> Evaluation:
    get_evaluation(evaluation_id, by=by)
    return Evaluation.objects.select_for_update().get(pk=evaluation_id)


def _draft(evaluation_id: UUID, by: Person) -> Evaluation:
    evaluation = _locked(evaluation_id, by)
    if not may_evaluate(evaluation, by):
        raise NotNow(evaluation=evaluation_id)
    return evaluation


def _mine(evaluation_id: UUID, by: Person) -> Evaluation:
    evaluation = _locked(evaluation_id, by)
    if evaluation.agent_id != by.id:
        raise NotFound(evaluation=evaluation_id)
    if evaluation.state != State.PUBLISHED:
        raise NotNow(evaluation=evaluation_id)
    return evaluation


def _weigh(evaluation: Evaluation) -> None:
    found = core.score(card_of(evaluation.card), evaluation.answers)
    evaluation.percent, evaluation.critical, evaluation.passed = found.percent, found.critical, found.passed


def _save(evaluation: Evaluation) -> None:
    evaluation.version += 1
    evaluation.save()


def _tell(evaluation: Evaluation, code: str, user_id: int, now: datetime) -> None:
    url = reverse("quality:evaluation", args=[evaluation.pk])
    facts = {"number": evaluation.interaction.number, "percent": str(evaluation.percent or "")}
    notify([user_id], News(f"{code}:{evaluation.pk}", code, url, facts), now=now)


# --- samples ------------------------------------------------------------------------------------------


@command("quality.draw", needs=EVALUATE)
def draw(*, scorecard_id: int, each: int, least_s: int = 0, by: Person, now: datetime) -> int:
    """Draw conversations of the last seven days until each operator has so many this week. Returns how many are new.

    least_s: shorter ones are left out. What was drawn before counts, so that drawing twice draws once.
    """
    scorecard = get_scorecard(scorecard_id, by=by)
    week = week_of(localtime(now).date())
    heard = visible_recordings(by).filter(began_at__gte=now - _SAMPLED_DAYS, seconds__gte=least_s)
    known = Sampled.objects.filter(scorecard=scorecard)
    fresh = heard.exclude(pk__in=known.values("recording")).exclude(interaction__agent=None)
    keys: dict[int, list[UUID]] = {}
    for key, agent in fresh.values_list("pk", "interaction__agent").order_by("interaction__agent"):
        keys.setdefault(agent, []).append(key)
    counted = known.filter(week=week).values_list("agent").annotate(Count("pk"))
    wanted = core.draw(keys, dict(counted), min(max(0, each), MOST_EACH), f"{scorecard.code} {week}")
    agents = {key: agent for agent, of_his in keys.items() for key in of_his}
    rows = [
        Sampled(recording_id=key, scorecard=scorecard, agent_id=agents[key], week=week, drawn_at=now) for key in wanted
    ]
    return len(Sampled.objects.bulk_create(rows, ignore_conflicts=True))
