"""Many new rows at once, by COPY: several times as fast as INSERT for tables of simple columns."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from django.db import connection, models
from psycopg.types.json import Jsonb


def copy_in(rows: Iterable[models.Model]) -> int:
    """Insert these unsaved rows, all of one model, in this transaction; triggers see one statement.

    Returns how many. Keys that the database gives are not read back. Database defaults are not used.
    """
    waiting = list(rows)
    if not waiting:
        return 0
    options = type(waiting[0])._meta
    fields = [field for field in options.concrete_fields if not isinstance(field, models.AutoField)]
    read = attrgetter(*(field.attname for field in fields))
    documents = [at for at, field in enumerate(fields) if isinstance(field, models.JSONField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{options.db_table}" ({columns}) FROM STDIN') as copy:
        for row in waiting:
            copy.write_row(_with_documents(read(row), documents) if documents else read(row))
    return len(waiting)


def _with_documents(values: tuple[object, ...], documents: list[int]) -> list[object]:
    written = list(values)
    for at in documents:
        written[at] = None if written[at] is None else Jsonb(written[at])  # nothing is NULL, as when Django saves
    return written
