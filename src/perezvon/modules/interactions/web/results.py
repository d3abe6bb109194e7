"""The administrator's pages of results: the tree of a project, one result with its reasons, one reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.cores.conditions import Where, read
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.conditions.forms import ConditionsForm, conditions_form, has_dropped, read_form
from perezvon.foundation.conditions.terms import Asking, tell
from perezvon.foundation.fields.web.small_forms import typed_key
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.modules.interactions.models import Result
from perezvon.modules.interactions.result_fields import DIALER, FIELDS, FOLLOWS
from perezvon.modules.interactions.results import vocabulary, words_of
from perezvon.modules.interactions.services.setting_up import SET_UP, WantedRule, put_reason, put_result, short_ways
from perezvon.modules.interactions.services.writing import FieldsWrong

type Given = Mapping[str, str]
_LANGUAGES = ("ru", "en")
# Sets of conditions, by their names in the form: of a rule, and of its problems. `prompt` is of a result only.
_WHERES = {"w": "when", "must": "must", "prompt": "prompt"}
_TITLES = {"w": lazy("Offered when"), "must": lazy("Can be saved only if"), "prompt": lazy("Suggests itself when")}
_EMPTY = {
    "w": lazy("Without conditions everybody is offered it, in every contact."),
    "must": lazy("Without conditions it can be saved as soon as its fields are filled in."),
    "prompt": lazy("Without conditions it never suggests itself."),
}
_TICKS = ("requires", "follows", "wakes")
_TEXTS = {
    "name": {"ru": lazy("Name in Russian"), "en": lazy("Name in English")},
    "hint": {"ru": lazy("When it is meant, in Russian"), "en": lazy("When it is meant, in English")},
    "under": {"ru": lazy("Heading in Russian"), "en": lazy("Heading in English")},
    "must_words": {
        "ru": lazy("In Russian"),
        "en": lazy("In English"),
    },
}


@needs(SET_UP)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    projects = list_projects(by=by)
    wanted = typed_key(request.GET, "project")
    project = next((one for one in projects if one.pk == wanted), projects[0] if projects else None)
    terms, asking = vocabulary(), Asking(by, now)
    rows = Result.objects.filter(project=project, system=False) if project else []
    context = {
        "projects": projects,
        "project": project,
        "results": [
            {
                "row": row,
                "under": words_of(row.rules, "under"),
                "when": tell(read(row.rules.get("when") or []), terms, asking),
                "needs": _needs(row.requires),
                "reasons": sum(1 for one in row.reasons if one.get("in_use", True)),
            }
            for row in rows
        ],
        "saved": "saved" in request.GET,
    }
    return render_page(request, "interactions/results.html", context, part="workspace")


def _needs(requires: list[str]) -> str:
    return ", ".join(str(FIELDS[code].asked) for code in requires if code in FIELDS)


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def result(request: HttpRequest, result_id: int | None = None) -> HttpResponse:
    """A result, or with ?project a new one of that project."""
    by, now = person_of(request), clock.now()
    row = _row(result_id, by) if result_id else None
    project_id = row.project_id if row else typed_key(request.GET, "project") or 0
    back = f"{reverse('interactions:results')}?project={project_id}"
    if request.method == "POST":
        errors, wanted = _read(request, by, now)
        if not errors:
            try:
                version = typed_key(request.POST, "version") or 0
                put_result(project_id=project_id, wanted=wanted, result_id=result_id, version=version, by=by, now=now)
                return HttpResponseRedirect(f"{back}&saved")
            except FieldsWrong as wrong:
                errors = _words(wrong)
        return _draw(request, row, None, _typed(request), {}, errors, back)
    kept = {**(row.rules if row else {}), "requires": row.requires if row else [], "name": row.name if row else {}}
    first = _first(kept) | {
        "code": row.code if row else "",
        "position": str(row.position if row else 100),
        "needs_topic": "on" if row is None or row.needs_topic else "",
        "in_use": "on" if row is None or row.is_active else "",
    }
    return _draw(request, row, None, first, _wheres(kept), {}, back)


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def reason(request: HttpRequest, result_id: int, code: str = "") -> HttpResponse:
    """A reason of a result, or without a code a new one."""
    by, now = person_of(request), clock.now()
    row = _row(result_id, by)
    known: dict[str, Any] = next((one for one in row.reasons if one["code"] == code), {})
    if code and not known:
        raise NotFound(reason=code)
    back = reverse("interactions:result", args=[row.pk])
    if request.method == "POST":
        errors, wanted = _read(request, by, now)
        if not errors:
            try:
                version = typed_key(request.POST, "version") or 0
                put_reason(result_id=row.pk, wanted=wanted, reason=code, version=version, by=by, now=now)
                return HttpResponseRedirect(f"{back}?saved")
            except FieldsWrong as wrong:
                errors = _words(wrong)
        return _draw(request, row, known, _typed(request), {}, errors, back)
    first = _first(known) | {"code": code, "in_use": "on" if known.get("in_use", True) else ""}
    return _draw(request, row, known, first, _wheres(known), {}, back)


@needs(SET_UP)
@require_GET
def conditions(request: HttpRequest) -> HttpResponse:
    """A set of conditions after an edit."""
    name = request.GET.get("of", "")
    name = name if name in _WHERES else "w"
    context = {"form": _form(request.GET, name, Where(), person_of(request), clock.now()), **_around(name)}
    return render(request, "conditions/editor.html", context)


def _row(result_id: int, by: Person) -> Result:
    return get_object_or_404(Result.objects.select_related("project"), pk=result_id, project__in=list_projects(by=by))


# --- the form ---


def _form(given: QueryDict, name: str, where: Where, by: Person, now: datetime) -> ConditionsForm:
    asking = Asking(by, now)
    return conditions_form(given, where, vocabulary(), asking, starts_empty=True, keeps_gone=True, name=name)


def _around(name: str) -> dict[str, Any]:
    return {"edit_url": f"{reverse('interactions:result_conditions')}?of={name}", "empty": _EMPTY[name]}


def _wheres(kept: Mapping[str, Any]) -> dict[str, Where]:
    return {name: read(kept.get(rule) or []) for name, rule in _WHERES.items()}


def _typed(request: HttpRequest) -> dict[str, str]:
    ticks = {f"{name}.{code}": "on" for name in _TICKS for code in request.POST.getlist(name)}
    return {name: str(value) for name, value in request.POST.items()} | ticks


def _read(request: HttpRequest, by: Person, now: datetime) -> tuple[dict[str, str], WantedRule]:
    given, errors = request.POST, {}
    wheres = {name: read_form(given, name) for name in _WHERES}
    for name, where in wheres.items():
        form = _form(given, name, where, by, now)
        if form.has_problems or form.has_gone or has_dropped(given, name):
            errors[_problem(name)] = _("A condition is not complete: fill it in or remove it.")
    days: dict[str, int | None] = {}
    for name in ("days", "days_declined"):
        text = given.get(name, "").strip()
        days[name] = typed_key(given, name)
        if text and days[name] is None:
            errors[name] = problem_words("number.form", {})
    wanted = WantedRule(
        code=given.get("code", "").strip(),
        name=_texts(given, "name"),
        hint=_texts(given, "hint"),
        under=_texts(given, "under"),
        requires=tuple(given.getlist("requires")),
        follows=tuple(given.getlist("follows")),
        dialer=given.get("dialer", ""),
        when=wheres["w"],
        must=wheres["must"],
        must_words=_texts(given, "must_words"),
        prompt=wheres["prompt"],
        wakes=tuple(given.getlist("wakes")),
        records=_record(given.get("records", "")),
        position=min(typed_key(given, "position") or 0, 9999),
        needs_topic="needs_topic" in given,
        in_use="in_use" in given,
        **days,
    )
    return errors, wanted


def _problem(name: str) -> str:
    """Of a set of conditions, as `WantedRule` is refused by."""
    return "where" if name == "w" else name


def _record(text: str) -> tuple[str, str] | None:
    result, _sign, reason = text.partition(":")
    return (result, reason) if result else None


def _texts(given: Given, prefix: str) -> dict[str, str]:
    return {language: given.get(f"{prefix}_{language}", "") for language in _LANGUAGES}


def _words(wrong: FieldsWrong) -> dict[str, str]:
    problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
    return {name: problem_words(one.code, one.facts) for name, one in problems.items()}


def _first(kept: Mapping[str, Any]) -> dict[str, str]:
    texts = {f"{name}_{code}": (kept.get(name) or {}).get(code, "") for name in _TEXTS for code in _LANGUAGES}
    ticks = {f"{name}.{code}": "on" for name in _TICKS for code in kept.get(name, ())}
    days = {name: str(kept[name]) for name in ("days", "days_declined") if kept.get(name) is not None}
    way = kept.get("records")
    records = f"{way['result']}:{way['reason']}" if way else ""
    return texts | ticks | days | {"dialer": kept.get("dialer", ""), "records": records}


def _draw(
    request: HttpRequest,
    row: Result | None,
    known: Mapping[str, Any] | None,
    given: Given,
    wheres: Mapping[str, Where],
    errors: Given,
    back: str,
) -> HttpResponse:
    """known: the reason, empty for a new one; None for the form of a result."""
    by, now = person_of(request), clock.now()
    of_reason = known is not None
    title = (words_of(known, "name") if known else _("New reason")) if of_reason else str(row or _("New result"))
    steps = [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {
            "label": _("Results of contacts"),
            "url": f"{reverse('interactions:results')}?project={row.project_id if row else ''}",
        },
        *([{"label": str(row), "url": reverse("interactions:result", args=[row.pk])}] if of_reason and row else []),
        {"label": title, "url": ""},
    ]
    ways = [] if of_reason else _ways(row, request)
    fields = _fields(given, errors, ways, of_reason=of_reason, is_new=not (known if of_reason else row))
    words = _field_rows(("must_words",), given, errors)
    labels = {one["name"]: one["label"] for one in (*fields, *words)}
    labels |= {_problem(name): title for name, title in _TITLES.items()}
    labels |= {name: _("What it asks for and what follows") for name in _TICKS}
    context = {
        "title": title,
        "row": row,
        "of_reason": of_reason,
        "version": given.get("version", row.version if row else 0),
        "steps": steps,
        "groups": [{"title": pgettext("result", "In general"), "fields": fields}],
        "ticks_error": next((errors[name] for name in _TICKS if name in errors), ""),
        "wakes": [] if of_reason else [(code, one.label, f"wakes.{code}" in given) for code, one in FIELDS.items()],
        "requires": [(code, one.label, f"requires.{code}" in given) for code, one in FIELDS.items()],
        "follows": [(code, label, f"follows.{code}" in given) for code, label in FOLLOWS.items()],
        "reasons": _reasons(row, by, now) if row and not of_reason else [],
        "conditions": [
            {
                "title": _TITLES[name],
                "field": _problem(name),
                "form": _form(request.POST, name, wheres.get(name, Where()), by, now),
                "error": errors.get(_problem(name), ""),
                "texts": [{"title": _("Said when it cannot be saved"), "fields": words}] if name == "must" else [],
                **_around(name),
            }
            for name in _WHERES
            if name != "prompt" or not of_reason
        ],
        "problems": [{"field": name, "label": labels.get(name, name)} for name in errors],
        "post_url": request.get_full_path(),
        "back_url": back,
        "saved": "saved" in request.GET,
    }
    return render_page(request, "interactions/result.html", context, part="workspace", status=422 if errors else 200)


def _reasons(row: Result, by: Person, now: datetime) -> list[dict[str, Any]]:
    terms, asking = vocabulary(), Asking(by, now)
    return [
        {
            "code": one["code"],
            "name": words_of(one, "name"),
            "needs": _needs(one.get("requires", [])),
            "when": tell(read(one.get("when") or []), terms, asking),
            "in_use": one.get("in_use", True),
        }
        for one in row.reasons
    ]


def _ways(row: Result | None, request: HttpRequest) -> list[tuple[str, str]]:
    project_id = row.project_id if row else typed_key(request.GET, "project") or 0
    found = short_ways(project_id, but=row.code if row else "")
    return [(":".join(codes), called) for codes, called in found.items()]


def _field(name: str, label: Any, given: Given, errors: Given, **more: Any) -> dict[str, Any]:
    drawn = {"name": name, "label": label, "value": given.get(name, ""), "type": "text", "error": errors.get(name, "")}
    return drawn | more


def _field_rows(names: Sequence[str], given: Given, errors: Given) -> list[dict[str, Any]]:
    """Texts in all languages."""
    return [
        _field(f"{name}_{code}", _TEXTS[name][code], given, errors, required=name == "name" and code == "ru")
        for name in names
        for code in _LANGUAGES
    ]


def _fields(
    given: Given, errors: Given, ways: list[tuple[str, str]], *, of_reason: bool, is_new: bool
) -> list[dict[str, Any]]:
    field = partial(_field, given=given, errors=errors)
    none = ("", "\u2014")
    fields = [
        *([field("code", _("Code"), required=True, hint=_("Small Latin letters; it stays."))] if is_new else []),
        *_field_rows(("name", "hint") if of_reason else ("name", "under", "hint"), given, errors),
        field("days", _("Proposed day: after so many days"), hint=_("Empty: the next day.")),
        field("days_declined", _("The same when the customer will call himself")),
        field("dialer", _("For the dialer"), choices=[none, *DIALER.items()]),
    ]
    if not of_reason:
        fields.append(field("records", _("Is a short way to"), choices=[none, *ways]))
        fields.append(field("position", _("Place in the order")))
        fields.append(field("needs_topic", _("Needs a topic"), is_tick=True))
    return [*fields, field("in_use", _("In use"), is_tick=True)]


@say("interactions.result_changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this result meanwhile. Open it again.")
