"""What people say and do around a case: comments, followers, checklists, approvals, letters, marks, macros."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from perezvon.foundation.access import Actor, Person, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.registry import About
from perezvon.foundation.messages.services import Draft, queue
from perezvon.foundation.messages.texts import filled
from perezvon.foundation.notices.services import notify
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import User
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotAllowed, NotFound, Refused
from perezvon.kernel.texts import text_in
from perezvon.modules.cases.events import CaseMentioned
from perezvon.modules.cases.models import Act, Approval, Case, CaseEntry, CaseFollower, CaseMacro, CheckPoint, Looker
from perezvon.modules.cases.selectors import VIEW, WORK, NoSuchCaseKind, macros_for
from perezvon.modules.cases.services.changing import hand_over, move_case, move_case_to
from perezvon.modules.cases.services.writing import MENTIONED, CaseIsOver, add_entry, lock, news_of, refuse, save
from perezvon.modules.customers.models import ContactPoint

LONGEST_COMMENT = 20_000
LONGEST_POINT = 300
MARKS = range(1, 6)
CUSTOMER = "customer"  # the kind of record that messages are about
_MENTION = re.compile(r"(?<![\w.@])@([A-Za-z0-9][\w.-]{0,63})")


class NoSuchPoint(NotFound):
    code = "cases.no_such_point"


class NoSuchApproval(NotFound):
    code = "cases.no_such_approval"


class NoAddress(Refused):
    """The customer has no e-mail, or no mobile number, that could be written to."""

    code = "cases.no_address"
    http_status = 422


@command("cases.comment", needs=WORK)
def comment_case(*, case_id: UUID, text: str, is_public: bool = False, by: Actor, now: datetime) -> CaseEntry | None:
    """Say something: to colleagues, or as an answer that may be told to the customer. An empty text is nothing.

    Whoever is named as @login follows from now on and hears of it. Raises FieldsWrong.
    """
    said = _checked(text)
    case = lock(case_id, by)
    if not said:
        return None
    entry = add_entry(case, Act.COMMENT, by, now, text=said, is_public=is_public)
    _mention(case, entry, by, now)
    if is_public and case.answered_at is None:
        case.answered_at = now
    save(case, now)
    return entry


def _checked(text: str) -> str:
    if len(text) > LONGEST_COMMENT:
        refuse({"text": Wrong("text.long", most=LONGEST_COMMENT)})
    return text.strip()


def mentions(text: str) -> list[str]:
    """The logins that are named as @login, each once."""
    return list(dict.fromkeys(found.rstrip(".-").lower() for found in _MENTION.findall(text)))


def _mention(case: Case, entry: CaseEntry, by: Actor, now: datetime) -> None:
    """Colleagues who may see the case; others are not told that it exists."""
    for user in User.objects.filter(login__in=mentions(entry.text), is_active=True).select_related("role"):
        sees = VIEW in user.role.rights and user.actor().sees_project(case.project_id)
        if sees and user.pk != by.user_id:
            CaseFollower.objects.get_or_create(case=case, user=user)
            notify([user.pk], news_of(case, entry, MENTIONED, by), now=now)
            publish(CaseMentioned(case_id=case.pk, user_id=user.pk), now=now)


@command("cases.follow", needs=VIEW)
def follow_case(*, case_id: UUID, on: bool, by: Person, now: datetime) -> None:
    """Hear of every change, or no more."""
    case = lock(case_id, by)
    if on:
        CaseFollower.objects.get_or_create(case=case, user_id=by.id)
    else:
        case.followers.filter(user=by.id).delete()


def look_at_case(*, case_id: UUID, edits: bool, by: Person, now: datetime) -> None:
    """Say that one has it open, for colleagues to see. Called every few seconds by every open page, so it is no
    command: the audit would hold little else."""
    by.must(VIEW)
    Looker.objects.update_or_create(case_id=case_id, user_id=by.id, defaults={"seen_at": now, "edits": edits})


def forget_lookers(*, now: datetime) -> int:
    """Take away who had cases open yesterday. How many rows."""
    return Looker.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()[0]


# --- the checklist ---


@command("cases.add_point", needs=WORK)
def add_point(*, case_id: UUID, text: str, by: Actor, now: datetime) -> CheckPoint | None:
    """One more thing to be done; an empty text is none."""
    case, words = lock(case_id, by), " ".join(text.split())[:LONGEST_POINT]
    if not words:
        return None
    point = case.points.create(text=words, position=case.points.count())
    save(case, now)
    return point


@command("cases.tick_point", needs=WORK)
def tick_point(*, case_id: UUID, point_id: int, done: bool, by: Actor, now: datetime) -> CheckPoint:
    """It is done, or not after all. Raises NoSuchPoint."""
    case = lock(case_id, by)
    point = case.points.filter(pk=point_id).first()
    if point is None:
        raise NoSuchPoint(point=point_id)
    if (point.done_at is not None) != done:
        point.done_at, point.done_by_id = (now, by.user_id) if done else (None, None)
        point.save(update_fields=["done_at", "done_by"])
        save(case, now)
    return point


# --- approvals ---


@command("cases.ask_approval", needs=WORK)
def ask_approval(
    *, case_id: UUID, question: str, asked_id: int | None, role: str = "", by: Actor, now: datetime
) -> Approval:
    """Ask somebody, or anybody of a role, whether it may go on. Raises FieldsWrong when nobody is asked."""
    case = lock(case_id, by)
    known = asked_id is not None and User.objects.filter(pk=asked_id, is_active=True).exists()
    if not known and not role:
        refuse({"asked": Wrong("field.required")})
    approval = case.approvals.create(
        question=_checked(question), asked_id=asked_id if known else None, role="" if known else role,
        by_id=by.user_id, at=now,
    )  # fmt: skip
    if known and asked_id is not None:
        CaseFollower.objects.get_or_create(case=case, user_id=asked_id)
    add_entry(case, Act.APPROVAL, by, now, text=approval.question, facts={"approval": approval.pk, "asked": asked_id})
    save(case, now)
    return approval


@command("cases.answer_approval", needs=VIEW)
def answer_approval(*, approval_id: int, given: bool, reason: str = "", by: Person, now: datetime) -> Approval:
    """Yes, or no with a reason. Only whoever was asked may answer, once. Raises NoSuchApproval, FieldsWrong."""
    approval = Approval.objects.filter(pk=approval_id).first()
    if approval is None:
        raise NoSuchApproval(approval=approval_id)
    case = lock(approval.case_id, by)
    approval.refresh_from_db()
    if approval.asked_id != by.id and not (approval.asked_id is None and approval.role == by.role):
        raise NotAllowed(right=WORK)
    if approval.answer != Approval.Answer.WAITING:
        return approval
    if not given and not reason.strip():
        refuse({"reason": Wrong("field.required")})
    approval.answer = Approval.Answer.GIVEN if given else Approval.Answer.REFUSED
    approval.reason, approval.answered_at, approval.answered_by_id = _checked(reason), now, by.id
    approval.save()
    facts = {"approval": approval.pk, "answer": approval.answer}
    add_entry(case, Act.APPROVAL, by, now, text=approval.reason, facts=facts)
    save(case, now)
    return approval


def release_approvals(user_id: int, now: datetime) -> int:
    """What was asked of somebody who cannot come in any more waits for nobody: whoever follows the case hears that
    another has to be asked. For events; twice does no harm."""
    if User.objects.filter(pk=user_id, is_active=True).exists():
        return 0
    waiting = Approval.objects.filter(asked=user_id, answer=Approval.Answer.WAITING).order_by("case_id", "id")
    keys, by = list(waiting.values_list("pk", flat=True)), System(name="cases")
    return sum(_withdraw(approval_id=key, by=by, now=now) for key in keys)


@command("cases.withdraw_approval", needs=WORK)
def _withdraw(*, approval_id: int, by: Actor, now: datetime) -> bool:
    approval = Approval.objects.get(pk=approval_id)
    case = lock(approval.case_id, by)
    approval.refresh_from_db()
    if approval.answer != Approval.Answer.WAITING:
        return False
    approval.answer, approval.answered_at = Approval.Answer.GONE, now
    approval.save()
    facts = {"approval": approval.pk, "answer": approval.answer, "asked": approval.asked_id}
    add_entry(case, Act.APPROVAL, by, now, text=approval.question, facts=facts)
    save(case, now)
    return True


# --- to the customer ---


@command("cases.write_to_customer", needs=WORK)
def write_to_customer(
    *, case_id: UUID, channel: str, subject: str = "", text: str, by: Actor, now: datetime
) -> CaseEntry:
    """A letter or an SMS to the case's customer; it stands among the entries with what became of it.

    Raises NoAddress, MessageWrong, MayNotSend.
    """
    by.must("messages.send")
    case = lock(case_id, by)
    to = address_of(case, channel)
    if not to or case.customer_id is None:
        raise NoAddress(channel=channel)
    draft = Draft(
        channel=channel,
        to=to,
        subject=subject.strip() or case.title,
        text=_checked(text),
        project_id=case.project_id,
        kind=CUSTOMER,
        record=case.customer_id,
    )
    message = queue(draft, by=by, now=now)
    entry = add_entry(
        case, Act.LETTER, by, now, text=draft.text, is_public=True, message=message.pk, facts={"channel": channel}
    )
    case.answered_at = case.answered_at or now
    save(case, now)
    return entry


@command("cases.say", needs=WORK)
def say(
    *, case_id: UUID, how: str, text: str, subject: str = "", step_id: int | None = None, by: Actor, now: datetime
) -> None:
    """Write something and perhaps take a step with it, both or neither.

    how: "note" to colleagues, "answer" that was told to the customer, "email" or "sms" to be sent. Raises what these
    raise.
    """
    if how in Channel.values:
        write_to_customer(case_id=case_id, channel=how, subject=subject, text=text, by=by, now=now)
    else:
        comment_case(case_id=case_id, text=text, is_public=how == "answer", by=by, now=now)
    if step_id is not None:
        move_case(case_id=case_id, step_id=step_id, comment=text, by=by, now=now)


def address_of(case: Case, channel: str) -> str:
    """The customer's main mailbox or mobile number, "" without one. One query."""
    if case.customer_id is None:
        return ""
    points = ContactPoint.objects.filter(customer=case.customer_id, struck_reason="").order_by("-is_main", "id")
    if channel == Channel.EMAIL:
        return points.filter(kind=ContactPoint.Kind.EMAIL).values_list("raw", flat=True).first() or ""
    mobile = points.filter(kind=ContactPoint.Kind.PHONE, extension="").exclude(digits="")
    found = mobile.filter(use=ContactPoint.Use.MOBILE).first() or mobile.exclude(use=ContactPoint.Use.FAX).first()
    return f"+{found.digits}" if found else ""


@command("cases.mark", needs=WORK)
def mark_case(*, case_id: UUID, mark: int, words: str = "", by: Actor, now: datetime) -> Case:
    """How content the customer is, one to five, and what he says to it. Asked again, the last word counts."""
    if mark not in MARKS:
        refuse({"mark": Wrong("choice.unknown")})
    case = lock(case_id, by)
    if not case.is_over:
        raise CaseIsOver(case=case_id)
    case.mark, case.mark_words = mark, _checked(words)
    add_entry(case, Act.MARK, by, now, text=case.mark_words, facts={"mark": mark})
    save(case, now)
    return case


# --- macros ---


@command("cases.use_macro", needs=WORK)
def use_macro(*, case_id: UUID, macro_id: int, by: Actor, now: datetime) -> Case:
    """Do all that the macro says: text, priority, taking it (people only), step. Raises NoSuchCaseKind and what these
    raise."""
    case = lock(case_id, by)
    macro = next((one for one in macros_for(case.kind_id) if one.pk == macro_id), None)
    if macro is None:
        raise NoSuchCaseKind(macro=macro_id)
    if macro.priority and macro.priority != case.priority:
        case.priority = macro.priority
        add_entry(case, Act.CHANGED, by, now, facts={"fields": ["priority"]})
        save(case, now)
    if macro.takes and by.user_id and case.person_id != by.user_id:
        hand_over(case, by.user_id, case.team_id, by, now)
    if text := macro_text(macro, case, by, now):
        comment_case(case_id=case.pk, text=text, is_public=macro.is_public, by=by, now=now)
    if macro.step_to:
        move_case_to(case_id=case.pk, state=macro.step_to, by=by, now=now)
    case.refresh_from_db()
    return case


def macro_text(macro: CaseMacro, case: Case, by: Actor, now: datetime) -> str:
    """Its text for this case, in the customer's language."""
    language = case.customer.language if case.customer else "ru"
    about = About(by, now, language, case.project, case.customer)
    return filled(text_in(macro.text, language), about)
