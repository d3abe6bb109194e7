"""The catalogue in blueprints: [{code, name, in_use, products: [{code, name, project, since, until, in_use}]}].

catalogue_own: {product or office: {code: {key of an own field: value}}}, loaded once the fields are there.

Offices: [{code, name, in_use, settlements: [{code, name, in_use, offices: [{code, name, project, address, hours,
landmarks, phone, zone, in_use}]}]}].
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.fields.values import as_typed
from perezvon.foundation.people.models import Project
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import OFFICE, PRODUCT, Office, Place, Product, ProductKind, Region, Settlement


def load_catalogue(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make kinds and products as the blueprint says; others stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for row in blueprint["catalogue"]:
        known = ProductKind.objects.filter(code=row["code"]).first()
        kind = services.save_kind(
            kind_id=known.pk if known else None,
            version=known.version if known else 0,
            wanted=services.KindWanted(row["code"], row["name"]),
            by=by,
            now=now,
        )
        if kind.is_active != row.get("in_use", True):
            services.switch_kind(kind_id=kind.pk, is_active=row.get("in_use", True), by=by, now=now)
        for product in row.get("products", []):
            _load_product(product, kind, projects, by, now)


def _load_product(
    row: Mapping[str, Any], kind: ProductKind, projects: Mapping[str, int], by: Actor, now: datetime
) -> None:
    known = Product.objects.filter(code=row["code"]).first()
    wanted = services.ProductWanted(
        code=row["code"],
        name=row["name"],
        kind_id=kind.pk,
        project_id=projects[row["project"]] if row.get("project") else None,
        since=row.get("since"),
        until=row.get("until"),
    )
    product = services.save_product(
        product_id=known.pk if known else None,
        version=known.version if known else 0,
        wanted=wanted,
        by=by,
        now=now,
    )
    if product.is_active != row.get("in_use", True):
        services.switch_product(product_id=product.pk, is_active=row.get("in_use", True), by=by, now=now)


def export_catalogue() -> dict[str, Any]:
    """The part that makes the catalogue that there is."""
    products = list(Product.objects.select_related("project"))
    return {
        "catalogue": [
            {"code": kind.code, "name": kind.name}
            | ({} if kind.is_active else {"in_use": False})
            | {"products": [_exported(product) for product in products if product.kind_id == kind.pk]}
            for kind in ProductKind.objects.all()
        ]
    }


def _exported(product: Product) -> dict[str, Any]:
    said: dict[str, Any] = {"code": product.code, "name": product.name}
    said |= {"project": product.project.code} if product.project else {}
    said |= {"since": product.since} if product.since else {}
    said |= {"until": product.until} if product.until else {}
    return said | ({} if product.is_active else {"in_use": False})


# --- offices ---


def load_offices(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make regions, settlements and offices as the blueprint says; others stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for row in blueprint["offices"]:
        known = Region.objects.filter(code=row["code"]).first()
        region = services.save_region(
            region_id=known.pk if known else None,
            version=known.version if known else 0,
            wanted=services.PlaceWanted(row["code"], row["name"]),
            by=by,
            now=now,
        )
        services.switch_region(region_id=region.pk, is_active=row.get("in_use", True), by=by, now=now)
        for settlement in row.get("settlements", []):
            _load_settlement(settlement, region, projects, by, now)


def _load_settlement(
    row: Mapping[str, Any], region: Region, projects: Mapping[str, int], by: Actor, now: datetime
) -> None:
    known = Settlement.objects.filter(code=row["code"]).first()
    settlement = services.save_settlement(
        settlement_id=known.pk if known else None,
        version=known.version if known else 0,
        region_id=region.pk,
        wanted=services.PlaceWanted(row["code"], row["name"]),
        by=by,
        now=now,
    )
    services.switch_settlement(settlement_id=settlement.pk, is_active=row.get("in_use", True), by=by, now=now)
    for office in row.get("offices", []):
        _load_office(office, settlement, projects, by, now)


def _load_office(
    row: Mapping[str, Any], settlement: Settlement, projects: Mapping[str, int], by: Actor, now: datetime
) -> None:
    known = Office.objects.filter(code=row["code"]).first()
    wanted = services.OfficeWanted(
        code=row["code"],
        name=row["name"],
        settlement_id=settlement.pk,
        zone=row["zone"],
        address=row["address"],
        hours=row.get("hours", {}),
        landmarks=row.get("landmarks", ""),
        phone=row.get("phone", ""),
        project_id=projects[row["project"]] if row.get("project") else None,
    )
    office = services.save_office(
        office_id=known.pk if known else None, version=known.version if known else 0, wanted=wanted, by=by, now=now
    )
    services.switch_office(office_id=office.pk, is_active=row.get("in_use", True), by=by, now=now)


def export_offices() -> dict[str, Any]:
    """The part that makes the offices that there are."""
    regions = Region.objects.prefetch_related("settlements__offices__project")
    return {
        "offices": [
            _place(region)
            | {
                "settlements": [
                    _place(settlement) | {"offices": [_office(office) for office in settlement.offices.all()]}
                    for settlement in region.settlements.all()
                ]
            }
            for region in regions
        ]
    }


def _place(place: Place) -> dict[str, Any]:
    return {"code": place.code, "name": place.name} | ({} if place.is_active else {"in_use": False})


def _office(office: Office) -> dict[str, Any]:
    said = _place(office) | {"address": office.address, "zone": office.zone}
    said |= {"project": office.project.code} if office.project else {}
    return said | {name: value for name in ("hours", "landmarks", "phone") if (value := getattr(office, name))}


# --- an administrator's own fields ---

_OWN: Mapping[str, type[Product | Office]] = {PRODUCT: Product, OFFICE: Office}


def load_own(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Products and offices that are not there are passed over."""
    for kind, rows in blueprint["catalogue_own"].items():
        for one in _OWN[kind]._default_manager.filter(code__in=rows):
            typed = {f"{PREFIX}{key}": as_typed(value) for key, value in rows[one.code].items()}
            services.set_own_fields(kind=kind, key=one.pk, typed=typed, by=by, now=now)


def export_own() -> dict[str, Any]:
    rows = {kind: model._default_manager.exclude(custom={}) for kind, model in _OWN.items()}
    said = {kind: {one.code: one.custom for one in found} for kind, found in rows.items()}
    said = {kind: own for kind, own in said.items() if own}
    return {"catalogue_own": said} if said else {}


register_part(Part("catalogue_own", ("catalogue_own",), load_own, export_own, order=78))
register_part(Part("offices", ("offices",), load_offices, export_offices, order=46))
register_part(Part("catalogue", ("catalogue",), load_catalogue, export_catalogue, order=45))
