"""When a contact is done: the conversation is over and nobody has anything left to write."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from perezvon.cores.calls import words as core
from perezvon.cores.calls.words import Stretch
from perezvon.engine.project import write
from perezvon.foundation.access import System
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import Interaction, State
from perezvon.modules.interactions.services.past import record_past
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.routing.models import Queue
from perezvon.modules.telephony.models import Line

CONTACT = uuid7(NOW)


def facts(olga: int, ivan: int, story: str) -> list[core.Fact]:
    """A call as a line of words, one a minute: "olga talks", "ivan's writing over", "end", ..."""
    people, open_ones, found = {"olga": olga, "ivan": ivan}, {}, []
    for minute, words in enumerate(story.split(", ")):
        who, _, what = words.partition(" ")
        at = NOW + timedelta(minutes=minute)
        base = {"contact_id": CONTACT, "call_id": CONTACT, "at": at}
        kind = {"talks": Stretch.TALK, "writes": Stretch.WRAP_UP, "waits": Stretch.QUEUE}.get(what)
        if kind:
            open_ones[who] = UUID(int=minute + 1)
            agent = people.get(who)
            found.append(core.SegmentBegan(segment_id=open_ones[who], kind=kind, agent=agent, **base))
        elif words == "rings":
            found.append(
                core.ContactBegan(
                    direction=core.Direction.INBOUND, line="loans", queue=None, number="79161234567", **base
                )
            )
        elif words == "end":
            found.append(core.ContactEnded(ended_by="customer", **base))
        else:
            found.append(core.SegmentEnded(segment_id=open_ones.pop(who), **base))
            if what == "has written":
                found.append(core.WrapUpOver(agent=people[who], timed_out=False, **base))
    return found


WRITTEN_BEFORE_THE_END = (
    "rings, olga talks, olga stops, olga writes, caller waits, olga has written, caller gives up, end"
)
STILL_WRITING = "rings, olga talks, olga stops, olga writes, caller waits, caller gives up, end"
ANOTHER_TALKED = "rings, olga talks, olga stops, olga writes, ivan talks, olga has written, ivan stops, end"


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ("rings, caller waits, caller gives up, end", State.DONE),
        ("rings, olga talks, olga stops, end", State.WRAP_UP),
        ("rings, olga talks, olga stops, end, olga writes, olga has written", State.DONE),
        (WRITTEN_BEFORE_THE_END, State.DONE),
        (STILL_WRITING, State.WRAP_UP),
        (STILL_WRITING + ", olga has written", State.DONE),
        (ANOTHER_TALKED, State.WRAP_UP),
        (ANOTHER_TALKED + ", ivan writes, ivan has written", State.DONE),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
def test_a_contact_is_done_when_all_is_said_and_written(loans, olga, ivan, story, state, at_once):
    queue = Queue.objects.create(project=loans, name={"en": "Loans"})
    Line.objects.create(connector="pbx_simulator", address="loans", project=loans, queue=queue, name={"en": "Loans"})
    told = facts(olga.id, ivan.id, story)
    if at_once:
        record_past(facts=told, customers={}, by=System(name="test"), now=NOW)
    else:
        for fact in told:
            write(fact, fact.at)

    assert Interaction.objects.get().state == state
