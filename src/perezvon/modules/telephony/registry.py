"""What modules above show on the page of a recording. Filled once, when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from perezvon.foundation.access import Person
from perezvon.modules.telephony.models import Recording

# Lines {title, url, chip, text} of a card beside it, for those who may see them; None for no card at all.
type Beside = Callable[[Recording, Person], dict[str, Any] | None]

_beside: list[Beside] = []


def register_beside_recording(look: Beside) -> None:
    if look not in _beside:
        _beside.append(look)


def beside_recording(recording: Recording, by: Person) -> Sequence[dict[str, Any]]:
    """As telephony/recording.html takes them."""
    return [card for look in _beside if (card := look(recording, by))]
