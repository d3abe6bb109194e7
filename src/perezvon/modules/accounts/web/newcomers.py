"""The part of two forms that says who is let in: of the company directory and of the company sign-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from perezvon.foundation.people.selectors import list_projects, list_roles
from perezvon.foundation.web.guard import person_of
from perezvon.modules.accounts.models import CompanyDirectory, SignInProvider
from perezvon.modules.accounts.web.forms import coded, codes_of, typed_codes, typed_number

_LONGEST, LONGEST_LINES = 300, 20_000


def shown_newcomers(row: CompanyDirectory | SignInProvider) -> dict[str, Any]:
    """What is kept, as the form shows it."""
    return {
        "is_on": row.is_on,
        "newcomer_role": row.newcomer_role.code if row.newcomer_role else "",
        "newcomer_projects": codes_of(row.newcomer_projects.all()) if row.pk else set(),
        "roles": "\n".join(f"{group} = {role}" for group, role in row.roles.items()),
        "version": row.version,
        "has_secret": bool(row.secret),
    }


def typed_newcomers(request: HttpRequest) -> dict[str, Any]:
    """What was sent, to be shown again as it was."""
    return {
        "is_on": "is_on" in request.POST,
        "newcomer_role": request.POST.get("newcomer_role", "").strip()[:_LONGEST],
        "newcomer_projects": typed_codes(request, "newcomer_projects"),
        "roles": request.POST.get("roles", "").strip()[:LONGEST_LINES],
        "secret": request.POST.get("secret", "")[:_LONGEST],
        "version": typed_number(request, "version"),
    }


def newcomers_meant(request: HttpRequest, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The same as services take it."""
    projects = list_projects(by=person_of(request))
    lines = [line.rpartition("=") for line in typed["roles"].splitlines() if line.strip()]
    return {
        "is_on": typed["is_on"],
        "newcomer_role": next((role for role in list_roles() if role.code == typed["newcomer_role"]), None),
        "newcomer_projects": tuple(one for one in projects if one.code in typed["newcomer_projects"]),
        "roles": {group.strip(): role.strip() for group, _sign, role in lines},
    }


def newcomer_fields(request: HttpRequest, one: Callable[..., Any]) -> dict[str, Any]:
    """A group of fields. one: makes a field of its name."""
    nobody = ("", _("nobody is let in who has no card here"))
    admit = [
        one("newcomer_role", kind="choice", choices=[nobody, *coded(list_roles())]),
        one("newcomer_projects", kind="ticks", choices=coded(list_projects(by=person_of(request)))),
        one("roles", kind="lines", hint=_("A line for each group: its name there = the code of a role here.")),
    ]
    return {"title": _("Newcomers"), "fields": admit}
