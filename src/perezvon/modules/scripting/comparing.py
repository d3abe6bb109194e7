"""What differs between two documents of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_HEAD = ("start", "languages", "jumps", "facts")


@dataclass(frozen=True, slots=True)
class Difference:
    """node: its id, "" of the whole. what: the places that differ, as "ways.yes.to": what they said, what they say."""

    node: str
    act: Literal["added", "removed", "changed"]
    what: tuple[tuple[str, str, str], ...] = ()


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """In the order of the new one, what was removed last."""
    found = []
    head = tuple(_parts({key: old.get(key) for key in _HEAD}, {key: new.get(key) for key in _HEAD}))
    if head:
        found.append(Difference("", "changed", head))
    before, after = _nodes(old), _nodes(new)
    for key, node in after.items():
        if key not in before:
            found.append(Difference(key, "added"))
        elif what := tuple(_parts(before[key], node)):
            found.append(Difference(key, "changed", what))
    return [*found, *(Difference(key, "removed") for key in before if key not in after)]


def _nodes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    nodes = document.get("nodes")
    return nodes if isinstance(nodes, Mapping) else {}


def _parts(old: Any, new: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Rows of a list that have codes are compared by them, so that a new one in front does not change all."""
    old, new = _keyed(old), _keyed(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _parts(old.get(key), new.get(key), f"{place}.{key}" if place else str(key))
    elif _told(old) != _told(new):
        yield place, _told(old), _told(new)


def _keyed(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(one, Mapping) and "code" in one for one in value):
        return {one["code"]: one for one in value}
    return value


def _told(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, Mapping):
        return ", ".join(text for one in value.values() if (text := _told(one)))
    if isinstance(value, list | tuple):
        return ", ".join(text for one in value if (text := _told(one)))
    return str(value)
