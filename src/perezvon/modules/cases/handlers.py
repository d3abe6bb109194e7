from __future__ import annotations

from datetime import datetime

from perezvon.cores.conditions import Value
from perezvon.foundation.access import System
from perezvon.foundation.calendars.events import HoursChanged
from perezvon.foundation.outbox.handlers import handles
from perezvon.foundation.people.events import UserChanged
from perezvon.modules.cases.events import (
    CaseChanged,
    CaseMoved,
    CaseRegistered,
    CaseTermBroken,
    CaseTermWarned,
    CaseTold,
)
from perezvon.modules.cases.flow import OVER
from perezvon.modules.cases.models import Case, TermPolicy, When
from perezvon.modules.cases.services import (
    apply_rules,
    ask_mark,
    ask_to_reckon,
    ask_to_tell_all,
    is_reckoning_asked,
    release_approvals,
    release_cases,
)


@handles(CaseMoved)
def tell_everyone_who_called(event: CaseMoved, now: datetime) -> None:
    """A mass incident is solved: those who called about it hear of it."""
    incident = Case.objects.filter(pk=event.case_id, incident=True).select_related("kind").first()
    if incident is not None and event.stage in OVER and incident.is_over:
        ask_to_tell_all(incident, now)


@handles(CaseMoved)
def ask_how_content_he_is(event: CaseMoved, now: datetime) -> None:
    """The customer of a case that is over, where its kind wants it."""
    if event.stage in OVER and Case.objects.filter(pk=event.case_id, kind__asks_mark=True).exists():
        ask_mark(case_id=event.case_id, by=System(name="cases"), now=now)


@handles(HoursChanged)
def reckon_by_other_hours(event: HoursChanged, now: datetime) -> None:
    """Terms follow the calendars they are reckoned by; one run does for all changes that wait for it."""
    if TermPolicy.objects.filter(is_active=True).exists() and not is_reckoning_asked():
        ask_to_reckon(by=System(name="cases"), now=now)


@handles(UserChanged)
def leave_nothing_with_the_blocked(event: UserChanged, now: datetime) -> None:
    release_cases(event.user_id, now)
    release_approvals(event.user_id, now)


# --- rules: each event with the cause that it has; an older one without has its own case's ---


@handles(CaseRegistered)
def rules_of_registered(event: CaseRegistered, now: datetime) -> None:
    apply_rules(When.REGISTERED, event.case_id, event.cause, now)


@handles(CaseChanged)
def rules_of_changed(event: CaseChanged, now: datetime) -> None:
    apply_rules(When.CHANGED, event.case_id, event.cause, now)


@handles(CaseMoved)
def rules_of_moved(event: CaseMoved, now: datetime) -> None:
    apply_rules(When.MOVED, event.case_id, event.cause, now)


@handles(CaseTold)
def rules_of_told(event: CaseTold, now: datetime) -> None:
    more: dict[str, Value] = {"said": event.act, "public": event.is_public}
    apply_rules(When.TOLD, event.case_id, event.cause, now, more=more)


@handles(CaseTermWarned)
def rules_of_warned(event: CaseTermWarned, now: datetime) -> None:
    apply_rules(When.WARNED, event.case_id, event.cause, now, more={"promise": event.promise})


@handles(CaseTermBroken)
def rules_of_broken(event: CaseTermBroken, now: datetime) -> None:
    apply_rules(When.BROKEN, event.case_id, event.cause, now, more={"promise": event.promise})
