"""The form in which conditions are written.

Fields: w.join; w.<group>.join; w.<group>.<place>.fact, .operator, .value. Where a form holds several sets of
conditions, each has a name of its own in place of w.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from perezvon.cores.conditions import MANY, OPERATORS, Condition, Group, Type, Where
from perezvon.cores.conditions.words import JOINS, MOST_CONDITIONS
from perezvon.foundation.conditions.terms import LABELS, Asking, Subject, Term

_PLACE = re.compile(r"(\w+)\.(\d{1,2})\.(\d{1,2})\.fact")
NAME = "w"


def is_given(given: QueryDict, name: str = NAME) -> bool:
    """The form was sent."""
    return f"{name}.join" in given


def read_form(given: QueryDict, name: str = NAME) -> Where:
    """Conditions as far as they are filled in; a value left empty takes its condition away."""
    return Where(
        _join(given, f"{name}.join"),
        tuple(
            Group(join, tuple(one for one in conditions if _is_filled(one)))
            for join, conditions in _read_groups(given, name)
        ),
    )


def has_dropped(given: QueryDict, name: str = NAME) -> bool:
    """A condition was sent that read_form takes away: it has no value, or there are more than can be."""
    sent = sum(1 for one in given if one.startswith(f"{name}.") and one.endswith(".fact"))
    return sent > sum(1 for _one in read_form(given, name))


def _is_filled(condition: Condition) -> bool:
    operator = OPERATORS.get(condition.operator)
    if operator is None or not condition.fact:
        return False
    return operator.values == 0 or (bool(condition.values) and all(condition.values))


def _read_groups(given: QueryDict, name: str) -> list[tuple[str, list[Condition]]]:
    fields = (found for one in given if (found := _PLACE.fullmatch(one)) and found[1] == name)
    places = sorted({(int(found[2]), int(found[3])) for found in fields})
    groups: dict[int, list[Condition]] = {}
    for group, place in places[: MOST_CONDITIONS + 1]:
        groups.setdefault(group, []).append(_read_condition(given, f"{name}.{group}.{place}"))
    return [(_join(given, f"{name}.{group}.join"), conditions) for group, conditions in groups.items()]


def _read_condition(given: QueryDict, prefix: str) -> Condition:
    fact, operator = given.get(f"{prefix}.fact", ""), given.get(f"{prefix}.operator", "")
    values = tuple(text.strip() for text in given.getlist(f"{prefix}.value"))
    count = OPERATORS[operator].values if operator in OPERATORS else 0
    return Condition(fact, operator, values if count == MANY else values[:count])


def _join(given: QueryDict, name: str) -> str:
    return str(given[name]) if given.get(name) in JOINS else "and"


# --- as it is drawn ---


@dataclass(frozen=True, slots=True)
class Line:
    """A condition being written. picks: what can be ticked, with whether it is. problem: its values cannot be read.

    is_gone: it asks for what is not there any more. is_empty: it has no value, and that is wrong.
    """

    prefix: str
    place: str
    subject: Subject
    operator: str
    operators: Sequence[tuple[str, Any]]
    values: tuple[str, ...] = ()
    picks: Sequence[tuple[str, str, bool]] = ()
    input: str = ""
    has_focus: bool = False
    problem: bool = False
    is_gone: bool = False
    is_empty: bool = False

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Ids and values of its text fields."""
        count = max(OPERATORS[self.operator].values, 0) if not self.picks else 0
        values = [*self.values, "", ""][:count]
        return [(f"{self.prefix}.{place}", value) for place, value in enumerate(values)]


@dataclass(frozen=True, slots=True)
class ConditionsForm:
    join: str
    groups: Sequence[tuple[int, str, Sequence[Line]]]
    subjects: Sequence[Subject] = field(default_factory=tuple)
    name: str = NAME

    @property
    def has_problems(self) -> bool:
        return any(line.problem for _, _, lines in self.groups for line in lines)

    @property
    def has_gone(self) -> bool:
        return any(line.is_gone for _, _, lines in self.groups for line in lines)


def conditions_form(  # noqa: PLR0913  (switches of how it is drawn)
    given: QueryDict,
    where: Where,
    subjects: Mapping[str, Subject],
    asking: Asking,
    *,
    starts_empty: bool = False,
    keeps_gone: bool = False,
    marks_empty: bool = False,
    name: str = NAME,
) -> ConditionsForm:
    """The form as it stands, after one edit: "add.<group>", "group", "remove.<group>.<place>" or "fact.…".

    starts_empty: without conditions it shows none, where having none is usual. keeps_gone: a condition about what is
    not there any more stays until somebody removes it. marks_empty: one without a value is marked.
    """
    usable = [subject for subject in subjects.values() if subject.can_filter]
    if is_given(given, name):
        join, groups = _join(given, f"{name}.join"), _read_groups(given, name)
    else:
        join, groups = where.join, [(group.join, list(group.conditions)) for group in where.groups]
    act, *places = given.get("edit", "").split(".")
    focus = _edit(groups, act, [int(place) for place in places if place.isdecimal()], usable)
    if not groups and usable and not starts_empty:
        groups = [("and", [Condition(usable[0].code, "")])]

    def line(one: Condition, *place: int) -> Line | None:
        prefix = ".".join((name, *map(str, place)))
        drawn = _line(one, subjects, asking, prefix, has_focus=focus == place)
        if drawn is None:
            return _gone(one, prefix) if keeps_gone else None
        return replace(drawn, is_empty=marks_empty and not _is_filled(replace(one, operator=drawn.operator)))

    drawn = [
        (number, joined, [drawn for place, one in enumerate(lines) if (drawn := line(one, number, place))])
        for number, (joined, lines) in enumerate(groups)
    ]
    return ConditionsForm(join, drawn, usable, name)


def _edit(
    groups: list[tuple[str, list[Condition]]], act: str, places: list[int], usable: Sequence[Subject]
) -> tuple[int, int] | None:
    """Carries out one edit; where the focus goes."""
    if not usable or (sum(len(lines) for _, lines in groups) >= MOST_CONDITIONS and act in {"add", "group"}):
        return None
    fresh = Condition(usable[0].code, "")
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
        case "fact", [group, place] if group < len(groups) and place < len(groups[group][1]):
            lines = groups[group][1]
            lines[place] = replace(lines[place], values=())
            return group, place
        case "operator", [group, place]:
            return group, place
    return None


def _line(
    condition: Condition, subjects: Mapping[str, Subject], asking: Asking, prefix: str, *, has_focus: bool
) -> Line | None:
    subject = subjects.get(condition.fact)
    if subject is None or not subject.can_filter:
        return None
    code = condition.operator if condition.operator in subject.operators else subject.operators[0]
    operator = OPERATORS[code]
    choices = subject.choices_for(asking) if operator.values == MANY else None
    shown = replace(condition, operator=code)
    return Line(
        prefix=prefix,
        place=prefix.partition(".")[2],
        subject=subject,
        operator=code,
        operators=[(one, LABELS[one]) for one in subject.operators],
        values=condition.values,
        picks=[(value, label, value in condition.values) for value, label in (choices or {}).items()],
        input="number" if operator.of == "days" else subject.input,
        has_focus=has_focus,
        problem=_is_filled(shown) and not subject.is_readable(shown, asking),
    )


def _gone(condition: Condition, prefix: str) -> Line:
    """With its code, and all of it to be sent back."""
    return Line(
        prefix=prefix,
        place=prefix.partition(".")[2],
        subject=Term(condition.fact, condition.fact, Type.TEXT),
        operator=condition.operator,
        operators=[(condition.operator, LABELS.get(condition.operator, condition.operator))],
        values=condition.values,
        is_gone=True,
    )
