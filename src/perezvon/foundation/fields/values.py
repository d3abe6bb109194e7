"""Values of fields: typed text in, what is kept out, and how it is shown. One way for forms, imports and the API.

Kept in the record's JSON column by key: texts, dates (ISO) and numbers (as decimal text, so that nothing is rounded)
are strings, several choices a list of codes. What is empty is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format

from perezvon.foundation.fields import formula
from perezvon.foundation.fields.field import Field, Level
from perezvon.foundation.fields.models import Type
from perezvon.foundation.ui.templatetags.ui import money as money_words
from perezvon.foundation.ui.templatetags.ui import phone as phone_words
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.kernel.phone import HOME_REGION, parse_phone

type Value = str | list[str] | None

LONGEST_TEXT, MOST_CHOSEN = 4000, 100
LONGEST_INDEXED = 500  # an entry of an index holds 2,700 bytes, and a letter takes up to four
CURRENCIES = {"RUB": "\u20bd", "USD": "$", "EUR": "\u20ac", "UAH": "\u20b4", "KZT": "\u20b8", "BYN": "Br"}
# Checks that a text field can ask for; the last one looks at the field with the bank's code too.
CHECKS: dict[str, Callable[[str], str]] = {
    "inn": checks.inn,
    "snils": checks.snils,
    "ogrn": checks.ogrn,
    "kpp": checks.kpp,
    "bik": checks.bik,
    "passport": checks.passport,
    "edrpou": checks.edrpou,
    "account": checks.account,
}
_SEVERAL = ","
_DOT = "\u2022"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """values: of the fields given, by key, as they are kept. wrong: why others cannot be, by key."""

    values: dict[str, Value]
    wrong: dict[str, Wrong]


def clean(fields: Iterable[Field], typed: Mapping[str, str], kept: Mapping[str, Any]) -> Cleaned:
    """Read what was typed (by `Field.name`) into fields that may be edited; others are passed over.

    kept: the record's values, for checks that look at two fields and for choices that are offered no more.
    """
    given = [field for field in fields if field.is_editable and field.name in typed]
    cleaned = Cleaned({}, {})
    for field in given:
        try:
            cleaned.values[field.key] = read(field.holding(kept.get(field.key)), typed[field.name])
        except Wrong as wrong:
            cleaned.wrong[field.key] = wrong
    together = {**kept, **cleaned.values}
    for field in given:
        try:
            _check_account(field, cleaned.values.get(field.key), together)
        except Wrong as wrong:
            cleaned.wrong[field.key] = wrong
    return cleaned


def missing(fields: Iterable[Field], typed: Mapping[str, str]) -> list[Field]:
    """Required fields that this person could have filled in and has not."""
    return [one for one in fields if one.required and one.is_editable and not typed.get(one.name, "").strip()]


def read(field: Field, text: str) -> Value:
    """What is kept of `text`; None when it is empty. Raises Wrong."""
    text = text.strip()
    if not text:
        if field.required:
            raise Wrong("field.required")
        return None
    return _READERS[field.type](field, text)


def merged(kept: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """The record's column after a change."""
    return {key: value for key, value in {**kept, **values}.items() if value not in (None, "", [])}


def as_typed(value: Any) -> str:
    """A kept value as a form and an import write it."""
    if isinstance(value, list):
        return _SEVERAL.join(value)
    return "" if value is None else str(value)


def value_of(field: Field, custom: Mapping[str, Any]) -> Value:
    """The field's value in a record's column; a computed one is computed."""
    if field.type == Type.COMPUTED:
        places = field.options.get("places", 2)
        found = formula.computed(str(field.options.get("formula", "")), custom, places=places)
        return None if found is None else _plain(found)
    value: Value = custom.get(field.key)
    return value


def shown(field: Field, value: Value) -> str:
    """A value as people read it; with dots for those who may not see it in full."""
    if value in (None, "", []):
        return ""
    words = _WORDS.get(field.type, _as_it_is)(field, value)
    return mask(words) if field.level == Level.MASKED else words


def mask(words: str) -> str:
    """All but the last two signs as dots."""
    return "".join(_DOT if sign.isalnum() else sign for sign in words[:-2]) + (words[-2:] if len(words) > 4 else _DOT)


# --- readers ---


def _text(field: Field, text: str) -> str:
    if check := CHECKS.get(field.options.get("check", "")):
        return check(text)
    most = min(field.options.get("most_letters") or LONGEST_TEXT, LONGEST_INDEXED if field.indexed else LONGEST_TEXT)
    if len(text) > most:
        raise Wrong("text.long", most=most)
    return text


def _number(field: Field, text: str) -> str:
    value = checks.decimal(text, places=field.options.get("places", 2))
    least, most = field.options.get("least"), field.options.get("most")
    if least is not None and value < Decimal(least):
        raise Wrong("number.small", least=least)
    if most is not None and value > Decimal(most):
        raise Wrong("number.large", most=most)
    return _plain(value)


def _money(field: Field, text: str) -> str:
    sign = CURRENCIES.get(field.options.get("currency", "RUB"), "")
    return _number(field, text.removesuffix(sign).removesuffix(field.options.get("currency", "RUB")))


def _choice(field: Field, text: str) -> str:
    if text not in field.all_choices or field.all_choices[text].withdrawn:
        raise Wrong("choice.unknown")
    return text


def _choices(field: Field, text: str) -> list[str]:
    codes = list(dict.fromkeys(code.strip() for code in text.split(_SEVERAL) if code.strip()))
    if len(codes) > MOST_CHOSEN:
        raise Wrong("choice.unknown")
    return [_choice(field, code) for code in codes]


def _phone(field: Field, text: str) -> str:
    found = parse_phone(text, field.options.get("region", HOME_REGION))
    if found is None:
        raise Wrong("phone.form")
    return found.e164 + (f" ext. {found.extension}" if found.extension else "")


_READERS: dict[str, Callable[[Field, str], Value]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.DATE: lambda _field, text: checks.day(text).isoformat(),
    Type.CHOICE: _choice,
    Type.CHOICES: _choices,
    Type.TREE: _choice,
    Type.PHONE: _phone,
    Type.EMAIL: lambda _field, text: checks.email(text),
    Type.LINK: lambda _field, text: checks.link(text),
}


def _check_account(field: Field, value: Value, together: Mapping[str, Any]) -> None:
    bank = field.options.get("bank")
    if isinstance(value, str) and field.options.get("check") == "account" and bank and together.get(bank):
        checks.account(value, bik=str(together[bank]))


def _plain(value: Decimal) -> str:
    return f"{value:f}"


# --- words ---


def _as_it_is(_field: Field, value: Value) -> str:
    return str(value)


def _number_words(_field: Field, value: Value) -> str:
    number = Decimal(str(value))
    return str(number_format(number, force_grouping=True)).replace(" ", "\u00a0")


def _money_words(field: Field, value: Value) -> str:
    return money_words(value, CURRENCIES.get(field.options.get("currency", "RUB"), ""))


def _choice_words(field: Field, value: Value) -> str:
    chosen = field.all_choices.get(str(value))
    return " / ".join(one.label for one in field.path(chosen)) if chosen else str(value)


def _choices_words(field: Field, value: Value) -> str:
    return ", ".join(_choice_words(field, code) for code in value or ())


_WORDS: dict[str, Callable[[Field, Value], str]] = {
    Type.NUMBER: _number_words,
    Type.COMPUTED: _number_words,
    Type.MONEY: _money_words,
    Type.DATE: lambda _field, value: date_format(date.fromisoformat(str(value)), "SHORT_DATE_FORMAT"),
    Type.CHOICE: _choice_words,
    Type.CHOICES: _choices_words,
    Type.TREE: _choice_words,
    Type.PHONE: lambda _field, value: phone_words(value),
}
