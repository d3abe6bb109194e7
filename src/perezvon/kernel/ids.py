"""Identifiers that anyone may make before asking anyone: UUIDv7, ordered by time."""

from __future__ import annotations

import os
from datetime import datetime
from typing import NewType
from uuid import UUID

CallId = NewType("CallId", UUID)
LegId = NewType("LegId", UUID)
AgentId = NewType("AgentId", int)
QueueId = NewType("QueueId", int)
LineId = NewType("LineId", int)


def uuid7(now: datetime, chance: bytes | None = None) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): milliseconds of `now`, then 74 random bits.

    chance: ten bytes; left out, they come from the operating system.
    """
    if now.tzinfo is None:
        raise ValueError("uuid7 needs an aware time")
    random = int.from_bytes(chance if chance is not None else os.urandom(10), "big") & ((1 << 74) - 1)
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
