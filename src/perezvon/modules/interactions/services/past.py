"""Contacts that are over, taken in many at a time: a demo's history, or that of a system before us.

The same facts make the same rows as `recording` makes one by one (a test compares them). No desk is told: there is
nothing going on that it would show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perezvon.cores.calls import words as core
from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.copying import copy_in
from perezvon.foundation.numbering import reserve_numbers
from perezvon.foundation.outbox.services import publish
from perezvon.modules.interactions.events import PastChanged
from perezvon.modules.interactions.lines import LineName, line_of
from perezvon.modules.interactions.models import Channel, Interaction, InteractionTopic, Note, Result, Segment, State
from perezvon.modules.interactions.services.recording import WORK, state_at_end
from perezvon.modules.interactions.services.writing import require_fields


@dataclass(frozen=True, slots=True)
class WriteUp:
    """What an operator wrote about one contact. notes: with their times; result: a code of the project."""

    interaction_id: UUID
    author_id: int
    at: datetime
    result: str
    fields: dict[str, str]
    topic_ids: Sequence[int]
    notes: Sequence[tuple[datetime, str]] = ()
    customer_id: UUID | None = None


@command("interactions.record_past", needs="interactions.record")
def record_past(
    *,
    facts: Sequence[core.Fact],
    write_ups: Sequence[WriteUp] = (),
    customers: Mapping[str, UUID],
    numbers: range | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Write contacts as their facts, in order, tell. Returns how many. About ten queries, whatever their number.

    customers: whose a number is, by its digits, where it is exactly one's. numbers: for the contacts in order of
    their beginning; left out, the next ones. Raises FieldsMissing for an incomplete write-up, and nothing is written.
    """
    sheet = Sheet(customers)
    for fact in facts:
        sheet.take(fact)
    contacts = list(sheet.contacts.values())
    for number, contact in zip(numbers or reserve_numbers("interaction", len(contacts)), contacts, strict=False):
        contact.number = number
    sheet.write_up(write_ups, _results(contacts))
    copy_in(contacts)
    copy_in(sheet.segments.values())
    copy_in(sheet.topics.values())
    copy_in(sheet.notes)
    if contacts:
        began = [contact.began_at for contact in contacts]
        publish(PastChanged(begins_at=min(began), ends_at=max(began)), now=now)
    return len(contacts)


def _results(contacts: Iterable[Interaction]) -> dict[tuple[int, str], Result]:
    found = Result.objects.filter(project__in={contact.project_id for contact in contacts}, is_active=True)
    return {(result.project_id, result.code): result for result in found}


class Sheet:
    """Rows in the making. version counts what a desk would have been told of, as `recording.changed` does."""

    def __init__(self, customers: Mapping[str, UUID]) -> None:
        self.contacts: dict[UUID, Interaction] = {}
        self.segments: dict[UUID, Segment] = {}
        self.topics: dict[tuple[UUID, int], InteractionTopic] = {}
        self.notes: list[Note] = []
        self._customers = customers
        self._lines: dict[str, LineName] = {}
        self._talking: dict[UUID, set[UUID]] = {}
        self._worked: dict[UUID, list[Segment]] = {}

    def take(self, fact: core.Fact) -> None:
        match fact:
            case core.ContactBegan():
                self._begin(fact)
            case core.SegmentBegan():
                self._begin_segment(fact)
            case core.SegmentEnded():
                self._end_segment(fact)
            case core.ContactEnded():
                self._end(fact)
            case core.WrapUpOver():
                self._wrap_up_over(fact)
            case core.RecordingRefused():
                self.contacts[fact.contact_id].recording_refused = True

    def _begin(self, fact: core.ContactBegan) -> None:
        if contact := self.contacts.get(fact.contact_id):
            contact.state, contact.ended_at, contact.ended_by = State.OPEN, None, ""
        else:
            contact = self.contacts[fact.contact_id] = self._contact(fact)
        contact.version += 1

    def _contact(self, fact: core.ContactBegan) -> Interaction:
        line = self._lines.get(fact.line) or self._lines.setdefault(fact.line, line_of(fact.line))
        return Interaction(
            id=fact.contact_id,
            project_id=line.project_id,
            channel=Channel.PHONE,
            direction=fact.direction.value,
            line=fact.line,
            line_name=line.name,
            queue=fact.queue,
            address=fact.number or "",
            customer_id=self._customers.get(fact.number) if fact.number else None,
            began_at=fact.at,
            agent_id=fact.agent,
        )

    def _begin_segment(self, fact: core.SegmentBegan) -> None:
        contact = self.contacts[fact.contact_id]
        self.segments[fact.segment_id] = Segment(
            id=fact.segment_id,
            interaction_id=fact.contact_id,
            call=fact.call_id,
            kind=fact.kind.value,
            queue=fact.queue,
            agent_id=fact.agent,
            began_at=fact.at,
        )
        if fact.kind in WORK:
            self._worked.setdefault(fact.contact_id, []).append(self.segments[fact.segment_id])
        if fact.kind is core.Stretch.TALK:
            contact.agent_id = fact.agent
            contact.answered_at = contact.answered_at or fact.at
            self._talking.setdefault(fact.contact_id, set()).add(fact.segment_id)
        if fact.queue is not None:
            contact.queue = fact.queue
        contact.version += 1

    def _end_segment(self, fact: core.SegmentEnded) -> None:
        segment = self.segments.get(fact.segment_id)
        if segment is not None and segment.ended_at is None:
            segment.ended_at, segment.outcome = fact.at, fact.outcome
            self._talking.get(fact.contact_id, set()).discard(fact.segment_id)

    def _end(self, fact: core.ContactEnded) -> None:
        contact = self.contacts[fact.contact_id]
        contact.ended_at, contact.ended_by, contact.cause = fact.at, fact.ended_by, fact.cause
        if contact.state == State.OPEN:
            contact.state = state_at_end(contact, self._worked.get(contact.pk, []))
        contact.version += 1

    def _wrap_up_over(self, fact: core.WrapUpOver) -> None:
        contact = self.contacts[fact.contact_id]
        if contact.ended_at is not None and not self._talking.get(fact.contact_id):
            contact.state, contact.done_at = State.DONE, fact.at
        contact.version += 1

    def write_up(self, write_ups: Iterable[WriteUp], results: Mapping[tuple[int, str], Result]) -> None:
        """What people added, checked by the rules for those who add it today."""
        for written in write_ups:
            contact = self.contacts[written.interaction_id]
            chosen = results.get((contact.project_id, written.result))
            contact.result = require_fields(chosen, written.fields, has_topic=bool(written.topic_ids))
            contact.result_fields = written.fields
            contact.customer_id = written.customer_id or contact.customer_id
            self._add(contact, written)
            contact.version += 1 + bool(written.customer_id) + len(written.topic_ids) + len(written.notes)

    def _add(self, contact: Interaction, written: WriteUp) -> None:
        for topic_id in written.topic_ids:
            row = InteractionTopic(interaction_id=contact.pk, topic_id=topic_id, by_id=written.author_id, at=written.at)
            self.topics.setdefault((contact.pk, topic_id), row)
        for at, text in written.notes:
            self.notes.append(Note(interaction_id=contact.pk, author_id=written.author_id, text=text, at=at))
