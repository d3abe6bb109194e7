"""What every change of a case has in common. A case is locked before anything that belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from perezvon.foundation.access import Actor
from perezvon.foundation.notices.services import News, notify
from perezvon.foundation.outbox.services import publish, tell
from perezvon.foundation.search import services as index
from perezvon.foundation.search.registry import Entry
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.events import CaseChanged, CaseTold
from perezvon.modules.cases.models import Act, Case, CaseEntry
from perezvon.modules.cases.selectors import KIND, NoSuchCase, narrowed
from perezvon.modules.cases.terms import reckon

MENTIONED = "mentioned"
NOTICED = frozenset({Act.COMMENT, Act.LETTER, Act.CONTACT, Act.MOVED, Act.HANDED, Act.APPROVAL, Act.TERM})
_TALKS = frozenset({Act.COMMENT, Act.LETTER, Act.CONTACT})
_acting: ContextVar[tuple[str, int] | None] = ContextVar("acting_rule", default=None)  # the cause, and the rule

LOOKING = timedelta(minutes=2)  # for so long a browser that was heard of is spoken to


class FieldsWrong(Refused):
    """Something typed cannot be taken. facts: problems, {field: Wrong}."""

    code = "cases.fields_wrong"
    http_status = 422


class CaseIsOver(Refused):
    """It was merged into another one, or closed: nothing but a comment can be added."""

    code = "cases.is_over"


def lock(case_id: UUID, by: Actor) -> Case:
    """The case, held for this transaction. Raises NoSuchCase."""
    cases = narrowed(Case.objects.select_related("kind", "state", "project"), by)
    case = cases.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise NoSuchCase(case=case_id)
    return case


def lock_both(one_id: UUID, other_id: UUID, by: Actor) -> tuple[Case, Case]:
    """Two of them, in the order of their ids, so that nobody waits for each other."""
    held = {key: lock(key, by) for key in sorted((one_id, other_id))}
    return held[one_id], held[other_id]


def save(case: Case, now: datetime) -> None:
    """With the next version; those who look at it, follow it or answer for it hear of it."""
    reckon(case, now)
    case.version += 1
    case.changed_at = now
    case.save()
    put_in_index(case)
    told(case, now)


def told(case: Case, now: datetime) -> None:
    people = {
        case.person_id,
        *case.followers.values_list("user", flat=True),
        *case.lookers.filter(seen_at__gt=now - LOOKING).values_list("user", flat=True),
    }
    tell("case", case.pk, case.version, to=[f"user:{key}" for key in people - {None}], now=now)


def add_entry(
    case: Case,
    act: Act,
    by: Actor,
    now: datetime,
    *,
    text: str = "",
    facts: Mapping[str, Any] | None = None,
    **more: Any,
) -> CaseEntry:
    """A line of what happened, with the topic and the category of now. Rules hear of changes and of what is said."""
    rule = {"rule": found[1]} if (found := _acting.get()) else {}
    entry = CaseEntry.objects.create(
        case=case,
        act=act,
        at=now,
        by_id=by.user_id,
        text=text,
        facts=dict(facts or {}) | rule,
        topic_id=case.topic_id,
        category_id=case.category_id,
        **more,
    )
    _notify(case, entry, by, now)
    if act == Act.CHANGED:
        publish(CaseChanged(case.pk, tuple(entry.facts.get("fields", ())), cause=cause(now)), now=now)
    elif act in _TALKS:
        told_of = CaseTold(case.pk, act.value, entry.is_public, by.user_id, cause=cause(now))
        publish(told_of, now=now)
    return entry


def _notify(case: Case, entry: CaseEntry, by: Actor, now: datetime) -> None:
    """Whoever follows it or answers for it hears of what others did; two queries, one when that is nobody."""
    if entry.act not in NOTICED:
        return
    people = {case.person_id, *case.followers.values_list("user", flat=True)} - {None, by.user_id}
    notify(people, news_of(case, entry, entry.act, by), now=now)


def news_of(case: Case, entry: CaseEntry, what: str, by: Actor) -> News:
    facts = {"case": case.code, "who": getattr(by, "name", ""), "what": what}
    return News(f"case:{entry.pk}", "case", reverse("cases:case", args=[case.pk]), facts)


@contextmanager
def acting_for(rule_id: int, of_cause: str) -> Iterator[None]:
    """Whatever is changed inside is the rule's doing, and has its cause."""
    token = _acting.set((of_cause, rule_id))
    try:
        yield
    finally:
        _acting.reset(token)


def cause(now: datetime) -> str:
    """What leads to what is being done: that of the rule that does it, else a new one."""
    found = _acting.get()
    return found[0] if found else str(uuid7(now))


def refuse(problems: Mapping[str, Wrong]) -> None:
    if problems:
        raise FieldsWrong(problems=dict(problems))


def put_in_index(case: Case) -> None:
    index.put(entry_for_search(case))


def entry_for_search(case: Case) -> Entry:
    """What a case is found by: its subject, then its number."""
    return Entry(KIND, case.pk, case.subject, f"{case.subject} {case.number}", case.project_id)


def entries_for_search(cases: Iterable[Case]) -> list[Entry]:
    return [entry_for_search(case) for case in cases]
