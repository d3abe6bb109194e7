"""The list of customers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Code, Column, Day, Flag, Masked, Moment, Phone, Related, Row, Text
from perezvon.foundation.lists.declare import Action, Bulk, RecordList
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.search.selectors import Found
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.modules.catalogue.selectors import list_products
from perezvon.modules.customers import services
from perezvon.modules.customers.models import (
    Channel,
    ContactBan,
    ContactPoint,
    Contract,
    Customer,
    Kind,
    Sex,
    Status,
    full_name_of,
)
from perezvon.modules.customers.selectors import (
    Asked,
    find_contracts,
    list_bans,
    list_contracts,
    list_customers,
    list_purposes,
    mask,
    owners_of_phone,
    search_keys,
)

_NAME = ("kind", "company_name", "last_name", "first_name", "middle_name")
_KINDS = [(kind.value, kind.label) for kind in (Kind.PERSON, Kind.COMPANY)]
_PHONES = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, struck_reason="").exclude(digits="")
_MAIN_PHONE = _PHONES.filter(customer=OuterRef("pk")).order_by("-is_main", "id").values("digits")[:1]


def _full_name(row: Row) -> str:
    return full_name_of(*(row[name] for name in _NAME))


def _by_phone(operator: str, values: Sequence[Any]) -> Q:
    if operator in {"empty", "filled"}:
        reachable = Q(pk__in=_PHONES.order_by().values("customer"))
        return ~reachable if operator == "empty" else reachable
    return Q(pk__in=owners_of_phone(values[0], ends=operator == "ends"))


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(project.pk, str(project)) for project in list_projects(by=by)]


def _purposes(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in list_purposes(by=by)]


def _delete(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.delete_customers(customer_ids=keys, by=by, now=now)


def _restore(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.restore_customers(customer_ids=keys, by=by, now=now)


def _deleted(count: int) -> str:
    return ngettext("{count} customer deleted", "{count} customers deleted", count).format(count=count)


def _restored(count: int) -> str:
    return ngettext("{count} customer restored", "{count} customers restored", count).format(count=count)


class Customers(RecordList):
    code, right, title, url_name = "customers", "customers.view", lazy("Customers"), "customers:list"
    columns: ClassVar[Sequence[Column]] = (
        Text("name", lazy("Full name"), source="sort_key", fields=_NAME, value=_full_name, indexed=True, link=True,
             folded=True, width=250),
        Choice("status", lazy("Customer status"), picks=Status.choices),
        Phone("phone", lazy("Telephone"), expression=Subquery(_MAIN_PHONE), query=_by_phone),
        Day("birth_date", lazy("Date of birth"), indexed=True, nullable=True),
        Text("region", lazy("Region"), width=190),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, sort="project"),
        Moment("created_at", lazy("Registered on")),
        Code("number", lazy("Number"), indexed=True, shown=False),
        Choice("kind", lazy("Kind"), picks=_KINDS, shown=False),
        Choice("sex", lazy("Sex"), picks=Sex.choices, shown=False),
        Text("town", lazy("Town"), shown=False),
        Text("segment", lazy("Segment"), shown=False),
        Text("source", lazy("Source"), shown=False),
        Text("workplace", lazy("Place of work"), shown=False),
        Text("position", lazy("Position"), shown=False),
        Masked("inn", lazy("Tax number"), mask=lambda value: mask("inn", value), shown=False),
        Masked("snils", lazy("Pension account"), mask=lambda value: mask("snils", value), shown=False),
    )  # fmt: skip
    default_sort = ("name",)
    deleted_right = "customers.delete"
    bulk = (
        Bulk("delete", lazy("Delete"), "trash", "customers.delete", _delete, _deleted, undo=_restore, is_danger=True),
        Bulk("restore", lazy("Restore"), "rotate", "customers.delete", _restore, _restored, undo=_delete,
             of_deleted=True),
    )  # fmt: skip
    actions = (
        Action(lazy("Import"), "upload", "imports:new", "customers.import"),
        Action(lazy("Register a new one"), "user-plus", "customers:new", "customers.register"),
    )
    search_hint = lazy("name, telephone, passport, card, tax number")
    empty = lazy("Customers you register appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Customer]:
        return list_customers(by=by, deleted=deleted)

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        return search_keys(Asked(text=text), by=by, limit=limit)

    def url(self, row: Row) -> str:
        return reverse("customers:card", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)


_BAN_NAME = ("customer__company_name", "customer__last_name", "customer__first_name", "customer__middle_name")


def _banned_address(row: Row) -> str:
    return str(phone(row["address"])) if row["address"].isdigit() else str(row["address"])


_LIFTED = ExpressionWrapper(Q(lifted_at__isnull=False), BooleanField())


def _by_lifting(operator: str, _values: Sequence[Any]) -> Q:
    return Q(lifted_at__isnull=operator != "yes")


def _banned_name(row: Row) -> str:
    return " ".join(row[name] for name in _BAN_NAME if row[name])


class Bans(RecordList):
    """The do-not-contact register."""

    code, right, title, url_name = "bans", "customers.view_bans", lazy("Do not contact"), "customers:bans"
    above = ((lazy("Administration"), "administration:home"),)
    columns: ClassVar[Sequence[Column]] = (
        Moment("at", lazy("Entered"), indexed=True, link=True),
        Text("customer", lazy("Customer"), fields=_BAN_NAME, value=_banned_name, sort=None,
             where="customer__sort_key", folded=True),
        Text("address", lazy("Telephone or e-mail"), fields=("address",), value=_banned_address, width=170),
        Choice("channel", lazy("Channel"), picks=Channel.choices, sort=None),
        Related("purpose", lazy("Purpose"), source="purpose__name", where="purpose", picks=_purposes),
        Day("until", lazy("Last day"), nullable=True),
        Choice("source", lazy("Who wants it"), picks=ContactBan.Source.choices, sort=None),
        Text("reason", lazy("Reason"), sort=None, width=220),
        Flag("is_lifted", lazy("Lifted"), expression=_LIFTED, sort=None, query=_by_lifting),
        Moment("lifted_at", lazy("Lifted on"), sort=None, shown=False),
    )  # fmt: skip
    default_sort = ("-at",)
    actions = (
        Action(lazy("Import"), "upload", "imports:new", "imports.use"),
        Action(lazy("Enter a number"), "plus", "customers:ban_new", "customers.ban"),
    )
    empty = lazy("People and numbers that must not be contacted appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[ContactBan]:
        return list_bans(by=by)

    def url(self, row: Row) -> str:
        return reverse("customers:ban", args=[row["id"]])

    def key_of(self, text: str) -> int:
        return int(text)


def _product_kinds(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, f"{one.kind}: {one}") for one in list_products(by=by)]


class Contracts(RecordList):
    """Contracts with customers; sums stay on their cards, behind the gate."""

    code, right, title, url_name = "contracts", "customers.view_contracts", lazy("Contracts"), "customers:contracts"
    columns: ClassVar[Sequence[Column]] = (
        Text("number", lazy("Number"), link=True),
        Text("customer", lazy("Customer"), fields=_BAN_NAME, value=_banned_name, sort=None,
             where="customer__sort_key", folded=True, width=230),
        Related("product", lazy("Product"), source="product__name", where="product", picks=_product_kinds),
        Choice("state", lazy("State"), picks=Contract.State.choices, sort=None),
        Day("begins_on", lazy("In force from"), nullable=True),
        Day("ends_on", lazy("Last day"), nullable=True),
        Text("tariff", lazy("Tariff"), sort=None),
        Text("currency", lazy("Currency"), sort=None, shown=False),
        Moment("created_at", lazy("Registered on"), indexed=True, shown=False),
    )  # fmt: skip
    default_sort = ("-created_at",)
    empty = lazy("Contracts appear here; they are entered on the card of their customer.")
    search_hint = lazy("number of the contract")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Contract]:
        return list_contracts(by=by)

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        keys = tuple(one.pk for one in find_contracts(text, by=by, limit=limit + 1))
        return Found(keys[:limit], min(len(keys), limit), len(keys) <= limit)

    def url(self, row: Row) -> str:
        return reverse("customers:contract", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
