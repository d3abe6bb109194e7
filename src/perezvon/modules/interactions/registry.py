"""What modules above know of a contact and its pages show. Filled once, when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.modules.interactions.models import Interaction

# Addresses of the recordings of several contacts, oldest first, as far as the actor may hear them. One query, please.
type Recordings = Callable[[Collection[UUID], Actor], Mapping[UUID, Sequence[str]]]
# What else happened with a customer, as entries of ui/timeline_entry.html. One query, please.
type Entries = Callable[[UUID, Actor], Sequence[dict[str, Any]]]
# What hangs on contacts, as chips {text, tone} of their entries in a history: the tasks that came of them. One query.
type Marks = Callable[[Collection[UUID], Actor], Mapping[UUID, Sequence[Mapping[str, str]]]]
# What was found out in conversations of several contacts, as interactions/_findings.html takes it. One query.
type Findings = Callable[[Collection[UUID], Actor], Sequence[dict[str, Any]]]
# Where the actor writes up a contact of his; "" when it is not his, or written up.
type WriteUpUrl = Callable[[Interaction, Actor], str]

# Records that a contact led to, each a line {number, title, url, chip}. One query, please.
type Outcomes = Callable[[Interaction, Actor], Sequence[dict[str, Any]]]

_entries: list[Entries] = []
_findings: list[Findings] = []
_outcomes: list[Outcomes] = []
_recordings: list[Recordings] = []
_marks: list[Marks] = []
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


def register_findings(look: Findings) -> None:
    """Let what was said in a contact be read by whoever works on what came of it: a task, a case, an order."""
    if look not in _findings:
        _findings.append(look)


def findings_of(contacts: Collection[UUID], by: Actor) -> list[dict[str, Any]]:
    """Of the contacts that the actor sees."""
    return [one for look in _findings if contacts for one in look(contacts, by)]


def register_marks(look: Marks) -> None:
    if look not in _marks:
        _marks.append(look)


def marks_of(contacts: Collection[UUID], by: Actor) -> dict[UUID, list[Mapping[str, str]]]:
    """All that hangs on each contact, as far as the actor sees it."""
    found: dict[UUID, list[Mapping[str, str]]] = {}
    for look in _marks if contacts else []:
        for contact, marks in look(contacts, by).items():
            found.setdefault(contact, []).extend(marks)
    return found


@dataclass(frozen=True, slots=True)
class ContactSection:
    """A part of the contact's page. context: what `template` is given, with `contact` added; needs: a right."""

    code: str
    template: str
    context: Callable[[Interaction, Actor, datetime], Mapping[str, Any]]
    needs: str


_sections: dict[str, ContactSection] = {}


def register_contact_section(section: ContactSection) -> None:
    """Add a part to the page of a contact. The same code twice is a mistake of the programmer."""
    if _sections.setdefault(section.code, section) != section:
        raise ValueError(f"the section {section.code} of contacts is registered twice")


def contact_sections(contact: Interaction, by: Actor, now: datetime) -> list[dict[str, Any]]:
    """Those that the actor's rights open to him, as templates and what they take."""
    return [
        {"template": one.template, "values": {**one.context(contact, by, now), "contact": contact, "now": now}}
        for one in _sections.values()
        if by.may(one.needs)
    ]


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
