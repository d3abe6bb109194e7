"""Reading what is known. Everybody finds what is in force for him; those who write see drafts besides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.files.models import File
from perezvon.kernel.errors import NotFound
from perezvon.modules.catalogue.models import Product
from perezvon.modules.catalogue.selectors import list_products
from perezvon.modules.knowledge.models import Article, ArticleVersion, Consulted, Section, State, Use
from perezvon.modules.knowledge.ranking import Served, score

VIEW, WRITE, APPROVE, ARRANGE = "knowledge.view", "knowledge.write", "knowledge.approve", "knowledge.arrange"
SHOWN, MOST_SHOWN = 20, 100
FILES_KIND = "article"


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
