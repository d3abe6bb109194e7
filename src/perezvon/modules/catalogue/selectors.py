from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.selectors import found_by
from perezvon.kernel.errors import NotFound
from perezvon.modules.catalogue.models import OFFICE, PRODUCT, Office, Product, ProductKind, Region, Settlement

_MOST_WORDS = 6


class NoSuchKind(NotFound):
    code = "catalogue.no_such_kind"


class NoSuchProduct(NotFound):
    code = "catalogue.no_such_product"


class NoSuchPlace(NotFound):
    """A region, a settlement or an office."""

    code = "catalogue.no_such_place"


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


def find_products(text: str, *, by: Actor, limit: int, withdrawn: bool = False) -> list[Product]:
    """By code, a part of the name in any language, an administrator's own fields. Two queries."""
    words = text.strip()
    if len(words) < 2:
        return []
    fits = Q(code__istartswith=words) | Q(name__ru__icontains=words) | Q(name__en__icontains=words)
    fits |= found_by(PRODUCT, words, by, part=True)
    return list(list_products(by=by).filter(fits, *_used(withdrawn))[:limit])


def _used(withdrawn: bool) -> tuple[Q, ...]:
    return () if withdrawn else (Q(is_active=True),)


def names_of(products: Iterable[Product]) -> str:
    return ", ".join(str(product) for product in products)


# --- offices ---


def office_tree(*, by: Actor) -> list[Region]:
    """Regions with settlements with the offices that the actor sees, withdrawn ones too. Three queries."""
    settlements = Settlement.objects.prefetch_related(Prefetch("offices", known_offices(by=by)))
    return list(Region.objects.prefetch_related(Prefetch("settlements", settlements)))


def known_offices(*, by: Actor) -> QuerySet[Office]:
    """Of all projects and of those that the actor sees."""
    offices = Office.objects.select_related("project", "settlement__region")
    return offices if by.projects is None else offices.filter(Q(project=None) | Q(project__in=by.projects))


def serving(project_id: int | None) -> QuerySet[Office]:
    """Offices that may be chosen in a project; with None, those of no project in particular."""
    offices = Office.objects.select_related("settlement__region").filter(Q(project=None) | Q(project=project_id))
    return offices.filter(is_active=True, settlement__is_active=True, settlement__region__is_active=True)


def list_regions(project_id: int | None) -> list[Region]:
    """Those in which there is an office to choose."""
    return list(Region.objects.filter(pk__in=serving(project_id).values("settlement__region")))


def list_settlements(region_id: int, project_id: int | None) -> list[Settlement]:
    """Those of the region in which there is an office to choose."""
    wanted = serving(project_id).filter(settlement__region=region_id)
    return list(Settlement.objects.filter(pk__in=wanted.values("settlement")))


def list_offices(settlement_id: int, project_id: int | None) -> list[Office]:
    return list(serving(project_id).filter(settlement=settlement_id))


def get_office(office_id: int) -> Office:
    """Withdrawn or not: what names it keeps it. Raises NoSuchPlace."""
    office = Office.objects.select_related("settlement__region").filter(pk=office_id).first()
    if office is None:
        raise NoSuchPlace(place=office_id)
    return office


def find_offices(text: str, *, by: Actor, limit: int, withdrawn: bool = False) -> list[Office]:
    """By code, or by words of the name, the address, the landmarks or the settlement, all of them; by an own field.

    Two queries.
    """
    words = text.split()
    if len(text.strip()) < 2:
        return []
    fitting = Q()
    for word in words[:_MOST_WORDS]:
        fits = Q(code__istartswith=word) | Q(landmarks__icontains=word)
        for column in ("name", "address", "settlement__name"):
            fits |= Q(**{f"{column}__ru__icontains": word}) | Q(**{f"{column}__en__icontains": word})
        fitting &= fits
    fitting |= found_by(OFFICE, text.strip(), by, part=True)
    return list(known_offices(by=by).filter(fitting, *_used(withdrawn))[:limit])
