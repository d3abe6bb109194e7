"""Scorecards in blueprints: scorecards: [{code, name, pass_percent, critical_percent, questions: [{code, section, text,
most, weight, fatal, critical}], in_use}]."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.modules.quality.models import Scorecard
from perezvon.modules.quality.services import WantedCard, save_card


def load_scorecards(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make or change those that it names; others stay."""
    for row in blueprint["scorecards"]:
        values = {key: value for key, value in row.items() if key != "in_use"}
        save_card(wanted=WantedCard(**values, is_active=row.get("in_use", True)), by=by, now=now)


def export_scorecards() -> dict[str, Any]:
    cards = [_row(card) for card in Scorecard.objects.order_by("code")]
    return {"scorecards": cards} if cards else {}


def _row(card: Scorecard) -> dict[str, Any]:
    in_use = {} if card.is_active else {"in_use": False}
    numbers = {"pass_percent": card.pass_percent, "critical_percent": card.critical_percent}
    return {"code": card.code, "name": card.name, **numbers, **in_use, "questions": card.questions}


register_part(Part("scorecards", ("scorecards",), load_scorecards, export_scorecards, order=80))
