"""May somebody be contacted, on this channel, for this purpose, on this day? The one decision that everything asks
that dials or sends.

In this order: a line of the do-not-contact register that covers the contact forbids it; then a withdrawn consent
does; then, where the purpose needs consent, its absence or end does. A contact for no purpose of ours, what the
customer has asked for himself, is forbidden by a line for whatever purpose only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ANY = "any"


class Why(StrEnum):
    PERSON_BANNED = "person_banned"
    ADDRESS_BANNED = "address_banned"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Ban:
    """A line in force unless its last day is over. purpose: "" for whatever purpose. of_person: else of an address."""

    channel: str = ANY
    purpose: str = ""
    until: date | None = None
    of_person: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """What the customer said of a purpose: yes or no, from that day on, for a yes until its last day."""

    purpose: str
    channel: str
    is_given: bool
    on: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """The purpose of a contact. code: "" for what the customer asked for himself."""

    code: str = ""
    needs_consent: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """until: the last day of a ban, or of a consent that is over. reason: what the register says."""

    why: Why
    until: date | None = None
    reason: str = ""
    purpose: str = ""


def may_contact(*, channel: str, aim: Aim, bans: Iterable[Ban], words: Sequence[Word], today: date) -> Refusal | None:
    """None when he may be contacted. words: in the order in which they were said."""
    for ban in bans:
        if _covers(ban, channel, aim, today):
            why = Why.PERSON_BANNED if ban.of_person else Why.ADDRESS_BANNED
            return Refusal(why, ban.until, ban.reason, aim.code)
    if not aim.code:
        return None
    word = last_word(words, aim.code, channel)
    if word is None:
        return Refusal(Why.MISSING, purpose=aim.code) if aim.needs_consent else None
    if not word.is_given:
        return Refusal(Why.WITHDRAWN, purpose=aim.code)
    if aim.needs_consent and word.until is not None and word.until < today:
        return Refusal(Why.ENDED, word.until, purpose=aim.code)
    return None


def last_word(words: Sequence[Word], purpose: str, channel: str) -> Word | None:
    """What counts for the purpose on the channel: the latest word that covers it, of one day the one said last."""
    covering = [word for word in words if word.purpose == purpose and word.channel in {channel, ANY}]
    return max(enumerate(covering), key=lambda pair: (pair[1].on, pair[0]))[1] if covering else None


def _covers(ban: Ban, channel: str, aim: Aim, today: date) -> bool:
    in_force = ban.until is None or ban.until >= today
    return in_force and ban.channel in {channel, ANY} and ban.purpose in {"", aim.code}
