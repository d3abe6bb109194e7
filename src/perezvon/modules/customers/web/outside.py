"""The administrator's pages of the company's own bases of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.fields.web.small_forms import typed_key
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers import services
from perezvon.modules.customers.models import OutsideSource
from perezvon.modules.customers.selectors import BaseAway, ask_outside, get_outside_source, list_outside_sources
from perezvon.modules.customers.services import FieldsWrong, WantedSource
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.words import field_name, problem_words
from perezvon.ports.customers import PATHS

SET_UP = "customers.outside_sources"
LANGUAGES = ("ru", "en")
_LABELS = {
    "list": lazy("List of those found"),
    "key": lazy("Key of the customer"),
    "phones": lazy("Telephones"),
    "emails": lazy("E-mails"),
    "url": lazy("Address of his card there"),
}
_HINTS = {
    "list": lazy("Example: result.customers. Empty: the whole answer."),
    "key": lazy("Example: id. What that base calls the customer; he is taken over once."),
    "phones": lazy("Several paths are parted by commas."),
}


@needs(SET_UP)
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """Those that are connected, of all projects and of each."""
    context = {"rows": list_outside_sources(by=person_of(request)), "saved": "saved" in request.GET}
    return render_page(request, "customers/outside_sources.html", context, part="workspace")


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, source_id: int | None = None) -> HttpResponse:
    """A new one, or one that there is; `try` asks it for a number. Its token is never shown again."""
    by = person_of(request)
    known = get_outside_source(source_id, by=by) if source_id else None
    if request.method != "POST":
        return _form(request, known, _kept(known), {})
    given = {name: str(value).replace("\r\n", "\n").strip() for name, value in request.POST.items()}
    if known and "try" in given:
        return _form(request, known, _kept(known), {}, _tried(known, given["try"]))
    try:
        services.put_outside_source(
            wanted=_wanted(given),
            source_id=known.pk if known else None,
            version=typed_key(given, "version") or 0,
            by=by,
            now=clock.now(),
        )
    except FieldsWrong as wrong:
        problems: Mapping[str, Problem] = wrong.facts["problems"]  # type: ignore[assignment]
        return _form(request, known, given, {name: problem_words(one) for name, one in problems.items()})
    return HttpResponseRedirect(f"{reverse('customers:outside_sources')}?saved")


def _wanted(given: Mapping[str, str]) -> WantedSource:
    lines = [line.partition("=") for line in given.get("facts", "").splitlines() if line.strip()]
    return WantedSource(
        name={code: given.get(f"source_name_{code}", "") for code in LANGUAGES},
        url=given.get("url", ""),
        header=given.get("header", ""),
        secret=given.get("secret", ""),
        paths={name: given.get(f"path_{name}", "") for name in PATHS},
        facts=[(label.strip(), path.strip()) for label, _equals, path in lines],
        project_id=typed_key(given, "project"),
        in_use="in_use" in given,
    )


def _kept(known: OutsideSource | None) -> dict[str, str]:
    if known is None:
        return {"in_use": "on", "header": "Authorization: Bearer {secret}", "path_key": "id"}
    kept = {f"source_name_{code}": known.name.get(code, "") for code in LANGUAGES}
    kept |= {f"path_{name}": path for name, path in known.paths.items()}
    kept |= {"facts": "\n".join(f"{label} = {path}" for label, path in known.facts)}
    kept |= {"project": str(known.project_id or ""), "in_use": "on" if known.in_use else ""}
    return kept | {"url": known.url, "header": known.header, "version": str(known.version)}


def _tried(known: OutsideSource, number: str) -> dict[str, Any]:
    phone = parse_phone(number)
    if phone is None:
        return {"number": number, "problem": problem_words(Problem("phone.form"))}
    try:
        return {"number": number, "people": ask_outside(known, phone.digits)}
    except BaseAway as away:
        return {"number": number, "problem": words_for(away)}


def _form(
    request: HttpRequest,
    known: OutsideSource | None,
    given: Mapping[str, str],
    errors: Mapping[str, str],
    tried: Mapping[str, Any] | None = None,
) -> HttpResponse:
    def field(name: str, label: object, hint: object = "", error: str = "", **more: object) -> dict[str, Any]:
        return {"name": name, "label": label, "value": given.get(name, ""), "hint": hint, "error": error, **more}

    has_token = _("There is one; leave it empty to keep it.") if known and known.secret else _("It is not shown again.")
    titles = {"ru": field_name("purpose_name_ru"), "en": field_name("purpose_name_en")}
    context = {
        "source": known,
        "title": str(known) if known else _("New base of customers"),
        "fields": [
            *(
                field(f"source_name_{code}", titles[code], "", errors.get(f"source_name_{code}", ""))
                for code in LANGUAGES
            ),
            field("url", field_name("url"), "https://crm.example/customers?phone={phone}", errors.get("url", "")),
            field("header", field_name("header"), "Authorization: Bearer {secret}", errors.get("header", "")),
            field("secret", field_name("secret"), has_token, errors.get("secret", ""), type="password") | {"value": ""},
        ],
        "paths": [
            field(f"path_{name}", _LABELS.get(name) or field_name(name), _HINTS.get(name, ""), errors.get(name, ""))
            for name in PATHS
        ],
        "facts": given.get("facts", ""),
        "projects": [(str(one.pk), str(one)) for one in list_projects(by=person_of(request))],
        "project": given.get("project", ""),
        "in_use": "in_use" in given and bool(given["in_use"]),
        "errors": errors,
        "version": given.get("version", ""),
        "tried": tried,
        "post_url": request.get_full_path(),
    }
    status = 422 if errors else 200
    return render_page(request, "customers/outside_source.html", context, part="workspace", status=status)
