"""What the form of a step posts."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from perezvon.cores.scripting.model import Ask, Node, Stored
from perezvon.modules.scripting.selectors.panel import PREFIX


def typed_values(given: QueryDict, node: Node) -> dict[str, Stored]:
    """Of the fields of this step, what the form posted; a form without them leaves what is there."""
    if "with_fields" not in given:
        return {}
    found: dict[str, Stored] = {}
    for field in node.fields:
        name = PREFIX + field.code
        if field.ask == Ask.MANY:
            found[field.code] = tuple(given.getlist(name))
        elif field.ask == Ask.MATRIX:
            pairs = ((row.code, given.get(f"{name}:{row.code}", "")) for row in field.rows)
            found[field.code] = tuple(f"{row}:{code}" for row, code in pairs if code)
        else:
            found[field.code] = _one(field.ask, given.get(name, ""))
    return found


def _one(ask: Ask, text: str) -> str:
    """A moment gets the zone in which it was typed."""
    if ask != Ask.MOMENT or not text:
        return text
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (timezone.make_aware(typed) if typed.tzinfo is None else typed).isoformat()
