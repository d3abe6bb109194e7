"""Asking the company's own base about somebody whom nobody here knows (F04.04)."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from perezvon.foundation.access import Actor
from perezvon.foundation.secrets import decrypt
from perezvon.kernel.errors import NotFound, TryLater
from perezvon.modules.customers.models import OutsideSource
from perezvon.ports.customers import CustomerSource, OutsideCustomer, SourceSettings

SECRET = "customers.outside_source"  # noqa: S105  (what the secret is for)


class NoSuchOutside(NotFound):
    """A base that is not there, or a customer whom it no longer shows."""

    code = "customers.outside_gone"


class BaseAway(TryLater):
    """facts: source (its name), why."""

    code = "customers.base_away"


def list_outside_sources(*, by: Actor) -> QuerySet[OutsideSource]:
    """Those of all projects and of the projects that the actor sees."""
    found = OutsideSource.objects.select_related("project")
    return found if by.projects is None else found.filter(Q(project=None) | Q(project__in=by.projects))


def get_outside_source(source_id: int, *, by: Actor) -> OutsideSource:
    """Raises NoSuchOutside."""
    found = list_outside_sources(by=by).filter(pk=source_id).first()
    if found is None:
        raise NoSuchOutside(source=source_id)
    return found


def find_outside_source(project_id: int) -> OutsideSource | None:
    """The project's own before that of all projects; None where nobody has connected one. One query."""
    found = {
        one.project_id: one
        for one in OutsideSource.objects.filter(Q(project=project_id) | Q(project=None), in_use=True)
    }
    return found.get(project_id) or found.get(None)


def ask_outside(source: OutsideSource, digits: str) -> Sequence[OutsideCustomer]:
    """Who has the number there. It takes seconds, so never inside a transaction. Raises BaseAway."""
    secret = decrypt(source.secret, what=SECRET)
    if secret is None:
        raise BaseAway(source=str(source), why="token")
    reached = SourceSettings(
        source.url, source.header, secret, source.paths, [(label, path) for label, path in source.facts]
    )
    made: CustomerSource = import_string(settings.CUSTOMER_SOURCE)(reached)
    if not connection.in_atomic_block:
        connection.close()  # back to the pool: others need it while we wait
    try:
        return made.find_by_phone(digits)
    except TryLater as away:
        raise BaseAway(source=str(source), why=str(away.facts.get("why", ""))) from away
