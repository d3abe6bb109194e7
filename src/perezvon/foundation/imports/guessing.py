"""What a table probably means: which row has the headers, and which column fills which field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from perezvon.foundation.fields.models import Type
from perezvon.foundation.imports.registry import As, Target
from perezvon.foundation.imports.setup import Column
from perezvon.kernel.phone import parse_phone

LOOKED_AT = 20
_WORD = re.compile(r"[^\w]+")
_NUMERIC = re.compile(r"[\d\s.,+\-/()%:]+")
_PHONE = re.compile(r"\+?[\d\s()\-]{10,18}")
_DATE = re.compile(r"(\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d{2}-\d{2})( \d{1,2}:\d{2}(:\d{2})?)?")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,2}([ \u00a0]\d{3})+|[1-9]\d{0,8})([.,]\d+)?")
_EMAIL = re.compile(r"\S+@\S+\.\S+")


def guess_header(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """The number of the row whose cells look like headers: full, different, no numbers; 0 when there is none."""
    width = max((_filled(cells) for _, cells in rows[:LOOKED_AT]), default=0)
    for number, cells in rows[:LOOKED_AT]:
        filled = [cell for cell in cells if cell]
        words = [cell for cell in filled if not _NUMERIC.fullmatch(cell) and "@" not in cell]
        if len(filled) * 5 >= width * 3 and len(words) == len(filled):
            return number
    return 0


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def guess_columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], targets: Iterable[Target], words: Mapping[str, Iterable[str]]
) -> dict[int, Column]:
    """words: what headers call each target, by its code. First by header, then, for those left, by what is in them."""
    targets = list(targets)
    named = {_plain(word): one for one in targets for word in words.get(one.code, ()) if _plain(word)}
    found: dict[int, Column] = {}
    taken: set[str] = set()
    for place, head in enumerate(headers):
        target = named.get(_plain(re.sub(r" \(\d+\)$", "", head))) or _within(_plain(head), named)
        if target and (target.many or target.code not in taken) and not _is_masked(place, rows):
            found[place] = Column(to=target.code, date=date_order(place, rows))
            taken.add(target.code)
    for place in range(len(headers)):
        if place not in found and (target := _by_values(_values(place, rows), targets)) and target.code not in taken:
            found[place] = Column(to=target.code)
            taken.add(target.code)
    return found


def _plain(text: str) -> str:
    return " ".join(_WORD.sub(" ", text.lower().replace("\u0451", "\u0435")).split())


def _within(head: str, named: Mapping[str, Target]) -> Target | None:
    """The longest known word that the header begins with or holds as a whole."""
    fits = [word for word in named if len(word) > 2 and re.search(rf"\b{re.escape(word)}\b", head)]
    return named[max(fits, key=len)] if fits else None


def _values(place: int, rows: Sequence[Sequence[str]]) -> list[str]:
    return [row[place] for row in rows if place < len(row) and row[place]]


def _is_masked(place: int, rows: Sequence[Sequence[str]]) -> bool:
    return any("\u2022" in value for value in _values(place, rows))


def _by_values(values: Sequence[str], targets: Sequence[Target]) -> Target | None:
    if not values:
        return None
    if all(_EMAIL.fullmatch(value) for value in values):
        return next((one for one in targets if one.code == "email"), None)
    if all(_PHONE.fullmatch(value) and parse_phone(value) for value in values):
        return next((one for one in targets if one.type == As.PHONE), None)
    return None


def guess_type(values: Sequence[str]) -> str:
    """The type of a field for these cells; text where they do not agree, and where a number would lose its zeros."""
    filled = [value for value in values if value]
    fits = (
        (Type.EMAIL, lambda text: bool(_EMAIL.fullmatch(text))),
        (Type.DATE, lambda text: bool(_DATE.fullmatch(text))),
        (Type.NUMBER, lambda text: bool(_NUMBER.fullmatch(text))),
        (Type.PHONE, lambda text: bool(_PHONE.fullmatch(text) and parse_phone(text))),
    )
    return next((str(type_) for type_, fit in fits if filled and all(map(fit, filled))), str(Type.TEXT))


def date_order(place: int, rows: Sequence[Sequence[str]]) -> str:
    """Month first only where the second number cannot be a month."""
    pairs = [re.match(r"(\d{1,2})[./\-](\d{1,2})[./\-]\d{2,4}", value) for value in _values(place, rows)]
    seconds = [int(pair[2]) for pair in pairs if pair]
    firsts = [int(pair[1]) for pair in pairs if pair]
    return "mdy" if any(one > 12 for one in seconds) and all(one <= 12 for one in firsts) else "dmy"
