"""Planning a day: what will come, how many operators it takes, and what comes of other numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.cores.planning import QUARTERS_AN_HOUR, Goal, Quarter, checked, staff
from perezvon.foundation import clock
from perezvon.foundation.ui.scales import nice_step
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.routing.selectors import list_queues
from perezvon.modules.supervision.planning import PLAN, Past, load_by_project, past_of, queue_to_plan

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 960, 220, 44, 10, 26
USUAL_HANDLING_S = 180
_MOST_WEEKS, _LOAD_DAYS = 26, 7
# Of each number: the least, the most, and what it is at first; None: it may be left empty.
_NUMBERS: dict[str, tuple[int, int, int | None]] = {
    "weeks": (1, _MOST_WEEKS, 4),
    "share": (1, 99, 80),
    "within_s": (0, 3600, None),
    "patience_s": (1, 36000, None),
    "handling_s": (1, 36000, None),
    "away": (0, 90, 15),
    "more": (-90, 900, 0),
    "agents": (1, 5000, None),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """numbers: as typed, by name; errors: words, by name."""

    day: date
    numbers: Mapping[str, int | None]
    errors: Mapping[str, str]


@needs(PLAN)
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """The state is in the address: a plan is sent to a colleague as a link."""
    by, now = person_of(request), clock.now()
    queues = list(list_queues(by=by))
    today = localtime(now).date()
    load = load_by_project(today - timedelta(days=_LOAD_DAYS), today - timedelta(days=1), by=by)
    wanted = _wanted(request.GET, today)
    chosen = next((one for one in queues if str(one.pk) == request.GET.get("queue")), queues[0] if queues else None)
    context: dict[str, Any] = {
        "queues": [(one.pk, f"{one} · {one.project}") for one in queues],
        "queue": chosen,
        "asked": {name: request.GET.get(name, _first(name)) for name in _NUMBERS},
        "day": wanted.day,
        "errors": wanted.errors,
        "load": load,
        "load_days": _LOAD_DAYS,
    }
    if chosen is not None and not wanted.errors:
        queue = queue_to_plan(chosen.pk, by=by)
        past = past_of(queue, wanted.day, wanted.numbers["weeks"] or 1, by=by, now=now)
        context |= _planned(past, wanted.numbers, queue.service_level_s)
    return render_page(request, "supervision/plan.html", context, part="workspace")


def _first(name: str) -> str:
    first = _NUMBERS[name][2]
    return "" if first is None else str(first)


def _wanted(given: Mapping[str, str], today: date) -> Wanted:
    numbers: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for name, (least, most, first) in _NUMBERS.items():
        text = given.get(name, _first(name)).strip()
        if text == "" and first is None:
            numbers[name] = None
        elif text.removeprefix("-").isdecimal() and len(text) < len("1000000") and least <= int(text) <= most:
            numbers[name] = int(text)
        else:
            errors[name] = _("From {least} to {most}.").format(least=least, most=most)
    try:
        day = date.fromisoformat(given.get("day", "")) if given.get("day") else today + timedelta(days=1)
    except ValueError:
        errors["day"], day = _("No such day."), today
    return Wanted(day, numbers, errors)


def _planned(past: Past, numbers: Mapping[str, int | None], usual_within_s: int) -> dict[str, Any]:
    within = numbers["within_s"]
    handling_s = numbers["handling_s"] or past.handling_s or USUAL_HANDLING_S
    goal = Goal(
        share=(numbers["share"] or 0) / 100,
        within_s=usual_within_s if within is None else within,
        patience_s=numbers["patience_s"],
        away=(numbers["away"] or 0) / 100,
    )
    calls = [count * (100 + (numbers["more"] or 0)) / 100 for count in past.calls]
    agents = numbers["agents"]
    quarters = staff(calls, handling_s, goal) if agents is None else checked(calls, handling_s, goal, agents)
    first, last = _span(quarters)
    return {
        "past": past,
        "handling_s": round(handling_s),
        "is_usual": numbers["handling_s"] is None and past.handling_s is None,
        "within_s": goal.within_s,
        "rows": [_row(number, one, goal) for number, one in enumerate(quarters) if first <= number < last],
        "chart": _chart(quarters[first:last], first) if last else None,
        "calls": round(sum(calls)),
        "hours": round(sum(one.planned for one in quarters if one.erlangs) / QUARTERS_AN_HOUR, 1),
        "most": max((one.planned for one in quarters), default=0),
        "is_checked": agents is not None,
        "in_time": _in_time(quarters),
    }


def _span(quarters: Sequence[Quarter]) -> tuple[int, int]:
    """From the first to behind the last in which anything is expected; whole hours."""
    busy = [number for number, one in enumerate(quarters) if one.erlangs]
    if not busy:
        return 0, 0
    return busy[0] // QUARTERS_AN_HOUR * QUARTERS_AN_HOUR, -(-(busy[-1] + 1) // QUARTERS_AN_HOUR) * QUARTERS_AN_HOUR


def _in_time(quarters: Sequence[Quarter]) -> int | None:
    """Of all calls of the day; those whom too few cannot serve are not."""
    total = sum(one.calls for one in quarters)
    served = sum(one.calls * one.expected.in_time for one in quarters if one.expected)
    return round(100 * served / total) if total else None


def _row(number: int, one: Quarter, goal: Goal) -> dict[str, Any]:
    found = one.expected
    return {
        "at": _clock(number),
        "calls": round(one.calls, 1),
        "erlangs": round(one.erlangs, 1),
        "agents": one.agents,
        "planned": one.planned,
        "in_time": round(100 * found.in_time) if found else None,
        "wait_s": round(found.wait_s) if found else None,
        "occupancy": round(100 * found.occupancy) if found else None,
        "is_short": bool(one.erlangs) and (found is None or found.in_time < goal.share),
    }


def _clock(number: int) -> str:
    return f"{number // QUARTERS_AN_HOUR}:{number % QUARTERS_AN_HOUR * 15:02}"


def _chart(quarters: Sequence[Quarter], first: int) -> dict[str, Any]:
    """Bars of expected calls, a line of planned operators; both on the same axis of numbers."""
    highest = max(max(one.calls, float(one.planned)) for one in quarters)
    step = nice_step(max(1, round(highest + 0.5)))
    top = step * max(1, -(-int(highest + 1) // step))
    base = HEIGHT - BOTTOM
    pitch, scale = (WIDTH - LEFT) / len(quarters), (base - TOP) / top
    xs = [LEFT + number * pitch for number in range(len(quarters) + 1)]
    line = " ".join(
        f"{'M' if not number else 'L'}{xs[number]:.1f} {base - one.planned * scale:.1f} H{xs[number + 1]:.1f}"
        for number, one in enumerate(quarters)
    )
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "label_y": HEIGHT - 8,
        "grid": [(f"{base - value * scale:.1f}", value) for value in range(0, top + 1, step)],
        "bars": [
            {"x": f"{xs[number] + 1:.1f}", "y": f"{base - one.calls * scale:.1f}", "height": f"{one.calls * scale:.1f}",
             "title": f"{_clock(first + number)}: {one.calls:.1f}"}
            for number, one in enumerate(quarters)
        ],
        "bar_width": f"{max(1.0, pitch - 2):.1f}",
        "line": line,
        "labels": [(f"{xs[at]:.1f}", _clock(first + at)) for at in range(0, len(quarters), QUARTERS_AN_HOUR)],
    }  # fmt: skip
