"""Kinds of records that files can be attached to. Modules register theirs when the process starts.

register_file_owner(FileOwner("customer", get_customer, card_url, label_of))     # in registrations.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Model

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound


class NoSuchOwner(NotFound):
    code = "files.no_such_owner"


@dataclass(frozen=True, slots=True)
class FileOwner:
    """get: the record, for whoever sees it; raises NotFound for others, so that its files are closed to them too.

    url: the page of the record; label: its name there. may_change: whether he who sees it may attach and delete, too.
    """

    kind: str
    get: Callable[[UUID, Actor], Model]
    url: Callable[[UUID], str]
    label: Callable[[Model], str]
    may_change: Callable[[Model, Actor], bool] = lambda _record, _by: True


_owners: dict[str, FileOwner] = {}


def register_file_owner(owner: FileOwner) -> None:
    """Let records of this kind have files. Registering again replaces, which happens in tests only."""
    _owners[owner.kind] = owner


def owner_of(kind: str) -> FileOwner:
    """Raises NoSuchOwner."""
    if kind not in _owners:
        raise NoSuchOwner(kind=kind)
    return _owners[kind]
