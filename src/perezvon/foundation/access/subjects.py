"""What somebody may see beside what he may do: kinds of records that modules let one ask about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from perezvon.foundation.access.actors import Actor


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record. label: lazy text; hint: what is typed to name one.

    find: the key and the name of the record that a text means, for whoever may see it; None for nothing.
    is_seen: whether an actor sees the record of that key; the module answers with the code that its pages ask.
    """

    kind: str
    label: str | Promise
    hint: str | Promise
    find: Callable[[str, Actor], tuple[str, str] | None]
    is_seen: Callable[[Actor, str], bool]


_subjects: dict[str, Subject] = {}


def register_subject(subject: Subject) -> None:
    if _subjects.setdefault(subject.kind, subject) != subject:
        raise ValueError(f"the subject {subject.kind} is registered twice")


def subjects() -> dict[str, Subject]:
    return dict(_subjects)
