"""Messages from the queue to the other side and back; the connector is a real object of the tests' own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.messages import connectors, registry, services
from perezvon.foundation.messages.models import Message, Sender, State, Template
from perezvon.foundation.messages.registry import About, Refusal
from perezvon.foundation.messages.selectors import NoSuchSender
from perezvon.foundation.messages.sending import LEASE, PAUSES, due_messages, reported, send_message
from perezvon.foundation.messages.services import (
    Draft,
    MayNotSend,
    MessageWrong,
    SetUpWrong,
    TooLate,
    WantedSender,
    WantedTemplate,
)
from perezvon.foundation.messages.texts import rendered
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import PerezvonError
from perezvon.ports.messages import Kind, NotTaken, Outcome, Receipt, Rejected, Report, Sent, Setting, Unsure, Way
from perezvon.ports.messages import Message as Carried

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BY = System(name="test")
SMS = "8 916 123-45-67"


@dataclass
class Carrier:
    """A messenger that does what it is told, and knows what it has got."""

    knows_repeats: bool = True
    fails: list[PerezvonError] = field(default_factory=list)
    got: list[Carried] = field(default_factory=list)

    def send(self, message: Carried, *, now: datetime) -> Receipt:
        self.got.append(message)
        if self.fails:
            raise self.fails.pop(0)
        return Receipt(f"p{len(self.got)}")

    def recent(self, limit: int) -> Sequence[Sent]:
        return []

    def read_report(self, given: Mapping[str, str]) -> Report | None:
        return Report(given["id"], Outcome(given["state"])) if "id" in given else None


@pytest.fixture
def carrier(monkeypatch) -> Carrier:
    carrier = Carrier()
    kind = Kind("carrier", (Way.SMS, Way.EMAIL), lambda given: carrier)
    monkeypatch.setattr(connectors, "kinds", lambda: {"carrier": kind, "kept": kind})
    return carrier


def queued(**more) -> Message:
    draft = Draft(**{"channel": "sms", "to": SMS, "text": "Hello", **more})
    return services.queue_message(draft=draft, by=BY, now=NOW)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


class TestQueueing:
    def test_waits_with_its_number_as_networks_know_it(self, carrier):
        message = queued()

        assert (message.to, message.state) == ("+79161234567", State.QUEUED)
        assert OutboxRow.objects.filter(topic="messages.message_queued").count() == 1
        assert carrier.got == []

    @pytest.mark.parametrize(
        ("draft", "code"),
        [
            ({"to": "nobody"}, "phone.form"),
            ({"channel": "email", "to": "nobody"}, "email.form"),
            ({"channel": "email", "to": "a@b.example\r\nBcc: c@d.example"}, "email.form"),
            ({"text": "  "}, "field.required"),
            ({"text": "x" * 1001}, "text.long"),
        ],
    )
    def test_what_cannot_be_sent_is_refused_at_once(self, draft, code):
        with pytest.raises(MessageWrong) as refused:
            queued(**draft)
        assert refused.value.facts["wrong"].code == code

    def test_a_ban_on_contact_is_asked_and_told_in_its_own_words(self, monkeypatch):
        asked = []

        def gate(wish):
            asked.append((wish.channel, wish.address, wish.purpose))
            return Refusal("ban", "He asked not to be written to.")

        monkeypatch.setattr(registry, "_gates", [gate])
        with pytest.raises(MayNotSend) as refused:
            queued()

        assert refused.value.facts["words"] == "He asked not to be written to."
        assert asked == [("sms", "+79161234567", "service")]
        assert not Message.objects.exists()


class TestSending:
    def test_what_is_taken_is_sent_once(self, carrier):
        message = queued()

        assert send_message(message.pk, now=NOW) == State.SENT
        assert send_message(message.pk, now=NOW) is None

        assert [one.id for one in carrier.got] == [str(message.pk)]
        kept = fresh(message)
        assert (kept.state, kept.sent_at, kept.provider_id, kept.attempts) == (State.SENT, NOW, "p1", 1)

    def test_pauses_grow_and_come_to_an_end(self, carrier):
        carrier.fails = [NotTaken(said=f"busy {time}") for time in range(9)]
        message, at = queued(), NOW
        for pause in PAUSES:
            assert send_message(message.pk, now=at) == State.QUEUED
            assert fresh(message).next_at == at + pause
            assert send_message(message.pk, now=at + pause - MINUTE / 2) is None
            at += pause
            assert due_messages(at) == [message.pk]

        assert send_message(message.pk, now=at) == State.FAILED
        kept = fresh(message)
        assert (kept.problem, kept.said, kept.attempts, kept.next_at) == ("not_taken", "busy 4", 5, None)
        assert due_messages(at + timedelta(days=1)) == []

    def test_a_no_is_not_asked_again(self, carrier):
        carrier.fails = [Rejected(said="550 no such mailbox")]
        message = queued()

        assert send_message(message.pk, now=NOW) == State.FAILED
        assert (fresh(message).problem, fresh(message).said) == ("rejected", "550 no such mailbox")

    @pytest.mark.parametrize(("knows", "state", "sent"), [(True, State.SENT, 1), (False, State.FAILED, 0)])
    def test_what_a_killed_worker_left_goes_again_only_where_repeats_are_known(self, carrier, knows, state, sent):
        carrier.knows_repeats = knows
        message = queued()
        Message.objects.filter(pk=message.pk).update(state=State.SENDING, until=NOW + LEASE, attempts=1)

        assert send_message(message.pk, now=NOW) is None
        assert due_messages(NOW + LEASE) == [message.pk]
        assert send_message(message.pk, now=NOW + LEASE) == state
        assert len(carrier.got) == sent
        assert fresh(message).problem == ("" if knows else "unsure")

    @pytest.mark.parametrize(("knows", "state"), [(True, State.QUEUED), (False, State.FAILED)])
    def test_silence_after_handing_over_is_repeated_only_where_repeats_are_known(self, carrier, knows, state):
        carrier.knows_repeats, carrier.fails = knows, [Unsure(said="timed out")]

        assert send_message(queued().pk, now=NOW) == state

    def test_a_worker_that_comes_back_late_changes_nothing(self, carrier, monkeypatch):
        message, send, calls = queued(), carrier.send, []

        def slow(carried: Carried, *, now: datetime) -> Receipt:
            calls.append(carried.id)
            if len(calls) > 1:
                return send(carried, now=now)
            send_message(message.pk, now=NOW + LEASE)  # another has taken it up meanwhile
            raise NotTaken(said="late")

        monkeypatch.setattr(carrier, "send", slow)
        assert send_message(message.pk, now=NOW) == State.SENT
        assert (len(calls), fresh(message).state, fresh(message).problem) == (2, State.SENT, "")

    def test_a_broken_connector_does_not_stop_the_others(self, carrier):
        carrier.fails = [ZeroDivisionError()]  # type: ignore[list-item]
        carrier.knows_repeats = False

        assert send_message(queued().pk, now=NOW) == State.FAILED
        assert send_message(queued().pk, now=NOW) == State.SENT

    def test_what_kills_each_worker_is_given_up(self, carrier):
        message = queued()
        Message.objects.filter(pk=message.pk).update(state=State.SENDING, until=NOW, attempts=len(PAUSES) + 1)

        assert send_message(message.pk, now=NOW) == State.FAILED
        assert carrier.got == []

    def test_a_sender_whose_connector_is_gone_is_told(self, carrier):
        Sender.objects.create(channel="sms", connector="gone", report_key="k")

        assert send_message(queued().pk, now=NOW) == State.FAILED

    def test_a_code_is_forgotten_when_it_has_gone(self, carrier):
        message = queued(text="code 123456", is_secret=True)
        send_message(message.pk, now=NOW)

        assert carrier.got[0].text == "code 123456"
        assert "123456" not in fresh(message).text


class TestActs:
    def test_what_waits_is_cancelled_what_has_gone_is_not(self, carrier):
        waits, gone = queued(), queued()
        send_message(gone.pk, now=NOW)

        assert services.cancel_message(message_id=waits.pk, by=BY, now=NOW).state == State.CANCELLED
        assert send_message(waits.pk, now=NOW) is None
        with pytest.raises(TooLate):
            services.cancel_message(message_id=gone.pk, by=BY, now=NOW)

    def test_what_failed_is_tried_again(self, carrier):
        carrier.fails = [Rejected(said="no")]
        message = queued()
        send_message(message.pk, now=NOW)

        services.retry_message(message_id=message.pk, by=BY, now=NOW)
        assert send_message(message.pk, now=NOW) == State.SENT


class TestSenders:
    def put(self, **more) -> Sender:
        wanted = WantedSender(**{"channel": "sms", "connector": "carrier", "values": {}, **more})
        return services.put_sender(wanted=wanted, by=BY, now=NOW)

    def test_a_project_has_its_own_before_that_of_all(self, carrier):
        loans = Project.objects.create(code="loans", number=101, name={"ru": "Кредиты"})
        everybody, own = self.put(), self.put(project_id=loans.pk)

        assert connectors.find_sender("sms", loans.pk) == own
        assert connectors.find_sender("sms", None) == everybody
        assert connectors.find_sender("email", None) is None
        with pytest.raises(SetUpWrong):
            self.put()

    def test_a_password_is_kept_encrypted_and_stays_when_none_is_typed(self, monkeypatch):
        given: list[Mapping[str, str]] = []
        kind = Kind("carrier", (Way.SMS,), lambda values: given.append(dict(values)) or Carrier())
        monkeypatch.setattr(connectors, "kinds", lambda: {"carrier": kind})
        sender = self.put(secret="s3cret")
        assert "s3cret" not in sender.secret

        wanted = WantedSender("sms", "carrier", {})
        again = services.put_sender(wanted=wanted, by=BY, now=NOW, sender_id=sender.pk, version=sender.version)
        connectors.messenger_of(again)
        assert given[-1]["secret"] == "s3cret"

    def test_a_kept_password_is_not_sent_to_another_address(self, monkeypatch):
        settings = (Setting("url"), Setting("sender"))
        kind = Kind("carrier", (Way.SMS,), lambda values: Carrier(), settings)
        monkeypatch.setattr(connectors, "kinds", lambda: {"carrier": kind})
        sender = self.put(secret="s3cret", values={"url": "https://ours.example", "sender": "Bank"})

        def change(secret: str = "", **values: str) -> Sender:
            wanted = WantedSender("sms", "carrier", {**sender.values, **values}, secret=secret)
            return services.put_sender(wanted=wanted, by=BY, now=NOW, sender_id=sender.pk, version=1)

        with pytest.raises(SetUpWrong) as refused:
            change(url="https://theirs.example")
        assert set(refused.value.facts["problems"]) == {"secret"}
        assert change(sender="Vega").values["sender"] == "Vega"
        assert Sender.objects.filter(pk=sender.pk).update(version=1)
        assert change("an0ther", url="https://theirs.example").values["url"] == "https://theirs.example"

    def test_a_report_finds_its_message(self, carrier):
        sender = self.put()
        one, other = queued(), queued()
        for message in (one, other):
            send_message(message.pk, now=NOW)

        assert reported(sender.report_key, {"id": "p1", "state": "delivered"}, now=NOW + MINUTE)
        assert reported(sender.report_key, {"id": "p2", "state": "undelivered"}, now=NOW + MINUTE)
        assert (fresh(one).state, fresh(one).delivered_at) == (State.DELIVERED, NOW + MINUTE)
        assert (fresh(other).state, fresh(other).problem) == (State.FAILED, "undelivered")
        with pytest.raises(NoSuchSender):
            reported("another key", {"id": "p1", "state": "undelivered"}, now=NOW)
        assert not reported(sender.report_key, {"id": "p9", "state": "delivered"}, now=NOW)
        assert not reported(sender.report_key, {}, now=NOW)
        assert fresh(one).state == State.DELIVERED


class TestTemplates:
    def add(self, text: str, **more) -> Template:
        wanted = WantedTemplate(name={"ru": "Имя"}, text={"ru": text}, **more)
        return services.add_template(code=f"t{Template.objects.count()}", wanted=wanted, by=BY, now=NOW)

    @pytest.mark.parametrize("text", ["{customer.salary}", "{", "}", "{{customer.name}}", "{Customer}", "{}"])
    def test_an_unknown_place_is_refused_when_saved(self, text):
        with pytest.raises(SetUpWrong) as refused:
            self.add(f"Hello {text}")
        assert refused.value.facts["problems"]["text"].code in {"place.unknown", "place.brace"}

    def test_a_letter_needs_a_subject_an_sms_has_none(self):
        with pytest.raises(SetUpWrong):
            self.add("Text", channel="email")
        assert self.add("Text", subject={"ru": "Тема"}).subject == {}

    def test_places_are_filled_and_leave_no_holes(self):
        loans = Project.objects.create(code="loans", number=101, name={"ru": "Кредиты", "en": "Loans"})
        template = self.add("{ project.name } {customer.middle_name} , № {project.number}: {today}!")

        _subject, text = rendered(template, About(BY, NOW, "ru", loans))

        assert text == "Кредиты, № 101: 22.11.2026!"
