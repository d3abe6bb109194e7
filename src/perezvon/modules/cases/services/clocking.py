"""Terms: setting them up, reckoning many cases anew, and what the clock does when a moment comes."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
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
    CaseState,
    CaseTerm,
    Priority,
    Stage,
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
from perezvon.modules.cases.services.writing import add_entry, cause, lock, refuse, save
from perezvon.modules.cases.terms import (
    BROKEN,
    HAND,
    RAISE,
    Cores,
    Judged,
    Row,
    Subject,
    TermKey,
    Told,
    active_policies,
    array,
    due_of,
    history,
    judge,
    kept_terms,
    news,
    put_terms,
    reckon,
    rows_of,
)

BATCH = 1000
AT_ONCE = 2
MOST_TRIED = 20_000
LONGEST = 60 * 24 * 366 * 3  # minutes: three years
_DUES = """
UPDATE cases_case SET due = fresh.due FROM unnest(%s::uuid[], %s::timestamptz[]) AS fresh(id, due)
WHERE cases_case.id = fresh.id
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
    """dues: as they were put down."""

    subjects: Sequence[Subject]
    dues: Sequence[datetime | None]
    judged: dict[str, list[Judged]]
    kept: dict[str, dict[TermKey, tuple[int, Row]]]


def reckon_all(work: Work) -> dict[str, Any]:
    """The job: every case under way, in batches of its own transactions. It may be done at any time, and again."""
    work.advance(0, Case.objects.filter(stage__in=UNDER_WAY).count())
    done = 0
    for count in reckon_under_way(now=work.now):
        done += count
        work.advance(done)
    return {"cases": done}


def reckon_under_way(*, now: Callable[[], datetime]) -> Iterator[int]:
    """Put down how the promises of all cases under way stand; how many were looked at, batch by batch.

    Two batches at a time, each with a connection of its own: one is reckoned while the database writes the other.
    """
    with ThreadPoolExecutor(AT_ONCE, "reckon") as pool:
        running: deque[Future[int]] = deque()
        try:
            for keys in _batches():
                running.append(pool.submit(_reckon_apart, keys, now))
                if len(running) > AT_ONCE:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _batches() -> Iterator[list[UUID]]:
    cases, after = Case.objects.filter(stage__in=UNDER_WAY).order_by("id").values_list("pk", flat=True), None
    while keys := list((cases.filter(pk__gt=after) if after else cases)[:BATCH]):
        yield keys
        after = keys[-1]


def _reckon_apart(keys: Collection[UUID], now: Callable[[], datetime]) -> int:
    try:
        return reckon_many(keys, now=now())
    finally:
        connection.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Everything of a batch lives until it is written: looking for what could be freed takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def reckon_many(keys: Collection[UUID], *, now: datetime) -> int:
    """Put down how the promises of these cases stand. Eight queries however many they are, fewer when nothing has
    changed. How many cases it looked at.

    What has to be said or done is left to the clock.
    """
    with _undisturbed(), transaction.atomic():
        batch = _judged([str(key) for key in keys], active_policies(), now, lock=True)
        put_terms((one.key, batch.judged[one.key], batch.kept.get(one.key, {})) for one in batch.subjects)
        dues = ((one.key, due_of(one, batch.judged[one.key])) for one in batch.subjects)
        changed = [fresh for fresh, before in zip(dues, batch.dues, strict=True) if fresh[1] != before]
        if changed:
            with connection.cursor() as cursor:
                cursor.execute(_DUES, [array(column) for column in zip(*changed, strict=True)])
    return len(batch.subjects)


_SUBJECTS = """
SELECT c.id::text, c.kind_id, c.category_id, c.project_id, c.team_id, c.priority, p.segment, c.state_id, c.stage,
  c.merged_into_id, c.promised, c.due
FROM cases_case c LEFT JOIN customers_customer p ON p.id = c.customer_id
WHERE c.id = ANY(%s::uuid[]) ORDER BY c.id
"""


def _subjects(keys: Collection[str], *, lock: bool) -> tuple[list[Subject], list[datetime | None]]:
    """The cases, held for this transaction if wanted, and their dues. One query."""
    rows = rows_of(f"{_SUBJECTS} FOR UPDATE OF c" if lock else _SUBJECTS, [array(keys)])
    subjects = [
        Subject(
            key, kind, category, project, team, priority, level or "", state, stage not in UNDER_WAY, bool(merged), by
        )
        for key, kind, category, project, team, priority, level, state, stage, merged, by, _due in rows
    ]
    return subjects, [row[-1] for row in rows]


def _judged(keys: Collection[str], policies: Sequence[TermPolicy], now: datetime, *, lock: bool = False) -> _Batch:
    """Four queries, and one for each team and project."""
    (subjects, dues), kept = _subjects(keys, lock=lock), kept_terms(keys)
    told, firsts = _told(keys)
    states = {one.pk: one for one in CaseState.objects.all()}
    pauses = {
        kind: frozenset(one.code for one in states.values() if one.kind_id == kind and one.stage == Stage.PAUSED)
        for kind in {one.kind_id for one in states.values()}
    }
    judged: dict[str, list[Judged]] = {}
    cores = Cores(policies)
    for one in subjects:
        promised = cores.promised(one, pauses[one.kind_id])
        began = states.get(firsts.get(one.key, 0)) or states[one.state_id]
        events = history(told.get(one.key, ()), states, began.code) if promised else []
        done = {key: row.done for key, (_term, row) in kept.get(one.key, {}).items()}
        judged[one.key] = judge(promised, events, now, done)
    return _Batch(subjects, dues, judged, kept)


_ACTS = [act.value for act in (Act.REGISTERED, Act.MOVED, Act.CONTACT, Act.COMMENT, Act.LETTER)]
_TOLD = """
SELECT e.case_id::text, e.act, e.at, e.is_public, (e.facts ->> 'from')::bigint, (e.facts ->> 'to')::bigint
FROM cases_caseentry e WHERE e.case_id = ANY(%s::uuid[]) AND e.act = ANY(%s) ORDER BY e.case_id, e.at, e.id
"""


def _told(keys: Collection[str]) -> tuple[dict[str, list[Told]], dict[str, int]]:
    """What happened by case, and the state that each began in where it has moved. One query."""
    told: dict[str, list[Told]] = {}
    firsts: dict[str, int] = {}
    for key, act, at, public, source, target in rows_of(_TOLD, [array(keys), _ACTS]):
        if act == Act.MOVED:
            firsts.setdefault(key, source)
        told.setdefault(key, []).append(Told(act, at, public, target))
    return told, firsts


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy would do to the cases that are under way now. fits: those that it is for. looked_at: only so many,
    the newest; None: all."""

    fits: int
    broken: int
    warned: int
    looked_at: int | None = None


def try_term(wanted: TermWanted, *, now: datetime) -> Tried:
    """How many cases under way it would be for, and how many of them would be broken or warned of at once. Changes
    nothing. At most MOST_TRIED cases, the newest."""
    refuse(_problems(wanted))
    policy = TermPolicy(pk=0, code="tried", is_active=True, **_values(wanted))
    if policy.calendar_id:
        policy.calendar = WorkingCalendar.objects.filter(pk=policy.calendar_id).first()
    cases = Case.objects.filter(stage__in=UNDER_WAY, merged_into=None).order_by("-id").values_list("pk", flat=True)
    keys = [str(key) for key in cases[: MOST_TRIED + 1]]
    looked_at = MOST_TRIED if len(keys) > MOST_TRIED else None
    keys = keys[:MOST_TRIED]
    fits = broken = warned = 0
    for begin in range(0, len(keys), BATCH):
        batch = _judged(keys[begin : begin + BATCH], [policy], now)
        for mine in batch.judged.values():
            states = {one.verdict.state for one in mine}
            fits += bool(mine)
            broken += State.BREACHED in states
            warned += State.BREACHED not in states and State.WARNED in states
    return Tried(fits, broken, warned, looked_at)


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
    publish(event(case_id=case.pk, policy=one.policy.code, promise=promise, cause=cause(now)), now=now)
    add_entry(case, Act.TERM, by, now, facts={"promise": promise, "what": told, "policy": one.policy.pk})


def _raise(case: Case, policy: TermPolicy, by: Actor, now: datetime) -> None:
    if case.priority < Priority.URGENT:
        case.priority += 1
        add_entry(case, Act.CHANGED, by, now, facts={"fields": ["priority"]})


def _hand(case: Case, policy: TermPolicy, by: Actor, now: datetime) -> None:
    if policy.hands_to_id and case.team_id != policy.hands_to_id:
        hand_over(case, None, policy.hands_to_id, by, now)


_STEPS: dict[str, Callable[[Case, TermPolicy, Actor, datetime], None]] = {RAISE: _raise, HAND: _hand}
