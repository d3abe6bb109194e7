"""Sending what is queued, in a worker and outside of any transaction.

A worker takes a message by marking it "being sent" until a moment; it hands it over; it writes down what came of it.
Killed in between, the mark runs out and another takes it up: it is handed over again where the other side knows
repetitions (a letter by its Message-ID, a gateway by our id), else it stands as "perhaps sent" for people to decide.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from perezvon.foundation.access import System
from perezvon.foundation.files.selectors import NoSuchFile, NotSafe, files_to_send
from perezvon.foundation.messages.connectors import find_sender, messenger_of
from perezvon.foundation.messages.models import Message, Sender, State
from perezvon.foundation.messages.registry import refusal_of
from perezvon.foundation.messages.selectors import NoSuchSender
from perezvon.foundation.messages.services import changed, wish_of
from perezvon.kernel.errors import PerezvonError
from perezvon.ports.messages import (
    Attachment,
    Messenger,
    NotTaken,
    Outcome,
    Receipt,
    Rejected,
    Report,
    Unsure,
    Way,
    WrongSettings,
)
from perezvon.ports.messages import Message as Carried

log = structlog.get_logger()

_BY = System(name="messages")
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
LEASE = timedelta(minutes=5)  # longer than any connector waits
AT_ONCE = 200
_SAID = 400


def due_messages(now: datetime) -> list[UUID]:
    """Those whose time has come: next tries, and what a killed worker has left. One query."""
    due = Q(state=State.QUEUED, next_at__lte=now) | Q(state=State.SENDING, until__lte=now)
    return list(Message.objects.filter(due).order_by("next_at").values_list("pk", flat=True)[:AT_ONCE])


def send_message(message_id: UUID, *, now: datetime) -> State | None:
    """Try once. None: it is not due, or another has it."""
    message, was_left = _take(message_id, now)
    if message is None:
        return None
    sender = find_sender(message.channel, message.project_id)
    try:
        if refusal := refusal_of(wish_of(message, _BY, now)):
            return _end(message, now, State.FAILED, "forbidden", str(refusal.words))
        messenger = messenger_of(sender)
        if was_left and (not messenger.knows_repeats or message.attempts > len(PAUSES) + 1):
            return _end(message, now, State.FAILED, "unsure")
        receipt = _hand_over(messenger, message, _attached(message), now)
    except (NoSuchFile, NotSafe) as error:
        return _without_files(message, error, now)
    except NotTaken as error:
        return _later(message, "not_taken", str(error.facts.get("said", "")), now)
    except Unsure as error:
        said = str(error.facts.get("said", ""))
        if messenger.knows_repeats:
            return _later(message, "unsure", said, now)
        return _end(message, now, State.FAILED, "unsure", said)
    except (Rejected, WrongSettings) as error:
        problem = "rejected" if isinstance(error, Rejected) else "settings"
        return _end(message, now, State.FAILED, problem, str(error.facts.get("said", "")))
    except PerezvonError as error:  # who carried it is not there any more
        return _end(message, now, State.FAILED, "settings", error.code)
    return _end(message, now, State.SENT, sent_at=now, provider_id=receipt.provider_id[:200], sender=sender)


def _take(message_id: UUID, now: datetime) -> tuple[Message | None, bool]:
    """(the message, marked as being sent; whether somebody had left it in the middle)"""
    with transaction.atomic():
        message = Message.objects.select_for_update(skip_locked=True).filter(pk=message_id).first()
        if message is None:
            return None, False
        was_left = message.state == State.SENDING and message.until is not None and message.until <= now
        is_due = message.state == State.QUEUED and (message.next_at is None or message.next_at <= now)
        if not (was_left or is_due):
            return None, False
        message.state, message.until, message.attempts = State.SENDING, now + LEASE, message.attempts + 1
        changed(message, now)
        return message, was_left


def _attached(message: Message) -> tuple[Attachment, ...]:
    """The files that go with it. Raises NoSuchFile, NotSafe."""
    found = files_to_send(message.files) if message.files else []
    return tuple(Attachment(file.name, _kind_of(file.name), path.read_bytes()) for file, path in found)


def _without_files(message: Message, error: NoSuchFile | NotSafe, now: datetime) -> State:
    if isinstance(error, NoSuchFile):
        return _end(message, now, State.FAILED, "file_gone")
    if threat := str(error.facts.get("threat", "")):
        return _end(message, now, State.FAILED, "file_unsafe", threat)
    return _later(message, "file_unscanned", "", now)


def _kind_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _hand_over(messenger: Messenger, message: Message, files: tuple[Attachment, ...], now: datetime) -> Receipt:
    carried = Carried(Way(message.channel), message.to, message.text, message.subject, str(message.pk), files)
    try:
        return messenger.send(carried, now=now)
    except PerezvonError:
        raise
    except Exception as error:
        log.exception("messages.connector_broken", message=str(message.pk))
        raise Unsure(said=type(error).__name__) from None


def _later(message: Message, problem: str, said: str, now: datetime) -> State:
    if message.attempts > len(PAUSES):
        return _end(message, now, State.FAILED, problem, said)
    return _end(message, now, State.QUEUED, problem, said, next_at=now + PAUSES[message.attempts - 1])


def _end(message: Message, now: datetime, state: State, problem: str = "", said: str = "", **columns: object) -> State:
    """Write down what came of a try, if nobody else has it by now. columns: further ones."""
    with transaction.atomic():
        kept = Message.objects.select_for_update().get(pk=message.pk)
        if kept.state != State.SENDING or kept.attempts != message.attempts:
            return State(kept.state)
        kept.state, kept.problem, kept.said, kept.until, kept.next_at = state, problem, said[:_SAID], None, None
        for name, value in columns.items():
            setattr(kept, name, value)
        if kept.is_secret and state == State.SENT:
            kept.text = "\u2022" * 6  # a code has done its work; nobody reads it here
        changed(kept, now)
    return state


def reported(key: str, given: Mapping[str, str], *, now: datetime) -> bool:
    """What a gateway says about a message that it took; False when it is no message of ours. Raises NoSuchSender."""
    sender = Sender.objects.filter(report_key=key).first()
    if sender is None:
        raise NoSuchSender()
    try:
        report = messenger_of(sender).read_report(given)
    except PerezvonError:
        return False
    return report is not None and _believe(sender, report, now)


def _believe(sender: Sender, report: Report, now: datetime) -> bool:
    with transaction.atomic():
        mine = Message.objects.select_for_update().filter(sender=sender, provider_id=report.provider_id)
        message = mine.order_by("-created_at").first()
        if message is None:
            return False
        if message.state == State.SENT and report.outcome is Outcome.DELIVERED:
            message.state, message.delivered_at = State.DELIVERED, now
            changed(message, now)
        elif message.state == State.SENT and report.outcome is Outcome.UNDELIVERED:
            message.state, message.problem, message.said = State.FAILED, "undelivered", report.said
            changed(message, now)
        return True
