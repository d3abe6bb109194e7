"""What rooms of the foundation hold of a person: files on his cards, rows of imports, messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.files.models import File
from perezvon.foundation.history.erasing import ERASED, erase_values, rows_ever
from perezvon.foundation.imports.models import ImportRow
from perezvon.foundation.messages.models import Message, State
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


_MESSAGE = ("channel", "to", "subject", "text", "state", "created_at", "sent_at")


def messages() -> Holder:
    return Holder(
        "messages",
        lazy("Messages sent to him"),
        order=55,
        export=lambda subject: {"messages": list(_messages(subject).order_by("created_at").values(*_MESSAGE))},
        count=lambda subject: _messages(subject).count(),
        erase=_erase_messages,
        stays=lazy("That a message was sent, when and by whom, without text and address."),
    )


def _messages(subject: Subject) -> QuerySet[Message]:
    to = {f"+{one}" if one.isdigit() else one for one in subject.addresses}
    return Message.objects.filter(Q(record__in=subject.keys) | Q(to__in=to) | Q(to__in=subject.addresses))


def _erase_messages(subject: Subject, now: datetime) -> int:
    """What still waits is not sent any more."""
    messages = _messages(subject)
    messages.filter(state__in=[State.QUEUED, State.SENDING]).update(state=State.CANCELLED, next_at=None)
    return messages.update(to=ERASED, subject="", text=ERASED, said="")
