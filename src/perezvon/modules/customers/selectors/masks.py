"""What of a customer is shown only in part, and how the whole is written."""

from __future__ import annotations

from perezvon.modules.customers.models import Customer, Document

MASKED_FIELDS = ("passport", "inn", "snils")
_DOT = "\u2022"


def shown(field: str, value: str) -> str:
    """A number of identity as people write it: 45 09 123456, 112-233-445 95."""
    if field == "passport" and len(value) == 10:
        return f"{value[:2]} {value[2:4]} {value[4:]}"
    if field == "snils" and len(value) == 11:
        return f"{value[:3]}-{value[3:6]}-{value[6:9]} {value[9:]}"
    return value


def mask(field: str, value: str) -> str:
    """The same with dots for all but the last two signs."""
    whole = shown(field, value)
    return "".join(_DOT if sign.isalnum() else sign for sign in whole[:-2]) + whole[-2:]


def value_of(customer: Customer, field: str) -> str:
    """The whole value of a masked field; empty when there is none."""
    if field == "passport":
        found = customer.documents.filter(kind=Document.PASSPORT, is_current=True).first()
        return found.number if found else ""
    return str(getattr(customer, field))
