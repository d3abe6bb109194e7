"""What files/_section.html shows: the files of a record and how to attach more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.files.models import File, FileContent
from perezvon.foundation.files.registry import owner_of
from perezvon.foundation.files.selectors import (
    ATTACH,
    DELETE,
    contents_of,
    count_by_field,
    get_rules,
    is_safe,
    is_too_large,
    list_files,
    waits_for_scanner,
)
from perezvon.kernel.errors import NotFound


def section(kind: str, record_id: UUID, *, by: Actor, now: datetime, field: str = "") -> dict[str, Any]:
    """As files/_section.html takes it. Four queries and those that look whether the record is open."""
    rules, found = get_rules(), list_files(kind, record_id, by=by, field=field)
    contents = contents_of(found)
    owner = owner_of(kind)
    is_open = owner.may_change(owner.get(record_id, by), by)
    return {
        "key": f"{record_id}-{field}" if field else str(record_id),
        "title": _field_label(kind, record_id, field, by) if field else _("Files"),
        "url": files_url(kind, record_id, field),
        "rows": [_row(file, contents.get(file.sha256)) for file in found],
        "waits": any(file.deleted_at is None and waits_for_scanner(contents.get(file.sha256)) for file in found),
        "most_bytes": rules.most_bytes,
        "accept": ",".join(f".{ending}" for ending in rules.kinds),
        "may": {"attach": is_open and by.may(ATTACH), "delete": is_open and by.may(DELETE)},
        "now": now,
    }


def files_url(kind: str, record_id: UUID, field: str = "") -> str:
    address = reverse("files:files", args=[kind, record_id])
    return f"{address}?{urlencode({'field': field})}" if field else address


def file_facts(kind: str, record_id: UUID, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Rows as ui/fact.html takes them for those of `fields` that hold files. One query if there are any."""
    holding = [field for field in fields if field.type == Type.FILE]
    kept = count_by_field(kind, record_id) if holding else {}
    return [_fact(kind, record_id, field, kept.get(field.key, [])) for field in holding]


def _fact(kind: str, record_id: UUID, field: Field, names: Sequence[str]) -> dict[str, Any]:
    if field.level == "masked":
        return {"label": field.label, "value": _("closed") if names else "\u2014"}
    value = ", ".join(names) or (_("Attach a file") if field.level == "edited" else "\u2014")
    return {"label": field.label, "value": value, "kind": "files", "url": files_url(kind, record_id, field.key)}


def _field_label(kind: str, record_id: UUID, key: str, by: Actor) -> str:
    record = owner_of(kind).get(record_id, by)
    found = next((one for one in visible_fields(by, record) if one.key == key and one.type == Type.FILE), None)
    if found is None:
        raise NotFound(field=key)
    return found.label


def _row(file: File, content: FileContent | None) -> dict[str, Any]:
    safe = is_safe(content)
    return {
        "id": file.pk,
        "name": file.name,
        "description": file.description,
        "size": file.size,
        "by": file.by.short_name if file.by else "",
        "at": file.at,
        "url": reverse("files:download", args=[file.pk]) if safe else "",
        "look_url": reverse("files:preview", args=[file.pk]) if safe else "",
        "threat": content.threat if content else "",
        "is_too_large": is_too_large(content),
        "deleted_at": file.deleted_at,
        "deleted_by": file.deleted_by.short_name if file.deleted_by else "",
    }
