"""What files hold of a person: all of them that are attached to his cards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import System
from perezvon.foundation.files.models import File
from perezvon.foundation.files.services import erase_files
from perezvon.foundation.history.erasing import erase_values, rows_ever
from perezvon.foundation.personal.registry import Holder, Rows, Subject

_BY = System(name="erasure")


def holder() -> Holder:
    return Holder("files", lazy("Files of his cards, with their contents"), 70, _export, _count, _erase)


def _files_of(subject: Subject) -> QuerySet[File]:
    return File.objects.filter(record__in=subject.keys)


def _export(subject: Subject) -> Mapping[str, Rows]:
    """What there is; the contents are downloaded from the card."""
    return {"files": list(_files_of(subject).order_by("at").values("name", "description", "size", "at", "deleted_at"))}


def _count(subject: Subject) -> int:
    return _files_of(subject).count()


def _erase(subject: Subject, now: datetime) -> int:
    rows = {str(key) for key in _files_of(subject).values_list("pk", flat=True)}
    rows |= set(rows_ever(File._meta.db_table, "record", subject.keys))
    kinds = set(_files_of(subject).values_list("kind", "record"))
    erased = sum(erase_files(kind=kind, record_id=record, by=_BY, now=now) for kind, record in kinds)
    erase_values(File._meta.db_table, rows)
    return erased
