"""What somebody chose for an import, and what it makes of the cells of a row. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from perezvon.foundation.imports.registry import As, OnMatch, OnNew, Policy, Problem, Row, Target
from perezvon.kernel.phone import HOME_REGION, parse_phone

DATES = ("dmy", "mdy", "ymd")
CASES = ("", "title", "upper", "lower")
LEFT_EMPTY = "-"
_MASK = "\u2022"
_SPACES = re.compile(r"[\s\u00a0\u202f\u200b\ufeff]+")
_SEVERAL = re.compile(r"[;,/|\n]|\s\u0438\s")
_EXPONENT = re.compile(r"\+?(\d)[.,]?(\d*)[eE]\+?(\d{1,2})")
_SERIAL = re.compile(r"\d{5}(\.0+)?")
_DAY = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{2,4})(?:[ T]\d{1,2}:\d{2}.*)?")
_FORMULA_GUARD = re.compile(r"'(?=[=+\-@|%])")
# The day that a spreadsheet counts as nought, from 1 March 1900 on.
_EPOCH = date(1899, 12, 30)
_PIVOT = 30  # two digits of a year up to here are of this century


@dataclass(frozen=True, slots=True)
class Column:
    """How one column is read. to: the target, "" for none. choices: a cell's text in small letters → a code."""

    to: str = ""
    region: str = HOME_REGION
    date: str = "dmy"
    case: str = ""
    first: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(
            to=str(kept.get("to", "")),
            region=str(kept.get("region") or HOME_REGION),
            date=kept["date"] if kept.get("date") in DATES else "dmy",
            case=kept["case"] if kept.get("case") in CASES else "",
            first=bool(kept.get("first")),
            choices={str(key): str(value) for key, value in (kept.get("choices") or {}).items()},
        )

    def kept(self) -> dict[str, Any]:
        found = {"to": self.to, "region": self.region, "date": self.date, "case": self.case, "first": self.first}
        return {**found, "choices": dict(self.choices)}


@dataclass(frozen=True, slots=True)
class Setup:
    """sheet: its place. header: number of the row with the headers, 0 for none. columns: by place.

    constants: target → the same text for every row that has none of its own.
    """

    sheet: int = 0
    header: int = 0
    columns: Mapping[int, Column] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    on_match: OnMatch = OnMatch.FILL
    on_new: OnNew = OnNew.CREATE

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """What is kept as JSON."""
        return cls(
            sheet=int(kept.get("sheet", 0)),
            header=int(kept.get("header", 0)),
            columns={int(place): Column.read(one) for place, one in (kept.get("columns") or {}).items()},
            constants=dict(kept.get("constants") or {}),
            keys=tuple(kept.get("keys") or ()),
            on_match=OnMatch(kept.get("on_match", OnMatch.FILL)),
            on_new=OnNew(kept.get("on_new", OnNew.CREATE)),
        )

    def kept(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "header": self.header,
            "columns": {str(place): one.kept() for place, one in self.columns.items()},
            "constants": dict(self.constants),
            "keys": list(self.keys),
            "on_match": self.on_match.value,
            "on_new": self.on_new.value,
        }

    def policy(self, project_id: int | None) -> Policy:
        return Policy(self.keys, self.on_match, self.on_new, project_id)

    def remembered(self, headers: Sequence[str]) -> dict[str, Any]:
        """For a profile: columns by the words of their headers, so that they may change places."""
        named = {head: self.columns[place].kept() for place, head in enumerate(headers) if place in self.columns}
        return {**self.kept(), "columns": {}, "headers": named}

    @classmethod
    def recalled(cls, kept: Mapping[str, Any], headers: Sequence[str], *, sheet: int, header: int) -> Self:
        """A profile's choices for a table with these headers."""
        named = kept.get("headers") or {}
        columns = {place: Column.read(named[head]) for place, head in enumerate(headers) if head in named}
        return replace(cls.read({**kept, "columns": {}}), sheet=sheet, header=header, columns=columns)


def headers_of(cells: Sequence[str], width: int) -> list[str]:
    """A name for each column: the same word twice is numbered, an empty one is called by its letters."""
    names: list[str] = []
    for place in range(width):
        name = _SPACES.sub(" ", cells[place]).strip() if place < len(cells) else ""
        name = name or letters_of(place)
        same = sum(1 for known in names if known == name or re.fullmatch(rf"{re.escape(name)} \(\d+\)", known))
        names.append(f"{name} ({same + 1})" if same else name)
    return names


def letters_of(place: int) -> str:
    """0 is A, 26 is AA: what spreadsheets call a column."""
    place, letter = divmod(place, 26)
    return (letters_of(place - 1) if place else "") + chr(ord("A") + letter)


# --- a row ---


class Transform:
    """The cells of a row as values of targets: Transform(setup, targets)(7, cells)."""

    def __init__(self, setup: Setup, targets: Iterable[Target], labels: Mapping[str, Mapping[str, str]]) -> None:
        """labels: target → what its choices are called, in small letters and any language → code."""
        known = {one.code: one for one in targets}
        self._columns = [(place, known[one.to], one) for place, one in sorted(setup.columns.items()) if one.to in known]
        self._constants = {code: text for code, text in setup.constants.items() if text and code in known}
        self._known, self._labels = known, labels

    def __call__(self, number: int, cells: Sequence[str]) -> Row:
        values: dict[str, tuple[str, ...]] = {}
        problems: list[Problem] = []
        for place, target, how in self._columns:
            text = cells[place] if place < len(cells) else ""
            for code, value, problem in self._read(text, target, how):
                if problem:
                    problems.append(Problem(code, problem))
                elif value:
                    values[code] = self._joined(values.get(code, ()), value, target)
        for code, text in self._constants.items():
            if code not in values:
                values[code] = (text,)
        return Row(number, values, tuple(problems))

    @staticmethod
    def _joined(before: tuple[str, ...], value: str, target: Target) -> tuple[str, ...]:
        """Several telephones stand beside each other; of two columns for one text the first that says something."""
        if not before:
            return (value,)
        return (*before, value) if target.many and value not in before else before

    def _read(self, text: str, target: Target, how: Column) -> list[tuple[str, str, str]]:
        """(target, value, code of a problem)."""
        text = _FORMULA_GUARD.sub("", _SPACES.sub(" ", text).strip(), count=1)
        if not text or _MASK in text:
            return []  # a value that a file shows with dots says nothing
        text = _cased(text, how.case)
        if target.type == As.FULL_NAME:
            return [(code, part, "") for code, part in zip(target.parts, text.split(" ", 2), strict=False)]
        if target.type == As.CHOICE:
            return [(target.code, self._chosen(target, part, how), "") for part in _parts(text, target)]
        read = _READERS.get(target.type)
        if read is None:
            return [(target.code, text, "")]
        return [(target.code, *one) for one in self._each(read, text, target, how)]

    @staticmethod
    def _each(read: Reader, text: str, target: Target, how: Column) -> list[tuple[str, str]]:
        parts = [part.strip() for part in _SEVERAL.split(text)] if target.many else [text]
        if len(parts) > 1 and target.type == As.PHONE and not read(text, how)[1] and len(_digits(text)) <= 15:
            parts = [text]  # one number, oddly written
        found = [read(part, how) for part in parts if part]
        if not how.first:
            return found
        good = [one for one in found if not one[1]]
        return good[:1] or found[:1]

    def _chosen(self, target: Target, text: str, how: Column) -> str:
        said = how.choices.get(text.lower(), "")
        if said == LEFT_EMPTY:
            return ""
        return said or code_of(text, self._labels.get(target.code, {})) or text


def _parts(text: str, target: Target) -> list[str]:
    return [part.strip() for part in _SEVERAL.split(text) if part.strip()] if target.many else [text]


def code_of(text: str, labels: Mapping[str, str]) -> str:
    """The choice that is called so, or that alone begins so; else nothing."""
    text = text.lower()
    if text in labels:
        return labels[text]
    begins = {code for label, code in labels.items() if label.startswith(text.rstrip("."))}
    return begins.pop() if len(begins) == 1 else ""


type Reader = Callable[[str, Column], tuple[str, str]]


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


def _cased(text: str, case: str) -> str:
    if case == "title":
        return "-".join(" ".join(word.capitalize() for word in part.split(" ")) for part in text.split("-"))
    return {"upper": text.upper(), "lower": text.lower()}.get(case, text)


def _phone(text: str, how: Column) -> tuple[str, str]:
    if found := _EXPONENT.fullmatch(text):
        text, problem = _expanded(found)
        if problem:
            return "", problem
    if how.region == HOME_REGION or text.startswith("+"):
        return text, ""
    number = parse_phone(text, how.region)
    if number is None:
        return "", "phone.form"
    return number.e164 + (f" ext. {number.extension}" if number.extension else ""), ""


def _expanded(found: re.Match[str]) -> tuple[str, str]:
    """7.9161234567E+10 is a telephone; 7.92E+10 was one, before a spreadsheet cut it."""
    first, rest, exponent = found.groups()
    if len(rest) + 1 < min(int(exponent) + 1, 10):
        return "", "phone.cut"
    return (first + rest).ljust(int(exponent) + 1, "0"), ""


def _date(text: str, how: Column) -> tuple[str, str]:
    """As ISO. A number of five digits is what a spreadsheet counts days by."""
    if _SERIAL.fullmatch(text):
        return (_EPOCH + timedelta(days=int(text[:5]))).isoformat(), ""
    match = _DAY.fullmatch(text)
    if not match:
        return "", "date.form"
    one, two, three = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        year, month, day = one, two, three
    elif how.date == "ymd":
        year, month, day = one + _century(one), two, three
    else:
        day, month = (two, one) if how.date == "mdy" else (one, two)
        year = three if len(match[3]) > 2 else three + _century(three)
    try:
        return date(year, month, day).isoformat(), ""
    except ValueError:
        return "", "date.form"


def _century(year: int) -> int:
    return 2000 if year <= _PIVOT else 1900


def _number(text: str, how: Column) -> tuple[str, str]:
    if "e" not in text.lower():
        return text, ""
    try:
        return f"{Decimal(text.replace(',', '.')):f}", ""
    except InvalidOperation:
        return text, ""


_READERS: dict[str, Reader] = {As.PHONE: _phone, As.DATE: _date, As.NUMBER: _number}
