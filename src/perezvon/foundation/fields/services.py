"""Changing the fields of records while people work with them.

Nothing is deleted: a field out of use keeps its values and can be taken into use again. Its kind, key and type never
change. Whoever changes fields of a kind locks its stamp first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import Max
from django.forms.models import model_to_dict

from perezvon.foundation.access import Actor
from perezvon.foundation.access.rights import ROLES
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields import formula
from perezvon.foundation.fields.events import FieldsChanged
from perezvon.foundation.fields.field import Level
from perezvon.foundation.fields.models import CustomField, FieldSection, FieldsStamp, Type
from perezvon.foundation.fields.options import cleaned_options, with_withdrawn
from perezvon.foundation.fields.registry import RecordKind, record_kind
from perezvon.foundation.fields.selectors import NUMBERS, get_field, get_section
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import Role
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused

MOST_INDEXED, MOST_FIELDS, LONGEST_LABEL = 16, 200, 100
_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
_UNSORTED = {Type.CHOICES, Type.COMPUTED, Type.LINK, Type.FILE}
_UNTYPED = {Type.COMPUTED, Type.FILE}  # nobody types their values


class FieldWrong(Refused):
    """A field cannot be like that. facts: problems, {what: Wrong}."""

    code = "fields.wrong"
    http_status = 422


class FieldChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "fields.changed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field as an administrator wants it. options: as `options.cleaned_options` takes them.

    access: of the roles that ship those not named edit; a role of one's own that is not named has the least level.
    """

    label: Mapping[str, str]
    section: str
    options: Mapping[str, Any] = field(default_factory=dict)
    access: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[str, ...] = ()
    required: bool = False
    searchable: bool = False
    sortable: bool = False
    importable: bool = True
    exportable: bool = True


@command("fields.add_section", needs="fields.manage")
def add_section(*, kind: str, key: str, label: Mapping[str, str], by: Actor, now: datetime) -> FieldSection:
    """A new last section. Raises FieldWrong when there is one of that key."""
    record_kind(kind)
    _lock(kind)
    problems = _key_problems(key, FieldSection.objects.filter(kind=kind, key=key).exists()) | _label_problems(label)
    if problems:
        raise FieldWrong(problems=problems)
    sections = FieldSection.objects.filter(kind=kind)
    position = (sections.aggregate(last=Max("position"))["last"] or 0) + 1
    section = FieldSection.objects.create(kind=kind, key=key, label=_labels(label), position=position)
    _changed(kind, now)
    return section


@command("fields.change_section", needs="fields.manage")
def change_section(*, kind: str, key: str, label: Mapping[str, str], by: Actor, now: datetime) -> FieldSection:
    """Another name. Raises NoSuchField, FieldWrong."""
    _lock(kind)
    section = get_section(kind, key)
    if problems := _label_problems(label):
        raise FieldWrong(problems=problems)
    if section.label != _labels(label):
        section.label = _labels(label)
        section.version += 1
        section.save()
        _changed(kind, now)
    return section


def may_have(kind: RecordKind, type: str) -> bool:
    """Whether records of this kind can have fields of this type."""
    return type != Type.FILE or kind.has_files


@command("fields.add_field", needs="fields.manage")
def add_field(*, kind: str, key: str, type: str, wanted: Wanted, by: Actor, now: datetime) -> CustomField:
    """A new field, the last of its section. Raises FieldWrong with all that is wrong at once."""
    of_kind = record_kind(kind)
    _lock(kind)
    problems = _key_problems(key, CustomField.objects.filter(kind=kind, key=key).exists())
    if type not in Type.values or not may_have(of_kind, type):
        raise FieldWrong(problems=problems | {"type": Wrong("choice.unknown")})
    if CustomField.objects.filter(kind=kind).count() >= MOST_FIELDS:
        problems["key"] = Wrong("fields.many", most=MOST_FIELDS)
    row = CustomField(kind=kind, key=key, type=type)
    _set(row, wanted, problems)
    row.position = (row.section.fields.aggregate(last=Max("position"))["last"] or 0) + 1
    row.save()
    _changed(kind, now)
    return row


@command("fields.change_field", needs="fields.manage")
def change_field(*, field_id: int, version: int, wanted: Wanted, by: Actor, now: datetime) -> CustomField:
    """Everything but kind, key and type. Choices that are gone stay on the records that hold them.

    The same again changes nothing.

    Raises FieldChanged when it has another version by now, FieldWrong, NoSuchField.
    """
    _lock(get_field(field_id).kind)
    row = get_field(field_id)
    if row.version != version:
        raise FieldChanged(field=field_id)
    before, choices = model_to_dict(row), row.options.get("choices", [])
    _set(row, wanted, {})
    if choices:
        row.options["choices"] = with_withdrawn(choices, row.options["choices"])
    return row if model_to_dict(row) == before else _saved(row, now)


@command("fields.move_field", needs="fields.manage")
def move_field(*, field_id: int, places: int, by: Actor, now: datetime) -> CustomField:
    """Up (-1) or down (1) in its section; at the end nothing happens. Raises NoSuchField."""
    _lock(get_field(field_id).kind)
    row = get_field(field_id)
    beside = list(row.section.fields.order_by("position", "id"))
    at = beside.index(row)
    beside.insert(max(0, at + places), beside.pop(at))
    for position, one in enumerate(beside, 1):
        if one.position != position:
            one.position = position
            one.save(update_fields=["position"])
    _changed(row.kind, now)
    return get_field(field_id)


@command("fields.withdraw_field", needs="fields.manage")
def withdraw_field(*, field_id: int, by: Actor, now: datetime) -> CustomField:
    """Out of use: nobody sees it, its values stay. Raises NoSuchField, and FieldWrong while a formula needs it."""
    return _switch(field_id, False, now)


@command("fields.restore_field", needs="fields.manage")
def restore_field(*, field_id: int, by: Actor, now: datetime) -> CustomField:
    """In use again, with the values that it had. Raises NoSuchField."""
    return _switch(field_id, True, now)


def _switch(field_id: int, in_use: bool, now: datetime) -> CustomField:
    _lock(get_field(field_id).kind)
    row = get_field(field_id)
    if not in_use and (needing := _formulas_with(row)):
        raise FieldWrong(problems={"formula": Wrong("formula.needs", field=str(needing[0]))})
    row.in_use = in_use
    _limit_indexes(row)
    return _saved(row, now)


def _lock(kind: str) -> None:
    FieldsStamp.objects.get_or_create(kind=kind, defaults={"stamp": uuid4()})
    FieldsStamp.objects.select_for_update().get(kind=kind)


def _changed(kind: str, now: datetime) -> None:
    FieldsStamp.renew(kind)
    publish(FieldsChanged(kind=kind), now=now)


def _saved(row: CustomField, now: datetime) -> CustomField:
    row.version += 1
    row.index_state = _index_state(row)
    row.save()
    _changed(row.kind, now)
    return row


def _index_state(row: CustomField) -> str:
    if not row.wants_index:
        return CustomField.Index.NONE
    return row.index_state or CustomField.Index.WANTED


# --- checking ---


def _set(row: CustomField, wanted: Wanted, problems: dict[str, Wrong]) -> None:
    """Make the row what is wanted; raises FieldWrong with what was found before, too."""
    problems |= _label_problems(wanted.label) | _access_problems(wanted)
    section = FieldSection.objects.filter(kind=row.kind, key=wanted.section).first()
    if section is None:
        problems["section"] = Wrong("choice.unknown")
    known = {code for code, _ in record_kind(row.kind).variants()}
    if not set(wanted.variants) <= known:
        problems["variants"] = Wrong("choice.unknown")
    try:
        row.options = cleaned_options(row.type, wanted.options, _numbers(row.kind))
    except Wrong as wrong:
        problems["options"] = wrong
    if section is None or problems:
        raise FieldWrong(problems=problems)
    row.section, row.label, row.variants = section, _labels(wanted.label), sorted(wanted.variants)
    row.access = _access(wanted.access)
    row.is_required = wanted.required and row.type not in _UNTYPED
    row.is_searchable = wanted.searchable and row.type not in _UNSORTED
    row.is_sortable = wanted.sortable and row.type not in _UNSORTED
    row.is_importable, row.is_exportable = wanted.importable and row.type not in _UNTYPED, wanted.exportable
    row.index_state = _index_state(row)
    _limit_indexes(row)


def _access(wanted: Mapping[str, str]) -> dict[str, str]:
    """The level of every role, so that one that is made later is not taken for one that may do all."""
    if all(level == Level.EDITED for level in wanted.values()):
        return {}
    return {**dict.fromkeys(ROLES, Level.EDITED.value), **wanted}


def _limit_indexes(row: CustomField) -> None:
    """Each index makes every change of a record dearer."""
    others = CustomField.objects.filter(kind=row.kind).exclude(pk=row.pk)
    if row.wants_index and sum(one.wants_index for one in others) >= MOST_INDEXED:
        raise FieldWrong(problems={"sortable": Wrong("fields.many_indexed", most=MOST_INDEXED)})


def _formulas_with(row: CustomField) -> list[CustomField]:
    """Fields in use that are computed from this one."""
    computed = CustomField.objects.filter(kind=row.kind, type=Type.COMPUTED, in_use=True)
    return [one for one in computed if row.key in formula.keys_in(one.options["formula"])]


def _numbers(kind: str) -> list[str]:
    return list(CustomField.objects.filter(kind=kind, type__in=NUMBERS, in_use=True).values_list("key", flat=True))


def _key_problems(key: str, is_taken: bool) -> dict[str, Wrong]:
    if not _KEY.fullmatch(key):
        return {"key": Wrong("key.form")}
    return {"key": Wrong("key.taken")} if is_taken else {}


def _labels(label: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in label.items() if text.strip()}


def _label_problems(label: Mapping[str, str]) -> dict[str, Wrong]:
    kept = _labels(label)
    if not kept:
        return {"label": Wrong("label.missing")}
    if any(len(text) > LONGEST_LABEL for text in kept.values()):
        return {"label": Wrong("text.long", most=LONGEST_LABEL)}
    return {}


def _access_problems(wanted: Wanted) -> dict[str, Wrong]:
    known = set(Role.objects.values_list("code", flat=True)) if wanted.access else set()
    right = all(role in known and level in set(Level) for role, level in wanted.access.items())
    return {} if right else {"access": Wrong("choice.unknown")}
