"""Kinds of records that can have fields of an administrator's own. Modules register theirs when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from perezvon.kernel.errors import NotFound


class NoSuchKind(NotFound):
    code = "fields.no_such_kind"


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of records with a column `custom` (JSON).

    variants: (code, label) of its sorts as they are now, e.g. person and company; variant_of: which sort a record is.
    order: among the kinds on the administrator's page. has_files: its page shows files, so that a field can hold them.
    """

    code: str
    model: type[Model]
    label: str | Promise
    variants: Callable[[], Iterable[tuple[str, str | Promise]]] = tuple
    variant_of: Callable[[Any], str] = lambda _record: ""
    order: int = 50
    has_files: bool = False


_kinds: dict[str, RecordKind] = {}


def register_record_kind(kind: RecordKind) -> None:
    """Let records of this kind have fields. The same code twice is a mistake of the programmer."""
    if (known := _kinds.setdefault(kind.code, kind)) is not kind and known.model is not kind.model:
        raise ValueError(f"the record kind {kind.code} is registered twice")


def record_kinds() -> list[RecordKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def record_kind(code: str) -> RecordKind:
    """Raises NoSuchKind."""
    if code not in _kinds:
        raise NoSuchKind(kind=code)
    return _kinds[code]


def kind_of(record: Model) -> RecordKind:
    """Raises NoSuchKind."""
    found = next((kind for kind in _kinds.values() if isinstance(record, kind.model)), None)
    if found is None:
        raise NoSuchKind(kind=record._meta.label)
    return found
