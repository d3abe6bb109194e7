"""Declaring a list.

class Customers(RecordList):
    code, right, title = "customers", "customers.view", lazy("Customers")
    columns = (
        Text("name", lazy("Name"), source="sort_key", indexed=True, link=True),
        Choice("status", lazy("Status"), picks=Status.choices),
        Moment("created_at", lazy("Created")),
    )
    default_sort = ("-created_at",)

    def rows(self, by, *, deleted):
        return list_customers(by=by, deleted=deleted)

register_list(Customers())                       # in registrations.py
urlpatterns = list_urls("customers", "customers/")      # in web/urls.py
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.conditions.terms import Label
from perezvon.foundation.lists.columns import Column, Row
from perezvon.foundation.search.selectors import Found

type Key = Any
type Act = Callable[[Collection[Key], Actor, datetime], Collection[Key]]
type More = Callable[[Actor], Sequence[Column]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """Something that can be done with many rows at once. run: calls a command; the keys that it changed.

    undo: does the opposite with those keys. of_deleted: for deleted rows, instead of those that are there.
    done: "{count} customers deleted", told by count.
    """

    code: str
    label: Label
    icon: str
    right: str
    run: Act
    done: Callable[[int], str]
    undo: Act | None = None
    of_deleted: bool = False
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A button beside the title that opens another page. leads: to what is there; else something new is begun."""

    label: Label
    icon: str
    url_name: str
    right: str
    leads: bool = False


class RecordList:
    """What a list is. rows: those that the actor may see, unordered; with `deleted` those deleted instead.

    url_name: of its page, as list_urls names it. key: the primary key's field. fields: further ones that `url` needs.
    deleted_right: who may switch to deleted rows; empty where nothing can be deleted. above: (label, url name) of the
    pages that it belongs to.
    """

    code: ClassVar[str]
    right: ClassVar[str]
    title: ClassVar[Label]
    columns: ClassVar[Sequence[Column]]
    default_sort: ClassVar[Sequence[str]]
    bulk: ClassVar[Sequence[Bulk]] = ()
    actions: ClassVar[Sequence[Action]] = ()
    deleted_right: ClassVar[str] = ""
    url_name: ClassVar[str]
    key: ClassVar[str] = "id"
    fields: ClassVar[Sequence[str]] = ()
    above: ClassVar[Sequence[tuple[Label, str]]] = ()
    empty: ClassVar[Label] = lazy("There is nothing here yet.")
    search_hint: ClassVar[Label] = lazy("Search in the list")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Any]:
        raise NotImplementedError

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        """Keys of rows that fit what was typed. Without an own way, rows with the text in a column are found."""
        return None

    def url(self, row: Row) -> str:
        """Where the row's link leads; empty for rows without a page."""
        return ""

    def key_of(self, text: str) -> Key:
        """A key as it stands in a form. Raises ValueError."""
        return text

    @property
    def has_own_search(self) -> bool:
        return type(self).search is not RecordList.search


_lists: dict[str, RecordList] = {}
_more: dict[str, list[More]] = {}


def register_list(declared: RecordList) -> None:
    """The same code twice is a mistake of the programmer."""
    known = _lists.setdefault(declared.code, declared)
    if type(known) is not type(declared):
        raise ValueError(f"the list {declared.code} is declared twice")


def register_columns(list_code: str, columns: More) -> None:
    """Further columns of a list, from modules above or from what an administrator has set up."""
    known = _more.setdefault(list_code, [])
    if columns not in known:
        known.append(columns)


def get_list(code: str) -> RecordList:
    return _lists[code]


def lists() -> Mapping[str, RecordList]:
    return dict(_lists)


def columns_for(declared: RecordList, by: Actor) -> dict[str, Column]:
    """The columns that this person may see, by code, in the order of their declaration."""
    further = [column for more in _more.get(declared.code, ()) for column in more(by)]
    open_to_him = [column for column in (*declared.columns, *further) if not column.right or by.may(column.right)]
    return {column.code: column for column in open_to_him}
