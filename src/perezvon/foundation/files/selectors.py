"""Reading files: whoever sees the record sees its files, if he may see files at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db.models import Count, Model, Sum

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Level
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.files.models import File, FileRules
from perezvon.foundation.files.registry import owner_of
from perezvon.foundation.files.store import path_of
from perezvon.kernel.errors import NotAllowed, NotFound

VIEW, ATTACH, DELETE = "files.view", "files.attach", "files.delete"
MOST_SHOWN = 500


class NoSuchFile(NotFound):
    code = "files.no_such_file"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a record holds already."""

    count: int
    size: int


def get_rules() -> FileRules:
    """What may be attached. One query."""
    return FileRules.objects.order_by("pk").first() or FileRules()


def get_owner(kind: str, record: UUID, *, by: Actor, field: str = "", to_change: bool = False) -> Model:
    """The record, if `by` may read the files of this field of it, or with to_change attach some.

    Raises NotFound, and NotAllowed where he sees the record and changes nothing of it.
    """
    by.must(VIEW)
    owner = owner_of(kind)
    found = owner.get(record, by)
    if to_change and not owner.may_change(found, by):
        raise NotAllowed(right=ATTACH)
    if field and not _is_open(found, field, by, to_change=to_change):
        raise NoSuchFile(field=field)
    return found


def _is_open(record: Model, key: str, by: Actor, *, to_change: bool) -> bool:
    levels = {field.key: field.level for field in visible_fields(by, record) if field.type == Type.FILE}
    return levels.get(key) in ({Level.EDITED} if to_change else {Level.EDITED, Level.SEEN})


def list_files(kind: str, record: UUID, *, by: Actor, field: str = "") -> list[File]:
    """Of one record and field, newest first; those deleted are at the end for whoever may restore them. Two queries
    and those that look whether the record is open. Raises NotFound."""
    get_owner(kind, record, by=by, field=field)
    files = File.objects.filter(kind=kind, record=record, field=field).select_related("by", "deleted_by")
    if not by.may(DELETE):
        files = files.filter(deleted_at=None)
    return sorted(files[:MOST_SHOWN], key=lambda one: one.deleted_at is not None)


def count_by_field(kind: str, record: UUID) -> dict[str, list[str]]:
    """Names of the files of a record by field; for a card, whose reader the caller has asked for. One query."""
    found: dict[str, list[str]] = {}
    for key, name in File.objects.of(kind, record).exclude(field="").values_list("field", "name")[:MOST_SHOWN]:
        found.setdefault(key, []).append(name)
    return found


def get_file(file_id: UUID, *, by: Actor, to_change: bool = False, deleted_too: bool = False) -> File:
    """Raises NoSuchFile, also where the record or the field that holds it is closed to the actor."""
    file = File.objects.select_related("by").filter(pk=file_id).first()
    if file is None or (file.deleted_at and not deleted_too):
        raise NoSuchFile(file=file_id)
    get_owner(file.kind, file.record, by=by, field=file.field, to_change=to_change)
    return file


def kept_by(kind: str, record: UUID) -> Kept:
    """One query."""
    sums = File.objects.of(kind, record).order_by().aggregate(count=Count("pk"), size=Sum("size"))
    return Kept(sums["count"], sums["size"] or 0)


def size_of_files(keys: Collection[UUID]) -> int:
    """Of several files together. One query."""
    return File.objects.filter(pk__in=keys).aggregate(size=Sum("size"))["size"] or 0


def names_of(keys: Collection[UUID]) -> list[str]:
    """One query, none for no keys."""
    return list(File.objects.filter(pk__in=keys).order_by("pk").values_list("name", flat=True)) if keys else []


def contents_of(keys: Collection[UUID]) -> list[tuple[File, Path]]:
    """Files and where their contents lie, in the order of their keys; for whoever has asked who may read them.
    Raises NoSuchFile when one is gone. One query."""
    found = {one.pk: one for one in File.objects.filter(pk__in=keys)}
    missing = [key for key in keys if key not in found or not path_of(found[key].sha256).exists()]
    if missing:
        raise NoSuchFile(file=missing[0])
    return [(found[key], path_of(found[key].sha256)) for key in keys]


def is_spoken_of(sha256: str) -> bool:
    """Whether any row, deleted or not, holds this content."""
    return File.objects.filter(sha256=sha256).exists()
