"""Words for what is wrong with a calendar."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError

_OURS: dict[str, str | Promise] = {
    "hours.form": lazy("“{piece}” is no time span. Write it as 09:00-13:00, 14:00-18:00."),
    "hours.empty": lazy("“{piece}” has no length. A whole day is 00:00-24:00."),
    "hours.overlap": lazy("Two spans overlap."),
    "hours.many": lazy("{most} spans a day at most."),
    "zone.unknown": lazy("There is no such time zone. Write it as Europe/Moscow."),
    "date.wrong": lazy("Choose a date."),
    "ical.large": lazy("The file is larger than {most} kB."),
    "ical.unreadable": lazy("This is no calendar file (.ics)."),
    "ical.no_days": lazy("The file names no whole days."),
    "ical.many": lazy("The file names more than {most} days."),
}


def problem_words(wrong: Wrong) -> str:
    if wrong.code in _OURS:
        return str(_OURS[wrong.code]).format(**wrong.facts)
    return common_words(wrong.code, wrong.facts)


@say("calendars.wrong")
def _wrong(error: PerezvonError) -> str:
    problems: Mapping[str, Wrong] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(problem_words(wrong) for wrong in problems.values())


@say("calendars.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this calendar meanwhile. Open it again; nothing of yours was saved.")
