"""Templates: an administrator writes them and sees what becomes of them while he types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.messages import services
from perezvon.foundation.messages.models import Channel, Template
from perezvon.foundation.messages.registry import placeholders
from perezvon.foundation.messages.selectors import MANAGE, get_template, list_templates
from perezvon.foundation.messages.services import SetUpWrong, WantedTemplate
from perezvon.foundation.messages.texts import check_places, sample
from perezvon.foundation.messages.words import problem_words
from perezvon.foundation.people.models import Project
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.sms import size_of

LANGUAGES = ("ru", "en")
_UNPROCESSABLE = 422
_LONGEST_KEY = 9


@needs(MANAGE)
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    context = {"rows": list_templates(all_of_them=True), "saved": "saved" in request.GET}
    return render_page(request, "messages/templates.html", context, part="workspace")


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, template_id: int = 0) -> HttpResponse:
    """A new one, or one that there is."""
    found = get_template(template_id) if template_id else None
    if request.method == "GET":
        return _form(request, found, _wanted(found), {})
    wanted, by, now = _typed(request), person_of(request), clock.now()
    try:
        if found is None:
            services.add_template(code=request.POST.get("code", "").strip(), wanted=wanted, by=by, now=now)
        else:
            version = number_of(request.POST.get("version", "")) or 0
            services.change_template(template_id=template_id, version=version, wanted=wanted, by=by, now=now)
    except SetUpWrong as wrong:
        return _form(request, found, wanted, wrong.facts["problems"], _UNPROCESSABLE)  # type: ignore[arg-type]
    return HttpResponseRedirect(f"{reverse('messages:templates')}?saved")


@needs(MANAGE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """What would be sent, with examples in its places, and how many parts an SMS has; asked while one types."""
    return render(request, "messages/_look.html", {"looks": _looks(_typed(request))})


def _looks(wanted: WantedTemplate) -> list[dict[str, Any]]:
    looks = []
    for language in LANGUAGES:
        text = wanted.text.get(language, "").strip()
        if text:
            with override(language):
                shown, subject = sample(text), sample(wanted.subject.get(language, ""))
            size = size_of(shown) if wanted.channel == Channel.SMS else None
            looks.append(
                {"language": language, "subject": subject, "text": shown, "size": size, "problem": _wrong(text)}
            )
    return looks


def _wrong(text: str) -> str:
    try:
        check_places([text])
    except Wrong as wrong:
        return problem_words(wrong)
    return ""


def _typed(request: HttpRequest) -> WantedTemplate:
    given = request.POST
    return WantedTemplate(
        name={code: given.get(f"name_{code}", "")[: services.LONGEST_NAME] for code in LANGUAGES},
        subject={code: given.get(f"subject_{code}", "")[: services.LONGEST_SUBJECT] for code in LANGUAGES},
        text={code: given.get(f"text_{code}", "").replace("\r\n", "\n") for code in LANGUAGES},
        channel=given.get("channel", Channel.SMS),
        project_id=number_of(given.get("project", "")),
        in_use="in_use" in given,
    )


def _wanted(found: Template | None) -> WantedTemplate:
    if found is None:
        return WantedTemplate({}, {})
    return WantedTemplate(found.name, found.text, found.subject, found.channel, found.project_id, found.in_use)


def _form(
    request: HttpRequest,
    found: Template | None,
    wanted: WantedTemplate,
    problems: Mapping[str, Wrong],
    status: int = 200,
) -> HttpResponse:
    context = {
        "template": found,
        "title": str(found) if found else _("A new template"),
        "code": request.POST.get("code", ""),
        "wanted": wanted,
        "languages": [_language(code, wanted) for code in LANGUAGES],
        "channels": Channel.choices,
        "projects": [(project.pk, str(project)) for project in Project.objects.order_by("number")],
        "blanks": [{"code": f"{{{one.code}}}", "label": one.label} for one in placeholders().values()],
        "looks": _looks(wanted),
        "errors": {name: problem_words(wrong) for name, wrong in problems.items()},
        "version": request.POST.get("version", found.version if found else ""),
    }
    return render_page(request, "messages/template.html", context, part="workspace", status=status)


def _language(code: str, wanted: WantedTemplate) -> dict[str, str]:
    return {
        "code": code,
        "label": _("in Russian") if code == "ru" else _("in English"),
        "name": wanted.name.get(code, ""),
        "subject": wanted.subject.get(code, ""),
        "text": wanted.text.get(code, ""),
    }


def number_of(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_KEY else None
