"""The configuration as a file: export, compare, load; its versions, and back to one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.configuration import services, texts
from perezvon.foundation.configuration.parts import WrongBlueprint, known_keys
from perezvon.foundation.configuration.selectors import find_before, get_version, list_versions
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError, Refused

SHOWN = 200
LONGEST_REASON = 200
_TONES = {"+": "good", "-": "bad", "@": "info"}


@needs("configuration.load")
@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    """What was set when, and by whom; a file to export, another to load."""
    return _versions(request, person_of(request))


def _versions(request: HttpRequest, by: Person, problem: str = "", status: int = 200) -> HttpResponse:
    services.keep_version(by=by, now=clock.now())
    context = {"versions": list_versions(SHOWN, by=by), "problem": problem, "steps": _steps()}
    return render_page(request, "configuration/versions.html", context, part="workspace", status=status)


@needs("configuration.load")
@require_GET
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: what it changed."""
    by = person_of(request)
    shown = get_version(number, by=by)
    before = find_before(shown)
    context = {
        "version": shown,
        "before": before,
        "lines": lines_of(texts.difference(before.text, shown.text)) if before else [],
        "newest": list_versions(1, by=by)[0].number,
        "steps": _steps(_("Version {number}").format(number=number)),
    }
    return render_page(request, "configuration/version.html", context, part="workspace")


@needs("configuration.load")
@require_GET
def export(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The file: of now, or of a version."""
    text = get_version(number, by=person_of(request)).text if number else texts.present()
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="perezvon{f"-{number}" if number else ""}.yaml"'
    return response


@needs("configuration.load")
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """First what a file would change, then, confirmed, the change itself."""
    by = person_of(request)
    try:
        blueprint = texts.as_read(_given(request))
        if "confirmed" in request.POST:
            services.apply_blueprint(blueprint=blueprint, why=_reason(request), by=by, now=clock.now())
            return HttpResponseRedirect(reverse("configuration:versions"))
        after = texts.after_loading(blueprint, by=by, now=clock.now())
    except Refused as refused:
        return _versions(request, by, words_for(refused), refused.http_status)
    ignored = blueprint.keys() - known_keys()
    return _ask(request, _("Load a file"), after, reverse("configuration:load"), texts.written(blueprint), ignored)


@needs("configuration.load")
@require_http_methods(["GET", "POST"])
def roll_back(request: HttpRequest, number: int) -> HttpResponse:
    """The same with an earlier version for a file."""
    by = person_of(request)
    wanted = get_version(number, by=by)
    try:
        if request.method == "POST":
            services.roll_back(number=number, why=_reason(request), by=by, now=clock.now())
            return HttpResponseRedirect(reverse("configuration:versions"))
        after = texts.after_loading(texts.as_read(wanted.text), by=by, now=clock.now())
    except Refused as refused:
        return _versions(request, by, words_for(refused), refused.http_status)
    title = _("Back to version {number}").format(number=number)
    return _ask(request, title, after, reverse("configuration:roll_back", args=[number]))


def _ask(
    request: HttpRequest, title: str, after: str, post_url: str, text: str = "", ignored: Any = frozenset()
) -> HttpResponse:
    context = {
        "title": title,
        "lines": lines_of(texts.difference(texts.present(), after)),
        "post_url": post_url,
        "text": text,
        "ignored": sorted(ignored),
        "steps": _steps(title),
    }
    return render_page(request, "configuration/ask.html", context, part="workspace")


def lines_of(difference: str) -> list[dict[str, str]]:
    """Each line of a unified difference with the tone that it is shown in. Its two head lines are left out."""
    lines = difference.splitlines()[2:]
    return [{"text": line, "tone": _TONES.get(line[:1], "")} for line in lines]


def _given(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    try:
        return str(file.read(4 * texts.LONGEST + 1), "utf-8")
    except UnicodeDecodeError as error:
        raise WrongBlueprint(part="", why=_("It is no text in UTF-8.")) from error


def _reason(request: HttpRequest) -> str:
    return request.POST.get("why", "").strip()[:LONGEST_REASON]


def _steps(here: str = "") -> list[dict[str, str]]:
    found = [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Configuration"), "url": reverse("configuration:versions")},
    ]
    return [*found, {"label": here, "url": ""}] if here else found


@say("configuration.wrong_blueprint")
def _wrong(error: PerezvonError) -> str:
    part, why = error.facts["part"], error.facts["why"]
    if part:
        return _("Nothing was loaded: the part “{part}” is not right. {why}").format(part=part, why=why)
    return _("This is no configuration: {why}").format(why=why)
