"""What files may be attached, in blueprints: {most_mb, most_files, most_mb_record, kinds}."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.files import services
from perezvon.foundation.files.selectors import get_rules


def load_files(part: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Make the rules as the part says; what it does not name stays."""
    wanted = {**export_files(), **part}
    if wanted == export_files():
        return
    services.change_rules(
        most_mb=str(wanted["most_mb"]),
        most_files=str(wanted["most_files"]),
        most_mb_record=str(wanted["most_mb_record"]),
        kinds=wanted["kinds"],
        by=by,
        now=now,
    )


def export_files() -> dict[str, Any]:
    rules = get_rules()
    numbers = {name: getattr(rules, name) for name in ("most_mb", "most_files", "most_mb_record")}
    return {**numbers, "kinds": list(rules.kinds)}
