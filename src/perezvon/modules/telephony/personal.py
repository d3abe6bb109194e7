"""What telephony holds of a person: recordings, and his number in the engine's journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.personal.own import scrub_where
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.interactions.selectors import contacts_of_person
from perezvon.modules.telephony.models import Recording

# Facts that still wait for the history are left alone; it takes them within seconds.
_JOURNALS = (
    ("telephony_callevent", "true"),
    ("telephony_callcommand", "true"),
    ("telephony_callfact", "projected_at IS NOT NULL"),
)


def holder() -> Holder:
    return Holder(
        "telephony",
        lazy("Recordings of calls, numbers in the journal of telephony"),
        order=90,
        export=_export,
        count=lambda subject: _recordings(subject).exclude(path="").count(),
        erase=_erase,
        stays=lazy("That a call was recorded, and who listened, without the sound."),
    )


def _recordings(subject: Subject) -> QuerySet[Recording]:
    return Recording.objects.filter(interaction__in=contacts_of_person(subject.keys, subject.addresses).values("pk"))


def _export(subject: Subject) -> Mapping[str, Rows]:
    rows = _recordings(subject).order_by("began_at").values("interaction__number", "began_at", "seconds", "path")
    return {"recordings": list(rows)}


def _erase(subject: Subject, now: datetime) -> int:
    """The sound goes first: should the rest fail, there is less to be erased the next time."""
    recordings = list(_recordings(subject).exclude(path=""))
    for recording in recordings:
        (Path(settings.RECORDINGS) / Path(recording.path).name).unlink(missing_ok=True)
    Recording.objects.filter(pk__in=[recording.pk for recording in recordings]).update(path="", peaks=None)
    numbers = [address for address in subject.addresses if address.isdigit()]
    return len(recordings) + sum(
        scrub_where(table, "body", number, where) for table, where in _JOURNALS for number in numbers
    )
