"""What a condition can be about, as a person sees it: a column of a list, or a term of some vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.cores.conditions import OPERATORS, Condition, Fact, Type, Value, Where
from perezvon.cores.conditions.facts import OPERATORS_OF
from perezvon.cores.conditions.reading import values_of
from perezvon.foundation.access import Actor
from perezvon.kernel.checks import Wrong

type Label = str | Promise
type Picks = Sequence[tuple[Any, Label]] | Callable[[Actor], Sequence[tuple[Any, Label]]]

LABELS: Mapping[str, Label] = {
    "contains": lazy("contains"),
    "lacks": lazy("does not contain"),
    "is": pgettext_lazy("filter", "is"),
    "starts": lazy("begins with"),
    "ends": lazy("ends with"),
    "least": lazy("at least"),
    "most": lazy("at most"),
    "between": lazy("between"),
    "before": lazy("before"),
    "after": lazy("after"),
    "last": lazy("in the last days"),
    "next": lazy("in the next days"),
    "older": lazy("more days ago than"),
    "any": lazy("one of"),
    "none": lazy("none of"),
    "me": lazy("is me"),
    "yes": pgettext_lazy("filter", "yes"),
    "no": pgettext_lazy("filter", "no"),
    "empty": lazy("is empty"),
    "filled": lazy("is filled in"),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when: "me" and "the last days" depend on it. long_dates: how he likes dates to be written.

    picks: what can be chosen from, by column or term, read once.
    """

    by: Actor
    now: datetime
    long_dates: bool = False
    picks: dict[Any, Mapping[str, str]] = field(default_factory=dict, compare=False, repr=False)


class Subject(Protocol):
    """What the form of conditions asks of a column or term. input: "text", "number", "date" or "choice"."""

    @property
    def code(self) -> str: ...
    @property
    def label(self) -> Label: ...
    @property
    def operators(self) -> tuple[str, ...]: ...
    @property
    def input(self) -> str: ...
    @property
    def can_filter(self) -> bool: ...
    def choices_for(self, asking: Asking) -> Mapping[str, str] | None:
        """What can be ticked: words by values. None where a value is typed."""

    def is_readable(self, condition: Condition, asking: Asking) -> bool:
        """Whether its values are what they should be."""


_INPUTS: Mapping[Type, str] = {
    Type.NUMBER: "number",
    Type.DAY: "date",
    Type.MOMENT: "date",
    Type.CHOICE: "choice",
    Type.PERSON: "choice",
    Type.MANY: "choice",
}


@dataclass(frozen=True, eq=False)
class Term:
    """A fact with a name. picks: what a choice offers, or a function of who asks."""

    code: str
    label: Label
    type: Type
    picks: Picks = ()

    can_filter = True

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS_OF[self.type]

    @property
    def input(self) -> str:
        return _INPUTS.get(self.type, "text")

    @property
    def fact(self) -> Fact:
        """For judging: what was a choice when the condition was written may be none today, and then nothing has it."""
        return Fact(self.code, self.type)

    def choices_for(self, asking: Asking) -> Mapping[str, str] | None:
        if self.input != "choice":
            return None
        if self not in asking.picks:
            picks = self.picks(asking.by) if callable(self.picks) else self.picks
            asking.picks[self] = {str(value): str(label) for value, label in picks if value != ""}
        return asking.picks[self]

    def is_readable(self, condition: Condition, asking: Asking) -> bool:
        choices = self.choices_for(asking)
        fact = Fact(self.code, self.type, None if choices is None else frozenset(choices))
        try:
            values_of(condition, fact)
        except Wrong:
            return False
        return True

    def tell(self, condition: Condition, asking: Asking) -> str:
        """ "Amount: at least 1,000" """
        try:
            values = values_of(condition, self.fact)
        except Wrong:
            return f"{self.label}: {', '.join(condition.values)}"
        return say(self.label, condition.operator, values, [self._told(value, asking) for value in values])

    def _told(self, value: Value, asking: Asking) -> str:
        choices = self.choices_for(asking)
        if choices is not None:
            return choices.get(str(value), str(value))
        if isinstance(value, Decimal):
            return number_format(value, force_grouping=True)
        if isinstance(value, date):
            return date_format(value, "SHORT_DATE_FORMAT")
        return str(value)


type Terms = Mapping[str, Term]


def say(label: Label, code: str, values: Sequence[Any], told: Sequence[str]) -> str:
    """ "Status: Existing, Potential", "Created: in the last 7 days", "Name: contains ivan" """
    operator = OPERATORS[code]
    if operator.of == "days":
        words = {
            "last": _("{column}: in the last {days} days"),
            "next": _("{column}: in the next {days} days"),
            "older": _("{column}: more than {days} days ago"),
        }
        return words[code].format(column=label, days=values[0])
    joined = f" {_('and')} ".join(told) if operator.values == 2 else ", ".join(told)
    if code in {"any", "is"}:
        return f"{label}: {joined}"
    return f"{label}: {LABELS[code]} {joined}".strip()


def tell(where: Where, terms: Terms, asking: Asking) -> str:
    """All of it in a sentence; a condition about nothing that is there any more shows its code."""
    joins = {"and": f" {_('and')} ", "or": f" {_('or')} "}
    groups = [
        joins[group.join].join(_tell(one, terms, asking) for one in group.conditions)
        for group in where.groups
        if group.conditions
    ]
    return groups[0] if len(groups) == 1 else joins[where.join].join(f"({text})" for text in groups)


def _tell(condition: Condition, terms: Terms, asking: Asking) -> str:
    term = terms.get(condition.fact)
    return term.tell(condition, asking) if term else f"{condition.fact}?"
