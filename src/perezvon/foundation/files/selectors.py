"""Reading files: whoever sees the record sees its files, if he may see files at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchVector
from django.db.models import Count, F, Func, Model, Sum, TextField, Value
from django.db.models.functions import Left

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Level
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.files.looking import CONFIG, MOST_SEARCHED, find_scanner
from perezvon.foundation.files.models import CLOSED, SAID, File, FileContent, FileRules, Scan
from perezvon.foundation.files.registry import owner_of
from perezvon.foundation.files.store import path_of
from perezvon.kernel.errors import NotAllowed, NotFound, Refused

VIEW, ATTACH, DELETE = "files.view", "files.attach", "files.delete"
MOST_SHOWN = 500
# Signs that no text has: an excerpt is escaped first, then they become <mark>.
START, STOP = "\ue000", "\ue001"
_SPACES = str.maketrans("._-", "   ")


class NoSuchFile(NotFound):
    code = "files.no_such_file"


class NotSafe(Refused):
    """A virus was found in the file, it is too large to be scanned, or it has not been yet. facts: name, threat ("" of
    all but the first), is_too_large."""

    code = "files.not_safe"


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


def contents_of(files: Sequence[File]) -> dict[str, FileContent]:
    """What is known of their contents, without the words, by sha256. One query."""
    found = FileContent.objects.filter(pk__in={file.sha256 for file in files})
    return found.defer("text", "blocks", "words").in_bulk()


def find_content(file: File) -> FileContent | None:
    """All that is known of its content. One query."""
    return FileContent.objects.defer("words").filter(pk=file.sha256).first()


@dataclass(frozen=True, slots=True)
class FoundIn:
    """A file that has the words. excerpt: of its text, they stand between START and STOP; else empty."""

    id: UUID
    name: str
    excerpt: str


def words_of_files(kind: str, record: UUID) -> str:
    """Names, descriptions and words of all files of a record that may be opened, for whoever makes it findable.
    Two queries."""
    files = list(File.objects.of(kind, record)[:MOST_SHOWN])
    known = {
        one.pk: one for one in FileContent.objects.filter(pk__in={file.sha256 for file in files}).only("scan", "text")
    }
    parts = []
    for file in files:
        content = known.get(file.sha256)
        text = content.text if content and is_safe(content) else ""
        parts.append(f"{file.name.translate(_SPACES)}\n{file.description}\n{text}")
    return "\n".join(parts)


def find_in_files(kind: str, records: Collection[UUID], query: SearchQuery, *, by: Actor) -> dict[UUID, list[FoundIn]]:
    """In which files of these records the words stand, for whoever may see the records. Three queries."""
    if not by.may(VIEW) or not records:
        return {}
    spaced = Func(F("name"), Value("._-"), Value("   "), function="translate", output_field=TextField())
    named = SearchVector(spaced, "description", config=CONFIG)
    files = File.objects.filter(kind=kind, record__in=records, field="", deleted_at=None)
    rows = list(files.order_by("-at").values_list("pk", "record", "name", "sha256")[:MOST_SHOWN])
    by_name = set(files.annotate(vector=named).filter(vector=query).values_list("pk", flat=True)[:MOST_SHOWN])
    excerpt = SearchHeadline(
        Left("text", MOST_SEARCHED), query, config=CONFIG, start_sel=START, stop_sel=STOP, max_words=30, min_words=12,
        max_fragments=1,
    )  # fmt: skip
    having = FileContent.objects.filter(pk__in={row[3] for row in rows}, words=query).exclude(scan__in=CLOSED)
    excerpts = dict(having.annotate(excerpt=excerpt).values_list("pk", "excerpt"))
    found: dict[UUID, list[FoundIn]] = {}
    for key, record, name, sha256 in rows:
        if sha256 in excerpts or key in by_name:
            found.setdefault(record, []).append(FoundIn(key, name, excerpts.get(sha256, "")))
    return found


def is_safe(content: FileContent | None) -> bool:
    """Whether it may be opened: what is infected or too large never, what was not scanned where nobody scans."""
    if content is not None and content.scan in SAID:
        return content.scan == Scan.CLEAN
    return find_scanner() is None


def is_too_large(content: FileContent | None) -> bool:
    """For the scanner, so that it is never opened."""
    return content is not None and content.scan == Scan.TOO_LARGE


def waits_for_scanner(content: FileContent | None) -> bool:
    """Whether it is closed only until it has been scanned."""
    return not is_safe(content) and (content is None or content.scan not in CLOSED)


def check_is_safe(file: File) -> None:
    """Raises NotSafe. One query."""
    _check(file, contents_of([file]).get(file.sha256))


def _check(file: File, content: FileContent | None) -> None:
    if not is_safe(content):
        threat = content.threat if content else ""
        raise NotSafe(name=file.name, threat=threat, is_too_large=is_too_large(content))


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


def files_to_send(keys: Collection[UUID]) -> list[tuple[File, Path]]:
    """Files and where their contents lie, in the order of their keys; for whoever has asked who may read them.
    Raises NoSuchFile when one is gone, NotSafe. Two queries."""
    found = {one.pk: one for one in File.objects.filter(pk__in=keys)}
    missing = [key for key in keys if key not in found or not path_of(found[key].sha256).exists()]
    if missing:
        raise NoSuchFile(file=missing[0])
    contents = contents_of(list(found.values()))
    for file in found.values():
        _check(file, contents.get(file.sha256))
    return [(found[key], path_of(found[key].sha256)) for key in keys]


def is_spoken_of(sha256: str) -> bool:
    """Whether any row, deleted or not, holds this content."""
    return File.objects.filter(sha256=sha256).exists()
