"""SMS from the card, what stands in the history, and the pages of an administrator. People here read English."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse

from perezvon.connectors.kept_messages import KeptMessages
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.messages import registry, services
from perezvon.foundation.messages.blueprint import export_messages, load_messages
from perezvon.foundation.messages.connectors import kinds
from perezvon.foundation.messages.models import Message, Sender, State, Template
from perezvon.foundation.messages.registry import COLLEAGUE, Refusal
from perezvon.foundation.messages.sending import send_message
from perezvon.foundation.messages.services import Draft, WantedTemplate
from perezvon.foundation.people.models import Role, User
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.customers.services import Banned, ban_contact, register_potential
from perezvon.modules.interactions.messaging import Chosen, send_sms
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import list_timeline

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BY = System(name="test")


@pytest.fixture
def project(loans):
    return loans


@pytest.fixture
def elena(project):
    return register_potential(
        typed={
            "last_name": "Смирнова",
            "first_name": "Елена",
            "middle_name": "Павловна",
            "sex": "f",
            "phone_mobile": "8 916 123-45-67",
            "phone_home": "8 495 111-22-33",
        },
        by=BY,
        now=NOW,
        project_id=project.pk,
    )


@pytest.fixture
def template(db):
    wanted = WantedTemplate(
        name={"ru": "Приглашение", "en": "Invitation"},
        text={"ru": "{customer.dear}! Ждём вас. {operator.name}", "en": "{customer.dear}! Come. {operator.name}"},
    )
    return services.add_template(code="invitation", wanted=wanted, by=BY, now=NOW)


def user(login: str, role: str, *projects) -> User:
    person = User.objects.create_user(
        login, last_name="Иванова", first_name="Ольга", role=Role.objects.get(code=role), language="en"
    )
    person.projects.set(projects)
    return person


@pytest.fixture
def olga(project):
    return user("olga", "operator", project)


@pytest.fixture
def lisina(db):
    return user("lisina", "information_administrator")


@pytest.fixture
def admin(db):
    return user("admin", "system_administrator")


def text_of(response) -> str:
    body = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return " ".join(body.replace("\xa0", " ").split())


HTMX = {"HX-Request": "true"}


class TestSms:
    @pytest.mark.feature("F15.17")
    def test_is_sent_from_the_card_word_for_word_as_its_template_says(self, client, olga, elena, template):
        client.force_login(olga)
        card = text_of(client.get(reverse("customers:card", args=[elena.pk])))
        assert "Уважаемая Елена Павловна! Ждём вас. Ольга Иванова" in card
        assert "+7 916 123-45-67 (Mobile)" in card

        point = elena.points.get(use=ContactPoint.Use.MOBILE)
        typed = {"template": template.pk, "point": point.pk, "text": "Something else", "number": ""}
        answer = client.post(reverse("interactions:sms", args=[elena.pk]), typed, headers=HTMX)

        assert "The SMS is on its way" in text_of(answer)
        message = Message.objects.get()
        assert message.text == "Уважаемая Елена Павловна! Ждём вас. Ольга Иванова"
        assert (message.to, message.by, message.template) == ("+79161234567", olga, template)

    def test_may_go_to_a_number_that_he_dictates(self, client, olga, elena, template):
        client.force_login(olga)
        typed = {"template": template.pk, "point": "", "number": "8 903 222-33-44"}
        client.post(reverse("interactions:sms", args=[elena.pk]), typed, headers=HTMX)
        assert Message.objects.get().to == "+79032223344"

        wrong = client.post(reverse("interactions:sms", args=[elena.pk]), {**typed, "number": "12"}, headers=HTMX)
        assert wrong.status_code == 422
        assert "no telephone number" in text_of(wrong)
        assert 'value="12"' in wrong.content.decode()

    def test_a_ban_on_contact_is_shown(self, client, olga, elena, template, monkeypatch):
        monkeypatch.setattr(registry, "_gates", [lambda wish: Refusal("ban", "She asked not to be written to.")])
        client.force_login(olga)
        typed = {"template": template.pk, "number": "8 903 222-33-44"}

        answer = client.post(reverse("interactions:sms", args=[elena.pk]), typed, headers=HTMX)

        assert "She asked not to be written to." in text_of(answer)
        assert not Message.objects.exists()

    def test_the_register_of_bans_is_asked_when_it_is_queued_and_when_it_goes(self, client, olga, elena, template):
        client.force_login(olga)
        typed = {"template": template.pk, "number": "8 903 222-33-44"}
        client.post(reverse("interactions:sms", args=[elena.pk]), typed, headers=HTMX)
        ban_contact(banned=Banned("asked us"), customer_id=elena.pk, by=BY, now=NOW)

        refused = client.post(reverse("interactions:sms", args=[elena.pk]), typed, headers=HTMX)
        assert refused.status_code == 422
        assert "asked us" in text_of(refused)
        [waiting] = Message.objects.all()
        assert send_message(waiting.pk, now=clock.now()) == State.FAILED
        assert Message.objects.get().problem == "forbidden"

    def test_a_letter_to_a_colleague_is_called_one(self, client, olga, elena, project, calling):
        contact = calling(elena, olga)
        letter = Draft("email", "boss@bank.example", "Call her", "Call", COLLEAGUE, project.pk, contact=contact.pk)
        services.queue_message(draft=letter, by=olga.actor(), now=NOW)
        client.force_login(olga)

        page = text_of(client.get(reverse("interactions:contact", args=[contact.pk])))
        assert "Letter to a colleague" in page
        assert "Call her" not in text_of(client.get(reverse("customers:card", args=[elena.pk])))

    def test_no_other_template_and_no_other_card(self, olga, elena, template, project):
        template.in_use = False
        template.save()
        with pytest.raises(NotFound):
            send_sms(customer_id=elena.pk, chosen=Chosen(template.pk, None, "89032223344"), by=olga.actor(), now=NOW)
        olga.projects.clear()
        template.in_use = True
        template.save()
        stranger = User.objects.get(pk=olga.pk).actor()
        with pytest.raises(NotFound):
            send_sms(customer_id=elena.pk, chosen=Chosen(template.pk, None, "89032223344"), by=stranger, now=NOW)

    @pytest.mark.feature("F02.18", partly="messages of appointments (appointments)")
    def test_stands_in_the_history_with_its_number_and_state(self, client, olga, elena, template, settings, tmp_path):
        typed = Chosen(template.pk, None, "8 903 222-33-44")
        message = send_sms(customer_id=elena.pk, chosen=typed, by=olga.actor(), now=NOW)
        [waiting] = list_timeline(elena.pk, by=olga.actor())
        assert waiting["title"]
        assert waiting["chip"]["tone"] == "accent"

        settings.MESSENGERS = "perezvon.project.messenger.connectors"
        assert send_message(message.pk, now=NOW) == State.SENT
        client.force_login(olga)
        card = text_of(client.get(reverse("customers:card", args=[elena.pk])))

        assert "SMS sent to the customer" in card
        assert "Ждём вас. Ольга Иванова (to the number +7 903 222-33-44)" in card

    def test_stays_with_the_contact_in_hand(self, client, olga, elena, template, project, calling):
        contact = calling(elena, olga)
        message = send_sms(
            customer_id=elena.pk, chosen=Chosen(template.pk, None, "89032223344"), by=olga.actor(), now=NOW
        )

        assert message.contact == contact.pk
        client.force_login(olga)
        assert "Ждём вас" in text_of(client.get(reverse("interactions:contact", args=[contact.pk])))


@pytest.fixture
def calling(project):
    def calling(customer, agent) -> Interaction:
        return Interaction.objects.create(
            id=uuid4(),
            number=70001,
            customer=customer,
            project=project,
            agent=agent,
            channel="phone",
            direction="inbound",
            address="79161234567",
            began_at=NOW,
            state="open",
        )

    return calling


class TestAdministration:
    def test_a_template_is_written_with_a_preview_and_refused_with_an_unknown_place(self, client, lisina, project):
        client.force_login(lisina)
        look = client.post(
            reverse("messages:template_look"),
            {"channel": "sms", "text_ru": "{customer.dear}, " + "я" * 60, "text_en": "{customer.salary}"},
            headers=HTMX,
        )
        told = text_of(look)
        assert "Уважаемая Елена Павловна, яяя" in told
        assert "2 parts" in told
        assert "There is no place {customer.salary}" in told

        typed = {"code": "hello", "name_ru": "Привет", "channel": "sms", "text_ru": "{customer.salary}", "in_use": "on"}
        refused = client.post(reverse("messages:template_new"), typed)
        assert refused.status_code == 422
        assert "There is no place {customer.salary}" in text_of(refused)
        assert client.post(reverse("messages:template_new"), {**typed, "text_ru": "Привет"}).status_code == 302
        assert "Привет" in text_of(client.get(reverse("messages:templates")))

        kept = Template.objects.get()
        changed = {**typed, "text_ru": "Ещё привет", "version": kept.version}
        assert client.post(reverse("messages:template", args=[kept.pk]), changed).status_code == 302
        assert client.post(reverse("messages:template", args=[kept.pk]), changed).status_code == 409

    def test_a_mail_server_is_set_up_and_its_password_never_shown(self, client, admin):
        client.force_login(admin)
        assert "nothing is set up" in text_of(client.get(reverse("messages:senders")))
        address = f"{reverse('messages:sender_new')}?channel=email&connector=smtp"
        typed = {"host": "mail.bank.example", "security": "tls", "sender": "desk@bank.example", "secret": "s3cret"}

        wrong = client.post(address, {**typed, "sender": "nobody", "in_use": "on"})
        assert wrong.status_code == 422
        assert "no e-mail address" in text_of(wrong)
        assert client.post(address, {**typed, "in_use": "on"}).status_code == 302

        sender = Sender.objects.get()
        page = client.get(reverse("messages:sender", args=[sender.pk]))
        assert "mail.bank.example" in page.content.decode()
        assert "s3cret" not in page.content.decode()
        assert "s3cret" not in str(export_messages())

        sent = client.post(reverse("messages:sender_test", args=[sender.pk]), {"to": "me@bank.example"})
        message = Message.objects.get()
        assert sent["Location"] == reverse("messages:message", args=[message.pk])
        assert "Waiting" in text_of(client.get(sent["Location"]))

    def test_the_outbox_shows_what_went_wrong_and_tries_again(self, client, admin, elena):
        draft = Draft("sms", "8 916 123-45-67", "Hello", record=elena.pk, kind="customer")
        message = services.queue_message(draft=draft, by=BY, now=NOW)
        code = services.queue_message(
            draft=Draft("sms", "8 916 123-45-67", "code 918273", is_secret=True), by=BY, now=NOW
        )
        Message.objects.filter(pk=message.pk).update(state=State.FAILED, problem="rejected", said="400 bad number")
        admin.role.rights = [*admin.role.rights, "messages.send"]
        admin.role.save()
        client.force_login(admin)

        listed = text_of(client.get(reverse("messages:list")))
        assert "Not sent" in listed
        assert "The other side refused it" in listed
        page = text_of(client.get(reverse("messages:message", args=[message.pk])))
        assert "400 bad number" in page
        assert "918273" not in client.get(reverse("messages:message", args=[code.pk])).content.decode()

        again = client.post(reverse("messages:act", args=[message.pk, "retry"]))
        assert again.status_code == 302
        assert Message.objects.get(pk=message.pk).state == State.QUEUED
        client.post(reverse("messages:act", args=[message.pk, "cancel"]))
        assert Message.objects.get(pk=message.pk).state == State.CANCELLED

    def test_a_gateway_reports_by_get_form_and_json(self, client, admin, elena):
        sender = services.put_sender(
            wanted=services.WantedSender(
                "sms", "sms_http", {"url": "http://127.0.0.1:9/", "parameters": "text = {text}"}
            ),
            by=BY,
            now=NOW,
        )
        address = reverse("messages:report", args=[sender.report_key])
        for number, send in enumerate(
            (
                lambda given: client.get(address, given),
                lambda given: client.post(address, given),
                lambda given: client.post(address, given, content_type="application/json"),
            )
        ):
            message = services.queue_message(draft=Draft("sms", "89161234567", "Hello"), by=BY, now=NOW)
            Message.objects.filter(pk=message.pk).update(state=State.SENT, sender=sender, provider_id=f"p{number}")
            assert send({"id": f"p{number}", "status": "delivered"}).status_code == 200
            assert Message.objects.get(pk=message.pk).state == State.DELIVERED
        assert client.get(reverse("messages:report", args=["unknown"]), {"id": "p0"}).status_code == 404
        assert client.post(address, "[[", content_type="application/json").status_code == 200

    def test_what_is_set_up_goes_into_a_blueprint_and_comes_back(self, template):
        wanted = services.WantedSender("email", "smtp", {"host": "mail.example", "sender": "a@b.example"}, secret="s")
        services.put_sender(wanted=wanted, by=BY, now=NOW)
        part = export_messages()

        Template.objects.all().delete()
        Sender.objects.update(in_use=False)
        load_messages(part, BY, NOW)

        assert export_messages() == part
        assert Sender.objects.get().secret


def test_the_kept_connector_is_where_nothing_is_set_up(elena, template, olga, settings, tmp_path, monkeypatch):
    kept = KeptMessages(tmp_path / "messages.jsonl")
    monkeypatch.setattr("perezvon.project.messenger.make_kept", lambda given: kept)
    kinds.cache_clear()
    message = send_sms(customer_id=elena.pk, chosen=Chosen(template.pk, None, "89032223344"), by=olga.actor(), now=NOW)
    send_message(message.pk, now=NOW)
    kinds.cache_clear()

    assert [one.message.to for one in kept.recent(5)] == ["+79032223344"]
