"""Kinds of records with a card, and the sections that modules offer for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils.functional import Promise

from perezvon.kernel.errors import NotFound

ZONES = ("top", "side", "main")


class NoSuchCard(NotFound):
    code = "records.no_such_card"


@dataclass(frozen=True, slots=True)
class Slot:
    """A section that a card can show. zone and position: where it stands when nobody has arranged it, or "hidden"."""

    code: str
    label: str | Promise
    zone: str = "main"
    position: int = 100


@dataclass(frozen=True, slots=True)
class Card:
    """slots: all sections that there can be. variants: sorts of records that may look differently, (code, label)."""

    kind: str
    label: str | Promise
    slots: Callable[[], Sequence[Slot]]
    variants: tuple[tuple[str, str | Promise], ...] = ()


_cards: dict[str, Card] = {}


def register_card(card: Card) -> None:
    """Let an administrator arrange the cards of this kind."""
    _cards[card.kind] = card


def cards() -> list[Card]:
    return list(_cards.values())


def card_of(kind: str) -> Card:
    """Raises NoSuchCard."""
    if kind not in _cards:
        raise NoSuchCard(kind=kind)
    return _cards[kind]


# Columns that hold the key of a record of any kind: (model, column). Keys are unique over all kinds, and what moves a
# record's belongings to another record, as merging does, moves these with them.
_pointers: list[tuple[type[Model], str]] = []


def register_pointer(model: type[Model], column: str) -> None:
    """Let rows of `model` follow their record when it becomes another one."""
    if (model, column) not in _pointers:
        _pointers.append((model, column))


def pointers() -> list[tuple[type[Model], str]]:
    return list(_pointers)
