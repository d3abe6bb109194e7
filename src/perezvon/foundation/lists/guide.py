"""Lists, and what stands above them, as the palette offers them."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.declare import RecordList, lists
from perezvon.foundation.search.finders import Hit


def places(by: Actor) -> Iterator[Hit]:
    """Every list that the actor may open, and where the buttons above it lead."""
    for one in _open_to(by):
        yield Hit(str(one.title), reverse(one.url_name), "list", _above(one))
        yield from _buttons(one, by, leads=True)


def actions(by: Actor) -> Iterator[Hit]:
    """What can be begun above lists: "Add" says with its list what is added."""
    for one in _open_to(by):
        yield from _buttons(one, by, leads=False)


def _buttons(one: RecordList, by: Actor, *, leads: bool) -> Iterator[Hit]:
    for action in one.actions:
        if action.leads == leads and by.may(action.right):
            yield Hit(str(action.label), reverse(action.url_name), action.icon, str(one.title))


def _open_to(by: Actor) -> Iterator[RecordList]:
    return (one for one in lists().values() if by.may(one.right))


def _above(one: RecordList) -> str:
    return ", ".join(str(label) for label, _url_name in one.above)
