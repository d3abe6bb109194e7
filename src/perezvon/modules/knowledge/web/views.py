"""Reading the base: the tree, the search, one article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.forms import card_sections
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.files.selectors import START, STOP
from perezvon.foundation.files.selectors import VIEW as FILES
from perezvon.foundation.files.web.preview import look_at
from perezvon.foundation.files.web.section import section as files_section
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, ArticleVersion, Kind, State, Verdict
from perezvon.modules.knowledge.registry import Occasion, find_beside, find_occasion, operations, talks_for
from perezvon.modules.knowledge.selectors import (
    APPROVE,
    ARRANGE,
    MOST_SHOWN,
    SHOWN,
    VIEW,
    WRITE,
    Asked,
    Hit,
    SectionNode,
    below,
    draft_of,
    find,
    find_document,
    find_product,
    get_article,
    list_for_product,
    list_for_topics,
    list_in,
    readable,
    section_tree,
    translations_of,
    uses_of,
)
from perezvon.modules.knowledge.text import minutes_to_read, plain

CONTACT, EMAIL = "contact", Channel.EMAIL
MOST_FILES = 3  # of a hit that are named
MOST_BESIDE = 5  # of each kind of other records
_COUNTS = (SHOWN, 50, MOST_SHOWN)


@needs(VIEW)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The tree, and what was found: by `q`, in the section that `in` names, so many as `show` says."""
    by, now = person_of(request), clock.now()
    tree = section_tree(by=by, now=now)
    text, section_id, shown = request.GET.get("q", "").strip(), _key(request.GET.get("in", "")), _shown(request)
    sections = below(section_id, tree) if section_id else []
    found = find(Asked(text, sections, shown=shown), by=by, now=now) if text else None
    if found is not None and not found.total and not sections:
        services.note_unanswered(text, now)
    listed = list_in(sections or [node.section.pk for root in tree for node in root.walk()], by=by, now=now)
    current = next((node for root in tree for node in root.walk() if node.section.pk == section_id), None)
    context = {
        "tree": [_node(root, current) for root in tree],
        "current": current,
        "q": text,
        "found": {"total": found.total, "widened": found.widened, "hits": [_hit(one) for one in found.hits]}
        if found
        else None,
        "beside": [
            {"code": one.code, "title": one.title, "lines": lines}
            for one, lines in (find_beside(text, by, MOST_BESIDE) if not sections else ())
        ],
        "counts": [{"count": count, "current": count == shown} for count in _COUNTS],
        "listed": listed if found is None else [],
        "contact": request.GET.get("contact", ""),
        "may": {"write": by.may(WRITE), "approve": by.may(APPROVE), "arrange": by.may(ARRANGE)},
        "now": now,
    }
    return render_page(request, "knowledge/home.html", context, part="workspace")


@needs(VIEW)
@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """What a form has chosen, in a tab of its own (F12.07): ?product=code or ?topic=number, and ?contact as everywhere.

    One article opens itself; of several the list is shown, and of nothing the search with the product's name in it.
    What an administrator's own fields say of a product stands above all.
    """
    by, now = person_of(request), clock.now()
    product = find_product(request.GET.get("product", ""), by=by)
    if product is not None:
        found = list_for_product(product.pk, by=by, now=now)
    else:
        found = list_for_topics([_key(request.GET.get("topic", "")) or 0], by=by, now=now)
    contact = {"contact": request.GET["contact"]} if request.GET.get("contact") else {}
    own = card_sections(visible_fields(by, product), product.custom) if product is not None else []
    if len(found) == 1 and not own:
        return HttpResponseRedirect(f"{reverse('knowledge:article', args=[found[0].pk])}?{urlencode(contact)}")
    asked = {"q": str(product)} if product is not None else {}
    if not found and not own:
        return HttpResponseRedirect(f"{reverse('knowledge:home')}?{urlencode(asked | contact)}")
    title = str(product) if product is not None else _("By topic")
    context = {
        "title": title,
        "listed": found,
        "own": own,
        "contact": contact.get("contact", ""),
        "steps": [{"label": _("Knowledge"), "url": reverse("knowledge:home")}, {"label": title, "url": ""}],
    }
    return render_page(request, "knowledge/about.html", context, part="workspace")


def _key(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 12 else None


def _shown(request: HttpRequest) -> int:
    asked = _key(request.GET.get("show", ""))
    return asked if asked in _COUNTS else SHOWN


def _node(node: SectionNode, current: SectionNode | None) -> dict[str, Any]:
    return {
        "id": node.section.pk,
        "name": str(node.section),
        "count": node.count,
        "current": node is current,
        "is_open": current is not None and any(one is current for one in node.walk()),
        "children": [_node(one, current) for one in node.children],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    """why: what its place in the order comes from, in words (F12.11)."""
    served = hit.served
    why = [_("match {percent} %").format(percent=round(hit.match * 100))]
    if served.used:
        why.append(_("taken {count} times").format(count=served.used))
    if judged := served.solved + served.not_solved:
        why.append(_("solved {solved} of {judged}").format(solved=served.solved, judged=judged))
    files = [
        {"name": one.name, "url": reverse("files:preview", args=[one.id]), "excerpt": _marked(one.excerpt)}
        for one in hit.files[:MOST_FILES]
    ]
    return {"article": hit.article, "excerpt": _marked(hit.excerpt), "why": " \u00b7 ".join(why), "files": files}


def _marked(excerpt: str) -> SafeString:
    """Escaped first; the marks are signs that no text has (files.selectors.START)."""
    return SafeString(str(escape(excerpt)).replace(START, "<mark>").replace(STOP, "</mark>"))


@needs(VIEW)
@require_GET
def article(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """One article. With `contact`, it is written down that it was opened while that contact was served (F02.14)."""
    by, now = person_of(request), clock.now()
    one = get_article(article_id, by=by, now=now)
    others = list(translations_of(one))
    if (own := _in_his_language(one, others, by, now)) and "original" not in request.GET:
        return HttpResponseRedirect(f"{reverse('knowledge:article', args=[own.pk])}?{request.GET.urlencode()}")
    occasion = find_occasion(request.GET, by)
    contact = occasion.id if occasion and occasion.kind == CONTACT else None
    if one.current_id:
        services.note_read(one.pk)
        if contact:
            services.consult(article_id=one.pk, contact=contact, by=by, now=now)
    draft = draft_of(one) if by.may(WRITE) else None
    topics = list(one.topics.all())
    said = draft if draft and ("draft" in request.GET or one.current is None) else one.current or draft
    context = {
        "one": one,
        "said": said,
        "body": SafeString(said.body) if said else "",  # cleaned by text.clean when it was saved
        "facts": _facts(one, said),
        "steps": _steps(one),
        "draft": draft,
        "is_draft": said is not None and said.state != State.IN_FORCE,
        "uses": uses_of(one) if by.may(WRITE) else [],
        "topics": topics,
        "talks": talks_for([topic.pk for topic in topics], occasion, by),
        "products": list(one.products.all()),
        "may": {"write": by.may(WRITE), "approve": by.may(APPROVE)},
        "files": files_section("article", one.pk, by=by, now=now) if by.may(FILES) else None,
        "look": _document(one) if one.kind == Kind.DOCUMENT and by.may(FILES) else None,
        "contact": contact,
        "occasion": occasion,
        "query": request.GET.urlencode(),
        "operation": _operation(one, occasion, by, now) if one.kind == Kind.OPERATION else None,
        "languages": _languages(one, others, by, now),
        "send_url": _send_url(one, occasion, by),
        "sent": "sent" in request.GET,
        "overdue": one.check_by is not None and one.check_by <= now.date(),
        "saved": "saved" in request.GET,
        "now": now,
    }
    return render_page(request, "knowledge/article.html", context, part="workspace")


def _in_his_language(one: Article, others: Sequence[Article], by: Person, now: datetime) -> Article | None:
    """The translation that he reads instead, if this one is not in his language and that one is in force."""
    if one.language == by.language:
        return None
    same = [other.pk for other in others if other.language == by.language]
    return readable(by, now).filter(pk__in=same).first()


def _languages(one: Article, others: Sequence[Article], by: Person, now: datetime) -> dict[str, Any]:
    """In which other languages it is said, in which it could be, and whether he reads one that is not his."""
    names = dict(settings.LANGUAGES)
    open_ones = set(readable(by, now).filter(pk__in=[other.pk for other in others]).values_list("pk", flat=True))
    known = {one.language, *(other.language for other in others)}
    return {
        "said": [
            {"name": names[other.language], "url": f"{reverse('knowledge:article', args=[other.pk])}?original"}
            for other in others
            if other.pk in open_ones or by.may(WRITE)
        ],
        "missing": [
            {"name": names[code], "url": f"{reverse('knowledge:new')}?translates={one.pk}&language={code}"}
            for code in services.LANGUAGES
            if code not in known and by.may(WRITE)
        ],
        "foreign": names[one.language] if one.language != by.language else "",
    }


def _operation(one: Article, occasion: Occasion | None, by: Person, now: datetime) -> dict[str, Any]:
    """What it shows of the customer who is served; words say why it shows nothing."""
    found = operations().get(one.operation)
    shown: dict[str, Any] = {"title": found.title if found else one.operation, "lines": [], "words": "", "customer": ""}
    if found is None:
        return shown | {"words": _("This operation is not there any more.")}
    if not by.may(found.right):
        return shown | {"words": _("Your rights do not let you see this.")}
    if occasion is None or occasion.customer is None:
        return shown | {"words": _("Opened beside a contact or a case it shows this of the customer there.")}
    try:
        lines = found.lines(occasion.customer, by, now)
    except NotFound:
        return shown | {"words": _("The card of this customer is not open to you.")}
    return shown | {
        "lines": lines,
        "customer": occasion.customer_name,
        "words": "" if lines else _("There is nothing."),
    }


def _send_url(one: Article, occasion: Occasion | None, by: Person) -> str:
    """ "" where there is nobody to send it to, or nothing that may be sent."""
    may = occasion is not None and occasion.customer is not None and by.may(SEND)
    if not may or occasion is None or not services.text_for_customers(one, EMAIL):
        return ""
    return f"{reverse('knowledge:send', args=[one.pk])}?{occasion.kind}={occasion.id}"


def _document(one: Article) -> dict[str, Any] | None:
    """The document itself, as files/_look.html takes it."""
    file = find_document(one)
    return look_at(file) if file else None


def _facts(one: Article, said: ArticleVersion | None) -> list[dict[str, Any]]:
    """Rows as ui/fact.html takes them, without those that are empty."""
    minutes = minutes_to_read(f"{said.brief} {plain(said.body)}") if said else 1
    judged = one.solved + one.not_solved
    rows = [
        (_("Kind"), one.get_kind_display(), ""),
        (_("Version"), str(said.number) if said else "", "number"),
        (_("Written by"), said.author.short_name if said and said.author else "", ""),
        (_("Approved by"), said.judged_by.short_name if said and said.judged_by else "", ""),
        (_("To read"), ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes), ""),
        (_("Customers see"), one.get_audience_display(), ""),
        (_("Check by"), date_format(one.check_by, "SHORT_DATE_FORMAT") if one.check_by else "", "number"),
        (_("Shown until"), date_format(localtime(one.shown_until), "SHORT_DATETIME_FORMAT") if one.shown_until else "",
         "number"),
        (_("Read"), str(one.read), "number"),
        (_("Taken"), str(one.used), "number"),
        (_("Solved"), _("{percent} %").format(percent=round(one.solved / judged * 100)) if judged else "", "number"),
    ]  # fmt: skip
    return [{"label": label, "value": value, "kind": kind} for label, value, kind in rows if value]


@needs(VIEW)
@require_POST
def judged(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """Whether it helped, in the contact that was served."""
    by, now = person_of(request), clock.now()
    occasion = find_occasion(request.GET, by)
    verdict = request.POST.get("verdict", "")
    if occasion and verdict in Verdict.values:
        services.take(
            article_id=article_id, subject=occasion.kind, record=occasion.id, verdict=Verdict(verdict), by=by, now=now
        )
    query = f"?{occasion.kind}={occasion.id}&saved" if occasion else ""
    return HttpResponseRedirect(f"{reverse('knowledge:article', args=[article_id])}{query}")


def _steps(one: Article) -> list[dict[str, str]]:
    where = f"{reverse('knowledge:home')}?in={one.section_id}"
    return [
        {"label": _("Knowledge"), "url": reverse("knowledge:home")},
        {"label": str(one.section), "url": where},
        {"label": str(one), "url": ""},
    ]


@say("knowledge.no_such_article")
def _no_such(_error: PerezvonError) -> str:
    return _("This article is not there, or it is not open to you.")


@say("knowledge.not_for_customers")
def _not_for_customers(_error: PerezvonError) -> str:
    return _("Customers may see nothing of this article, so it cannot be sent.")


@say("knowledge.no_address")
def _no_address(_error: PerezvonError) -> str:
    return _("Choose one of the customer's addresses.")


@say("knowledge.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed it meanwhile. Open it again to see how it reads now.")


@say("knowledge.nothing_waits")
def _nothing_waits(_error: PerezvonError) -> str:
    return _("There is no draft any more: somebody has judged it, or written another.")
