"""The words of the language.

    ["or", ["and", ["status", "any", "existing", "potential"], ["created", "last", "7"]], ["and", ["vip", "yes"]]]

Two levels, because that is what people can read: conditions in groups, groups joined. A list of conditions alone is
one group. What is negative about a condition is in its operator ("none of", "does not contain"), so nothing more is
needed to say what people want to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

MOST_CONDITIONS = 20
MOST_VALUES = 100
LONGEST_VALUE = 200
LONGEST_TEXT = 8_000
MOST_DAYS = 36_500
JOINS = ("and", "or")
MANY = -1


@dataclass(frozen=True, slots=True)
class Operator:
    """values: how many it takes; MANY for as many as are ticked. of: "" for values of the fact's type, or "days"."""

    values: int = 1
    of: str = ""


OPERATORS: Mapping[str, Operator] = {
    "contains": Operator(),
    "lacks": Operator(),
    "is": Operator(),
    "starts": Operator(),
    "ends": Operator(),
    "least": Operator(),
    "most": Operator(),
    "between": Operator(2),
    "before": Operator(),
    "after": Operator(),
    "last": Operator(1, "days"),
    "next": Operator(1, "days"),
    "older": Operator(1, "days"),
    "any": Operator(MANY),
    "none": Operator(MANY),
    "me": Operator(0),
    "yes": Operator(0),
    "no": Operator(0),
    "empty": Operator(0),
    "filled": Operator(0),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """fact: its code, in a list the code of a column. values: as texts, the way they are kept and typed."""

    fact: str
    operator: str
    values: tuple[str, ...] = ()

    def as_list(self) -> list[Any]:
        return [self.fact, self.operator, *self.values]


@dataclass(frozen=True, slots=True)
class Group:
    join: str = "and"
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """join: between the groups. Without conditions it lets everything through."""

    join: str = "and"
    groups: tuple[Group, ...] = ()

    def __bool__(self) -> bool:
        return any(group.conditions for group in self.groups)

    def __iter__(self) -> Iterator[Condition]:
        return (condition for group in self.groups for condition in group.conditions)

    def without(self, group: int, condition: int) -> Where:
        """The same with one condition less."""
        there = self.groups[group]
        left = tuple(one for place, one in enumerate(there.conditions) if place != condition)
        groups = [replace(there, conditions=left) if place == group else one for place, one in enumerate(self.groups)]
        return replace(self, groups=tuple(one for one in groups if one.conditions))

    def as_list(self) -> list[Any]:
        """As it is kept; empty without conditions."""
        filled = [group for group in self.groups if group.conditions]
        groups = [[group.join, *(one.as_list() for one in group.conditions)] for group in filled]
        return groups[0] if len(groups) == 1 else [self.join, *groups] if groups else []

    def text(self) -> str:
        """As it stands in an address; empty without conditions."""
        kept = self.as_list()
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""
