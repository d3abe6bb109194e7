"""Records that documents can be made about. They lie above this module, which knows them by what they register.

    register_source(Source("case", lazy("Cases"), "cases.view", groups=…, find=…, load=…, search=…, keys=…))

What `load` gives is what the actor may see: masked values masked, closed ones absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from perezvon.foundation.access import Actor, System
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.selectors import fields_of, visible_fields
from perezvon.foundation.fields.values import shown, value_of
from perezvon.kernel.errors import NotFound

if TYPE_CHECKING:
    from perezvon.modules.documents.models import Document

type Text = str | Promise

_READER = System(name="documents")  # what there is to be chosen from, not what anybody reads


class NoSuchSource(NotFound):
    code = "documents.no_such_source"


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A place that templates may have: {{ group.name }}. rows: of a list, what each row has. closed: a document that
    says it is read by those alone for whom the source opens it."""

    name: str
    title: Text
    example: Any = ""
    rows: Sequence[FieldOf] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one name: {{ customer.… }}."""

    name: str
    title: Text
    fields: Sequence[FieldOf]


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that a document is about. title: as people name it; client: whose it is, by name; customer: his key.

    language: of whom it is for; email: where it can be sent, "" for nowhere.
    """

    kind: str
    key: UUID
    title: str
    url: str
    client: str = ""
    project_id: int | None = None
    customer: UUID | None = None
    contact: UUID | None = None
    language: str = "ru"
    email: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """A document went to the customer. message: the letter's key."""

    document: Document
    message: UUID
    text: str
    by: Actor
    now: datetime


def _nothing(_sending: Sending) -> None:
    return None


def _to_everybody(_customer: UUID, _by: Actor) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of records. needs: the right to see them. groups: what templates may say, for whoever writes one.

    find: the record, raises NotFound for whoever may not see it. load: {group: {field: value}} as he may see it; a
    list's value is a list of {field: value}. search: records by what people type, the newest for "". keys: those that
    he sees, as a query of keys. sent: told in the same transaction when a document about one of them is sent. opens:
    whether somebody may read what is closed of this customer (key) now.
    """

    kind: str
    title: Text
    needs: str
    groups: Callable[[], Sequence[Group]]
    find: Callable[[UUID, Actor], Subject]
    load: Callable[[UUID, Actor, datetime], Mapping[str, Mapping[str, Any]]]
    search: Callable[[str, Actor, int], Sequence[Subject]]
    keys: Callable[[Actor], QuerySet[Any]]
    sent: Callable[[Sending], None] = field(default=_nothing)
    opens: Callable[[UUID, Actor], bool] = field(default=_to_everybody)


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Let documents be made about these. The same kind twice is a mistake of the programmer."""
    if _sources.setdefault(source.kind, source) != source:
        raise ValueError(f"the source {source.kind} is registered twice")


def sources() -> list[Source]:
    return list(_sources.values())


def source_of(kind: str) -> Source:
    """Raises NoSuchSource."""
    if kind not in _sources:
        raise NoSuchSource(kind=kind)
    return _sources[kind]


def find_subject(kind: str, key: UUID, *, by: Actor) -> Subject:
    """Raises NotFound, also for whoever may not see such records."""
    source = source_of(kind)
    by.must(source.needs)
    return source.find(key, by)


def own_fields(kind: str) -> list[FieldOf]:
    """Fields of an administrator's own, as places. One query unless they have changed."""
    return [FieldOf(one.name, one.label, one.label) for one in fields_of(kind, _READER) if one.type != Type.FILE]


def own_values(record: Model, by: Actor) -> dict[str, str]:
    """What the actor may see of them, in words; masked ones masked."""
    custom: Mapping[str, Any] = getattr(record, "custom", {})
    found = {}
    for one in visible_fields(by, record):
        value = value_of(one, custom)
        if one.type == Type.FILE or value in (None, "", []):
            continue
        found[one.name] = shown(one, value)
    return found
