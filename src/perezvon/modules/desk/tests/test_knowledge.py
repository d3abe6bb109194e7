"""What is known about the topics of a call, beside the call (F12.04, F12.05, F02.14)."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, Consulted, Section
from perezvon.modules.topics.models import Topic

BY = System(name="test")

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans() -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"})


@pytest.fixture
def olga(loans, client) -> User:
    user = User.objects.create_user("olga", last_name="A", role=Role.objects.get(code="operator"), language="en")
    user.projects.add(loans)
    client.force_login(user)
    return user


@pytest.fixture
def contact(loans, olga) -> Interaction:
    now = clock.now()
    return Interaction.objects.create(
        id=uuid7(now), number=1, project=loans, channel=Channel.PHONE, direction="inbound", began_at=now,
        answered_at=now, agent=olga,
    )  # fmt: skip


@pytest.fixture
def topic(loans) -> Topic:
    return Topic.objects.create(project=loans, name={"en": "Early repayment"})


@pytest.fixture
def article(topic) -> Article:
    now = clock.now()
    section = Section.objects.create(code="loans", name={"en": "Loans"})
    wanted = services.Wanted(
        section.pk, "Repaying early", brief="Any day will do.", body="<p>Steps</p>", topic_ids=frozenset({topic.pk})
    )
    made = services.write(wanted=wanted, by=BY, now=now)
    services.approve(article_id=made.pk, number=1, by=BY, now=now)
    return made


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.feature("F12.04", partly="plugins, which are operations of other systems")
@pytest.mark.feature("F12.05")
@pytest.mark.feature("F02.14")
def test_choosing_a_topic_opens_what_is_known_and_the_history_keeps_it(client, contact, topic, article):
    panel = client.post(reverse("desk:topics", args=[contact.pk]), {"topic": topic.pk})

    assert "Knowledge Repaying early Any day will do." in words_of(panel)
    assert reverse("knowledge:article", args=[article.pk]) in panel.content.decode()
    page = words_of(client.get(reverse("interactions:contact", args=[contact.pk])))
    assert "Looked up in the knowledge base Repaying early" in page


def test_the_article_asks_whether_it_helped_in_this_contact(client, contact, article):
    address = f"{reverse('knowledge:article', args=[article.pk])}?contact={contact.pk}"
    assert "Did it help?" in words_of(client.get(address))

    client.post(f"{reverse('knowledge:judged', args=[article.pk])}?contact={contact.pk}", {"verdict": "solved"})

    article.refresh_from_db()
    assert (article.read, article.used, article.solved) == (1, 1, 1)


def test_of_a_contact_that_is_not_his_nothing_is_kept(client, olga, article):
    for stranger in (uuid4(), "x"):
        client.get(f"{reverse('knowledge:article', args=[article.pk])}?contact={stranger}")
        client.post(f"{reverse('knowledge:judged', args=[article.pk])}?contact={stranger}", {"verdict": "solved"})

    article.refresh_from_db()
    assert not Consulted.objects.exists()
    assert article.used == 0
