"""What a supervisor sets, and how an operator and his senior talk beside a contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perezvon.cores.routing import AgentStatus
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import tell
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import State
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.routing.selectors import get_agent, list_agents, list_queues
from perezvon.modules.supervision.models import DAY_S, WHOLE, FloorMessage, HelpMessage, HelpRequest, Threshold
from perezvon.modules.supervision.selectors import ASK, WATCH, get_help
from perezvon.modules.telephony.selectors import list_standings


class ThresholdWrong(Refused):
    """No wait is longer than a day, no share more than the whole."""

    code = "supervision.threshold_wrong"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Limits:
    wait_s: int
    level_percent: int
    lost_percent: int


def is_sound(limits: Limits) -> bool:
    """True if each can be."""
    shares = (limits.level_percent, limits.lost_percent)
    return 0 < limits.wait_s <= DAY_S and all(0 <= share <= WHOLE for share in shares)


@command("supervision.set_threshold", needs="supervision.set_up")
def set_threshold(*, queue_id: int, limits: Limits, by: Actor, now: datetime) -> Threshold:
    """Of a queue of the actor's projects. Raises NotFound, ThresholdWrong."""
    queue = list_queues(by=by).filter(pk=queue_id).first()
    if queue is None:
        raise NotFound(queue=queue_id)
    if not is_sound(limits):
        raise ThresholdWrong
    threshold = Threshold.objects.select_for_update().filter(queue=queue).first() or Threshold(queue=queue, version=0)
    wanted = (limits.wait_s, limits.level_percent, limits.lost_percent)
    if threshold.pk and wanted == (threshold.wait_s, threshold.level_percent, threshold.lost_percent):
        return threshold
    threshold.wait_s, threshold.level_percent, threshold.lost_percent = wanted
    threshold.version += 1
    threshold.save()
    return threshold


# --- messages from the monitor ------------------------------------------------------------------------

LONGEST_TO_FLOOR = 500


@command("supervision.tell", needs=WATCH)
def tell_operators(
    *, text: str, user_id: int | None = None, queue_id: int | None = None, by: Person, now: datetime
) -> int:
    """Say something to an operator, to those who serve a queue, or to all of the actor's projects; to those on shift.

    user_id: to him alone, wherever he is. Returns to how many. Raises NotFound, NothingSaid.
    """
    if not 0 < len(text.strip()) <= LONGEST_TO_FLOOR:
        raise NothingSaid(most=LONGEST_TO_FLOOR)
    agents = list_agents(by=by)
    if user_id is not None:
        people = [get_agent(user_id, by=by).user_id]
    else:
        if queue_id is not None:
            agents = agents.filter(queues=queue_id)
        here = {key for key, one in list_standings().items() if one.status is not AgentStatus.OUT}
        people = sorted(here & set(agents.values_list("user", flat=True)))
    FloorMessage.objects.bulk_create(
        FloorMessage(id=uuid7(now), sender_id=by.id, user_id=user, text=text.strip(), at=now) for user in people
    )
    if people:
        tell("floor_message", by.id, 1, to=[f"user:{user}" for user in people], now=now)
    return len(people)


@command("supervision.read_message", needs=ASK)
def read_message(*, message_id: UUID, by: Person, now: datetime) -> None:
    """The actor has read what was said to him."""
    FloorMessage.objects.filter(pk=message_id, user=by.id, read_at=None).update(read_at=now)


# --- a raised hand ------------------------------------------------------------------------------------


class NotYours(Refused):
    """Only whoever has the contact in hand asks for help with it."""

    code = "supervision.not_yours"


class NothingSaid(Refused):
    """A message without a word, or with too many. facts: most."""

    code = "supervision.nothing_said"
    http_status = 422


LONGEST_MESSAGE = 1000


@command("supervision.ask_help", needs=ASK)
def ask_help(*, interaction_id: UUID, text: str = "", by: Person, now: datetime) -> HelpRequest:
    """Ask for the senior in a contact that the actor has in hand; the open request where there is one already.

    All who may watch the project hear of it. Raises NoSuchInteraction, NotYours, NothingSaid when it is too long.
    """
    contact = get_interaction(interaction_id, by=by)
    if contact.agent_id != by.id or contact.state == State.DONE:
        raise NotYours(interaction=interaction_id)
    asked = HelpRequest.objects.select_for_update().filter(interaction=contact, ended_at=None).first()
    if asked is None:
        asked = HelpRequest.objects.create(id=uuid7(now), interaction=contact, agent_id=by.id, asked_at=now)
    if text.strip():
        _add(asked, text, by, now)
    _tell(asked, now)
    return asked


@command("supervision.say", needs=ASK)
def say(*, request_id: UUID, text: str, by: Person, now: datetime) -> HelpRequest:
    """Write to the other. A senior who answers first is the one who sees to it. Raises NotFound, NothingSaid."""
    asked = _held(request_id, by)
    if not text.strip():
        raise NothingSaid(most=LONGEST_MESSAGE)
    _add(asked, text, by, now)
    if by.id != asked.agent_id and asked.senior_id is None:
        asked.senior_id, asked.answered_at = by.id, now
    asked.version += 1
    asked.save()
    _tell(asked, now)
    return asked


@command("supervision.end_help", needs=ASK)
def end_help(*, request_id: UUID, by: Person, now: datetime) -> None:
    """No help is needed any more: said by either of them. Raises NotFound."""
    asked = _held(request_id, by)
    asked.ended_at, asked.version = now, asked.version + 1
    asked.save()
    _tell(asked, now)


def end_with_contact(*, interaction_id: UUID, now: datetime) -> None:
    """Nobody asks for help in a conversation that is over."""
    asked = HelpRequest.objects.select_for_update().filter(interaction=interaction_id, ended_at=None).first()
    if asked:
        asked.ended_at, asked.version = now, asked.version + 1
        asked.save()
        _tell(asked, now)


def _held(request_id: UUID, by: Person) -> HelpRequest:
    """Locked, open, and the actor's: his own, or one that he may see to."""
    get_help(request_id, by=by)
    asked = HelpRequest.objects.select_for_update().filter(pk=request_id, ended_at=None).first()
    if asked is None:
        raise NotFound(request=request_id)
    return asked


def _add(asked: HelpRequest, text: str, by: Person, now: datetime) -> None:
    if len(text.strip()) > LONGEST_MESSAGE:
        raise NothingSaid(most=LONGEST_MESSAGE)
    HelpMessage.objects.create(id=uuid7(now), request=asked, author_id=by.id, text=text.strip(), at=now)


def _tell(asked: HelpRequest, now: datetime) -> None:
    tell("help", asked.pk, asked.version, to=[f"user:{asked.agent_id}", f"right:{WATCH}"], now=now)
