"""Why may, or can't, X do Y with Z."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation.access import Person, declared, subjects
from perezvon.foundation.people.explaining import Explanation, Step, explain
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import people_to_ask_about, rights_by_module
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.accounts.web.words import module_name, right_name


@needs("people.explain")
@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """The answer and what it rests on; without a right, all that the person may."""
    by = person_of(request)
    people = people_to_ask_about(by=by)
    person = next((one for one in people if str(one.pk) == request.GET.get("person")), None)
    right = request.GET.get("right", "")
    context: dict[str, Any] = {
        "people": people,
        "person": person,
        "right": right,
        "modules": [
            {"name": module_name(code), "rights": [(one.code, right_name(one.code)) for one in rights]}
            for code, rights in rights_by_module().items()
        ],
        "subjects": [(kind, subject.label, subject.hint) for kind, subject in subjects().items()],
        "kind": request.GET.get("kind", ""),
        "record": request.GET.get("record", "").strip()[:100],
    }
    if person and right in declared():
        context |= _answer(request, person, right, by)
    elif person:
        context["all"] = _everything(person)
    return render_page(request, "accounts/why.html", context, part="workspace")


def _answer(request: HttpRequest, person: User, right: str, by: Person) -> dict[str, Any]:
    subject = subjects().get(request.GET.get("kind", ""))
    text = request.GET.get("record", "").strip()[:100]
    found = subject.find(text, by) if subject and text else None
    if subject and text and found is None:
        return {"problem": _("There is no such record, or it is not open to you.")}
    key, name = found or ("", "")
    told = explain(person, right, subject if found else None, key)
    question = {"person": person.full_name, "right": right_name(right), "record": name}
    return {
        "told": told,
        "question": question,
        "steps": [{"is_met": step.is_met, "text": _step(step, person, right, name)} for step in told.steps],
        "advice": _advice(told),
    }


def _step(step: Step, person: User, right: str, record: str) -> str:
    words = {
        ("active", True): _("The account is open."),
        ("active", False): _("The account is blocked."),
        ("role", True): _("The role “{role}” has the right “{right}”."),
        ("role", False): _("The role “{role}” has not the right “{right}”."),
        ("seen", True): _("“{record}” is among what this person sees."),
        ("seen", False): _("“{record}” is not among what this person sees: {scope}."),
    }
    return words[step.code, step.is_met].format(
        role=person.role, right=right_name(right), record=record, scope=_scope(person)
    )


def _scope(person: User) -> str:
    if person.role.all_projects:
        return _("all projects")
    names = ", ".join(str(project) for project in person.projects.all())
    return _("projects: {names}").format(names=names) if names else _("no project at all")


def _advice(told: Explanation) -> str:
    """What would open it."""
    missing = {step.code for step in told.steps if not step.is_met}
    if "role" in missing and told.roles:
        return _("These roles have it: {names}.").format(names=", ".join(str(role) for role in told.roles))
    if "role" in missing:
        return _("No role has it yet.")
    return _("Give the person the project, on the person's card.") if missing == {"seen"} else ""


def _everything(person: User) -> dict[str, Any]:
    actor = person.actor()
    mine = [
        {"name": module_name(code), "rights": [right_name(one.code) for one in rights if actor.may(one.code)]}
        for code, rights in rights_by_module().items()
    ]
    return {"modules": [one for one in mine if one["rights"]], "scope": _scope(person), "is_active": person.is_active}
