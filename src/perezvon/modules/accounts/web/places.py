"""Teams, groups and projects: short records with a code and a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Group, Project, Team
from perezvon.foundation.people.selectors import list_groups, list_projects, list_teams
from perezvon.foundation.people.services import FieldsWrong, Outdated, ProjectDetails
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import NotFound
from perezvon.modules.accounts.lists import people_url
from perezvon.modules.accounts.web.forms import conflict, field, name_fields, summary, typed_name, typed_number

MANAGE, PROJECTS = "people.manage", "people.projects"
_UNPROCESSABLE = 422

type Row = Team | Group | Project


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of short record: how it is listed, added and changed."""

    url_name: str
    back_name: str
    listed: Callable[[Person], list[Any]]
    add: Callable[[HttpRequest, Person], Row]
    update: Callable[[HttpRequest, Person, int], Row]


def _add_team(request: HttpRequest, by: Person) -> Row:
    return services.add_team(code=_code(request), name=typed_name(request), by=by, now=clock.now())


def _update_team(request: HttpRequest, by: Person, key: int) -> Row:
    version = typed_number(request, "version")
    return services.update_team(team_id=key, version=version, name=typed_name(request), by=by, now=clock.now())


def _add_group(request: HttpRequest, by: Person) -> Row:
    return services.add_group(code=_code(request), name=typed_name(request), by=by, now=clock.now())


def _update_group(request: HttpRequest, by: Person, key: int) -> Row:
    version = typed_number(request, "version")
    return services.update_group(group_id=key, version=version, name=typed_name(request), by=by, now=clock.now())


def _add_project(request: HttpRequest, by: Person) -> Row:
    return services.add_project(code=_code(request), details=_project(request), by=by, now=clock.now())


def _update_project(request: HttpRequest, by: Person, key: int) -> Row:
    version, details = typed_number(request, "version"), _project(request)
    return services.update_project(project_id=key, version=version, details=details, by=by, now=clock.now())


def _project(request: HttpRequest) -> ProjectDetails:
    number, zone = typed_number(request, "number"), request.POST.get("zone", "")
    return ProjectDetails(name=typed_name(request), number=number, zone=zone)


def _code(request: HttpRequest) -> str:
    return request.POST.get("code", "").strip().lower()


TEAM = Kind("accounts:team", "accounts:groups", lambda by: list_teams(), _add_team, _update_team)
GROUP = Kind("accounts:group", "accounts:groups", lambda by: list_groups(), _add_group, _update_group)
PROJECT = Kind("accounts:project", "accounts:projects", lambda by: list_projects(by=by), _add_project, _update_project)


@needs(MANAGE)
@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """Teams, and the groups that rules treat differently (F28.05)."""
    teams, groups = list_teams(), list_groups()
    for name, rows in (("team", teams), ("groups", groups)):
        for row in rows:
            row.people_url = people_url(name, row.pk)  # type: ignore[union-attr]
    context = {"teams": teams, "groups": groups, "saved": "saved" in request.GET}
    return render_page(request, "accounts/groups.html", context, part="workspace")


@needs(PROJECTS)
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    context = {"projects": list_projects(by=person_of(request)), "saved": "saved" in request.GET}
    return render_page(request, "accounts/projects.html", context, part="workspace")


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest, key: int = 0) -> HttpResponse:
    return _short_form(request, TEAM, key)


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def group(request: HttpRequest, key: int = 0) -> HttpResponse:
    return _short_form(request, GROUP, key)


@needs(PROJECTS)
@require_http_methods(["GET", "POST"])
def project(request: HttpRequest, key: int = 0) -> HttpResponse:
    return _short_form(request, PROJECT, key)


def _short_form(request: HttpRequest, kind: Kind, key: int) -> HttpResponse:
    """Change the record, or add one when there is no key."""
    by = person_of(request)
    row: Row | None = next((one for one in kind.listed(by) if one.pk == key), None)
    if key and row is None:
        raise NotFound(key=key)
    if request.method == "GET":
        return _draw(request, kind, row, {})
    try:
        if row is None:
            kind.add(request, by)
        else:
            kind.update(request, by, key)
    except FieldsWrong as wrong:
        problems = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        return _draw(request, kind, row, problems, status=_UNPROCESSABLE)
    except Outdated as outdated:
        back_url = reverse(kind.url_name, args=[key])
        return conflict(request, outdated, title=str(row), back_url=back_url, say=lambda _name, code: code)
    return HttpResponseRedirect(f"{reverse(kind.back_name)}?saved")


def _draw(
    request: HttpRequest, kind: Kind, row: Row | None, problems: Mapping[str, str], status: int = 200
) -> HttpResponse:
    typed: Mapping[str, str] = request.POST.dict() if request.method == "POST" else {}
    name = typed_name(request) if typed else row.name if row else {}
    fields = name_fields(name, problems)
    if row is None:
        fields.insert(
            0, field("code", typed.get("code", ""), problems, required=True, hint=_("It stays: rules name it."))
        )
    if kind is PROJECT:
        known = row if isinstance(row, Project) else Project()
        zones = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/")]
        number = typed.get("number", known.number if row else "")
        fields.append(field("number", number, problems, type="number", required=True))
        zone = typed.get("zone", known.zone)
        fields.append(field("zone", zone, problems, kind="choice", choices=zones, hint=_("Days of reports follow it.")))
    context = {
        "row": row,
        "title": _title(kind, row),
        "groups": [{"title": _("Record"), "fields": fields}],
        "problems": summary(problems),
        "version": request.POST.get("version") or (row.version if row else 0),
        "back_url": reverse(kind.back_name),
        "post_url": request.path,
        "settings": _settings(row),
    }
    return render_page(request, "accounts/short.html", context, part="workspace", status=status)


def _title(kind: Kind, row: Row | None) -> str:
    if row is not None:
        return str(row)
    return {"accounts:team": _("New team"), "accounts:group": _("New group")}.get(kind.url_name, _("New project"))


def _settings(row: Row | None) -> list[dict[str, str]]:
    """What a blueprint has set for a project, in one line each."""
    if not isinstance(row, Project):
        return []
    known = {
        "identification": _("Identification of a caller"),
        "search": _("Fields of the search"),
        "dimensions": _("What contacts are counted by"),
    }
    found = {name: row.settings.get(name) for name in known}
    return [{"label": known[name], "value": _in_words(value)} for name, value in found.items() if value]


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_in_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(str(one.get("code", one)) if isinstance(one, dict) else str(one) for one in value)
    return str(value)
