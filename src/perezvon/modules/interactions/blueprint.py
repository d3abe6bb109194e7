"""Results of contacts in blueprints.

results: [{code, name, requires, reasons, topic, system, in_use} and rules] for all projects of the file, or
{project: [those]}. A reason is {code, name, requires, in_use} and rules, all of them optional:

under                text   the heading above it: "Reached"
hint                 text   when it is meant
when, prompt         conditions: who may choose it in which contacts; when it suggests itself
must, must_words     conditions on what was filled in, and what is said when they do not hold
follows              [ban, ban_number, deceased]
dialer               over, again, meeting or delivery
days, days_declined  after how many a date is proposed, and when the customer says he will call himself
wakes                fields without which the result cannot be confirmed
records              {result, reason}   what it is a short way to
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.cores.conditions import read
from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.foundation.versions import write_versioned
from perezvon.modules.interactions.models import Result

CONDITIONS = ("when", "prompt", "must")
RULES = (
    "under",
    "hint",
    *CONDITIONS,
    "must_words",
    "follows",
    "dialer",
    "days",
    "days_declined",
    "wakes",
    "records",
)


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
        "reasons": [_reason(one) for one in row.get("reasons", [])],
        "needs_topic": row.get("topic", True),
        "system": row.get("system", False),
        "is_active": row.get("in_use", True),
        "rules": rules_in(row),
    }
    write_versioned(Result, {"project": project, "code": row["code"]}, values)


def _reason(row: Mapping[str, Any]) -> dict[str, Any]:
    said = {"code": row["code"], "name": row["name"]}
    said |= {"requires": row["requires"]} if row.get("requires") else {}
    return said | rules_in(row) | ({} if row.get("in_use", True) else {"in_use": False})


def rules_in(row: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of a result or reason, those that are set. Raises Unreadable."""
    for name in CONDITIONS:
        read(row.get(name) or [])
    return {name: row[name] for name in RULES if row.get(name) not in (None, "", [], {})}


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
    said |= {name: row.rules[name] for name in RULES if name in row.rules}
    return said | ({} if row.is_active else {"in_use": False})


register_part(Part("results", ("results",), load_results, export_results, order=50))
