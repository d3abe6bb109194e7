"""What people do in the forms of a list, as the state that an address holds.

Fields: w.join; w.<group>.join; w.<group>.<place>.column, .operator, .value; c and cw.<code> for columns in order and
their widths; s.<place>.column, s.<place>.down for the order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from perezvon.foundation.lists.asked import MOST_SORTS
from perezvon.foundation.lists.columns import Asking, Choice, Column
from perezvon.foundation.lists.conditions import (
    JOINS,
    MOST_CONDITIONS,
    Condition,
    Group,
    Where,
    values_of,
)
from perezvon.foundation.lists.errors import WrongState
from perezvon.foundation.lists.operators import MANY, OPERATORS

_PLACE = re.compile(r"w\.(\d{1,2})\.(\d{1,2})\.column")

type Columns = Mapping[str, Column]


def state_of(given: QueryDict) -> dict[str, str]:
    """The state in the address, and what the forms change in it."""
    state = {name: str(given[name]) for name in given if "." not in name and name not in {"c", "edit"}}
    if "w.join" in given:
        state["where"] = read_filter(given).text()
    if "c" in given:
        state["cols"] = ",".join(_column_text(given, code) for code in given.getlist("c"))
    if "s.0.column" in given:
        state["sort"] = ",".join(_sort_texts(given))
    return state


def is_form(given: QueryDict) -> bool:
    """It comes from a form, so its address is not yet the one to be kept."""
    return any(name in given for name in ("w.join", "c", "s.0.column"))


def _column_text(given: QueryDict, code: str) -> str:
    width = given.get(f"cw.{code}", "")
    return f"{code}:{width}" if width.isdecimal() and len(width) < 5 else code


def _sort_texts(given: QueryDict) -> list[str]:
    chosen = [(given.get(f"s.{place}.column", ""), given.get(f"s.{place}.down", "")) for place in range(MOST_SORTS)]
    texts = {code: f"-{code}" if down else code for code, down in reversed(chosen) if code}
    return [texts[code] for code in dict.fromkeys(code for code, _ in chosen if code)]


# --- the filter ---


def read_filter(given: QueryDict) -> Where:
    """Conditions as far as they are filled in; a value left empty takes its condition away."""
    return Where(
        _join(given, "w.join"),
        tuple(
            Group(join, tuple(one for one in conditions if _is_filled(one))) for join, conditions in _read_groups(given)
        ),
    )


def _is_filled(condition: Condition) -> bool:
    operator = OPERATORS.get(condition.operator)
    if operator is None or not condition.column:
        return False
    return operator.values == 0 or (bool(condition.values) and all(condition.values))


def _read_groups(given: QueryDict) -> list[tuple[str, list[Condition]]]:
    places = sorted({(int(found[1]), int(found[2])) for name in given if (found := _PLACE.fullmatch(name))})
    groups: dict[int, list[Condition]] = {}
    for group, place in places[: MOST_CONDITIONS + 1]:
        groups.setdefault(group, []).append(_read_condition(given, f"w.{group}.{place}"))
    return [(_join(given, f"w.{group}.join"), conditions) for group, conditions in groups.items()]


def _read_condition(given: QueryDict, prefix: str) -> Condition:
    column, operator = given.get(f"{prefix}.column", ""), given.get(f"{prefix}.operator", "")
    values = tuple(text.strip() for text in given.getlist(f"{prefix}.value"))
    count = OPERATORS[operator].values if operator in OPERATORS else 0
    return Condition(column, operator, values if count == MANY else values[:count])


def _join(given: QueryDict, name: str) -> str:
    return str(given[name]) if given.get(name) in JOINS else "and"


# --- the form of the filter ---


@dataclass(frozen=True, slots=True)
class Line:
    """A condition being written. picks: what can be ticked, with whether it is. problem: its values cannot be read."""

    prefix: str
    place: str
    column: Column
    operator: str
    operators: Sequence[tuple[str, Any]]
    values: tuple[str, ...] = ()
    picks: Sequence[tuple[str, str, bool]] = ()
    input: str = ""
    has_focus: bool = False
    problem: bool = False

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Ids and values of its text fields."""
        count = max(OPERATORS[self.operator].values, 0) if not self.picks else 0
        values = [*self.values, "", ""][:count]
        return [(f"{self.prefix}.{place}", value) for place, value in enumerate(values)]


@dataclass(frozen=True, slots=True)
class FilterForm:
    join: str
    groups: Sequence[tuple[int, str, Sequence[Line]]]
    columns: Sequence[Column] = field(default_factory=tuple)

    @property
    def has_problems(self) -> bool:
        return any(line.problem for _, _, lines in self.groups for line in lines)


def filter_form(given: QueryDict, where: Where, columns: Columns, asking: Asking) -> FilterForm:
    """The form as it stands, after one edit: "add.<group>", "group", "remove.<group>.<place>" or "column.…"."""
    usable = [column for column in columns.values() if column.can_filter]
    if "w.join" in given:
        join, groups = _join(given, "w.join"), _read_groups(given)
    else:
        join, groups = where.join, [(group.join, list(group.conditions)) for group in where.groups]
    act, *places = given.get("edit", "").split(".")
    focus = _edit(groups, act, [int(place) for place in places if place.isdecimal()], usable)
    groups = groups or [("and", [Condition(usable[0].code, "")])]
    drawn = [
        (
            number,
            group_join,
            [_line(one, columns, asking, (number, place), focus == (number, place)) for place, one in enumerate(lines)],
        )
        for number, (group_join, lines) in enumerate(groups)
    ]
    return FilterForm(
        join, [(number, joined, [one for one in lines if one]) for number, joined, lines in drawn], usable
    )


def _edit(
    groups: list[tuple[str, list[Condition]]], act: str, places: list[int], usable: Sequence[Column]
) -> tuple[int, int] | None:
    """Carries out one edit; where the focus goes."""
    fresh = Condition(usable[0].code, "")
    if sum(len(lines) for _, lines in groups) >= MOST_CONDITIONS and act in {"add", "group"}:
        return None
    match act, places:
        case "add", [group] if group < len(groups):
            groups[group][1].append(fresh)
            return group, len(groups[group][1]) - 1
        case "group", []:
            groups.append(("and", [fresh]))
            return len(groups) - 1, 0
        case "remove", [group, place] if group < len(groups) and place < len(groups[group][1]):
            del groups[group][1][place]
            if not groups[group][1]:
                del groups[group]
        case "column", [group, place] if group < len(groups) and place < len(groups[group][1]):
            lines = groups[group][1]
            lines[place] = replace(lines[place], values=())
            return group, place
        case "operator", [group, place]:
            return group, place
    return None


def _line(
    condition: Condition, columns: Columns, asking: Asking, place: tuple[int, int], has_focus: bool
) -> Line | None:
    column = columns.get(condition.column)
    if column is None or not column.can_filter:
        return None
    code = condition.operator if condition.operator in column.operators else column.operators[0]
    operator = OPERATORS[code]
    picks: Sequence[tuple[str, str, bool]] = ()
    if isinstance(column, Choice) and operator.values == MANY:
        picks = [(value, label, value in condition.values) for value, label in column.picks_for(asking).items()]
    group, number = place
    return Line(
        prefix=f"w.{group}.{number}",
        place=f"{group}.{number}",
        column=column,
        operator=code,
        operators=[(one, OPERATORS[one].label) for one in column.operators],
        values=condition.values,
        picks=picks,
        input="number" if operator.of == "days" else column.input,
        has_focus=has_focus,
        problem=_cannot_be_read(replace(condition, operator=code), columns, asking),
    )


def _cannot_be_read(condition: Condition, columns: Columns, asking: Asking) -> bool:
    if not _is_filled(condition):
        return False
    try:
        values_of(condition, columns, asking)
    except WrongState:
        return True
    return False
