"""What files may be attached, in blueprints: files: {most_mb, most_files, most_mb_record, kinds}."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.files import services
from perezvon.foundation.files.selectors import get_rules


def load_files(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the rules as the blueprint says; what it does not name stays."""
    present = export_files()["files"]
    wanted = {**present, **blueprint["files"]}
    if wanted == present:
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
    """The part that makes the rules as they are."""
    rules = get_rules()
    numbers = {name: getattr(rules, name) for name in ("most_mb", "most_files", "most_mb_record")}
    return {"files": {**numbers, "kinds": list(rules.kinds)}}


register_part(Part("files", ("files",), load_files, export_files, order=90))
