"""In blueprints: purposes of consent, [{code, name, needs_consent, project}]; unknown callers, {project: when}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Purpose


def load_purposes(rows: Sequence[Mapping[str, Any]], *, by: Actor, now: datetime) -> None:
    """Make the purposes as the part says. Those that it does not name stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for row in rows:
        project_id = projects[row["project"]] if row.get("project") else None
        known = Purpose.objects.filter(code=row["code"], project=project_id).first()
        services.save_purpose(
            purpose_id=known.pk if known else None,
            version=known.version if known else 0,
            wanted=services.PurposeWanted(row["code"], row["name"], row.get("needs_consent", False), project_id),
            by=by,
            now=now,
        )


def export_purposes() -> list[dict[str, Any]]:
    """The part that makes the purposes in use."""
    rows = Purpose.objects.filter(is_active=True).select_related("project")
    return [
        {"code": row.code, "name": row.name}
        | ({"needs_consent": True} if row.needs_consent else {})
        | ({"project": row.project.code} if row.project else {})
        for row in rows
    ]


def load_unknown_callers(part: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """When projects make cards of unknown callers. Those that it does not name stay as they are."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for code, when in part.items():
        services.set_unknown_callers(project_id=projects[code], when=when, by=by, now=now)


def export_unknown_callers() -> dict[str, str]:
    """Of the projects that make any."""
    found = {project.code: services.UnknownCallers.of(project) for project in Project.objects.order_by("code")}
    return {code: when.value for code, when in found.items() if when is not services.UnknownCallers.OFF}
