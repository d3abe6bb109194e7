"""Reading fields. One short query tells whether they have changed; only then they are read again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import DecimalField, Expression, Func, Model, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact, IContains

from perezvon.foundation.access import Actor, Person, System
from perezvon.foundation.fields.field import Choice, Field, Level
from perezvon.foundation.fields.models import CustomField, FieldSection, FieldsStamp, Type
from perezvon.foundation.fields.registry import kind_of, record_kind
from perezvon.foundation.fields.values import read
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound

NUMBERS = frozenset({Type.NUMBER, Type.MONEY})
_WRITTEN = NUMBERS | {Type.TEXT, Type.DATE, Type.PHONE, Type.EMAIL}
_levels = {level: place for place, level in enumerate(Level)}
# Read fields by (kind, role); all of a kind go when its stamp is another one. A handful of roles and kinds.
_known: dict[str, tuple[UUID | None, dict[str | None, tuple[Field, ...]]]] = {}


class NoSuchField(NotFound):
    code = "fields.no_such_field"


def fields_of(kind: str, by: Actor, *, variant: str = "") -> list[Field]:
    """The fields in use that `by` may see, in their order. One query unless they have changed since.

    variant: only those that this sort of record has.
    """
    stamp = FieldsStamp.objects.filter(kind=kind).values_list("stamp", flat=True).first()
    known = _known.get(kind)
    if known is None or known[0] != stamp:
        known = _known[kind] = (stamp, {})
    role = _role_of(by)
    if role not in known[1]:
        known[1][role] = tuple(_read(kind, role)) if stamp else ()
    return [field for field in known[1][role] if not (variant and field.variants) or variant in field.variants]


def visible_fields(actor: Actor, record: Model) -> list[Field]:
    """Those of this record. Its values are at `record.custom`, to be shown by `values.shown`."""
    kind = kind_of(record)
    return fields_of(kind.code, actor, variant=kind.variant_of(record))


def fields_for_role(kind: str, role: str) -> list[Field]:
    """What people of a role see: for the preview. One query."""
    return list(_read(kind, role))


def order_by(field: Field) -> Expression:
    """The expression that the field's index is made of: sort and compare by it and the index is used.

    Numbers compare as numbers; all else as kept, dates being ISO and choices codes.
    """
    text = KeyTextTransform(field.key, "custom")
    return AsNumber(text) if field.type in NUMBERS else text


class AsNumber(Func):
    """A kept number as a number without a precision, as the index has it."""

    template = "(%(expressions)s)::numeric"
    output_field = DecimalField(max_digits=40, decimal_places=15)


def found_by(kind: str, text: str, by: Actor, *, part: bool = False) -> Q:
    """Records one of whose searchable fields is this whole text, for which the fields' indexes are used.

    part: a part of a text is enough, for kinds of which there are few records.
    """
    found = Q(pk__in=())
    for field in fields_of(kind, by):
        if field.searchable and part and field.type == Type.TEXT:
            found |= Q(IContains(order_by(field), text))
        elif field.searchable and field.type in _WRITTEN:
            try:
                value = read(field, text)
            except Wrong:
                continue
            found |= Q(Exact(order_by(field), Value(Decimal(str(value)) if field.type in NUMBERS else value)))
    return found


def list_sections(kind: str) -> list[FieldSection]:
    """The sections of a kind with their fields, those out of use too. Two queries."""
    record_kind(kind)
    return list(FieldSection.objects.filter(kind=kind).prefetch_related("fields"))


def get_field(field_id: int) -> CustomField:
    """Raises NoSuchField."""
    found = CustomField.objects.select_related("section").filter(pk=field_id).first()
    if found is None:
        raise NoSuchField(field=field_id)
    return found


def get_section(kind: str, key: str) -> FieldSection:
    """Raises NoSuchField."""
    found = FieldSection.objects.filter(kind=kind, key=key).first()
    if found is None:
        raise NoSuchField(section=key)
    return found


def _role_of(by: Actor) -> str | None:
    """None: the system itself, from which nothing is hidden."""
    if isinstance(by, System):
        return None
    return by.role if isinstance(by, Person) else ""


def _read(kind: str, role: str | None) -> list[Field]:
    rows = CustomField.objects.filter(kind=kind, in_use=True).select_related("section")
    found = (as_field(row, level_of(row.access, role)) for row in rows)
    return [field for field in found if field.level != Level.HIDDEN]


def level_of(access: Mapping[str, str], role: str | None) -> Level:
    """What a role may do. One that is not named, and nobody's colleague, get what the least trusted role gets."""
    if role is None or not access:
        return Level.EDITED
    if role in access:
        return Level(access[role])
    return min((Level(level) for level in access.values()), key=_levels.__getitem__)


def as_field(row: CustomField, level: Level) -> Field:
    ready = row.index_state == CustomField.Index.READY and level != Level.MASKED
    return Field(
        key=row.key,
        labels=row.label,
        type=row.type,
        level=level,
        section=row.section.key,
        section_labels=row.section.label,
        options={name: value for name, value in row.options.items() if name != "choices"},
        variants=tuple(row.variants),
        required=row.is_required,
        sortable=ready and row.is_sortable,
        searchable=ready and row.is_searchable,
        indexed=row.wants_index,
        importable=row.is_importable,
        exportable=row.is_exportable,
        _choices=tuple(_choice(one) for one in row.options.get("choices", ())),
    )


def _choice(one: dict[str, Any]) -> Choice:
    return Choice(one["code"], one["label"], one.get("parent", ""), one.get("withdrawn", False))
