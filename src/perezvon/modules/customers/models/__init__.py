"""Persons and companies, how to reach them, what proves who they are, what is noted of them."""

from perezvon.modules.customers.models.cards import (
    LOCKED_TYPES,
    Address,
    CardType,
    ContactPoint,
    Customer,
    CustomerQuerySet,
    Document,
    Kind,
    ProductHeld,
    Sex,
    Status,
    full_name_of,
)
from perezvon.modules.customers.models.contracts import Contract, Loss, TariffChange
from perezvon.modules.customers.models.merging import Duplicate, Merge, MergeMove
from perezvon.modules.customers.models.notes import Comment, Relation, Warning
from perezvon.modules.customers.models.outside import OutsideSource
from perezvon.modules.customers.models.permission import Channel, Consent, ContactBan, Purpose, Representative

__all__ = [
    "LOCKED_TYPES",
    "Address",
    "CardType",
    "Channel",
    "Comment",
    "Consent",
    "ContactBan",
    "ContactPoint",
    "Contract",
    "Customer",
    "CustomerQuerySet",
    "Document",
    "Duplicate",
    "Kind",
    "Loss",
    "Merge",
    "MergeMove",
    "OutsideSource",
    "ProductHeld",
    "Purpose",
    "Relation",
    "Representative",
    "Sex",
    "Status",
    "TariffChange",
    "Warning",
    "full_name_of",
]
