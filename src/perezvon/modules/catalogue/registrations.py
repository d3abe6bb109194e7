from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import INFORMATION
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.fields.registry import RecordKind, register_record_kind
from perezvon.foundation.imports.registry import register_importable
from perezvon.foundation.lists.custom import custom_columns
from perezvon.foundation.lists.declare import register_columns, register_list
from perezvon.foundation.search.finders import Finder, Hit, register_finder
from perezvon.modules.catalogue.importing import IMPORTABLE
from perezvon.modules.catalogue.lists import Offices, Products
from perezvon.modules.catalogue.models import OFFICE, PRODUCT, Office, Product, ProductKind
from perezvon.modules.catalogue.selectors import find_offices, find_products


def register() -> None:
    declare("catalogue.edit", _("Change the catalogue of products and offices"), roles=(INFORMATION,))
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Products"),
            lazy("What is offered to customers, by kinds, and in which term."),
            "list-tree",
            "catalogue:catalogue",
            "catalogue.edit",
            50,
        )
    )
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Offices"),
            lazy("Where customers are served: regions, their settlements, offices with addresses and hours."),
            "building",
            "catalogue:offices",
            "catalogue.edit",
            52,
        )
    )
    register_record_kind(
        RecordKind(
            PRODUCT,
            Product,
            lazy("Products"),
            variants=lambda: [(one.code, str(one)) for one in ProductKind.objects.all()],
            variant_of=lambda product: str(product.kind.code),
            order=60,
        )
    )
    register_record_kind(RecordKind(OFFICE, Office, lazy("Offices"), order=70))
    for declared, kind in ((Products(), PRODUCT), (Offices(), OFFICE)):
        register_list(declared)
        register_columns(declared.code, custom_columns(kind))
    register_importable(IMPORTABLE)
    register_finder(Finder("office", lazy("Offices"), "catalogue.edit", _office_hits))
    register_finder(Finder("product", lazy("Products"), "catalogue.edit", _hits))


def _hits(text: str, by: Actor, limit: int) -> list[Hit]:
    return [
        Hit(str(one), reverse("catalogue:product", args=[one.pk]), "list-tree", str(one.kind))
        for one in find_products(text, by=by, limit=limit)
    ]


def _office_hits(text: str, by: Actor, limit: int) -> list[Hit]:
    return [
        Hit(str(one), reverse("catalogue:office", args=[one.pk]), "building", f"{one.settlement}, {one.address_text}")
        for one in find_offices(text, by=by, limit=limit)
    ]
