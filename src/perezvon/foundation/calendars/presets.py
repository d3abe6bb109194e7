"""Days that a country's law sets. Data with its source: whoever takes them over checks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from perezvon.foundation.calendars.models import DayKind

LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class PresetDay:
    """short_by: minutes that the working day is shorter. like: the weekday whose hours a worked day off has."""

    on: date
    kind: DayKind
    name: dict[str, str]
    short_by: int = 0
    like: int = 4  # Friday


@dataclass(frozen=True, slots=True)
class Preset:
    code: str
    title: str
    source: str
    days: tuple[PresetDay, ...]


def _names(text: str) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with override(language):
            found[language] = gettext(text)
    return found


_NEW_YEAR, _CHRISTMAS = _("New Year holidays"), _("Christmas")
_DEFENDER, _WOMEN = _("Defender of the Fatherland Day"), _("International Women's Day")
_LABOUR, _VICTORY = _("Spring and Labour Day"), _("Victory Day")
_RUSSIA, _UNITY = _("Russia Day"), _("National Unity Day")
_MOVED, _SHORT, _WORKED = _("Day off moved from a weekend"), _("Day before a holiday"), _("Working Saturday")

# The holidays of article 112 of the Labour Code; those that fall on a weekend move to the next working day, but for
# the New Year's, which the government moves.
_FIXED = (
    *((1, day, _NEW_YEAR) for day in (1, 2, 3, 4, 5, 6, 8)),
    (1, 7, _CHRISTMAS),
    (2, 23, _DEFENDER),
    (3, 8, _WOMEN),
    (5, 1, _LABOUR),
    (5, 9, _VICTORY),
    (6, 12, _RUSSIA),
    (11, 4, _UNITY),
)
_SHORT_BY = 60  # article 95: the working day before a holiday is an hour shorter

# (month, day) off by decision of the government, worked Saturdays, days an hour shorter
_RUSSIAN = {
    2026: (
        ((1, 9), (3, 9), (5, 11), (12, 31)),
        (),
        ((4, 30), (5, 8), (6, 11), (11, 3)),
        _("Labour Code, articles 95 and 112; government decree 1466 of 24.09.2025. Check it before you rely on it."),
    ),
    2027: (
        ((2, 22), (5, 3), (5, 10), (6, 14), (11, 5), (12, 31)),
        ((2, 20),),
        ((4, 30), (6, 11), (11, 3)),
        _("Labour Code, articles 95 and 112; the government's moves of 2027 as they were announced. Check it before "
          "you rely on it."),
    ),
}  # fmt: skip


def presets() -> dict[str, Preset]:
    """All that there are, by code: ru2026. Their words in the languages of now."""
    return {f"ru{year}": _russian(year) for year in _RUSSIAN}


def _russian(year: int) -> Preset:
    title = gettext("Russia, production calendar of {year}").format(year=year)
    return Preset(f"ru{year}", title, gettext(_RUSSIAN[year][3]), tuple(sorted(_days(year), key=lambda one: one.on)))


def _days(year: int) -> Iterator[PresetDay]:
    moved, worked, short, _source = _RUSSIAN[year]
    for month, day, name in _FIXED:
        yield PresetDay(date(year, month, day), DayKind.HOLIDAY, _names(name))
    for month, day in moved:
        yield PresetDay(date(year, month, day), DayKind.HOLIDAY, _names(_MOVED))
    for month, day in worked:
        on = date(year, month, day)
        is_eve = _is_holiday(on + timedelta(days=3), year)  # a Saturday before the days off that it was given for
        yield PresetDay(on, DayKind.WORKING, _names(_WORKED), _SHORT_BY if is_eve else 0)
    for month, day in short:
        yield PresetDay(date(year, month, day), DayKind.SHORT, _names(_SHORT), _SHORT_BY)


def _is_holiday(on: date, year: int) -> bool:
    return on.year == year and any((on.month, on.day) == (month, day) for month, day, _name in _FIXED)
