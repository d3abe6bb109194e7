"""The catalogue in blueprints: [{code, name, products: [{code, name, project, since, until}]}]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import Product, ProductKind


def load_catalogue(part: Sequence[Mapping[str, Any]], *, by: Actor, now: datetime) -> None:
    """Make kinds and products as the part says. Those that it does not name stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for row in part:
        known = ProductKind.objects.filter(code=row["code"]).first()
        kind = services.save_kind(
            kind_id=known.pk if known else None,
            version=known.version if known else 0,
            wanted=services.KindWanted(row["code"], row["name"]),
            by=by,
            now=now,
        )
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
    services.save_product(
        product_id=known.pk if known else None,
        version=known.version if known else 0,
        wanted=wanted,
        by=by,
        now=now,
    )


def export_catalogue() -> list[dict[str, Any]]:
    """The part that makes what is offered."""
    products = Product.objects.filter(is_active=True).select_related("project")
    return [
        {
            "code": kind.code,
            "name": kind.name,
            "products": [_exported(product) for product in products if product.kind_id == kind.pk],
        }
        for kind in ProductKind.objects.filter(is_active=True)
    ]


def _exported(product: Product) -> dict[str, Any]:
    said: dict[str, Any] = {"code": product.code, "name": product.name}
    said |= {"project": product.project.code} if product.project else {}
    said |= {"since": product.since} if product.since else {}
    return said | ({"until": product.until} if product.until else {})
