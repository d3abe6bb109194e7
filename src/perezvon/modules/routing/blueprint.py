"""Skills, queues and reasons of absence in blueprints.

skills: [{code, name}]   reasons: [{code, name, limit_minutes}]
queues: [{code, project, name, skills: {code: least level}, …any field of Queue}]
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.foundation.versions import write_versioned
from perezvon.modules.routing.models import NotReadyReason, Queue, Skill
from perezvon.modules.routing.services import announce_configuration

_FIELDS = (
    "skills", "ring_s", "wrap_up", "wrap_up_s", "extend_s", "extensions", "ready_after", "pop_on_answer",
    "may_decline", "service_level_s",
)  # fmt: skip


def load_routing(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make skills, queues and reasons as the blueprint says; others stay. The engine hears of it."""
    for row in blueprint.get("skills", []):
        Skill.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})
    projects = {project.code: project for project in Project.objects.all()}
    for row in blueprint.get("queues", []):
        values = {key: value for key, value in row.items() if key not in {"code", "project"}}
        if unknown := values.keys() - {*_FIELDS, "name"}:
            raise ValueError(f"queue {row['code']}: {', '.join(sorted(unknown))}")
        write_versioned(Queue, {"code": row["code"]}, values | {"project": projects[row["project"]]})
    for position, row in enumerate(blueprint.get("reasons", [])):
        values = {"name": row["name"], "position": position, "limit_minutes": row.get("limit_minutes")}
        values["is_active"] = row.get("in_use", True)
        NotReadyReason.objects.update_or_create(code=row["code"], defaults=values)
    announce_configuration(by=by, now=now)


def export_routing() -> dict[str, Any]:
    """The parts that make what there is."""
    queues = Queue.objects.select_related("project").order_by("id")
    return {
        "skills": [{"code": row.code, "name": row.name} for row in Skill.objects.order_by("id")],
        "queues": [
            {"code": row.code, "project": row.project.code, "name": row.name}
            | {field: getattr(row, field) for field in _FIELDS}
            for row in queues
        ],
        "reasons": [_reason(row) for row in NotReadyReason.objects.all()],
    }


def _reason(row: NotReadyReason) -> dict[str, Any]:
    limit = {"limit_minutes": row.limit_minutes} if row.limit_minutes else {}
    return {"code": row.code, "name": row.name, **limit, **({} if row.is_active else {"in_use": False})}


register_part(Part("routing", ("skills", "queues", "reasons"), load_routing, export_routing, order=30))
