"""Keys for other programs, and what the interface can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, draw, typed_key, typed_moment
from perezvon.foundation.people.selectors import list_people
from perezvon.foundation.rest import services
from perezvon.foundation.rest.api import description
from perezvon.foundation.rest.models import ApiKey
from perezvon.foundation.rest.services import KEYS
from perezvon.foundation.rest.words import problem_words
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong


@needs(KEYS)
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, made: services.NewKey | None = None) -> HttpResponse:
    now = clock.now()
    rows = ApiKey.objects.select_related("user__role").order_by("-created_at", "-id")
    context = {
        "keys": [{"row": one, "is_over": one.revoked_at or (one.expires_at and one.expires_at <= now)} for one in rows],
        "made": made,
        "address": request.build_absolute_uri("/api/v1/"),
    }
    return render_page(request, "rest/keys.html", context, part="workspace")


@needs(KEYS)
@require_http_methods(["GET", "POST"])
def new_key(request: HttpRequest) -> HttpResponse:
    """The form; once it is sent, the list with the key on top: it is shown this one time."""
    by, now = person_of(request), clock.now()
    if request.method != "POST":
        return draw(request, _form(by), {"per_minute": "600"}, {})
    given = {name: str(value) for name, value in request.POST.items()}
    errors: dict[str, str] = {}
    expires_at = typed_moment(given, "expires", errors)
    try:
        if not errors:
            made = services.make_key(
                name=given.get("name", ""),
                user_id=typed_key(given, "user"),
                per_minute=typed_key(given, "per_minute") or 0,
                expires_at=expires_at,
                by=by,
                now=now,
            )
            response = _page(request, made)
            response["Cache-Control"] = "no-store"
            return response
    except services.KeyWrong as wrong:
        problems: Mapping[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors |= {name: problem_words(one) for name, one in problems.items()}
    return draw(request, _form(by), given, errors)


def _form(by: Person) -> FormPage:
    people = list_people(by=by).filter(is_active=True).select_related("role").order_by("last_name", "first_name", "id")
    choices = [("", "\u2014"), *((str(one.pk), f"{one.short_name} ({one.role})") for one in people)]
    return FormPage(
        title=_("New key"),
        group=_("Key"),
        submit=_("Make the key"),
        back_url=reverse("rest:keys"),
        steps=[
            {"label": _("Administration"), "url": reverse("administration:home")},
            {"label": _("Keys for other programs"), "url": reverse("rest:keys")},
            {"label": _("New key"), "url": ""},
        ],
        about=_(
            "The program acts in the name of the person, with his role and projects: make a user of its own for it."
        ),
        asked=(
            Asked("name", label=_("What it is for"), required=True, wide=True),
            Asked("user", "choice", choices, label=_("In whose name"), required=True),
            Asked("per_minute", label=_("Requests a minute, at most")),
            Asked("expires", "moment", label=_("Valid until"), hint=_("Empty: until it is taken back.")),
        ),
    )


@needs(KEYS)
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    services.revoke_key(key_id=key_id, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(reverse("rest:keys"))


@needs(KEYS)
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """What the interface can do, operation by operation."""
    context = {"operations": described(description()), "address": request.build_absolute_uri("/api/v1/")}
    return render_page(request, "rest/docs.html", context, part="workspace")


def described(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations of an OpenAPI description, as a page tells of them."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": one.get("summary", ""),
            "about": one.get("description", ""),
            "body": _fields(one, schema),
            "answers": ", ".join(str(status) for status in one.get("responses", {})),
        }
        for path, methods in schema["paths"].items()
        for method, one in methods.items()
    ]


def _fields(one: Mapping[str, Any], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    model = schema.get("components", {}).get("schemas", {}).get(name, {})
    required = set(model.get("required", ()))
    return [
        {"name": field, "about": said.get("description", ""), "required": field in required}
        for field, said in model.get("properties", {}).items()
    ]
