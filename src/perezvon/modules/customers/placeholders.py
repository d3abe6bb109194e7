"""What templates of messages may say of a customer."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override, pgettext

from perezvon.foundation.messages.registry import About, Placeholder
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.values import RECORD


def placeholders() -> list[Placeholder]:
    return [
        _of("name", lazy("Full name"), lambda one: one.full_name, lazy("Smirnova Elena Pavlovna")),
        _of("first_name", lazy("First name"), lambda one: one.first_name, lazy("Elena")),
        _of("middle_name", lazy("Middle name"), lambda one: one.middle_name, lazy("Pavlovna")),
        _of("last_name", lazy("Last name"), lambda one: one.last_name, lazy("Smirnova")),
        _of("company", lazy("Company"), lambda one: one.company_name, lazy("Daisy LLC")),
        _of("number", lazy("CRM ID"), lambda one: str(one.number), "10041"),
        _of("region", lazy("Region"), lambda one: one.region, lazy("Moscow")),
        _of("town", lazy("Town"), lambda one: one.town, lazy("Moscow")),
        Placeholder("customer.dear", lazy("Dear …, by sex and name"), dear, lazy("Dear Elena Pavlovna"), RECORD),
    ]


def _of(field: str, label: str | Promise, read: Callable[[Customer], str], sample: str | Promise) -> Placeholder:
    def value(about: About) -> str:
        return read(about.record) if isinstance(about.record, Customer) else ""

    return Placeholder(f"customer.{field}", label, value, sample, RECORD)


def dear(about: About) -> str:
    """ "Dear Elena Pavlovna": a letter in Russian begins by the sex of whom it is for."""
    customer = about.record
    if not isinstance(customer, Customer):
        return ""
    with override(about.language):
        name = " ".join(part for part in (customer.first_name, customer.middle_name) if part)
        if customer.kind != Kind.PERSON or not name:
            return pgettext("letter", "Dear customer")
        if customer.sex == "f":
            return pgettext("letter to a woman", "Dear {name}").format(name=name)
        if customer.sex == "m":
            return pgettext("letter to a man", "Dear {name}").format(name=name)
        return name
