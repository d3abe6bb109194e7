"""Products and offices as lists: searched, filtered, sorted and exported, with an administrator's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Code, Column, Day, Flag, Phone, Related, Row, Text
from perezvon.foundation.lists.declare import Action, RecordList
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.search.selectors import Found, Guess
from perezvon.kernel.texts import text_in
from perezvon.modules.catalogue.models import Office, Product, ProductKind, Region, Settlement
from perezvon.modules.catalogue.selectors import find_offices, find_products, known_offices, list_products

EDIT = "catalogue.edit"
_HOME = (lazy("Administration"), "administration:home")


def _said(row: Row, name: str) -> str:
    return text_in(row[name], get_language() or "ru")


def _named(model: type[ProductKind | Region | Settlement]) -> Any:
    return lambda _by: [(one.pk, str(one)) for one in model._default_manager.all()]


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in list_projects(by=by)]


def _text(name: str, label: Any, **more: Any) -> Text:
    """A text that is kept per language."""
    return Text(name, label, fields=(name,), value=lambda row: _said(row, name), where=f"{name}__ru", sort=None, **more)


def _found(records: Sequence[Product | Office], limit: int) -> Found:
    keys = tuple(one.pk for one in records)
    return Found(keys[:limit], min(len(keys), limit), len(keys) <= limit, Guess.NONE, "")


class Products(RecordList):
    code, right, title, url_name = "products", EDIT, lazy("All products"), "catalogue:products"
    columns: ClassVar[Sequence[Column]] = (
        _text("name", lazy("Product"), link=True, width=240),
        Code("code", lazy("Code")),
        Related("kind", lazy("Kind"), source="kind__name", where="kind", picks=_named(ProductKind)),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects),
        Day("since", lazy("Offered from"), nullable=True),
        Day("until", lazy("Offered until"), nullable=True),
        Flag("is_active", lazy("In use"), sort=None),
    )
    default_sort = ("code",)
    above = (_HOME, (lazy("Products"), "catalogue:catalogue"))
    actions: ClassVar[Sequence[Action]] = (Action(lazy("By kinds"), "list-tree", "catalogue:catalogue", EDIT),)
    search_hint = lazy("name, code")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Product]:
        return list_products(by=by).select_related(None).order_by()

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        return _found(find_products(text, by=by, limit=limit + 1, withdrawn=True), limit)

    def url(self, row: Row) -> str:
        return reverse("catalogue:product", args=[row["id"]])

    def key_of(self, text: str) -> int:
        return int(text)


class Offices(RecordList):
    code, right, title, url_name = "offices", EDIT, lazy("All offices"), "catalogue:office_list"
    columns: ClassVar[Sequence[Column]] = (
        _text("name", lazy("Office"), link=True, width=200),
        Code("code", lazy("Code")),
        Related("region", lazy("Region"), source="settlement__region__name", where="settlement__region",
                picks=_named(Region)),
        Related("settlement", lazy("Settlement"), source="settlement__name", where="settlement",
                picks=_named(Settlement)),
        _text("address", lazy("Address"), width=240),
        _text("hours", lazy("Hours"), width=170),
        Phone("phone", lazy("Phone"), sort=None),
        Text("landmarks", lazy("Landmarks"), sort=None, shown=False),
        Text("zone", lazy("Time zone"), sort=None, shown=False),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, shown=False),
        Flag("is_active", lazy("In use"), sort=None),
    )  # fmt: skip
    default_sort = ("code",)
    above = (_HOME, (lazy("Offices"), "catalogue:offices"))
    actions: ClassVar[Sequence[Action]] = (Action(lazy("By regions"), "building", "catalogue:offices", EDIT),)
    search_hint = lazy("name, address, landmarks, settlement")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Office]:
        return known_offices(by=by).select_related(None).order_by()

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        return _found(find_offices(text, by=by, limit=limit + 1, withdrawn=True), limit)

    def url(self, row: Row) -> str:
        return reverse("catalogue:office", args=[row["id"]])

    def key_of(self, text: str) -> int:
        return int(text)
