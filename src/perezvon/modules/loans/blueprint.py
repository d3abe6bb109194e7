"""For which products the credit bureau may be asked, in blueprints: credit_bureau: [code of a product]."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.modules.catalogue.models import Product
from perezvon.modules.loans.models import BureauProduct
from perezvon.modules.loans.services import set_bureau_products


def load_bureau(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Those that it names and those that are already; a code that nobody knows is passed over."""
    wanted = Product.objects.filter(code__in=blueprint["credit_bureau"]).values_list("pk", flat=True)
    known = BureauProduct.objects.values_list("product", flat=True)
    set_bureau_products(product_ids={*wanted, *known}, by=by, now=now)


def export_bureau() -> dict[str, Any]:
    codes = list(BureauProduct.objects.values_list("product__code", flat=True))
    return {"credit_bureau": codes} if codes else {}


register_part(Part("credit_bureau", ("credit_bureau",), load_bureau, export_bureau, order=75))
