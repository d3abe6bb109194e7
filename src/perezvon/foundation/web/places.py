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
    """current: the name of the page that is shown."""
    places = [place for place in sorted(_places, key=lambda one: one.order) if place.is_for(by)]
    stands_in = _place_of(current, places)
    return [
        {
            "label": str(place.label),
            "icon": place.icon,
            "url": reverse(place.url_name),
            "count": None,
            "current": place.url_name == stands_in,
            "tab": place.tab,
        }
        for place in places
    ]


def _place_of(current: str, places: list[Place]) -> str:
    """The place that the page is, or else the only one that its module has."""
    module = current.partition(":")[0]
    near = [place.url_name for place in places if place.url_name.partition(":")[0] == module]
    return current if current in near or len(near) != 1 else near[0]
