"""How the base is arranged: sections, words that mean the same, and what was looked for in vain."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, draw, typed_key
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Section, Synonyms, Unanswered
from perezvon.modules.knowledge.selectors import ARRANGE, get_section, section_tree

_MOST = 100


@needs(ARRANGE)
@require_GET
def sections(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    nodes = [node for root in section_tree(by=by, now=now, with_withdrawn=True) for node in root.walk()]
    context = {
        "nodes": [{"node": node, "indent": "— " * node.depth} for node in nodes],
        "synonyms": list(Synonyms.objects.all()[:_MOST]),
        "unanswered": list(Unanswered.objects.filter(is_settled=False)[:_MOST]),
        "saved": "saved" in request.GET,
        "problem": _("Write at least two words or phrases with commas between them, twenty at most.")
        if "problem" in request.GET
        else "",
        "now": now,
    }
    return render_page(request, "knowledge/sections.html", context, part="workspace")


@needs(ARRANGE)
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, section_id: int | None = None) -> HttpResponse:
    """A section, or a new one below the one that `below` names."""
    by = person_of(request)
    known = get_section(section_id, by=by) if section_id else None
    page = _page(known, by)
    if request.method != "POST":
        return draw(request, page, _first(known, request.GET.get("below", "")), {})
    given = {name: str(value) for name, value in request.POST.items()}
    try:
        services.save_section(
            section_id=known.pk if known else None,
            version=typed_key(given, "version") or 0,
            wanted=services.SectionWanted(
                code=given.get("code", "").strip().lower(),
                name={code: given.get(f"name_{code}", "") for code in ("ru", "en")},
                parent_id=typed_key(given, "parent"),
                project_id=typed_key(given, "project"),
                is_library=bool(given.get("library")),
                position=typed_key(given, "position") or 0,
                is_active=bool(given.get("active")) or known is None,
            ),
            by=by,
            now=clock.now(),
        )
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        return draw(request, page, given, {name: _words(one) for name, one in problems.items()})
    return HttpResponseRedirect(f"{page.back_url}?saved")


def _words(one: Wrong) -> str:
    own = {
        "section.inside_itself": _("A section cannot stand in itself, nor below itself."),
        "code.form": _("Small Latin letters, digits and hyphens."),
        "code.taken": _("Another section has this code."),
    }
    return own.get(one.code) or problem_words(one.code, one.facts)


def _page(known: Section | None, by: Person) -> FormPage:
    title = str(known) if known else _("New section")
    nodes = (node for root in section_tree(by=by, now=clock.now(), with_withdrawn=True) for node in root.walk())
    parents = [("", _("at the top")), *((str(one.section.pk), f"{'— ' * one.depth}{one.section}") for one in nodes)]
    projects = [("", _("all projects")), *((str(one.pk), str(one)) for one in list_projects(by=by))]
    code = () if known else (Asked("code", label=lazy("Code"), required=True),)
    return FormPage(
        title=title,
        group=_("Section"),
        submit=_("Save"),
        back_url=reverse("knowledge:sections"),
        steps=[
            {"label": _("Administration"), "url": reverse("administration:home")},
            {"label": _("Knowledge base"), "url": reverse("knowledge:sections")},
            {"label": title, "url": ""},
        ],
        asked=(
            *code,
            Asked("name_ru", label=lazy("Name in Russian"), required=True),
            Asked("name_en", label=lazy("Name in English")),
            Asked("parent", "choice", parents, label=lazy("Stands in")),
            Asked("project", "choice", projects, label=lazy("Project")),
            Asked("position", label=lazy("Place in the order")),
            Asked("library", "tick", label=lazy("A library of solutions")),
            *((Asked("active", "tick", label=lazy("In use")),) if known else ()),
        ),
        hidden={"version": str(known.version if known else 0)},
    )


def _first(known: Section | None, below: str) -> Mapping[str, str]:
    if known is None:
        return {"parent": below, "position": "0"}
    return {
        "name_ru": known.name.get("ru", ""),
        "name_en": known.name.get("en", ""),
        "parent": str(known.parent_id or ""),
        "project": str(known.project_id or ""),
        "position": str(known.position),
        "library": "on" if known.is_library else "",
        "active": "on" if known.is_active else "",
    }


@needs(ARRANGE)
@require_POST
def synonyms(request: HttpRequest) -> HttpResponse:
    """One row of words that mean the same; empty, it is forgotten."""
    try:
        services.save_synonyms(
            synonyms_id=typed_key(request.POST, "row"), text=request.POST.get("words", ""), by=person_of(request),
            now=clock.now(),
        )  # fmt: skip
    except services.FieldsWrong:
        return HttpResponseRedirect(f"{reverse('knowledge:sections')}?problem#synonyms")
    return HttpResponseRedirect(f"{reverse('knowledge:sections')}?saved#synonyms")


@needs(ARRANGE)
@require_POST
def settle(request: HttpRequest, unanswered_id: int) -> HttpResponse:
    services.settle(unanswered_id=unanswered_id, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('knowledge:sections')}?saved#unanswered")
