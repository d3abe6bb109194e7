"""Sources of information that an administrator offers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.selectors.sources import SETTING, list_sources
from perezvon.modules.customers.services.writing import FieldsWrong
from perezvon.modules.customers.values import Problem

LONGEST, MOST = 100, 200


@command("customers.set_sources", needs="customers.sources")
def set_sources(*, project_id: int, names: Iterable[str], by: Actor, now: datetime) -> Project:
    """What may be chosen in a project, in this order; the same name once. Cards keep what they have.

    Raises FieldsWrong.
    """
    project = Project.objects.select_for_update().filter(pk=project_id).first()
    if project is None or not by.sees_project(project_id):
        raise NotFound(project=project_id)
    wanted = list(dict.fromkeys(name for name in (" ".join(one.split()) for one in names) if name))
    if any(len(name) > LONGEST for name in wanted):
        raise FieldsWrong(problems={"source": Problem("text.long", {"most": LONGEST})})
    if len(wanted) > MOST:
        raise FieldsWrong(problems={"source": Problem("sources.many", {"most": MOST})})
    if wanted != project.settings.get(SETTING, []):
        project.settings = {**project.settings, SETTING: wanted}
        project.version += 1
        project.save(update_fields=["settings", "version"])
    return project


def source_problem(text: str | None, kept: str, *, by: Actor, project_id: int | None) -> dict[str, Problem]:
    """Why this source cannot be written; what a card has may stay. One query, if there is anything to look up."""
    name = (text or "").strip()
    if not name or name == kept:
        return {}
    offered = list_sources(by=by, project_id=project_id)
    return {} if not offered or name in offered else {"source": Problem("choice.unknown")}
