"""Changing the catalogue. Nothing is deleted: what is withdrawn is offered no more."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from django.db.models import F, Max

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.own import fill
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.phone import parse_phone
from perezvon.modules.catalogue.models import PRODUCT, Office, Place, Product, ProductKind, Region, Settlement
from perezvon.modules.catalogue.selectors import NoSuchKind, NoSuchPlace, NoSuchProduct, known_offices, list_products

LONGEST_NAME, LONGEST_CODE, LONGEST_PHONE, LONGEST_LANDMARKS = 200, 32, 32, 300


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
    """code: of a new one; it stays as it is then. project_id: None for all projects. custom: an administrator's own
    fields as typed, by their names."""

    code: str
    name: Mapping[str, str]
    kind_id: int
    project_id: int | None = None
    since: date | None = None
    until: date | None = None
    custom: Mapping[str, str] = field(default_factory=dict)


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
        product = Product(code=wanted.code, position=_next(Product), kind=kind)
    else:
        product = _lock_product(product_id, by)
        if product.version != version:
            raise Changed(product=product_id)
    values = {"name": name, "kind": kind, "project_id": wanted.project_id, "since": wanted.since, "until": wanted.until}
    of_kind = copy(product)
    of_kind.kind = kind
    values |= {"custom": _own(of_kind, wanted.custom, by)}
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


@command("catalogue.set_own_fields", needs="catalogue.edit")
def set_own_fields(*, kind: str, key: int, typed: Mapping[str, str], by: Actor, now: datetime) -> None:
    """Fill in an administrator's own fields of a product or an office, as typed, by their names; others stay.

    Raises FieldsWrong, NoSuchProduct, NoSuchPlace.
    """
    record = _lock_product(key, by) if kind == PRODUCT else _lock_office(key, by)
    if (custom := _own(record, typed, by)) != record.custom:
        record.custom, record.version = custom, record.version + 1
        record.save()


def _own(record: Product | Office, typed: Mapping[str, str], by: Actor) -> dict[str, Any]:
    """The record's own fields after the change. Raises FieldsWrong."""
    changed = copy(record)
    if problems := fill(changed, typed, by):
        raise FieldsWrong(problems=problems)
    return dict(changed.custom)


def _named(name: Mapping[str, str]) -> dict[str, str]:
    named = {language: text[:LONGEST_NAME] for language, text in _texts(name).items()}
    if not named:
        raise FieldsWrong(problems={"name_ru": Wrong("label.missing")})
    return named


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in texts.items() if text.strip()}


def _must_be_new(model: type[ProductKind | Product | Place], code: str) -> None:
    if not code or not code.isascii() or not code.replace("_", "").isalnum() or len(code) > LONGEST_CODE:
        raise FieldsWrong(problems={"code": Wrong("key.form")})
    if model._default_manager.filter(code=code).exists():
        raise FieldsWrong(problems={"code": Wrong("key.taken")})


def _next(model: type[ProductKind | Product | Place]) -> int:
    last = model._default_manager.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


# --- offices ---


@dataclass(frozen=True, slots=True)
class PlaceWanted:
    """code: of a new one; it stays as it is then."""

    code: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfficeWanted(PlaceWanted):
    """project_id: None for all projects. zone: IANA. custom: an administrator's own fields as typed, by their names."""

    settlement_id: int
    zone: str
    address: Mapping[str, str]
    hours: Mapping[str, str] = field(default_factory=dict)
    landmarks: str = ""
    phone: str = ""
    project_id: int | None = None
    custom: Mapping[str, str] = field(default_factory=dict)


@command("catalogue.save_region", needs="catalogue.edit")
def save_region(*, region_id: int | None, version: int, wanted: PlaceWanted, by: Actor, now: datetime) -> Region:
    """A new one, the last, when there is no id. Raises FieldsWrong, Changed, NoSuchPlace."""
    region = Region(code=wanted.code) if region_id is None else _lock_region(region_id)
    _save_place(region, version, {"name": _named(wanted.name)})
    return region


@command("catalogue.save_settlement", needs="catalogue.edit")
def save_settlement(
    *, settlement_id: int | None, version: int, region_id: int, wanted: PlaceWanted, by: Actor, now: datetime
) -> Settlement:
    """A new one, the last, when there is no id. Raises FieldsWrong, Changed, NoSuchPlace."""
    region = _lock_region(region_id)
    settlement = Settlement(code=wanted.code) if settlement_id is None else _lock_settlement(settlement_id)
    _save_place(settlement, version, {"name": _named(wanted.name), "region": region})
    return settlement


@command("catalogue.save_office", needs="catalogue.edit")
def save_office(*, office_id: int | None, version: int, wanted: OfficeWanted, by: Actor, now: datetime) -> Office:
    """A new one, the last, when there is no id. Raises FieldsWrong, Changed, NoSuchPlace, NotFound for a project."""
    if problems := office_problems(wanted):
        raise FieldsWrong(problems=problems)
    values: dict[str, object] = {
        "name": _named(wanted.name),
        "address": _texts(wanted.address),
        "hours": _texts(wanted.hours),
        "landmarks": wanted.landmarks.strip(),
        "phone": wanted.phone.strip(),
        "zone": wanted.zone,
        "project_id": wanted.project_id,
    }
    if wanted.project_id is not None and not by.sees_project(wanted.project_id):
        raise NotFound(project=wanted.project_id)
    settlement = _lock_settlement(wanted.settlement_id)
    office = Office(code=wanted.code) if office_id is None else _lock_office(office_id, by)
    values |= {"settlement": settlement, "custom": _own(office, wanted.custom, by)}
    _save_place(office, version, values)
    return office


def office_problems(wanted: OfficeWanted) -> dict[str, Wrong]:
    """By field, texts with their language: address_ru."""
    phone, landmarks = wanted.phone.strip(), wanted.landmarks.strip()
    texts = {f"address_{code}": text for code, text in _texts(wanted.address).items()}
    texts |= {f"hours_{code}": text for code, text in _texts(wanted.hours).items()}
    problems = {name: Wrong("text.long", most=LONGEST_NAME) for name, text in texts.items() if len(text) > LONGEST_NAME}
    if not _texts(wanted.address):
        problems["address_ru"] = Wrong("field.required")
    if phone and (parse_phone(phone) is None or len(phone) > LONGEST_PHONE):
        problems["phone"] = Wrong("phone.form")
    if wanted.zone not in available_timezones():
        problems["zone"] = Wrong("choice.unknown")
    if len(landmarks) > LONGEST_LANDMARKS:
        problems["landmarks"] = Wrong("text.long", most=LONGEST_LANDMARKS)
    return problems


@command("catalogue.switch_region", needs="catalogue.edit")
def switch_region(*, region_id: int, is_active: bool, by: Actor, now: datetime) -> None:
    """Withdraw the region with all its offices, or bring it back. Raises NoSuchPlace."""
    _switch(_lock_region(region_id), is_active)


@command("catalogue.switch_settlement", needs="catalogue.edit")
def switch_settlement(*, settlement_id: int, is_active: bool, by: Actor, now: datetime) -> None:
    """Withdraw the settlement with all its offices, or bring it back. Raises NoSuchPlace."""
    _switch(_lock_settlement(settlement_id), is_active)


@command("catalogue.switch_office", needs="catalogue.edit")
def switch_office(*, office_id: int, is_active: bool, by: Actor, now: datetime) -> None:
    """Raises NoSuchPlace."""
    _switch(_lock_office(office_id, by), is_active)


def _switch(place: Place, is_active: bool) -> None:
    if place.is_active != is_active:
        place.is_active = is_active
        place.version += 1
        place.save()


def _save_place(place: Place, version: int, values: Mapping[str, object]) -> None:
    """One that is not saved yet becomes the last of its kind; where nothing differs nothing is written."""
    if place.pk is None:
        _must_be_new(type(place), place.code)
        place.position = _next(type(place))
    elif place.version != version:
        raise Changed(place=place.pk)
    elif any(getattr(place, column) != value for column, value in values.items()):
        place.version += 1
    else:
        return
    for column, value in values.items():
        setattr(place, column, value)
    place.save()


def _lock_region(region_id: int) -> Region:
    return _there(Region.objects.select_for_update().filter(pk=region_id).first(), region_id)


def _lock_settlement(settlement_id: int) -> Settlement:
    return _there(Settlement.objects.select_for_update().filter(pk=settlement_id).first(), settlement_id)


def _lock_office(office_id: int, by: Actor) -> Office:
    return _there(known_offices(by=by).select_for_update(of=("self",)).filter(pk=office_id).first(), office_id)


def _there[P: Place](place: P | None, place_id: int) -> P:
    if place is None:
        raise NoSuchPlace(place=place_id)
    return place
