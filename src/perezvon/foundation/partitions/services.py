"""Tables cut by month, so that a month is dropped whole: no rows to delete, nothing to vacuum.

Months are made ahead. A row for a month that is not there lies in the rest, and moves when its month is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.apps import apps as all_apps
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

log = structlog.get_logger()

FOR_EVER = timedelta.max
AHEAD = 2
LOCK = 7_021_004

CHILDREN = """
SELECT child.relname FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
WHERE i.inhparent = %s::regclass ORDER BY 1
"""
MOVE = """
WITH moved AS (DELETE FROM "{rest}" WHERE at >= %s AND at < %s RETURNING *)
INSERT INTO "{month}" SELECT * FROM moved
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a table. since, until: its bounds, the end not included."""

    table: str
    since: datetime

    @property
    def until(self) -> datetime:
        return _first_of_month(self.since + timedelta(days=32))

    @property
    def name(self) -> str:
        return f"{self.table}_{self.since:%Y_%m}"


def rest_of(table: str) -> str:
    """Where rows of no month lie."""
    return f"{table}_rest"


def tables() -> dict[str, timedelta]:
    """Every table that is cut by month, and how long its rows are kept."""
    wanted = ((model._meta.db_table, getattr(model, "kept_by_month", None)) for model in all_apps.get_models())
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'p'")
        cut = {name for (name,) in cursor.fetchall()}
    return {table: kept for table, kept in wanted if kept is not None and table in cut}


def list_months(table: str) -> list[Month]:
    """Those that are there, in order."""
    with connection.cursor() as cursor:
        cursor.execute(CHILDREN, [table])
        names = [name for (name,) in cursor.fetchall()]
    dates = [re.fullmatch(rf"{table}_(\d{{4}})_(\d\d)", name) for name in names]
    return [Month(table, datetime(int(date[1]), int(date[2]), 1, tzinfo=UTC)) for date in dates if date]


def look_after_months(now: datetime) -> list[str]:
    """Make the months of now and soon, drop those that are no longer kept. Returns what was made or dropped.

    Each change waits two seconds for its locks at most, for the engine writes meanwhile; it is tried again at the
    next look, and rows of a month that is not there yet are at home in the rest.
    """
    done: list[str] = []
    for table, kept in tables().items():
        known = list_months(table)
        for month in _soon(table, now):
            if month not in known and _try(_make, month):
                done.append(f"made {month.name}")
        if kept != FOR_EVER:
            for month in known:
                if month.until <= now - kept and _try(_drop, month):
                    done.append(f"dropped {month.name}")
            _empty_rest(table, now - kept)
    return done


def _soon(table: str, now: datetime) -> list[Month]:
    months = [Month(table, _first_of_month(now.astimezone(UTC)))]
    for _ in range(AHEAD):
        months.append(Month(table, months[-1].until))
    return months


def _first_of_month(at: datetime) -> datetime:
    return datetime(at.year, at.month, 1, tzinfo=UTC)


def _try(change: Callable[[CursorWrapper, Month], None], month: Month) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            change(cursor, month)
    except OperationalError as error:
        log.info("partitions.busy", month=month.name, error=str(error).partition("\n")[0])
        return False
    return True


def _make(cursor: CursorWrapper, month: Month) -> None:
    """The month with what lies in the rest of it."""
    rest = rest_of(month.table)
    cursor.execute(f'LOCK TABLE "{rest}" IN ACCESS EXCLUSIVE MODE')
    cursor.execute(f'CREATE TABLE "{month.name}" (LIKE "{month.table}" INCLUDING DEFAULTS)')
    cursor.execute(MOVE.format(rest=rest, month=month.name), [month.since, month.until])
    cursor.execute(
        f'ALTER TABLE "{month.table}" ATTACH PARTITION "{month.name}" FOR VALUES FROM (%s) TO (%s)',
        [month.since, month.until],
    )


def _drop(cursor: CursorWrapper, month: Month) -> None:
    cursor.execute(f'DROP TABLE "{month.name}"')


def _empty_rest(table: str, before: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{rest_of(table)}" WHERE at < %s', [before])  # noqa: S608  (names of our models)
