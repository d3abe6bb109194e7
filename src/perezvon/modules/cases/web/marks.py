"""The public page on which a customer says how content he is. No sign-in: the link is his alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs_nothing
from perezvon.foundation.web.words import words_for
from perezvon.modules.cases import services


@needs_nothing("a customer answers for one case, by a signed link that only he was sent; at most ten times")
@require_http_methods(["GET", "POST"])
def public_mark(request: HttpRequest, token: str) -> HttpResponse:
    now = clock.now()
    try:
        case = services.asked_case(token, now)
    except (services.NotAsked, services.AskedTooLate) as refused:
        return _page(request, {"refusal": words_for(refused)}, refused.http_status)
    if request.method == "GET" and "django_language" not in request.COOKIES and case.customer:
        translation.activate(case.customer.language)
    mark, words, refusal, saved = case.mark, case.mark_words, "", False
    if request.method == "POST":
        typed = request.POST.get("mark", "")
        mark, words = (
            int(typed) if typed in {str(one) for one in services.MARKS} else None,
            request.POST.get("words", ""),
        )
        try:
            services.answer_mark(token=token, mark=mark or 0, words=words[:LONGEST], now=now)
            saved = True
        except services.FieldsWrong as wrong:
            refusal = words_for(wrong)
    context = {
        "case": case, "marks": [*services.MARKS], "mark": mark, "words": words, "refusal": refusal, "saved": saved
    }  # fmt: skip
    return _page(request, context, 422 if refusal else 200)


LONGEST = 2_000


def _page(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    response = render(request, "cases/public_mark.html", context, status=status)
    response["Cache-Control"] = "no-store"
    # Not "no-referrer": browsers would then send "Origin: null" with the form, which is refused as a stranger's.
    response["Referrer-Policy"] = "same-origin"
    return response
