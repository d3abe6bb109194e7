"""The fields that results can ask for: how they are read, kept and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.cores.conditions.facts import day, number
from perezvon.kernel.checks import Wrong
from perezvon.modules.catalogue.models import Office, Product, ProductKind, Region, Settlement
from perezvon.modules.catalogue.selectors import in_term, serving
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.results import TALKED

type Label = str | Promise
LONGEST = 300
_MOST_DAYS, _MOST_OBJECTIONS = 3650, 9

PLACES = (
    ("work", pgettext_lazy("delivery", "At work")),
    ("mall", pgettext_lazy("delivery", "Shopping centre")),
    ("cafe", pgettext_lazy("delivery", "Café")),
)


@dataclass(frozen=True, slots=True)
class ResultField:
    """label: as the form has it; asked: what is missing, within a sentence."""

    code: str
    label: Label
    asked: Label


FIELDS = {
    one.code: one
    for one in (
        ResultField("reason", lazy("Reason"), lazy("reason")),
        ResultField("callback_at", lazy("When to call back"), lazy("date and time of the call")),
        ResultField("visit_at", lazy("Date and time of the meeting"), lazy("date and time of the meeting")),
        ResultField("region", lazy("Region"), lazy("region")),
        ResultField("settlement", lazy("Settlement"), lazy("settlement")),
        ResultField("office", lazy("Office"), lazy("office")),
        ResultField("offers", lazy("Offered products"), lazy("offered product")),
        ResultField("product_kind", lazy("Type of the product"), lazy("type of the product")),
        ResultField("product", lazy("Name of the product"), lazy("name of the product")),
        ResultField("place", lazy("Where to deliver"), lazy("where to deliver")),
        ResultField("address", lazy("Address of the delivery"), lazy("address of the delivery")),
        ResultField("applied_on", lazy("Day of the application"), lazy("day of the application")),
        ResultField("absent_days", lazy("For how many days absent"), lazy("days of absence")),
        ResultField("objections", lazy("Objections worked through"), lazy("objections worked through")),
        ResultField("declines", lazy("The customer will call himself"), lazy("whether the customer will call himself")),
        ResultField("comment", lazy("Summary"), lazy("summary")),
    )
}
# What is asked along with a field: an office lies somewhere, a kind may be narrowed to a product.
BRINGS = {
    "office": ("region", "settlement", "office"),
    "settlement": ("region", "settlement"),
    "product_kind": ("product_kind", "product"),
}
NEEDS = {"office": ("region", "settlement", "office"), "settlement": ("region", "settlement")}
ALWAYS = ("comment", "reason", "talked", "negative", "campaign")
FOLLOWS: Mapping[str, Label] = {
    "ban": lazy("The customer goes into the do-not-contact register"),
    "ban_number": lazy("The number goes into the do-not-contact register"),
    "deceased": lazy("The card is closed to all contacts: the customer has died"),
}
DIALER: Mapping[str, Label] = {
    "over": pgettext_lazy("dialer", "no further contact"),
    "again": pgettext_lazy("dialer", "contact again"),
    "meeting": pgettext_lazy("dialer", "meeting agreed"),
    "delivery": pgettext_lazy("dialer", "delivery by a sales manager"),
}


def needed(requires: tuple[str, ...]) -> tuple[str, ...]:
    """With what cannot be left out along with them."""
    return tuple(dict.fromkeys(name for one in requires for name in NEEDS.get(one, (one,))))


def shown_fields(requires: tuple[str, ...]) -> tuple[str, ...]:
    """Those that the form shows, in its order; "declines" stands with a call back where the rule knows it."""
    wanted = {name for one in requires for name in BRINGS.get(one, (one,))}
    return tuple(code for code in FIELDS if code in wanted)


def cleaned(
    contact: Interaction, fields: Mapping[str, str], requires: tuple[str, ...], now: datetime
) -> dict[str, str]:
    """What is kept of the fields: those asked for, and of them what can be read. Choices only from what there is."""
    asked = {*shown_fields(requires), *ALWAYS, *(("callback_to", "declines") if "callback_at" in requires else ())}
    readable = _Reading(contact, fields, now)
    kept = {name: readable.of(name, fields[name].strip()[:LONGEST]) for name in asked if name in fields}
    if "comment" in fields:
        kept["comment"] = fields["comment"].strip()
    return {name: text for name, text in kept.items() if text}


@dataclass(frozen=True, slots=True)
class _Reading:
    contact: Interaction
    fields: Mapping[str, str]
    now: datetime

    def of(self, name: str, text: str) -> str:
        """The text where it is one that the field may have, else nothing."""
        if not text:
            return ""
        reader = getattr(self, f"_{name}", None)
        try:
            return text if reader is None or reader(text) else ""
        except (Wrong, ValueError):
            return ""

    def _callback_at(self, text: str) -> bool:
        return datetime.fromisoformat(text).tzinfo is not None

    def _visit_at(self, text: str) -> bool:
        at = datetime.fromisoformat(text)
        return at.tzinfo is not None and at > self.now

    def _callback_to(self, text: str) -> bool:
        return text in {"me", "team", "anyone"}

    def _talked(self, text: str) -> bool:
        return text in dict(TALKED)

    def _place(self, text: str) -> bool:
        return text in dict(PLACES)

    def _region(self, text: str) -> bool:
        return serving(self.contact.project_id).filter(settlement__region__code=text).exists()

    def _settlement(self, text: str) -> bool:
        where = {"settlement__code": text, "settlement__region__code": self.fields.get("region", "")}
        return serving(self.contact.project_id).filter(**where).exists()

    def _office(self, text: str) -> bool:
        where = {"code": text, "settlement__code": self.fields.get("settlement", "")}
        return serving(self.contact.project_id).filter(**where).exists()

    def _product_kind(self, text: str) -> bool:
        return ProductKind.objects.filter(code=text, is_active=True).exists()

    def _product(self, text: str) -> bool:
        of_kind = Product.objects.filter(code=text, kind__code=self.fields.get("product_kind", ""))
        return in_term(of_kind, timezone.localtime(self.now).date()).exists()

    def _offers(self, text: str) -> bool:
        return in_term(Product.objects.filter(code=text), timezone.localtime(self.now).date()).exists()

    def _applied_on(self, text: str) -> bool:
        return day(text) <= timezone.localtime(self.now).date()

    def _absent_days(self, text: str) -> bool:
        return 0 < number(text) <= _MOST_DAYS

    def _objections(self, text: str) -> bool:
        return 0 <= number(text) <= _MOST_OBJECTIONS


def zone_of(fields: Mapping[str, str]) -> ZoneInfo | None:
    """Of the office that was chosen: people meet there by its clock."""
    office = Office.objects.filter(code=fields.get("office", "")).first() if fields.get("office") else None
    return ZoneInfo(office.zone) if office else None


def told(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was kept with a result, as labels and values, in the form's order. A query for each place or product."""
    rows = [(str(FIELDS[code].label), _words(code, fields[code])) for code in FIELDS if fields.get(code)]
    return [(label, text) for label, text in rows if text]


def _words(code: str, text: str) -> str:
    named: dict[str, Any] = {
        "region": Region,
        "settlement": Settlement,
        "office": Office,
        "product": Product,
        "offers": Product,
        "product_kind": ProductKind,
    }
    if code in {"comment", "reason", "callback_at"}:  # they are told elsewhere: among the notes, with the result
        return ""
    if code in named:
        row = named[code].objects.filter(code=text).first()
        return str(row) if row else text
    if code == "visit_at":
        # By the clock of the place, as it was agreed, and not by the reader's.
        return date_format(datetime.fromisoformat(text), "DATETIME_FORMAT")
    if code == "place":
        return str(dict(PLACES).get(text, text))
    if code == "applied_on":
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    return str(lazy("yes")) if code == "declines" else text
