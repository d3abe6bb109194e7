"""What conditions can ask about: facts, each of a type that says how its values compare and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from perezvon.kernel.checks import Wrong

type Value = str | int | Decimal | bool | date | datetime | frozenset[str] | None

LARGEST_NUMBER = Decimal(10) ** 15
YEARS = range(1800, 3000)  # with room to count days from either end


class Type(StrEnum):
    """choice: one of a few, kept as its code. many: some of them. moment: asked about by days, in a zone."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    PERSON = "person"
    MANY = "many"
    FLAG = "flag"
    PHONE = "phone"


_DAYS = ("is", "before", "after", "between", "last", "next", "older", "filled", "empty")
OPERATORS_OF: Mapping[Type, tuple[str, ...]] = {
    Type.TEXT: ("contains", "is", "starts", "lacks", "filled", "empty"),
    Type.NUMBER: ("is", "least", "most", "between", "filled", "empty"),
    Type.DAY: _DAYS,
    Type.MOMENT: _DAYS,
    Type.CHOICE: ("any", "none", "filled", "empty"),
    Type.PERSON: ("me", "any", "none", "filled", "empty"),
    Type.MANY: ("any", "none", "filled", "empty"),
    Type.FLAG: ("yes", "no"),
    Type.PHONE: ("is", "ends", "filled", "empty"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """choices: codes that a choice may have; None where any code may be."""

    code: str
    type: Type
    choices: frozenset[str] | None = None

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS_OF[self.type]

    def read(self, text: str) -> Value:
        """A kept value as it compares. Raises Wrong."""
        value = _READERS[self.type](text)
        if self.choices is not None and value not in self.choices:
            raise Wrong("condition.choice")
        return value


def _text(text: str) -> str:
    folded = fold(text)
    if not folded:
        raise Wrong("condition.text")
    return folded


def fold(text: str) -> str:
    """Texts that people take for the same compare as the same: without regard to case, and to the dots of \u0451."""
    return text.strip().casefold().replace("\u0451", "\u0435")


def number(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ArithmeticError:
        raise Wrong("condition.number") from None
    if not value.is_finite() or abs(value) > LARGEST_NUMBER:
        raise Wrong("condition.number")
    return value


def day(text: str) -> date:
    try:
        value = date.fromisoformat(text)
    except ValueError:
        raise Wrong("condition.day") from None
    if value.year not in YEARS:
        raise Wrong("condition.day")
    return value


def _phone(text: str) -> str:
    digits = "".join(sign for sign in text if sign.isdigit())
    if not digits:
        raise Wrong("condition.phone")
    return digits


_READERS: Mapping[Type, Callable[[str], Value]] = {
    Type.TEXT: _text,
    Type.NUMBER: number,
    Type.DAY: day,
    Type.MOMENT: day,
    Type.CHOICE: str,
    Type.PERSON: str,
    Type.MANY: str,
    Type.FLAG: str,
    Type.PHONE: _phone,
}
