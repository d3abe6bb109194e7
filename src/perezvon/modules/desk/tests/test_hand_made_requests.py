"""Requests that no page of ours sends: each is refused in words, none breaks anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import Channel, Interaction

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ZERO = "a\x00b"


@pytest.fixture
def contact(db, client):
    loans = Project.objects.create(code="loans", number=101, name={"en": "Loans"})
    olga = User.objects.create_user(
        "olga", last_name="Ivanova", first_name="Olga", role=Role.objects.get(code="operator"), language="en"
    )
    olga.projects.add(loans)
    client.force_login(olga)
    return Interaction.objects.create(
        id=uuid7(NOW), number=1, project=loans, channel=Channel.PHONE, direction="inbound",
        began_at=NOW, answered_at=NOW, agent=olga,
    )  # fmt: skip


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


class TestHandMadeRequests:
    @pytest.mark.parametrize(
        ("name", "given"),
        [
            ("note", {"text": ZERO}),
            ("speaker", {"speaker": ZERO}),
            ("clarify", {"number": ZERO}),
            ("finish", {"result": ZERO}),
        ],
    )
    def test_text_that_cannot_be_kept_is_refused(self, client, contact, name, given):
        answer = client.post(reverse(f"desk:{name}", args=[contact.pk]), given, headers={"HX-Request": "true"})

        assert answer.status_code == 400
        assert "cannot be kept" in words_of(answer)

    def test_nobody_signs_in_with_it_either(self, client, db):
        answer = client.post(reverse("accounts:sign_in"), {"login": ZERO, "password": "x"})

        assert answer.status_code == 400

    @pytest.mark.parametrize("topic", ["zz", "", "-1", "9" * 40])
    def test_a_topic_that_is_none(self, client, contact, topic):
        answer = client.post(reverse("desk:topics", args=[contact.pk]), {"topic": topic})

        assert answer.status_code == 404
        assert "This topic does not exist" in words_of(answer)

    def test_a_state_that_is_none(self, client, contact):
        answer = client.post(reverse("desk:finish", args=[contact.pk]), {"finish": "zzz:zzz"})

        assert answer.status_code == 400
        assert "out of date" in words_of(answer)

    def test_a_contact_that_is_none(self, client, contact):
        answer = client.get(reverse("desk:write_up", args=[uuid7(NOW)]))

        assert answer.status_code == 404
        assert "There is nothing here, or it is not open to you." in words_of(answer)

    def test_a_note_of_ten_pages_and_more_is_refused_in_words(self, client, contact):
        given = {"text": "a" * 20_001}

        answer = client.post(reverse("desk:note", args=[contact.pk]), given, headers={"HX-Request": "true"})

        assert answer.status_code == 413
        assert "A note holds 20000 characters, this one has 20001. Shorten it." in words_of(answer)
        assert not contact.notes.exists()
