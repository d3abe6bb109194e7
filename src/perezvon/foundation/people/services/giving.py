"""Nobody gives what he has not himself, and somebody always keeps the keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.errors import Refused

GRANT_ANY = "people.grant_any"
# Whoever has these can give himself and others everything else.
KEYS = frozenset({"people.manage", "people.roles", GRANT_ANY})


class NotYoursToGive(Refused):
    """facts: rights, those that the giver has not; or projects, those that he does not see."""

    code = "people.not_yours_to_give"
    http_status = 403


class LastAdministrator(Refused):
    """After this nobody could change rights any more."""

    code = "people.last_administrator"


def must_give_rights(rights: Collection[str], by: Actor) -> None:
    """Raises NotYoursToGive unless he has all of them, or the right to give any."""
    missing = [] if by.may(GRANT_ANY) else sorted(right for right in rights if not by.may(right))
    if missing:
        raise NotYoursToGive(rights=missing)


def must_give_role(role: Role, by: Actor) -> None:
    must_give_rights(role.rights, by)
    if role.all_projects and by.projects is not None and not by.may(GRANT_ANY):
        raise NotYoursToGive(rights=["people.all_projects"])


def must_give_projects(projects: Collection[Project], by: Actor) -> None:
    unseen = [str(project) for project in projects if not by.sees_project(project.pk)]
    if unseen and not by.may(GRANT_ANY):
        raise NotYoursToGive(projects=unseen)


def must_manage(user: User, by: Actor) -> None:
    """Whoever may more than oneself is not changed: else his password would be a way to his rights."""
    must_give_role(user.role, by)


def must_take_over(user: User, by: Actor) -> None:
    """For all by which one becomes another: nobody does who sees less of the projects. Raises NotYoursToGive."""
    must_manage(user, by)
    must_give_projects(user.projects.all(), by)


@contextmanager
def keys_are_kept() -> Iterator[None]:
    """Around a change of people or roles. Raises LastAdministrator when nobody would have the keys after it.

    One at a time: two administrators who block each other at once would both find the other one still there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('people.keys', 0))")
    had = _somebody_has_keys()
    yield
    if had and not _somebody_has_keys():
        raise LastAdministrator


def _somebody_has_keys() -> bool:
    return User.objects.filter(is_active=True, role__rights__contains=sorted(KEYS)).exists()
