"""Writing: the form of an article, its versions, what waits for somebody's word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.web.small_forms import day_text, moment_text, typed_day, typed_key, typed_moment
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.catalogue.selectors import list_products
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, Audience, Kind
from perezvon.modules.knowledge.registry import operations
from perezvon.modules.knowledge.selectors import (
    APPROVE,
    WRITE,
    draft_of,
    get_article,
    list_ageing,
    list_drafts,
    list_waiting,
    section_tree,
    versions_of,
)
from perezvon.modules.topics.selectors import topic_tree

_UNPROCESSABLE = 422


@needs(WRITE)
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """What there is to do: drafts of one's own, drafts that wait, articles that grow old."""
    by, now = person_of(request), clock.now()
    context = {
        "drafts": list_drafts(by=by),
        "waiting": list_waiting(by=by),
        "ageing": list_ageing(by=by, now=now)[:100],
        "may_approve": by.may(APPROVE),
        "steps": [{"label": _("Knowledge"), "url": reverse("knowledge:home")}, {"label": _("To be done"), "url": ""}],
        "now": now,
    }
    return render_page(request, "knowledge/work.html", context, part="workspace")


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, article_id: UUID | None = None) -> HttpResponse:
    """The form of a new article, or of another version of one."""
    by, now = person_of(request), clock.now()
    known = get_article(article_id, by=by, now=now) if article_id else None
    if request.method != "POST":
        return _form(request, known, _first(known, request), {}, by, now)
    given = {name: str(value) for name, value in request.POST.items()}
    given |= {name: ",".join(request.POST.getlist(name)) for name in ("topics", "products")}
    errors: dict[str, str] = {}
    wanted = _wanted(given, errors)
    saved = None if errors else _save(known, wanted, given, errors, by, now)
    if saved is None:
        return _form(request, known, given, errors, by, now)
    if "submit" in given:
        services.submit(article_id=saved, by=by, now=now)
    return HttpResponseRedirect(f"{reverse('knowledge:article', args=[saved])}?draft&saved")


def _save(
    known: Article | None,
    wanted: services.Wanted,
    given: Mapping[str, str],
    errors: dict[str, str],
    by: Person,
    now: datetime,
) -> UUID | None:
    try:
        if known is None:
            return services.write(wanted=wanted, by=by, now=now).pk
        version = typed_key(given, "version") or 0
        services.change(article_id=known.pk, version=version, wanted=wanted, by=by, now=now)
        return known.pk
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors |= {name: _problem(one) for name, one in problems.items()}
        return None


def _problem(wrong: Wrong) -> str:
    if wrong.code == "translation.taken":
        return _("It is there in this language already.")
    return problem_words(wrong.code, wrong.facts)


def _first(known: Article | None, request: HttpRequest) -> dict[str, str]:
    if known is None and (original := request.GET.get("translates")):
        return _of_original(original, request)
    if known is None:
        first = {"section": request.GET.get("in", ""), "kind": Kind.ARTICLE, "audience": Audience.STAFF}
        return first | {"language": person_of(request).language}
    said = draft_of(known) or known.current or known.versions.first()
    texts = {name: getattr(said, name) for name in ("title", "keywords", "brief", "body")} if said else {}
    return texts | {
        "section": str(known.section_id),
        "kind": known.kind,
        "audience": known.audience,
        "url": known.url,
        "operation": known.operation,
        "language": known.language,
        "topics": ",".join(str(key) for key in known.topics.values_list("pk", flat=True)),
        "products": ",".join(str(key) for key in known.products.values_list("pk", flat=True)),
        "shown_from": moment_text(known.shown_from),
        "shown_until": moment_text(known.shown_until),
        "check_by": day_text(known.check_by),
        "version": str(known.version),
    }


def _of_original(text: str, request: HttpRequest) -> dict[str, str]:
    """A translation begins as what it translates. Raises NotFound."""
    try:
        key = UUID(text)
    except ValueError:
        raise NotFound(article=text[:40]) from None
    original = get_article(key, by=person_of(request), now=clock.now())
    return {**_first(original, request), "version": "", "original": text, "language": request.GET.get("language", "")}


def _wanted(given: Mapping[str, str], errors: dict[str, str]) -> services.Wanted:
    return services.Wanted(
        section_id=typed_key(given, "section") or 0,
        title=given.get("title", ""),
        kind=given.get("kind", ""),
        keywords=given.get("keywords", ""),
        brief=given.get("brief", ""),
        body=given.get("body", ""),
        url=given.get("url", "").strip(),
        operation=given.get("operation", ""),
        language=given.get("language") or "ru",
        original_id=_article(given.get("original", "")),
        audience=given.get("audience", ""),
        topic_ids=_keys(given.get("topics", "")),
        product_ids=_keys(given.get("products", "")),
        shown_from=typed_moment(given, "shown_from", errors),
        shown_until=typed_moment(given, "shown_until", errors),
        check_by=typed_day(given, "check_by", errors),
    )


def _article(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _keys(text: str) -> frozenset[int]:
    return frozenset(int(key) for key in text.split(",") if key.isdecimal() and len(key) < 18)


def _form(
    request: HttpRequest, known: Article | None, given: Mapping[str, str], errors: Mapping[str, str], by: Person,
    now: datetime,
) -> HttpResponse:  # fmt: skip
    title = str(known) if known else _("New article")
    context = {
        "title": title,
        "steps": [{"label": _("Knowledge"), "url": reverse("knowledge:home")}, {"label": title, "url": ""}],
        "given": given,
        "errors": errors,
        "problems": [{"field": name, "label": _LABELS[name]()} for name in errors if name in _LABELS],
        "kinds": Kind.choices,
        "audiences": Audience.choices,
        "operations": [("", "\u2014"), *((one.code, one.title) for one in operations().values())],
        "languages": [(code, name) for code, name in settings.LANGUAGES if code in services.LANGUAGES],
        "sections": _section_choices(by, now),
        "topics": _topics(by, given),
        "products": _products(by, given),
        "post_url": request.get_full_path(),
        "back_url": reverse("knowledge:article", args=[known.pk]) if known else reverse("knowledge:home"),
    }
    return render_page(
        request, "knowledge/form.html", context, part="workspace", status=_UNPROCESSABLE if errors else 200
    )


_LABELS: dict[str, Callable[[], str]] = {
    "title": lambda: _("Title"),
    "keywords": lambda: _("Keywords"),
    "brief": lambda: _("In short: what to tell the customer"),
    "body": lambda: _("Text"),
    "kind": lambda: _("Kind"),
    "url": lambda: _("Address"),
    "operation": lambda: _("Operation"),
    "language": lambda: _("Language"),
    "section": lambda: _("Section"),
    "shown_from": lambda: _("Shown from"),
    "shown_until": lambda: _("Shown until"),
    "check_by": lambda: _("Check by"),
}


def _section_choices(by: Person, now: datetime) -> list[tuple[str, str]]:
    nodes = (node for root in section_tree(by=by, now=now) for node in root.walk())
    return [(str(node.section.pk), f"{'— ' * node.depth}{node.section}") for node in nodes]


def _topics(by: Person, given: Mapping[str, str]) -> list[dict[str, Any]]:
    chosen = given.get("topics", "").split(",")
    groups = []
    for project in list_projects(by=by):
        nodes = [node for root in topic_tree(project.pk) for node in root.walk()]
        rows = [
            {
                "code": str(node.topic.pk),
                "label": f"{'— ' * node.depth}{node.topic}",
                "checked": str(node.topic.pk) in chosen,
            }
            for node in nodes
        ]
        groups.append({"title": str(project), "rows": rows, "chosen": sum(bool(row["checked"]) for row in rows)})
    return groups


def _products(by: Person, given: Mapping[str, str]) -> list[dict[str, Any]]:
    chosen = given.get("products", "").split(",")
    return [{"code": str(one.pk), "label": str(one), "checked": str(one.pk) in chosen} for one in list_products(by=by)]


@needs(WRITE)
@require_GET
def versions(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """All that it ever said."""
    one = get_article(article_id, by=person_of(request), now=clock.now())
    context = {
        "one": one,
        "versions": versions_of(one),
        "steps": [
            {"label": _("Knowledge"), "url": reverse("knowledge:home")},
            {"label": str(one), "url": reverse("knowledge:article", args=[one.pk])},
            {"label": _("Versions"), "url": ""},
        ],
        "now": clock.now(),
    }
    return render_page(request, "knowledge/versions.html", context, part="workspace")


@needs(WRITE)
@require_POST
def act(request: HttpRequest, article_id: UUID, act: str) -> HttpResponse:
    """submit, approve, refuse, back (to an earlier version), delete."""
    by, now, number = person_of(request), clock.now(), typed_key(request.POST, "number") or 0
    acts: dict[str, Callable[[], object]] = {
        "submit": lambda: services.submit(article_id=article_id, by=by, now=now),
        "approve": lambda: services.approve(article_id=article_id, number=number, by=by, now=now),
        "refuse": lambda: services.refuse(
            article_id=article_id, number=number, why=request.POST.get("why", ""), by=by, now=now
        ),
        "back": lambda: services.restore_version(article_id=article_id, number=number, by=by, now=now),
        "delete": lambda: services.delete(article_ids=[article_id], by=by, now=now),
    }
    if act not in acts:
        raise NotFound(act=act)
    acts[act]()
    if act == "delete":
        return HttpResponseRedirect(reverse("knowledge:home"))
    return HttpResponseRedirect(
        f"{reverse('knowledge:article', args=[article_id])}?saved{'&draft' if act == 'back' else ''}"
    )
