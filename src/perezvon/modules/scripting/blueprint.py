"""Scenarios in blueprints: scenarios: [{code, name, form, projects, topics, lines, direction, phase, whom, document}].

document: as `cores/scripting/codec` reads it, without key, version and name, which follow from the rest. What a file
says is in force once it is loaded, if it differs from what is; sub-scenarios stand before those that use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Direction, Form, Phase, Scenario, Whom
from perezvon.modules.scripting.services.defining import Drawing, Offering
from perezvon.modules.topics.models import Topic

_GIVEN = ("key", "version", "name")  # of a document: they follow from the scenario


def load_scenarios(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make and publish what the part names; others stay, and so do those that are so already."""
    projects = dict(Project.objects.values_list("code", "pk"))
    paths = {path: key for key, path in _topic_paths().items()}
    known = {one.code: one for one in _scenarios()}
    for row in blueprint["scenarios"]:
        kept = known.get(row["code"])
        if kept is None or _exported(kept) != _usual(row):
            _load(row, kept, projects, paths, by, now)


def _usual(row: Mapping[str, Any]) -> dict[str, Any]:
    """As it would be exported."""
    plain = {"form": Form.CONVERSATION, "direction": "any", "phase": "any", "whom": "any", "order": 100, "places": {}}
    kept = {key: value for key, value in row.items() if plain.get(key, []) != value}
    return {**kept, "document": {key: one for key, one in row["document"].items() if key not in _GIVEN}}


def _load(
    row: Mapping[str, Any], kept: Scenario | None, projects: Mapping[str, int],
    paths: Mapping[tuple[str, ...], int], by: Actor, now: datetime,
) -> None:  # fmt: skip
    offering = Offering(
        name=row["name"],
        project_ids=frozenset(projects[code] for code in row.get("projects", ())),
        topic_ids=frozenset(paths[tuple(path)] for path in row.get("topics", ())),
        lines=tuple(row.get("lines", ())),
        direction=row.get("direction", Direction.ANY),
        phase=row.get("phase", Phase.ANY),
        whom=row.get("whom", Whom.ANY),
        position=row.get("order", 100),
    )
    document = {**row["document"], "key": row["code"], "version": 0}
    drawing = Drawing(document, row.get("places", {}))
    if kept is None:
        form = row.get("form", Form.CONVERSATION)
        scenario = services.create_scenario(
            code=row["code"], offering=offering, form=form, drawing=drawing, by=by, now=now
        )
        revision = 1
    else:
        scenario = services.change_offering(
            scenario_id=kept.pk, version=kept.version, offering=offering, by=by, now=now
        )
        revision = services.save_draft(
            scenario_id=kept.pk, revision=scenario.draft.revision, drawing=drawing, by=by, now=now
        )
    services.publish_scenario(scenario_id=scenario.pk, revision=revision, by=by, now=now)
    services.switch_scenario(scenario_id=scenario.pk, is_active=row.get("in_use", True), by=by, now=now)


def export_scenarios() -> dict[str, Any]:
    """The part that makes the scenarios in force, those that others use first."""
    rows = {one.code: _exported(one) for one in _scenarios() if one.current}
    ordered: dict[str, Any] = {}
    for code in rows:
        _put(code, rows, ordered, frozenset())
    return {"scenarios": list(ordered.values())}


def _put(code: str, rows: Mapping[str, Any], ordered: dict[str, Any], above: frozenset[str]) -> None:
    if code in ordered or code in above or code not in rows:
        return
    for node in rows[code]["document"]["nodes"].values():
        _put(node.get("scenario", ""), rows, ordered, above | {code})
    ordered[code] = rows[code]


def _scenarios() -> list[Scenario]:
    found = Scenario.objects.select_related("current", "draft").prefetch_related("projects", "topics")
    return list(found.order_by("position", "code"))


def _exported(one: Scenario) -> dict[str, Any]:
    said: dict[str, Any] = {"code": one.code, "name": one.name}
    said |= {"form": one.form} if one.form != Form.CONVERSATION else {}
    projects = sorted(project.code for project in one.projects.all())
    said |= {"projects": projects} if projects else {}
    topics = one.topics.all()
    said |= {"topics": sorted(list(_topic_paths()[topic.pk]) for topic in topics)} if topics else {}
    said |= {"lines": list(one.lines)} if one.lines else {}
    for name in ("direction", "phase", "whom"):
        said |= {name: getattr(one, name)} if getattr(one, name) != "any" else {}
    said |= {"order": one.position} if one.position != 100 else {}
    said |= {} if one.is_active else {"in_use": False}
    if one.current is None:
        return said
    said |= {"places": one.current.places} if one.current.places else {}
    return said | {"document": {key: kept for key, kept in one.current.document.items() if key not in _GIVEN}}


def _topic_paths() -> dict[int, tuple[str, ...]]:
    """Of each topic: the code of its project, then the English (else the first) names from the root down."""
    rows = {one.pk: one for one in Topic.objects.select_related("project")}

    def path(topic: Topic) -> tuple[str, ...]:
        above = path(rows[topic.parent_id]) if topic.parent_id else (topic.project.code,)
        return (*above, topic.name.get("en") or next(iter(topic.name.values()), ""))

    return {key: path(one) for key, one in rows.items()}


register_part(Part("scenarios", ("scenarios",), load_scenarios, export_scenarios, order=98))
