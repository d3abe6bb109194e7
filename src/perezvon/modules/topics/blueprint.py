"""Topic trees in blueprints: {project: [{name, identify, tool, children: [those]}]}.

A topic is known by its English name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.topics.models import Topic


def load_topics(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the trees as the blueprint says; other topics stay, after those."""
    projects = {project.code: project for project in Project.objects.all()}
    for code, rows in blueprint["topics"].items():
        _load(rows, projects[code], None)


def _load(rows: list[Mapping[str, Any]], project: Project, parent: Topic | None) -> None:
    known = {_name(topic.name): topic for topic in Topic.objects.filter(project=project, parent=parent)}
    for position, row in enumerate(rows):
        topic = known.get(_name(row["name"])) or Topic(project=project, parent=parent)
        topic.name, topic.position = row["name"], position
        topic.needs_identification = row.get("identify", False)
        topic.tool = row.get("tool", "")
        topic.is_active = row.get("in_use", True)
        topic.save()
        _load(row.get("children", []), project, topic)


def _name(texts: Mapping[str, str]) -> str:
    return texts.get("en") or texts.get("ru", "")


def export_topics() -> dict[str, Any]:
    """The part that makes the trees that there are."""
    below: dict[tuple[str, int | None], list[Topic]] = {}
    for topic in Topic.objects.select_related("project").order_by("project__number", "position", "id"):
        below.setdefault((topic.project.code, topic.parent_id), []).append(topic)
    roots = [project for project, parent in below if parent is None]
    return {"topics": {project: [_exported(topic, below) for topic in below[project, None]] for project in roots}}


def _exported(topic: Topic, below: Mapping[tuple[str, int | None], list[Topic]]) -> dict[str, Any]:
    said: dict[str, Any] = {"name": topic.name}
    said |= {"identify": True} if topic.needs_identification else {}
    said |= {"tool": topic.tool} if topic.tool else {}
    said |= {} if topic.is_active else {"in_use": False}
    children = [_exported(child, below) for child in below.get((topic.project.code, topic.pk), [])]
    return said | ({"children": children} if children else {})


register_part(Part("topics", ("topics",), load_topics, export_topics, order=60))
