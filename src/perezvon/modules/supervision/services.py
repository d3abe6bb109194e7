"""What a supervisor sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.routing.selectors import list_queues
from perezvon.modules.supervision.models import DAY_S, WHOLE, Threshold


class ThresholdWrong(Refused):
    """No wait is longer than a day, no share more than the whole."""

    code = "supervision.threshold_wrong"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Limits:
    wait_s: int
    level_percent: int
    lost_percent: int


def is_sound(limits: Limits) -> bool:
    """True if each can be."""
    shares = (limits.level_percent, limits.lost_percent)
    return 0 < limits.wait_s <= DAY_S and all(0 <= share <= WHOLE for share in shares)


@command("supervision.set_threshold", needs="supervision.set_up")
def set_threshold(*, queue_id: int, limits: Limits, by: Actor, now: datetime) -> Threshold:
    """Of a queue of the actor's projects. Raises NotFound, ThresholdWrong."""
    queue = list_queues(by=by).filter(pk=queue_id).first()
    if queue is None:
        raise NotFound(queue=queue_id)
    if not is_sound(limits):
        raise ThresholdWrong
    threshold = Threshold.objects.select_for_update().filter(queue=queue).first() or Threshold(queue=queue, version=0)
    wanted = (limits.wait_s, limits.level_percent, limits.lost_percent)
    if threshold.pk and wanted == (threshold.wait_s, threshold.level_percent, threshold.lost_percent):
        return threshold
    threshold.wait_s, threshold.level_percent, threshold.lost_percent = wanted
    threshold.version += 1
    threshold.save()
    return threshold
