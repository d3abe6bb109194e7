"""What we ask of whoever carries short messages and letters to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Way(StrEnum):
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Message:
    """to: a telephone number in E.164 or an e-mail address. subject: of a letter only."""

    way: Way
    to: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and the moment it was handed over."""

    message: Message
    at: datetime


class Messenger(Protocol):
    """Carries messages. Raises TryLater when the other side is away, Refused for an address it cannot reach."""

    def send(self, message: Message, *, now: datetime) -> None: ...

    def recent(self, limit: int) -> Sequence[Sent]:
        """What was sent last, newest first; nothing where the connector keeps nothing."""
