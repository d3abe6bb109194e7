"""Fields in forms and on cards, as plain values for the templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.values import CURRENCIES, as_typed, shown, value_of

_LONG_TEXT = 200
_INPUTS = {Type.EMAIL: "email", Type.LINK: "url", Type.PHONE: "tel"}
_FACTS = {Type.PHONE: "phone", Type.EMAIL: "email", Type.LINK: "link", Type.NUMBER: "number", Type.MONEY: "number"}


def typed_of(posted: QueryDict, fields: Iterable[Field], *, whole: bool) -> dict[str, str]:
    """What a form says about the fields that may be edited. whole: boxes that are not sent are not ticked."""
    typed = {}
    for field in fields:
        if field.is_editable and (field.name in posted or (whole and field.type == Type.CHOICES)):
            typed[field.name] = as_typed(posted.getlist(field.name))
    return typed


def as_form(custom: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, str]:
    """The record's values as people would type them, by the names of the fields."""
    return {field.name: typed_value(field, custom.get(field.key)) for field in fields if field.is_editable}


def typed_value(field: Field, value: Any) -> str:
    """A kept value as people of this country type it: 14.05.1981, 1234,5."""
    text = as_typed(value)
    if field.type == Type.DATE and text:
        return ".".join(reversed(text.split("-")))
    return text.replace(".", ",") if field.type in {Type.NUMBER, Type.MONEY} else text


def form_groups(fields: Sequence[Field], typed: Mapping[str, str], errors: Mapping[str, str]) -> list[dict[str, Any]]:
    """Groups for fields/_groups.html, one a section. typed and errors: by the fields' names."""
    editable = [field for field in fields if field.is_editable]
    return [
        {"title": group[0].section_label, "fields": [_form_field(one, typed, errors) for one in group]}
        for group in _by_section(editable)
    ]


def card_sections(fields: Sequence[Field], custom: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{code, title, rows as ui/fact.html} of each section that has a value."""
    sections = [
        {"code": group[0].section, "title": group[0].section_label, "rows": facts(group, custom)}
        for group in _by_section(fields)
    ]
    return [section for section in sections if section["rows"]]


def facts(fields: Iterable[Field], custom: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a card for what has a value."""
    values = ((field, value_of(field, custom)) for field in fields)
    return [_fact(field, value) for field, value in values if value not in (None, "", [])]


def _fact(field: Field, value: Any) -> dict[str, Any]:
    kind = "" if field.level == "masked" else _FACTS.get(Type(field.type), "")
    return {"label": field.label, "value": str(value) if kind == "phone" else shown(field, value), "kind": kind}


def _by_section(fields: Iterable[Field]) -> list[list[Field]]:
    return [list(group) for _key, group in groupby(fields, key=lambda field: field.section)]


def _form_field(field: Field, typed: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    value = typed.get(field.name, "")
    field = field.holding(value.split(",") if field.type == Type.CHOICES else value)
    return {
        "name": field.name,
        "label": f"{field.label}, {_sign(field)}" if field.type == Type.MONEY else field.label,
        "value": value,
        "type": _INPUTS.get(Type(field.type), "text"),
        "wide": field.type in {Type.CHOICES, Type.LINK} or field.options.get("most_letters", 0) > _LONG_TEXT,
        "choices": [("", "\u2014"), *field.choices] if field.type in {Type.CHOICE, Type.TREE} else [],
        "ticks": _ticks(field, value) if field.type == Type.CHOICES else [],
        "is_tick": False,
        "required": field.required,
        "placeholder": _("DD.MM.YYYY") if field.type == Type.DATE else "",
        "hint": "",
        "error": errors.get(field.name, ""),
    }


def _sign(field: Field) -> str:
    return CURRENCIES.get(field.options.get("currency", "RUB"), "")


def _ticks(field: Field, value: str) -> list[dict[str, Any]]:
    chosen = set(value.split(","))
    return [{"code": code, "label": label, "checked": code in chosen} for code, label in field.choices]
