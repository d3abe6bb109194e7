"""How tasks are spoken of: what is wrong, when they are due, how they look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.people.selectors import names_of_people
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.tasks.models import Kind, State, Task

ICONS = {Kind.TODO: "checklist", Kind.MEETING: "users", Kind.CALL: "phone-outgoing", Kind.SMS: "message"}
TONES: dict[str, str] = {
    State.NEW: "accent",
    State.WORK: "talk",
    State.WAITING: "warn",
    State.DONE: "good",
    State.CANCELLED: "",
}
_OURS: dict[str, str | Promise] = {
    "task.closed": lazy("It is closed. Open it again first."),
    "zone.unknown": lazy("There is no such time zone. Write it as Europe/Moscow."),
    "date.wrong": lazy("Choose a date."),
    "date.order": lazy("The end is before the beginning."),
    "number.most": lazy("{most} at most."),
}


def problem_words(wrong: Wrong) -> str:
    if wrong.code in _OURS:
        return str(_OURS[wrong.code]).format(**wrong.facts)
    return common_words(wrong.code, wrong.facts)


def there(moment: datetime | None, zone: str, at_home: str) -> str:
    """ "15:00 there, UTC+6", where the clock differs from the reader's; "" where it does not."""
    if moment is None or not zone:
        return ""
    local, mine = moment.astimezone(ZoneInfo(zone)), moment.astimezone(ZoneInfo(at_home))
    if local.utcoffset() == mine.utcoffset():
        return ""
    return _("{time} at the customer's ({zone})").format(time=f"{local:%H:%M}", zone=offset_of(local))


def offset_of(local: datetime) -> str:
    """ "UTC+6", "UTC+5:30"."""
    minutes = int((local.utcoffset() or local - local).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes >= 0 else '-'}{hours}{f':{rest:02}' if rest else ''}"


def home_zone() -> str:
    return timezone.get_current_timezone_name()


def due_note(task: Task) -> str:
    """By whose clock it was promised, when that is not the reader's."""
    return there(task.due_at, task.zone, home_zone())


@say("tasks.wrong")
def _wrong(error: PerezvonError) -> str:
    problems: Mapping[str, Wrong] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(problem_words(wrong) for wrong in problems.values())


@say("tasks.outside_hours")
def _outside(error: PerezvonError) -> str:
    return _(
        "It would be {there} at the customer's ({zone}). He may be called from {begins} to {ends} by his clock."
    ).format(**error.facts)


@say("tasks.not_yours")
def _not_yours(_error: PerezvonError) -> str:
    return _("Somebody else has this task. Ask him to hand it over, or ask your supervisor.")


@say("tasks.no_such_move")
def _no_move(_error: PerezvonError) -> str:
    return _("The task is closed. Open it again first.")


@say("tasks.changed_meanwhile")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this task meanwhile. Open it again; nothing of yours was saved.")


@say("tasks.nobody_takes")
def _nobody(error: PerezvonError) -> str:
    key = error.facts.get("user")
    name = names_of_people([key]).get(key, "") if isinstance(key, int) else ""
    return _("{name} cannot be given tasks of this project.").format(name=name or _("This person"))


@say("tasks.nothing_offered")
def _nothing(_error: PerezvonError) -> str:
    return _("This offer is not open any more: it was answered, taken back, or the task is closed.")


@say("tasks.reason_missing")
def _reason(_error: PerezvonError) -> str:
    return _("Say why you give it back.")
