"""What the palette finds: things to do, places to go, records of every kind.

Modules register theirs in `registrations.py`. Places come from the rail by themselves (`foundation.web.places`); lists,
what stands above them, and pages of the administration area from guides, once something is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
class Guide:
    """Many actions or places at once, told by what registered them elsewhere; none that the actor may not open."""

    actions: Callable[[Actor], Iterable[Hit]] = lambda _by: ()
    places: Callable[[Actor], Iterable[Hit]] = lambda _by: ()


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    hits: Sequence[Hit]
    more_url: str = ""


_finders: dict[str, Finder] = {}
_actions: list[Action] = []
_guides: list[Guide] = []


def register_finder(finder: Finder) -> None:
    """The same code twice is a mistake of the programmer."""
    if _finders.setdefault(finder.code, finder) != finder:
        raise ValueError(f"the finder {finder.code} is registered twice")


def register_action(action: Action) -> None:
    if action not in _actions:
        _actions.append(action)


def register_guide(guide: Guide) -> None:
    if guide not in _guides:
        _guides.append(guide)


def actions_for(text: str, by: Actor) -> list[Hit]:
    """What this person may do, as far as it fits; the few of `register_action` for nothing typed."""
    hits = [Hit(str(one.label), one.url(), one.icon) for one in _actions if by.may(one.right)]
    return _fitting(text, hits, [hit for guide in _guides for hit in guide.actions(by)])


def places_for(text: str, by: Person) -> list[Hit]:
    """Where he may go, as far as it fits; the rail's places for nothing typed."""
    hits = [Hit(place["label"], place["url"], place["icon"]) for place in nav_for(by)]
    return _fitting(text, hits, [hit for guide in _guides for hit in guide.places(by)])


def _fitting(text: str, usual: Iterable[Hit], guided: Iterable[Hit]) -> list[Hit]:
    """Each address once; those whose own name fits before those of which it is told besides."""
    if not text.strip():
        return list(usual)
    hits: dict[str, Hit] = {}
    for hit in (*usual, *guided):
        if fits(text, f"{hit.label} {hit.detail}"):
            hits.setdefault(hit.url, hit)
    return sorted(hits.values(), key=lambda hit: not fits(text, hit.label))[:SHOWN_OF_A_KIND]


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
