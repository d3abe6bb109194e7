"""Panels of the operator's desk that modules offer. Each fetches itself, and again when its subject has changed, so
that none of them costs anything while a call comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse

from perezvon.foundation.access import Person

SPREAD = 10  # over so many seconds the desks of a centre ask again after something that all were told of


class Area(StrEnum):
    """strip: above the work, whatever it is, for what cannot wait. idle: beside it, between calls."""

    STRIP = "strip"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Panel:
    """live: the kind of live event after which it is another one; order: from top to bottom."""

    area: Area
    url_name: str
    right: str
    live: str
    order: int


@dataclass(frozen=True, slots=True)
class Shown:
    """after_s: how long this desk waits before it asks again, so that not all of them ask at once."""

    url: str
    live: str
    after_s: int


_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    if panel not in _panels:
        _panels.append(panel)


def panels_for(by: Person, area: Area) -> Sequence[Shown]:
    """What stands there for this person."""
    mine = sorted((one for one in _panels if one.area == area and by.may(one.right)), key=lambda one: one.order)
    return [Shown(reverse(one.url_name), one.live, by.id % SPREAD) for one in mine]
