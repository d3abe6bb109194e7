"""Projects: lines of business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import available_timezones

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.services.editing import (
    FieldsWrong,
    changes,
    must_be_current,
    must_be_named,
    must_be_new_code,
)
from perezvon.kernel.errors import NotFound


class NoSuchProject(NotFound):
    code = "people.no_such_project"


@dataclass(frozen=True, slots=True)
class ProjectDetails:
    """number: what people call it by; no two have the same. zone: days of its reports follow it."""

    name: Mapping[str, str]
    number: int
    zone: str = "Europe/Moscow"


@command("people.add_project", needs="people.projects")
def add_project(*, code: str, details: ProjectDetails, by: Actor, now: datetime) -> Project:
    """Raises FieldsWrong."""
    must_be_new_code(Project, code)
    _must_be_right(details, None)
    return Project.objects.create(code=code, **asdict(details))


@command("people.update_project", needs="people.projects")
def update_project(*, project_id: int, version: int, details: ProjectDetails, by: Actor, now: datetime) -> Project:
    """Raises FieldsWrong, Outdated."""
    project = Project.objects.select_for_update().filter(pk=project_id).first()
    if project is None or not by.sees_project(project_id):
        raise NoSuchProject(project=project_id)
    _must_be_right(details, project)
    wanted = asdict(details)
    changed = changes({name: getattr(project, name) for name in wanted}, wanted)
    must_be_current(project, version, changed)
    if changed:
        for name, value in wanted.items():
            setattr(project, name, value)
        project.version += 1
        project.save()
    return project


def _must_be_right(details: ProjectDetails, project: Project | None) -> None:
    must_be_named(details.name)
    others = Project.objects.exclude(pk=project.pk) if project else Project.objects.all()
    if details.number < 1 or others.filter(number=details.number).exists():
        raise FieldsWrong(problems={"number": "number.taken"})
    if details.zone not in available_timezones():
        raise FieldsWrong(problems={"zone": "zone.wrong"})
