"""What the demo's people are told: announcements and instructions of the blueprint's own list."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources

import yaml
from pydantic import BaseModel

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import intent
from perezvon.modules.bulletin import services
from perezvon.modules.bulletin.models import Importance, Kind
from perezvon.project.demo.day import id_of


class Told(BaseModel):
    """hours_ago: before the end of the demo's history it appeared."""

    title: str
    text: str
    hours_ago: float
    kind: Kind = Kind.NEWS
    importance: Importance = Importance.NORMAL
    section: str = ""


def load_board(blueprint: str, *, by: Actor, now: datetime) -> None:
    """Put in those that are missing. by: their author."""
    text = resources.files("perezvon.project.blueprints").joinpath(f"{blueprint}_announcements.yaml").read_text("utf-8")
    for row in yaml.safe_load(text):
        told = Told.model_validate(row)
        wanted = services.Wanted(
            told.title, told.text, told.kind, told.section, told.importance,
            shown_from=now - timedelta(hours=told.hours_ago),
        )  # fmt: skip
        with intent(id_of("demo announcement", told.title)):
            services.post(wanted=wanted, by=by, now=now)
