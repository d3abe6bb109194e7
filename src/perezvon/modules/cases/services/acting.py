"""What rules do of themselves: every action is one that a person could do, through the same services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.registry import COLLEAGUE, About
from perezvon.foundation.messages.selectors import MANAGE, SEND
from perezvon.foundation.messages.services import Draft, queue_message
from perezvon.foundation.messages.texts import filled
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import Role, Team, User
from perezvon.kernel.errors import NotFound
from perezvon.kernel.texts import text_in
from perezvon.modules.cases import facts
from perezvon.modules.cases.actions import ActionField, CaseAction, register_case_action
from perezvon.modules.cases.events import CaseMentioned
from perezvon.modules.cases.models import Case, CaseCategory, CaseFollower, CaseMacro, CaseState, Priority
from perezvon.modules.cases.selectors import KIND, NoSuchCaseKind
from perezvon.modules.cases.services.changing import assign_case, edit_case, move_case_to
from perezvon.modules.cases.services.talking import (
    ask_approval,
    comment_case,
    use_macro,
    write_to_customer,
)
from perezvon.modules.tasks import services as tasks

type Given = Mapping[str, str]
LONGEST_HOURS = 24 * 366
_TO = "to"  # the field of an action that has one


class NobodyCalled(NotFound):
    """Somebody, or a team, that the rule names works here no more."""

    code = "cases.nobody_called"


def _user(login: str) -> User:
    found = User.objects.filter(login=login, is_active=True).first()
    if found is None:
        raise NobodyCalled(login=login)
    return found


def _edit(case: Case, by: Actor, now: datetime, **typed: str) -> None:
    edit_case(case_id=case.pk, version=case.version, typed=typed, by=by, now=now)


def _priority(case: Case, given: Given, by: Actor, now: datetime) -> None:
    _edit(case, by, now, priority=str(Priority[given[_TO].upper()].value))


def _category(case: Case, given: Given, by: Actor, now: datetime) -> None:
    kind, _slash, code = given[_TO].partition("/")
    found = CaseCategory.objects.filter(kind=case.kind_id, kind__code=kind, code=code).first()
    if found is None:
        raise NoSuchCaseKind(category=given[_TO])
    _edit(case, by, now, category=str(found.pk))


def _team(case: Case, given: Given, by: Actor, now: datetime) -> None:
    found = Team.objects.filter(code=given[_TO]).first()
    if found is None:
        raise NobodyCalled(team=given[_TO])
    assign_case(case_id=case.pk, person_id=None, team_id=found.pk, by=by, now=now)


def _person(case: Case, given: Given, by: Actor, now: datetime) -> None:
    assign_case(case_id=case.pk, person_id=_user(given[_TO]).pk, team_id=case.team_id, by=by, now=now)


def _state(case: Case, given: Given, by: Actor, now: datetime) -> None:
    move_case_to(case_id=case.pk, state=given[_TO], by=by, now=now)


def _macro(case: Case, given: Given, by: Actor, now: datetime) -> None:
    found = CaseMacro.objects.filter(code=given["code"]).first()
    if found is None:
        raise NoSuchCaseKind(macro=given["code"])
    use_macro(case_id=case.pk, macro_id=found.pk, by=by, now=now)


def _note(case: Case, given: Given, by: Actor, now: datetime) -> None:
    comment_case(case_id=case.pk, text=given["text"], by=by, now=now)


def _letter(case: Case, given: Given, by: Actor, now: datetime) -> None:
    subject = _for_customer(case, given, "subject", by, now)
    text = _for_customer(case, given, "text", by, now)
    write_to_customer(case_id=case.pk, channel=Channel.EMAIL, subject=subject, text=text, by=by, now=now)


def _sms(case: Case, given: Given, by: Actor, now: datetime) -> None:
    text = _for_customer(case, given, "text", by, now)
    write_to_customer(case_id=case.pk, channel=Channel.SMS, text=text, by=by, now=now)


def _for_customer(case: Case, given: Given, name: str, by: Actor, now: datetime) -> str:
    """In his language, with what stands in the places of templates."""
    language = case.customer.language if case.customer else "ru"
    texts = {code: given.get(f"{name}_{code}", "") for code in ("ru", "en")}
    said = text_in({code: text for code, text in texts.items() if text}, language)
    return filled(said, About(by, now, language, case.project, case.customer)) if said else ""


def _notify(case: Case, given: Given, by: Actor, now: datetime) -> None:
    user = _user(given[_TO])
    CaseFollower.objects.get_or_create(case=case, user=user)
    publish(CaseMentioned(case_id=case.pk, user_id=user.pk), now=now)


RESPONSIBLE = "responsible"  # instead of a login: whoever has the case


class NobodyToWrite(NotFound):
    """Nobody has the case, or whoever has it has no e-mail."""

    code = "cases.nobody_to_write"


def _alert(case: Case, given: Given, by: Actor, now: datetime) -> None:
    """A letter that somebody of ours has to act (F09.16); it names no customer, for mail is read by many."""
    user = User.objects.filter(pk=case.person_id or 0).first() if given[_TO] == RESPONSIBLE else _user(given[_TO])
    if user is None or not user.is_active or not user.email:
        raise NobodyToWrite(case=case.pk)
    with override(user.language):
        subject = gettext("Case {number}: {subject}").format(number=case.code, subject=case.subject)
    draft = Draft(Channel.EMAIL, user.email, given["text"], subject, COLLEAGUE, case.project_id)
    queue_message(draft=draft, by=by, now=now)


def _colleagues(by: Actor) -> list[tuple[Any, Any]]:
    return [(RESPONSIBLE, lazy("Whoever has the case")), *facts.people(by)]


def _approval(case: Case, given: Given, by: Actor, now: datetime) -> None:
    role = given["role"]
    ask_approval(case_id=case.pk, question=given.get("question", ""), asked_id=None, role=role, by=by, now=now)


def _task(case: Case, given: Given, by: Actor, now: datetime) -> None:
    hours = min(int(given["hours"]) if given.get("hours", "").isdecimal() else 8, LONGEST_HOURS)
    due = (now + timedelta(hours=hours)).astimezone(ZoneInfo(case.project.zone)).replace(tzinfo=None)
    wanted = tasks.Wanted(
        title=given["title"],
        due=due,
        zone=case.project.zone,
        project_id=case.project_id,
        customer_id=case.customer_id,
        subject=(KIND, case.pk),
        owner_id=case.person_id,
        team_id=None if case.person_id else case.team_id,
        to_anyone=not case.person_id and not case.team_id,
    )
    tasks.plan(wanted=wanted, by=by, now=now)


def _states(_by: Actor) -> list[tuple[str, str]]:
    rows = CaseState.objects.order_by("kind__position", "position", "id")
    return list({one.code: str(one) for one in rows}.items())


def _macros(_by: Actor) -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in CaseMacro.objects.filter(is_active=True).order_by("position", "id")]


def _roles(_by: Actor) -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in Role.objects.order_by("id")]


def _texts(name: str, ru: object, en: object, *, lines: bool) -> tuple[ActionField, ActionField]:
    return (
        ActionField(f"{name}_ru", ru, lines=lines, checks_places=True, required=lines),  # type: ignore[arg-type]
        ActionField(f"{name}_en", en, lines=lines, checks_places=True, required=False),  # type: ignore[arg-type]
    )


_LETTER = _texts("text", lazy("Text in Russian"), lazy("Text in English"), lines=True)
_SUBJECT = _texts("subject", lazy("Subject in Russian"), lazy("Subject in English"), lines=False)


# What customers and colleagues are sent is said by who writes to them, or by who writes the templates of that.
_WRITES = (SEND, MANAGE)


def register_actions() -> None:
    """In the order in which a rule does them: what decides who works on it first, what tells people last."""
    for action in (
        CaseAction("category", lazy("Set the category"),
                   (ActionField(_TO, lazy("Category"), facts.categories),), _category),
        CaseAction("priority", lazy("Set the priority"),
                   (ActionField(_TO, lazy("Priority"), facts.priorities),), _priority),
        CaseAction("team", lazy("Give it to a team"), (ActionField(_TO, lazy("Team"), facts.teams),), _team),
        CaseAction("person", lazy("Make somebody responsible"),
                   (ActionField(_TO, lazy("Responsible"), facts.people),), _person),
        CaseAction("macro", lazy("Use a macro"), (ActionField("code", lazy("Macro"), _macros),), _macro),
        CaseAction("note", lazy("Write a note"), (ActionField("text", lazy("Note"), lines=True),), _note),
        CaseAction("task", lazy("Plan a task"),
                   (ActionField("title", lazy("What is to be done")),
                    ActionField("hours", lazy("Within hours"), required=False, hint=lazy("8 when left empty."))),
                   _task),
        CaseAction("approval", lazy("Ask for an approval"),
                   (ActionField("role", lazy("Anybody of the role"), _roles),
                    ActionField("question", lazy("Question"), required=False)), _approval),
        CaseAction("notify", lazy("Let a colleague know"),
                   (ActionField(_TO, lazy("Colleague"), facts.people),), _notify),
        CaseAction("alert", lazy("Mail a colleague that he has to act"),
                   (ActionField(_TO, lazy("Colleague"), _colleagues),
                    ActionField("text", lazy("Text"), lines=True)), _alert, _WRITES),
        CaseAction("state", lazy("Move it to a state"), (ActionField(_TO, lazy("State"), _states),), _state),
        CaseAction("email", lazy("Write a letter to the customer"), (*_SUBJECT, *_LETTER), _letter, _WRITES),
        CaseAction("sms", lazy("Send the customer an SMS"), _LETTER, _sms, _WRITES),
    ):  # fmt: skip
        register_case_action(action)
