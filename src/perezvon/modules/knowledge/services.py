"""Writing down what is known. A draft is nobody's knowledge until somebody else, or whoever may, has approved it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db.models import F, Max, Value
from django.db.models.functions import Coalesce

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.files.looking import MOST_SEARCHED
from perezvon.foundation.files.selectors import words_of_files
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.services import LONGEST_TEXT
from perezvon.foundation.numbering import next_number
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.catalogue.models import Product
from perezvon.modules.knowledge.events import ArticlePublished, ArticleSubmitted
from perezvon.modules.knowledge.models import (
    Article,
    ArticleVersion,
    Audience,
    Consulted,
    Kind,
    Section,
    State,
    Synonyms,
    Unanswered,
    Use,
    Verdict,
)
from perezvon.modules.knowledge.registry import Letter, Occasion, occasion_kind, operations
from perezvon.modules.knowledge.selectors import (
    APPROVE,
    CONFIG,
    FILES_KIND,
    LONGEST_QUERY,
    NoSuchArticle,
    draft_of,
    get_article,
    get_section,
    of_root,
    translations_of,
    visible_articles,
    visible_sections,
)
from perezvon.modules.knowledge.text import clean, plain
from perezvon.modules.topics.models import Topic

LANGUAGES = ("ru", "en")
SHORT = "sms"
LONGEST = {"title": 200, "keywords": 500, "brief": 2_000, "body": 200_000, "url": 500}


class FieldsWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "knowledge.fields_wrong"
    http_status = 422


class Changed(Refused):
    """Somebody else has changed it since it was read."""

    code = "knowledge.changed"


class NothingWaits(Refused):
    """There is no draft to be judged, or it was judged already."""

    code = "knowledge.nothing_waits"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an article is to say. body: HTML; what may not stand in it is taken out.

    original_id: of a new one that says another in its language.
    """

    section_id: int
    title: str
    kind: str = Kind.ARTICLE
    keywords: str = ""
    brief: str = ""
    body: str = ""
    url: str = ""
    operation: str = ""
    language: str = "ru"
    original_id: UUID | None = None
    audience: str = Audience.STAFF
    topic_ids: frozenset[int] = frozenset()
    product_ids: frozenset[int] = frozenset()
    shown_from: datetime | None = None
    shown_until: datetime | None = None
    check_by: date | None = None


# --- articles ---


@command("knowledge.write", needs="knowledge.write")
def write(*, wanted: Wanted, by: Actor, now: datetime) -> Article:
    """A new article, as a draft. Raises FieldsWrong, NoSuchSection."""
    values = _checked(wanted, by)
    article = Article(
        id=uuid7(now), number=next_number("article"), author_id=by.user_id, created_at=now, shown_from=now
    )
    article.original_id = _original(wanted, by)
    _settle(article, wanted, now)
    article.save(force_insert=True)
    _link(article, wanted)
    _save_draft(ArticleVersion(article=article, number=1), values, by, now)
    return article


@command("knowledge.change", needs="knowledge.write")
def change(*, article_id: UUID, version: int, wanted: Wanted, by: Actor, now: datetime) -> ArticleVersion:
    """Write its draft anew; what is in force stays in force meanwhile.

    Where it stands and who sees it changes at once, so only those who may approve change that of one in force.
    Raises FieldsWrong, Changed, NoSuchArticle, NoSuchSection.
    """
    article = _lock(article_id, by)
    if article.version != version:
        raise Changed(article=article_id)
    values = _checked(wanted, by)
    _check_language(article, wanted)
    if article.current_id is None or by.may(APPROVE):
        _settle(article, wanted, now)
        _link(article, wanted)
    article.version += 1
    article.save()
    draft = draft_of(article) or ArticleVersion(article=article, number=_next_number(article))
    return _save_draft(draft, values, by, now)


@command("knowledge.submit", needs="knowledge.write")
def submit(*, article_id: UUID, by: Actor, now: datetime) -> ArticleVersion:
    """Ask for a word on the draft. Raises NothingWaits, NoSuchArticle."""
    draft = draft_of(_lock(article_id, by))
    if draft is None or draft.state != State.DRAFT:
        raise NothingWaits(article=article_id)
    draft.state = State.WAITING
    draft.save(update_fields=["state"])
    publish(ArticleSubmitted(article_id=article_id, version=draft.number), now=now)
    return draft


@command("knowledge.approve", needs="knowledge.approve")
def approve(*, article_id: UUID, number: int, by: Actor, now: datetime) -> ArticleVersion:
    """The draft of this number is in force from now on, or from when its article is shown.

    Raises NothingWaits when there is none, or somebody has written another meanwhile; NoSuchArticle.
    """
    article = _lock(article_id, by)
    draft = draft_of(article)
    if draft is None or draft.number != number:
        raise NothingWaits(article=article_id)
    article.versions.filter(state=State.IN_FORCE).update(state=State.REPLACED)
    draft.state, draft.judged_by_id, draft.judged_at = State.IN_FORCE, by.user_id, now
    draft.save(update_fields=["state", "judged_by", "judged_at"])
    article.current = draft
    article.version += 1
    article.save(update_fields=["current", "version"])
    publish(ArticlePublished(article_id=article_id, version=draft.number), now=now)
    return draft


@command("knowledge.refuse", needs="knowledge.approve")
def refuse(*, article_id: UUID, number: int, why: str, by: Actor, now: datetime) -> ArticleVersion:
    """Send the draft back, saying why. Raises NothingWaits, FieldsWrong, NoSuchArticle."""
    why = " ".join(why.split())
    if not why or len(why) > 500:
        raise FieldsWrong(problems={"why": Wrong("text.long", most=500) if why else Wrong("field.required")})
    draft = draft_of(_lock(article_id, by))
    if draft is None or draft.number != number:
        raise NothingWaits(article=article_id)
    draft.state, draft.judged_by_id, draft.judged_at, draft.judgement = State.REFUSED, by.user_id, now, why
    draft.save(update_fields=["state", "judged_by", "judged_at", "judgement"])
    return draft


@command("knowledge.restore_version", needs="knowledge.write")
def restore_version(*, article_id: UUID, number: int, by: Actor, now: datetime) -> ArticleVersion:
    """A new draft that says what an earlier version said. Raises NoSuchArticle."""
    article = _lock(article_id, by)
    old = article.versions.filter(number=number).first()
    if old is None:
        raise NoSuchArticle(article=article_id)
    draft = draft_of(article) or ArticleVersion(article=article, number=_next_number(article))
    values = {name: getattr(old, name) for name in ("title", "keywords", "brief", "body")}
    return _save_draft(draft, values, by, now)


@command("knowledge.delete", needs="knowledge.approve")
def delete(*, article_ids: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    """Take them out of the base. Their keys."""
    return _switch(visible_articles(by).filter(pk__in=article_ids), deleted_at=now)


@command("knowledge.restore", needs="knowledge.approve")
def restore(*, article_ids: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return _switch(visible_articles(by, deleted=True).filter(pk__in=article_ids), deleted_at=None)


# --- how it serves ---


@command("knowledge.consult", needs="knowledge.view")
def consult(*, article_id: UUID, contact: UUID, by: Actor, now: datetime) -> None:
    """It was opened while this contact was served: it stands in the contact's history (F02.14). Once is enough."""
    article = get_article(article_id, by=by, now=now)
    Consulted.objects.get_or_create(article=article, contact=contact, defaults={"user_id": by.user_id or 0, "at": now})


class NotForCustomers(Refused):
    """Customers see nothing of this article."""

    code = "knowledge.not_for_customers"


class NoAddress(Refused):
    """The letter would go to an address that is none of the customer's."""

    code = "knowledge.no_address"
    http_status = 422


@command("knowledge.send", needs="messages.send")
def send(*, article_id: UUID, occasion: Occasion, letter: Letter, by: Actor, now: datetime) -> Use:
    """Send what an article says to the customer (F12.13). It stands in the history of the contact or case that it is
    sent from, and the article was taken for it.

    Raises NotForCustomers, NoAddress, NoSuchArticle, and what a message raises that must not be sent.
    """
    article = get_article(article_id, by=by, now=now)
    if not text_for_customers(article, letter.channel):
        raise NotForCustomers(article=article_id)
    if (letter.channel, letter.to) not in occasion.addresses:
        raise NoAddress(to=letter.to)
    occasion_kind(occasion.kind).send(occasion.id, letter, by, now)
    known = article.uses.filter(subject=occasion.kind, record=occasion.id).first()
    return known or take(
        article_id=article_id, subject=occasion.kind, record=occasion.id, verdict=Verdict.USED, by=by, now=now
    )


def text_for_customers(article: Article, channel: str) -> str:
    """What leaves the house: nothing of a draft, nor of an article for the staff alone. A short message is short."""
    said = article.current
    if said is None or article.audience == Audience.STAFF:
        return ""
    whole = article.audience == Audience.ALL and channel != SHORT
    parts = [said.brief, article.url if article.audience == Audience.ALL else "", plain(said.body) if whole else ""]
    text = "\n\n".join(part for part in parts if part)
    return text[: LONGEST_TEXT[Channel(channel)]]


def note_read(article_id: UUID) -> None:
    """One more look at it: a figure, not a change."""
    Article.objects.filter(pk=article_id).update(read=F("read") + 1)


@command("knowledge.take", needs="knowledge.view")
def take(*, article_id: UUID, subject: str, record: UUID, verdict: Verdict, by: Actor, now: datetime) -> Use:
    """It was taken for a problem; later, whether it solved it. Counted once for each record (F12.15, F12.16)."""
    article = get_article(article_id, by=by, now=now)
    Article.objects.select_for_update().get(pk=article.pk)
    use, made = Use.objects.get_or_create(
        article=article, subject=subject, record=record,
        defaults={"verdict": verdict, "user_id": by.user_id, "at": now},
    )  # fmt: skip
    before = Verdict.USED if made else Verdict(use.verdict)
    if not made and before != verdict:
        use.verdict, use.user_id, use.at = verdict, by.user_id, now
        use.save(update_fields=["verdict", "user", "at"])
    judged = {Verdict.SOLVED: "solved", Verdict.NOT_SOLVED: "not_solved"}
    moved: dict[str, int] = {"used": 1} if made else {}
    for state, sign in ((before, -1), (verdict, 1)):
        if state in judged and before != verdict:
            moved[judged[state]] = sign
    if moved:
        Article.objects.filter(pk=article.pk).update(**{name: F(name) + by_ for name, by_ in moved.items()})
    return use


def note_unanswered(text: str, now: datetime) -> None:
    """Somebody looked for it in vain."""
    text = " ".join(text.lower().split())[:LONGEST_QUERY]
    if len(text) < 3:
        return
    row, made = Unanswered.objects.get_or_create(text=text, defaults={"at": now})
    if not made:
        Unanswered.objects.filter(pk=row.pk).update(asked=F("asked") + 1, at=now, is_settled=False)


@command("knowledge.settle", needs="knowledge.write")
def settle(*, unanswered_id: int, by: Actor, now: datetime) -> None:
    """There is an answer now, or it needs none."""
    Unanswered.objects.filter(pk=unanswered_id).update(is_settled=True)


# --- the tree, and words that mean the same ---


@dataclass(frozen=True, slots=True)
class SectionWanted:
    """code: of a new one; it stays as it is then."""

    code: str
    name: Mapping[str, str]
    parent_id: int | None = None
    project_id: int | None = None
    is_library: bool = False
    position: int = 0
    is_active: bool = True


@command("knowledge.save_section", needs="knowledge.arrange")
def save_section(*, section_id: int | None, version: int, wanted: SectionWanted, by: Actor, now: datetime) -> Section:
    """A new one when there is no id. Raises FieldsWrong, Changed, NoSuchSection."""
    section = get_section(section_id, by=by) if section_id else Section(code=wanted.code)
    if section_id and section.version != version:
        raise Changed(section=section_id)
    _check_section(section, wanted, by)
    section.name = {code: text.strip() for code, text in wanted.name.items() if text.strip()}
    section.parent_id, section.project_id = wanted.parent_id, wanted.project_id
    section.is_library, section.is_active = wanted.is_library, wanted.is_active
    section.position = wanted.position
    section.version = section.version + 1 if section_id else 1
    section.save()
    return section


def _check_section(section: Section, wanted: SectionWanted, by: Actor) -> None:
    problems: dict[str, Wrong] = {}
    if not section.pk and (not wanted.code.isascii() or not wanted.code.replace("-", "").isalnum()):
        problems["code"] = Wrong("code.form")
    elif not section.pk and Section.objects.filter(code=wanted.code).exists():
        problems["code"] = Wrong("code.taken")
    if not wanted.name.get("ru", "").strip() and not wanted.name.get("en", "").strip():
        problems["name_ru"] = Wrong("field.required")
    if wanted.project_id is not None and not by.sees_project(wanted.project_id):
        problems["project"] = Wrong("choice.unknown")
    if wanted.parent_id is not None and not _may_stand_in(section, wanted.parent_id, by):
        problems["parent"] = Wrong("section.inside_itself")
    if problems:
        raise FieldsWrong(problems=problems)


def _may_stand_in(section: Section, parent_id: int, by: Actor) -> bool:
    """Not in itself, nor in anything below it."""
    parents = dict(visible_sections(by, with_withdrawn=True).values_list("pk", "parent_id"))
    above, seen = parent_id, set[int]()
    while above is not None and above not in seen:
        if above == section.pk or above not in parents:
            return False
        seen.add(above)
        above = parents[above]
    return True


@command("knowledge.save_synonyms", needs="knowledge.arrange")
def save_synonyms(*, synonyms_id: int | None, text: str, by: Actor, now: datetime) -> Synonyms | None:
    """Words with commas between; none at all forgets the row. Raises FieldsWrong."""
    words = list(dict.fromkeys(" ".join(word.lower().split()) for word in text.split(",") if word.strip()))
    row = Synonyms.objects.filter(pk=synonyms_id).first() if synonyms_id else None
    if not words and row:
        row.delete()
        return None
    if len(words) < 2 or len(words) > 20 or any(len(word) > 60 for word in words):
        raise FieldsWrong(problems={"words": Wrong("synonyms.count")})
    row = row or Synonyms(version=0)
    row.words, row.version = words, row.version + 1
    row.save()
    return row


# --- below ---


def _checked(wanted: Wanted, by: Actor) -> dict[str, str]:
    """The texts as they are kept. Raises FieldsWrong, NoSuchSection."""
    values = {
        "title": " ".join(wanted.title.split()),
        "keywords": " ".join(wanted.keywords.split()),
        "brief": wanted.brief.replace("\r\n", "\n").strip(),
        "body": clean(wanted.body),
    }
    problems = {
        name: Wrong("text.long", most=LONGEST[name]) for name, text in values.items() if len(text) > LONGEST[name]
    }
    if not values["title"]:
        problems["title"] = Wrong("field.required")
    if wanted.kind not in Kind.values or wanted.audience not in Audience.values:
        problems["kind"] = Wrong("choice.unknown")
    if wanted.kind == Kind.LINK and not _is_page(wanted.url):
        problems["url"] = Wrong("link.form")
    if wanted.kind == Kind.OPERATION and wanted.operation not in operations():
        problems["operation"] = Wrong("field.required")
    if wanted.language not in LANGUAGES:
        problems["language"] = Wrong("choice.unknown")
    if wanted.shown_until and wanted.shown_from and wanted.shown_until <= wanted.shown_from:
        problems["shown_until"] = Wrong("last_day.before")
    if not visible_sections(by, with_withdrawn=True).filter(pk=wanted.section_id).exists():
        problems["section"] = Wrong("choice.unknown")
    if problems:
        raise FieldsWrong(problems=problems)
    return values


def _is_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= LONGEST["url"]


def _settle(article: Article, wanted: Wanted, now: datetime) -> None:
    article.section_id, article.kind, article.audience = wanted.section_id, wanted.kind, wanted.audience
    article.url = wanted.url if wanted.kind == Kind.LINK else ""
    article.operation = wanted.operation if wanted.kind == Kind.OPERATION else ""
    article.language = wanted.language
    article.shown_from = wanted.shown_from or (article.shown_from if article.number and article.shown_from else now)
    article.shown_until, article.check_by = wanted.shown_until, wanted.check_by


def _original(wanted: Wanted, by: Actor) -> UUID | None:
    """The root of what is translated. Raises NoSuchArticle, FieldsWrong when it is there in this language already."""
    if wanted.original_id is None:
        return None
    root = _lock(wanted.original_id, by).root
    if of_root(root).filter(language=wanted.language).exists():
        raise FieldsWrong(problems={"language": Wrong("translation.taken")})
    return root


def _check_language(article: Article, wanted: Wanted) -> None:
    """Raises FieldsWrong when another translation of it has this language."""
    if article.language != wanted.language and translations_of(article).filter(language=wanted.language).exists():
        raise FieldsWrong(problems={"language": Wrong("translation.taken")})


def _link(article: Article, wanted: Wanted) -> None:
    article.topics.set(Topic.objects.filter(pk__in=wanted.topic_ids))
    article.products.set(Product.objects.filter(pk__in=wanted.product_ids))


def _save_draft(draft: ArticleVersion, values: Mapping[str, str], by: Actor, now: datetime) -> ArticleVersion:
    for name, value in values.items():
        setattr(draft, name, value)
    draft.state, draft.author_id, draft.written_at = State.DRAFT, by.user_id, now
    draft.save()
    index(draft)
    return draft


def index(version: ArticleVersion) -> None:
    """Make its words and those of its files findable: those of the title weigh most."""
    parts = {
        "A": version.title,
        "B": version.keywords,
        "C": version.brief,
        "D": f"{plain(version.body)}\n{words_of_files(FILES_KIND, version.article_id)}"[:MOST_SEARCHED],
    }
    vectors = [SearchVector(Value(text), weight=weight, config=CONFIG) for weight, text in parts.items()]
    whole = vectors[0] + vectors[1] + vectors[2] + vectors[3]
    ArticleVersion.objects.filter(pk=version.pk).update(words=whole)


def index_files(article_id: UUID) -> None:
    """Its files are others, or read by now: find it by their words. An article that is gone is nothing."""
    in_use = [State.IN_FORCE, State.DRAFT, State.WAITING]
    for version in ArticleVersion.objects.filter(article=article_id, state__in=in_use):
        index(version)


def _next_number(article: Article) -> int:
    last = article.versions.aggregate(last=Coalesce(Max("number"), 0))["last"]
    return int(last) + 1


def _lock(article_id: UUID, by: Actor) -> Article:
    one = visible_articles(by).select_for_update(of=("self",)).filter(pk=article_id).first()
    if one is None:
        raise NoSuchArticle(article=article_id)
    return one


def _switch(found: object, **values: object) -> list[UUID]:
    keys = list(found.select_for_update(of=("self",)).values_list("pk", flat=True))  # type: ignore[attr-defined]
    Article.objects.filter(pk__in=keys).update(version=F("version") + 1, **values)
    return keys
