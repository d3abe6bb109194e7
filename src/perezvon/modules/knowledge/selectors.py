"""Reading what is known. Everybody finds what is in force for him; those who write see drafts besides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, TrigramSimilarity
from django.db.models import Count, F, Q, QuerySet, Window

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.files.models import File
from perezvon.foundation.files.selectors import START, STOP, FoundIn, find_in_files
from perezvon.kernel.errors import NotFound
from perezvon.modules.catalogue.models import Product
from perezvon.modules.catalogue.selectors import list_products
from perezvon.modules.knowledge.models import Article, ArticleVersion, Consulted, Section, State, Synonyms, Use
from perezvon.modules.knowledge.ranking import Served, score

VIEW, WRITE, APPROVE, ARRANGE = "knowledge.view", "knowledge.write", "knowledge.approve", "knowledge.arrange"
# PostgreSQL's Russian configuration takes Latin words to their English stems, so one serves both languages.
CONFIG = "russian"
FILES_KIND = "article"
SHOWN, MOST_SHOWN = 20, 100
LOOKED_AT = 400  # of the best matches these are weighed by use and success
LONGEST_QUERY, MOST_WORDS = 200, 12
_LEAST_ALIKE = 0.25
_WHOLE = 32  # ts_rank: rank / (rank + 1), so that a match is 0 … 1
_FEW_WORDS = 2  # of so few none is left out, short of all but one


class NoSuchArticle(NotFound):
    code = "knowledge.no_such_article"


class NoSuchSection(NotFound):
    code = "knowledge.no_such_section"


# --- the tree ---


@dataclass(slots=True)
class SectionNode:
    """A section with those below it. count: articles in force there and below."""

    section: Section
    depth: int = 0
    count: int = 0
    children: list[SectionNode] = field(default_factory=list)

    def walk(self) -> Iterable[SectionNode]:
        yield self
        for child in self.children:
            yield from child.walk()


def section_tree(*, by: Actor, now: datetime, with_withdrawn: bool = False) -> list[SectionNode]:
    """The roots of what the actor sees, with the number of articles. Two queries."""
    sections = list(visible_sections(by, with_withdrawn=with_withdrawn))
    nodes = {one.pk: SectionNode(one) for one in sections}
    counted = Article.objects.published(now).filter(section__in=nodes).order_by().values("section")
    counts = {row["section"]: row["count"] for row in counted.annotate(count=Count("pk"))}
    roots: list[SectionNode] = []
    for node in nodes.values():
        above = nodes.get(node.section.parent_id) if node.section.parent_id else None
        if node.section.parent_id and above is None:
            continue  # what is above it is closed to him
        (above.children if above else roots).append(node)
    for root in roots:
        _settle(root, 0, counts)
    return roots


def _settle(node: SectionNode, depth: int, counts: dict[int, int]) -> int:
    node.depth = depth
    node.count = counts.get(node.section.pk, 0) + sum(_settle(one, depth + 1, counts) for one in node.children)
    return node.count


def visible_sections(by: Actor, *, with_withdrawn: bool = False) -> QuerySet[Section]:
    found = Section.objects.all() if with_withdrawn else Section.objects.filter(is_active=True)
    return found if by.projects is None else found.filter(Q(project=None) | Q(project__in=by.projects))


def get_section(section_id: int, *, by: Actor) -> Section:
    """Raises NoSuchSection."""
    found = visible_sections(by, with_withdrawn=True).filter(pk=section_id).first()
    if found is None:
        raise NoSuchSection(section=section_id)
    return found


def below(section_id: int, tree: Sequence[SectionNode]) -> list[int]:
    """Keys of a section and of all below it."""
    for root in tree:
        for node in root.walk():
            if node.section.pk == section_id:
                return [one.section.pk for one in node.walk()]
    return []


# --- articles ---


def visible_articles(by: Actor, *, deleted: bool = False) -> QuerySet[Article]:
    """All of the sections that the actor sees, in force or not: for those who write."""
    open_sections = visible_sections(by, with_withdrawn=True)
    return Article.objects.filter(deleted_at__isnull=not deleted, section__in=open_sections.values("pk"))


def readable(by: Actor, now: datetime) -> QuerySet[Article]:
    """Those in force that the actor may read."""
    open_sections = visible_sections(by).values("pk")
    return Article.objects.published(now).filter(section__in=open_sections)


def lines(found: QuerySet[Article]) -> QuerySet[Article]:
    """As lists show them: without what they say at length."""
    return found.select_related("current", "section").defer("current__body", "current__words")


def get_article(article_id: UUID, *, by: Actor, now: datetime) -> Article:
    """In force, or for whoever writes in any state. Raises NoSuchArticle."""
    by.must(VIEW)
    found = visible_articles(by) if by.may(WRITE) else readable(by, now)
    one = (
        found.select_related("section", "current__author", "current__judged_by", "author")
        .defer("current__words")
        .filter(pk=article_id)
        .first()
    )
    if one is None:
        raise NoSuchArticle(article=article_id)
    return one


def draft_of(article: Article) -> ArticleVersion | None:
    """The version that is being written or waits to be judged; one at most."""
    return article.versions.filter(state__in=[State.DRAFT, State.WAITING]).select_related("author").first()


def versions_of(article: Article) -> list[ArticleVersion]:
    return list(article.versions.select_related("author", "judged_by"))


def list_waiting(*, by: Actor) -> list[ArticleVersion]:
    """Drafts that wait for somebody's word, the oldest first. One query."""
    waiting = ArticleVersion.objects.filter(state=State.WAITING, article__in=visible_articles(by).values("pk"))
    return list(waiting.select_related("article__section", "author").order_by("written_at", "pk")[:MOST_SHOWN])


def list_drafts(*, by: Actor) -> list[ArticleVersion]:
    """One's own, the newest first. One query."""
    mine = ArticleVersion.objects.filter(state__in=[State.DRAFT, State.REFUSED], author=by.user_id)
    return list(mine.select_related("article__section").order_by("-written_at", "-pk")[:MOST_SHOWN])


def list_ageing(*, by: Actor, now: datetime) -> QuerySet[Article]:
    """In force, but due to be looked at."""
    return readable(by, now).filter(check_by__lte=now.date()).select_related("current", "section").order_by("check_by")


def list_in(section_ids: Collection[int], *, by: Actor, now: datetime) -> list[Article]:
    """In force in these sections, by title, in his language where it is said in it. One query."""
    found = lines(readable(by, now).filter(section__in=section_ids))
    return in_language(found.order_by("current__title", "number")[:MOST_SHOWN], language_of(by), _itself)


def list_for_topics(topic_ids: Collection[int], *, by: Actor, now: datetime) -> list[Article]:
    """What belongs to these topics of a conversation (F12.05). One query."""
    found = lines(readable(by, now).filter(topics__in=topic_ids)).distinct()
    return in_language(found.order_by("current__title", "number")[:SHOWN], language_of(by), _itself)


def list_for_product(product_id: int, *, by: Actor, now: datetime) -> list[Article]:
    """Solutions of problems with this product, those that helped first (F12.14). One query."""
    found = lines(readable(by, now).filter(products=product_id)).order_by("-used", "number")[: SHOWN * 2]
    most = most_used()
    best = sorted(found, key=lambda one: (-score(1.0, served_of(one, most)), one.number))
    return in_language(best, language_of(by), _itself)[:SHOWN]


def language_of(by: Actor) -> str:
    """Of whoever reads; a program reads Russian."""
    return by.language if isinstance(by, Person) else "ru"


def _itself(article: Article) -> Article:
    return article


def find_product(code: str, *, by: Actor) -> Product | None:
    """One query."""
    return list_products(by=by).filter(code=code).first() if code else None


def find_document(article: Article) -> File | None:
    """The file that an article of the kind “document” is: the newest one it has. One query."""
    return File.objects.of(FILES_KIND, article.pk).select_related("by").first()


def of_root(root: UUID) -> QuerySet[Article]:
    """An article and all its translations."""
    return Article.objects.filter(Q(pk=root) | Q(original=root), deleted_at=None)


def translations_of(article: Article) -> QuerySet[Article]:
    """The same in other languages, drafts among them."""
    return of_root(article.root).exclude(pk=article.pk).order_by("language")


def in_language[T](found: Iterable[T], language: str, article_of: Callable[[T], Article]) -> list[T]:
    """One of each article and its translations: in this language where there is one, else the first. Order stays."""
    kept: dict[UUID, T] = {}
    for one in found:
        article = article_of(one)
        if article.root not in kept or (
            article.language == language and article_of(kept[article.root]).language != language
        ):
            kept[article.root] = one
    return list(kept.values())


def consulted_in(contact: UUID) -> list[Consulted]:
    """What was opened while this contact was served, in order. One query."""
    return list(
        Consulted.objects.filter(contact=contact).select_related("article__current", "user").order_by("at", "pk")
    )


def uses_of(article: Article) -> list[Use]:
    """For which records it was taken, the latest first. One query."""
    return list(article.uses.select_related("user")[:MOST_SHOWN])


def uses_for(subject: str, record: UUID) -> list[Use]:
    """What was taken for one record. One query."""
    return list(Use.objects.filter(subject=subject, record=record).select_related("article__current", "user"))


def most_used() -> int:
    """How often the most used article was taken. One query."""
    return Article.objects.order_by("-used").values_list("used", flat=True).first() or 0


def served_of(article: Article, most: int) -> Served:
    return Served(article.used, article.solved, article.not_solved, most)


# --- finding ---


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
        if (hits := _matching(open_to_him, query, any_of(words), asked.shown, by)).total:
            return Found(hits.hits, hits.total, widened=place > 0)
    return _alike(open_to_him, text, asked.shown)


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


def _matching(found: QuerySet[Article], query: SearchQuery, words: SearchQuery, shown: int, by: Actor) -> Found:
    """query: what has to fit; words: any of them, by which the match is reckoned."""
    matching = found.filter(current__words=query, current__state=State.IN_FORCE)
    rank = SearchRank(F("current__words"), words, normalization=_WHOLE, cover_density=False)
    best = matching.annotate(match=rank, total=Window(Count("*"))).order_by("-match", "number")
    figures = list(best.only("original_id", "language", "used", "solved", "not_solved")[:LOOKED_AT])
    if not figures:
        return Found()
    most = most_used()
    scored = [(score(one.match, served_of(one, most)), one) for one in figures]
    scored.sort(key=lambda pair: -pair[0])
    weighed = in_language(scored, language_of(by), lambda pair: pair[1])[: min(shown, MOST_SHOWN)]
    keys = [one.pk for _score, one in weighed]
    rows, files = _rows(keys, words), find_in_files(FILES_KIND, keys, words, by=by)
    hits = (
        Hit(
            rows[one.pk], one.match, found_score, served_of(one, most), _excerpt(rows[one.pk]),
            tuple(files.get(one.pk, ())),
        )
        for found_score, one in weighed
    )  # fmt: skip
    return Found(tuple(hits), figures[0].total)


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
