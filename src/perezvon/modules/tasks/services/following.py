"""What follows from a contact: its stage, the next action with its time and its owner, a promised call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.kernel.checks import Wrong
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.tasks.models import Kind, Stage, StageChange, State, Task
from perezvon.modules.tasks.selectors import CALLBACK, WRITE, actions_of, place_of, stage_of, stages_of
from perezvon.modules.tasks.services.keeping import kept, move_to
from perezvon.modules.tasks.services.planning import TaskWrong, Wanted, plan
from perezvon.modules.topics.selectors import NoSuchTopic, get_topic

ME = "me"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What an operator says of a contact at its end (F04.09 - F04.12). stage: a code, "" leaves it.

    action_id: the next action; due: by the customer's wall; owner: the id of the consultant, "me", "team" or "anyone".
    """

    stage: str = ""
    action_id: int | None = None
    due: datetime | None = None
    owner: str = ME
    title: str = ""

    @property
    def plans(self) -> bool:
        return self.action_id is not None or bool(self.title.strip())


def read_next_step(given: Mapping[str, str]) -> NextStep:
    """What the piece `tasks/_next_step.html` posts."""
    action = given.get("next_action", "")
    return NextStep(
        given.get("next_stage", ""),
        int(action) if action.isascii() and action.isdecimal() and len(action) < 10 else None,
        read_local(given.get("next_date", ""), given.get("next_time", "")),
        given.get("next_owner", "") or ME,
    )


def read_local(day: str, at: str) -> datetime | None:
    """A date and a time of day as forms post them; a date alone means its evening."""
    try:
        return datetime.fromisoformat(f"{day}T{at or '18:00'}").replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        return None


@command("tasks.follow", needs=WRITE)
def follow(*, interaction_id: UUID, step: NextStep, by: Person, now: datetime) -> Task | None:
    """Keep the stage of a contact and plan what comes next. Raises TaskWrong, OutsideHours."""
    contact = get_interaction(interaction_id, by=by)
    if step.stage:
        set_stage(interaction_id=interaction_id, stage=step.stage, by=by, now=now)
    if not step.plans:
        return None
    action = next((one for one in actions_of(contact.project_id) if one.pk == step.action_id), None)
    if step.action_id is not None and action is None:
        raise TaskWrong(problems={"action": Wrong("choice.unknown")})
    wanted = Wanted(
        title=step.title or str(action),
        kind=action.kind if action else Kind.TODO,
        due=step.due,
        interaction_id=interaction_id,
        topic_id=_topic_of(contact),
        action_id=step.action_id,
        remind_min=0 if step.due else None,
        **_hands(step.owner, by),
    )
    return plan(wanted=wanted, by=by, now=now)


@command("tasks.set_stage", needs=WRITE)
def set_stage(*, interaction_id: UUID, stage: str, by: Actor, now: datetime) -> StageChange | None:
    """How far the contact has come; None when it stands there already. Raises TaskWrong."""
    contact = get_interaction(interaction_id, by=by)
    wanted = next((one for one in stages_of(contact.project_id) if one.code == stage), None)
    if wanted is None:
        raise TaskWrong(problems={"stage": Wrong("choice.unknown")})
    present = stage_of(interaction_id)
    if present is not None and present.stage_id == wanted.pk:
        return None
    return _come_to(contact, wanted, by, now)


@command("tasks.plan_callback", needs=WRITE)
def plan_callback(*, interaction_id: UUID, fields: Mapping[str, str], by: Person, now: datetime) -> Task | None:
    """The call that a result promises becomes planned work (F10.09). Twice plans it once. Raises OutsideHours.

    fields: of the result: callback_at, a moment; callback_to: me, team or anyone; comment.
    """
    contact = get_interaction(interaction_id, by=by)
    if "callback_at" not in fields or not contact.address:
        return None
    known = Task.objects.filter(interaction=interaction_id, origin=CALLBACK).first()
    if known is not None:
        return known
    place = place_of(contact.customer, contact.address, contact.project)
    due = datetime.fromisoformat(fields["callback_at"]).astimezone(ZoneInfo(place.zone)).replace(tzinfo=None)
    wanted = Wanted(
        title=str(contact.result) if contact.result else _("Call back"),
        kind=Kind.CALL,
        text=fields.get("comment", ""),
        due=due,
        zone=place.zone,
        interaction_id=interaction_id,
        topic_id=_topic_of(contact),
        address=contact.address,
        remind_min=0,
        origin=CALLBACK,
        **_hands(fields.get("callback_to", ME), by),
    )
    return plan(wanted=wanted, by=by, now=now)


def call_was_made(contact: Interaction, now: datetime) -> int:
    """Somebody called back and was answered: the promise is kept. For events; twice does no harm. How many."""
    if contact.direction != "outbound" or contact.answered_at is None or not contact.address:
        return 0
    promised = Task.objects.select_for_update(of=("self",)).filter(
        kind=Kind.CALL,
        origin=CALLBACK,
        closed_at=None,
        project=contact.project_id,
        address=contact.address,
        created_at__lt=contact.began_at,
    )
    made = [task for task in promised.order_by("pk") if task.owner_id in {None, contact.agent_id}]
    for task in made:
        task.owner_id = contact.agent_id
        move_to(task, State.DONE, _by(contact), now)
        task.closed_by_id = contact.agent_id
        kept(task, now)
    return len(made)


def _by(contact: Interaction) -> Actor:
    return contact.agent.actor() if contact.agent else Actor()


def _come_to(contact: Interaction, stage: Stage, by: Actor, now: datetime) -> StageChange:
    return StageChange.objects.create(interaction=contact, stage=stage, by_id=by.user_id, at=now)


def _topic_of(contact: Interaction) -> int | None:
    """Its first topic, as far as it can still be chosen."""
    row = contact.topics.first()
    try:
        return get_topic(row.topic_id, project_id=contact.project_id).pk if row else None
    except NoSuchTopic:
        return None


def _hands(owner: str, by: Person) -> dict[str, Any]:
    """Whoever has no team and says "my team" means anyone."""
    match owner:
        case "anyone":
            return {"to_anyone": True}
        case "team":
            return {"team_id": by.team_id} if by.team_id else {"to_anyone": True}
        case key if key.isascii() and key.isdecimal() and len(key) < 10:
            return {"owner_id": int(key)}
        case _:
            return {"owner_id": by.id}
