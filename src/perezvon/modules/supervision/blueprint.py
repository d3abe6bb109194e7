"""Thresholds of the monitor in blueprints: thresholds: [{queue, wait_s, level_percent, lost_percent}]."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.modules.routing.models import Queue
from perezvon.modules.supervision.models import Threshold
from perezvon.modules.supervision.services import Limits, set_threshold


def load_thresholds(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    for row in blueprint.get("thresholds", []):
        values = {key: value for key, value in row.items() if key != "queue"}
        queue = Queue.objects.get(code=row["queue"])
        set_threshold(queue_id=queue.pk, limits=Limits(**values), by=by, now=now)


def export_thresholds() -> dict[str, Any]:
    return {
        "thresholds": [
            {
                "queue": row.queue.code,
                "wait_s": row.wait_s,
                "level_percent": row.level_percent,
                "lost_percent": row.lost_percent,
            }
            for row in Threshold.objects.select_related("queue").order_by("queue__code")
        ]
    }


register_part(Part("thresholds", ("thresholds",), load_thresholds, export_thresholds, order=40))
