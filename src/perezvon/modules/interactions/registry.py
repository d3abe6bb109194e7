"""What modules above know of a contact and its pages show. Filled once, when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.modules.interactions.models import Interaction

# Addresses of the recordings of several contacts, oldest first, as far as the actor may hear them. One query, please.
type Recordings = Callable[[Collection[UUID], Actor], Mapping[UUID, Sequence[str]]]
# What else happened with a customer, as entries of ui/timeline_entry.html. One query, please.
type Entries = Callable[[UUID, Actor], Sequence[dict[str, Any]]]
# Where the actor writes up a contact of his; "" when it is not his, or written up.
type WriteUpUrl = Callable[[Interaction, Actor], str]

# Records that a contact led to, each a line {number, title, url, chip}. One query, please.
type Outcomes = Callable[[Interaction, Actor], Sequence[dict[str, Any]]]

_entries: list[Entries] = []
_outcomes: list[Outcomes] = []
_recordings: list[Recordings] = []
_write_up: list[WriteUpUrl] = []


def register_recordings(look: Recordings) -> None:
    if look not in _recordings:
        _recordings.append(look)


def recordings_of(contacts: Collection[UUID], by: Actor) -> dict[UUID, list[str]]:
    """All that may be heard of each contact."""
    found: dict[UUID, list[str]] = {}
    for look in _recordings if contacts else []:
        for contact, urls in look(contacts, by).items():
            found.setdefault(contact, []).extend(urls)
    return found


def register_entries(look: Entries) -> None:
    """Let something that is no contact stand in the history of a customer: a message, a sale."""
    if look not in _entries:
        _entries.append(look)


def further_entries(customer: UUID, by: Actor) -> list[dict[str, Any]]:
    return [entry for look in _entries for entry in look(customer, by)]


def register_outcomes(look: Outcomes) -> None:
    """Let a contact's page show what it led to: a case, an order."""
    if look not in _outcomes:
        _outcomes.append(look)


def outcomes_of(contact: Interaction, by: Actor) -> list[dict[str, Any]]:
    return [one for look in _outcomes for one in look(contact, by)]


def register_write_up(url: WriteUpUrl) -> None:
    if url not in _write_up:
        _write_up.append(url)


def write_up_url(contact: Interaction, by: Actor) -> str:
    return next((found for url in _write_up if (found := url(contact, by))), "")
