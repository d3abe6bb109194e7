"""Links to periods that are asked for every day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from perezvon.modules.reporting import words
from perezvon.modules.reporting.filters import Asked, presets


def presets_of(url_name: str, asked: Asked, now: datetime) -> list[dict[str, Any]]:
    """[{label, url, current}], for a report's own page."""
    found = []
    for code, (first, last) in presets(now, asked.zone).items():
        chosen = Asked(first, last, asked.project, asked.project_ids)
        current = (first, last) == (asked.first, asked.last)
        found.append(
            {"label": words.PRESET_TITLES[code], "url": f"{reverse(url_name)}?{chosen.query}", "current": current}
        )
    return found
