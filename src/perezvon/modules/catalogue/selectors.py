from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.modules.catalogue.models import Product, ProductKind


class NoSuchKind(NotFound):
    code = "catalogue.no_such_kind"


class NoSuchProduct(NotFound):
    code = "catalogue.no_such_product"


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind with the products that may be offered."""

    kind: ProductKind
    products: tuple[Product, ...]


def list_kinds(*, by: Actor) -> list[ProductKind]:
    """All of them, each with the products that the actor sees, withdrawn ones too. Two queries."""
    return list(ProductKind.objects.prefetch_related(Prefetch("products", list_products(by=by))))


def list_products(*, by: Actor) -> QuerySet[Product]:
    """Of all projects and of those that the actor sees."""
    products = Product.objects.select_related("project", "kind").order_by("position", "id")
    return products if by.projects is None else products.filter(Q(project=None) | Q(project__in=by.projects))


def offered(project_id: int, *, on: date) -> list[Offered]:
    """What may be offered in a project on that day, by kinds; a kind with nothing to offer stands there empty.

    Two queries.
    """
    kinds = ProductKind.objects.filter(is_active=True).prefetch_related(
        Prefetch("products", in_term(Product.objects.filter(Q(project=None) | Q(project=project_id)), on))
    )
    return [Offered(kind, tuple(kind.products.all())) for kind in kinds]


def in_term(products: QuerySet[Product], on: date) -> QuerySet[Product]:
    begun = products.filter(Q(since=None) | Q(since__lte=on), is_active=True)
    return begun.filter(Q(until=None) | Q(until__gte=on)).order_by("position", "id")


def get_offered(product_id: int, project_id: int, *, on: date) -> Product:
    """A product that may be offered there and then. Raises NoSuchProduct."""
    mine = Product.objects.filter(Q(project=None) | Q(project=project_id), pk=product_id, kind__is_active=True)
    product = in_term(mine, on).select_related("kind").first()
    if product is None:
        raise NoSuchProduct(product=product_id)
    return product


def find_products(text: str, *, by: Actor, limit: int) -> list[Product]:
    """By code or a part of the name in any language. One query."""
    words = text.strip()
    if len(words) < 2:
        return []
    fits = Q(code__istartswith=words) | Q(name__ru__icontains=words) | Q(name__en__icontains=words)
    return list(list_products(by=by).filter(fits, is_active=True)[:limit])


def names_of(products: Iterable[Product]) -> str:
    return ", ".join(str(product) for product in products)
