"""Attaching files to records and taking them away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.files import store
from perezvon.foundation.files.events import ContentArrived, FilesChanged
from perezvon.foundation.files.looking import first_values
from perezvon.foundation.files.models import File, FileContent, FileRules
from perezvon.foundation.files.names import KINDS, check_kind, clean_name
from perezvon.foundation.files.selectors import (
    ATTACH,
    DELETE,
    VIEW,
    check_is_safe,
    get_file,
    get_owner,
    get_rules,
    is_spoken_of,
    kept_by,
)
from perezvon.foundation.files.store import Content
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused, TryLater
from perezvon.kernel.ids import uuid7

LONGEST_DESCRIPTION = 500
MOST_MB = 500  # what the server takes in one request, whatever an administrator allows
MOST_FILES, MOST_MB_RECORD = 10_000, 1_000_000


class FileRefused(Refused):
    """facts: name, wrong (a Wrong: file.kind, file.mismatch, file.empty, file.many, file.full)."""

    code = "files.refused"
    http_status = 422


class RulesWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "files.rules_wrong"
    http_status = 422


@command("files.attach", needs=ATTACH)
def attach(
    *,
    kind: str,
    record_id: UUID,
    content: Content,
    name: str,
    by: Actor,
    now: datetime,
    field: str = "",
) -> File:
    """A content that is in the store already becomes a file of a record. Raises FileRefused, NotFound.

    The row is the file: killed before it is committed, nothing is visible, and the content is swept away.
    """
    get_owner(kind, record_id, by=by, field=field, to_change=True)
    called = clean_name(name)
    _lock(str(record_id))  # two uploads at once count each other
    try:
        _check(called, content, kind, record_id)
    except Wrong as wrong:
        raise FileRefused(name=called, wrong=wrong) from None
    return _put(kind, record_id, content, called, by, now, field=field)


def _check(name: str, content: Content, kind: str, record: UUID) -> None:
    rules, kept = get_rules(), kept_by(kind, record)
    if not content.size:
        raise Wrong("file.empty")
    check_kind(name, content.head, rules.kinds)
    if kept.count >= rules.most_files:
        raise Wrong("file.many", most=rules.most_files)
    if kept.size + content.size > rules.most_mb_record * 2**20:
        raise Wrong("file.full", most=rules.most_mb_record)


def keep(*, kind: str, record_id: UUID, content: Content, name: str, by: Actor, now: datetime) -> File:
    """The same for what the product itself has made; inside a command that has asked for a right of its own."""
    return _put(kind, record_id, content, clean_name(name), by, now)


def _put(
    kind: str, record: UUID, content: Content, name: str, by: Actor, now: datetime, *, field: str = ""
) -> File:  # fmt: skip
    _lock(content.sha256)  # not while it is being swept
    if not store.path_of(content.sha256).exists():
        raise TryLater(file=name)
    _content, is_new = FileContent.objects.get_or_create(sha256=content.sha256, defaults=first_values(name))
    if is_new:
        publish(ContentArrived(sha256=content.sha256), now=now)
    publish(FilesChanged(kind=kind, record=record), now=now)
    return File.objects.create(
        id=uuid7(now), kind=kind, record=record, field=field, name=name, size=content.size, sha256=content.sha256,
        by_id=by.user_id, at=now,
    )  # fmt: skip


@command("files.describe", needs=ATTACH)
def describe(*, file_id: UUID, description: str, by: Actor, now: datetime) -> File:
    """Say what it is. Raises NoSuchFile."""
    file = get_file(file_id, by=by, to_change=True)
    file.description = " ".join(description.split())[:LONGEST_DESCRIPTION]
    file.save(update_fields=["description"])
    return file


@command("files.delete", needs=DELETE)
def delete(*, file_id: UUID, by: Actor, now: datetime) -> File:
    """Take it off the record; it can be restored. Raises NoSuchFile."""
    file = get_file(file_id, by=by, to_change=True)
    file.deleted_at, file.deleted_by_id = now, by.user_id
    file.save(update_fields=["deleted_at", "deleted_by"])
    publish(FilesChanged(kind=file.kind, record=file.record), now=now)
    return file


@command("files.restore", needs=DELETE)
def restore(*, file_id: UUID, by: Actor, now: datetime) -> File:
    """Bring a deleted one back. Raises NoSuchFile."""
    file = get_file(file_id, by=by, to_change=True, deleted_too=True)
    file.deleted_at, file.deleted_by = None, None
    file.save(update_fields=["deleted_at", "deleted_by"])
    publish(FilesChanged(kind=file.kind, record=file.record), now=now)
    return file


@command("files.download", needs=VIEW, reads=True)
def open_file(*, file_id: UUID, by: Actor, now: datetime) -> tuple[File, Path]:
    """A file to be read; that it was read is kept. Raises NotSafe, NoSuchFile, also when its content is gone."""
    file = get_file(file_id, by=by)
    check_is_safe(file)
    return file, store.path_of(file.sha256)


@command("files.change_rules", needs="files.rule")
def change_rules(
    *, most_mb: str, most_files: str, most_mb_record: str, kinds: Collection[str], by: Actor, now: datetime
) -> FileRules:
    """What may be attached from now on; what is attached stays. Raises RulesWrong."""
    given = {
        "most_mb": (most_mb, MOST_MB),
        "most_files": (most_files, MOST_FILES),
        "most_mb_record": (most_mb_record, MOST_MB_RECORD),
    }
    problems: dict[str, Wrong] = {}
    rules = FileRules.objects.select_for_update().order_by("pk").first() or FileRules()
    for name, (text, most) in given.items():
        if text.isdecimal() and 1 <= int(text[:9]) <= most:
            setattr(rules, name, int(text))
        else:
            problems[name] = Wrong("number.large", most=most)
    rules.kinds = [kind for kind in KINDS if kind in kinds]
    if not rules.kinds:
        problems["kinds"] = Wrong("field.required")
    if problems:
        raise RulesWrong(problems=problems)
    rules.save()
    return rules


@command("files.erase", needs="files.rule")
def erase_files(*, kind: str, record_id: UUID, by: Actor, now: datetime) -> int:
    """Take a record's files away for good, with their contents where no other file has the same. How many went."""
    files = list(File.objects.select_for_update().filter(kind=kind, record=record_id))
    File.objects.filter(pk__in=[file.pk for file in files]).delete()
    gone = {file.sha256 for file in files if not is_spoken_of(file.sha256)}
    FileContent.objects.filter(pk__in=gone).delete()
    publish(FilesChanged(kind=kind, record=record_id), now=now)
    transaction.on_commit(lambda: [_sweep(store.path_of(sha256)) for sha256 in gone] and None)
    return len(files)


def sweep(*, now: datetime) -> int:
    """Take away contents that no file has. How many went."""
    return sum(_sweep(path) for path in store.old_contents(now))


def _sweep(path: Path) -> bool:
    with transaction.atomic():
        _lock(path.name)
        if is_spoken_of(path.name):
            return False
        path.unlink(missing_ok=True)
        for made in path.parent.glob(f"{path.name}-*"):  # pages of it that were drawn
            made.unlink(missing_ok=True)
        return True


def _lock(what: str) -> None:
    """Until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [what])
