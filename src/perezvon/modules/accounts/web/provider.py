"""The page on which the company sign-in (OpenID Connect) is set up and tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.people.services import FieldsWrong, Outdated
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import TryLater
from perezvon.modules.accounts import services
from perezvon.modules.accounts.models import SignInProvider
from perezvon.modules.accounts.services import ProviderDetails
from perezvon.modules.accounts.web.company import back_address
from perezvon.modules.accounts.web.forms import field, summary
from perezvon.modules.accounts.web.newcomers import (
    LONGEST_LINES,
    newcomer_fields,
    newcomers_meant,
    shown_newcomers,
    typed_newcomers,
)
from perezvon.ports.identity import CLAIMS

_UNPROCESSABLE, _CONFLICT = 422, 409
_LONGEST = 200
_TEXTS = ("issuer", "client_id", "scope")


@needs("accounts.directory")
@require_http_methods(["GET", "POST"])
def provider(request: HttpRequest) -> HttpResponse:
    """How the provider is reached, and who is let in by it. `try`: what it says of itself, as it is set now."""
    if request.method == "GET":
        return _page(request, _shown(services.find_provider()), {}, found=_tried(request))
    typed = _typed(request)
    try:
        services.set_provider(
            details=_details(request, typed),
            secret=typed["secret"] or None,
            version=typed["version"],
            by=person_of(request),
            now=clock.now(),
        )
    except FieldsWrong as wrong:
        return _page(request, typed, wrong.facts["problems"], status=_UNPROCESSABLE)  # type: ignore[arg-type]
    except Outdated as outdated:
        return _page(request, typed, {}, told=words_for(outdated), status=_CONFLICT)
    return HttpResponseRedirect(f"{reverse('accounts:provider')}?saved")


def _tried(request: HttpRequest) -> dict[str, Any]:
    """What came of a try: facts, or words."""
    if "try" not in request.GET:
        return {}
    try:
        looked = services.try_provider(by=person_of(request))
    except TryLater as away:
        return {"problem": words_for(away)}
    if looked is None:
        return {}
    facts = [
        (_("Its own name"), looked.issuer),
        (_("People sign in at"), looked.sign_in_at),
        (_("Keys it signs with"), str(looked.keys)),
        (_("Scopes"), ", ".join(looked.scopes)),
        (_("Claims"), ", ".join(looked.claims)),
    ]
    return {"facts": facts}


def _shown(row: SignInProvider | None) -> dict[str, Any]:
    shown = row or SignInProvider(version=0)
    values: dict[str, Any] = {name: getattr(shown, name) for name in (*_TEXTS, "ca")}
    values |= {f"claim_{ours}": theirs for ours, theirs in (CLAIMS | shown.claims).items()}
    return values | shown_newcomers(shown)


def _typed(request: HttpRequest) -> dict[str, Any]:
    names = (*_TEXTS, *(f"claim_{name}" for name in CLAIMS))
    typed: dict[str, Any] = {name: request.POST.get(name, "").strip()[:_LONGEST] for name in names}
    return typed | {"ca": request.POST.get("ca", "").strip()[:LONGEST_LINES]} | typed_newcomers(request)


def _details(request: HttpRequest, typed: Mapping[str, Any]) -> ProviderDetails:
    return ProviderDetails(
        **{name: typed[name] for name in (*_TEXTS, "ca")},
        claims={ours: typed[f"claim_{ours}"] for ours in CLAIMS},
        **newcomers_meant(request, typed),
    )


def _page(
    request: HttpRequest,
    values: Mapping[str, Any],
    problems: Mapping[str, str],
    *,
    found: Mapping[str, Any] | None = None,
    told: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "groups": _groups(request, values, problems),
        "problems": summary(problems),
        "version": values["version"],
        "is_set": values["version"] > 0,
        "back_address": back_address(request),
        "found": found or {},
        "told": told,
        "saved": "saved" in request.GET,
    }
    return render_page(request, "accounts/provider.html", context, part="workspace", status=status)


def _groups(request: HttpRequest, values: Mapping[str, Any], problems: Mapping[str, str]) -> list[dict[str, Any]]:
    def one(name: str, **more: Any) -> Any:
        return field(name, values.get(name, ""), problems, **more)

    kept = _("Kept. Leave it empty to leave it so.") if values.get("has_secret") else ""
    reach = [
        one("is_on", kind="tick"),
        one("issuer", required=True, hint="https://sso.bank.ru/realms/bank"),
        one("client_id", required=True, hint="perezvon"),
        field("secret", "", problems, type="password", hint=kept),
        one("scope", required=True, hint="openid profile email"),
        one("ca", kind="lines", hint=_("PEM; empty: those that this machine trusts.")),
    ]
    hints = {"login": _("One that people cannot change themselves."), "groups": "groups, realm_access.roles"}
    claims = [one(f"claim_{name}", required=name == "login", hint=hints.get(name, "")) for name in CLAIMS]
    return [
        {"title": _("How it is reached"), "fields": reach},
        {"title": _("What it says of people"), "fields": claims},
        newcomer_fields(request, one),
    ]
