"""Days off out of an iCalendar file, as states and calendars publish them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Calendar

from perezvon.kernel.checks import Wrong

MOST_BYTES = 1_000_000
MOST_DAYS = 1500
LONGEST = 60  # days of one entry


def read_days(content: bytes) -> dict[date, str]:
    """Each whole day that the file names, with its words. Entries with hours are appointments and left out.

    Raises Wrong: for a file that is none, is too large, or names no days.
    """
    if len(content) > MOST_BYTES:
        raise Wrong("ical.large", most=MOST_BYTES // 1000)
    try:
        entries = Calendar.from_ical(content).walk("VEVENT")
    except (ValueError, UnicodeError, IndexError, KeyError):
        raise Wrong("ical.unreadable") from None
    found: dict[date, str] = {}
    for entry in entries:
        for on in _days(entry):
            found.setdefault(on, " ".join(str(entry.get("SUMMARY", "")).split())[:100])
    if not found:
        raise Wrong("ical.no_days")
    if len(found) > MOST_DAYS:
        raise Wrong("ical.many", most=MOST_DAYS)
    return found


def _days(entry: object) -> list[date]:
    begins, ends = _date(entry, "DTSTART"), _date(entry, "DTEND")
    if begins is None:
        return []
    count = min(max((ends - begins).days, 1), LONGEST) if ends else 1
    return [begins + timedelta(days=day) for day in range(count)]


def _date(entry: object, name: str) -> date | None:
    """The value when it is a date without a time."""
    value = getattr(entry.get(name), "dt", None)  # type: ignore[attr-defined]
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
