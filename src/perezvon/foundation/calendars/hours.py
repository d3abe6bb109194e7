"""Hours of a day as people write them: "09:00-13:00, 14:00-18:00"; "22:00-06:00" passes midnight."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from perezvon.cores.worktime import Frame
from perezvon.kernel.checks import Wrong

DAY = 24 * 60
MOST_FRAMES = 6
_FRAME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-\u2013\u2014]\s*(\d{1,2})(?::(\d{2}))?")


def read_hours(text: str) -> tuple[Frame, ...]:
    """The frames of a day, in order; none for an empty text. Raises Wrong."""
    pieces = [piece.strip() for piece in re.split(r"[,;]", text) if piece.strip()]
    if len(pieces) > MOST_FRAMES:
        raise Wrong("hours.many", most=MOST_FRAMES)
    frames = sorted(_read(piece) for piece in pieces)
    if any(later.begins < earlier.ends for earlier, later in pairwise(frames)):
        raise Wrong("hours.overlap")
    return tuple(frames)


def write_hours(frames: Iterable[Frame]) -> str:
    return ", ".join(f"{clock(frame.begins)}-{clock(frame.ends)}" for frame in frames)


def clock(minutes: int) -> str:
    """ "18:00"; a day's end is 24:00, what lies behind midnight is told as the wall shows it."""
    shown = minutes if minutes <= DAY else minutes - DAY
    return f"{shown // 60:02}:{shown % 60:02}"


def _read(piece: str) -> Frame:
    found = _FRAME.fullmatch(piece)
    if found is None:
        raise Wrong("hours.form", piece=piece[:40])
    begins = int(found[1]) * 60 + int(found[2] or 0)
    ends = int(found[3]) * 60 + int(found[4] or 0)
    sixties = (found[2] or "0", found[4] or "0")
    if begins >= DAY or ends > DAY or any(int(minutes) >= 60 for minutes in sixties):
        raise Wrong("hours.form", piece=piece[:40])
    if begins == ends:
        raise Wrong("hours.empty", piece=piece[:40])
    return Frame(begins, ends if ends > begins else ends + DAY)
