"""Panels of the operator's desk that modules offer. Each fetches itself, and again when its subject has changed, so
that none of them costs anything while a call comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.urls import reverse

from perezvon.foundation.access import Person

SPREAD = 10  # over so many seconds the desks of a centre ask again after something that all were told of


class Area(StrEnum):
    """strip: above the work, whatever it is, for what cannot wait. idle: beside it, between calls. contact: beside the
    contact that was answered; its address takes the key of the contact."""

    STRIP = "strip"
    IDLE = "idle"
    CONTACT = "contact"


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
    """after_s: how long this desk waits before it asks again, so that not all of them ask at once.

    key: the same as long as it is about the same; what is shown in it then stays when all around it is drawn anew.
    """

    url: str
    live: str
    after_s: int
    key: str = ""


_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    if panel not in _panels:
        _panels.append(panel)


def panels_for(by: Person, area: Area) -> Sequence[Shown]:
    """What stands there for this person."""
    return [Shown(reverse(one.url_name), one.live, by.id % SPREAD) for one in _of(area, by)]


def panels_beside(contact: UUID, by: Person) -> Sequence[Shown]:
    """What stands beside this contact for this person. It concerns few, so nobody waits."""
    return [
        Shown(reverse(one.url_name, args=[contact]), one.live, 0, f"{one.url_name.replace(':', '-')}-{contact}")
        for one in _of(Area.CONTACT, by)
    ]


def _of(area: Area, by: Person) -> list[Panel]:
    return sorted((one for one in _panels if one.area == area and by.may(one.right)), key=lambda one: one.order)
