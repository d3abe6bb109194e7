"""Queueing messages, and what administrators set up. Nothing here talks to the outside; sending.py does."""

from __future__ import annotations

import re
import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.files.selectors import size_of_files
from perezvon.foundation.messages.connectors import SECRET, kind_of, kinds_for
from perezvon.foundation.messages.events import MessageChanged, MessageQueued
from perezvon.foundation.messages.models import Channel, Message, Sender, State, Template
from perezvon.foundation.messages.registry import SERVICE, TEST, Wish, refusal_of
from perezvon.foundation.messages.selectors import MANAGE, SEND, SET_UP, VIEW, get_message, get_sender, get_template
from perezvon.foundation.messages.texts import check_places
from perezvon.foundation.outbox.services import publish, tell
from perezvon.foundation.people.models import Project
from perezvon.foundation.secrets import decrypt, encrypt
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.kernel.phone import parse_phone
from perezvon.ports.messages import WrongSettings

LONGEST_TEXT = {Channel.SMS: 1000, Channel.EMAIL: 100_000}
LONGEST_SUBJECT, LONGEST_NAME = 300, 100
MOST_MB = 15  # of files with a letter: mail makes a third more of them, and many servers take no more than 20
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")


class MessageWrong(Refused):
    """facts: wrong (a Wrong: phone.form, email.form, field.required, text.long)."""

    code = "messages.wrong"
    http_status = 422


class MayNotSend(Refused):
    """A ban on contact or a missing consent. facts: words."""

    code = "messages.may_not_send"


class TooLate(Refused):
    """It is on its way, or over. facts: state."""

    code = "messages.too_late"


class SetUpWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "messages.set_up_wrong"
    http_status = 422


class SetUpChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "messages.set_up_changed"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent. to: as typed. kind, record: about what; contact: in which contact. files: keys of those that
    go with a letter; whoever names them has asked who may see them."""

    channel: str
    to: str
    text: str
    subject: str = ""
    purpose: str = SERVICE
    project_id: int | None = None
    template: Template | None = None
    kind: str = ""
    record: UUID | None = None
    contact: UUID | None = None
    is_secret: bool = False
    files: tuple[UUID, ...] = ()


@command("messages.send", needs=SEND)
def queue_message(*, draft: Draft, by: Actor, now: datetime) -> Message:
    """Have it sent by a worker, once this transaction is committed. Raises MessageWrong, MayNotSend."""
    return queue(draft, by=by, now=now)


def queue(draft: Draft, *, by: Actor, now: datetime) -> Message:
    """The same inside a command that has asked for a right of its own."""
    try:
        address = read_address(draft.channel, draft.to)
        _check_text(draft)
    except Wrong as wrong:
        raise MessageWrong(wrong=wrong) from None
    wish = Wish(draft.channel, address, draft.purpose, draft.kind, draft.record, by, now)
    if refusal := refusal_of(wish):
        raise MayNotSend(words=str(refusal.words), reason=refusal.code)
    message = Message.objects.create(
        id=uuid7(now),
        channel=draft.channel,
        to=address,
        subject=" ".join(draft.subject.split())[:LONGEST_SUBJECT],
        text=draft.text,
        is_secret=draft.is_secret,
        purpose=draft.purpose,
        template=draft.template,
        project_id=draft.project_id,
        by_id=by.user_id,
        kind=draft.kind,
        record=draft.record,
        contact=draft.contact,
        files=list(draft.files),
        created_at=now,
        next_at=now,
    )
    publish(MessageQueued(message_id=message.pk), now=now)
    return message


def read_address(channel: str, typed: str) -> str:
    """A number in E.164 or an e-mail address. Raises Wrong."""
    if channel == Channel.EMAIL:
        return checks.email(typed.strip())
    phone = parse_phone(typed)
    if phone is None or phone.extension:
        raise Wrong("phone.form")
    return phone.e164


def _check_text(draft: Draft) -> None:
    most = LONGEST_TEXT[Channel(draft.channel)]
    if not draft.text.strip():
        raise Wrong("field.required")
    if len(draft.text) > most:
        raise Wrong("text.long", most=most)
    if draft.files and size_of_files(draft.files) > MOST_MB * 2**20:
        raise Wrong("file.full", most=MOST_MB)


@command("messages.cancel", needs=SEND)
def cancel_message(*, message_id: UUID, by: Actor, now: datetime) -> Message:
    """Not to be sent after all. Raises TooLate once it is on its way, NoSuchMessage."""
    message = _locked(message_id, by)
    if message.state != State.QUEUED:
        raise TooLate(state=message.state)
    message.state, message.next_at = State.CANCELLED, None
    changed(message, now)
    return message


@command("messages.retry", needs=SEND)
def retry_message(*, message_id: UUID, by: Actor, now: datetime) -> Message:
    """Send one that failed, was cancelled or waits for its next try, now. Raises TooLate, MayNotSend, NoSuchMessage."""
    message = _locked(message_id, by)
    if message.state not in {State.FAILED, State.CANCELLED, State.QUEUED}:
        raise TooLate(state=message.state)
    if refusal := refusal_of(wish_of(message, by, now)):
        raise MayNotSend(words=str(refusal.words), reason=refusal.code)
    message.state, message.attempts, message.next_at = State.QUEUED, 0, now
    changed(message, now)
    publish(MessageQueued(message_id=message.pk), now=now)
    return message


def wish_of(message: Message, by: Actor, now: datetime) -> Wish:
    return Wish(message.channel, message.to, message.purpose, message.kind, message.record, by, now)


def _locked(message_id: UUID, by: Actor) -> Message:
    by.must(VIEW)
    return Message.objects.select_for_update().get(pk=get_message(message_id, by=by).pk)


def changed(message: Message, now: datetime) -> None:
    """Keep what has become of it and tell those who look at it. Inside a transaction."""
    message.version += 1
    message.save()
    publish(MessageChanged(message_id=message.pk, state=message.state), now=now)
    audience = ["right:messages.view", *([f"user:{message.by_id}"] if message.by_id else [])]
    tell("message", message.pk, message.version, to=audience, now=now)


# --- templates ---


@dataclass(frozen=True, slots=True)
class WantedTemplate:
    """A template as an administrator wants it. Texts by language."""

    name: Mapping[str, str]
    text: Mapping[str, str]
    subject: Mapping[str, str] = field(default_factory=dict)
    channel: str = Channel.SMS
    project_id: int | None = None
    in_use: bool = True


@command("messages.add_template", needs=MANAGE)
def add_template(*, code: str, wanted: WantedTemplate, by: Actor, now: datetime) -> Template:
    """Raises SetUpWrong with all that is wrong at once."""
    problems: dict[str, Wrong] = {}
    if not _CODE.fullmatch(code):
        problems["code"] = Wrong("key.form")
    elif Template.objects.filter(code=code).exists():
        problems["code"] = Wrong("key.taken")
    template = Template(code=code)
    _set_template(template, wanted, problems)
    template.save()
    return template


@command("messages.change_template", needs=MANAGE)
def change_template(*, template_id: int, version: int, wanted: WantedTemplate, by: Actor, now: datetime) -> Template:
    """Messages sent before keep their text. Raises SetUpChanged, SetUpWrong, NoSuchTemplate."""
    template = Template.objects.select_for_update().get(pk=get_template(template_id).pk)
    if template.version != version:
        raise SetUpChanged(template=template_id)
    _set_template(template, wanted, {})
    template.version += 1
    template.save()
    return template


def _set_template(template: Template, wanted: WantedTemplate, problems: dict[str, Wrong]) -> None:
    name, subject, text = (_said(texts) for texts in (wanted.name, wanted.subject, wanted.text))
    if not name:
        problems["name"] = Wrong("label.missing")
    if wanted.channel not in Channel.values:
        problems["channel"] = Wrong("choice.unknown")
    if wanted.project_id and not Project.objects.filter(pk=wanted.project_id).exists():
        problems["project"] = Wrong("choice.unknown")
    _check_texts(wanted.channel, subject, text, problems)
    if problems:
        raise SetUpWrong(problems=problems)
    template.name, template.text, template.in_use = name, text, wanted.in_use
    template.subject = subject if wanted.channel == Channel.EMAIL else {}
    template.channel, template.project_id = wanted.channel, wanted.project_id


def _check_texts(channel: str, subject: Mapping[str, str], text: Mapping[str, str], problems: dict[str, Wrong]) -> None:
    most = LONGEST_TEXT.get(Channel(channel), 0) if channel in Channel.values else 0
    for what, texts in (("subject", subject), ("text", text)):
        try:
            check_places(texts.values())
        except Wrong as wrong:
            problems[what] = wrong
    if not text:
        problems["text"] = Wrong("field.required")
    elif max(map(len, text.values())) > most > 0:
        problems["text"] = Wrong("text.long", most=most)
    if channel == Channel.EMAIL and not subject:
        problems["subject"] = Wrong("field.required")


def _said(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in texts.items() if text.strip()}


# --- senders ---


@dataclass(frozen=True, slots=True)
class WantedSender:
    """Who shall carry a channel's messages. secret: "" leaves the one that is kept."""

    channel: str
    connector: str
    values: Mapping[str, str]
    project_id: int | None = None
    secret: str = ""
    in_use: bool = True


@command("messages.put_sender", needs=SET_UP)
def put_sender(
    *, wanted: WantedSender, by: Actor, now: datetime, sender_id: int | None = None, version: int = 0
) -> Sender:
    """Set up or change one. Raises SetUpWrong, SetUpChanged, NoSuchSender."""
    if sender_id is None:
        sender = Sender(report_key=chance.token_urlsafe(32))
    else:
        sender = Sender.objects.select_for_update().get(pk=get_sender(sender_id).pk)
        if sender.version != version:
            raise SetUpChanged(sender=sender_id)
        sender.version += 1
    _set_sender(sender, wanted)
    sender.save()
    return sender


def _set_sender(sender: Sender, wanted: WantedSender) -> None:
    problems: dict[str, Wrong] = {}
    if wanted.channel not in Channel.values:
        raise SetUpWrong(problems={"channel": Wrong("choice.unknown")})
    if wanted.connector not in {kind.code for kind in kinds_for(wanted.channel)}:
        raise SetUpWrong(problems={"connector": Wrong("choice.unknown")})
    same = Sender.objects.filter(channel=wanted.channel, project=wanted.project_id).exclude(pk=sender.pk)
    if same.exists():
        problems["project"] = Wrong("sender.taken")
    kind = kind_of(wanted.connector)
    open_ones = {one.name for one in kind.settings if one.kind != "secret"}
    values = {name: text for name, text in wanted.values.items() if name in open_ones}
    secret = wanted.secret or (decrypt(sender.secret, what=SECRET) or "" if sender.connector == kind.code else "")
    if not wanted.secret and secret and _way(values) != _way(sender.values):
        problems["secret"] = Wrong("secret.again")
    try:
        kind.make({**values, "secret": secret})
    except WrongSettings as wrong:
        problems[str(wrong.facts["name"])] = Wrong(str(wrong.facts["why"]))
    if problems:
        raise SetUpWrong(problems=problems)
    sender.channel, sender.project_id, sender.connector = wanted.channel, wanted.project_id, wanted.connector
    sender.values, sender.in_use, sender.secret = values, wanted.in_use, encrypt(secret, what=SECRET)


def _way(values: Mapping[str, str]) -> list[str]:
    """Where a secret goes. Who changes it without knowing the secret would have it sent to a server of his own."""
    return [values.get(name, "") for name in ("host", "port", "security", "url", "parameters", "headers")]


@command("messages.send_test", needs=SET_UP)
def send_test(*, sender_id: int, to: str, text: str, subject: str, by: Actor, now: datetime) -> Message:
    """A message of nothing, to see whether it arrives; it goes the way of all others. Raises MessageWrong."""
    sender = get_sender(sender_id)
    draft = Draft(sender.channel, to, text, subject, TEST, project_id=sender.project_id)
    return queue(draft, by=by, now=now)
