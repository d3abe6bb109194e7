"""Indexes that fields need for sorting and searching: built while everybody goes on working."""

from __future__ import annotations

import psycopg
from django.db import connection
from psycopg import sql

from perezvon.foundation.fields.models import CustomField, FieldsStamp
from perezvon.foundation.fields.registry import record_kind
from perezvon.foundation.fields.selectors import NUMBERS

_PREFIX = "custom"


def prepare(kind: str) -> None:
    """Make the indexes that this kind's fields want and drop others. May be killed and begun again at any time.

    Not inside a transaction: an index that is built CONCURRENTLY waits for all of them.
    """
    rows = list(CustomField.objects.filter(kind=kind))
    there = _indexes(kind)
    for row in rows:
        if row.wants_index:
            _make(row, is_valid=there.get(_name(row)))
    wanted = {_name(row) for row in rows if row.wants_index}
    for name in there.keys() - wanted:
        _drop(name)


def _name(row: CustomField) -> str:
    return f"{_PREFIX}_{row.kind}_{row.key}"[:63]


def _indexes(kind: str) -> dict[str, bool]:
    """Of this kind, by name: whether it can be used. One that was interrupted cannot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE i.indrelid = %s::regclass AND c.relname LIKE %s",
            [record_kind(kind).model._meta.db_table, f"{_PREFIX}\\_{kind}\\_%"],
        )
        return dict(cursor.fetchall())


def _make(row: CustomField, *, is_valid: bool | None) -> None:
    if is_valid is False:
        _drop(_name(row))
    state = CustomField.Index.READY
    if not is_valid:
        try:
            _execute(_statement(row))
        except Exception as error:
            if not isinstance(error.__cause__, psycopg.Error):
                raise
            state = CustomField.Index.FAILED
    _tell(row, state)


def _statement(row: CustomField) -> sql.Composed:
    """The expression is the one of `selectors.order_by`; the id makes the order of equal values certain."""
    value = sql.SQL("(custom ->> {})").format(sql.Literal(row.key))
    expression = sql.SQL("({}::numeric)").format(value) if row.type in NUMBERS else value
    return sql.SQL("CREATE INDEX CONCURRENTLY {} ON {} ({}, id)").format(
        sql.Identifier(_name(row)), sql.Identifier(record_kind(row.kind).model._meta.db_table), expression
    )


def _drop(name: str) -> None:
    _execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _tell(row: CustomField, state: str) -> None:
    """Only while the field still wants it; whoever knows the fields reads them again."""
    if CustomField.objects.filter(pk=row.pk, version=row.version).exclude(index_state=state).update(index_state=state):
        FieldsStamp.renew(row.kind)
