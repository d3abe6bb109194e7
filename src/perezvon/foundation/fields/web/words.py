"""Words of the fields' pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.fields.field import Level
from perezvon.foundation.fields.options import REGIONS
from perezvon.foundation.fields.values import CURRENCIES

type Text = str | Promise

LANGUAGES = ("ru", "en")
LEVELS: dict[Level, Text] = {
    Level.EDITED: pgettext_lazy("field", "sees and changes"),
    Level.SEEN: pgettext_lazy("field", "sees"),
    Level.MASKED: pgettext_lazy("field", "sees with dots"),
    Level.HIDDEN: pgettext_lazy("field", "does not see"),
}
_CHECKS: dict[str, Text] = {
    "inn": lazy("Tax number (INN), 10 or 12 digits"),
    "snils": lazy("Pension account (SNILS)"),
    "ogrn": lazy("State registration number (OGRN, OGRNIP)"),
    "kpp": lazy("Tax registration reason (KPP)"),
    "bik": lazy("Bank's code (BIK)"),
    "account": lazy("Bank account, with the bank's code"),
    "passport": lazy("Russian passport"),
    "edrpou": lazy("Ukrainian company's number (EDRPOU)"),
}


def check_choices() -> list[tuple[str, Text]]:
    return [("", lazy("no check")), *_CHECKS.items()]


def currency_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} {sign}") for code, sign in CURRENCIES.items()]


def region_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in REGIONS]
