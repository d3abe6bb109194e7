"""What the system registers by itself, so that the statistics are nobody's opinion (F31.06).

Called by the engine's projection, inside its transaction, once a fact; a repeat finds its work done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from perezvon.cores.calls import words as core
from perezvon.foundation.access import System
from perezvon.foundation.numbering import next_number
from perezvon.foundation.outbox.services import publish, tell
from perezvon.modules.customers.selectors import find_only_customer
from perezvon.modules.customers.services import UnknownCallers, card_of_caller
from perezvon.modules.interactions.events import InteractionBegan, InteractionEnded, PastChanged
from perezvon.modules.interactions.lines import line_of
from perezvon.modules.interactions.models import Channel, Interaction, Segment, State

WORK = (core.Stretch.TALK, core.Stretch.WRAP_UP)


def begin(*, fact: core.ContactBegan, by: System, now: datetime) -> Interaction:
    """Register the contact. A caller known by exactly one card is linked to it; otherwise nobody is."""
    if fact.continues or Interaction.objects.filter(pk=fact.contact_id).exists():
        return _go_on(fact, now)
    line = line_of(fact.line)
    customer = find_only_customer(fact.number) if fact.number else None
    interaction = Interaction.objects.create(
        id=fact.contact_id,
        number=next_number("interaction"),
        project_id=line.project_id,
        channel=Channel.PHONE,
        direction=fact.direction.value,
        line=fact.line,
        line_name=line.name,
        queue=fact.queue,
        address=fact.number or "",
        customer=customer,
        began_at=fact.at,
        agent_id=fact.agent,
    )
    if fact.direction is core.Direction.OUTBOUND:
        _keep_promise(interaction)
    publish(InteractionBegan(interaction_id=interaction.pk), now=now)
    changed(interaction.pk, now)
    return interaction


def _keep_promise(call: Interaction) -> None:
    """A call that was promised to this number has been made; it leaves the list of those to call back."""
    promised = Interaction.objects.filter(
        address=call.address,
        result_fields__has_key="callback_at",
        result_fields__called_back__isnull=True,
    ).exclude(pk=call.pk)
    for contact in promised.select_for_update():
        contact.result_fields["called_back"] = str(call.pk)
        contact.save(update_fields=["result_fields"])


def _go_on(fact: core.ContactBegan, now: datetime) -> Interaction:
    interaction = Interaction.objects.get(pk=fact.contact_id)
    interaction.state, interaction.ended_at, interaction.ended_by = State.OPEN, None, ""
    interaction.save(update_fields=["state", "ended_at", "ended_by"])
    changed(interaction.pk, now)
    return interaction


def begin_segment(*, fact: core.SegmentBegan, by: System, now: datetime) -> None:
    """A stretch begins. When it is the ringing of an operator, his card is announced in this transaction."""
    Segment.objects.get_or_create(
        id=fact.segment_id,
        defaults={
            "interaction_id": fact.contact_id,
            "call": fact.call_id,
            "kind": fact.kind.value,
            "queue": fact.queue,
            "agent_id": fact.agent,
            "began_at": fact.at,
        },
    )
    if fact.kind is core.Stretch.TALK:
        Interaction.objects.filter(pk=fact.contact_id).update(agent_id=fact.agent)
        if Interaction.objects.filter(pk=fact.contact_id, answered_at=None).update(answered_at=fact.at):
            _know_caller(fact.contact_id, UnknownCallers.ANSWER, by, now)
    if fact.queue is not None:
        Interaction.objects.filter(pk=fact.contact_id).update(queue=fact.queue)
    changed(fact.contact_id, now, also=fact.agent)


def end_segment(*, fact: core.SegmentEnded, by: System, now: datetime) -> None:
    Segment.objects.filter(pk=fact.segment_id, ended_at=None).update(ended_at=fact.at, outcome=fact.outcome)


def end(*, fact: core.ContactEnded, by: System, now: datetime) -> None:
    """The conversation is over."""
    interaction = Interaction.objects.select_for_update().get(pk=fact.contact_id)
    interaction.ended_at, interaction.ended_by, interaction.cause = fact.at, fact.ended_by, fact.cause
    if interaction.state == State.OPEN:
        worked = Segment.objects.filter(interaction=interaction, kind__in=WORK).order_by("began_at")
        interaction.state = state_at_end(interaction, list(worked))
    interaction.save(update_fields=["ended_at", "ended_by", "cause", "state"])
    if interaction.state == State.DONE:
        _know_caller(interaction.pk, UnknownCallers.END, by, now)
    publish(InteractionEnded(interaction_id=interaction.pk), now=now)
    changed(interaction.pk, now)


def _know_caller(interaction_id: UUID, when: UnknownCallers, by: System, now: datetime) -> None:
    """A card for a caller nobody knows, if his project wants one by now (X.23). Who gave up, or hides, gets none."""
    answered = Interaction.objects.filter(pk=interaction_id, direction="inbound", answered_at__isnull=False)
    contact = answered.filter(customer=None).exclude(address="").select_related("project").first()
    if contact is None or UnknownCallers.of(contact.project) is not when:
        return
    customer = card_of_caller(number=contact.address, project_id=contact.project_id, by=by, now=now)
    if customer:
        Interaction.objects.filter(pk=interaction_id, customer=None).update(customer=customer)


def state_at_end(interaction: Interaction, worked: Sequence[Segment]) -> State:
    """What a contact is in when its conversation ends. worked: the stretches of WORK, in the order of their beginning.

    A caller who was passed on to a queue may give up there after the one who passed him on has written everything.
    """
    talked = [segment for segment in worked if segment.kind == core.Stretch.TALK]
    if not interaction.agent_id:
        return State.DONE
    written = talked and any(
        segment.kind == core.Stretch.WRAP_UP
        and segment.agent_id == talked[-1].agent_id
        and segment.began_at >= (talked[-1].ended_at or segment.began_at)
        and segment.ended_at
        for segment in worked
    )
    return State.DONE if written else State.WRAP_UP


def wrap_up_over(*, fact: core.WrapUpOver, by: System, now: datetime) -> None:
    """After-call work is over for this operator; the contact is done when it was his last."""
    still = Segment.objects.filter(interaction=fact.contact_id, kind=core.Stretch.TALK.value, ended_at=None)
    if not still.exists():
        done = Interaction.objects.filter(pk=fact.contact_id, ended_at__isnull=False)
        if done.update(state=State.DONE, done_at=fact.at):
            _know_caller(fact.contact_id, UnknownCallers.END, by, now)
    changed(fact.contact_id, now, also=fact.agent)


def refuse_recording(*, fact: core.RecordingRefused, by: System, now: datetime) -> None:
    Interaction.objects.filter(pk=fact.contact_id).update(recording_refused=True)


def changed(interaction_id: UUID, now: datetime, also: int | None = None) -> None:
    """Raise the version and tell the desks concerned; and whoever counts by the hour, when the hour is over."""
    Interaction.objects.filter(pk=interaction_id).update(version=F("version") + 1)
    row = Interaction.objects.values("version", "agent_id", "customer_id", "began_at").get(pk=interaction_id)
    if row["began_at"] < now.replace(minute=0, second=0, microsecond=0):
        publish(PastChanged(begins_at=row["began_at"], ends_at=row["began_at"]), now=now)
    agents = set(Segment.objects.filter(interaction=interaction_id, ended_at=None).values_list("agent_id", flat=True))
    people = {agent for agent in (*agents, row["agent_id"], also) if agent is not None}
    audience = [f"user:{agent}" for agent in people]
    if row["customer_id"]:
        audience.append(f"record:customer:{row['customer_id']}")
    tell("interaction", interaction_id, row["version"], to=audience, now=now)
