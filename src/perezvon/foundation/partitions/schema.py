"""What migrations say to cut a table by month, and to make one piece of it again.

The model's own key stays `id` for Django; in the database it is `id` with `at`, as every unique key of a partitioned
table must hold the column by which it is cut. Ids come from a sequence: PostgreSQL gives identity columns to
partitioned tables only since 17.
"""

from __future__ import annotations

from collections.abc import Sequence

from perezvon.foundation.partitions.services import rest_of


def cut_by_month(table: str, indexes: Sequence[str], *, has_sequence: bool) -> list[str]:
    """Statements that partition `table`. indexes: "NAME ON columns …" as they shall be."""
    old = f"{table}_whole"
    return [
        f'ALTER TABLE "{table}" RENAME TO "{old}"',
        f'CREATE TABLE "{table}" (LIKE "{old}" INCLUDING DEFAULTS) PARTITION BY RANGE (at)',
        f'CREATE TABLE "{rest_of(table)}" PARTITION OF "{table}" DEFAULT',
        *_moved(table, old, has_sequence=has_sequence),
        f'ALTER TABLE "{table}" ADD PRIMARY KEY (id, at)',
        *(f"CREATE INDEX {index}" for index in indexes),
    ]


def made_whole(table: str, indexes: Sequence[str], *, has_sequence: bool) -> list[str]:
    """Statements that take `cut_by_month` back."""
    old = f"{table}_cut"
    return [
        f'ALTER TABLE "{table}" RENAME TO "{old}"',
        f'CREATE TABLE "{table}" (LIKE "{old}" INCLUDING DEFAULTS)',
        *_moved(table, old, has_sequence=has_sequence),
        f'ALTER TABLE "{table}" ADD PRIMARY KEY (id)',
        *(f"CREATE INDEX {index}" for index in indexes),
    ]


def _moved(table: str, old: str, *, has_sequence: bool) -> list[str]:
    """The rows of the one in the other, and new ids above theirs."""
    fill = [f'INSERT INTO "{table}" SELECT * FROM "{old}"']  # noqa: S608  (names that a migration gives)
    if not has_sequence:
        return [*fill, f'DROP TABLE "{old}"']
    ids = f"{table}_ids"
    return [
        *fill,
        f'ALTER TABLE "{table}" ALTER COLUMN id DROP DEFAULT',
        f'DROP TABLE "{old}"',
        f'CREATE SEQUENCE "{ids}" OWNED BY "{table}".id',
        f"SELECT setval('{ids}', coalesce((SELECT max(id) FROM \"{table}\"), 0) + 1, false)",  # noqa: S608
        f"ALTER TABLE \"{table}\" ALTER COLUMN id SET DEFAULT nextval('{ids}')",
    ]
