"""Kinds of records with a card, and the sections that modules offer for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
