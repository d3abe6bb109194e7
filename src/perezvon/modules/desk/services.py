"""Writing up a contact: several services of the modules below, as one act."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from perezvon.cores.routing import Presence
from perezvon.cores.routing import words as core
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.messages.models import Channel, Message
from perezvon.foundation.messages.registry import COLLEAGUE
from perezvon.foundation.messages.services import Draft as Letter
from perezvon.foundation.messages.services import queue_message
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import AgentId
from perezvon.modules.customers.services import quasi_customer
from perezvon.modules.customers.services import take_over as take_customer_over
from perezvon.modules.desk.following import follow
from perezvon.modules.desk.models import Draft
from perezvon.modules.desk.screens.transfer import subject_for
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.routing.events import for_the_engine
from perezvon.modules.routing.models import Queue
from perezvon.modules.routing.services import ask_presence
from perezvon.modules.tasks import services as tasks
from perezvon.modules.telephony.selectors import find_call, get_standing
from perezvon.ports.customers import OutsideCustomer

DRAFT_LIMIT = 20_000


@command("desk.save_draft", needs="interactions.write")
def save_draft(*, subject: str, field: str, text: str, by: Person, now: datetime) -> Draft:
    """Keep what is being typed; the last save counts."""
    draft, _ = Draft.objects.update_or_create(
        user_id=by.id, subject=subject, field=field, defaults={"text": text[:DRAFT_LIMIT], "saved_at": now}
    )
    return draft


@command("desk.add_note", needs="interactions.write")
def add_note(*, interaction_id: UUID, text: str, by: Person, now: datetime) -> None:
    """Put the note on the contact and forget its draft."""
    interactions.add_note(interaction_id=interaction_id, text=text, by=by, now=now)
    Draft.objects.filter(user_id=by.id, subject=f"interaction:{interaction_id}", field="note").delete()


@command("desk.leave_message", needs="messages.send")
def leave_message(*, call_id: UUID, user_id: int, text: str, by: Person, now: datetime) -> Message:
    """A letter to a colleague from the customer on the line; it stays with the contact.

    Raises NotFound, MessageWrong.
    """
    call = find_call(call_id)
    colleague = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if call is None or colleague is None:
        raise NotFound(call=call_id, user=user_id)
    contact = get_interaction(call.contact_id, by=by)
    letter = Letter(
        Channel.EMAIL, colleague.email, text, subject_for(contact), COLLEAGUE, contact.project_id, contact=contact.pk
    )
    return queue_message(draft=letter, by=by, now=now)


@command("desk.finish", needs="interactions.write")
def finish(
    *,
    interaction_id: UUID,
    result: str,
    fields: dict[str, str],
    then: tuple[Presence, str] | None = None,
    step: tasks.NextStep | None = None,
    by: Person,
    now: datetime,
) -> Interaction:
    """Save result and note and end the after-call work. then: the state to go to instead of the queue's rule.

    What the result leads to is done; step: where the contact stands and what comes next. Raises FieldsMissing,
    ResultRefused, OutsideHours, TaskWrong.
    """
    note = Draft.objects.filter(user_id=by.id, subject=f"interaction:{interaction_id}", field="note").first()
    if note and note.text.strip():
        add_note(interaction_id=interaction_id, text=note.text, by=by, now=now)
    if fields.get("comment", "").strip():
        interactions.add_note(interaction_id=interaction_id, text=fields["comment"], by=by, now=now)
    saved = interactions.save_result(interaction_id=interaction_id, result=result, fields=fields, by=by, now=now)
    follow(saved, by, now)
    if step is not None and by.may("tasks.write"):
        tasks.follow(interaction_id=interaction_id, step=step, by=by, now=now)
    agent = get_standing(by.id).agent
    if agent and agent.work and _is_of(agent.work.item, interaction_id):
        if then:
            ask_presence(presence=then[0], reason=then[1], after_contact=True, by=by, now=now)
        publish(for_the_engine(core.WrappedUp(item=agent.work.item, agent=AgentId(by.id))), now=now)
    else:
        interactions.close(interaction_id=interaction_id, by=by, now=now)
    return saved


@command("desk.extend", needs="interactions.write")
def extend(*, call_id: UUID, by: Person, now: datetime) -> None:
    """More time for the write-up, by the step of the queue."""
    agent = get_standing(by.id).agent
    if agent is None or agent.work is None or agent.work.item != f"call:{call_id}":
        return
    queue = Queue.objects.filter(pk=agent.work.queue).first() if agent.work.queue is not None else None
    seconds = queue.extend_s if queue else 30.0
    publish(for_the_engine(core.WrapUpExtended(item=agent.work.item, agent=AgentId(by.id), seconds=seconds)), now=now)


@command("desk.link_anonymous", needs="interactions.write")
def link_anonymous(*, interaction_id: UUID, by: Person, now: datetime) -> Interaction:
    """Attach the contact to the project's record for people nobody knows."""
    contact = get_interaction(interaction_id, by=by)
    quasi = quasi_customer(project_id=contact.project_id, by=by, now=now)
    return interactions.link_customer(interaction_id=interaction_id, customer_id=quasi.pk, by=by, now=now)


class NotAnswered(Refused):
    """Nothing is made of a caller before somebody has spoken with him."""

    code = "desk.not_answered"


@command("desk.take_over", needs="interactions.write")
def take_over(
    *, interaction_id: UUID, source_id: int, found: OutsideCustomer, number: str, by: Person, now: datetime
) -> Interaction:
    """Somebody whom the company's own base knows becomes a customer here, and this contact is his.

    Raises NotAnswered, FieldsWrong, NoSuchOutside.
    """
    contact = get_interaction(interaction_id, by=by)
    if contact.answered_at is None:
        raise NotAnswered(contact=interaction_id)
    customer = take_customer_over(
        found=found, source_id=source_id, number=number, project_id=contact.project_id, by=by, now=now
    )
    return interactions.link_customer(interaction_id=interaction_id, customer_id=customer.pk, by=by, now=now)


def _is_of(item: str, interaction_id: UUID) -> bool:
    """Whether this piece of work is the contact: a call that goes on with it counts too."""
    kind, _, key = item.partition(":")
    if kind != "call":
        return False
    if key == str(interaction_id):
        return True
    call = find_call(UUID(key))
    return call is not None and call.contact_id == interaction_id
