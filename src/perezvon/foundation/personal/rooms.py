"""What rooms of the foundation hold of a person: files on his cards, rows of imports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.files.models import File
from perezvon.foundation.history.erasing import erase_values, rows_ever
from perezvon.foundation.imports.models import ImportRow
from perezvon.foundation.personal.registry import Holder, Rows, Subject

_FILE = ("name", "description", "size", "at", "deleted_at")
_ROW = ("of__file_name", "of__created_at", "act", "title", "undo")


def files() -> Holder:
    return Holder(
        "files",
        lazy("Files"),
        order=60,
        export=lambda subject: {"files": list(File.objects.filter(record__in=subject.keys).values(*_FILE))},
        count=lambda subject: File.objects.filter(record__in=subject.keys).count(),
        erase=_erase_files,
        stays=lazy("That there were files. Their content is taken off the disk by the nightly sweep."),
    )


def _erase_files(subject: Subject, now: datetime) -> int:
    rows = set(rows_ever(File._meta.db_table, "record", subject.keys))
    gone = File.objects.filter(record__in=subject.keys)
    rows |= {str(key) for key in gone.values_list("pk", flat=True)}
    erased = gone.delete()[0]
    erase_values(File._meta.db_table, rows)
    return erased


def imports() -> Holder:
    return Holder(
        "imports",
        lazy("Rows of imports"),
        order=50,
        export=_export_rows,
        count=lambda subject: ImportRow.objects.filter(record__in=subject.keys).count(),
        erase=_erase_rows,
        stays=lazy("That a row was imported. Refused rows are nobody's yet; they go when their import is forgotten."),
    )


def _export_rows(subject: Subject) -> Mapping[str, Rows]:
    return {"rows": list(ImportRow.objects.filter(record__in=subject.keys).order_by("pk").values(*_ROW))}


def _erase_rows(subject: Subject, now: datetime) -> int:
    """An import whose row has nothing to go back to leaves that record alone when it is undone."""
    return ImportRow.objects.filter(record__in=subject.keys).update(title="", undo=None, cells=None)
