"""Stages of contacts and possible actions in blueprints. A project is named by its code; without one they are for all.

stages: [{code, name, position, last, in_use, project}]
actions: [{code, name, kind, at: [stage], leads_to, minutes, position, in_use, project}]
task_limits: {state: how many tasks one person should have in it}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import ActionKind, Stage
from perezvon.modules.tasks.selectors import column_limits
from perezvon.modules.tasks.services import WantedAction, WantedStage


def load_tasks(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make stages and actions as the blueprint says; others stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    stages = {stage.code: stage for stage in Stage.objects.select_related("project")}
    for position, row in enumerate(blueprint.get("stages", [])):
        _load_stage(row, position, stages.get(row["code"]), projects, by, now)
    actions = {action.code: action for action in ActionKind.objects.select_related("project", "to_stage")}
    for position, row in enumerate(blueprint.get("actions", [])):
        _load_action(row, position, actions.get(row["code"]), projects, by, now)
    if "task_limits" in blueprint and blueprint["task_limits"] != column_limits():
        services.put_limits(most=blueprint["task_limits"], by=by, now=now)


def _load_stage(
    row: Mapping[str, Any], position: int, known: Stage | None, projects: Mapping[str, int], by: Actor, now: datetime
) -> None:
    if known is not None and _stage(known) == {"position": position, **row}:
        return
    wanted = WantedStage(
        row["name"],
        row.get("position", position),
        row.get("last", False),
        row.get("in_use", True),
        projects[row["project"]] if row.get("project") else None,
    )
    services.put_stage(code=row["code"], wanted=wanted, version=known.version if known else None, by=by, now=now)


def _load_action(
    row: Mapping[str, Any],
    position: int,
    known: ActionKind | None,
    projects: Mapping[str, int],
    by: Actor,
    now: datetime,
) -> None:
    if known is not None and _action(known) == {"position": position, **row}:
        return
    wanted = WantedAction(
        row["name"],
        row.get("kind", "todo"),
        tuple(row.get("at", [])),
        row.get("leads_to", ""),
        row.get("minutes", 480),
        row.get("position", position),
        row.get("in_use", True),
        projects[row["project"]] if row.get("project") else None,
    )
    services.put_action(code=row["code"], wanted=wanted, version=known.version if known else None, by=by, now=now)


def export_tasks() -> dict[str, Any]:
    """The parts that make stages and actions as they are."""
    return {
        "stages": [_stage(stage) for stage in Stage.objects.select_related("project")],
        "actions": [_action(one) for one in ActionKind.objects.select_related("project", "to_stage")],
        "task_limits": column_limits(),
    }


def _stage(stage: Stage) -> dict[str, Any]:
    said: dict[str, Any] = {"code": stage.code, "name": stage.name, "position": stage.position}
    said |= {"last": True} if stage.is_final else {}
    return said | _common(stage)


def _action(action: ActionKind) -> dict[str, Any]:
    said: dict[str, Any] = {"code": action.code, "name": action.name, "kind": str(action.kind)}
    said |= {"minutes": action.usual_minutes, "position": action.position}
    said |= {"at": action.from_stages} if action.from_stages else {}
    said |= {"leads_to": action.to_stage.code} if action.to_stage else {}
    return said | _common(action)


def _common(row: Stage | ActionKind) -> dict[str, Any]:
    said: dict[str, Any] = {} if row.is_active else {"in_use": False}
    return said | ({"project": row.project.code} if row.project else {})


register_part(Part("tasks", ("stages", "actions", "task_limits"), load_tasks, export_tasks, order=70))
