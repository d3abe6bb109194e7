from __future__ import annotations

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Photo, Project


def list_projects(*, by: Actor) -> list[Project]:
    """The projects that somebody sees, by their numbers. One query."""
    projects = Project.objects.order_by("number")
    return list(projects if by.projects is None else projects.filter(pk__in=by.projects))


def find_photo(user_id: int) -> Photo | None:
    return Photo.objects.filter(user=user_id).first()
