"""Rules: the list of them, one of them with its conditions and what it does, trying it, running it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.cores.conditions import Where, read
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.conditions.forms import ConditionsForm, conditions_form, has_dropped, read_form
from perezvon.foundation.conditions.terms import Asking, Terms, tell
from perezvon.foundation.fields.web.small_forms import Asked, typed_key
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.modules.cases import services
from perezvon.modules.cases.actions import ActionField, CaseAction, case_actions
from perezvon.modules.cases.facts import vocabulary
from perezvon.modules.cases.lists import refusal_words
from perezvon.modules.cases.models import CaseRule, RuleRun, When
from perezvon.modules.cases.selectors import SET_UP, NoSuchCaseKind, get_rule, list_rules
from perezvon.modules.cases.web.setup import NAMES, asked_code, kept, texts, typed
from perezvon.modules.cases.web.terms import hours_text, minutes_of
from perezvon.modules.cases.web.words import problem_words


@needs(SET_UP)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    terms, asking = vocabulary(by), Asking(by, now)
    rows = list_rules(by=by)
    context = {
        "rules": [
            {"row": one, "when": _when(one), "for": _for(one, terms, asking), "does": _does(one, by)} for one in rows
        ],
        "saved": "saved" in request.GET,
    }
    return render_page(request, "cases/rules.html", context, part="workspace")


def _when(rule: CaseRule) -> str:
    label = str(When(rule.when).label)
    return f"{label}: {hours_text(rule.after)}" if rule.when == When.WAITED else label


def _for(rule: CaseRule, terms: Terms, asking: Asking) -> str:
    said = tell(read(rule.where), terms, asking)
    return " · ".join(part for part in (str(rule.project) if rule.project else "", said) if part)


def _does(rule: CaseRule, by: Person) -> list[str]:
    known = case_actions()
    return [_told(known[code], given, by) for code, given in rule.actions.items() if code in known]


def _told(action: CaseAction, given: Mapping[str, str], by: Person) -> str:
    """ "Give it to a team: Claims" """
    first = action.fields[0]
    text = given.get(first.name, "")
    if first.picks is not None:
        text = next((str(label) for code, label in first.picks(by) if str(code) == text), text)
    return f"{action.label}: {text}" if text else str(action.label)


# --- one of them ---


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """A rule, or a new one. With `try` nothing is saved: the page says for which cases under way it would act."""
    by, now = person_of(request), clock.now()
    known = get_rule(rule_id, by=by) if rule_id else None
    if request.method != "POST":
        first = _first(known) if known else {"when": When.REGISTERED.value}
        where = read(known.where) if known else Where()
        return _draw(request, known, first, where, {})
    given = {name: str(value) for name, value in request.POST.items()}
    where = read_form(request.POST)
    errors: dict[str, str] = {}
    wanted = _wanted(given, where, known, errors)
    tried = None
    errors |= _condition_errors(request.POST, _form(request.POST, where, by, now))
    try:
        if not errors and "try" in given:
            tried = services.try_rule(wanted, by=by, now=now)
        elif not errors:
            key, version = known.pk if known else None, typed_key(given, "version") or 0
            services.save_rule(rule_id=key, version=version, wanted=wanted, by=by, now=now)
            return HttpResponseRedirect(f"{reverse('cases:rules')}?saved")
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors |= {name: problem_words(one) for name, one in problems.items()}
    return _draw(request, known, given, where, errors, tried)


@needs(SET_UP)
@require_GET
def conditions(request: HttpRequest) -> HttpResponse:
    """The form of conditions after an edit."""
    by, now = person_of(request), clock.now()
    context = {"form": _form(request.GET, Where(), by, now), **_around_conditions()}
    return render(request, "conditions/editor.html", context)


@needs(SET_UP)
@require_POST
def run(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Have it done for all cases under way for which it holds; a job that a colleague asked for is his to watch."""
    by = person_of(request)
    with intent(command_id=command_id_of(request)):
        job = services.ask_to_run_rule(rule_id=rule_id, by=by, now=clock.now())
    is_own = job.owner_id == by.id
    return HttpResponseRedirect(reverse("jobs:progress", args=[job.pk]) if is_own else reverse("cases:rule_runs"))


def _condition_errors(given: QueryDict, form: ConditionsForm) -> dict[str, str]:
    """A condition that went away unsaid would have the rule act on every case."""
    if form.has_problems:
        return {"where": _("A value cannot be read: correct it where it is marked.")}
    if form.has_gone:
        return {"where": _("A condition asks for what is not there any more.")}
    if has_dropped(given):
        return {"where": _("A condition is not filled in: fill it in or remove it.")}
    return {}


def _form(given: QueryDict, where: Where, by: Person, now: datetime, *, marks_empty: bool = False) -> ConditionsForm:
    return conditions_form(
        given, where, vocabulary(by), Asking(by, now), starts_empty=True, keeps_gone=True, marks_empty=marks_empty
    )


def _around_conditions() -> dict[str, str]:
    return {"edit_url": reverse("cases:rule_conditions"), "empty": _("Without conditions it is for all cases.")}


def _draw(
    request: HttpRequest,
    known: CaseRule | None,
    given: Mapping[str, str],
    where: Where,
    errors: Mapping[str, str],
    tried: services.RuleTried | None = None,
) -> HttpResponse:
    by, now = person_of(request), clock.now()
    title = str(known) if known else _("New rule")
    asked, actions = _asked(known, by), case_actions()
    labels = {one.name: one.label for one in asked} | {"actions": _("What is done"), "where": _("Conditions")}
    labels |= {_name(code, one): one.label for code, action in actions.items() for one in action.fields}
    context = {
        "title": title,
        "known": known,
        "command_id": uuid4(),
        "version": given.get("version", known.version if known else 0),
        "steps": [
            {"label": _("Administration"), "url": reverse("administration:home")},
            {"label": _("Rules of cases"), "url": reverse("cases:rules")},
            {"label": title, "url": ""},
        ],
        "groups": [{"title": _("When"), "fields": [_drawn(one, given, errors) for one in asked]}],
        "conditions": _form(request.POST, where, by, now, marks_empty=bool(errors)),
        "conditions_error": errors.get("where", ""),
        **_around_conditions(),
        "actions": [_drawn_action(one, given, errors, by) for one in actions.values()],
        "actions_error": errors.get("actions", ""),
        "problems": [{"field": name, "label": labels.get(name, name)} for name in errors],
        "tried": tried,
        "post_url": request.path,
    }
    return render_page(request, "cases/rule.html", context, part="workspace", status=422 if errors else 200)


def _asked(known: CaseRule | None, by: Person) -> tuple[Asked, ...]:
    whole = pgettext("kind", "any") if by.projects is None else "\u2014"
    projects = [("", whole), *((str(one.pk), str(one)) for one in list_projects(by=by))]
    return (
        *(() if known else (asked_code(),)),
        *texts("name", NAMES, required=True),
        Asked("when", "choice", [(str(code), label) for code, label in When.choices], label=_("When")),
        Asked("after", label=_("So long in one state"), hint=_("Hours and minutes by the clock, as 24:00.")),
        Asked("again", label=_("And again every"), hint=_("As long as it is in this state; empty: once.")),
        Asked("project", "choice", projects, label=_("Project")),
        Asked("position", label=_("Place in the order"), hint=_("Lower numbers are asked first.")),
        Asked("stops", "tick", label=_("When it has acted, rules behind it are not asked")),
    )


def _drawn(asked: Asked, given: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": asked.name,
        "label": asked.label,
        "value": given.get(asked.name, ""),
        "type": "text",
        "choices": asked.choices,
        "is_tick": asked.kind == "tick",
        "required": asked.required,
        "hint": asked.hint,
        "error": errors.get(asked.name, ""),
    }


def _name(code: str, one: ActionField) -> str:
    return f"do.{code}.{one.name}"


def _drawn_action(
    action: CaseAction, given: Mapping[str, str], errors: Mapping[str, str], by: Person
) -> dict[str, Any]:
    """Its fields; open when something is in them."""
    fields = [
        {
            "name": _name(action.code, one),
            "label": one.label,
            "value": given.get(_name(action.code, one), ""),
            "choices": [("", "\u2014"), *((str(code), label) for code, label in one.picks(by))] if one.picks else [],
            "is_long": one.lines,
            "hint": one.hint,
            "error": errors.get(_name(action.code, one), ""),
        }
        for one in action.fields
    ]
    return {"label": action.label, "fields": fields, "is_open": any(one["value"] or one["error"] for one in fields)}


def _first(known: CaseRule) -> dict[str, str]:
    said = {f"do.{code}.{name}": text for code, given in known.actions.items() for name, text in given.items()}
    return {
        **kept("name", known.name),
        "when": known.when,
        "after": hours_text(known.after or None),
        "again": hours_text(known.again or None),
        "project": str(known.project_id or ""),
        "position": str(known.position),
        "stops": "on" if known.stops else "",
        **said,
    }


def _wanted(
    given: Mapping[str, str], where: Where, known: CaseRule | None, errors: dict[str, str]
) -> services.RuleWanted:
    minutes = dict.fromkeys(("after", "again"), 0)
    for name in minutes:
        try:
            minutes[name] = minutes_of(given.get(name, "")) or 0
        except Wrong as wrong:
            errors[name] = problem_words(wrong)
    actions: dict[str, dict[str, str]] = {}
    for code, action in case_actions().items():
        actions[code] = {one.name: given.get(_name(code, one), "") for one in action.fields}
    return services.RuleWanted(
        code=known.code if known else given.get("code", "").strip().lower(),
        name=typed(given, "name"),
        when=given.get("when", ""),
        project_id=typed_key(given, "project"),
        after=minutes["after"],
        again=minutes["again"],
        where=where.as_list(),
        actions=actions,
        stops=bool(given.get("stops")),
        position=typed_key(given, "position"),
    )


@needs(SET_UP)
@require_GET
def line(request: HttpRequest, run_id: int) -> HttpResponse:
    """A line of the log: why the rule acted, what it did, or why it could not."""
    by, now = person_of(request), clock.now()
    run = RuleRun.objects.select_related("rule", "case__kind", "case__project").filter(pk=run_id).first()
    if run is None or not by.sees_project(run.case.project_id):
        raise NoSuchCaseKind(run=run_id)
    terms, asking, known = vocabulary(by), Asking(by, now), case_actions()
    context = {
        "run": run,
        "held": [{"text": _condition(kept_one, terms, asking), "held": held} for kept_one, held in run.held],
        "done": [known[code].label if code in known else code for code in run.done],
        "why_not": refusal_words(run.told, run.facts),
        "steps": [
            {"label": _("Administration"), "url": reverse("administration:home")},
            {"label": _("Rules of cases"), "url": reverse("cases:rules")},
            {"label": _("What rules did"), "url": reverse("cases:rule_runs")},
            {"label": str(run.rule), "url": ""},
        ],
    }
    return render_page(request, "cases/rule_run.html", context, part="workspace")


def _condition(kept_one: list[Any], terms: Terms, asking: Asking) -> str:
    return tell(read(["and", kept_one]), terms, asking)
