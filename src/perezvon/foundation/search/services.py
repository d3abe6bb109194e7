"""Keeping the index. No commands of their own: they run inside the command that changes the record.

Inside, and not later through the outbox, because the next thing an operator does after registering a customer may
be to look him up, and a duplicate is made when he is not found. It costs two statements.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection, transaction

from perezvon.foundation.search.models import SearchEntry, SearchWord
from perezvon.foundation.search.registry import Entry, SearchKind, declared_kinds
from perezvon.foundation.search.words import words_of

_CHUNK = 2_000


def put(entry: Entry) -> None:
    """Let the record be found by these words from the end of this transaction on, and by no others."""
    put_many([entry])


def put_many(entries: Iterable[Entry]) -> None:
    rows = [_row(entry) for entry in entries]
    SearchEntry.objects.bulk_create(
        rows,
        batch_size=_CHUNK,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["kind", "project", "title", "text"],
    )
    add_words({(row.kind, word) for row in rows for word in row.text.split()})


def add_words(words: Iterable[tuple[str, str]]) -> None:
    """Make (kind, word) known. Needed only by those who fill the table of entries themselves.

    Sorted, so that two writers never wait for each other. Words with digits are left out: numbers of records
    would crowd the rest, and a number with a typo is another number.
    """
    known = sorted({(kind, word) for kind, word in words if word.isalpha()})
    for chunk in itertools.batched(known, _CHUNK):
        rows = [SearchWord(kind=kind, word=word) for kind, word in chunk]
        SearchWord.objects.bulk_create(rows, ignore_conflicts=True)


def remove(key: UUID) -> None:
    """Let the record be found no more."""
    remove_many([key])


def remove_many(keys: Iterable[UUID]) -> None:
    SearchEntry.objects.filter(pk__in=list(keys)).delete()


def text_for(text: str) -> str:
    """`text` as an entry keeps it."""
    return " ".join(words_of(text))


def forget_words(kind: str, texts: Iterable[str]) -> None:
    """Words of these texts that no entry holds any more are not known any more. After `remove`, in its transaction."""
    words = sorted({word for text in texts for word in text_for(text).split()})
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE search_searchword IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "DELETE FROM search_searchword w WHERE w.kind = %s AND w.word = ANY(%s) AND NOT EXISTS ("
            " SELECT 1 FROM search_searchentry e WHERE e.kind = w.kind AND e.vector @@ quote_literal(w.word)::tsquery)",
            [kind, words],
        )


def _row(entry: Entry) -> SearchEntry:
    return SearchEntry(
        key=entry.key, kind=entry.kind, project_id=entry.project, title=entry.title, text=text_for(entry.text)
    )


def rebuild(code: str | None = None) -> int:
    """Index all records of a kind, or of all kinds, anew. How many there are.

    In small transactions beside running work: what is put meanwhile stays, what is gone is swept out.
    """
    kinds = declared_kinds()
    return sum(_rebuild(kind) for kind in kinds.values() if code in {None, kind.code})


def _rebuild(kind: SearchKind) -> int:
    count = 0
    for keys in _chunks(kind.keys()):
        with transaction.atomic():
            entries = list(kind.entries(keys))
            put_many(entries)
            count += len(entries)
    for keys in _chunks(SearchEntry.objects.filter(kind=kind.code).values_list("key", flat=True).iterator()):
        with transaction.atomic():
            gone = set(keys) - {entry.key for entry in kind.entries(keys)}
            SearchEntry.objects.filter(pk__in=gone).delete()
    _sweep_words(kind.code)
    return count


def _chunks(keys: Iterator[UUID]) -> Iterator[tuple[UUID, ...]]:
    return itertools.batched(keys, _CHUNK)


@transaction.atomic
def _sweep_words(kind: str) -> None:
    """The lock waits for writers under way: a word of theirs is not seen in use yet, and must stay."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE search_searchword IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "DELETE FROM search_searchword w WHERE w.kind = %s AND NOT EXISTS ("
            " SELECT 1 FROM search_searchentry e WHERE e.kind = w.kind AND e.vector @@ quote_literal(w.word)::tsquery)",
            [kind],
        )
