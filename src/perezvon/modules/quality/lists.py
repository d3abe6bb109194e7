"""Evaluations as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Code, Colleague, Column, Moment, Number, Related, Row
from perezvon.foundation.lists.declare import Action, RecordList
from perezvon.foundation.people.models import User
from perezvon.modules.quality.models import Evaluation, Scorecard, State
from perezvon.modules.quality.selectors import EVALUATE, OWN, SET_UP, visible_evaluations

_PASSED = [(True, lazy("Passed")), (False, lazy("Not passed"))]


def _people(_by: Actor) -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.order_by("last_name", "first_name", "id")]


def _cards(_by: Actor) -> list[tuple[Any, Any]]:
    return [(card.pk, str(card)) for card in Scorecard.objects.all()]


def _name(of: str, row: Row) -> str:
    last, first = row[f"{of}__last_name"] or "", row[f"{of}__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


class Evaluations(RecordList):
    code, right, title, url_name = "evaluations", OWN, lazy("Evaluations"), "quality:evaluations"
    columns: ClassVar[Sequence[Column]] = (
        Moment("began_at", lazy("Began"), indexed=True, link=True),
        Code("number", lazy("Contact"), source="interaction__number", sort=None),
        Colleague("agent", lazy("Operator"), value=lambda row: _name("agent", row), where="agent", picks=_people,
                  fields=("agent__last_name", "agent__first_name")),
        Related("scorecard", lazy("Scorecard"), source="scorecard__name", where="scorecard", picks=_cards),
        Number("percent", lazy("Score, per cent"), nullable=True),
        Choice("passed", lazy("Passed"), picks=_PASSED, tones={True: "good", False: "bad"}, sort=None),
        Choice("state", lazy("State"), picks=State.choices,
               tones={"appealed": "warn", "accepted": "good", "draft": "accent"}, sort=None),
        Colleague("evaluator", lazy("Evaluator"), value=lambda row: _name("evaluator", row), where="evaluator",
                  picks=_people, fields=("evaluator__last_name", "evaluator__first_name")),
        Choice("calibration", lazy("Purpose"), picks=[(False, lazy("Counts")), (True, lazy("Calibration"))], sort=None,
               shown=False),
        Moment("published_at", lazy("Published"), nullable=True, sort=None, shown=False),
    )  # fmt: skip
    default_sort = ("-began_at",)
    empty = lazy("Evaluated conversations appear here.")
    actions = (
        Action(lazy("To evaluate"), "list-check", "quality:waiting", EVALUATE, leads=True),
        Action(lazy("Scorecards"), "settings", "quality:cards", SET_UP, leads=True),
    )

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Evaluation]:
        return visible_evaluations(by).select_related(None)

    def url(self, row: Row) -> str:
        return reverse("quality:evaluation", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
