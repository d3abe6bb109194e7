"""Changing a case: its fields, its state, who answers for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor, Person, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import Team, User
from perezvon.kernel.errors import NotAllowed, NotFound, Refused
from perezvon.modules.cases import flow
from perezvon.modules.cases.events import CaseHandedOver, CaseMoved
from perezvon.modules.cases.models import Act, Approval, Case, CaseState, Stage
from perezvon.modules.cases.selectors import ASSIGN, UNDER_WAY, WORK, Flow, flow_of, narrowed, people_for, steps_open
from perezvon.modules.cases.services.registering import choices_for, own_fields, set_values
from perezvon.modules.cases.services.writing import CaseIsOver, add_entry, cause, lock, refuse, save
from perezvon.modules.cases.values import OWN, clean


class CaseOutdated(Refused):
    """Somebody else changed it meanwhile. facts: version, differences {field: (theirs, mine)}."""

    code = "cases.outdated"


class StepClosed(Refused):
    """No step leads there from its state, or it is not this person's to take."""

    code = "cases.step_closed"


class StepNeeds(Refused):
    """Something has to be there first. facts: missing, codes of flow.WANTED, custom_<key> or "children"."""

    code = "cases.step_needs"
    http_status = 422


class NobodySuch(NotFound):
    """He may not work on cases of the project, or the team is not there."""

    code = "cases.nobody_such"


@command("cases.edit", needs=WORK)
def edit_case(*, case_id: UUID, version: int, typed: Mapping[str, str], by: Actor, now: datetime) -> Case:
    """Change the fields given. version: the one they were read in.

    Raises FieldsWrong, CaseIsOver, and CaseOutdated when somebody else saved other values meanwhile. Fields that are
    given as they are change nothing.
    """
    case = lock(case_id, by)
    _must_be_there(case)
    fields = own_fields(case.kind, by)
    choices = choices_for(case.kind, case.project_id, now)
    kept = kept_values(case, fields)
    # What the case has may stay although it is offered no more.
    same = {name: text for name, text in typed.items() if name in kept and text == str(kept[name] or "")}
    cleaned = clean(
        {n: t for n, t in typed.items() if n not in same}, choices, fields, case.custom, zone=case.project.zone
    )
    refuse(cleaned.problems)
    changed = {name: value for name, value in cleaned.values.items() if value != kept.get(name)}
    if changed and case.version != version:
        raise CaseOutdated(
            version=case.version, differences={name: (kept.get(name), value) for name, value in changed.items()}
        )
    if changed:
        set_values(case, changed)
        add_entry(case, Act.CHANGED, by, now, facts={"fields": sorted(changed)})
        save(case, now)
    return case


def kept_values(case: Case, fields: Collection[Field]) -> dict[str, Any]:
    """Values of the fields that people change, by their names in forms."""
    keyed = {"category", "topic", "product"}
    kept = {name: getattr(case, f"{name}_id" if name in keyed else name) for name in OWN}
    return kept | {f"{PREFIX}{one.key}": case.custom.get(one.key) for one in fields}


# --- states ---


@command("cases.move", needs=WORK)
def move_case(*, case_id: UUID, step_id: int, comment: str = "", by: Actor, now: datetime) -> Case:
    """Take a step of the kind's flow. A comment is kept as an internal one. Raises StepClosed, StepNeeds."""
    case = lock(case_id, by)
    found = flow_of(case.kind_id)
    step = next((one for one in steps_open(found, case.state_id, by) if one.key == step_id), None)
    if step is None or case.merged_into_id:
        raise StepClosed(case=case_id)
    target = found.states[step.target]
    wanting = flow.missing(step, flow.Stage(target.stage), standing_of(case), commented=bool(comment.strip()))
    if wanting:
        raise StepNeeds(missing=wanting)
    enter(case, target, by, now, comment=comment)
    return case


@command("cases.move_to", needs=WORK)
def move_case_to(*, case_id: UUID, state: str, by: Actor, now: datetime) -> Case:
    """The same by the code of the state that a step leads to; being there already is nothing."""
    case = lock(case_id, by)
    if case.state.code == state:
        return case
    found = flow_of(case.kind_id)
    steps = steps_open(found, case.state_id, by)
    step = next((one for one in steps if found.states[one.target].code == state), None)
    if step is None:
        raise StepClosed(case=case_id)
    return move_case(case_id=case_id, step_id=step.key, by=by, now=now)


def enter(case: Case, target: CaseState, by: Actor, now: datetime, *, comment: str = "") -> None:
    """Be in another state, whatever led there."""
    before, was_over = case.state, case.is_over
    case.state, case.stage, case.moved_at = target, target.stage, now
    case.paused_at = now if target.stage == Stage.PAUSED else None
    if case.is_over and not was_over:
        case.over_at = now
    elif was_over and not case.is_over:
        case.over_at, case.reopened = None, case.reopened + 1
    facts = {"from": before.pk, "to": target.pk}
    add_entry(case, Act.MOVED, by, now, text=comment.strip(), facts=facts)
    save(case, now)
    publish(CaseMoved(case_id=case.pk, state=target.code, stage=target.stage, cause=cause(now)), now=now)


def standing_of(case: Case) -> flow.Standing:
    """What the case has of all that steps may ask for. Four queries."""
    filled = {name for name in flow.WANTED if getattr(case, f"{name}_id", None) or (name == flow.DUE and case.promised)}
    filled |= {f"{PREFIX}{key}" for key, value in case.custom.items() if value not in (None, "", [])}
    last = case.approvals.order_by("-at", "-id").first()
    return flow.Standing(
        filled=frozenset(filled),
        ticked=not case.points.filter(done_at=None).exists(),
        approved=last is not None and last.answer == Approval.Answer.GIVEN,
        answered=case.entries.filter(is_public=True).exists(),
        open_children=0 if case.incident else case.children.filter(stage__in=UNDER_WAY, merged_into=None).count(),
    )


def flow_and_steps(case: Case, by: Actor) -> tuple[Flow, list[flow.Step]]:
    """The flow of its kind and the steps that are open to somebody. Two queries."""
    found = flow_of(case.kind_id)
    return found, [] if case.merged_into_id or not by.may(WORK) else steps_open(found, case.state_id, by)


# --- who answers for it ---


@command("cases.take", needs=WORK)
def take_case(*, case_id: UUID, by: Person, now: datetime) -> Case:
    """Become responsible oneself. Taking away a colleague's needs the right to give cases out."""
    case = lock(case_id, by)
    if case.person_id == by.id:
        return case
    if case.person_id is not None and not by.may(ASSIGN):
        raise NotAllowed(right=ASSIGN)
    hand_over(case, by.id, case.team_id, by, now)
    return case


@command("cases.take_many", needs=WORK)
def take_cases(*, keys: Collection[UUID], by: Person, now: datetime) -> list[UUID]:
    """Those of them that nobody has. Returns which were taken."""
    return _hand_many(keys, None, by.id, by, now)


@command("cases.put_back_many", needs=WORK)
def put_cases_back(*, keys: Collection[UUID], by: Person, now: datetime) -> list[UUID]:
    """One's own among them wait for somebody again. Returns which."""
    return _hand_many(keys, by.id, None, by, now)


def _hand_many(keys: Collection[UUID], whose: int | None, to: int | None, by: Person, now: datetime) -> list[UUID]:
    done = []
    for key in sorted(keys):
        case = lock(key, by)
        if case.person_id == whose and not case.is_over:
            hand_over(case, to, case.team_id, by, now)
            done.append(key)
    return done


@command("cases.assign", needs=ASSIGN)
def assign_case(
    *, case_id: UUID, person_id: int | None, team_id: int | None, why: str = "", by: Actor, now: datetime
) -> Case:
    """Give it to a colleague, a team, both or nobody (F09.06). Raises NobodySuch."""
    case = lock(case_id, by)
    if person_id is not None and person_id not in {one.pk for one in people_for(case.project_id, right=WORK)}:
        raise NobodySuch(person=person_id)
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        raise NobodySuch(team=team_id)
    if (case.person_id, case.team_id) != (person_id, team_id):
        hand_over(case, person_id, team_id, by, now, why=why)
    return case


@command("cases.hand_over_all", needs=ASSIGN)
def hand_over_cases_of(*, from_id: int, to_id: int | None, by: Actor, now: datetime) -> int:
    """All cases under way of somebody who leaves, to a colleague, as far as he may work on them, or to nobody: then
    they wait in their team, else in his. How many."""
    team_id = User.objects.filter(pk=from_id).values_list("team", flat=True).first()
    mine = narrowed(Case.objects.all(), by).filter(person=from_id, stage__in=UNDER_WAY).order_by("pk")
    may: dict[int, set[int]] = {}
    given = 0
    for key in mine.values_list("pk", flat=True):
        case = lock(key, by)
        if to_id is not None and case.project_id not in may:
            may[case.project_id] = {one.pk for one in people_for(case.project_id, right=WORK)}
        if case.person_id != from_id or (to_id is not None and to_id not in may[case.project_id]):
            continue
        hand_over(case, to_id, case.team_id if to_id or case.team_id else team_id, by, now)
        given += 1
    return given


def release_cases(user_id: int, now: datetime) -> int:
    """Whoever cannot come in any more answers for no case. For events; twice does no harm."""
    if User.objects.filter(pk=user_id, is_active=True).exists():
        return 0
    return hand_over_cases_of(from_id=user_id, to_id=None, by=System(name="cases"), now=now)


def hand_over(
    case: Case, person_id: int | None, team_id: int | None, by: Actor, now: datetime, *, why: str = ""
) -> None:
    facts = {"from": case.person_id, "to": person_id, "team": team_id}
    case.person_id, case.team_id = person_id, team_id
    add_entry(case, Act.HANDED, by, now, text=why.strip(), facts=facts)
    save(case, now)
    publish(CaseHandedOver(case_id=case.pk, person_id=person_id, team_id=team_id), now=now)


def _must_be_there(case: Case) -> None:
    if case.merged_into_id or case.stage == Stage.CLOSED:
        raise CaseIsOver(case=case.pk)
