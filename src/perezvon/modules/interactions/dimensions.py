"""What contacts are counted by beside topic and project: category, source and whatever a project wants (F07.06).

They are part of a project's settings, as its blueprint has them: [{code, name, values: [{code, name}]}].
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in


@dataclass(frozen=True, slots=True)
class Dimension:
    """name, values by their codes: in the reader's language."""

    code: str
    name: str
    values: dict[str, str]


def dimensions_of(project: Project) -> list[Dimension]:
    """In the order of the project's settings. No query."""
    language = get_language() or "ru"
    return [
        Dimension(
            row["code"],
            text_in(row["name"], language),
            {value["code"]: text_in(value["name"], language) for value in row["values"]},
        )
        for row in project.settings.get("dimensions") or []
    ]
