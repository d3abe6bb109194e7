"""Finishing a contact with the form as a browser posts it: every field of it, shown or not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import Channel, Interaction, InteractionTopic, Result
from perezvon.modules.topics.models import Topic

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FORM = {"comment": "", "callback_date": "2026-11-23", "callback_time": "11:00", "callback_to": "me"}


@pytest.fixture
def contact(db, client):
    loans = Project.objects.create(code="loans", number=101, name={"en": "Loans"})
    olga = User.objects.create_user(
        "olga", last_name="Ivanova", first_name="Olga", role=Role.objects.get(code="operator"), language="en"
    )
    olga.projects.add(loans)
    client.force_login(olga)
    Result.objects.create(project=loans, code="solved", name={"en": "Solved"}, requires=[])
    Result.objects.create(project=loans, code="call_back", name={"en": "Call back"}, requires=["callback_at"])
    contact = Interaction.objects.create(
        id=uuid7(NOW), number=1, project=loans, channel=Channel.PHONE, direction="inbound",
        began_at=NOW, answered_at=NOW, ended_at=NOW, agent=olga,
    )  # fmt: skip
    topic = Topic.objects.create(project=loans, name={"en": "Loans"})
    InteractionTopic.objects.create(interaction=contact, topic=topic, by=olga, at=NOW)
    return contact


def finished(client, contact, result: str) -> Interaction:
    answer = client.post(reverse("desk:finish", args=[contact.pk]), FORM | {"result": result})
    assert answer.status_code == 200
    return Interaction.objects.get(pk=contact.pk)


class TestFinish:
    def test_a_result_that_asks_for_no_callback_promises_none(self, client, contact):
        saved = finished(client, contact, "solved")

        assert saved.result.code == "solved"
        assert saved.result_fields == {}

    def test_a_callback_is_kept_with_its_time_and_who_makes_it(self, client, contact):
        saved = finished(client, contact, "call_back")

        assert saved.result_fields["callback_at"] == "2026-11-23T11:00:00+03:00"
        assert saved.result_fields["callback_to"] == "me"

    def test_an_older_contact_gets_its_topic_where_it_is_written_up(self, client, contact):
        fees = Topic.objects.create(project=contact.project, name={"en": "Fees"})
        contact.topics.all().delete()
        page = client.get(reverse("desk:write_up", args=[contact.pk])).content.decode()
        assert f'id="topics-{contact.pk}-tree"' in page
        assert "in the panel at the right" not in page

        place = {"HX-Request": "true", "HX-Target": f"topics-{contact.pk}"}
        chosen = client.post(reverse("desk:topics", args=[contact.pk]), {"topic": str(fees.pk)}, headers=place)

        assert reverse("desk:topic_remove", args=[contact.pk, fees.pk]) in chosen.content.decode()
        assert "helper-head" not in chosen.content.decode()
        assert finished(client, contact, "solved").result.code == "solved"

    def test_silence_is_about_nothing(self, client, contact):
        Result.objects.create(project=contact.project, code="silence", name={"en": "Silence"}, needs_topic=False)
        contact.topics.all().delete()

        refused = client.post(reverse("desk:finish", args=[contact.pk]), FORM | {"result": "solved"})
        assert refused.status_code == 422
        assert finished(client, contact, "silence").result.code == "silence"


class TestDraft:
    def test_is_kept_for_a_contact_that_one_sees(self, client, contact):
        kept = client.post(reverse("desk:draft", args=[contact.pk, "note"]), {"text": "Calls from a train"})
        assert kept.status_code == 204

        nowhere = client.post(reverse("desk:draft", args=[uuid7(NOW), "note"]), {"text": "Calls from a train"})
        assert nowhere.status_code == 404
