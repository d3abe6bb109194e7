"""Do they hold? A missing value is asked about by "is empty" alone: it is in none of a choice, it contains nothing,
it is neither before nor after a day. A condition that cannot be asked (its fact is gone) does not hold; `problems` says
so while somebody can still mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from perezvon.cores.conditions.facts import Fact, Type, Value, fold
from perezvon.cores.conditions.reading import values_of
from perezvon.cores.conditions.words import Condition, Group, Where
from perezvon.kernel.checks import Wrong


@dataclass(frozen=True, slots=True)
class Judged:
    """value: what the fact was."""

    condition: Condition
    value: Value
    held: bool


def holds(where: Where, facts: Mapping[str, Fact], values: Mapping[str, Value], now: datetime, me: str = "") -> bool:
    """Whether the values are what the conditions ask for. now: in the zone by whose days is counted; me: who asks."""
    if not where:
        return True
    groups = [group for group in where.groups if group.conditions]
    held = (_group_holds(group, facts, values, now, me) for group in groups)
    return all(held) if where.join == "and" else any(held)


def _group_holds(group: Group, facts: Mapping[str, Fact], values: Mapping[str, Value], now: datetime, me: str) -> bool:
    held = (_held(one, facts, values.get(one.fact), now, me) for one in group.conditions)
    return all(held) if group.join == "and" else any(held)


def explain(
    where: Where, facts: Mapping[str, Fact], values: Mapping[str, Value], now: datetime, me: str = ""
) -> list[Judged]:
    """Every condition with what it met, in order."""
    return [Judged(one, values.get(one.fact), _held(one, facts, values.get(one.fact), now, me)) for one in where]


def _held(condition: Condition, facts: Mapping[str, Fact], value: Value, now: datetime, me: str) -> bool:
    fact = facts.get(condition.fact)
    if fact is None:
        return False
    try:
        asked = values_of(condition, fact)
    except Wrong:
        return False
    return _compares(condition.operator, asked, _comparable(fact.type, value, now), now.date(), me)


def _comparable(of: Type, value: Value, now: datetime) -> Value:
    match of, value:
        case Type.TEXT, str():
            return fold(value)
        case Type.MOMENT, datetime():
            return value.astimezone(now.tzinfo).date()
        case Type.PHONE, str():
            return "".join(sign for sign in value if sign.isdigit())
        case ((Type.CHOICE | Type.PERSON), _) if value is not None and value != "":
            return frozenset({str(value)})
    return value


def _compares(operator: str, asked: Sequence[Any], value: Any, today: date, me: str) -> bool:
    is_empty = value is None or value in ("", frozenset())
    match operator:
        case "empty":
            return is_empty
        case "filled":
            return not is_empty
        case "lacks":
            return is_empty or asked[0] not in value
        case "none":
            return is_empty or value.isdisjoint(asked)
        case "no":
            return not value
    return not is_empty and _meets(operator, asked, value, today, me)


def _meets(operator: str, asked: Sequence[Any], value: Any, today: date, me: str) -> bool:  # noqa: C901
    match operator:
        case "any":
            return not value.isdisjoint(asked)
        case "me":
            return me in value
        case "yes":
            return bool(value)
        case "contains":
            return asked[0] in value
        case "starts":
            return bool(value.startswith(asked[0]))
        case "ends":
            return bool(value.endswith(asked[0]))
        case "is":
            return bool(value == asked[0])
        case "least":
            return bool(value >= asked[0])
        case "most":
            return bool(value <= asked[0])
        case "between":
            return bool(asked[0] <= value <= asked[1])
        case "before":
            return bool(value < asked[0])
        case "after":
            return bool(value > asked[0])
        case "last":
            return bool(today - timedelta(days=asked[0] - 1) <= value <= today)
        case "next":
            return bool(today <= value <= today + timedelta(days=asked[0] - 1))
        case "older":
            return bool(value < today - timedelta(days=asked[0] - 1))
    raise AssertionError(operator)
