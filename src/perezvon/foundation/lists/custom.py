"""Fields of an administrator's own as columns of lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from perezvon.foundation.access import Actor
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.fields.field import Field, Level
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.selectors import NUMBERS, fields_of, order_by
from perezvon.foundation.fields.values import shown, value_of
from perezvon.foundation.lists.columns import Choice, Column, Day, Exported, Number, Row, Text


def custom_columns(kind: str) -> Callable[[Actor], Sequence[Column]]:
    """For register_columns: the fields of this kind of record that a person may see, hidden until he chooses them.

    A masked one can only be looked at. Sorted by is what the administrator has made sortable.
    """

    def columns(by: Actor) -> list[Column]:
        return [_column(field) for field in fields_of(kind, by) if field.type != Type.FILE]

    return columns


def _column(field: Field) -> Column:
    code = field.name
    open_to_him = field.level != Level.MASKED
    common: dict[str, Any] = {
        "sort": "" if field.sortable else None,
        "where": "" if open_to_him else None,
        "indexed": field.sortable,
        "nullable": True,
        "shown": False,
        "can_export": field.exportable,
    }
    if field.type == Type.COMPUTED:
        computed = common | {"sort": None, "where": None, "indexed": False}
        return CustomText(code, field.label, fields=("custom",), value=_computed(field), field=field, **computed)
    if field.type in NUMBERS and open_to_him:
        return CustomNumber(code, field.label, expression=order_by(field), field=field, **common)
    text = KeyTextTransform(field.key, "custom")
    if field.type == Type.DATE and open_to_him:
        return CustomDay(code, field.label, expression=text, field=field, **common)
    if field.type in {Type.CHOICE, Type.TREE} and open_to_him:
        return CustomChoice(code, field.label, expression=text, picks=field.choices, field=field, **common)
    if field.type == Type.CHOICES:
        listed = KeyTransform(field.key, "custom")
        several = common | {"sort": None, "indexed": False}
        return CustomChoices(code, field.label, expression=listed, picks=field.choices, field=field, **several)
    return CustomText(code, field.label, expression=text, field=field, **common)


def _computed(field: Field) -> Callable[[Row], Any]:
    def compute(row: Row) -> Any:
        custom: Mapping[str, Any] = row["custom"] or {}
        return value_of(field, custom)

    return compute


@dataclass(frozen=True, eq=False)
class CustomText(Text):
    field: Field | None = None

    def shows(self, value: Any, asking: Asking) -> str:
        return shown(_of(self.field), value)


@dataclass(frozen=True, eq=False)
class CustomNumber(Number):
    field: Field | None = None

    def shows(self, value: Any, asking: Asking) -> str:
        return "" if value is None else shown(_of(self.field), f"{Decimal(value).normalize():f}")


@dataclass(frozen=True, eq=False)
class CustomDay(Day):
    """Kept as ISO text, which sorts and compares as days do."""

    field: Field | None = None

    def shows(self, value: Any, asking: Asking) -> str:
        return self.told(date.fromisoformat(value), asking) if value else ""

    def exports(self, value: Any, asking: Asking) -> Exported:
        return date.fromisoformat(value) if value else None

    def _begin(self, day: date | None) -> date | datetime | None:
        return day.isoformat() if day else None  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class CustomChoice(Choice):
    field: Field | None = None

    def shows(self, value: Any, asking: Asking) -> str:
        return shown(_of(self.field), value)

    def exports(self, value: Any, asking: Asking) -> Exported:
        return self.shows(value, asking)


@dataclass(frozen=True, eq=False)
class CustomChoices(CustomChoice):
    """Several of a list, kept as a list of codes."""

    operators: ClassVar[tuple[str, ...]] = ("any", "none", "filled", "empty")

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if operator in {"empty", "filled"}:
            return super().condition(operator, values, asking)
        found = reduce(or_, (Q(**{f"{self.name}__contains": [value]}) for value in values))
        return found if operator == "any" else ~found | self.is_empty()

    def is_empty(self) -> Q:
        return Q(**{f"{self.name}__isnull": True})


def _of(field: Field | None) -> Field:
    assert field is not None  # noqa: S101  (a default only because those of the base have some)
    return field
