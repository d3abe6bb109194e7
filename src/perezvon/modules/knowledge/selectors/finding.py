"""Finding what is known: by words in all their forms, by numbers, by what looks alike, in the order of their use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, TrigramSimilarity
from django.db import connection
from django.db.models import Count, F, QuerySet, Window
from django.utils.module_loading import import_string

from perezvon.foundation.access import Actor
from perezvon.foundation.files.selectors import START, STOP, FoundIn, find_in_files
from perezvon.modules.knowledge.models import Article, State, Synonyms
from perezvon.modules.knowledge.ranking import Served, score
from perezvon.modules.knowledge.selectors.reading import (
    FILES_KIND,
    MOST_SHOWN,
    SHOWN,
    VIEW,
    in_language,
    language_of,
    lines,
    most_used,
    readable,
    served_of,
)
from perezvon.ports.ranking import Candidate, Ranker, RankerAway

# PostgreSQL's Russian configuration takes Latin words to their English stems, so one serves both languages.
CONFIG = "russian"
LOOKED_AT = 400  # of the best matches these are weighed by use and success
LONGEST_QUERY, MOST_WORDS = 200, 12
_LEAST_ALIKE = 0.25
_WHOLE = 32  # ts_rank: rank / (rank + 1), so that a match is 0 … 1
_FEW_WORDS = 2  # of so few none is left out, short of all but one


@dataclass(frozen=True, slots=True)
class Asked:
    """text: as typed, or "KB-118". sections: only there. shown: how many."""

    text: str
    sections: Collection[int] = ()
    kinds: Collection[str] = ()
    shown: int = SHOWN


@dataclass(frozen=True, slots=True)
class Hit:
    """match: 0 … 1. score: that, weighed by how it served. excerpt: the words found between START and STOP.

    files: those of its files that have the words.
    """

    article: Article
    match: float
    score: float
    served: Served
    excerpt: str
    files: tuple[FoundIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """total: of all that fit. widened: nothing had all the words, so these have some, or look alike."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    widened: bool = False


def find(asked: Asked, *, by: Actor, now: datetime) -> Found:
    """The articles that fit best. A number finds its article; words are found in all their forms."""
    by.must(VIEW)
    text = " ".join(asked.text.split())[:LONGEST_QUERY]
    if not text:
        return Found()
    open_to_him = _narrowed(asked, by, now)
    if number := number_in(text):
        found = open_to_him.filter(number=number).select_related("current", "section").first()
        if found:
            return Found((Hit(found, 1.0, 1.0, served_of(found, most_used()), ""),), 1)
    words = [one for one in (_wider(word) for word in _words(text)) if one is not None]
    for place, query in enumerate(_widening(words)):
        if (hits := _matching(open_to_him, query, any_of(words), text, asked.shown, by=by)).total:
            return Found(hits.hits, hits.total, widened=place > 0)
    return _alike(open_to_him, text, asked.shown)


def stems_of(text: str) -> list[str]:
    """The beginnings that the forms of its words have in common, as the search sees them; of "the" none. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(to_tsvector(%s, %s))", [CONFIG, text[:LONGEST_QUERY]])
        found: list[str] = cursor.fetchone()[0]
    return found[:MOST_WORDS]


def number_in(text: str) -> int | None:
    """118 of "KB-118", "kb 118" or "118"."""
    digits = text.lower().removeprefix("kb").lstrip("-\u2013 ")
    return int(digits) if digits.isdecimal() and len(digits) < 12 else None


def _narrowed(asked: Asked, by: Actor, now: datetime) -> QuerySet[Article]:
    found = readable(by, now)
    found = found.filter(section__in=asked.sections) if asked.sections else found
    return found.filter(kind__in=asked.kinds) if asked.kinds else found


def _words(text: str) -> list[str]:
    return ["".join(sign for sign in word if sign.isalnum() or sign == "-") for word in text.lower().split()][
        :MOST_WORDS
    ]


def _wider(word: str) -> SearchQuery | None:
    """The word, and what an administrator says means the same."""
    if not word:
        return None
    same = next((one.words for one in _synonyms() if word in one.words), [word])
    queries = [SearchQuery(one, config=CONFIG, search_type="phrase") for one in dict.fromkeys([word, *same])]
    return reduce(lambda one, other: one | other, queries)


def _synonyms() -> list[Synonyms]:
    return list(Synonyms.objects.all())


def _widening(words: Sequence[SearchQuery]) -> Iterator[SearchQuery]:
    """All of the words; all but one; any. Each is asked only when the one before has found nothing."""
    if not words:
        return
    yield all_of(words)
    if len(words) > _FEW_WORDS:
        yield any_of([all_of([*words[:left], *words[left + 1 :]]) for left in range(len(words))])
    if len(words) > 1:
        yield any_of(words)


def all_of(words: Sequence[SearchQuery]) -> SearchQuery:
    return reduce(lambda one, other: one & other, words)


def any_of(words: Sequence[SearchQuery]) -> SearchQuery:
    return reduce(lambda one, other: one | other, words)


def _matching(
    found: QuerySet[Article], query: SearchQuery, words: SearchQuery, text: str, shown: int, *, by: Actor
) -> Found:
    """query: what has to fit; words: any of them, by which the match is reckoned; text: as it was asked."""
    matching = found.filter(current__words=query, current__state=State.IN_FORCE)
    rank = SearchRank(F("current__words"), words, normalization=_WHOLE, cover_density=False)
    best = matching.annotate(match=rank, total=Window(Count("*"))).order_by("-match", "number")
    figures = list(best.only("original_id", "language", "used", "solved", "not_solved")[:LOOKED_AT])
    if not figures:
        return Found()
    most = most_used()
    matches = _weighed(text, figures)
    scored = [(score(match, served_of(one, most)), match, one) for match, one in zip(matches, figures, strict=True)]
    scored.sort(key=lambda row: -row[0])
    weighed = in_language(scored, language_of(by), lambda row: row[2])[: min(shown, MOST_SHOWN)]
    keys = [one.pk for _score, _match, one in weighed]
    rows, files = _rows(keys, words), find_in_files(FILES_KIND, keys, words, by=by)
    hits = (
        Hit(
            rows[one.pk], match, found_score, served_of(one, most), _excerpt(rows[one.pk]),
            tuple(files.get(one.pk, ())),
        )
        for found_score, match, one in weighed
    )  # fmt: skip
    return Found(tuple(hits), figures[0].total)


@cache
def find_ranker() -> Ranker:
    """As settings.RANKER says."""
    made: Ranker = import_string(settings.RANKER)()
    return made


def _weighed(text: str, figures: Sequence[Article]) -> Sequence[float]:
    """How well each fits, as the ranker says; as the search itself says while that one is away."""
    ranker, matches = find_ranker(), [float(one.match) for one in figures]  # type: ignore[attr-defined]
    said = _said([one.pk for one in figures]) if ranker.reads else {}
    try:
        return ranker.weigh(
            text, [Candidate(match, said.get(one.pk, "")) for match, one in zip(matches, figures, strict=True)]
        )
    except RankerAway:
        return matches


def _said(keys: Sequence[UUID]) -> dict[UUID, str]:
    """What articles say in short. One query."""
    rows = Article.objects.filter(pk__in=keys).values_list(
        "pk", "current__title", "current__keywords", "current__brief"
    )
    return {key: "\n".join(filter(None, parts)) for key, *parts in rows}


def _rows(keys: Sequence[UUID], query: SearchQuery | None) -> dict[UUID, Article]:
    found = lines(Article.objects.filter(pk__in=keys))
    if query is not None:
        found = found.annotate(
            excerpt=SearchHeadline(
                "current__brief", query, config=CONFIG, start_sel=START, stop_sel=STOP, max_words=30, min_words=12,
                max_fragments=1,
            )
        )  # fmt: skip
    return {one.pk: one for one in found}


def _excerpt(article: Article) -> str:
    return str(getattr(article, "excerpt", "") or "")


def _alike(found: QuerySet[Article], text: str, shown: int) -> Found:
    """Nothing has the words; titles that look like what was typed."""
    in_force = found.filter(current__state=State.IN_FORCE)
    similar = in_force.annotate(match=TrigramSimilarity("current__title", text)).filter(match__gt=_LEAST_ALIKE)
    rows = list(similar.select_related("current", "section").order_by("-match", "number")[: min(shown, MOST_SHOWN)])
    most = most_used()
    hits = (Hit(row, row.match, score(row.match, served_of(row, most)), served_of(row, most), "") for row in rows)
    return Found(tuple(hits), len(rows), widened=True)
