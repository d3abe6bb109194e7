"""Evaluations as far as each may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from perezvon.cores import quality as core
from perezvon.foundation.access import Actor, Person
from perezvon.kernel.errors import NotFound
from perezvon.modules.quality.models import Evaluation, Sampled, Scorecard, State, card_of
from perezvon.modules.telephony.selectors import visible_recordings

EVALUATE, DECIDE, SET_UP, OWN = "quality.evaluate", "quality.decide", "quality.set_up", "quality.own"


def list_scorecards(*, by: Actor) -> QuerySet[Scorecard]:
    """Those in use, for whoever evaluates; all for whoever sets them up."""
    cards = Scorecard.objects.order_by("code")
    return cards if by.may(SET_UP) else cards.filter(is_active=True)


def get_scorecard(scorecard_id: int, *, by: Actor) -> Scorecard:
    """Raises NotFound."""
    found = list_scorecards(by=by).filter(pk=scorecard_id).first()
    if found is None:
        raise NotFound(scorecard=scorecard_id)
    return found


def visible_evaluations(by: Actor) -> QuerySet[Evaluation]:
    """An evaluator's: those of his projects, drafts of others left out. An operator's: his own, once published."""
    about = ("interaction__customer", "agent", "evaluator", "scorecard", "recording", "decided_by")
    found = Evaluation.objects.select_related(*about)
    if not by.may(EVALUATE):
        by.must(OWN)
        return found.filter(agent=by.user_id, calibration=False).exclude(state=State.DRAFT)
    if by.projects is not None:
        found = found.filter(interaction__project__in=by.projects)
    return found.filter(~Q(state=State.DRAFT) | Q(evaluator=by.user_id))


def get_evaluation(evaluation_id: UUID, *, by: Actor) -> Evaluation:
    """With its marks: two queries. Raises NotFound."""
    found = visible_evaluations(by).prefetch_related("marks").filter(pk=evaluation_id).first()
    if found is None:
        raise NotFound(evaluation=evaluation_id)
    return found


def of_interaction(interaction_id: UUID, *, by: Actor) -> list[Evaluation]:
    return list(visible_evaluations(by).filter(interaction=interaction_id).order_by("began_at"))


def score_of(evaluation: Evaluation) -> core.Score:
    return core.score(card_of(evaluation.card), evaluation.answers)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Evaluations of one conversation by one card, side by side, the one that counts first."""

    evaluations: tuple[Evaluation, ...]
    agreement: core.Agreement


def calibration_of(evaluation: Evaluation, *, by: Actor) -> Calibration:
    """Published ones, whoever made them, by the questions of this one. Drafts of others would tell them what to say."""
    by.must(EVALUATE)
    alike = visible_evaluations(by).filter(interaction=evaluation.interaction_id, scorecard=evaluation.scorecard_id)
    several = tuple(alike.exclude(state=State.DRAFT).order_by("calibration", "began_at"))
    given = [one.answers for one in several]
    return Calibration(several, core.agreement(card_of(evaluation.card), given))


def week_of(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def list_waiting(*, by: Actor) -> QuerySet[Sampled]:
    """What was drawn and nobody has begun, of the actor's projects, the oldest first."""
    by.must(EVALUATE)
    begun = Evaluation.objects.filter(
        interaction=OuterRef("recording__interaction"), scorecard=OuterRef("scorecard"), calibration=False
    )
    drawn = Sampled.objects.select_related("recording__interaction__customer", "scorecard", "agent")
    mine = drawn.filter(recording__in=visible_recordings(by).values("pk"))
    return mine.exclude(Exists(begun)).order_by("drawn_at", "pk")


@dataclass(frozen=True, slots=True)
class OfAgent:
    """How one operator's conversations were judged. percent: the mean score."""

    agent: int
    name: str
    count: int
    percent: Decimal | None
    failed: int


def by_agent(*, since: date, by: Actor) -> list[OfAgent]:
    """Of what was published since, calibrations and open appeals left out; the lowest mean first. One query."""
    by.must(EVALUATE)
    settled = visible_evaluations(by).filter(calibration=False, published_at__date__gte=since)
    settled = settled.exclude(state__in=[State.DRAFT, State.APPEALED])
    rows = settled.values("agent", "agent__last_name", "agent__first_name").annotate(
        count=Count("pk"), percent=Avg("percent"), failed=Count("pk", filter=Q(passed=False))
    )
    return [
        OfAgent(
            row["agent"],
            f"{row['agent__last_name']} {row['agent__first_name'][:1]}.".strip(" ."),
            row["count"],
            None if row["percent"] is None else round(row["percent"], 1),
            row["failed"],
        )
        for row in rows.order_by("percent", "agent__last_name", "agent")
    ]


def may_evaluate(evaluation: Evaluation, by: Person) -> bool:
    """It is his draft."""
    return evaluation.state == State.DRAFT and evaluation.evaluator_id == by.id
