"""The catalogue in blueprints: [{code, name, in_use, products: [{code, name, project, since, until, in_use}]}]."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import Product, ProductKind


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


register_part(Part("catalogue", ("catalogue",), load_catalogue, export_catalogue, order=45))
