"""Sums by the hour give the same report as counting, whatever was called, whenever it is added up."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from perezvon.foundation.access import System
from perezvon.foundation.outbox.handlers import Dispatcher, handlers
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project
from perezvon.modules.interactions.models import Interaction, InteractionTopic, Segment, State
from perezvon.modules.interactions.services import add_topic
from perezvon.modules.interactions.services.recording import changed
from perezvon.modules.reporting import services
from perezvon.modules.reporting.filters import Asked, read_asked
from perezvon.modules.reporting.models import HourOfCalls, RolledUp
from perezvon.modules.reporting.report import CallReport, make_report
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.routing.models import Queue
from perezvon.modules.topics.models import Topic
from perezvon.project import blueprint

NOW = datetime(2026, 11, 20, 15, 20, tzinfo=UTC)
BY = System(name="test")
PERIODS = [
    {"from": "2026-11-18", "until": "2026-11-20"},
    {"from": "2026-11-19", "until": "2026-11-19"},
    {"from": "2026-11-14", "until": "2026-11-25"},
    {"from": "2026-11-18", "until": "2026-11-20", "project": "loans"},
]

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """Two projects with queues and topics, and what chance does with them."""

    queues: list[Queue]
    topics: dict[int, list[Topic]]
    chance: random.Random
    agent: Any

    @property
    def projects(self) -> list[Project]:
        return list(Project.objects.order_by("number"))

    def call(self, since: datetime = NOW - timedelta(days=7), until: datetime = NOW) -> Interaction:
        chance, queue = self.chance, self.chance.choice(self.queues)
        served = chance.random() < 0.8
        known = self.topics[queue.project_id]
        return make_call(
            queue,
            since + chance.random() * (until - since),
            waited_s=chance.choice([None, 0, 19.999999, 20, 20.000001, 45.5]) if not served else chance.uniform(0, 40),
            talk_s=round(chance.uniform(0.5, 300), 6) if served else None,
            hold_s=chance.choice([0, 0, 33.333333]),
            wrap_up_s=round(chance.uniform(0, 60), 6),
            agent=self.agent,
            topics=chance.sample(known, chance.randint(0, 3)) if served else (),
            direction=chance.choice(["inbound"] * 9 + ["outbound"]),
            dimensions=chance.choice([{}, {"source": "site"}, {"source": "card", "category": "complaint"}]),
        )

    def add_to(self, contact: Interaction) -> None:
        by = replace(self.agent.actor(), projects=None)
        topic = self.chance.choice(self.topics[contact.project_id])
        add_topic(interaction_id=contact.pk, topic_id=topic.pk, by=by, now=NOW)


@pytest.fixture
def world():
    loans, cards = make_project("loans", 1), make_project("cards", 2)
    Project.objects.update(settings={"dimensions": blueprint.read("bank")["dimensions"]})
    queues = [make_queue(loans, "loans"), make_queue(loans, "early"), make_queue(cards, "cards", within_s=5)]
    topics = {}
    for project in (loans, cards):
        above = [Topic.objects.create(project=project, name={"en": f"{project.code} {n}"}) for n in range(3)]
        below = [
            Topic.objects.create(project=project, parent=above[n % 2], name={"en": f"below {n}"}) for n in range(4)
        ]
        deep = Topic.objects.create(project=project, parent=below[0], name={"en": "deep"})
        topics[project.pk] = [*above, *below, deep]
    return World(queues, topics, random.Random(7), make_user("olga", "operator", loans, cards))


def reports(world: World) -> list[CallReport]:
    return [make_report(asked, projects=world.projects, by=BY, now=NOW) for asked in questions(world)]


def questions(world: World) -> list[Asked]:
    return [read_asked(period, projects=world.projects, now=NOW) for period in PERIODS]


def counted(world: World) -> list[CallReport]:
    """The same without any sums."""
    until = RolledUp.objects.values_list("until", flat=True).first()
    RolledUp.objects.update(until=None)
    try:
        return reports(world)
    finally:
        RolledUp.objects.update(until=until)


def add_up(now: datetime = NOW) -> None:
    while services.advance(now):
        pass


def deliver(now: datetime = NOW) -> None:
    """What the relay and the worker do."""
    last = OutboxRow.objects.order_by("-number").values_list("number", flat=True).exclude(number=None).first() or 0
    for number, row in enumerate(OutboxRow.objects.filter(number=None).order_by("id"), last + 1):
        OutboxRow.objects.filter(pk=row.pk).update(number=number)
    ours = Dispatcher([one for one in handlers() if one.name.startswith("reporting.")])
    while ours.deliver(now):
        pass


class TestSums:
    @pytest.mark.parametrize("seed", range(4))
    def test_give_what_counting_gives(self, world, seed):
        world.chance.seed(seed)
        for _ in range(60):
            world.call()

        add_up()

        assert RolledUp.objects.get().until == datetime(2026, 11, 20, 15, tzinfo=UTC)
        assert HourOfCalls.objects.exists()
        assert reports(world) == counted(world)
        assert reports(world)[2].calls.total.total > 30
        assert len(reports(world)[2].dimensions) == 2

    def test_are_really_read(self, world):
        """Else the tests above would compare counting with counting."""
        for _ in range(20):
            world.call()
        add_up()
        HourOfCalls.objects.update(total=1000)

        assert reports(world)[2].calls.total.total >= 1000

    def test_end_where_the_hours_begin_that_are_not_over(self, world):
        early = world.call(NOW - timedelta(hours=3), NOW - timedelta(hours=2))
        add_up()
        late = world.call(NOW - timedelta(minutes=10))

        assert early.began_at < RolledUp.objects.get().until < late.began_at
        assert reports(world) == counted(world)

    def test_wait_until_whoever_wrote_in_the_hour_has_committed(self, world):
        world.call(NOW - timedelta(hours=3), NOW - timedelta(hours=2))

        services.advance(datetime(2026, 11, 20, 15, 4, tzinfo=UTC))

        assert RolledUp.objects.get().until == datetime(2026, 11, 20, 14, tzinfo=UTC)

    def test_follow_what_happens_to_a_contact_later(self, world):
        contacts = [world.call() for _ in range(20)]
        add_up()
        before = reports(world)

        for contact in contacts:
            world.add_to(contact)
        deliver()

        assert reports(world) == counted(world) != before

    def test_follow_a_call_that_lasts_into_the_next_hour(self, world):
        contact = make_call(world.queues[0], NOW - timedelta(hours=2), talk_s=None, ended_at=None)
        add_up()
        Segment.objects.filter(interaction=contact, kind="queue").update(ended_at=NOW)
        Interaction.objects.filter(pk=contact.pk).update(answered_at=NOW, state=State.OPEN)

        changed(contact.pk, NOW)
        deliver()

        assert reports(world) == counted(world)
        assert reports(world)[0].calls.total.served == 1

    def test_follow_the_service_level_of_a_queue(self, world):
        for _ in range(30):
            world.call()
        add_up()
        Queue.objects.update(service_level_s=11)

        assert reports(world) == counted(world), "counted until the sums are made anew"
        add_up(NOW + timedelta(hours=1))
        assert not HourOfCalls.objects.exclude(within_s=11).exclude(queue=None).exists()
        assert reports(world) == counted(world)

    def test_follow_the_tree_of_topics(self, world):
        for _ in range(30):
            world.call()
        add_up()
        loans = world.topics[world.queues[0].project_id]

        Topic.objects.filter(pk=loans[-1].pk).update(parent=loans[2])

        assert reports(world) == counted(world)

    def test_serve_only_zones_whose_days_begin_with_an_hour(self, world):
        Project.objects.update(zone="Asia/Kolkata")
        for _ in range(30):
            world.call()
        add_up()
        HourOfCalls.objects.update(total=1000)

        assert reports(world)[3].calls.total.total < 1000

    def test_are_made_anew_by_a_command(self, world):
        for _ in range(10):
            world.call()
        add_up()
        HourOfCalls.objects.update(total=1000)

        call_command("rebuild_reports")

        assert reports(world) == counted(world)

    def test_made_twice_are_made_once(self, world):
        for _ in range(10):
            world.call()
        add_up()
        rows = HourOfCalls.objects.count()

        services.add_up_again(begins_at=NOW - timedelta(days=8), ends_at=NOW)

        assert HourOfCalls.objects.count() == rows
        assert reports(world) == counted(world)

    def test_leave_no_topic_behind_that_was_taken_off(self, world):
        contact = make_call(world.queues[0], NOW - timedelta(days=1), agent=world.agent, topics=[])
        world.add_to(contact)
        add_up()
        InteractionTopic.objects.all().delete()

        changed(contact.pk, NOW)
        deliver()

        assert [report.topics.registered.count for report in reports(world)] == [0, 0, 0, 0]
