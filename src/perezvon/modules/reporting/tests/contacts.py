"""Calls for tests of reports, made as the engine's facts would have made them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.interactions.models import Interaction, InteractionTopic, Segment
from perezvon.modules.routing.models import Queue

_numbers = count(1)


def make_project(code: str, number: int) -> Project:
    return Project.objects.create(code=code, number=number, name={"en": code.title()}, zone="Europe/Moscow")


def make_queue(project: Project, code: str, *, within_s: int = 20) -> Queue:
    return Queue.objects.create(project=project, code=code, name={"en": code.title()}, service_level_s=within_s)


def make_user(login: str, role: str, *projects: Project) -> User:
    user = User.objects.create(
        login=login, first_name=login.title(), last_name="Tester", role=Role.objects.get(code=role), language="en"
    )
    user.projects.set(projects)
    return user


def make_call(
    queue: Queue,
    at: datetime,
    *,
    waited_s: float | None = 10,
    talk_s: float | None = 120,
    hold_s: float = 0,
    wrap_up_s: float = 30,
    agent: User | None = None,
    topics=(),
    **fields,
) -> Interaction:
    """A call; talk_s None: given up after `waited_s`; waited_s None too: hung up during the greeting."""
    queued = at + timedelta(seconds=5)
    left = queued + timedelta(seconds=waited_s or 0)
    served = talk_s is not None
    contact = Interaction.objects.create(
        id=uuid4(),
        number=next(_numbers),
        project=queue.project,
        channel="phone",
        direction=fields.pop("direction", "inbound"),
        queue=queue.pk,
        began_at=at,
        answered_at=left if served else None,
        ended_at=fields.pop("ended_at", left + timedelta(seconds=(talk_s or 0) + hold_s)),
        agent=agent if served else None,
        **fields,
    )
    _segment(contact, "greeting", at, 5)
    if waited_s is not None:
        _segment(contact, "queue", queued, waited_s, queue=queue.pk)
    if served:
        # The talk around a hold is two segments.
        _segment(contact, "talk", left, talk_s / 2, agent=agent)
        _segment(contact, "hold", left + timedelta(seconds=talk_s / 2), hold_s, agent=agent)
        _segment(contact, "talk", left + timedelta(seconds=talk_s / 2 + hold_s), talk_s / 2, agent=agent)
        _segment(contact, "wrap_up", left + timedelta(seconds=talk_s + hold_s), wrap_up_s, agent=agent)
    for topic in topics:
        InteractionTopic.objects.create(interaction=contact, topic=topic, at=left)
    return contact


def _segment(contact, kind, began_at, seconds, *, queue=None, agent=None) -> None:
    Segment.objects.create(
        id=uuid4(),
        interaction=contact,
        call=contact.pk,
        kind=kind,
        queue=queue or contact.queue,
        agent=agent,
        began_at=began_at,
        ended_at=began_at + timedelta(seconds=seconds),
    )
