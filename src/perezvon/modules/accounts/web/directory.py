"""The page on which the company directory is set up and tried."""

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
from perezvon.modules.accounts.models import CompanyDirectory
from perezvon.modules.accounts.services import DirectoryDetails
from perezvon.modules.accounts.web.forms import field, summary
from perezvon.modules.accounts.web.newcomers import (
    LONGEST_LINES,
    newcomer_fields,
    newcomers_meant,
    shown_newcomers,
    typed_newcomers,
)
from perezvon.ports.directory import ATTRIBUTES

_UNPROCESSABLE, _CONFLICT = 422, 409
_LONGEST = 300
_TEXTS = ("url", "base", "account", "person_filter")


@needs("accounts.directory")
@require_http_methods(["GET", "POST"])
def directory(request: HttpRequest) -> HttpResponse:
    """How the directory is reached, and who is let in by it. `try`: whom it finds under a login, as it is set now."""
    if request.method == "GET":
        return _page(request, _shown(services.find_directory()), {}, found=_tried(request))
    typed = _typed(request)
    try:
        services.set_directory(
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
    return HttpResponseRedirect(f"{reverse('accounts:directory')}?saved")


def _tried(request: HttpRequest) -> dict[str, Any]:
    """What came of a try: a list of what is known of the person, or words."""
    login = request.GET.get("try", "").strip()[:64]
    if not login:
        return {}
    try:
        known = services.try_directory(login, by=person_of(request))
    except TryLater as away:
        return {"login": login, "problem": words_for(away)}
    if known is None:
        return {"login": login, "problem": _("The directory finds nobody, or more than one, under this login.")}
    name = f"{known.first_name} {known.last_name}".strip()
    groups = ", ".join(sorted(known.groups))
    facts = [(_("Name"), name), (_("E-mail"), known.email), (_("Mobile phone"), known.phone), (_("Groups"), groups)]
    return {"login": login, "facts": facts}


def _shown(row: CompanyDirectory | None) -> dict[str, Any]:
    shown = row or CompanyDirectory(version=0)
    values: dict[str, Any] = {name: getattr(shown, name) for name in (*_TEXTS, "ca", "start_tls")}
    values |= {f"attr_{ours}": theirs for ours, theirs in (ATTRIBUTES | shown.attributes).items()}
    return values | shown_newcomers(shown)


def _typed(request: HttpRequest) -> dict[str, Any]:
    names = (*_TEXTS, *(f"attr_{name}" for name in ATTRIBUTES))
    typed: dict[str, Any] = {name: request.POST.get(name, "").strip()[:_LONGEST] for name in names}
    typed |= {"ca": request.POST.get("ca", "").strip()[:LONGEST_LINES], "start_tls": "start_tls" in request.POST}
    return typed | typed_newcomers(request)


def _details(request: HttpRequest, typed: Mapping[str, Any]) -> DirectoryDetails:
    return DirectoryDetails(
        **{name: typed[name] for name in (*_TEXTS, "ca", "start_tls")},
        attributes={ours: typed[f"attr_{ours}"] or theirs for ours, theirs in ATTRIBUTES.items()},
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
        "found": found or {},
        "told": told,
        "saved": "saved" in request.GET,
    }
    return render_page(request, "accounts/directory.html", context, part="workspace", status=status)


def _groups(request: HttpRequest, values: Mapping[str, Any], problems: Mapping[str, str]) -> list[dict[str, Any]]:
    def one(name: str, **more: Any) -> Any:
        return field(name, values.get(name, ""), problems, **more)

    kept = _("Kept. Leave it empty to leave it so.") if values.get("has_secret") else ""
    reach = [
        one("is_on", kind="tick"),
        one("url", required=True, hint="ldaps://dc1.bank.ru"),
        one("start_tls", kind="tick"),
        one("account", hint="cn=perezvon,ou=Services,dc=bank,dc=ru"),
        field("secret", "", problems, type="password", hint=kept),
        one("ca", kind="lines", hint=_("PEM; empty: those that this machine trusts.")),
    ]
    find = [
        one("base", required=True, hint="ou=People,dc=bank,dc=ru"),
        one("person_filter", required=True, hint="(sAMAccountName={login}), (uid={login})"),
        *(one(f"attr_{name}") for name in ATTRIBUTES),
    ]
    return [
        {"title": _("How it is reached"), "fields": reach},
        {"title": _("How people are found"), "fields": find},
        newcomer_fields(request, one),
    ]
