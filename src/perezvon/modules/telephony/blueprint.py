"""Lines in blueprints: [{address, project, queue, name, shown, public, connector, …any field of Line}]."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.foundation.versions import write_versioned
from perezvon.modules.routing.models import Queue
from perezvon.modules.telephony.models import Line
from perezvon.modules.telephony.services import announce_lines

_FIELDS = {
    "shown": "", "connector": "webvoice", "record": True, "greeting": [], "language": "ru", "announce_every_s": 30.0,
    "return_s": 300.0, "patience_s": 20.0,
}  # fmt: skip


def load_lines(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the lines as the blueprint says; others stay. The engine hears of it."""
    projects = {project.code: project for project in Project.objects.all()}
    queues = {queue.code: queue for queue in Queue.objects.all()}
    for row in blueprint.get("lines", []):
        values = {"name": row["name"], "project": projects[row["project"]], "queue": queues[row["queue"]]}
        values |= {field: row.get(field, default) for field, default in _FIELDS.items()}
        write_versioned(Line, {"address": row["address"]}, values | {"is_public": row.get("public", False)})
    announce_lines(by=by, now=now)


def export_lines() -> dict[str, Any]:
    """The part that makes the lines that there are."""
    return {"lines": [_exported(line) for line in Line.objects.select_related("project", "queue").order_by("id")]}


def _exported(line: Line) -> dict[str, Any]:
    said = {"address": line.address, "project": line.project.code, "queue": line.queue.code, "name": line.name}
    said |= {field: value for field, default in _FIELDS.items() if (value := getattr(line, field)) != default}
    return said | ({"public": True} if line.is_public else {})


register_part(Part("lines", ("lines",), load_lines, export_lines, order=40))
