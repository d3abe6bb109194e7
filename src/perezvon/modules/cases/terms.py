"""What is promised for a case, and how that stands: from what happened to dues. Decided by cores/sla.

A case keeps the earliest of all that is owed, and of what was promised by hand, as its `due`; it is reckoned anew in
the transaction of every change, and by the clock when a moment comes at which something changes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from perezvon.cores import sla
from perezvon.cores.sla import Event, Happening, Target, Verdict
from perezvon.cores.worktime import Calendar
from perezvon.foundation.calendars.selectors import calendar_for, core_of
from perezvon.modules.cases.models import Act, Case, CaseEntry, CaseState, CaseTerm, Promise, Stage, TermPolicy

WARNED, BROKEN, RAISE, HAND = "warned", "broken", "raise", "hand"
_OVER = {Stage.SOLVED.value, Stage.CLOSED.value}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a case's stream, as far as terms care."""

    act: str
    at: datetime
    is_public: bool
    target: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A policy's promise for one case. wake_at: when it changes by itself; steps: what escalation has to do now."""

    policy: TermPolicy
    verdict: Verdict
    wake_at: datetime | None
    steps: tuple[str, ...]


def fits(policy: TermPolicy, case: Case, level: str) -> bool:
    """Whether it promises something for this case."""
    return (
        policy.is_active
        and policy.kind_id in (None, case.kind_id)
        and policy.category_id in (None, case.category_id)
        and policy.project_id in (None, case.project_id)
        and policy.priority in (None, case.priority)
        and policy.level.strip().casefold() in ("", level.strip().casefold())
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


def core_policy(policy: TermPolicy, calendar: Calendar, pauses: frozenset[str]) -> sla.Policy:
    """As the core reckons with it."""
    return sla.Policy(policy.code, calendar, tuple(targets_of(policy)), pauses)


class Calendars:
    """By which calendar a policy is reckoned for a case: its own, else that of the case's team or project.

    One query for each team and project, however many cases.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int | None], Calendar] = {}

    def of(self, policy: TermPolicy, case: Case) -> Calendar:
        if policy.calendar is not None:
            return core_of(policy.calendar)
        key = case.project_id, case.team_id
        if key not in self._known:
            self._known[key] = calendar_for(project_id=case.project_id, team_id=case.team_id)
        return self._known[key]


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
        elif one.is_public and one.act in {Act.COMMENT, Act.LETTER}:
            found.append(Event(Happening.REPLIED, one.at))
    return found


def told_of(case: Case) -> list[Told]:
    """One query."""
    rows = CaseEntry.objects.filter(case=case).order_by("at", "id").values_list("act", "at", "is_public", "facts")
    return [Told(act, at, public, facts.get("to") if act == Act.MOVED else None) for act, at, public, facts in rows]


def judge(
    policies: Iterable[tuple[TermPolicy, Calendar]],
    events: Sequence[Event],
    pauses: frozenset[str],
    now: datetime,
    done: Mapping[tuple[int, str], Sequence[str]],
) -> list[Judged]:
    """How each promise stands. done: what was done before, by policy and promise."""
    found = []
    for policy, calendar in policies:
        core = core_policy(policy, calendar, pauses)
        steps = steps_of(policy)
        for target in core.targets:
            verdict = sla.judge(core, target, events, now)
            before = done.get((policy.pk, target.kind.value), ())
            due = tuple(one.step.code for one in sla.steps_due(core, verdict, steps, before, now))
            if due or _untold(verdict.state, before):
                found.append(Judged(policy, verdict, now, due))
                continue
            moments = [sla.next_wakeup([verdict], now), sla.next_step(core, verdict, steps, {*before, *due}, now)]
            found.append(Judged(policy, verdict, min(filter(None, moments), default=None), due))
    return found


def _untold(state: sla.State, done: Sequence[str]) -> bool:
    """Whether somebody has to hear of it first."""
    return news(state, done) is not None


def news(state: sla.State, done: Sequence[str]) -> str | None:
    """What nobody was told yet: that it will soon be broken, or that it was."""
    if state in {sla.State.BREACHED, sla.State.MET_LATE} and BROKEN not in done:
        return BROKEN
    return WARNED if state is sla.State.WARNED and WARNED not in done else None


def reckon(case: Case, now: datetime, *, policies: Sequence[TermPolicy] | None = None) -> list[Judged]:
    """Put down how all promises of a case stand, and when it is due; the case itself is not saved. Six queries.

    What stands still, and what is over, has no due.
    """
    known = active_policies() if policies is None else policies
    mine = policies_for(case, known)
    kept = {(term.policy_id, term.promise): term for term in case.terms.all()}
    judged: list[Judged] = []
    if mine:
        states = {one.pk: one for one in CaseState.objects.filter(kind=case.kind_id)}
        events = history(told_of(case), states, first_state(case, states))
        calendars, done = Calendars(), {key: term.done for key, term in kept.items()}
        with_calendars = [(policy, calendars.of(policy, case)) for policy in mine]
        judged = judge(with_calendars, events, pauses_of(states), now, done)
    _keep(case, judged, kept)
    case.due = due_of(case, judged)
    return judged


def policies_for(case: Case, known: Iterable[TermPolicy]) -> list[TermPolicy]:
    level = case.customer.segment if case.customer_id and case.customer else ""
    return [] if case.merged_into_id else [policy for policy in known if fits(policy, case, level)]


def pauses_of(states: Mapping[int, CaseState]) -> frozenset[str]:
    return frozenset(one.code for one in states.values() if one.stage == Stage.PAUSED)


def first_state(case: Case, states: Mapping[int, CaseState]) -> str:
    """One query."""
    first = case.entries.filter(act=Act.MOVED).order_by("at", "id").values_list("facts", flat=True).first()
    began = states.get(first["from"]) if first else None
    return (began or case.state).code


def due_of(case: Case, judged: Iterable[Judged]) -> datetime | None:
    earliest = sla.earliest([one.verdict for one in judged])
    moments = (case.promised, earliest.due_at if earliest else None)
    return None if case.is_over else min(filter(None, moments), default=None)


def active_policies() -> list[TermPolicy]:
    """One query."""
    return list(
        TermPolicy.objects.filter(is_active=True).select_related("calendar", "hands_to").order_by("position", "id")
    )


def _keep(case: Case, judged: Sequence[Judged], kept: dict[tuple[int, str], CaseTerm]) -> None:
    rows = [term_of(case, one, kept.pop((one.policy.pk, one.verdict.target.kind.value), None)) for one in judged]
    if kept:
        CaseTerm.objects.filter(pk__in=[term.pk for term in kept.values()]).delete()
    if not rows:
        return
    CaseTerm.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["case", "policy", "promise"],
        update_fields=["state", "counted", "due_at", "met_at", "wake_at", "done"],
    )


def term_of(case: Case, one: Judged, kept: CaseTerm | None) -> CaseTerm:
    verdict = one.verdict
    begins_anew = verdict.state in {sla.State.RUNNING, sla.State.IDLE, sla.State.MET}
    return CaseTerm(
        case=case,
        policy=one.policy,
        promise=verdict.target.kind.value,
        state=verdict.state.value,
        counted=int(verdict.counted.total_seconds()),
        due_at=verdict.due_at,
        met_at=verdict.met_at,
        wake_at=one.wake_at,
        done=[] if begins_anew or kept is None else kept.done,
    )


def explained(case: Case, term: CaseTerm, now: datetime) -> tuple[Verdict, Sequence[Any]]:
    """How a promise stands, and the stretches that add up to what was counted. Five queries."""
    states = {one.pk: one for one in CaseState.objects.filter(kind=case.kind_id)}
    events = history(told_of(case), states, first_state(case, states))
    core = core_policy(term.policy, Calendars().of(term.policy, case), pauses_of(states))
    target = next(one for one in core.targets if one.kind.value == term.promise)
    return sla.judge(core, target, events, now), sla.explain(core, target, events, now)


def promise_label(promise: str) -> str:
    return str(Promise(promise).label)
