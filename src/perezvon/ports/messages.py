"""What we ask of whoever carries short messages and letters to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from perezvon.kernel.errors import PerezvonError, Refused, TryLater


class Way(StrEnum):
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter. kind: as mail names it, "application/pdf"."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """to: a telephone number in E.164 or an e-mail address. subject, attachments: of a letter only.

    id: ours, the same each time the same message is sent: the other side may know a repetition by it.
    """

    way: Way
    to: str
    text: str
    subject: str = ""
    id: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and the moment it was handed over."""

    message: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side has taken the message. provider_id: what it calls it, as far as it says."""

    provider_id: str = ""


class Outcome(StrEnum):
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNDER_WAY = "under_way"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message that was handed over."""

    provider_id: str
    outcome: Outcome
    said: str = ""


class NotTaken(TryLater):
    """The other side is away or busy and has certainly not taken it. facts: said."""

    code = "messages.not_taken"


class Rejected(Refused):
    """The other side will never take it like this. facts: said."""

    code = "messages.rejected"


class Unsure(PerezvonError):
    """It was handed over and nothing came back: it may have been taken. facts: said."""

    code = "messages.unsure"


class WrongSettings(Refused):
    """facts: name (of the setting), why."""

    code = "messages.wrong_settings"
    http_status = 422


class Messenger(Protocol):
    """Carries messages. knows_repeats: one sent twice under the same id arrives once, or is known by it."""

    knows_repeats: bool

    def send(self, message: Message, *, now: datetime) -> Receipt:
        """Raises NotTaken, Rejected, Unsure."""
        ...

    def recent(self, limit: int) -> Sequence[Sent]:
        """What was sent last, newest first; nothing where the connector keeps nothing."""
        ...

    def read_report(self, given: Mapping[str, str]) -> Report | None:
        """What a call of the other side says about a message; None when it says nothing, or never calls."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What an administrator tells a connector. kind: text, number, choice, lines or secret; choices: codes."""

    name: str
    kind: str = "text"
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A connector that can be set up. make: raises WrongSettings.

    reports: the other side calls us about deliveries.
    """

    code: str
    ways: tuple[Way, ...]
    make: Callable[[Mapping[str, str]], Messenger]
    settings: tuple[Setting, ...] = field(default=())
    reports: bool = False
