"""The forms of registering and editing as plain values: groups of fields, each with its own error."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import as_form, form_groups, typed_of, typed_value
from perezvon.foundation.fields.values import shown as custom_shown
from perezvon.modules.customers.models import LOCKED_TYPES, CardType, Customer, Kind, Sex, Status
from perezvon.modules.customers.selectors import MASKED_FIELDS, editable_values, mask, shown
from perezvon.modules.customers.values import ALL, EDITABLE, Problem
from perezvon.modules.customers.web.words import FIELDS, Text, problem_words

KEEP_NOTHING = "-"
BLOCKS = ("personal", "life")  # of the fields that every card has
_PERSON: tuple[Text, tuple[str, ...]] = (
    lazy("Personal data"),
    ("last_name", "first_name", "middle_name", "no_middle_name", "sex", "birth_date", "birth_country", "birth_place"),
)
_COMPANY: tuple[Text, tuple[str, ...]] = (lazy("Company"), ("company_name",))
_NUMBERS: tuple[Text, tuple[str, ...]] = (
    lazy("Documents"),
    ("passport", "passport_issued_on", "passport_issuer", "passport_code", "inn", "snils"),
)
_REACHED: tuple[Text, tuple[str, ...]] = (
    lazy("How to reach him"),
    ("phone_contact", "phone_mobile", "phone_home", "phone_work", "phone_fax", "email", "site"),
)
_LIFE: tuple[Text, tuple[str, ...]] = (
    lazy("Life and work"),
    (
        "region",
        "town",
        "address_registered",
        "address_actual",
        "address_postal",
        "workplace",
        "position",
        "source",
    ),
)
_ORIGIN: tuple[Text, tuple[str, ...]] = (lazy("Card and identification"), ("card_type", "code_word"))
_CHOICES = {
    "sex": [("", "—"), *Sex.choices],
    "card_type": [("", "\u2014"), *((one, one.label) for one in CardType if one not in LOCKED_TYPES)],
    "kind": [(Kind.PERSON, Kind.PERSON.label), (Kind.COMPANY, Kind.COMPANY.label)],
}
_CODES: dict[str, type[TextChoices]] = {"sex": Sex, "status": Status, "card_type": CardType}
_TYPES = {"email": "email", "site": "url"} | dict.fromkeys((name for name in ALL if name.startswith("phone_")), "tel")
_WIDE = {"address_registered", "address_actual", "address_postal", "passport_issuer", "company_name", "workplace"}


def registration_form(
    typed: Mapping[str, str], problems: Mapping[str, Problem], fields: Sequence[Field], sources: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Groups of fields for a new customer, what was typed kept. Of an administrator's own only what must be there."""
    is_company = typed.get("kind") == Kind.COMPANY
    groups = (_REACHED, _COMPANY if is_company else _PERSON, _NUMBERS, _LIFE, _ORIGIN)
    own = form_groups([field for field in fields if field.required], typed, _errors(problems))
    return with_sources([*(_group(group, typed, problems) for group in groups), *own], sources)


def with_sources(groups: list[dict[str, Any]], sources: Sequence[str]) -> list[dict[str, Any]]:
    """The source of information as a choice of these, and of what the card has; as a text where none are offered."""
    for field in (one for group in groups for one in group["fields"] if one["name"] == "source" and sources):
        names = dict.fromkeys(filter(None, (*sources, field["value"])))
        field["choices"] = [("", "\u2014"), *((name, name) for name in names)]
    return groups


def editing_form(
    customer: Customer,
    typed: Mapping[str, str] | None,
    problems: Mapping[str, Problem],
    fields: Sequence[Field],
    blocks: Collection[str] = BLOCKS,
) -> list[dict[str, Any]]:
    """Groups of fields with what is kept, or with what was typed. Masked values stay out: an empty field keeps them.

    blocks: which of the fields that everybody has; fields: which of an administrator's own.
    """
    values = editable_values(customer)
    given = {name: as_typed(value) for name, value in values.items() if name not in MASKED_FIELDS}
    first = _COMPANY if customer.kind == Kind.COMPANY else _PERSON
    hidden = {name: mask(name, str(values[name])) for name in MASKED_FIELDS if values[name]}
    now = {**given, **as_form(customer.custom, fields), **(typed or {})}
    shown = [group for group in ((first, "personal"), (_NUMBERS, "personal"), (_LIFE, "life")) if group[1] in blocks]
    groups = [_group(group, now, problems, hidden) for group, _block in shown]
    return groups + form_groups(fields, now, _errors(problems))


def _errors(problems: Mapping[str, Problem]) -> dict[str, str]:
    return {name: problem_words(problem) for name, problem in problems.items()}


def typed_changes(posted: QueryDict, fields: Sequence[Field], blocks: Collection[str] = BLOCKS) -> dict[str, str]:
    """What the editing form says. An empty masked field says nothing; a hyphen in it takes the value away."""
    typed = {name: posted.get(name, "") for name in EDITABLE if name in posted}
    typed |= typed_of(posted, fields, whole="whole_form" in posted)
    if "whole_form" in posted and "personal" in blocks:  # a box that is not ticked is not sent
        typed["no_middle_name"] = posted.get("no_middle_name", "")
    for name in MASKED_FIELDS:
        if typed.get(name, "").strip() == KEEP_NOTHING:
            typed[name] = ""
        elif not typed.get(name, "").strip():
            typed.pop(name, None)
    return typed


def as_typed(value: Any) -> str:
    """A kept value as people would type it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)


def typed_again(name: str, value: Any, own: Mapping[str, Field]) -> str:
    """The same of a field that may be an administrator's own."""
    return typed_value(own[name], value) if name in own else as_typed(value)


def in_words(field: str, value: Any, own: Mapping[str, Field], *, masked: bool = False) -> str:
    """A kept value for people to read; numbers of identity masked where they are not the person's own words.

    own: an administrator's fields by name.
    """
    if field in own:
        return custom_shown(own[field], value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field in _CODES:
        return str(_CODES[field](value).label) if value else ""
    text = as_typed(value)
    if field in MASKED_FIELDS and text:
        return mask(field, text) if masked else shown(field, text)
    return text


def _group(
    group: tuple[Text, tuple[str, ...]],
    typed: Mapping[str, str],
    problems: Mapping[str, Problem],
    hidden: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    title, names = group
    return {"title": title, "fields": [_field(name, typed, problems, hidden or {}) for name in names]}


def _field(
    name: str, typed: Mapping[str, str], problems: Mapping[str, Problem], hidden: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "label": FIELDS[name],
        "value": typed.get(name, ""),
        "type": _TYPES.get(name, "text"),
        "wide": name in _WIDE,
        "choices": _CHOICES.get(name, []),
        "is_tick": name == "no_middle_name",
        "placeholder": hidden.get(name) or (_("DD.MM.YYYY") if name in {"birth_date", "passport_issued_on"} else ""),
        "hint": _("Empty keeps it, a hyphen takes it away.") if name in hidden else "",
        "error": problem_words(problems[name]) if name in problems else "",
    }
