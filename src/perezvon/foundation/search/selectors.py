"""Asking the index.

Typed text is read in several ways until one finds something: as it stands; as the other keyboard layout; as a Russian
name in Latin letters; then each of these with a slip in each word allowed. Within a reading each word is a beginning,
in any order. Beginnings are turned into the whole words that occur (one lookup), because an index scan over whole
words skips ahead where one over beginnings has to collect everything: measured at 1,000,000 names, two words, 3.5 ms
against 15.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from perezvon.foundation.search.models import SORTED_BY
from perezvon.foundation.search.words import in_russian, is_near, other_layout, words_of

COUNTED_TO = 10_000
MOST_WORDS = 8
_EXPANDED_TO = 64
_LAST = "\U0010ffff"
_SHORTEST_MISSPELT = 4
# How alike two words must be for the trigram index to offer them. One slip in a short word leaves little in common.
_ALIKE_SHORT, _ALIKE, _SHORT = 0.1, 0.25, 5
_OFFERED = 400


class Guess(StrEnum):
    """How the text had to be read for something to be found."""

    NONE = ""
    LAYOUT = "layout"
    LETTERS = "letters"
    SLIP = "slip"


@dataclass(frozen=True, slots=True)
class Found:
    """keys: one page of the records' own, best first. total: counted up to COUNTED_TO, beyond that is_exact is false.

    read_as: the words that were looked for instead, when the text had to be guessed at.
    """

    keys: tuple[Any, ...] = ()
    total: int = 0
    is_exact: bool = True
    guess: Guess = Guess.NONE
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which records count at all; None is no limit."""

    kind: str
    projects: list[int] | None
    among: list[UUID] | None


def find(
    kind: str,
    text: str,
    *,
    projects: Collection[int] | None,
    limit: int,
    offset: int = 0,
    among: Iterable[UUID] | None = None,
) -> Found:
    """Records of `kind` that have all the words of `text`, as far as somebody who sees `projects` may know of them.

    First those that begin with the text as typed, then by their own text. among: only these keys.
    Three queries when the first reading finds something; a dozen at worst.
    """
    scope = _Scope(kind, None if projects is None else sorted(projects), None if among is None else list(among))
    page = (limit, offset)
    readings = [(text, Guess.NONE), (other_layout(text), Guess.LAYOUT), (in_russian(text), Guess.LETTERS)]
    for reading, guess in readings:
        if found := _as_typed(words_of(reading), scope, page):
            return _told(found, guess, reading)
    for reading, _ in readings:
        if found := _with_slips(words_of(reading), scope, page):
            return found
    return Found()


def _told(found: Found, guess: Guess, reading: str) -> Found:
    return replace(found, guess=guess, read_as=" ".join(words_of(reading)) if guess else "")


# --- readings ---


def _as_typed(words: list[str], scope: _Scope, page: tuple[int, int]) -> Found | None:
    words = words[:MOST_WORDS]
    if not words:
        return None
    begun = _begun_by(words, scope.kind)
    if begun is None:
        return None
    return _look(words, begun, scope, page)


def _with_slips(words: list[str], scope: _Scope, page: tuple[int, int]) -> Found | None:
    """Each word may also stand for words that differ from it by one slip."""
    words = words[:MOST_WORDS]
    near = {word: _near(word, scope.kind) for word in words if _may_be_misspelt(word)}
    if not any(near.values()):
        return None
    begun = _begun_by(words, scope.kind, or_none=False) or {}
    terms = {word: sorted({*begun.get(word, []), *near.get(word, [])}) for word in words}
    if any(word.isalpha() and not known for word, known in terms.items()):
        return None
    found = _look(words, terms, scope, page)
    likely = " ".join(begun[word][0] if begun.get(word) else next(iter(near.get(word, [])), word) for word in words)
    return replace(found, guess=Guess.SLIP, read_as=likely) if found else None


def _begun_by(words: list[str], kind: str, *, or_none: bool = True) -> dict[str, list[str]] | None:
    """For each word those that begin with it; with `or_none`, None as soon as a word begins nothing."""
    letters = [word for word in dict.fromkeys(words) if word.isalpha()]
    begun: dict[str, list[str]] = {word: [] for word in words}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.word, known.word FROM unnest(%s::text[]) asked(word) CROSS JOIN LATERAL ("
            ' SELECT word FROM search_searchword WHERE kind = %s AND word COLLATE "C" >= asked.word'
            ' AND word COLLATE "C" < asked.word || %s ORDER BY word COLLATE "C" LIMIT %s) known',
            [letters, kind, _LAST, _EXPANDED_TO + 1],
        )
        for asked, known in cursor.fetchall():
            begun[asked].append(known)
    return None if or_none and any(not begun[word] for word in letters) else begun


def _may_be_misspelt(word: str) -> bool:
    return word.isalpha() and len(word) >= _SHORTEST_MISSPELT


def _near(word: str, kind: str) -> list[str]:
    """Words one slip away, the most alike first."""
    alike = _ALIKE_SHORT if len(word) <= _SHORT else _ALIKE
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(alike)])
        cursor.execute(
            "SELECT word FROM search_searchword WHERE kind = %s AND word %% %s"
            " ORDER BY similarity(word, %s) DESC, word LIMIT %s",
            [kind, word, word, _OFFERED],
        )
        offered = [row[0] for row in cursor.fetchall()]
    return [known for known in offered if is_near(word, known)][:_EXPANDED_TO]


def _alternatives(word: str, known: list[str]) -> str:
    """A part of a tsquery. Words hold letters and digits only, so nothing in them can be an operator."""
    return "(" + "|".join(f"'{each}'" for each in known) + ")" if known else f"'{word}':*"


def _conditions(words: list[str], terms: Mapping[str, list[str]]) -> tuple[str, list[str]]:
    """A tsquery, and patterns for what it cannot say or says slowly.

    "Smirnova I": half the base has a word with that I, so it is tested on what the rest of the query finds.
    "Ivan Ivanov" needs two words that begin with Ivan, not one that serves twice.
    """
    broad = [word for word, known in terms.items() if len(known) > _EXPANDED_TO]
    narrow = [_alternatives(word, known) for word, known in terms.items() if word not in broad]
    if not narrow:
        narrow = [_alternatives(max(broad, key=len), [])]
    alike = {word: sum(other.startswith(word) for other in words) for word in terms}
    return "&".join(narrow), [f"% {word}" * n + "%" for word, n in alike.items() if n > 1 or word in broad]


# --- the table; left(text, 80) is what its index is sorted by ---

_IN_ORDER = """
    SELECT key FROM search_searchentry
    WHERE left(text, 80) COLLATE "C" >= %(first)s AND left(text, 80) COLLATE "C" < %(last)s AND kind = %(kind)s
        AND (%(projects)s::bigint[] IS NULL OR project_id IS NULL OR project_id = ANY (%(projects)s::bigint[]))
    ORDER BY left(text, 80) COLLATE "C", key LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = """
    SELECT count(*) FROM (
        SELECT FROM search_searchentry
        WHERE vector @@ %(query)s::tsquery AND ' ' || text LIKE ALL (%(patterns)s::text[]) AND kind = %(kind)s
            AND (%(projects)s::bigint[] IS NULL OR project_id IS NULL OR project_id = ANY (%(projects)s::bigint[]))
        LIMIT %(cap)s
    ) hits
"""
# MATERIALIZED, because the planner would rather walk the sorted index and test each row against the query: a second
# instead of milliseconds at 1,000,000 rows.
_RANKED = """
    WITH hits AS MATERIALIZED (
        SELECT key, left(text, 80) COLLATE "C" AS sorted FROM search_searchentry
        WHERE vector @@ %(query)s::tsquery AND ' ' || text LIKE ALL (%(patterns)s::text[]) AND kind = %(kind)s
            AND (%(projects)s::bigint[] IS NULL OR project_id IS NULL OR project_id = ANY (%(projects)s::bigint[]))
            AND (%(among)s::uuid[] IS NULL OR key = ANY (%(among)s::uuid[]))
        LIMIT %(cap)s
    ), page AS (
        SELECT key FROM hits ORDER BY sorted < %(first)s OR sorted >= %(last)s, sorted, key
        LIMIT %(limit)s OFFSET %(offset)s
    )
    SELECT array(SELECT key FROM page), (SELECT count(*) FROM hits)
"""


def _look(words: list[str], terms: Mapping[str, list[str]], scope: _Scope, page: tuple[int, int]) -> Found | None:
    query, patterns = _conditions(words, terms)
    first = " ".join(words)[:SORTED_BY]
    values: dict[str, Any] = {
        "kind": scope.kind,
        "projects": scope.projects,
        "among": scope.among,
        "query": query,
        "patterns": patterns,
        "first": first,
        "last": first + _LAST,
        "limit": page[0],
        "offset": page[1],
        "cap": COUNTED_TO + 1,
    }
    keys = [row[0] for row in _rows(_IN_ORDER, values)] if scope.among is None else []
    if len(keys) == page[0]:
        # A walk along the index found the page, however many there are.
        [(total,)] = _rows(_COUNT, values)
    else:
        [(keys, total)] = _rows(_RANKED, values)
    return Found(tuple(keys), min(total, COUNTED_TO), total <= COUNTED_TO) if total else None


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
