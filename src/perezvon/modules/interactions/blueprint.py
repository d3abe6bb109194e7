"""Results of contacts in blueprints.

results: [{code, name, requires, reasons, topic, system}] for all projects of the file, or {project: [those]}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.interactions.models import Result


def load_results(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the results as the blueprint says; others stay."""
    told = blueprint["results"]
    rows = told if isinstance(told, Mapping) else {row["code"]: told for row in blueprint.get("projects", [])}
    projects = {project.code: project for project in Project.objects.all()}
    for code, results in rows.items():
        for position, row in enumerate(results, start=1):
            _load(projects[code], position, row)


def _load(project: Project, position: int, row: Mapping[str, Any]) -> None:
    values = {
        "name": row["name"],
        "position": position,
        "requires": row.get("requires", []),
        "reasons": row.get("reasons", []),
        "needs_topic": row.get("topic", True),
        "system": row.get("system", False),
        "is_active": row.get("in_use", True),
    }
    Result.objects.update_or_create(project=project, code=row["code"], defaults=values)


def export_results() -> dict[str, Any]:
    """The part that makes the results that there are."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in Result.objects.select_related("project").order_by("project__number", "position", "id"):
        found.setdefault(row.project.code, []).append(_exported(row))
    return {"results": found}


def _exported(row: Result) -> dict[str, Any]:
    said: dict[str, Any] = {"code": row.code, "name": row.name}
    said |= {"requires": row.requires} if row.requires else {}
    said |= {"reasons": row.reasons} if row.reasons else {}
    said |= {} if row.needs_topic else {"topic": False}
    said |= {"system": True} if row.system else {}
    return said | ({} if row.is_active else {"in_use": False})


register_part(Part("results", ("results",), load_results, export_results, order=50))
