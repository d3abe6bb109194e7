"""What the foundation itself holds of a person: reasons of acts, filters of lists, messages under way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.history.erasing import ERASED
from perezvon.foundation.personal.registry import Holder, Rows, Subject

_SHORTEST = 6  # a shorter text may be part of anything

_OF = "EXISTS (SELECT 1 FROM jsonb_each_text(facts) fact WHERE fact.value = ANY(%s))"
_COUNT = f"SELECT count(*) FROM commands_commandrecord WHERE why <> '' AND {_OF}"  # noqa: S608
_READ = f"SELECT * FROM commands_commandrecord WHERE why <> '' AND {_OF} ORDER BY at, id"  # noqa: S608
_FORGET = f"UPDATE commands_commandrecord SET why = %s WHERE why <> '' AND why <> %s AND {_OF}"  # noqa: S608


def holder() -> Holder:
    return Holder(
        "foundation",
        lazy("Reasons of acts, filters of lists, messages under way"),
        order=40,
        export=_export,
        count=_count,
        erase=_erase,
        stays=lazy("Who did what and when stays in the audit, without values: it proves how the data were handled."),
    )


def _export(subject: Subject) -> Mapping[str, Rows]:
    records = CommandRecord.objects.raw(_READ, [subject.texts])
    return {"acts": [{"at": one.at, "name": one.name, "why": one.why} for one in records]}


def _count(subject: Subject) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [subject.texts])
        return int(cursor.fetchone()[0])


def _erase(subject: Subject, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [ERASED, ERASED, subject.texts])
        erased = int(cursor.rowcount)
    said = [*subject.addresses, subject.name]
    erased += scrub("outbox_outboxrow", "body", said)
    erased += scrub("jobs_job", "facts", said)
    return erased + scrub("lists_savedview", "state", said)


def scrub(table: str, column: str, texts: Collection[str]) -> int:
    """Overwrite these texts wherever they stand in a JSON column of a small table. How many rows."""
    erased = 0
    for text in sorted(texts, key=len, reverse=True):
        if len(text) >= _SHORTEST:
            erased += scrub_where(table, column, text, "true")
    return erased


def scrub_where(table: str, column: str, text: str, where: str) -> int:
    """The same in the rows of a condition. table, column, where: of ours, never typed by people."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    statement = (
        f'UPDATE {table} SET "{column}" = replace("{column}"::text, %s, %s)::jsonb '  # noqa: S608
        f'WHERE strpos("{column}"::text, %s) > 0 AND {where}'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [escaped, ERASED, escaped])
        return int(cursor.rowcount)
