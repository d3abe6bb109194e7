"""Column types: how a value is selected, shown, sorted, filtered and exported.

A column selects nothing until it is shown, sorted by or filtered by. What a type of its own must say is short: its
operators, what a typed value means, and how a value reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from perezvon.cores.conditions import OPERATORS, Condition, Type
from perezvon.cores.conditions.facts import OPERATORS_OF, day, number
from perezvon.cores.conditions.reading import days, has_right_count
from perezvon.foundation.conditions.terms import Asking, Label, Picks
from perezvon.foundation.lists.errors import WrongState
from perezvon.foundation.search.services import text_for
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.kernel.checks import Wrong
from perezvon.kernel.texts import text_in

type Row = Mapping[str, Any]
type Exported = str | int | float | Decimal | bool | date | datetime | None


@dataclass(frozen=True, eq=False)
class Column:
    """code: in addresses and saved views, so it must stay. source: a field path, the code when absent.

    expression: selected instead of a field. value: makes the value of a row from `fields`, where one is not enough.
    sort, where: fields to sort and filter by, if not the source; None where that cannot be. query: makes the
    condition, where a field path cannot say it. indexed: an index of the sort field and the key serves a million
    rows. nullable: some of what it sorts by is null although it is indexed. right: who may see the column.
    """

    code: str
    label: Label
    source: str = ""
    sort: str | None = ""
    where: str | None = ""
    fields: tuple[str, ...] = ()
    value: Callable[[Row], Any] | None = None
    expression: Any = None
    query: Callable[[str, Sequence[Any]], Q] | None = None
    picks: Picks = ()
    indexed: bool = False
    nullable: bool = False
    link: bool = False
    width: int = 0
    shown: bool = True
    can_export: bool = True
    right: str = ""

    operators: ClassVar[tuple[str, ...]] = ()
    input: ClassVar[str] = "text"
    usual_width: ClassVar[int] = 160
    is_number: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """What the value is called in a row."""
        return f"x_{self.code}" if self.expression is not None else self.source or self.code

    @property
    def selected(self) -> tuple[str, ...]:
        return self.fields if self.value else (self.name, *self.fields)

    @property
    def sorted_by(self) -> str | None:
        return None if self.sort is None else self.sort or self.name

    @property
    def filtered_by(self) -> str:
        return self.where or self.name

    @property
    def can_filter(self) -> bool:
        return bool(self.operators) and self.where is not None

    def of(self, row: Row) -> Any:
        return self.value(row) if self.value else row[self.name]

    def choices_for(self, asking: Asking) -> Mapping[str, str] | None:
        """What can be ticked: words by values in the address. None where a value is typed."""
        return None

    def values_of(self, condition: Condition, asking: Asking) -> list[Any]:
        """The values of a condition as they compare. Raises WrongState."""
        if condition.operator not in self.operators or not has_right_count(condition):
            raise WrongState(part="where")
        if OPERATORS[condition.operator].of != "days":
            return [self.read(text, asking) for text in condition.values]
        try:
            return [days(condition.values[0])]
        except Wrong:
            raise WrongState(part="where") from None

    def is_readable(self, condition: Condition, asking: Asking) -> bool:
        try:
            self.values_of(condition, asking)
        except WrongState:
            return False
        return True

    # --- a type says these ---

    def read(self, text: str, asking: Asking) -> Any:
        """What a value in the address means. Raises WrongState."""
        return text

    def told(self, value: Any, asking: Asking) -> str:
        """A value of a condition, for people."""
        return str(value)

    def shows(self, value: Any, asking: Asking) -> str | SafeString:
        """A value in its cell."""
        return "" if value is None else str(value)

    def exports(self, value: Any, asking: Asking) -> Exported:
        """A value in a file."""
        return self.shows(value, asking)

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if self.query:
            return self.query(operator, values)
        field = self.filtered_by
        match operator:
            case "empty":
                return self.is_empty()
            case "filled":
                return ~self.is_empty()
            case "least" | "most":
                return Q(**{f"{field}__{'gte' if operator == 'least' else 'lte'}": values[0]})
            case "between":
                return Q(**{f"{field}__gte": values[0], f"{field}__lte": values[1]})
            case _:
                return Q(**{field: values[0]})

    def is_empty(self) -> Q:
        return Q(**{f"{self.filtered_by}__isnull": True})


@dataclass(frozen=True, eq=False)
class Text(Column):
    """folded: the field to filter by holds words as search keeps them, so what is typed is folded alike."""

    folded: bool = False

    operators: ClassVar[tuple[str, ...]] = ("contains", "is", "starts", "lacks", "filled", "empty")
    usual_width: ClassVar = 220

    _LOOKUPS: ClassVar = {"contains": "icontains", "lacks": "icontains", "is": "iexact", "starts": "istartswith"}
    _FOLDED: ClassVar = {"contains": "contains", "lacks": "contains", "is": "exact", "starts": "startswith"}

    def read(self, text: str, asking: Asking) -> str:
        read = text_for(text) if self.folded else text.strip()
        if not read:
            raise WrongState(part="where")
        return read

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if self.query or operator not in self._LOOKUPS:
            return super().condition(operator, values, asking)
        lookup = (self._FOLDED if self.folded else self._LOOKUPS)[operator]
        found = Q(**{f"{self.filtered_by}__{lookup}": values[0]})
        # A negated comparison with nothing is nothing in SQL; people expect an empty value not to contain the text.
        return ~found | self.is_empty() if operator == "lacks" else found

    def is_empty(self) -> Q:
        return Q(**{self.filtered_by: ""}) | super().is_empty()


@dataclass(frozen=True, eq=False)
class Masked(Text):
    """A number of identity: dots for all but its end, here and in files. Looked for whole only."""

    mask: Callable[[str], str] = str
    sort: str | None = None

    operators: ClassVar[tuple[str, ...]] = ("is", "filled", "empty")
    usual_width: ClassVar = 150

    def read(self, text: str, asking: Asking) -> str:
        return super().read("".join(sign for sign in text if sign.isalnum()), asking)

    def shows(self, value: Any, asking: Asking) -> str:
        return self.mask(str(value)) if value else ""


@dataclass(frozen=True, eq=False)
class Number(Column):
    operators: ClassVar[tuple[str, ...]] = ("is", "least", "most", "between", "filled", "empty")
    input: ClassVar = "number"
    usual_width: ClassVar = 110
    is_number: ClassVar = True

    def read(self, text: str, asking: Asking) -> Decimal:
        try:
            return number(text)
        except Wrong:
            raise WrongState(part="where") from None

    def told(self, value: Any, asking: Asking) -> str:
        return number_format(value, force_grouping=True)

    def shows(self, value: Any, asking: Asking) -> str:
        return "" if value is None else number_format(value, force_grouping=True)

    def exports(self, value: Any, asking: Asking) -> Exported:
        return value  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class Code(Number):
    """A number that names something: it stands as a word does, and its digits are not grouped."""

    is_number: ClassVar = False

    def told(self, value: Any, asking: Asking) -> str:
        return str(value)

    def shows(self, value: Any, asking: Asking) -> str:
        return "" if value is None else str(value)


@dataclass(frozen=True, eq=False)
class Day(Column):
    operators: ClassVar[tuple[str, ...]] = OPERATORS_OF[Type.DAY]
    input: ClassVar = "date"
    usual_width: ClassVar = 130
    long_width: ClassVar = 180

    def read(self, text: str, asking: Asking) -> date:
        try:
            return day(text)
        except Wrong:
            raise WrongState(part="where") from None

    def told(self, value: Any, asking: Asking) -> str:
        return date_format(value, "DATE_FORMAT" if asking.long_dates else "SHORT_DATE_FORMAT")

    def shows(self, value: Any, asking: Asking) -> str:
        return "" if value is None else self.told(value, asking)

    def exports(self, value: Any, asking: Asking) -> Exported:
        return value  # type: ignore[no-any-return]

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if self.query or operator in {"empty", "filled"}:
            return super().condition(operator, values, asking)
        first, last = _period(operator, values, asking)
        bounds = {"gte": self._begin(first), "lt": self._begin(last + timedelta(days=1) if last else None)}
        return Q(**{f"{self.filtered_by}__{lookup}": bound for lookup, bound in bounds.items() if bound})

    def _begin(self, day: date | None) -> date | datetime | None:
        return day


@dataclass(frozen=True, eq=False)
class Moment(Day):
    """A point in time; conditions speak of days, in the reader's zone."""

    usual_width: ClassVar = 165
    long_width: ClassVar = 220

    def shows(self, value: Any, asking: Asking) -> str:
        if value is None:
            return ""
        form = "DATETIME_FORMAT" if asking.long_dates else "SHORT_DATETIME_FORMAT"
        return date_format(timezone.localtime(value), form)

    def exports(self, value: Any, asking: Asking) -> Exported:
        return None if value is None else timezone.localtime(value).replace(tzinfo=None)

    def _begin(self, day: date | None) -> datetime | None:
        return timezone.make_aware(datetime(day.year, day.month, day.day)) if day else None  # noqa: DTZ001


def _period(operator: str, values: Sequence[Any], asking: Asking) -> tuple[date | None, date | None]:
    """First and last day, both included; None is open."""
    day = values[0]
    if OPERATORS[operator].of == "days":
        today = timezone.localtime(asking.now).date()
        near, far = timedelta(days=day - 1), timedelta(days=day)
        return {"last": (today - near, today), "next": (today, today + near), "older": (None, today - far)}[operator]
    ends = {"before": (None, day - timedelta(days=1)), "after": (day + timedelta(days=1), None)}
    if operator == "between":
        return day, values[1]
    return ends.get(operator, (day, day))


@dataclass(frozen=True, eq=False)
class Choice(Column):
    """One of a few values. tones: colours of values, as chips have them."""

    tones: Mapping[Any, str] | None = None
    operators: ClassVar[tuple[str, ...]] = ("any", "none", "filled", "empty")
    input: ClassVar = "choice"
    usual_width: ClassVar = 140

    def choices_for(self, asking: Asking) -> Mapping[str, str]:
        if self not in asking.picks:
            picks = self.picks(asking.by) if callable(self.picks) else self.picks
            asking.picks[self] = {str(value): str(label) for value, label in picks if value != ""}
        return asking.picks[self]

    def read(self, text: str, asking: Asking) -> str:
        if text not in self.choices_for(asking):
            raise WrongState(part="where")
        return text

    def told(self, value: Any, asking: Asking) -> str:
        return self.choices_for(asking).get(str(value), "")

    def shows(self, value: Any, asking: Asking) -> str | SafeString:
        if value is None or value == "":
            return ""
        label = dict(_plain(self.picks)).get(value, value)
        tone = (self.tones or {}).get(value)
        if tone is None:
            return str(label)
        return format_html('<span class="chip" data-tone="{}">{}</span>', tone, label)

    def exports(self, value: Any, asking: Asking) -> Exported:
        if value is None:
            return ""
        return str(value) if callable(self.picks) else self.choices_for(asking).get(str(value), str(value))

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if self.query or operator not in {"any", "none"}:
            return super().condition(operator, values, asking)
        found = Q(**{f"{self.filtered_by}__in": list(values)})
        # "none of" includes those without any value.
        return found if operator == "any" else ~found | Q(**{f"{self.filtered_by}__isnull": True})

    def is_empty(self) -> Q:
        return Q(**{f"{self.filtered_by}__isnull": True}) | Q(**{self.filtered_by: ""})


def _plain(picks: Picks) -> Sequence[tuple[Any, Label]]:
    return () if callable(picks) else picks


@dataclass(frozen=True, eq=False)
class Related(Choice):
    """A record that this one points to. source: the field path of its name; where: of its key.

    A name that is kept per language is shown in the reader's.
    """

    sort: str | None = None
    usual_width: ClassVar = 170

    def shows(self, value: Any, asking: Asking) -> str:
        if isinstance(value, Mapping):
            return text_in(value, get_language() or "ru")
        return "" if value is None else str(value)

    def exports(self, value: Any, asking: Asking) -> Exported:
        return self.shows(value, asking)

    def is_empty(self) -> Q:
        return Q(**{f"{self.filtered_by}__isnull": True})


@dataclass(frozen=True, eq=False)
class Colleague(Related):
    """A user of the centre; can be "me"."""

    operators: ClassVar[tuple[str, ...]] = ("me", "any", "none", "filled", "empty")

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if operator == "me":
            return Q(**{self.filtered_by: asking.by.user_id})
        return super().condition(operator, values, asking)


@dataclass(frozen=True, eq=False)
class Flag(Column):
    operators: ClassVar[tuple[str, ...]] = ("yes", "no")
    usual_width: ClassVar = 90

    def shows(self, value: Any, asking: Asking) -> str:
        return gettext("yes") if value else gettext("no")

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        return self.query(operator, values) if self.query else Q(**{self.filtered_by: operator == "yes"})


@dataclass(frozen=True, eq=False)
class Phone(Column):
    """Digits of a telephone number."""

    sort: str | None = None
    operators: ClassVar[tuple[str, ...]] = ("is", "ends", "filled", "empty")
    usual_width: ClassVar = 165

    def read(self, text: str, asking: Asking) -> str:
        digits = "".join(sign for sign in text if sign.isdigit())
        if not digits:
            raise WrongState(part="where")
        return text.strip()

    def shows(self, value: Any, asking: Asking) -> str:
        return phone(f"+{value}") if value else ""

    def exports(self, value: Any, asking: Asking) -> Exported:
        return f"+{value}" if value else ""

    def condition(self, operator: str, values: Sequence[Any], asking: Asking) -> Q:
        if operator == "ends" and not self.query:
            return Q(**{f"{self.filtered_by}__endswith": "".join(sign for sign in values[0] if sign.isdigit())})
        return super().condition(operator, values, asking)
