"""Keeping the sums by the day right (docs/decisions/0011 does the same by the hour for calls).

A day is added up some minutes after its end, when whoever wrote in it has committed, and anew whenever a run that began
on it goes on or ends later (`PastRunsChanged`). Adding up is one statement for each table over the runs, whatever stood
there before, so doing it twice is doing it once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from perezvon.modules.scripting.models import DayOfRuns, DayOfStays, DayOfSteps, Run, ScenarioVersion, SummedUp
from perezvon.modules.scripting.selectors.sums import DAY, PICKED, RUNS, STAYS, STEPS, begin_of, parameters

SETTLING = timedelta(minutes=5)  # far longer than any transaction
AT_ONCE = timedelta(days=31)  # so that a first run over years is many short transactions
_INTO: dict[type[DayOfRuns] | type[DayOfSteps] | type[DayOfStays], tuple[str, str]] = {
    DayOfRuns: (RUNS, "ended, result, score, node, runs, lasted_s"),
    DayOfSteps: (STEPS, "node, way, ended, result, times, runs, late, first"),
    DayOfStays: (STAYS, "node, seconds, stays, lasted_s"),
}


def day_of(moment: datetime) -> date:
    """The day of UTC."""
    return moment.astimezone(UTC).date()


def advance(now: datetime) -> bool:
    """Add up days that are over; a month of them at most, and then true: there may be more."""
    wanted = day_of(now - SETTLING)
    if (known := SummedUp.objects.values_list("until", flat=True).first()) and known >= wanted:
        return False
    with transaction.atomic():
        state = _lock()
        since = state.until or _first_day()
        if since is None or since >= wanted:
            return False
        state.until = min(wanted, since + AT_ONCE)
        _add_up(since, state.until)
        state.save(update_fields=["until"])
        return state.until < wanted


def add_up_again(day: date) -> None:
    """This day, if it has been added up before."""
    with transaction.atomic():
        until = _lock().until
        if until is not None and day < until:
            _add_up(day, day + DAY)


def forget() -> None:
    """Nothing is added up; whoever looks counts runs until `advance` has come to now."""
    with transaction.atomic():
        state = _lock()
        for model in _INTO:
            model.objects.all().delete()
        state.until = None
        state.save(update_fields=["until"])


def _lock() -> SummedUp:
    """One at a time: what was deleted must not be inserted twice."""
    SummedUp.objects.bulk_create([SummedUp(pk=1)], ignore_conflicts=True)
    return SummedUp.objects.select_for_update().get(pk=1)


def _first_day() -> date | None:
    first: datetime | None = Run.objects.aggregate(first=Min("began_at"))["first"]
    return day_of(first) if first else None


def _add_up(first: date, until: date) -> None:
    begins, ends = begin_of(first), begin_of(until)
    versions = list(ScenarioVersion.objects.order_by().values_list("pk", flat=True))
    facts = parameters(versions, begins, ends, ends, before=ends)
    with connection.cursor() as cursor:
        for model, (counting, columns) in _INTO.items():
            model.objects.filter(day__gte=first, day__lt=until).delete()
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} (day, project_id, version_id, {columns}) {PICKED} "  # noqa: S608  (constants)
                f"SELECT day, project_id, version_id, {columns} FROM ({counting}) counted",
                facts,
            )
