"""What notices say. Modules register it by the code of the notice, filled once when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

type Words = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Said:
    icon: str
    words: Words


_said: dict[str, Said] = {}


def register_notice(code: str, icon: str, words: Words) -> None:
    """words: of its facts, in the language of now."""
    _said[code] = Said(icon, words)


def said_of(code: str) -> Said | None:
    """None when the module that told it is not there any more."""
    return _said.get(code)
