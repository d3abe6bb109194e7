"""Where kinds of cases are set up: states, steps between them, categories, macros."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, draw, typed_key
from perezvon.foundation.people.models import Role, Team
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.modules.cases import flow, services
from perezvon.modules.cases.models import CaseKind, CaseMacro, CaseState, Priority, Stage
from perezvon.modules.cases.selectors import (
    KIND,
    SET_UP,
    NoSuchCaseKind,
    all_kinds,
    category_rows,
    flow_of,
    get_kind,
)
from perezvon.modules.cases.web.drawing import drawn
from perezvon.modules.cases.web.words import WANTED, problem_words, wanted_words

_LANGUAGES = ("ru", "en")
NAMES = {"ru": lazy("Name in Russian"), "en": lazy("Name in English")}
_TOLD = {"ru": lazy("Told to the customer in Russian"), "en": lazy("Told to the customer in English")}
_TEXTS = {"ru": lazy("Text in Russian"), "en": lazy("Text in English")}
_POINTS = 8

type Save = Callable[[Mapping[str, str]], object]
type Given = Mapping[str, str]


@needs(SET_UP)
@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    by = person_of(request)
    rows = [one for one in all_kinds() if one.project_id is None or by.sees_project(one.project_id)]
    macros = CaseMacro.objects.select_related("kind").order_by("position", "id")
    context = {
        "kinds": [{"kind": one, "drawing": drawn(flow_of(one.pk))} for one in rows],
        "macros": list(macros),
        "saved": "saved" in request.GET,
    }
    return render_page(request, "cases/kinds.html", context, part="workspace")


@needs(SET_UP)
@require_GET
def kind_page(request: HttpRequest, kind_id: int) -> HttpResponse:
    """One kind with its flow drawn, and what would leave its cases stuck."""
    by = person_of(request)
    kind = get_kind(kind_id, by=by)
    known = flow_of(kind.pk)
    names = {key: str(state) for key, state in known.states.items()}
    own = {one.name: one for one in fields_of(KIND, by)}
    context = {
        "kind": kind,
        "steps": steps_to(str(kind)),
        "drawing": drawn(known),
        "flaws": [_flaw_words(flaw, names) for flaw in flow.flaws(known.places, known.steps)],
        "states": list(known.states.values()),
        "moves": [
            {
                "row": one,
                "source": names[one.source_id],
                "target": names[one.target_id],
                "requires": wanted_words(one.requires, own),
                "roles": ", ".join(_role_names(one.roles)),
            }
            for one in known.rows
        ],
        "categories": category_rows(kind.pk, with_withdrawn=True),
        "saved": "saved" in request.GET,
    }
    return render_page(request, "cases/kind.html", context, part="workspace")


def _flaw_words(flaw: flow.Flaw, names: Mapping[int, str]) -> str:
    name = names.get(flaw.place or 0, "")
    return {
        "no_first": _("There is no open state, so no case can begin."),
        "unreachable": _("No step leads to “{state}”.").format(state=name),
        "dead_end": _("No step leads out of “{state}”.").format(state=name),
        "never_over": _("No case can ever be finished."),
    }[flaw.code]


def _role_names(codes: list[str]) -> list[str]:
    names = {one.code: str(one) for one in Role.objects.all()} if codes else {}
    return [names.get(code, code) for code in codes]


def steps_to(*last: str, of: CaseKind | None = None) -> list[dict[str, str]]:
    steps = [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Kinds of cases"), "url": reverse("cases:kinds")},
    ]
    steps += [{"label": str(of), "url": reverse("cases:kind", args=[of.pk])}] if of else []
    return [*steps, *({"label": one, "url": ""} for one in last)]


def _answer(request: HttpRequest, page: FormPage, first: Given, save: Save) -> HttpResponse:
    """The form; what was sent is saved, or shown again with what is wrong at its field."""
    if request.method != "POST":
        return draw(request, page, first, {})
    given = {name: str(value) for name, value in request.POST.items()}
    try:
        save(given)
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        return draw(request, page, given, {name: problem_words(one) for name, one in problems.items()})
    return HttpResponseRedirect(f"{page.back_url}?saved")


def _page(title: str, back_url: str, asked: tuple[Asked, ...], version: int, steps: list[dict[str, str]]) -> FormPage:
    return FormPage(
        title=title,
        group=title,
        submit=_("Save"),
        back_url=back_url,
        steps=steps,
        asked=asked,
        hidden={"version": str(version)},
    )


def asked_code() -> Asked:
    hint = _("Small Latin letters; it stays: blueprints and imports name it.")
    return Asked("code", label=_("Code"), required=True, hint=hint)


def texts(prefix: str, labels: Mapping[str, Any], *, required: bool = False, wide: bool = False) -> tuple[Asked, ...]:
    return tuple(
        Asked(f"{prefix}_{code}", label=labels[code], required=required and code == "ru", wide=wide)
        for code in _LANGUAGES
    )


def typed(given: Given, prefix: str) -> dict[str, str]:
    return {code: given.get(f"{prefix}_{code}", "") for code in _LANGUAGES}


def kept(prefix: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}_{code}": texts.get(code, "") for code in _LANGUAGES}


def _version(given: Given) -> int:
    return typed_key(given, "version") or 0


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def kind(request: HttpRequest, kind_id: int | None = None) -> HttpResponse:
    by, now = person_of(request), clock.now()
    known = get_kind(kind_id, by=by) if kind_id else None
    back = reverse("cases:kind", args=[known.pk]) if known else reverse("cases:kinds")
    asked = (*(() if known else (asked_code(),)), *texts("name", NAMES, required=True), *_kind_fields(by))
    title = _("Change the kind") if known else _("New kind of cases")
    page = _page(title, back, asked, known.version if known else 0, steps_to(title, of=known))

    def save(given: Given) -> object:
        return services.save_kind(
            kind_id=known.pk if known else None, version=_version(given), wanted=_wanted(given, known), by=by, now=now
        )

    return _answer(request, page, _kind_values(known) if known else {"priority": "2", "tells": "on"}, save)


def _kind_fields(by: Person) -> tuple[Asked, ...]:
    projects = [("", _("all projects")), *((str(one.pk), str(one)) for one in list_projects(by=by))]
    teams = [("", "\u2014"), *((str(one.pk), str(one)) for one in Team.objects.order_by("code"))]
    points = tuple(
        Asked(f"point{place}_{code}", label=_("Point {number} of the checklist, {language}").format(
            number=place + 1, language={"ru": _("in Russian"), "en": _("in English")}[code]))
        for place in range(_POINTS)
        for code in _LANGUAGES
    )  # fmt: skip
    return (
        Asked("prefix", label=_("Before the number"), hint=_("For example a letter and a hyphen; empty: nothing.")),
        Asked("project", "choice", projects, label=_("Project")),
        Asked(
            "priority", "choice", [(str(c), label) for c, label in Priority.choices], label=_("Priority of new ones")
        ),
        Asked("team", "choice", teams, label=_("Team that gets new ones")),
        Asked("identified", "tick", label=_("Registered only once the customer is identified")),
        Asked("tells", "tick", label=_("Progress is told only once the customer is identified")),
        Asked("asks_mark", "tick", label=_("The customer is asked how content he is at the end")),
        *points,
    )


def _wanted(given: Given, known: CaseKind | None) -> services.KindWanted:
    points = tuple(typed(given, f"point{place}") for place in range(_POINTS))
    further = tuple(known.checklist[_POINTS:]) if known else ()
    return services.KindWanted(
        code=known.code if known else given.get("code", "").strip().lower(),
        name=typed(given, "name"),
        project_id=typed_key(given, "project"),
        prefix=given.get("prefix", ""),
        priority=typed_key(given, "priority") or 0,
        team_id=typed_key(given, "team"),
        after_identification=bool(given.get("identified")),
        tells_after_identification=bool(given.get("tells")),
        asks_mark=bool(given.get("asks_mark")),
        checklist=(*points, *further),
    )


def _kind_values(known: CaseKind) -> dict[str, str]:
    points = {
        f"point{place}_{code}": text.get(code, "")
        for place, text in enumerate(known.checklist[:_POINTS])
        for code in _LANGUAGES
    }
    return {
        **kept("name", known.name),
        **points,
        "prefix": known.prefix,
        "project": str(known.project_id or ""),
        "priority": str(known.priority),
        "team": str(known.team_id or ""),
        "identified": "on" if known.after_identification else "",
        "tells": "on" if known.tells_after_identification else "",
        "asks_mark": "on" if known.asks_mark else "",
    }


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest, kind_id: int, state_id: int | None = None) -> HttpResponse:
    by, now = person_of(request), clock.now()
    of = get_kind(kind_id, by=by)
    known = _row(CaseState.objects.filter(kind=of, pk=state_id or 0), state_id)
    title = str(known) if known else _("New state")
    asked = (
        *(() if known else (asked_code(),)),
        *texts("name", NAMES, required=True),
        Asked("stage", "choice", Stage.choices, label=pgettext("case", "Stage"), required=True),
        *texts("told", _TOLD, wide=True),
    )
    page = _page(
        title, reverse("cases:kind", args=[of.pk]), asked, known.version if known else 0, steps_to(title, of=of)
    )
    first = {"stage": Stage.OPEN.value}
    if known:
        first = {**kept("name", known.name), **kept("told", known.told), "stage": known.stage}

    def save(given: Given) -> object:
        code = known.code if known else given.get("code", "").strip().lower()
        wanted = services.StateWanted(code, typed(given, "name"), given.get("stage", ""), typed(given, "told"))
        key = known.pk if known else None
        return services.save_state(kind_id=of.pk, state_id=key, version=_version(given), wanted=wanted, by=by, now=now)

    return _answer(request, page, first, save)


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, kind_id: int, step_id: int | None = None) -> HttpResponse:
    by, now = person_of(request), clock.now()
    of = get_kind(kind_id, by=by)
    rows = flow_of(of.pk)
    known = next((one for one in rows.rows if one.pk == step_id), None)
    if step_id and known is None:
        raise NoSuchCaseKind(step=step_id)
    states = [(str(key), str(one)) for key, one in rows.states.items()]
    wishes = [*WANTED.items(), *((one.name, one.label) for one in fields_of(KIND, by, variant=of.code))]
    wishes = [(code, label) for code, label in wishes if code != flow.CHILDREN]
    roles = [(one.code, str(one)) for one in Role.objects.order_by("id")]
    title = str(known) if known else _("New step")
    asked = (
        *texts("name", NAMES, required=True),
        Asked("source", "choice", states, label=_("From the state"), required=True),
        Asked("target", "choice", states, label=_("To the state"), required=True),
        *(Asked(f"role_{code}", "tick", label=_("Only {role}").format(role=label)) for code, label in roles),
        *(Asked(f"wants_{code}", "tick", label=_("Needs {what}").format(what=label)) for code, label in wishes),
    )
    page = _page(
        title, reverse("cases:kind", args=[of.pk]), asked, known.version if known else 0, steps_to(title, of=of)
    )
    page = replace(page, about=_("Without a role ticked, everybody who works on cases may take the step."))
    first: dict[str, str] = {}
    if known:
        first = {**kept("name", known.name), "source": str(known.source_id), "target": str(known.target_id)}
        first |= dict.fromkeys((f"role_{code}" for code in known.roles), "on")
        first |= dict.fromkeys((f"wants_{code}" for code in known.requires), "on")

    def save(given: Given) -> object:
        wanted = services.StepWanted(
            typed_key(given, "source") or 0,
            typed_key(given, "target") or 0,
            typed(given, "name"),
            tuple(code for code, _label in roles if given.get(f"role_{code}")),
            tuple(code for code, _label in wishes if given.get(f"wants_{code}")),
        )
        return services.save_step(
            kind_id=of.pk, step_id=known.pk if known else None, version=_version(given), wanted=wanted, by=by, now=now
        )

    return _answer(request, page, first, save)


@needs(SET_UP)
@require_POST
def step_delete(request: HttpRequest, kind_id: int, step_id: int) -> HttpResponse:
    services.delete_step(kind_id=kind_id, step_id=step_id, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('cases:kind', args=[kind_id])}?saved")


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def category(request: HttpRequest, kind_id: int, category_id: int | None = None) -> HttpResponse:
    by, now = person_of(request), clock.now()
    of = get_kind(kind_id, by=by)
    rows = category_rows(of.pk, with_withdrawn=True)
    known = next((row.category for row in rows if row.category.pk == category_id), None)
    if category_id and known is None:
        raise NoSuchCaseKind(category=category_id)
    above = [("", _("outermost")), *((str(row.category.pk), f"{'— ' * row.depth}{row.category}") for row in rows)]
    title = str(known) if known else _("New category")
    asked = (
        *(() if known else (asked_code(),)),
        *texts("name", NAMES, required=True),
        Asked("parent", "choice", above, label=_("Below")),
    )
    page = _page(
        title, reverse("cases:kind", args=[of.pk]), asked, known.version if known else 0, steps_to(title, of=of)
    )
    first = {**kept("name", known.name), "parent": str(known.parent_id or "")} if known else {}

    def save(given: Given) -> object:
        code = known.code if known else given.get("code", "").strip().lower()
        wanted = services.CategoryWanted(code, typed(given, "name"), typed_key(given, "parent"))
        key = known.pk if known else None
        return services.save_category(
            kind_id=of.pk, category_id=key, version=_version(given), wanted=wanted, by=by, now=now
        )

    return _answer(request, page, first, save)


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def macro(request: HttpRequest, macro_id: int | None = None) -> HttpResponse:
    by, now = person_of(request), clock.now()
    known = _row(CaseMacro.objects.filter(pk=macro_id or 0), macro_id)
    title = str(known) if known else _("New macro")
    choice = [("", _("all kinds")), *((str(one.pk), str(one)) for one in all_kinds())]
    codes = dict.fromkeys(CaseState.objects.order_by("kind__position", "position").values_list("code", flat=True))
    names = {one.code: str(one) for one in CaseState.objects.all()}
    asked = (
        *(() if known else (asked_code(),)),
        *texts("name", NAMES, required=True),
        *texts("text", _TEXTS, wide=True),
        Asked("kind", "choice", choice, label=_("Kind")),
        Asked("to", "choice", [("", "\u2014"), *((one, names[one]) for one in codes)], label=_("To the state")),
        Asked("priority", "choice", [("", "\u2014"), *((str(c), n) for c, n in Priority.choices)], label=_("Priority")),
        Asked("public", "tick", label=_("The text is an answer to the customer")),
        Asked("takes", "tick", label=_("Whoever uses it becomes responsible")),
    )
    page = _page(title, reverse("cases:kinds"), asked, known.version if known else 0, steps_to(title))

    def save(given: Given) -> object:
        wanted = services.MacroWanted(
            code=known.code if known else given.get("code", "").strip().lower(),
            name=typed(given, "name"),
            kind_id=typed_key(given, "kind"),
            text=typed(given, "text"),
            is_public=bool(given.get("public")),
            step_to=given.get("to", ""),
            priority=typed_key(given, "priority"),
            takes=bool(given.get("takes")),
        )
        key = known.pk if known else None
        return services.save_macro(macro_id=key, version=_version(given), wanted=wanted, by=by, now=now)

    return _answer(request, page, _macro_values(known) if known else {}, save)


def _macro_values(known: CaseMacro) -> dict[str, str]:
    return {
        **kept("name", known.name),
        **kept("text", known.text),
        "kind": str(known.kind_id or ""),
        "to": known.step_to,
        "priority": str(known.priority or ""),
        "public": "on" if known.is_public else "",
        "takes": "on" if known.takes else "",
    }


def _row(rows: Any, wanted: int | None) -> Any:
    found = rows.first() if wanted else None
    if wanted and found is None:
        raise NoSuchCaseKind(key=wanted)
    return found


@needs(SET_UP)
@require_POST
def switch(request: HttpRequest, what: str, key: int) -> HttpResponse:
    """Withdraw it, or bring it back."""
    by, now = person_of(request), clock.now()
    row = services.switch(what=what, key_id=key, is_active="back" in request.POST, by=by, now=now)
    of = row.pk if isinstance(row, CaseKind) else getattr(row, "kind_id", None)
    inside = what in {"state", "category"}
    outside = reverse({"term": "cases:terms", "rule": "cases:rules"}.get(what, "cases:kinds"))
    back = reverse("cases:kind", args=[of]) if inside else outside
    return HttpResponseRedirect(f"{back}?saved")
