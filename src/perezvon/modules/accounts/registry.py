"""What other modules do when somebody signs out: they must answer within the same request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from perezvon.foundation.access import Person

type Farewell = Callable[[Person, datetime], None]

_farewells: list[Farewell] = []


def before_sign_out(farewell: Farewell) -> None:
    """Register something to be done for everybody who signs out."""
    if farewell not in _farewells:
        _farewells.append(farewell)


def say_farewell(by: Person, now: datetime) -> None:
    for farewell in _farewells:
        farewell(by, now)
