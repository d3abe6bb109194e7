"""Every write is a command: its right, its transaction, its id."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError

from perezvon.foundation.access import Person, System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import REGISTER, command, intent
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotAllowed, Refused
from perezvon.modules.topics.models import Topic

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OLGA = Person(id=1, name="Olga", rights=frozenset({"tests.rename"}), projects=None)
STRANGER = Person(id=2, name="Stranger")

pytestmark = pytest.mark.django_db


@command("tests.rename", needs="tests.rename")
def rename(*, topic_id: int, name: str, by, now) -> Topic:
    topic = Topic.objects.get(pk=topic_id)
    topic.name = {"en": name}
    topic.save()
    if name == "forbidden":
        raise Refused()
    if not isinstance(name, str):
        Topic.objects.filter(pk=topic_id).update(project_id=-1, position=-1)  # the database refuses it
    return topic


@command("tests.rename_twice", needs=None)
def rename_twice(*, topic_id: int, by, now) -> None:
    rename(topic_id=topic_id, name="first", by=by, now=now)
    rename(topic_id=topic_id, name="second", by=by, now=now)


@command("tests.rename_after_all", needs=None)
def rename_after_all(*, topic_id: int, by, now) -> None:
    """An inner command fails, and the outer one goes on."""
    with suppress(Refused):
        rename(topic_id=topic_id, name="forbidden", by=by, now=now)
    Topic.objects.filter(pk=topic_id).update(name={"en": "after all"})


@command("tests.break_inside", needs=None)
def break_inside(*, topic_id: int, by, now) -> None:
    rename(topic_id=topic_id, name={"not": "text"}, by=by, now=now)


# The register is the product's; these are not.
for name in ("tests.rename", "tests.rename_twice", "tests.rename_after_all", "tests.break_inside"):
    REGISTER.pop(name)


@pytest.fixture
def topic():
    project = Project.objects.create(code="loans", number=1)
    return Topic.objects.create(project=project, name={"en": "Fees"})


class TestCommand:
    def test_keeps_who_when_and_why(self, topic):
        with intent(why="the customer asked"):
            rename(topic_id=topic.pk, name="Charges", by=OLGA, now=NOW)

        record = CommandRecord.objects.get(name="tests.rename")
        assert (record.actor, record.at, record.why) == ("user:1", NOW, "the customer asked")
        assert record.facts == {"topic_id": str(topic.pk)}

    def test_refuses_an_actor_without_the_right_and_changes_nothing(self, topic):
        with pytest.raises(NotAllowed):
            rename(topic_id=topic.pk, name="Charges", by=STRANGER, now=NOW)

        topic.refresh_from_db()
        assert topic.name == {"en": "Fees"}
        assert not CommandRecord.objects.exists()

    def test_checks_the_right_of_each_command_inside_another(self, topic):
        with pytest.raises(NotAllowed):
            rename_twice(topic_id=topic.pk, by=STRANGER, now=NOW)

        assert not CommandRecord.objects.exists()

    def test_inner_commands_join_and_name_their_parent(self, topic):
        rename_twice(topic_id=topic.pk, by=System(name="test"), now=NOW)

        outer = CommandRecord.objects.get(name="tests.rename_twice")
        assert CommandRecord.objects.filter(parent=outer).count() == 2

    def test_undoes_everything_when_a_rule_says_no(self, topic):
        with pytest.raises(Refused):
            rename(topic_id=topic.pk, name="forbidden", by=OLGA, now=NOW)

        topic.refresh_from_db()
        assert topic.name == {"en": "Fees"}
        assert not Change.objects.filter(table="topics_topic", act="U").exists()

    def test_the_same_id_given_twice_returns_the_first_result(self, topic):
        clicked = uuid4()
        with intent(clicked):
            first = rename(topic_id=topic.pk, name="once", by=OLGA, now=NOW)
        with intent(clicked):
            again = rename(topic_id=topic.pk, name="twice", by=OLGA, now=NOW)

        assert again == first
        topic.refresh_from_db()
        assert topic.name == {"en": "once"}
        assert CommandRecord.objects.count() == 1


class TestHistory:
    def test_a_trigger_writes_what_changed_and_by_which_command(self, topic):
        rename(topic_id=topic.pk, name="Charges", by=OLGA, now=NOW)

        change = Change.objects.get(table="topics_topic", act="U")
        assert change.row == str(topic.pk)
        assert (change.before["name"], change.after["name"]) == ({"en": "Fees"}, {"en": "Charges"})
        assert change.command == CommandRecord.objects.get(name="tests.rename").pk

    def test_what_an_outer_command_changes_after_an_inner_one_failed_is_its_own(self, topic):
        rename_after_all(topic_id=topic.pk, by=OLGA, now=NOW)
        change = Change.objects.filter(table="topics_topic", act="U").get()
        assert change.command == CommandRecord.objects.get(name="tests.rename_after_all").pk

    def test_an_error_of_the_database_inside_is_told_as_it_is(self, topic):
        with pytest.raises(IntegrityError):
            break_inside(topic_id=topic.pk, by=OLGA, now=NOW)

    def test_only_the_columns_that_differ_are_kept(self, topic):
        rename(topic_id=topic.pk, name="Charges", by=OLGA, now=NOW)

        assert set(Change.objects.get(table="topics_topic", act="U").after) == {"name"}

    def test_a_change_that_changes_nothing_leaves_no_trace(self, topic):
        Topic.objects.filter(pk=topic.pk).update(position=topic.position)

        assert not Change.objects.filter(table="topics_topic", act="U").exists()

    def test_a_change_by_hand_is_kept_too_without_a_command(self, topic):
        Topic.objects.filter(pk=topic.pk).delete()

        change = Change.objects.get(table="topics_topic", act="D")
        assert change.before["name"] == {"en": "Fees"}
        assert change.command is None
