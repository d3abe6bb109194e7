"""What stands beside each number: its name and its formula, the same on screen and in the spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from perezvon.modules.reporting.figures import Calls


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of the call report. which: the list behind it; unit: "count", "percent" or "seconds"."""

    code: str
    title: str | Promise
    formula: str | Promise
    which: str
    unit: str
    read: Callable[[Calls], int | None]


ROUNDING = lazy("Per cents are rounded to the nearest whole one, a half away from zero; means to the nearest second.")
UNIT = lazy(
    "A call is an incoming telephone contact that began in the period. Whoever is cut off and returns in time goes on"
    " with the same contact and counts once."
)

MEASURES = (
    Measure("total", lazy("Calls"), lazy("all that came in"), "total", "count", lambda calls: calls.total),
    Measure("served", lazy("Served"), lazy("an operator talked"), "served", "count", lambda calls: calls.served),
    Measure(
        "served_share",
        lazy("Share served"),
        lazy("served / calls"),
        "served",
        "percent",
        lambda calls: calls.served_percent,
    ),
    Measure(
        "service_level",
        lazy("Service level"),
        lazy("answered within the seconds of the queue / calls"),
        "in_time",
        "percent",
        lambda calls: calls.service_level_percent,
    ),
    Measure(
        "abandoned",
        lazy("Abandoned"),
        lazy("ended before an operator answered"),
        "abandoned",
        "count",
        lambda calls: calls.abandoned,
    ),
    Measure(
        "abandoned_share",
        lazy("Share abandoned"),
        lazy("abandoned / calls"),
        "abandoned",
        "percent",
        lambda calls: calls.abandoned_percent,
    ),
    Measure(
        "speed_of_answer",
        lazy("Speed of answer"),
        lazy("mean from the queue to the operator, of those served"),
        "served",
        "seconds",
        lambda calls: calls.speed_of_answer_s,
    ),
    Measure(
        "talk",
        lazy("Talk time"),
        lazy("talking of all operators / served"),
        "served",
        "seconds",
        lambda calls: calls.mean_talk_s,
    ),
    Measure(
        "hold",
        lazy("Hold time"),
        lazy("customer on hold / served"),
        "held",
        "seconds",
        lambda calls: calls.mean_hold_s,
    ),
    Measure(
        "wrap_up",
        lazy("After-call work"),
        lazy("writing up of all operators / served"),
        "served",
        "seconds",
        lambda calls: calls.mean_wrap_up_s,
    ),
)
TOPIC_FORMULAS = {
    "registered": lazy("calls with at least one topic"),
    "share_of_calls": lazy("registered / calls"),
    "count": lazy("calls with the topic or one below it, each once"),
    "percent": lazy("count / registered; topics of one call overlap, so they may add up to more than 100 %"),
    "chosen": lazy("calls for which it was chosen"),
    "chosen_percent": lazy("count / calls"),
    "growth": lazy("(now − before) / before; before is the period of equal length just before, “—” when it had none"),
}
WHICH_TITLES = {
    "total": lazy("All calls"),
    "served": lazy("Served calls"),
    "abandoned": lazy("Abandoned calls"),
    "waiting": lazy("Calls still waiting"),
    "in_time": lazy("Calls answered in time"),
    "held": lazy("Calls with a hold"),
    "registered": lazy("Calls with a topic"),
}
PRESET_TITLES = {
    "today": lazy("Today"),
    "yesterday": lazy("Yesterday"),
    "week": lazy("7 days"),
    "thirty": lazy("30 days"),
    "month": lazy("This month"),
    "last_month": lazy("Last month"),
}
