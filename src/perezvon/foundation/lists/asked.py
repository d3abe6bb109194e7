"""What an address asks of a list, and addresses that ask for something else.

view   a saved view, on which the rest builds; 0 for none
cols   "name:240,status": columns in order, with widths where they are not the usual ones
sort   "-created_at,name"
where  a filter, see conditions.py
q      quick search
deleted, size, after, before
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from perezvon.cores.conditions import Where
from perezvon.cores.conditions.reading import is_text
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.lists.columns import Column, Day
from perezvon.foundation.lists.conditions import read_where
from perezvon.foundation.lists.declare import RecordList, columns_for
from perezvon.foundation.lists.errors import WrongState

STATE = ("cols", "sort", "where", "q", "deleted", "size")
KEPT_BY_VIEWS = ("cols", "sort", "where", "deleted", "size")
SIZES = (25, 50, 100)
USUAL_SIZE = 50
MOST_COLUMNS = 60
MOST_SORTS = 4
NARROWEST, WIDEST = 48, 900
LONGEST_SEARCH = 200
_PART = re.compile(r"[\w.-]+(:\d{1,4})?")


@dataclass(frozen=True, slots=True)
class ShownColumn:
    column: Column
    width: int
    is_usual: bool


@dataclass(frozen=True, slots=True)
class Sort:
    column: Column
    descending: bool = False

    @property
    def text(self) -> str:
        return f"{'-' if self.descending else ''}{self.column.code}"


@dataclass(frozen=True)
class Asked:
    """A question to a list that can be answered. base: what the view says; given: what holds, as texts.

    is_shared: other people have the view too, so an address need not repeat what it says. has_views: a bare address
    may mean one of them.
    """

    of: RecordList
    asking: Asking
    columns: Mapping[str, Column]
    base: Mapping[str, str]
    given: Mapping[str, str]
    view_id: int = 0
    is_shared: bool = False
    has_views: bool = False
    after: str = ""
    before: str = ""
    shown: tuple[ShownColumn, ...] = ()
    sorts: tuple[Sort, ...] = ()
    where: Where = field(default_factory=Where)

    @property
    def text(self) -> str:
        return self.given.get("q", "")

    @property
    def deleted(self) -> bool:
        return bool(self.given.get("deleted"))

    @property
    def size(self) -> int:
        return int(self.given.get("size") or USUAL_SIZE)

    @cached_property
    def query(self) -> str:
        return self.with_(after=self.after, before=self.before)

    @property
    def is_changed(self) -> bool:
        """Something differs from what the view says."""
        return any(self.given.get(name, "") != self.base.get(name, "") for name in KEPT_BY_VIEWS)

    @property
    def kept(self) -> dict[str, str]:
        """What a saved view remembers."""
        return {name: self.given[name] for name in KEPT_BY_VIEWS if self.given.get(name)}

    def with_(self, *, after: str = "", before: str = "", **changed: str) -> str:
        """The query of an address with these parts changed; the page is the first again."""
        state = {**self.given, **changed}
        base = self.base if self.is_shared else {}
        said = {name: state.get(name, "") for name in STATE if state.get(name, "") != base.get(name, "")}
        named = str(self.view_id) if self.view_id else "0" if self.has_views and not said else ""
        view = {"view": named} if named else {}
        page = {name: text for name, text in (("after", after), ("before", before)) if text}
        return urlencode({**view, **said, **page})


@dataclass(frozen=True, slots=True)
class Base:
    """The view that an address builds upon."""

    id: int = 0
    state: Mapping[str, str] = field(default_factory=dict)
    is_shared: bool = False
    has_views: bool = False


def read_asked(given: Mapping[str, str], of: RecordList, asking: Asking, base: Base | None = None) -> Asked:
    """What the address says, on top of its view. Raises WrongState."""
    base = base or Base()
    columns = columns_for(of, asking.by)
    said = {name: given[name] for name in STATE if name in given}
    if not all(is_text(text) for text in given.values()):
        raise WrongState(part="where")
    known = {name: text for name, text in {**base.state, **said}.items() if text}
    shown = _read_columns(known.get("cols", ""), columns, asking)
    sorts = _read_sorts(known.get("sort", ""), columns, of)
    where = read_where(known.get("where", ""), columns, asking)
    if "cols" in known:
        known["cols"] = columns_text(shown)
    if "where" in known:
        known["where"] = where.text()
    known["q"] = " ".join(known.get("q", "").split())[:LONGEST_SEARCH]
    known["deleted"] = "1" if known.get("deleted") and of.deleted_right and asking.by.may(of.deleted_right) else ""
    known["size"] = known.get("size", "") if known.get("size") in {str(size) for size in SIZES} else ""
    return Asked(
        of=of,
        asking=asking,
        columns=columns,
        base=base.state,
        given={name: text for name, text in known.items() if text},
        view_id=base.id,
        is_shared=base.is_shared,
        has_views=base.has_views,
        after=given.get("after", ""),
        before="" if given.get("after") else given.get("before", ""),
        shown=shown,
        sorts=sorts,
        where=where,
    )


def columns_text(shown: tuple[ShownColumn, ...]) -> str:
    return ",".join(one.column.code if one.is_usual else f"{one.column.code}:{one.width}" for one in shown)


def _read_columns(text: str, columns: Mapping[str, Column], asking: Asking) -> tuple[ShownColumn, ...]:
    if not text:
        return tuple(_shown(column, 0, asking) for column in columns.values() if column.shown)
    parts = text.split(",")
    if len(parts) > MOST_COLUMNS or not all(_PART.fullmatch(part) for part in parts):
        raise WrongState(part="cols")
    widths = {code: int(width or 0) for code, _, width in (part.partition(":") for part in parts)}
    # A column may have been taken away since a view or a link was made: then the others are shown.
    shown = tuple(_shown(columns[code], width, asking) for code, width in widths.items() if code in columns)
    if not shown:
        raise WrongState(part="cols")
    return shown


def _shown(column: Column, width: int, asking: Asking) -> ShownColumn:
    usual = column.width or column.usual_width
    if isinstance(column, Day) and asking.long_dates:
        usual = max(usual, column.long_width)
    kept = min(max(width, NARROWEST), WIDEST) if width else usual
    return ShownColumn(column, kept, not width or kept == usual)


def _read_sorts(text: str, columns: Mapping[str, Column], of: RecordList) -> tuple[Sort, ...]:
    parts = text.split(",") if text else [part for part in of.default_sort if part.lstrip("-") in columns]
    if len(parts) > MOST_SORTS:
        raise WrongState(part="sort")
    codes = [part.removeprefix("-") for part in parts]
    if len(set(codes)) < len(codes) or not all(code in columns and columns[code].sorted_by for code in codes):
        raise WrongState(part="sort")
    return tuple(Sort(columns[code], part.startswith("-")) for code, part in zip(codes, parts, strict=True))
