"""Scenarios around their graph: a new one, where it is offered, its versions, in and out as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.configuration.parts import WrongBlueprint
from perezvon.foundation.configuration.texts import as_read, written
from perezvon.foundation.fields.web.small_forms import typed_key
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting import services
from perezvon.modules.scripting.comparing import Difference, compare
from perezvon.modules.scripting.models import Direction, Form, Phase, Scenario, Whom
from perezvon.modules.scripting.selectors import MANAGE, get_scenario, versions_of
from perezvon.modules.scripting.services import FieldsWrong, Offering
from perezvon.modules.scripting.services.defining import MOST_BYTES, Drawing
from perezvon.modules.scripting.words import words_of
from perezvon.modules.topics.models import Topic

_UNPROCESSABLE = 422


class UnreadableFile(Refused):
    """It is no scenario."""

    code = "scripting.unreadable_file"
    http_status = 422


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Its title and code; then it is drawn."""
    by, given = person_of(request), request.POST
    if request.method != "POST":
        return _form(request, None, {}, {})
    try:
        scenario = services.create_scenario(
            code=given.get("code", "").strip(), offering=_offering(request),
            form=given.get("form", Form.CONVERSATION), by=by, now=clock.now(),
        )  # fmt: skip
    except FieldsWrong as wrong:
        return _form(request, None, _typed(request), words_of(wrong))
    to = "builder" if scenario.form == Form.QUESTIONNAIRE else "designer"
    return HttpResponseRedirect(reverse(f"scripting:{to}", args=[scenario.pk]))


@needs(MANAGE)
@require_GET
def new_questionnaire(request: HttpRequest) -> HttpResponse:
    """The same form, with the sort chosen."""
    return _form(request, None, {"form": Form.QUESTIONNAIRE.value}, {})


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def offering(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Its titles, and where it is offered."""
    by = person_of(request)
    scenario = get_scenario(scenario_id, by=by)
    if request.method != "POST":
        return _form(request, scenario, _kept(scenario), {})
    try:
        services.change_offering(
            scenario_id=scenario_id, version=typed_key(request.POST, "version") or 0, offering=_offering(request),
            by=by, now=clock.now(),
        )  # fmt: skip
    except FieldsWrong as wrong:
        return _form(request, scenario, _typed(request), words_of(wrong))
    return HttpResponseRedirect(reverse("scripting:designer", args=[scenario_id]))


def _offering(request: HttpRequest) -> Offering:
    given = request.POST
    return Offering(
        name={code: given.get(f"name_{code}", "") for code in ("ru", "en")},
        project_ids=frozenset(int(one) for one in given.getlist("projects") if one.isdecimal()),
        topic_ids=frozenset(int(one) for one in given.getlist("topics") if one.isdecimal()),
        lines=tuple(given.get("lines", "").split()),
        direction=given.get("direction", Direction.ANY),
        phase=given.get("phase", Phase.ANY),
        whom=given.get("whom", Whom.ANY),
        position=min(typed_key(given, "position") or 0, 10_000),
    )


def _typed(request: HttpRequest) -> dict[str, Any]:
    many = {name: request.POST.getlist(name) for name in ("projects", "topics")}
    return {**{name: str(value) for name, value in request.POST.items()}, **many}


def _kept(one: Scenario) -> dict[str, Any]:
    return {
        "code": one.code,
        "form": one.form,
        "name_ru": one.name.get("ru", ""),
        "name_en": one.name.get("en", ""),
        "projects": [str(project.pk) for project in one.projects.all()],
        "topics": [str(topic.pk) for topic in one.topics.all()],
        "lines": " ".join(one.lines),
        "direction": one.direction,
        "phase": one.phase,
        "whom": one.whom,
        "position": str(one.position),
        "version": str(one.version),
    }


def _form(
    request: HttpRequest, scenario: Scenario | None, given: Mapping[str, Any], errors: Mapping[str, str]
) -> HttpResponse:
    by = person_of(request)
    title = str(scenario) if scenario else _("New scenario")
    labels = {"name": _("Title"), "code": _("Code"), "lines": _("Telephone lines"), "projects": _("Projects")}
    context = {
        "scenario": scenario,
        "title": title,
        "steps": steps(title),
        "given": {"position": "100", **given},
        "errors": errors,
        "names": [
            {
                "name": f"name_{code}",
                "label": label,
                "value": given.get(f"name_{code}", ""),
                "error": errors.get("name", "") if code == "ru" else "",
            }
            for code, label in (("ru", _("Title in Russian")), ("en", _("Title in English")))
        ],
        "problems": [
            {"field": "name_ru" if name == "name" else name, "label": labels.get(name, name)} for name in errors
        ],
        "forms": Form.choices,
        "directions": Direction.choices,
        "phases": Phase.choices,
        "whoms": Whom.choices,
        "projects": _ticks([(one.pk, str(one)) for one in list_projects(by=by)], given.get("projects", ())),
        "topics": _topics(by, given.get("topics", ())),
        "post_url": reverse("scripting:offering", args=[scenario.pk]) if scenario else reverse("scripting:new"),
        "back_url": reverse("scripting:designer", args=[scenario.pk]) if scenario else reverse("scripting:scenarios"),
    }
    return render_page(
        request, "scripting/form.html", context, part="workspace", status=_UNPROCESSABLE if errors else 200
    )


def _ticks(rows: list[tuple[int, str]], chosen: Any) -> list[dict[str, Any]]:
    return [{"code": str(key), "label": label, "checked": str(key) in chosen} for key, label in rows]


def _topics(by: Person, chosen: Any) -> list[dict[str, Any]]:
    """Of each project that the actor sees, its topics in use, with those above in front."""
    rows = {one.pk: one for one in Topic.objects.select_related("project").filter(is_active=True)}

    def path(one: Topic) -> str:
        above = rows.get(one.parent_id) if one.parent_id else None
        return f"{path(above)} \u203a {one}" if above else str(one)

    groups: dict[int, list[tuple[int, str]]] = {}
    for one in rows.values():
        if by.sees_project(one.project_id):
            groups.setdefault(one.project_id, []).append((one.pk, path(one)))
    titles = {one.pk: str(one) for one in list_projects(by=by)}
    made: list[dict[str, Any]] = [
        {"title": titles.get(key, ""), "rows": _ticks(sorted(group, key=lambda row: row[1]), chosen)}
        for key, group in groups.items()
    ]
    return [{**one, "chosen": sum(bool(row["checked"]) for row in one["rows"])} for one in made]


def steps(here: str, scenario: Scenario | None = None) -> list[dict[str, str]]:
    above = [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Scenarios"), "url": reverse("scripting:scenarios")},
    ]
    if scenario is not None:
        above.append({"label": str(scenario), "url": reverse("scripting:designer", args=[scenario.pk])})
    return [*above, {"label": here, "url": ""}]


# --- versions ---


@needs(MANAGE)
@require_GET
def versions(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """All that was published, and what differs between two of them, or of one and the draft (number 0)."""
    scenario = get_scenario(scenario_id, by=person_of(request))
    found = versions_of(scenario)
    drawn = {0: scenario.draft.document, **{one.number: one.document for one in found}}
    last = found[0].number if found else 0
    old, new_ = _asked(request, "old", drawn, last), _asked(request, "new", drawn, 0)
    choices = [(str(0), _("Draft")), *((str(one.number), _("Version {n}").format(n=one.number)) for one in found)]
    context = {
        "scenario": scenario,
        "versions": found,
        "choices": choices,
        "old": str(old),
        "new": str(new_),
        "differences": [] if old == new_ else _told(compare(drawn[old], drawn[new_]), drawn[old], drawn[new_]),
        "same": old == new_,
        "steps": steps(_("Versions"), scenario),
        "now": clock.now(),
    }
    return render_page(request, "scripting/versions.html", context, part="workspace")


def _asked(request: HttpRequest, name: str, drawn: Mapping[int, Any], usual: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and int(text) in drawn else usual


def _told(found: list[Difference], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    acts = {"added": (_("added"), "good"), "removed": (_("removed"), "bad"), "changed": (_("changed"), "warn")}
    return [
        {"title": _title(one.node, old, new), "act": acts[one.act][0], "tone": acts[one.act][1], "what": one.what}
        for one in found
    ]


def _title(node: str, *documents: Mapping[str, Any]) -> str:
    if not node:
        return _("The whole scenario")
    for document in reversed(documents):
        title = document.get("nodes", {}).get(node, {}).get("title")
        if title:
            return text_in(title, get_language() or "ru") or node
    return node


@needs(MANAGE)
@require_POST
def act(request: HttpRequest, scenario_id: UUID, act: str) -> HttpResponse:
    """back (to an earlier version), on, off."""
    by, now, number = person_of(request), clock.now(), typed_key(request.POST, "number") or 0
    acts: dict[str, Callable[[], object]] = {
        "back": lambda: services.roll_back(scenario_id=scenario_id, number=number, by=by, now=now),
        "on": lambda: services.switch_scenario(scenario_id=scenario_id, is_active=True, by=by, now=now),
        "off": lambda: services.switch_scenario(scenario_id=scenario_id, is_active=False, by=by, now=now),
    }
    if act not in acts:
        raise NotFound(act=act)
    acts[act]()
    return HttpResponseRedirect(reverse("scripting:versions", args=[scenario_id]))


# --- as a file ---


@needs(MANAGE)
@require_GET
def export(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The draft as a file, YAML or (`?as=json`) JSON."""
    scenario = get_scenario(scenario_id, by=person_of(request))
    said = {"code": scenario.code, "name": scenario.name, "document": scenario.draft.document}
    said |= {"places": scenario.draft.places} if scenario.draft.places else {}
    as_json = request.GET.get("as") == "json"
    text = json.dumps(said, ensure_ascii=False, indent=2) if as_json else written(said)
    kind, ending = ("application/json", "json") if as_json else ("application/yaml", "yaml")
    headers = {"Content-Disposition": f'attachment; filename="{scenario.code}.{ending}"'}
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers=headers)


@needs(MANAGE)
@require_POST
def load(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """A file becomes the draft; nothing is published. Raises UnreadableFile."""
    by = person_of(request)
    scenario = get_scenario(scenario_id, by=by)
    said = _read(request.FILES.get("file"))
    document = {**said["document"], "key": scenario.code, "version": 0}
    places = said.get("places")
    services.save_draft(
        scenario_id=scenario_id,
        revision=scenario.draft.revision,
        drawing=Drawing(document, places if isinstance(places, Mapping) else {}),
        by=by,
        now=clock.now(),
    )
    return HttpResponseRedirect(reverse("scripting:designer", args=[scenario_id]))


def _read(sent: object) -> Mapping[str, Any]:
    if not isinstance(sent, UploadedFile) or not 0 < (sent.size or 0) <= MOST_BYTES:
        raise UnreadableFile
    try:
        said: Mapping[str, Any] = json.loads(json.dumps(as_read(sent.read().decode())))  # dates become no JSON
    except (WrongBlueprint, ValueError, TypeError, RecursionError):
        raise UnreadableFile from None
    if not isinstance(said.get("document"), Mapping):
        raise UnreadableFile
    return said
