"""Changing the tree of topics: what is kept, what is refused, what can be chosen afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from perezvon.foundation.access import Person
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.topics import services
from perezvon.modules.topics.models import Topic
from perezvon.modules.topics.selectors import NoSuchTopic, TopicNode, get_topic, topic_tree

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return Project.objects.create(code="bank", number=1, name={"en": "Bank"})


@pytest.fixture
def editor(project):
    return Person(rights=frozenset({"topics.edit"}), projects=frozenset({project.pk}), id=7)


@pytest.fixture
def add(project, editor):
    def make(name: str, below: Topic | None = None) -> Topic:
        parent = below.pk if below else None
        return services.add_topic(project_id=project.pk, parent_id=parent, name={"en": name}, by=editor, now=NOW)

    return make


def change(topic: Topic, by: Person, **more) -> Topic:
    asked = {"version": topic.version, "parent_id": topic.parent_id, "name": topic.name, "needs_identification": False}
    return services.change_topic(topic_id=topic.pk, **(asked | more), by=by, now=NOW)


def shown(project: Project, **more) -> list[str]:
    """The tree as lines, deeper ones set in."""

    def lines(nodes: list[TopicNode]) -> list[str]:
        return [
            line for node in nodes for line in [f"{'  ' * node.depth}{node.topic.name['en']}", *lines(node.children)]
        ]

    return lines(topic_tree(project.pk, **more))


class TestAdding:
    def test_puts_a_topic_last_below_another(self, project, add):
        loans = add("Loans")
        add("Cards")
        add("Early repayment", loans)
        add("Statement", loans)

        assert shown(project) == ["Loans", "  Early repayment", "  Statement", "Cards"]

    def test_refuses_a_topic_without_a_name(self, project, editor):
        with pytest.raises(services.TopicUnnamed):
            services.add_topic(project_id=project.pk, parent_id=None, name={"ru": " "}, by=editor, now=NOW)

        assert not Topic.objects.exists()

    def test_refuses_a_place_in_another_project(self, add, editor):
        loans = add("Loans")
        other = Project.objects.create(code="other", number=2)
        with pytest.raises(NoSuchTopic):
            services.add_topic(
                project_id=other.pk, parent_id=loans.pk, name={"en": "x"}, by=replace(editor, projects=None), now=NOW
            )

    def test_refuses_a_project_that_is_not_his(self, editor):
        other = Project.objects.create(code="other", number=2)
        with pytest.raises(NoSuchTopic):
            services.add_topic(project_id=other.pk, parent_id=None, name={"en": "x"}, by=editor, now=NOW)

    def test_needs_the_right(self, project, editor):
        with pytest.raises(NotAllowed):
            services.add_topic(
                project_id=project.pk, parent_id=None, name={"en": "x"}, by=replace(editor, rights=frozenset()), now=NOW
            )

    def test_tells_the_desks_of_the_project(self, project, add):
        topic = add("Loans")

        told = OutboxRow.objects.get(topic="live")
        assert (told.body["kind"], told.body["id"]) == ("topics", str(topic.pk))
        assert f"project:{project.pk}" in told.audience


class TestChanging:
    def test_renames_and_moves_below_another(self, project, add, editor):
        loans, cards = add("Loans"), add("Cards")
        statement = add("Statement", loans)

        change(statement, editor, parent_id=cards.pk, name={"en": "Account statement"}, needs_identification=True)

        assert shown(project) == ["Loans", "Cards", "  Account statement"]
        assert Topic.objects.get(pk=statement.pk).needs_identification

    def test_refuses_a_place_below_itself(self, project, add, editor):
        loans = add("Loans")
        deep = add("Deep", add("Middle", loans))

        with pytest.raises(services.TopicInsideItself):
            change(loans, editor, parent_id=deep.pk)

        assert shown(project) == ["Loans", "  Middle", "    Deep"]

    def test_refuses_what_was_read_before_somebody_else_saved(self, project, add, editor):
        loans = add("Loans")
        change(loans, editor, name={"en": "Credits"})

        with pytest.raises(services.TopicChanged):
            services.change_topic(
                topic_id=loans.pk, version=1, parent_id=None, name={"en": "Mine"}, needs_identification=False,
                by=editor, now=NOW,
            )  # fmt: skip

        assert shown(project) == ["Credits"]

    @pytest.mark.parametrize(
        ("places", "order"),
        [(-1, ["A", "C", "B"]), (1, ["A", "B", "C"]), (-5, ["C", "A", "B"])],
        ids=["up", "down from the end stays", "far up is first"],
    )
    def test_moves_among_those_of_its_level(self, project, add, editor, places, order):
        add("A"), add("B")
        last = add("C")

        services.move_topic(topic_id=last.pk, places=places, by=editor, now=NOW)

        assert shown(project) == order


class TestWithdrawing:
    def test_takes_along_what_is_below(self, project, add, editor):
        loans = add("Loans")
        early = add("Early", loans)
        add("Cards")

        services.withdraw_topic(topic_id=loans.pk, by=editor, now=NOW)

        assert shown(project) == ["Cards"]
        assert shown(project, with_withdrawn=True) == ["Loans", "  Early", "Cards"]
        for topic in (loans, early):
            with pytest.raises(NoSuchTopic):
                get_topic(topic.pk, project_id=project.pk)

    def test_can_be_taken_back(self, project, add, editor):
        loans = add("Loans")
        early = add("Early", loans)
        services.withdraw_topic(topic_id=loans.pk, by=editor, now=NOW)

        services.restore_topic(topic_id=loans.pk, by=editor, now=NOW)

        assert shown(project) == ["Loans", "  Early"]
        assert get_topic(early.pk, project_id=project.pk) == early
