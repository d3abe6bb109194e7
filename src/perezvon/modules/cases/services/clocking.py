"""Terms: setting them up, reckoning many cases anew, and what the clock does when a moment comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from perezvon.cores.sla import State
from perezvon.foundation.access import Actor
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.services import Work
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.checks import Wrong
from perezvon.modules.cases.events import CaseTermBroken, CaseTermWarned
from perezvon.modules.cases.models import (
    Act,
    Case,
    CaseEntry,
    CaseState,
    CaseTerm,
    Priority,
    TermPolicy,
)
from perezvon.modules.cases.selectors import SET_UP, UNDER_WAY, WORK
from perezvon.modules.cases.services.changing import hand_over
from perezvon.modules.cases.services.setup import (
    Texts,
    ask_to_reckon,
    code_problems,
    held,
    name_problems,
    put,
    texts_of,
)
from perezvon.modules.cases.services.writing import add_entry, lock, refuse, save
from perezvon.modules.cases.terms import (
    BROKEN,
    HAND,
    RAISE,
    Calendars,
    Judged,
    Told,
    active_policies,
    due_of,
    history,
    judge,
    news,
    pauses_of,
    policies_for,
    reckon,
    term_of,
)

BATCH = 1000
LONGEST = 60 * 24 * 366 * 3  # minutes: three years
_DUES = """
UPDATE cases_case SET due = fresh.due FROM unnest(%s::uuid[], %s::timestamptz[]) AS fresh(id, due)
WHERE cases_case.id = fresh.id AND cases_case.due IS DISTINCT FROM fresh.due
"""


@dataclass(frozen=True, slots=True)
class TermWanted:
    """As models.TermPolicy. Minutes of working time."""

    code: str
    name: Texts
    kind_id: int | None = None
    category_id: int | None = None
    project_id: int | None = None
    priority: int | None = None
    level: str = ""
    calendar_id: int | None = None
    answer: int = 0
    update: int = 0
    solution: int = 0
    reach: int = 0
    reach_state: str = ""
    warn: int = 0
    raises_after: int | None = None
    hands_after: int | None = None
    hands_to_id: int | None = None
    note: str = ""


_PROMISES = ("answer", "update", "solution", "reach")
_KEPT = (
    "kind_id", "category_id", "project_id", "priority", "calendar_id", *_PROMISES, "warn", "raises_after",
    "hands_after", "hands_to_id",
)  # fmt: skip


@command("cases.save_term", needs=SET_UP)
def save_term(*, term_id: int | None, version: int, wanted: TermWanted, by: Actor, now: datetime) -> TermPolicy:
    """A policy; a job reckons every case under way anew. Raises FieldsWrong, CaseKindChanged, NoSuchCaseKind."""
    policy = held(TermPolicy, term_id, version, by) if term_id else TermPolicy(code=wanted.code)
    problems = name_problems(wanted.name) | ({} if term_id else code_problems(wanted.code, TermPolicy.objects))
    refuse(problems | _problems(wanted))
    before = policy.version if policy.pk else 0
    policy = put(policy, _values(wanted), TermPolicy.objects.all())
    if policy.version != before:
        ask_to_reckon(by=by, now=now)
    return policy


def _values(wanted: TermWanted) -> dict[str, Any]:
    kept = {name: getattr(wanted, name) for name in _KEPT}
    reach = wanted.reach_state.strip()
    return kept | {
        "name": texts_of(wanted.name),
        "level": wanted.level.strip()[:64],
        "reach_state": reach,
        "note": wanted.note.strip()[:2000],
    }


def _problems(wanted: TermWanted) -> dict[str, Wrong]:
    problems: dict[str, Wrong] = {}
    if not any(getattr(wanted, name) for name in _PROMISES):
        problems["answer"] = Wrong("field.required")
    for name in (*_PROMISES, "warn"):
        if not 0 <= getattr(wanted, name) <= LONGEST:
            problems[name] = Wrong("number.between", least=0, most=LONGEST)
    if bool(wanted.reach) != bool(wanted.reach_state.strip()):
        problems["reach_state"] = Wrong("field.required")
    if wanted.priority is not None and wanted.priority not in Priority.values:
        problems["priority"] = Wrong("choice.unknown")
    if wanted.hands_after is not None and wanted.hands_to_id is None:
        problems["hands_to"] = Wrong("field.required")
    return problems


# --- many at once ---


@dataclass(frozen=True, slots=True)
class _Batch:
    cases: Sequence[Case]
    judged: dict[UUID, list[Judged]]
    kept: dict[UUID, dict[tuple[int, str], CaseTerm]]


def reckon_all(work: Work) -> dict[str, Any]:
    """The job: every case under way, in batches of its own transactions. It may be done at any time, and again."""
    cases = Case.objects.filter(stage__in=UNDER_WAY)
    total, done, after = cases.count(), 0, None
    work.advance(0, total)
    while keys := list(
        (cases.filter(pk__gt=after) if after else cases).order_by("id").values_list("pk", flat=True)[:BATCH]
    ):
        reckon_many(keys, now=work.now())
        done, after = done + len(keys), keys[-1]
        work.advance(done)
    return {"cases": done}


def reckon_many(keys: Collection[UUID], *, now: datetime) -> int:
    """Put down how the promises of these cases stand. Nine queries however many they are. How many dues it looked at.

    What has to be said or done is left to the clock.
    """
    with transaction.atomic():
        batch = _judged(keys, active_policies(), now, hold=True)
        rows, gone = [], []
        for case in batch.cases:
            kept = batch.kept.get(case.pk, {})
            mine = batch.judged[case.pk]
            rows += [term_of(case, one, kept.get((one.policy.pk, one.verdict.target.kind.value))) for one in mine]
            there = {(one.policy.pk, one.verdict.target.kind.value) for one in mine}
            gone += [term.pk for key, term in kept.items() if key not in there]
        _put_terms(rows, gone)
        dues = [due_of(case, batch.judged[case.pk]) for case in batch.cases]
        with connection.cursor() as cursor:
            cursor.execute(_DUES, [[case.pk for case in batch.cases], dues])
    return len(dues)


def _put_terms(rows: list[CaseTerm], gone: list[int]) -> None:
    if gone:
        CaseTerm.objects.filter(pk__in=gone).delete()
    if not rows:
        return
    CaseTerm.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["case", "policy", "promise"],
        update_fields=["state", "counted", "due_at", "met_at", "wake_at", "done"],
    )


def _judged(keys: Collection[UUID], policies: Sequence[TermPolicy], now: datetime, *, hold: bool) -> _Batch:
    rows = Case.objects.filter(pk__in=list(keys)).select_related("customer", "state").order_by("id")
    cases = list(rows.select_for_update(of=("self",)) if hold else rows)
    told, firsts = _told(cases)
    states = {one.pk: one for one in CaseState.objects.all()}
    of_kind: dict[int, dict[int, CaseState]] = {}
    for one in states.values():
        of_kind.setdefault(one.kind_id, {})[one.pk] = one
    kept: dict[UUID, dict[tuple[int, str], CaseTerm]] = {}
    for term in CaseTerm.objects.filter(case__in=[case.pk for case in cases]):
        kept.setdefault(term.case_id, {})[term.policy_id, term.promise] = term
    judged, calendars = {}, Calendars()
    for case in cases:
        mine = policies_for(case, policies)
        began = states.get(firsts.get(case.pk, 0)) or case.state
        known = of_kind.get(case.kind_id, {})
        events = history(told.get(case.pk, ()), known, began.code) if mine else []
        done = {key: term.done for key, term in kept.get(case.pk, {}).items()}
        with_calendars = [(policy, calendars.of(policy, case)) for policy in mine]
        judged[case.pk] = judge(with_calendars, events, pauses_of(known), now, done)
    return _Batch(cases, judged, kept)


_ACTS = (Act.REGISTERED, Act.MOVED, Act.CONTACT, Act.COMMENT, Act.LETTER)


def _told(cases: Iterable[Case]) -> tuple[dict[UUID, list[Told]], dict[UUID, int]]:
    """What happened by case, and the state that each began in where it has moved. One query."""
    told: dict[UUID, list[Told]] = {}
    firsts: dict[UUID, int] = {}
    rows = CaseEntry.objects.filter(case__in=[case.pk for case in cases], act__in=_ACTS).order_by("case", "at", "id")
    for key, act, at, public, facts in rows.values_list("case_id", "act", "at", "is_public", "facts"):
        if act == Act.MOVED:
            firsts.setdefault(key, facts["from"])
        told.setdefault(key, []).append(Told(act, at, public, facts.get("to") if act == Act.MOVED else None))
    return told, firsts


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy would do to the cases that are under way now. fits: those that it is for."""

    fits: int
    broken: int
    warned: int


def try_term(wanted: TermWanted, *, now: datetime, limit: int = 20_000) -> Tried:
    """How many cases under way it would be for, and how many of them would be broken or warned of at once. Changes
    nothing. At most `limit` cases, the newest."""
    refuse(_problems(wanted))
    policy = TermPolicy(pk=0, code="tried", is_active=True, **_values(wanted))
    if policy.calendar_id:
        policy.calendar = WorkingCalendar.objects.filter(pk=policy.calendar_id).first()
    cases = Case.objects.filter(stage__in=UNDER_WAY, merged_into=None).order_by("-id").values_list("pk", flat=True)
    keys = list(cases[:limit])
    fits = broken = warned = 0
    for begin in range(0, len(keys), BATCH):
        batch = _judged(keys[begin : begin + BATCH], [policy], now, hold=False)
        for mine in batch.judged.values():
            states = {one.verdict.state for one in mine}
            fits += bool(mine)
            broken += State.BREACHED in states
            warned += State.BREACHED not in states and State.WARNED in states
    return Tried(fits, broken, warned)


# --- the clock ---


def terms_to_wake(now: datetime, limit: int = 500) -> list[UUID]:
    """Cases for which a moment has come, the oldest first. One query."""
    rows = CaseTerm.objects.filter(wake_at__lte=now).order_by("wake_at", "id").values_list("case_id", flat=True)
    return list(dict.fromkeys(rows[:limit]))


@command("cases.wake", needs=WORK)
def wake_case(*, case_id: UUID, by: Actor, now: datetime) -> Case:
    """Tell of what is about to be broken or was, and do what its policies say then. Twice does it once."""
    case = lock(case_id, by)
    for one in reckon(case, now):
        term = case.terms.get(policy=one.policy, promise=one.verdict.target.kind.value)
        told = news(one.verdict.state, term.done)
        if told:
            _tell(case, one, told, by, now)
        for step in one.steps:
            _STEPS[step](case, one.policy, by, now)
        if fresh := [code for code in (told, *one.steps) if code and code not in term.done]:
            CaseTerm.objects.filter(pk=term.pk).update(done=[*term.done, *fresh])
    save(case, now)
    return case


def _tell(case: Case, one: Judged, told: str, by: Actor, now: datetime) -> None:
    promise = one.verdict.target.kind.value
    event = CaseTermBroken if told == BROKEN else CaseTermWarned
    publish(event(case_id=case.pk, policy=one.policy.code, promise=promise), now=now)
    add_entry(case, Act.TERM, by, now, facts={"promise": promise, "what": told, "policy": one.policy.pk})


def _raise(case: Case, policy: TermPolicy, by: Actor, now: datetime) -> None:
    if case.priority < Priority.URGENT:
        case.priority += 1
        add_entry(case, Act.CHANGED, by, now, facts={"fields": ["priority"]})


def _hand(case: Case, policy: TermPolicy, by: Actor, now: datetime) -> None:
    if policy.hands_to_id and case.team_id != policy.hands_to_id:
        hand_over(case, None, policy.hands_to_id, by, now)


_STEPS: dict[str, Callable[[Case, TermPolicy, Actor, datetime], None]] = {RAISE: _raise, HAND: _hand}
