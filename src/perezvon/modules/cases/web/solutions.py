"""What the knowledge base has for a case, beside it: suggested, taken, judged; and what the case teaches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case
from perezvon.modules.cases.selectors import KIND, VIEW, WORK, get_case
from perezvon.modules.knowledge.models import Article, Verdict
from perezvon.modules.knowledge.selectors import VIEW as KNOWLEDGE
from perezvon.modules.knowledge.selectors import WRITE as WRITE_KNOWLEDGE
from perezvon.modules.knowledge.selectors import Asked, find, list_for_product, uses_for

SUGGESTED = 5
WIDENED = 2  # of those that have some of the words only


@needs(VIEW)
@require_http_methods(["GET", "POST"])
def solutions(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A part of the page of a case. A POST takes an article, judges it, or makes a draft of the case."""
    by, now = person_of(request), clock.now()
    if request.method == "POST":
        if "write" in request.POST:
            article = services.write_solution(case_id=case_id, by=by, now=now)
            return HttpResponseRedirect(f"{reverse('knowledge:edit', args=[article.pk])}")
        verdict = request.POST.get("verdict", "")
        if verdict not in Verdict.values:
            raise NotFound(verdict=verdict)
        services.take_solution(case_id=case_id, article_id=_key(request), verdict=Verdict(verdict), by=by, now=now)
    case = get_case(case_id, by=by)
    taken = uses_for(KIND, case.pk) if by.may(KNOWLEDGE) else []
    context = {
        "case": case,
        "taken": taken,
        "suggested": suggested(case, {use.article_id for use in taken}, by, now) if by.may(KNOWLEDGE) else [],
        "may": {
            "take": by.may(WORK) and by.may(KNOWLEDGE),
            "write": case.is_over and by.may(WORK) and by.may(WRITE_KNOWLEDGE),
        },
    }
    return render(request, "cases/_solutions.html", context)


def suggested(case: Case, taken: set[UUID], by: Person, now: datetime) -> list[dict[str, Any]]:
    """Solutions of earlier problems with the case's product, then what fits its subject (F12.14)."""
    found: dict[UUID, tuple[Article, str]] = {}
    if case.product_id:
        for article in list_for_product(case.product_id, by=by, now=now):
            found.setdefault(article.pk, (article, _("for this product")))
    fitting = find(Asked(case.subject, shown=SUGGESTED), by=by, now=now)
    for hit in fitting.hits[:WIDENED] if fitting.widened else fitting.hits:
        found.setdefault(hit.article.pk, (hit.article, _("by its words")))
    rows = [pair for key, pair in found.items() if key not in taken]
    return [{"article": article, "why": why} for article, why in rows[:SUGGESTED]]


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("article", ""))
    except ValueError:
        raise NotFound(article=request.POST.get("article", "")[:40]) from None


@say("cases.no_library")
def _no_library(_error: PerezvonError) -> str:
    return _("There is no library of solutions yet. An administrator can make one: Knowledge, Sections.")
