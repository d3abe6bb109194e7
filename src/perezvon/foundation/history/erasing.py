"""Overwriting values in the history: what a person's erasure needs (DECISIONS 6). That something changed stays.

Inside a transaction that has said `perezvon.erasing`; otherwise the database refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection

ERASED = "\u2022\u2022\u2022"  # what stands where something stood

# Keys of records, and times, are nobody's personal data; they keep the story together.
_BLANK = """(SELECT jsonb_object_agg(key, CASE WHEN key ~ '(^|_)(id|at|on)$' THEN value ELSE 'null'::jsonb END)
  FROM jsonb_each({column}))"""
_ERASE = f"""
UPDATE history_change SET before = {_BLANK.format(column="before")}, after = {_BLANK.format(column="after")}
WHERE "table" = %s AND "row" = ANY(%s)
"""  # noqa: S608  (texts of ours)
_FORGET = """
UPDATE commands_commandrecord SET why = %s WHERE why <> '' AND id IN (
  SELECT unnest(ARRAY[done.id, done.parent_id]) FROM commands_commandrecord done
  JOIN history_change changed ON changed.command = done.id
  WHERE changed."table" = %s AND changed."row" = ANY(%s)
)
"""
_ROWS = """
SELECT DISTINCT "row" FROM history_change
WHERE "table" = %s AND (after ->> %s = ANY(%s) OR before ->> %s = ANY(%s))
"""


def erase_values(table: str, rows: Iterable[object]) -> int:
    """Let the history of these rows tell which columns changed, not what they held, nor the reason given for it.

    How many changes.
    """
    wanted = [str(row) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [ERASED, table, wanted])
        cursor.execute(_ERASE, [table, wanted])
        return int(cursor.rowcount)


def rows_ever(table: str, column: str, keys: Collection[object]) -> list[str]:
    """Rows whose column ever held one of the keys, those that are gone too. It reads the table's whole history."""
    wanted = [str(key) for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [table, column, wanted, column, wanted])
        return [row for (row,) in cursor.fetchall()]
