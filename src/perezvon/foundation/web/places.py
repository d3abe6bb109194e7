"""The rail's navigation: places that modules offer and this person may go to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from perezvon.foundation.access import Person


@dataclass(frozen=True, slots=True)
class Place:
    """label: lazy text; right: who sees it, a right or a question; order: from top to bottom."""

    label: str | Promise
    icon: str
    url_name: str
    right: str | Callable[[Person], bool]
    order: int
    tab: bool = True

    def is_for(self, by: Person) -> bool:
        return by.may(self.right) if isinstance(self.right, str) else self.right(by)


_places: list[Place] = []


def register_place(place: Place) -> None:
    if place not in _places:
        _places.append(place)


def nav_for(by: Person, current: str = "") -> list[dict[str, Any]]:
    return [
        {
            "label": str(place.label),
            "icon": place.icon,
            "url": reverse(place.url_name),
            "count": None,
            "current": place.url_name == current,
            "tab": place.tab,
        }
        for place in sorted(_places, key=lambda one: one.order)
        if place.is_for(by)
    ]
