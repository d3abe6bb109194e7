"""What documents hold of a person: whole letters about him. They go, with their contents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import System
from perezvon.foundation.files.models import File
from perezvon.foundation.files.services import erase_files
from perezvon.foundation.history.erasing import ERASED, erase_values, rows_ever
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.documents.models import Document
from perezvon.modules.documents.services import FILE

_BY = System(name="erasure")


def holder() -> Holder:
    return Holder(
        "documents",
        lazy("Documents made for him, with their contents"),
        order=72,
        export=_export,
        count=lambda subject: _documents_of(subject).count(),
        erase=_erase,
        stays=lazy("Number, day and template of each document: the journal of outgoing letters needs them."),
    )


def _documents_of(subject: Subject) -> QuerySet[Document]:
    return Document.objects.filter(Q(customer__in=subject.keys) | Q(record__in=subject.keys))


def _export(subject: Subject) -> Mapping[str, Rows]:
    """What there is; the files are downloaded from the card."""
    rows = _documents_of(subject).order_by("made_at").values("number", "title", "about", "made_at", "sent_at")
    return {"documents": list(rows)}


def _erase(subject: Subject, now: datetime) -> int:
    keys = list(_documents_of(subject).select_for_update().order_by("pk").values_list("pk", flat=True))
    files = {str(key) for key in File.objects.filter(record__in=keys).values_list("pk", flat=True)}
    files |= set(rows_ever(File._meta.db_table, "record", keys))
    Document.objects.filter(pk__in=keys).update(file=None, about=ERASED, client=ERASED, sha256="")
    for key in keys:
        erase_files(kind=FILE, record_id=key, by=_BY, now=now)
    erase_values(File._meta.db_table, files)
    erase_values(Document._meta.db_table, keys)
    return len(keys)
