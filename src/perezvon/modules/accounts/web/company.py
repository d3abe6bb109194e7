"""Signing in at the company's own provider: there with a browser, and back with a code."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs_nothing
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, Refused, TryLater
from perezvon.modules.accounts import services
from perezvon.modules.accounts.web.sign_in import PATIENCE, go_on, next_page, sign_in_page
from perezvon.ports.identity import Journey

AWAY = "at_the_company"  # in the session, of one journey: a second begun in the same browser replaces it
_LONGEST_CODE, _BAD = 4000, 400


@needs_nothing("one must be able to sign in")
@require_GET
def go(request: HttpRequest) -> HttpResponse:
    """To the company sign-in. A link, not a form: our pages may send forms to ourselves only."""
    if not services.is_provider_on():
        raise NotFound(page=request.path)
    journey = Journey(back_address(request), *(secrets.token_urlsafe(32) for _each in range(3)))
    try:
        place = services.place_to_sign_in(journey)
    except TryLater as away:
        return _told(request, words_for(away), away.http_status)
    request.session[AWAY] = {
        "state": journey.state,
        "nonce": journey.nonce,
        "verifier": journey.verifier,
        "next": next_page(request),
        "at": clock.now().isoformat(),
    }
    return HttpResponseRedirect(place)


@needs_nothing("one must be able to sign in")
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Back from there, with a code that is good once; or with the reason why not."""
    now, begun = clock.now(), request.session.pop(AWAY, None)
    if not begun or not constant_time_compare(request.GET.get("state", ""), begun["state"]):
        return _told(request, _("This sign-in was not begun here, or was used already. Begin again."), _BAD)
    if now - datetime.fromisoformat(begun["at"]) > PATIENCE:
        return _told(request, _("That took too long. Begin again."), _BAD)
    code = request.GET.get("code", "")[:_LONGEST_CODE]
    if not code:
        return _told(request, _("The company sign-in did not let you in."), 403)
    journey = Journey(back_address(request), begun["state"], begun["nonce"], begun["verifier"])
    try:
        user = services.who_came(code=code, journey=journey, now=now)
    except (Refused, TryLater) as refused:
        return _told(request, words_for(refused), refused.http_status)
    return go_on(request, user, now, code_given=False, to=begun["next"])


def back_address(request: HttpRequest) -> str:
    """What the provider has to know of us."""
    return request.build_absolute_uri(reverse("accounts:company_back"))


def _told(request: HttpRequest, problem: str, status: int) -> HttpResponse:
    return sign_in_page(request, {"login": "", "next": next_page(request), "problem": problem, "told": ""}, status)
