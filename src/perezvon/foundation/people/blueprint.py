"""Projects, roles, teams and groups in blueprints.

projects: [{code, number, name, zone, settings}]; what stands at the top of the file as identification, search, sources,
dimensions, free_topic or currency is a setting of each of them
roles: {code: {name, more: [right], less: [right], rights: [right], all_projects, sign_in, trusted_days, scopes}};
scopes: {right: own | team}
teams, groups: [{code, name}]

A shipped role is told by what it may more or less than in a new installation, so that the rights which a new version
brings still reach it; a role of one's own by all its rights. What is not told stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Group, Project, Role, SignIn, Team
from perezvon.foundation.people.selectors import list_groups, list_roles, list_teams, shipped_rights
from perezvon.foundation.people.services import RoleDetails
from perezvon.foundation.versions import write_versioned

_SETTINGS = ("identification", "search", "dimensions", "sources", "free_topic", "currency")


def load_projects(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the projects as the blueprint says; others stay, and settings that it does not name."""
    common = {name: blueprint[name] for name in _SETTINGS if name in blueprint}
    for row in blueprint["projects"]:
        known = Project.objects.filter(code=row["code"]).first()
        settings = (known.settings if known else {}) | common | row.get("settings", {})
        values = {"number": row["number"], "name": row["name"], "zone": row["zone"], "settings": settings}
        write_versioned(Project, {"code": row["code"]}, values)


def export_projects() -> dict[str, Any]:
    """The part that makes the projects as they are."""
    return {
        "projects": [
            {"code": row.code, "number": row.number, "name": row.name, "zone": row.zone, "settings": row.settings}
            for row in Project.objects.order_by("number")
        ]
    }


def load_people(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make roles, teams and groups as the blueprint says; others stay."""
    known = {role.code: role for role in list_roles()}
    for code, row in blueprint.get("roles", {}).items():
        _load_role(code, row, known.get(code), by, now)
    teams = {team.code: team for team in list_teams()}
    groups = {group.code: group for group in list_groups()}
    for row in blueprint.get("teams", []):
        _load_team(row, teams.get(row["code"]), by, now)
    for row in blueprint.get("groups", []):
        _load_group(row, groups.get(row["code"]), by, now)


def export_people() -> dict[str, Any]:
    """The parts that make roles, teams and groups as they are."""
    return {
        "roles": {role.code: _exported(role) for role in list_roles()},
        "teams": [{"code": row.code, "name": row.name} for row in list_teams()],
        "groups": [{"code": row.code, "name": row.name} for row in list_groups()],
    }


def _load_role(code: str, row: Mapping[str, Any], known: Role | None, by: Actor, now: datetime) -> None:
    before = _details(known) if known else RoleDetails(name=row["name"])
    shipped = shipped_rights(known) if known else None
    rights: set[str] = set(row.get("rights", before.rights))
    if shipped is not None and ("more" in row or "less" in row):
        rights = {*shipped, *row.get("more", [])} - set(row.get("less", []))
    wanted = RoleDetails(
        name=row.get("name", before.name),
        rights=sorted(rights),
        all_projects=row.get("all_projects", before.all_projects),
        sign_in=row.get("sign_in", before.sign_in),
        trusted_days=row.get("trusted_days", before.trusted_days),
        scopes=row.get("scopes", before.scopes),
    )
    if known is None:
        services.add_role(code=code, details=wanted, by=by, now=now)
    elif wanted != before:
        services.update_role(role_id=known.pk, version=known.version, details=wanted, by=by, now=now)


def _load_team(row: Mapping[str, Any], known: Team | None, by: Actor, now: datetime) -> None:
    if known is None:
        services.add_team(code=row["code"], name=row["name"], by=by, now=now)
    elif known.name != row["name"]:
        services.update_team(team_id=known.pk, version=known.version, name=row["name"], by=by, now=now)


def _load_group(row: Mapping[str, Any], known: Group | None, by: Actor, now: datetime) -> None:
    if known is None:
        services.add_group(code=row["code"], name=row["name"], by=by, now=now)
    elif known.name != row["name"]:
        services.update_group(group_id=known.pk, version=known.version, name=row["name"], by=by, now=now)


def _details(role: Role) -> RoleDetails:
    return RoleDetails(role.name, sorted(role.rights), role.all_projects, role.sign_in, role.trusted_days, role.scopes)


def _exported(role: Role) -> dict[str, Any]:
    found: dict[str, Any] = {"name": role.name}
    shipped, rights = shipped_rights(role), set(role.rights)
    if shipped is None:
        found["rights"] = sorted(rights)
    else:
        found |= {"more": sorted(rights - shipped), "less": sorted(shipped - rights)}
    found |= {"all_projects": role.all_projects, "sign_in": str(SignIn(role.sign_in).value)}
    return found | {"trusted_days": role.trusted_days, "scopes": role.scopes}


register_part(Part("projects", ("projects",), load_projects, export_projects, order=10))
register_part(Part("people", ("roles", "teams", "groups"), load_people, export_people, order=20))
