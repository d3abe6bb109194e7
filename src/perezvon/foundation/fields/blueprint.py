"""Fields in blueprints: fields: {kind: [{section, name, fields: [{key, type, name, …}]}]}."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.fields import services
from perezvon.foundation.fields.models import CustomField, FieldSection
from perezvon.foundation.fields.registry import record_kinds
from perezvon.foundation.fields.selectors import list_sections
from perezvon.foundation.fields.services import Wanted

_FLAGS = ("required", "searchable", "sortable", "importable", "exportable")
_DEFAULTS = {"importable": True, "exportable": True}


def load_fields(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the fields as the blueprint says. Fields that it does not name stay."""
    for kind, sections in blueprint["fields"].items():
        known = {row.key: row for row in CustomField.objects.filter(kind=kind)}
        for section in sections:
            _load_section(kind, section, by, now)
            for row in section.get("fields", []):
                _load_field(kind, row, section["section"], known.get(row["key"]), by=by, now=now)


def export_fields() -> dict[str, Any]:
    """The part that makes the fields in use."""
    found = {}
    for kind in record_kinds():
        sections = [
            {
                "section": section.key,
                "name": section.label,
                "fields": [_exported(row) for row in section.fields.all() if row.in_use],
            }
            for section in list_sections(kind.code)
        ]
        if sections:
            found[kind.code] = sections
    return {"fields": found}


def _load_section(kind: str, given: Mapping[str, Any], by: Actor, now: datetime) -> None:
    if FieldSection.objects.filter(kind=kind, key=given["section"]).exists():
        services.change_section(kind=kind, key=given["section"], label=given["name"], by=by, now=now)
    else:
        services.add_section(kind=kind, key=given["section"], label=given["name"], by=by, now=now)


def _load_field(
    kind: str, given: Mapping[str, Any], section: str, known: CustomField | None, *, by: Actor, now: datetime
) -> None:
    wanted = Wanted(
        label=given["name"],
        section=section,
        options=given.get("options", {}) | ({"choices": given["choices"]} if "choices" in given else {}),
        access=given.get("access", {}),
        variants=tuple(given.get("only", ())),
        **{flag: given.get(flag, _DEFAULTS.get(flag, False)) for flag in _FLAGS},
    )
    if known is None:
        services.add_field(kind=kind, key=given["key"], type=given["type"], wanted=wanted, by=by, now=now)
    else:
        services.change_field(field_id=known.pk, version=known.version, wanted=wanted, by=by, now=now)


def _exported(row: CustomField) -> dict[str, Any]:
    options = {name: value for name, value in row.options.items() if name != "choices"}
    choices = [one for one in row.options.get("choices", []) if not one.get("withdrawn")]
    said = {"key": row.key, "type": row.type, "name": row.label}
    said |= {"options": options} if options else {}
    said |= {"choices": [_choice(one) for one in choices]} if choices else {}
    said |= {"access": row.access} if row.access else {}
    said |= {"only": row.variants} if row.variants else {}
    flags = {flag: getattr(row, f"is_{flag}") for flag in _FLAGS}
    return said | {flag: value for flag, value in flags.items() if value != _DEFAULTS.get(flag, False)}


def _choice(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": one["code"], "label": one["label"], **({"parent": one["parent"]} if one.get("parent") else {})}


register_part(Part("fields", ("fields",), load_fields, export_fields, order=70))
