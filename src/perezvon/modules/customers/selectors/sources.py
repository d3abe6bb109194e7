"""Where customers have heard of us (F01.21): names that an administrator offers in a project."""

from __future__ import annotations

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project

SETTING = "sources"


def list_sources(*, by: Actor, project_id: int | None = None) -> list[str]:
    """Those of this project, or of all that the actor sees; empty where none are offered and anything may be typed."""
    projects = Project.objects.order_by("number")
    if project_id is not None:
        projects = projects.filter(pk=project_id)
    elif by.projects is not None:
        projects = projects.filter(pk__in=by.projects)
    names = (name for settings in projects.values_list("settings", flat=True) for name in settings.get(SETTING, ()))
    return list(dict.fromkeys(names))
