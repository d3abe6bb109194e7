"""Cases and what they have to do with each other and with contacts (F09.12, F09.22)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import Refused
from perezvon.modules.cases.models import Act, Case, CaseEntry, CaseFollower, CaseLink, CaseState, CheckPoint, Stage
from perezvon.modules.cases.selectors import REGISTER, WORK
from perezvon.modules.cases.services.changing import enter
from perezvon.modules.cases.services.registering import register_case
from perezvon.modules.cases.services.writing import add_entry, lock, lock_both, save
from perezvon.modules.interactions.selectors import get_interaction

_DEEPEST = 20


class CannotLink(Refused):
    """facts: why, "same", "circle", "merged", "customers"."""

    code = "cases.cannot_link"


@command("cases.link", needs=WORK)
def link_cases(*, case_id: UUID, other_id: UUID, by: Actor, now: datetime) -> None:
    """Say that two have to do with each other; twice is once. Raises CannotLink."""
    case, other = _two(case_id, other_id, by)
    one, second = sorted((case, other), key=lambda each: each.pk)
    _link, made = CaseLink.objects.get_or_create(one=one, other=second, defaults={"by_id": by.user_id, "at": now})
    if made:
        _tell_both(case, other, "linked", by, now)


@command("cases.unlink", needs=WORK)
def unlink_cases(*, case_id: UUID, other_id: UUID, by: Actor, now: datetime) -> None:
    """Take the link between two back, or that one is a part of the other."""
    case, other = _two(case_id, other_id, by)
    one, second = sorted((case, other), key=lambda each: each.pk)
    gone = CaseLink.objects.filter(one=one, other=second).delete()[0]
    for part, whole in ((case, other), (other, case)):
        if part.parent_id == whole.pk:
            part.parent = None
            gone += 1
    if gone:
        _tell_both(case, other, "unlinked", by, now)


@command("cases.set_parent", needs=WORK)
def set_parent(*, case_id: UUID, parent_id: UUID, by: Actor, now: datetime) -> Case:
    """Make it a part of another one, which cannot be over before its parts. Raises CannotLink."""
    case, parent = _two(case_id, parent_id, by)
    if case.pk in _upwards(parent):
        raise CannotLink(why="circle")
    case.parent = parent
    _tell_both(case, parent, "part", by, now)
    return case


def _upwards(case: Case) -> list[UUID]:
    """The case and those that it is a part of."""
    found, here = [case.pk], case.parent
    while here is not None and len(found) < _DEEPEST:
        found.append(here.pk)
        here = here.parent
    return found


@command("cases.merge", needs=WORK)
def merge_cases(*, kept_id: UUID, gone_id: UUID, by: Actor, now: datetime) -> Case:
    """Two of one customer become one: entries, parts, followers and points move; the other is closed and leads here.

    Raises CannotLink when they are of different customers.
    """
    kept, gone = _two(kept_id, gone_id, by)
    if kept.customer_id and gone.customer_id and kept.customer_id != gone.customer_id:
        raise CannotLink(why="customers")
    kept.customer_id = kept.customer_id or gone.customer_id
    CaseEntry.objects.filter(case=gone).update(case=kept)
    CheckPoint.objects.filter(case=gone).update(case=kept)
    Case.objects.filter(parent=gone).exclude(pk=kept.pk).update(parent=kept)
    if kept.parent_id == gone.pk:
        kept.parent = None
    for user_id in gone.followers.values_list("user", flat=True):
        CaseFollower.objects.get_or_create(case=kept, user_id=user_id)
    gone.merged_into, gone.parent = kept, None
    closed = CaseState.objects.filter(kind=gone.kind_id, stage=Stage.CLOSED, is_active=True).first()
    if closed and gone.stage != Stage.CLOSED:
        enter(gone, closed, by, now)
    else:
        gone.stage, gone.over_at = Stage.CLOSED.value, gone.over_at or now
        save(gone, now)
    add_entry(kept, Act.LINKED, by, now, facts={"how": "merged", "case": str(gone.pk), "number": gone.number})
    save(kept, now)
    return kept


@command("cases.split", needs=REGISTER)
def split_case(*, case_id: UUID, entry_id: int, subject: str, by: Actor, now: datetime) -> Case:
    """Make a case of its own of one entry; both stay linked. Raises FieldsWrong."""
    case = lock(case_id, by)
    entry = case.entries.filter(pk=entry_id).first()
    typed = {"subject": subject, "text": entry.text if entry else "", "priority": str(case.priority)}
    made = register_case(
        kind_id=case.kind_id,
        project_id=case.project_id,
        typed=typed,
        customer_id=case.customer_id,
        contact_id=case.contact_id,
        by=by,
        now=now,
    )
    link_cases(case_id=case.pk, other_id=made.pk, by=by, now=now)
    return made


@command("cases.add_contact", needs=WORK)
def add_contact(*, case_id: UUID, contact_id: UUID, by: Actor, now: datetime) -> Case:
    """This contact was about the case too; twice is once. A case without a customer gets the contact's."""
    contact = get_interaction(contact_id, by=by)
    case = lock(case_id, by)
    if case.entries.filter(contact=contact).exists():
        return case
    case.customer_id = case.customer_id or contact.customer_id
    add_entry(case, Act.CONTACT, by, now, contact=contact)
    save(case, now)
    return case


def _two(case_id: UUID, other_id: UUID, by: Actor) -> tuple[Case, Case]:
    if case_id == other_id:
        raise CannotLink(why="same")
    case, other = lock_both(case_id, other_id, by)
    if case.merged_into_id or other.merged_into_id:
        raise CannotLink(why="merged")
    return case, other


def _tell_both(case: Case, other: Case, how: str, by: Actor, now: datetime) -> None:
    for one, two in ((case, other), (other, case)):
        add_entry(one, Act.LINKED, by, now, facts={"how": how, "case": str(two.pk), "number": two.number})
        save(one, now)
