"""What is promised for a case, and how that stands: from what happened to dues. Decided by cores/sla.

A case keeps the earliest of all that is owed, and of what was promised by hand, as its `due`; it is reckoned anew in
the transaction of every change, and by the clock when a moment comes at which something changes by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from psycopg import Cursor

from perezvon.cores import sla
from perezvon.cores.sla import Event, Happening, Target, Verdict
from perezvon.cores.worktime import Calendar
from perezvon.foundation.calendars.selectors import calendar_for, core_of
from perezvon.modules.cases.models import Act, Case, CaseEntry, CaseState, CaseTerm, Promise, Stage, TermPolicy

WARNED, BROKEN, RAISE, HAND = "warned", "broken", "raise", "hand"
type TermKey = tuple[int, str]  # of a policy, and its promise
_OVER = {Stage.SOLVED.value, Stage.CLOSED.value}
_BEGINS_ANEW = frozenset({sla.State.RUNNING, sla.State.IDLE, sla.State.MET})
_ANSWERS = frozenset({Act.COMMENT.value, Act.LETTER.value})


class Told(NamedTuple):
    """One line of a case's stream, as far as terms care."""

    act: str
    at: datetime
    is_public: bool
    target: int | None


class Subject(NamedTuple):
    """A case as far as terms care. key: its id as text, for of a hundred thousand a UUID made of each takes as long as
    judging them. level: of its customer."""

    key: str
    kind_id: int
    category_id: int | None
    project_id: int
    team_id: int | None
    priority: int
    level: str
    state_id: int
    is_over: bool
    is_merged: bool
    promised: datetime | None

    @property
    def alike(self) -> tuple[object, ...]:
        """All that decides what is promised."""
        return (
            self.kind_id, self.category_id, self.project_id, self.team_id, self.priority, self.level, self.is_merged
        )  # fmt: skip

    @classmethod
    def of(cls, case: Case) -> Subject:
        return cls(
            str(case.pk),
            case.kind_id,
            case.category_id,
            case.project_id,
            case.team_id,
            case.priority,
            case.customer.segment if case.customer else "",
            case.state_id,
            case.is_over,
            case.merged_into_id is not None,
            case.promised,
        )


class Judged(NamedTuple):
    """A policy's promise for one case. wake_at: when it changes by itself; steps: what escalation has to do now."""

    policy: TermPolicy
    verdict: Verdict
    wake_at: datetime | None
    steps: tuple[str, ...]

    @property
    def key(self) -> TermKey:
        return self.policy.pk, self.verdict.target.kind


class Row(NamedTuple):
    """What a CaseTerm holds of a promise."""

    state: str
    due_at: datetime | None
    met_at: datetime | None
    wake_at: datetime | None
    done: tuple[str, ...]


def fits(policy: TermPolicy, subject: Subject) -> bool:
    """Whether it promises something for this case."""
    return (
        policy.kind_id in (None, subject.kind_id)
        and policy.category_id in (None, subject.category_id)
        and policy.project_id in (None, subject.project_id)
        and policy.priority in (None, subject.priority)
        and policy.level.strip().casefold() in ("", subject.level.strip().casefold())
    )


def targets_of(policy: TermPolicy) -> list[Target]:
    """What it promises."""
    warn = timedelta(minutes=policy.warn)
    wanted = (
        (sla.Kind.FIRST_RESPONSE, policy.answer, ""),
        (sla.Kind.UPDATE, policy.update, ""),
        (sla.Kind.SOLUTION, policy.solution, ""),
        (sla.Kind.REACH, policy.reach if policy.reach_state else 0, policy.reach_state),
    )
    return [
        Target(kind, timedelta(minutes=within), min(warn, timedelta(minutes=within)), state)
        for kind, within, state in wanted
        if within
    ]


def steps_of(policy: TermPolicy) -> list[sla.Step]:
    """What is done after a breach."""
    wanted = ((RAISE, policy.raises_after), (HAND, policy.hands_after if policy.hands_to_id else None))
    return [sla.Step(code, timedelta(minutes=after)) for code, after in wanted if after is not None]


type Promised = tuple[TermPolicy, sla.Policy, Sequence[sla.Step]]


class Cores:
    """Policies as the core reckons with them: by their own calendar, else that of the case's team or project.

    One query for each team and project, however many cases.
    """

    def __init__(self, policies: Sequence[TermPolicy] = ()) -> None:
        self._policies = policies
        self._calendars: dict[tuple[int, int | None], Calendar] = {}
        self._known: dict[tuple[int, int, frozenset[str]], Promised] = {}
        self._promised: dict[tuple[object, ...], list[Promised]] = {}

    def promised(self, subject: Subject, pauses: frozenset[str]) -> list[Promised]:
        """What the policies promise for this case; the same for all that are alike."""
        key = subject.alike
        if key not in self._promised:
            self._promised[key] = [self.of(policy, subject, pauses) for policy in policies_for(subject, self._policies)]
        return self._promised[key]

    def of(self, policy: TermPolicy, subject: Subject, pauses: frozenset[str]) -> Promised:
        calendar = self._calendar(policy, subject)
        key = policy.pk, id(calendar), pauses
        if key not in self._known:
            core = sla.Policy(policy.code, calendar, tuple(targets_of(policy)), pauses)
            self._known[key] = policy, core, steps_of(policy)
        return self._known[key]

    def _calendar(self, policy: TermPolicy, subject: Subject) -> Calendar:
        if policy.calendar is not None:
            return core_of(policy.calendar)
        key = subject.project_id, subject.team_id
        if key not in self._calendars:
            self._calendars[key] = calendar_for(project_id=subject.project_id, team_id=subject.team_id)
        return self._calendars[key]


def history(told: Iterable[Told], states: Mapping[int, CaseState], first: str) -> list[Event]:
    """What happened, in the words of the core. first: the code of the state in which it began."""
    found: list[Event] = []
    was_over = False
    for one in told:
        if one.act == Act.REGISTERED:
            found.append(Event(Happening.OPENED, one.at, first))
        elif one.act == Act.MOVED and (state := states.get(one.target or 0)):
            is_over = state.stage in _OVER
            what = Happening.MOVED if is_over == was_over else Happening.CLOSED if is_over else Happening.REOPENED
            found.append(Event(what, one.at, state.code))
            was_over = is_over
        elif one.act == Act.CONTACT:
            found.append(Event(Happening.ASKED, one.at))
        elif one.is_public and one.act in _ANSWERS:
            found.append(Event(Happening.REPLIED, one.at))
    return found


def told_of(case: Case) -> list[Told]:
    """One query."""
    rows = CaseEntry.objects.filter(case=case).order_by("at", "id").values_list("act", "at", "is_public", "facts")
    return [Told(act, at, public, facts.get("to") if act == Act.MOVED else None) for act, at, public, facts in rows]


def judge(
    promised: Iterable[Promised], events: Sequence[Event], now: datetime, done: Mapping[TermKey, Sequence[str]]
) -> list[Judged]:
    """How each promise stands. done: what was done for it before."""
    return [
        _judged(one, target, events, now, done.get((one[0].pk, target.kind), ()))
        for one in promised
        for target in one[1].targets
    ]


def _judged(one: Promised, target: Target, events: Sequence[Event], now: datetime, done: Sequence[str]) -> Judged:
    policy, core, steps = one
    verdict = sla.judge(core, target, events, now)
    due = tuple(step.step.code for step in sla.steps_due(core, verdict, steps, done, now)) if steps else ()
    if due or _untold(verdict.state, done):
        return Judged(policy, verdict, now, due)
    wake_at = sla.next_wakeup((verdict,), now)
    if steps and (step_at := sla.next_step(core, verdict, steps, done, now)):
        wake_at = min(wake_at or step_at, step_at)
    return Judged(policy, verdict, wake_at, due)


def _untold(state: sla.State, done: Sequence[str]) -> bool:
    """Whether somebody has to hear of it first."""
    return news(state, done) is not None


def news(state: sla.State, done: Sequence[str]) -> str | None:
    """What nobody was told yet: that it will soon be broken, or that it was."""
    if (state is sla.State.BREACHED or state is sla.State.MET_LATE) and BROKEN not in done:
        return BROKEN
    return WARNED if state is sla.State.WARNED and WARNED not in done else None


def reckon(case: Case, now: datetime) -> list[Judged]:
    """Put down how all promises of a case stand, and when it is due; the case itself is not saved. Up to seven
    queries. What stands still, and what is over, has no due."""
    subject = Subject.of(case)
    policies = active_policies()
    kept = kept_terms([subject.key]).get(subject.key, {})
    judged: list[Judged] = []
    if policies_for(subject, policies):
        states = {one.pk: one for one in CaseState.objects.filter(kind=case.kind_id)}
        events = history(told_of(case), states, first_state(case, states))
        done = {key: row.done for key, (_term, row) in kept.items()}
        judged = judge(Cores(policies).promised(subject, pauses_of(states)), events, now, done)
    put_terms([(subject.key, judged, kept)])
    case.due = due_of(subject, judged)
    return judged


def policies_for(subject: Subject, known: Iterable[TermPolicy]) -> list[TermPolicy]:
    return [] if subject.is_merged else [policy for policy in known if fits(policy, subject)]


def pauses_of(states: Mapping[int, CaseState]) -> frozenset[str]:
    return frozenset(one.code for one in states.values() if one.stage == Stage.PAUSED)


def first_state(case: Case, states: Mapping[int, CaseState]) -> str:
    """One query."""
    first = case.entries.filter(act=Act.MOVED).order_by("at", "id").values_list("facts", flat=True).first()
    began = states.get(first["from"]) if first else None
    return (began or case.state).code


def due_of(subject: Subject, judged: Iterable[Judged]) -> datetime | None:
    earliest = sla.earliest([one.verdict for one in judged])
    moments = (subject.promised, earliest.due_at if earliest else None)
    return None if subject.is_over else min(filter(None, moments), default=None)


def active_policies() -> list[TermPolicy]:
    """One query."""
    return list(
        TermPolicy.objects.filter(is_active=True).select_related("calendar", "hands_to").order_by("position", "id")
    )


# --- rows ---

_UPSERT = """
INSERT INTO cases_caseterm (case_id, policy_id, promise, state, due_at, met_at, wake_at, done)
SELECT fresh.case_id, fresh.policy_id, fresh.promise, fresh.state, fresh.due_at, fresh.met_at, fresh.wake_at,
  string_to_array(fresh.done, '|')
FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
  %s::text[]) AS fresh(case_id, policy_id, promise, state, due_at, met_at, wake_at, done)
ON CONFLICT (case_id, policy_id, promise) DO UPDATE SET state = excluded.state, due_at = excluded.due_at,
  met_at = excluded.met_at, wake_at = excluded.wake_at, done = excluded.done
"""
_KEPT = """
SELECT id, case_id::text, policy_id, promise, state, due_at, met_at, wake_at, done FROM cases_caseterm
WHERE case_id = ANY(%s::uuid[])
"""

type Kept = Mapping[TermKey, tuple[int, Row]]


def kept_terms(cases: Collection[str]) -> dict[str, dict[TermKey, tuple[int, Row]]]:
    """What was put down before, by case and promise, each with its key. One query."""
    found: dict[str, dict[TermKey, tuple[int, Row]]] = {}
    for term, case, policy, promise, state, due_at, met_at, wake_at, done in rows_of(_KEPT, [array(cases)]):
        found.setdefault(case, {})[policy, promise] = term, Row(state, due_at, met_at, wake_at, tuple(done))
    return found


def rows_of(query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """As PostgreSQL hands them over, times in UTC: of many rows Django's own way takes twice as long."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(query, values, binary=True)
        return cursor.fetchall()


def array(values: Iterable[datetime | int | str | None]) -> str:
    """Many values as one parameter: PostgreSQL reads it ten times as fast as a parameter for each.

    Of texts only codes: nothing is escaped.
    """
    return "{" + ",".join(["NULL" if value is None else f'"{value}"' for value in values]) + "}"


def put_terms(found: Iterable[tuple[str, Sequence[Judged], Kept]]) -> None:
    """Write what differs, take away what is promised no more. Two statements, or none."""
    fresh: list[tuple[str, TermKey, Row]] = []
    gone: list[int] = []
    for case, judged, kept in found:
        rows = {one.key: row_of(one, kept.get(one.key)) for one in judged}
        fresh += [(case, key, row) for key, row in rows.items() if key not in kept or kept[key][1] != row]
        gone += [term for key, (term, _row) in kept.items() if key not in rows]
    if gone:
        CaseTerm.objects.filter(pk__in=gone).delete()
    if fresh:
        columns = [(c, k[0], k[1], r.state, r.due_at, r.met_at, r.wake_at, "|".join(r.done)) for c, k, r in fresh]
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [array(column) for column in zip(*columns, strict=True)])


def row_of(one: Judged, kept: tuple[int, Row] | None) -> Row:
    """What was done is forgotten when the promise begins anew, or was kept."""
    state = one.verdict.state
    done = () if kept is None or state in _BEGINS_ANEW else kept[1].done
    return Row(state, one.verdict.due_at, one.verdict.met_at, one.wake_at, done)


def explained(case: Case, term: CaseTerm, now: datetime) -> tuple[Verdict, Sequence[Any]]:
    """How a promise stands, and the stretches that add up to what was counted. Five queries."""
    states = {one.pk: one for one in CaseState.objects.filter(kind=case.kind_id)}
    events = history(told_of(case), states, first_state(case, states))
    _policy, core, _steps = Cores().of(term.policy, Subject.of(case), pauses_of(states))
    target = next(one for one in core.targets if one.kind.value == term.promise)
    return sla.judge(core, target, events, now), sla.explain(core, target, events, now)


def promise_label(promise: str) -> str:
    return str(Promise(promise).label)
