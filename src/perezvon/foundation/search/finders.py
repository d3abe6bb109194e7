"""What the palette finds: things to do, places to go, records of every kind.

Modules register theirs in `registrations.py`. Places come from the rail by themselves (`foundation.web.places`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.search.words import other_layout, words_of
from perezvon.foundation.web.places import nav_for

SHOWN_OF_A_KIND = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of the palette. detail: what tells it from others of the same name."""

    label: str
    url: str
    icon: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """One kind of record. find: at most so many that fit what was typed, the best first.

    more_url: the page that shows all of them, given what was typed; "" where there is none.
    """

    code: str
    label: str | Promise
    right: str
    find: Callable[[str, Actor, int], Sequence[Hit]]
    more_url: Callable[[str], str] = lambda _text: ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do from anywhere. url: a page, opened as a tab on the desk."""

    label: str | Promise
    url: Callable[[], str]
    icon: str
    right: str


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    hits: Sequence[Hit]
    more_url: str = ""


_finders: dict[str, Finder] = {}
_actions: list[Action] = []


def register_finder(finder: Finder) -> None:
    """The same code twice is a mistake of the programmer."""
    if _finders.setdefault(finder.code, finder) != finder:
        raise ValueError(f"the finder {finder.code} is registered twice")


def register_action(action: Action) -> None:
    if action not in _actions:
        _actions.append(action)


def actions_for(text: str, by: Actor) -> list[Hit]:
    """What this person may do, as far as it fits; everything for nothing typed."""
    hits = (Hit(str(one.label), one.url(), one.icon) for one in _actions if by.may(one.right))
    return [hit for hit in hits if fits(text, hit.label)]


def places_for(text: str, by: Person) -> list[Hit]:
    hits = (Hit(place["label"], place["url"], place["icon"]) for place in nav_for(by))
    return [hit for hit in hits if fits(text, hit.label)]


def records_for(text: str, by: Actor) -> list[Group]:
    """By kind, in the order of registration. Each kind costs its own queries."""
    if not text.strip():
        return []
    groups = []
    for finder in _finders.values():
        hits = finder.find(text, by, SHOWN_OF_A_KIND) if by.may(finder.right) else ()
        if hits:
            groups.append(Group(str(finder.label), hits, finder.more_url(text)))
    return groups


def fits(text: str, label: str) -> bool:
    """Whether each word typed begins a word of the label, in this keyboard layout or the other."""
    there = words_of(label)
    return any(
        all(any(known.startswith(word) for known in there) for word in words_of(reading))
        for reading in (text, other_layout(text))
    )
