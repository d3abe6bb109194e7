"""Changing the catalogue. Nothing is deleted: what is withdrawn is offered no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Max

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.catalogue.selectors import NoSuchKind, NoSuchProduct, list_products

LONGEST_NAME, LONGEST_CODE = 200, 32


class FieldsWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "catalogue.fields_wrong"
    http_status = 422


class Changed(Refused):
    """Somebody else has changed it since it was read."""

    code = "catalogue.changed"


@dataclass(frozen=True, slots=True)
class KindWanted:
    """code: of a new one; it stays as it is then."""

    code: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProductWanted:
    """code: of a new one; it stays as it is then. project_id: None for all projects."""

    code: str
    name: Mapping[str, str]
    kind_id: int
    project_id: int | None = None
    since: date | None = None
    until: date | None = None


@command("catalogue.save_kind", needs="catalogue.edit")
def save_kind(*, kind_id: int | None, version: int, wanted: KindWanted, by: Actor, now: datetime) -> ProductKind:
    """A new one, the last, when there is no id. Raises FieldsWrong, Changed, NoSuchKind."""
    name = _named(wanted.name)
    if kind_id is None:
        _must_be_new(ProductKind, wanted.code)
        return ProductKind.objects.create(code=wanted.code, name=name, position=_next(ProductKind))
    kind = _lock_kind(kind_id)
    if kind.version != version:
        raise Changed(kind=kind_id)
    if kind.name != name:
        kind.name, kind.version = name, version + 1
        kind.save()
    return kind


@command("catalogue.save_product", needs="catalogue.edit")
def save_product(*, product_id: int | None, version: int, wanted: ProductWanted, by: Actor, now: datetime) -> Product:
    """A new one, the last of its kind, when there is no id. Raises FieldsWrong, Changed, NoSuchProduct, NoSuchKind."""
    name = _named(wanted.name)
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise FieldsWrong(problems={"until": Wrong("last_day.before")})
    if wanted.project_id is not None and not by.sees_project(wanted.project_id):
        raise NotFound(project=wanted.project_id)
    kind = _lock_kind(wanted.kind_id)
    if product_id is None:
        _must_be_new(Product, wanted.code)
        product = Product(code=wanted.code, position=_next(Product))
    else:
        product = _lock_product(product_id, by)
        if product.version != version:
            raise Changed(product=product_id)
    values = {"name": name, "kind": kind, "project_id": wanted.project_id, "since": wanted.since, "until": wanted.until}
    if product.pk is None or any(getattr(product, column) != value for column, value in values.items()):
        for column, value in values.items():
            setattr(product, column, value)
        product.version += 0 if product.pk is None else 1
        product.save()
    return product


@command("catalogue.switch_kind", needs="catalogue.edit")
def switch_kind(*, kind_id: int, is_active: bool, by: Actor, now: datetime) -> None:
    """Withdraw the kind with its products, or bring it back. Raises NoSuchKind."""
    kind = _lock_kind(kind_id)
    ProductKind.objects.filter(pk=kind.pk).update(is_active=is_active, version=F("version") + 1)


@command("catalogue.switch_product", needs="catalogue.edit")
def switch_product(*, product_id: int, is_active: bool, by: Actor, now: datetime) -> None:
    """Raises NoSuchProduct."""
    product = _lock_product(product_id, by)
    Product.objects.filter(pk=product.pk).update(is_active=is_active, version=F("version") + 1)


def _lock_kind(kind_id: int) -> ProductKind:
    kind = ProductKind.objects.select_for_update().filter(pk=kind_id).first()
    if kind is None:
        raise NoSuchKind(kind=kind_id)
    return kind


def _lock_product(product_id: int, by: Actor) -> Product:
    product = list_products(by=by).select_for_update(of=("self",)).filter(pk=product_id).first()
    if product is None:
        raise NoSuchProduct(product=product_id)
    return product


def _named(name: Mapping[str, str]) -> dict[str, str]:
    named = {language: text.strip()[:LONGEST_NAME] for language, text in name.items() if text.strip()}
    if not named:
        raise FieldsWrong(problems={"name_ru": Wrong("label.missing")})
    return named


def _must_be_new(model: type[ProductKind | Product], code: str) -> None:
    if not code or not code.isascii() or not code.replace("_", "").isalnum() or len(code) > LONGEST_CODE:
        raise FieldsWrong(problems={"code": Wrong("key.form")})
    if model._default_manager.filter(code=code).exists():
        raise FieldsWrong(problems={"code": Wrong("key.taken")})


def _next(model: type[ProductKind | Product]) -> int:
    last = model._default_manager.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1
