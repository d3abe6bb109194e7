"""Contacts lie above this module: whoever keeps them says which of them somebody may see.

register_contacts(lambda contact_id, by: find_interaction(contact_id, by=by) is not None)     # in registrations.py
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from perezvon.foundation.access import Person

type IsOpen = Callable[[UUID, Person], bool]

_askers: list[IsOpen] = []


def register_contacts(asker: IsOpen) -> None:
    if asker not in _askers:
        _askers.append(asker)


def is_open(contact: UUID, by: Person) -> bool:
    """Whether there is such a contact, and he sees it."""
    return any(asker(contact, by) for asker in _askers)
