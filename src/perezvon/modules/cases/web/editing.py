"""Registering a case, and changing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import as_form, form_groups, typed_of, typed_value
from perezvon.foundation.fields.values import shown as own_shown
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.checks import Wrong
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case, CaseKind, Priority
from perezvon.modules.cases.selectors import (
    REGISTER,
    WORK,
    category_rows,
    get_case,
    kinds_for,
    products_for,
)
from perezvon.modules.cases.values import OWN, moment_text
from perezvon.modules.cases.web.words import field_name, problem_words
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import find_interaction
from perezvon.modules.interactions.services import contact_in_hand
from perezvon.modules.topics.selectors import topic_tree

_CONFLICT, _UNPROCESSABLE = 409, 422
_LONGEST_KEY = 18


class _New:
    """What a new case is about, as the address says it."""

    def __init__(self, given: Mapping[str, str], by: Person) -> None:
        contact, customer = _uuid(given.get("contact", "")), _uuid(given.get("customer", ""))
        self.contact: Interaction | None = find_interaction(contact, by=by) if contact else None
        known = self.contact.customer if self.contact and not customer else None
        self.customer: Customer | None = get_customer(customer, by=by) if customer else known
        if self.contact is None and self.customer is not None:
            self.contact = contact_in_hand(self.customer.pk, by=by)
        self.projects = list_projects(by=by)
        wanted = self.contact.project_id if self.contact else _key(given.get("project", ""))
        own = self.customer.project_id if self.customer else None
        self.project: Project | None = next(
            (one for one in self.projects if one.pk in {wanted, own}), next(iter(self.projects), None)
        )
        self.kinds = kinds_for(self.project.pk) if self.project else []
        self.kind = next((one for one in self.kinds if str(one.pk) == given.get("kind")), None)

    @property
    def topic(self) -> str:
        """The one that the contact has already."""
        rows = list(self.contact.topics.all()) if self.contact else []
        return str(rows[-1].topic_id) if rows else ""


@needs(REGISTER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """First the kind, then its form; contact and customer are filled in where they are known (F09.02)."""
    by = person_of(request)
    asked = _New(request.POST if request.method == "POST" else request.GET, by)
    if asked.kind is None or asked.project is None:
        return _choose(request, asked, by)
    if request.method == "GET":
        first = {"priority": str(asked.kind.priority), "topic": asked.topic, **_prefilled(request)}
        return _new_form(request, asked, by, first, {})
    return _register(request, asked, asked.kind, asked.project, by)


def _prefilled(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in OWN if name in request.GET}


def _choose(request: HttpRequest, asked: _New, by: Person) -> HttpResponse:
    query = request.GET.copy()
    query.pop("kind", None)
    rows = []
    for kind in asked.kinds:
        query["kind"] = str(kind.pk)
        closed = not services.may_begin(kind, asked.customer, by)
        rows.append({"name": str(kind), "url": f"{request.path}?{query.urlencode()}", "closed": closed})
    context = {"kinds": rows, "about": _about(asked), "projects": _projects(request, asked)}
    return render_page(request, "cases/choose.html", context, part="workspace")


def _projects(request: HttpRequest, asked: _New) -> list[dict[str, Any]]:
    if asked.contact is not None or len(asked.projects) < 2:
        return []
    query = request.GET.copy()
    rows = []
    for one in asked.projects:
        query["project"] = str(one.pk)
        rows.append({"label": str(one), "url": f"{request.path}?{query.urlencode()}", "current": one == asked.project})
    return rows


def _about(asked: _New) -> str:
    said = [asked.customer.full_name] if asked.customer else []
    said += [_("contact {number}").format(number=asked.contact.number)] if asked.contact else []
    return ", ".join(said)


def _register(request: HttpRequest, asked: _New, kind: CaseKind, project: Project, by: Person) -> HttpResponse:
    now = clock.now()
    fields = services.own_fields(kind, by)
    typed = _typed(request, fields)
    try:
        with intent(command_id=_uuid(request.POST.get("command_id", ""))):
            made = services.register_case(
                kind_id=kind.pk,
                project_id=project.pk,
                typed=typed,
                customer_id=asked.customer.pk if asked.customer else None,
                contact_id=asked.contact.pk if asked.contact else None,
                by=by,
                now=now,
            )
    except services.FieldsWrong as wrong:
        return _new_form(request, asked, by, typed, _problems(wrong))
    except services.NotIdentifiedYet as refused:
        return _new_form(request, asked, by, typed, {}, refusal=words_for(refused))
    return HttpResponseRedirect(f"{reverse('cases:case', args=[made.pk])}?saved")


def _typed(request: HttpRequest, fields: Sequence[Field]) -> dict[str, str]:
    typed = {name: request.POST.get(name, "") for name in OWN if name in request.POST}
    return typed | typed_of(request.POST, fields, whole=True)


def _problems(wrong: services.FieldsWrong) -> dict[str, Wrong]:
    problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
    return problems


def _new_form(
    request: HttpRequest,
    asked: _New,
    by: Person,
    typed: Mapping[str, str],
    problems: Mapping[str, Wrong],
    *,
    refusal: str = "",
) -> HttpResponse:
    assert asked.kind is not None and asked.project is not None  # noqa: S101, PT018  (chosen before)
    fields = services.own_fields(asked.kind, by)
    closed = "" if services.may_begin(asked.kind, asked.customer, by) else _closed(asked.kind)
    context = {
        "title": _("New case: {kind}").format(kind=asked.kind),
        "about": _about(asked),
        "groups": form(asked.kind, asked.project, fields, typed, problems, clock.now()),
        "text": _text(typed, problems),
        "problems": _named(problems, fields),
        "hidden": {
            "kind": asked.kind.pk,
            "project": asked.project.pk,
            "contact": asked.contact.pk if asked.contact else "",
            "customer": asked.customer.pk if asked.customer else "",
            "command_id": uuid4(),
        },
        "post_url": reverse("cases:new"),
        "back_url": reverse("customers:card", args=[asked.customer.pk]) if asked.customer else reverse("cases:list"),
        "submit": _("Register"),
        "refusal": refusal or closed,
    }
    status = _UNPROCESSABLE if problems or refusal else 200
    return render_page(request, "cases/form.html", context, part="workspace", status=status)


def _closed(kind: CaseKind) -> str:
    return words_for(services.NotIdentifiedYet(kind=str(kind)))


def _text(typed: Mapping[str, str], problems: Mapping[str, Wrong]) -> dict[str, str]:
    return {"value": typed.get("text", ""), "error": problem_words(problems["text"]) if "text" in problems else ""}


def _named(problems: Mapping[str, Wrong], fields: Sequence[Field]) -> list[dict[str, str]]:
    own = {one.name: one for one in fields}
    return [{"field": name, "label": field_name(name, own)} for name in problems]


def form(
    kind: CaseKind,
    project: Project,
    fields: Sequence[Field],
    typed: Mapping[str, str],
    problems: Mapping[str, Wrong],
    now: datetime,
) -> list[dict[str, Any]]:
    """Groups as fields/_groups.html takes them. Four queries."""
    errors = {name: problem_words(wrong) for name, wrong in problems.items()}
    categories = [(row.category.pk, f"{'— ' * row.depth}{row.category}") for row in category_rows(kind.pk)]
    topics = [
        (node.topic.pk, f"{'— ' * node.depth}{node.topic}") for root in topic_tree(project.pk) for node in root.walk()
    ]
    products = [(one.pk, f"{one.kind}: {one}") for one in products_for(project.pk, now)]
    choices = {"category": categories, "topic": topics, "product": products}
    rows = [_field(name, typed, errors, choices.get(name)) for name in OWN if name != "text"]
    rows = [one for one in rows if one["name"] not in choices or one["choices"]]
    return [{"title": _("Case"), "fields": rows}, *form_groups(fields, typed, errors)]


def _field(
    name: str, typed: Mapping[str, str], errors: Mapping[str, str], choices: Sequence[tuple[int, str]] | None
) -> dict[str, Any]:
    told: Sequence[tuple[str, str]] = []
    if name == "priority":
        told = [(str(code), str(label)) for code, label in Priority.choices]
    elif choices:
        told = [("", "\u2014"), *((str(code), label) for code, label in choices)]
    return {
        "name": name,
        "label": field_name(name),
        "value": typed.get(name, ""),
        "type": "text",
        "wide": name == "subject",
        "choices": told,
        "is_tick": False,
        "required": name == "subject",
        "placeholder": _("DD.MM.YYYY HH:MM") if name == "promised" else "",
        "hint": "",
        "error": errors.get(name, ""),
    }


# --- changing ---


@needs(WORK)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, case_id: UUID) -> HttpResponse:
    by = person_of(request)
    case = get_case(case_id, by=by)
    fields = services.own_fields(case.kind, by)
    if request.method == "GET":
        return _edit_form(request, case, fields, _kept(case, fields), {})
    typed, version = _typed(request, fields), _key(request.POST.get("version", "")) or 0
    try:
        with intent(command_id=_uuid(request.POST.get("command_id", ""))):
            services.edit_case(case_id=case.pk, version=version, typed=typed, by=by, now=clock.now())
    except services.FieldsWrong as wrong:
        return _edit_form(request, case, fields, typed, _problems(wrong))
    except services.CaseOutdated as outdated:
        return _conflict(request, case, fields, outdated)
    return HttpResponseRedirect(f"{reverse('cases:case', args=[case.pk])}?saved")


def _kept(case: Case, fields: Sequence[Field]) -> dict[str, str]:
    values = services.kept_values(case, ())
    kept = {name: "" if value is None else str(value) for name, value in values.items()}
    return kept | {"promised": moment_text(case.promised, case.project.zone)} | as_form(case.custom, fields)


def _edit_form(
    request: HttpRequest, case: Case, fields: Sequence[Field], typed: Mapping[str, str], problems: Mapping[str, Wrong]
) -> HttpResponse:
    context = {
        "title": case.title,
        "about": _("editing"),
        "groups": form(case.kind, case.project, fields, typed, problems, clock.now()),
        "text": _text(typed, problems),
        "problems": _named(problems, fields),
        "hidden": {"version": request.POST.get("version", case.version), "command_id": uuid4()},
        "post_url": reverse("cases:edit", args=[case.pk]),
        "back_url": reverse("cases:case", args=[case.pk]),
        "submit": _("Save"),
    }
    return render_page(
        request, "cases/form.html", context, part="workspace", status=_UNPROCESSABLE if problems else 200
    )


def _conflict(
    request: HttpRequest, case: Case, fields: Sequence[Field], outdated: services.CaseOutdated
) -> HttpResponse:
    """Somebody saved meanwhile: theirs or mine, field by field."""
    differences: Mapping[str, tuple[Any, Any]] = outdated.facts["differences"]  # type: ignore[assignment]
    own = {one.name: one for one in fields}
    names = _names_of_choices(case)
    context = {
        "case": case,
        "changes": [_change(name, *values, case, own, names) for name, values in differences.items()],
        "version": outdated.facts["version"],
        "command_id": uuid4(),
    }
    status = _UNPROCESSABLE if is_swap(request) else _CONFLICT
    return render_page(request, "cases/conflict.html", context, part="workspace", status=status)


def _names_of_choices(case: Case) -> dict[str, dict[Any, str]]:
    return {
        "category": {row.category.pk: row.path for row in category_rows(case.kind_id, with_withdrawn=True)},
        "topic": {node.topic.pk: str(node.topic) for root in topic_tree(case.project_id) for node in root.walk()},
        "product": {one.pk: str(one) for one in products_for(case.project_id, clock.now())},
        "priority": {one.value: str(one.label) for one in Priority},
    }


def _change(
    name: str, theirs: Any, mine: Any, case: Case, own: Mapping[str, Field], names: Mapping[str, Mapping[Any, str]]
) -> dict[str, Any]:
    def told(value: Any) -> str:
        if name in own:
            return own_shown(own[name], value)
        if name == "promised":
            return moment_text(value, case.project.zone)
        return names.get(name, {}).get(value, "" if value is None else str(value))

    def typed(value: Any) -> str:
        if name in own:
            return typed_value(own[name], value)
        return told(value) if name == "promised" else "" if value is None else str(value)

    return {
        "name": name,
        "label": field_name(name, own),
        "before": told(theirs),
        "after": told(mine),
        "kept": typed(theirs),
        "value": typed(mine),
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _key(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_KEY else None
