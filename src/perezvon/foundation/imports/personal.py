"""What imports hold of a person: the rows that made or changed his cards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.imports.models import ImportRow
from perezvon.foundation.personal.registry import Holder, Rows, Subject

_ROW = ("of__file_name", "of__created_at", "act", "title", "undo")


def holder() -> Holder:
    return Holder(
        "imports",
        lazy("Rows of imports"),
        order=50,
        export=_export,
        count=lambda subject: ImportRow.objects.filter(record__in=subject.keys).count(),
        erase=_erase,
        stays=lazy("That a row was imported. Refused rows are nobody's yet; they go when their import is forgotten."),
    )


def _export(subject: Subject) -> Mapping[str, Rows]:
    return {"rows": list(ImportRow.objects.filter(record__in=subject.keys).order_by("pk").values(*_ROW))}


def _erase(subject: Subject, now: datetime) -> int:
    """An import whose row has nothing to go back to leaves that record alone when it is undone."""
    return ImportRow.objects.filter(record__in=subject.keys).update(title="", undo=None, cells=None)
