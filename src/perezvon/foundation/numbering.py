"""Human numbers: one PostgreSQL sequence a series, made on first use."""

from __future__ import annotations

import re

from django.db import connection

_SERIES = re.compile(r"[a-z_]{1,40}")


def next_number(series: str) -> int:
    """The next number of `series`, e.g. "customer". Numbers rise; one given back by a failed write stays unused."""
    if not _SERIES.fullmatch(series):
        raise ValueError(series)
    name = f"number_{series}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute("SELECT pg_advisory_xact_lock(7021002)")
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name} START 10001")
        cursor.execute("SELECT nextval(%s)", [name])
        return int(cursor.fetchone()[0])


def reserve_numbers(series: str, count: int) -> range:
    """`count` numbers in a row, for loads of many rows."""
    first = next_number(series)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s)", [f"number_{series}", first + count])
    return range(first, first + count)
