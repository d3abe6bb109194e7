"""What is known about the topics of a call, beside the call (F12.04, F12.05, F02.14)."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Contract, Customer
from perezvon.modules.customers.services import Banned, ban_contact, register_potential
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


@pytest.mark.feature("F12.04")
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


@pytest.fixture
def anna(contact) -> Customer:
    typed = {"last_name": "Sedova", "first_name": "Anna", "email": "anna@mail.example"}
    customer = register_potential(typed=typed, by=BY, now=clock.now())
    customer.project = contact.project
    customer.save()
    contact.customer = customer
    contact.save()
    return customer


def element(article: Article, **more: object) -> Article:
    """Another element of the same section, in force."""
    made = services.write(wanted=services.Wanted(article.section_id, **more), by=BY, now=clock.now())  # type: ignore[arg-type]
    services.approve(article_id=made.pk, number=1, by=BY, now=clock.now())
    return made


class TestOperations:
    @pytest.mark.feature("F12.02")
    @pytest.mark.feature("F12.04")
    def test_of_a_topic_shows_what_there_is_of_the_customer_on_the_line(self, client, contact, topic, article, anna):
        made = element(
            article, title="What he has", kind="operation", operation="contracts", topic_ids=frozenset({topic.pk})
        )
        Contract.objects.create(
            id=uuid4(), number="D-77", customer=anna, tariff="Family", created_at=clock.now(), state="active"
        )

        panel = client.post(reverse("desk:topics", args=[contact.pk]), {"topic": topic.pk})
        address = f"{reverse('knowledge:article', args=[made.pk])}?contact={contact.pk}"

        assert address in panel.content.decode()
        assert "Sedova" in (shown := words_of(client.get(address)))
        assert "D-77 In force Family" in shown
        alone = words_of(client.get(reverse("knowledge:article", args=[made.pk])))
        assert "Opened beside a contact or a case" in alone
        assert "D-77" not in alone

    def test_one_that_his_rights_do_not_open_shows_nothing(self, client, contact, article, anna):
        made = element(article, title="What he has", kind="operation", operation="contracts")
        role = Role.objects.get(code="operator")
        role.rights.remove("customers.view_contracts")
        role.save()
        Contract.objects.create(id=uuid4(), number="D-77", customer=anna, created_at=clock.now())

        page = words_of(client.get(f"{reverse('knowledge:article', args=[made.pk])}?contact={contact.pk}"))

        assert "Your rights do not let you see this." in page
        assert "D-77" not in page


class TestSending:
    def address(self, article: Article, contact: Interaction) -> str:
        return f"{reverse('knowledge:send', args=[article.pk])}?contact={contact.pk}"

    @pytest.mark.feature("F12.13")
    def test_what_the_customer_may_see_goes_to_him_and_stands_in_the_contact(self, client, contact, article, anna):
        Article.objects.update(audience="brief")
        page = client.get(f"{reverse('knowledge:article', args=[article.pk])}?contact={contact.pk}")
        assert "Send to the customer" in words_of(page)
        form = client.get(self.address(article, contact)).content.decode()
        assert "Any day will do." in form
        assert "Steps" not in form

        typed = {"to": "email:anna@mail.example", "subject": "Repaying early", "text": "Any day will do."}
        answer = client.post(self.address(article, contact), typed)

        assert "on its way" in words_of(client.get(answer.headers["Location"]))
        sent = Message.objects.get()
        assert (sent.to, sent.text, sent.record, sent.contact) == (
            "anna@mail.example", "Any day will do.", anna.pk, contact.pk
        )  # fmt: skip
        assert "Any day will do." in words_of(client.get(reverse("interactions:contact", args=[contact.pk])))
        article.refresh_from_db()
        assert article.used == 1

    def test_nothing_leaves_the_house_that_must_not(self, client, contact, article, anna):
        typed = {"to": "email:anna@mail.example", "subject": "", "text": "Steps"}
        inside = client.post(self.address(article, contact), typed)
        assert inside.status_code == 409
        Article.objects.update(audience="all")
        assert client.post(self.address(article, contact), {**typed, "to": "email:e@evil.example"}).status_code == 422
        assert client.post(self.address(article, contact), {**typed, "text": " "}).status_code == 422
        ban_contact(banned=Banned("asked for it"), customer_id=anna.pk, by=BY, now=clock.now())

        refused = client.post(self.address(article, contact), typed)

        assert refused.status_code == 422
        assert not Message.objects.exists()


class TestLanguages:
    def test_he_reads_his_own_and_is_told_when_there_is_none(self, client, contact, article):
        assert "in another language only: \u0420\u0443\u0441\u0441\u043a\u0438\u0439" in words_of(
            client.get(reverse("knowledge:article", args=[article.pk]))
        )
        english = element(article, title="Early repayment", language="en", original_id=article.pk)

        address = reverse("knowledge:article", args=[article.pk])
        answer = client.get(address, {"contact": str(contact.pk)})
        assert answer.headers["Location"] == f"{reverse('knowledge:article', args=[english.pk])}?contact={contact.pk}"
        assert "Repaying early" in words_of(client.get(address, {"original": ""}))
        listed = words_of(client.get(reverse("knowledge:home")))
        assert "Early repayment" in listed
        assert "Repaying early" not in listed
        with pytest.raises(services.FieldsWrong):
            element(article, title="Once more", language="en", original_id=english.pk)
