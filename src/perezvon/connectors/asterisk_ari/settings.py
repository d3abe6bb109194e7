"""Where an Asterisk is, and what it calls our phones and lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

APP = "perezvon"
PHONE = "agent"
TRUNK = "trunk"
SOUNDS = "perezvon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """url: of its HTTP server, e.g. http://127.0.0.1:8088. user, password: the same for ARI and AMI.

    manager: host and port of AMI. recordings: where finished recordings are brought.
    ping_s: how often it is asked for a sign of life.
    """

    url: str
    user: str
    password: str = field(repr=False)
    manager: tuple[str, int]
    recordings: Path
    ping_s: float = 10.0
