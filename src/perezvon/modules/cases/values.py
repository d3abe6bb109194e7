"""What people type about a case, made into what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from perezvon.foundation.fields import values as own_values
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong

LONGEST_SUBJECT, LONGEST_TEXT = 200, 20_000
KEYS = ("category", "topic", "product")
OWN = ("subject", "text", *KEYS, "priority", "promised")
_END_OF_DAY = time(23, 59)
_LONGEST_KEY = 18


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen: keys of categories, topics and products."""

    category: frozenset[int] = frozenset()
    topic: frozenset[int] = frozenset()
    product: frozenset[int] = frozenset()
    priority: frozenset[int] = frozenset({1, 2, 3, 4})


@dataclass(slots=True)
class Cleaned:
    """values: of the fields given, own ones as custom_<key>. problems: why others cannot be taken."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Wrong] = field(default_factory=dict)


def clean(
    typed: Mapping[str, str],
    choices: Choices,
    fields: Sequence[Field],
    kept: Mapping[str, Any],
    *,
    zone: str,
) -> Cleaned:
    """Read what was typed; all that is wrong at once. zone: in which a date without one is meant."""
    cleaned = Cleaned()
    for name in OWN:
        if name in typed:
            try:
                cleaned.values[name] = _read(name, typed[name].strip(), choices, zone)
            except Wrong as wrong:
                cleaned.problems[name] = wrong
    found = own_values.clean(fields, typed, kept)
    cleaned.values |= {f"{PREFIX}{key}": value for key, value in found.values.items()}
    cleaned.problems |= {f"{PREFIX}{key}": wrong for key, wrong in found.wrong.items()}
    return cleaned


def _read(name: str, text: str, choices: Choices, zone: str) -> Any:
    if name == "subject":
        return _subject(text)
    if name == "text":
        if len(text) > LONGEST_TEXT:
            raise Wrong("text.long", most=LONGEST_TEXT)
        return text
    if name == "promised":
        return moment(text, zone)
    return _key(text, getattr(choices, name), required=name == "priority")


def _subject(text: str) -> str:
    subject = " ".join(text.split())
    if not subject:
        raise Wrong("field.required")
    if len(subject) > LONGEST_SUBJECT:
        raise Wrong("text.long", most=LONGEST_SUBJECT)
    return subject


def _key(text: str, known: frozenset[int], *, required: bool) -> int | None:
    if not text and not required:
        return None
    if not text.isdecimal() or len(text) > _LONGEST_KEY or int(text) not in known:
        raise Wrong("choice.unknown")
    return int(text)


def moment(text: str, zone: str) -> datetime | None:
    """24.11.2026 18:00, as people type it or as browsers send it; a day alone is meant until its end. Raises Wrong."""
    if not text:
        return None
    day, _, hours = text.replace("T", " ").partition(" ")
    found = checks.day(day)
    try:
        at = time.fromisoformat(hours.strip()) if hours.strip() else _END_OF_DAY
        return datetime.combine(found, at, ZoneInfo(zone))
    except ValueError:
        raise Wrong("date.form") from None


def moment_text(at: datetime | None, zone: str) -> str:
    """The same the other way round."""
    return at.astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M") if at else ""
