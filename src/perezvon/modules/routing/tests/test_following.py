"""Whoever may take calls serves the queues of his projects from the moment he is added."""

from __future__ import annotations

import pytest

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.events import UserChanged
from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.routing.handlers import serve_the_queues_of_his_projects
from perezvon.modules.routing.models import Agent, Queue
from perezvon.modules.routing.services import follow_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def queues():
    made = {}
    for number, (code, project) in enumerate((("loans", "a"), ("debts", "a"), ("cards", "b")), start=1):
        owner, _ = Project.objects.get_or_create(code=project, defaults={"number": number, "name": {"en": project}})
        made[code] = Queue.objects.create(code=code, name={"en": code}, project=owner)
    return made


def add(role: str, *projects: str) -> User:
    user = User.objects.create(login=f"new.{role}", last_name="N", role=Role.objects.get(code=role))
    user.projects.set(Project.objects.filter(code__in=projects))
    return user


def follow(user: User) -> set[str]:
    follow_user(user_id=user.pk, by=System(name="test"), now=clock.now())
    agent = Agent.objects.filter(user=user).first()
    return {queue.code for queue in agent.queues.all()} if agent else set()


def test_an_operator_serves_all_queues_of_his_projects(queues):
    assert follow(add("operator", "a")) == {"loans", "debts"}
    assert OutboxRow.objects.filter(topic="engine").count() == 1, "the engine knows him at once"


def test_an_administrator_serves_none(queues):
    user = add("system_administrator", "a")
    assert follow(user) == set()
    assert not Agent.objects.exists()


def test_another_project_brings_and_takes_its_queues_and_leaves_choices_alone(queues):
    user = add("operator", "a")
    follow(user)
    Agent.objects.get(user=user).queues.remove(queues["debts"])

    user.projects.set(Project.objects.all())
    assert follow(user) == {"loans", "cards"}
    user.projects.set(Project.objects.filter(code="b"))
    assert follow(user) == {"cards"}


def test_nothing_new_tells_the_engine_nothing(queues):
    user = add("operator", "a")
    follow(user)
    before = (Agent.objects.get(user=user).version, OutboxRow.objects.count())
    follow(user)
    assert (Agent.objects.get(user=user).version, OutboxRow.objects.count()) == before


def test_the_event_of_a_new_user_is_answered(queues):
    user = add("operator", "a")
    serve_the_queues_of_his_projects(UserChanged(user_id=user.pk), clock.now())
    assert Agent.objects.filter(user=user).exists()
