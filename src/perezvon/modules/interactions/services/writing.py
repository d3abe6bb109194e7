"""What people add to a contact: whose it is, notes, topics, the result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.own import fill
from perezvon.foundation.numbering import next_number
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import uuid7
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.dimensions import dimensions_of
from perezvon.modules.interactions.models import (
    Channel,
    Interaction,
    InteractionTopic,
    Note,
    Result,
    State,
)
from perezvon.modules.interactions.selectors import NoSuchInteraction, narrowed
from perezvon.modules.interactions.services.recording import changed
from perezvon.modules.topics.selectors import get_topic


class FieldsMissing(Refused):
    """The result needs more than was filled. facts: fields."""

    code = "interactions.fields_missing"
    http_status = 422


LONGEST_TOPIC = 200
NOTE_LIMIT = 20_000  # characters: some ten pages


class NoteTooLong(Refused):
    """Nobody says that much. facts: limit, length."""

    code = "interactions.note_too_long"
    http_status = 413


class AlreadyWritten(Refused):
    """The contact is closed; only notes may be added."""

    code = "interactions.already_written"


def lock_interaction(interaction_id: UUID, by: Actor) -> Interaction:
    """The contact, held for this transaction. Raises NoSuchInteraction."""
    interaction = narrowed(Interaction.objects.select_for_update(of=("self",)), by).filter(pk=interaction_id).first()
    if interaction is None:
        raise NoSuchInteraction(interaction=interaction_id)
    return interaction


@command("interactions.link_customer", needs="interactions.write")
def link_customer(*, interaction_id: UUID, customer_id: UUID | None, by: Person, now: datetime) -> Interaction:
    """Say whose contact it is, or with None that it was nobody known. Can be changed until the end."""
    interaction = lock_interaction(interaction_id, by)
    interaction.customer = get_customer(customer_id, by=by) if customer_id else None
    interaction.save(update_fields=["customer"])
    changed(interaction.pk, now)
    return interaction


@command("interactions.clarify_number", needs="interactions.write")
def clarify_number(*, interaction_id: UUID, number: str, by: Person, now: datetime) -> Interaction:
    """Keep a number that came up in the talk, to look the customer up by it."""
    interaction = lock_interaction(interaction_id, by)
    phone = parse_phone(number)
    interaction.clarified = phone.digits if phone else number[:64]
    interaction.save(update_fields=["clarified"])
    changed(interaction.pk, now)
    return interaction


@command("interactions.name_speaker", needs="interactions.write")
def name_speaker(*, interaction_id: UUID, speaker: str, on_behalf: str, by: Person, now: datetime) -> Interaction:
    """Who speaks, and on whose behalf, when it is not the customer himself."""
    interaction = lock_interaction(interaction_id, by)
    interaction.speaker, interaction.on_behalf = speaker[:200], on_behalf[:200]
    interaction.save(update_fields=["speaker", "on_behalf"])
    changed(interaction.pk, now)
    return interaction


@command("interactions.add_note", needs="interactions.write")
def add_note(*, interaction_id: UUID, text: str, by: Person, now: datetime) -> Note | None:
    """Add a note with the time of now; an empty one is none. Possible after the end too. Raises NoteTooLong."""
    if len(text) > NOTE_LIMIT:
        raise NoteTooLong(limit=NOTE_LIMIT, length=len(text))
    interaction = lock_interaction(interaction_id, by)
    if not text.strip():
        return None
    note = Note.objects.create(interaction=interaction, author_id=by.id, text=text.strip(), at=now)
    changed(interaction.pk, now)
    return note


@command("interactions.add_topic", needs="interactions.write")
def add_topic(*, interaction_id: UUID, topic_id: int, by: Person, now: datetime) -> InteractionTopic:
    """Put one more topic on the contact. The same twice stands there once."""
    interaction = lock_interaction(interaction_id, by)
    topic = get_topic(topic_id, project_id=interaction.project_id)
    row, _ = InteractionTopic.objects.get_or_create(
        interaction=interaction, topic=topic, defaults={"by_id": by.id, "at": now}
    )
    changed(interaction.pk, now)
    return row


@command("interactions.remove_topic", needs="interactions.write")
def remove_topic(*, interaction_id: UUID, topic_id: int, by: Person, now: datetime) -> None:
    interaction = lock_interaction(interaction_id, by)
    InteractionTopic.objects.filter(interaction=interaction, topic=topic_id).delete()
    changed(interaction.pk, now)


@command("interactions.set_topic_text", needs="interactions.write")
def set_topic_text(*, interaction_id: UUID, text: str, by: Person, now: datetime) -> Interaction:
    """Say in words what the contact is about, where no topic of the tree fits (F07.09). "" takes it back."""
    interaction = lock_interaction(interaction_id, by)
    interaction.topic_text = " ".join(text.split())[:LONGEST_TOPIC] if has_free_topic(interaction.project) else ""
    interaction.save(update_fields=["topic_text"])
    changed(interaction.pk, now)
    return interaction


def has_free_topic(project: Project) -> bool:
    """Whether contacts of the project may have a topic in words."""
    return bool(project.settings.get("free_topic"))


class FieldsWrong(Refused):
    """facts: problems, {name of a field of an administrator's own: Wrong}."""

    code = "interactions.fields_wrong"
    http_status = 422


@command("interactions.set_fields", needs="interactions.write")
def set_fields(*, interaction_id: UUID, typed: Mapping[str, str], by: Person, now: datetime) -> Interaction:
    """Fill in fields of an administrator's own, as typed, by their names; others stay. Raises FieldsWrong."""
    interaction = lock_interaction(interaction_id, by)
    if problems := fill(interaction, typed, by):
        raise FieldsWrong(problems=problems)
    interaction.save(update_fields=["custom"])
    changed(interaction.pk, now)
    return interaction


class NoSuchDimension(Refused):
    """The project does not count by that. facts: dimension, value."""

    code = "interactions.no_such_dimension"
    http_status = 422


@command("interactions.set_dimension", needs="interactions.write")
def set_dimension(*, interaction_id: UUID, dimension: str, value: str, by: Person, now: datetime) -> Interaction:
    """Say under what the contact counts; an empty value takes it back. Raises NoSuchDimension."""
    interaction = lock_interaction(interaction_id, by)
    known = {one.code: one.values for one in dimensions_of(interaction.project)}
    if dimension not in known or (value and value not in known[dimension]):
        raise NoSuchDimension(dimension=dimension, value=value)
    interaction.dimensions.pop(dimension, None)
    if value:
        interaction.dimensions[dimension] = value
    interaction.save(update_fields=["dimensions"])
    changed(interaction.pk, now)
    return interaction


def require_fields(result: Result | None, fields: dict[str, str], *, has_topic: bool) -> Result:
    """The result, when all that it requires is there: for contacts taken in from elsewhere, whose results are what they
    were there. Raises FieldsMissing, naming what is not."""
    missing = ["result"] if result is None else [name for name in result.requires if not fields.get(name, "").strip()]
    if not has_topic and (result is None or result.needs_topic):
        missing.append("topic")
    if missing or result is None:
        raise FieldsMissing(fields=missing)
    return result


@command("interactions.register_visit", needs="interactions.write")
def register_visit(*, customer_id: UUID, project_id: int, note: str, by: Person, now: datetime) -> Interaction:
    """A personal visit as a contact of its own, done at once (F02.17)."""
    interaction = _done_at_once(Channel.VISIT, customer_id, project_id, by, now)
    add_note(interaction_id=interaction.pk, text=note, by=by, now=now)
    changed(interaction.pk, now)
    return interaction


@command("interactions.register_answers", needs="interactions.write")
def register_answers(*, customer_id: UUID, project_id: int, by: Actor, now: datetime) -> Interaction:
    """A customer has answered by a link that he was sent: a contact of its own, with nobody of ours in it."""
    interaction = _done_at_once(Channel.WEB, customer_id, project_id, by, now)
    changed(interaction.pk, now)
    return interaction


def _done_at_once(channel: str, customer_id: UUID, project_id: int, by: Actor, now: datetime) -> Interaction:
    customer = get_customer(customer_id, by=by)
    if not by.sees_project(project_id):
        raise NotFound(project=project_id)
    return Interaction.objects.create(
        id=uuid7(now), number=next_number("interaction"), project_id=project_id, channel=channel, direction="inbound",
        customer=customer, began_at=now, answered_at=now, ended_at=now, done_at=now, state=State.DONE,
        agent_id=by.user_id,
    )  # fmt: skip


@command("interactions.close", needs="interactions.write")
def close(*, interaction_id: UUID, by: Person, now: datetime) -> Interaction:
    """Mark a contact as done that was written up after its after-call work had ended."""
    interaction = lock_interaction(interaction_id, by)
    if interaction.ended_at is not None and interaction.state != State.DONE:
        interaction.state, interaction.done_at = State.DONE, now
        interaction.save(update_fields=["state", "done_at"])
        changed(interaction.pk, now)
    return interaction
