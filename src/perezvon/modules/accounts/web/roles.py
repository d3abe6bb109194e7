"""Roles: what each may, beside what it may in a new installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Person, Right, Scope
from perezvon.foundation.commands.services import intent
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Role, SignIn
from perezvon.foundation.people.selectors import get_role, list_roles, rights_by_module, shipped_rights
from perezvon.foundation.people.services import FieldsWrong, Outdated, RoleDetails
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.accounts.web.forms import (
    Field,
    conflict,
    field,
    name_fields,
    summary,
    typed_codes,
    typed_name,
    typed_number,
)
from perezvon.modules.accounts.web.words import label_of, module_name, right_name

ROLES = "people.roles"
_UNPROCESSABLE = 422
SCOPES = {
    Scope.PROJECT: lazy("everybody's in the projects"),
    Scope.TEAM: lazy("the team's"),
    Scope.OWN: lazy("one's own"),
}


@needs(ROLES)
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """The matrix: rights by module down, roles across; marks where a role differs from the shipped one."""
    known = list_roles()
    shipped = {role.pk: shipped_rights(role) for role in known}
    modules = [
        {
            "name": module_name(code),
            "rights": [
                {
                    "name": _(right.title),
                    "code": right.code,
                    "cells": [_cell(role, right.code, shipped) for role in known],
                }
                for right in rights
            ],
        }
        for code, rights in rights_by_module().items()
    ]
    context = {"roles": known, "modules": modules, "columns": len(known) + 1}
    return render_page(request, "accounts/roles.html", context, part="workspace")


def _cell(role: Role, code: str, shipped: Mapping[int, frozenset[str] | None]) -> dict[str, Any]:
    of_new = shipped[role.pk]
    has = code in role.rights
    return {"has": has, "differs": of_new is not None and has != (code in of_new)}


@needs(ROLES)
@require_http_methods(["GET", "POST"])
def role_new(request: HttpRequest) -> HttpResponse:
    """A role of one's own, begun as a copy of another (`like`) where that is wanted."""
    if request.method == "GET":
        like = request.GET.get("like", "")
        model = get_role(int(like)) if like.isdecimal() and len(like) < 10 else None
        return _form(request, None, _details_of(model) if model else RoleDetails(name={}), {}, like=model)
    details, problems = _typed(request), {}
    code = request.POST.get("code", "").strip()
    try:
        role = services.add_role(code=code, details=details, by=person_of(request), now=clock.now())
    except FieldsWrong as wrong:
        problems = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        return _form(request, None, details, problems, status=_UNPROCESSABLE)
    return HttpResponseRedirect(f"{reverse('accounts:role', args=[role.pk])}?saved")


@needs(ROLES)
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, role_id: int) -> HttpResponse:
    known = get_role(role_id)
    if request.method == "GET":
        return _form(request, known, _details_of(known), {})
    details = _typed(request)
    try:
        with intent(why=request.POST.get("why", "")[:500]):
            services.update_role(
                role_id=role_id,
                version=typed_number(request, "version"),
                details=details,
                by=person_of(request),
                now=clock.now(),
            )
    except FieldsWrong as wrong:
        problems = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        return _form(request, known, details, problems, status=_UNPROCESSABLE)
    except Outdated as outdated:
        back_url = reverse("accounts:role", args=[role_id])
        return conflict(
            request, outdated, title=str(known), back_url=back_url, say=lambda _name, code: right_name(code)
        )
    return HttpResponseRedirect(f"{reverse('accounts:role', args=[role_id])}?saved")


def _typed(request: HttpRequest) -> RoleDetails:
    return RoleDetails(
        name=typed_name(request),
        rights=sorted(typed_codes(request, "rights")),
        all_projects=request.POST.get("all_projects") == "on",
        sign_in=request.POST.get("sign_in", ""),
        trusted_days=typed_number(request, "trusted_days"),
        scopes={
            right.code: typed
            for right in _narrowed()
            if (typed := request.POST.get(f"scope_{right.code}", "")) and typed != Scope.PROJECT
        },
    )


def _narrowed() -> list[Right]:
    """Rights that a role may have for less than its projects."""
    return [right for rights in rights_by_module().values() for right in rights if right.narrows]


def _scope_fields(details: RoleDetails, problems: Mapping[str, str]) -> list[Field]:
    """For whose records each of them is."""
    return [
        replace(
            field(
                f"scope_{right.code}",
                details.scopes.get(right.code, Scope.PROJECT),
                problems,
                kind="choice",
                choices=list(SCOPES.items()),
            ),
            label=_(right.title),
        )
        for right in _narrowed()
    ]


def _details_of(known: Role) -> RoleDetails:
    return RoleDetails(
        known.name, sorted(known.rights), known.all_projects, known.sign_in, known.trusted_days, known.scopes
    )


def _form(
    request: HttpRequest,
    known: Role | None,
    details: RoleDetails,
    problems: Mapping[str, str],
    like: Role | None = None,
    status: int = 200,
) -> HttpResponse:
    by = person_of(request)
    shipped = shipped_rights(known) if known else None
    code = request.POST.get("code", "")
    names = name_fields(details.name, problems)
    general = [*names, field("all_projects", details.all_projects, problems, kind="tick")]
    signing = [
        field("sign_in", details.sign_in, problems, kind="choice", choices=SignIn.choices),
        field("trusted_days", details.trusted_days, problems, type="number", hint=_("0: a code is asked every time.")),
    ]
    if known is None:
        general.insert(0, field("code", code, problems, required=True, hint=_("It stays: blueprints name it.")))
    context = {
        "role": known,
        "like": like,
        "groups": [
            {"title": _("Role"), "fields": general},
            {"title": _("Signing in"), "fields": signing},
            {"title": _("Of whom"), "fields": _scope_fields(details, problems)},
        ],
        "modules": [
            {
                "name": module_name(name),
                "rights": [_line(right.code, _(right.title), details, shipped, by) for right in rights],
            }
            for name, rights in rights_by_module().items()
        ],
        "is_legacy": details.sign_in == SignIn.DIGITS,
        "differs": _differs(details, shipped),
        "problems": summary(problems),
        "version": request.POST.get("version") or (known.version if known else 0),
        "saved": "saved" in request.GET,
        "rights_label": label_of("rights"),
    }
    return render_page(request, "accounts/role.html", context, part="workspace", status=status)


def _line(code: str, title: str, details: RoleDetails, shipped: frozenset[str] | None, by: Person) -> dict[str, Any]:
    has = code in details.rights
    return {
        "code": code,
        "title": title,
        "has": has,
        "differs": shipped is not None and has != (code in shipped),
        "is_fixed": not by.may(code) and not by.may("people.grant_any"),
    }


def _differs(details: RoleDetails, shipped: frozenset[str] | None) -> list[str]:
    """What this role may more (+) or less (−) than the shipped one."""
    if shipped is None:
        return []
    rights = set(details.rights)
    more = [f"+ {right_name(code)}" for code in sorted(rights - shipped)]
    return more + [f"− {right_name(code)}" for code in sorted(shipped - rights)]
