"""Whether whoever speaks was identified in this contact."""

from __future__ import annotations

from typing import Any

from perezvon.foundation.access import Person
from perezvon.modules.interactions.models import Interaction


def gate_view(contact: Interaction, *, by: Person) -> dict[str, str]:
    return {"state": "unneeded", "text": "", "url": ""}


def products_view(contact: Interaction, *, by: Person) -> list[dict[str, Any]] | None:
    return None
