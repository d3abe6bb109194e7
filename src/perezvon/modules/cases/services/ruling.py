"""Rules: setting them up, trying them, and what they do when something happens to a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from perezvon.cores.conditions import Unreadable, Value, problems, read
from perezvon.foundation.access import Actor, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.models import OVER, Job
from perezvon.foundation.jobs.services import Work, ask_for_job
from perezvon.foundation.messages.texts import check_places
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.cases.actions import ActionField, case_actions
from perezvon.modules.cases.facts import RELATED, values_of, vocabulary
from perezvon.modules.cases.models import Case, CaseRule, RuleRun, When
from perezvon.modules.cases.rules import Decision, Verdict, decide
from perezvon.modules.cases.selectors import SET_UP, UNDER_WAY, WORK, get_rule, visible
from perezvon.modules.cases.services.setup import (
    Texts,
    code_problems,
    held,
    name_problems,
    project_problems,
    put,
    texts_of,
)
from perezvon.modules.cases.services.writing import acting_for, refuse

log = structlog.get_logger()

RUN_BY_HAND = "cases.run_rule"  # the kind of job
BY = System(name="case rules")
MOST_TRIED, SHOWN, BATCH = 20_000, 50, 500
LONGEST_TEXT = 5_000
LONGEST_WAIT = 60 * 24 * 366


@dataclass(frozen=True, slots=True)
class RuleWanted:
    """As models.CaseRule. where: conditions as they are kept."""

    code: str
    name: Texts
    when: str
    project_id: int | None = None
    after: int = 0
    again: int = 0
    where: Sequence[Any] = ()
    actions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stops: bool = False
    position: int | None = None


@command("cases.save_rule", needs=SET_UP)
def save_rule(*, rule_id: int | None, version: int, wanted: RuleWanted, by: Actor, now: datetime) -> CaseRule:
    """Make a rule, or change it. Raises FieldsWrong with all that is wrong, CaseKindChanged, NoSuchCaseKind."""
    if rule_id:
        get_rule(rule_id, by=by)
    rule = held(CaseRule, rule_id, version, by) if rule_id else CaseRule(code=wanted.code, swept_at=now)
    wrong = name_problems(wanted.name) | ({} if rule_id else code_problems(wanted.code, CaseRule.objects))
    refuse(wrong | rule_problems(wanted, by))
    waited = rule.when, rule.after, rule.again
    kept = {
        "name": texts_of(wanted.name),
        "when": wanted.when,
        "project_id": wanted.project_id,
        "after": wanted.after if wanted.when == When.WAITED else 0,
        "again": wanted.again if wanted.when == When.WAITED else 0,
        "where": list(wanted.where),
        "actions": _kept(wanted.actions),
        "stops": wanted.stops,
    }
    rule = put(rule, kept, CaseRule.objects.all())
    if waited != (rule.when, rule.after, rule.again):
        rule.swept_at = now  # what waited so long before it was said is not asked for; that is run by hand
        rule.save(update_fields=["swept_at"])
    if wanted.position is not None and wanted.position != rule.position:
        rule.position = wanted.position
        rule.save(update_fields=["position"])
    return rule


def rule_problems(wanted: RuleWanted, by: Actor) -> dict[str, Wrong]:
    found = project_problems(wanted.project_id, by)
    if wanted.project_id is None and by.projects is not None:
        found["project"] = Wrong("field.required")
    if wanted.when not in When.values:
        found["when"] = Wrong("choice.unknown")
    if wanted.when == When.WAITED and not 0 < wanted.after <= LONGEST_WAIT:
        found["after"] = Wrong("number.between", least=1, most=LONGEST_WAIT // 60)
    try:
        if problems(read(list(wanted.where)), {code: term.fact for code, term in vocabulary(by).items()}):
            found["where"] = Wrong("condition.choice")
    except Unreadable:
        found["where"] = Wrong("condition.choice")
    if not _kept(wanted.actions):
        found["actions"] = Wrong("field.required")
    return found | _action_problems(wanted.actions, by)


def _kept(actions: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Those that are there and say anything, in the order in which they are done."""
    known = case_actions()
    said = {
        code: {one.name: text for one in known[code].fields if (text := actions[code].get(one.name, "").strip())}
        for code in known
        if code in actions
    }
    return {code: given for code, given in said.items() if given}


def _action_problems(actions: Mapping[str, Mapping[str, str]], by: Actor) -> dict[str, Wrong]:
    known = case_actions()
    asked = (
        (code, one, given.get(one.name, "")) for code, given in _kept(actions).items() for one in known[code].fields
    )
    found = {
        f"do.{code}.{one.name}": _text_problem(one, text, by)
        if known[code].may_be_set_up(by)
        else Wrong("cases.action_not_yours")
        for code, one, text in asked
    }
    return {name: wrong for name, wrong in found.items() if wrong}


def _text_problem(one: ActionField, text: str, by: Actor) -> Wrong | None:
    if not text:
        return Wrong("field.required") if one.required else None
    if len(text) > LONGEST_TEXT:
        return Wrong("text.long", most=LONGEST_TEXT)
    if one.picks is not None and text not in {str(code) for code, _label in one.picks(by)}:
        return Wrong("choice.unknown")
    try:
        check_places([text] if one.checks_places else [])
    except Wrong as wrong:
        return wrong
    return None


# --- trying ---


@dataclass(frozen=True, slots=True)
class RuleTried:
    """How many of the cases under way fit, of how many that were looked at; the newest of them."""

    fits: int
    looked_at: int
    cases: list[Case]


def try_rule(wanted: RuleWanted, *, by: Actor, now: datetime) -> RuleTried:
    """For which cases under way its conditions hold now. Changes nothing. The newest MOST_TRIED are looked at."""
    rule = CaseRule(pk=0, code="tried", where=list(wanted.where), project_id=wanted.project_id, when=wanted.when)
    fits, looked_at = 0, 0
    shown: list[Case] = []
    cases = _under_way(rule, visible(by))[:MOST_TRIED]
    for case, decision in _asked(rule, cases.iterator(chunk_size=BATCH), now):
        looked_at += 1
        if decision.verdict is Verdict.ACTS:
            fits += 1
            shown += [case] if len(shown) < SHOWN else []
    return RuleTried(fits, looked_at, shown)


def _under_way(rule: CaseRule, cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those of the rule's project, the newest first."""
    cases = cases.filter(stage__in=UNDER_WAY, merged_into=None)
    if rule.project_id:
        cases = cases.filter(project=rule.project_id)
    return cases.select_related(*RELATED).order_by("-created_at", "-id")


def _asked(rule: CaseRule, cases: Iterable[Case], now: datetime) -> Iterator[tuple[Case, Decision]]:
    """Cases with what becomes of the rule for each."""
    terms = vocabulary(BY)
    facts = {code: term.fact for code, term in terms.items()}
    where = read(rule.where)
    for case in cases:
        values = values_of(case, terms, now)
        yield case, decide(where, facts, values, rule=rule.pk, acted=(), now=_at(case, now))


def _pages(cases: QuerySet[Case]) -> Iterator[list[Case]]:
    """All of them, a page at a time; none is left out or comes twice when some change meanwhile."""
    page = list(cases[:BATCH])
    while page:
        yield page
        last = page[-1]
        behind = Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.pk)
        page = list(cases.filter(behind, created_at__lte=last.created_at)[:BATCH])


def _at(case: Case, now: datetime) -> datetime:
    """Days are those of the case's project."""
    return now.astimezone(ZoneInfo(case.project.zone))


# --- acting ---


def rules_for(when: str, project_id: int) -> list[CaseRule]:
    """Those in use, in their order. One query."""
    mine = CaseRule.objects.filter(Q(project=None) | Q(project=project_id), when=when, is_active=True)
    return list(mine.order_by("position", "id"))


def apply_rules(
    when: str, case_id: UUID, cause: str, now: datetime, *, more: Mapping[str, Value] | None = None
) -> list[RuleRun]:
    """Ask all rules that wait for this, one after another; each sees what those before it did. In the worker."""
    if not CaseRule.objects.filter(when=when, is_active=True).exists():
        return []
    project = Case.objects.filter(pk=case_id, merged_into=None).values_list("project", flat=True).first()
    done: list[RuleRun] = []
    for rule in rules_for(when, project) if project is not None else []:
        run = ask_rule(rule, case_id, cause, now, more=more)
        done += [run] if run else []
        if rule.stops and run and run.outcome == RuleRun.Outcome.DONE:
            break
    return done


def ask_rule(
    rule: CaseRule,
    case_id: UUID,
    cause: str,
    now: datetime,
    *,
    more: Mapping[str, Value] | None = None,
    tells_loop: bool = True,
) -> RuleRun | None:
    """What became of one rule for one case: None where its conditions do not hold, or where all of it was told before.

    Asked twice for the same cause it does nothing the second time. tells_loop: and the log says so. In a transaction:
    the case is held from before its conditions are judged, so it is still so when it is acted upon.
    """
    Case.objects.select_for_update().only("pk").get(pk=case_id)
    case = Case.objects.select_related(*RELATED).get(pk=case_id)
    terms = vocabulary(BY)
    facts = {code: term.fact for code, term in terms.items()}
    before = _is_told(RuleRun(rule=rule, case=case, cause=cause))
    values = values_of(case, terms, now, more)
    decision = decide(
        read(rule.where), facts, values, rule=rule.pk, acted={rule.pk} if before else (), now=_at(case, now)
    )
    match decision.verdict:
        case Verdict.PASSES:
            return None
        case Verdict.LOOP:
            return _hold_back(rule, case, cause, now) if tells_loop else None
    return _act(rule, case, cause, decision, now)


def _hold_back(rule: CaseRule, case: Case, cause: str, now: datetime) -> RuleRun | None:
    """Told once."""
    run, is_new = RuleRun.objects.get_or_create(
        rule=rule, case=case, cause=cause, outcome=RuleRun.Outcome.LOOP, defaults={"at": now}
    )
    return run if is_new else None


def _act(rule: CaseRule, case: Case, cause: str, decision: Decision, now: datetime) -> RuleRun | None:
    """All of its actions or none; either way it is told."""
    run = RuleRun(rule=rule, case=case, cause=cause, at=now, held=_held(decision))
    try:
        return run_rule(run=run, rule_id=rule.pk, case_id=case.pk, by=BY, now=now)
    except (OperationalError, InterfaceError):
        raise
    except PerezvonError as error:
        run.outcome, run.told, run.facts = RuleRun.Outcome.REFUSED, error.code, _plain(error.facts)
    except Exception as error:
        if isinstance(error, IntegrityError) and _is_told(run):
            return None  # another worker was faster
        log.exception("cases.rule_failed", rule=rule.code, case=str(case.pk))
        run.outcome, run.told = RuleRun.Outcome.FAILED, type(error).__name__
    with transaction.atomic():
        run.pk, run.done = None, []
        run.save(force_insert=True)
    return run


def _is_told(run: RuleRun) -> bool:
    told = RuleRun.objects.filter(rule=run.rule_id, case=run.case_id, cause=run.cause)
    return told.exclude(outcome=RuleRun.Outcome.LOOP).exists()


def _plain(facts: Mapping[str, object]) -> dict[str, Any]:
    """As far as it can be kept: words are made of it when somebody reads the log."""
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}
    return {name: value for name, value in found.items() if isinstance(value, str | int | list)}


def _held(decision: Decision) -> list[list[Any]]:
    """The conditions as they are kept, each with whether it held."""
    return [[one.condition.as_list(), one.held] for one in decision.judged]


@command("cases.run_rule", needs=WORK)
def run_rule(*, run: RuleRun, rule_id: int, case_id: UUID, by: Actor, now: datetime) -> RuleRun:
    """Do what a rule says, and keep that it was done. Raises what its actions raise; then nothing of it is."""
    known = case_actions()
    run.outcome = RuleRun.Outcome.DONE
    run.done = [code for code in known if code in run.rule.actions]
    run.save(force_insert=True)
    with acting_for(rule_id, run.cause):
        for code in run.done:
            case = Case.objects.select_related("kind", "project", "customer").get(pk=case_id)
            known[code].run(case, run.rule.actions[code], by, now)
    return run


# --- by the clock, and by hand ---


def sweep_rules(now: datetime) -> int:
    """Ask the rules that wait for so long in one state, of the cases for which the moment has come. How many acted.

    Each case is asked once for each moment; a sweep that is killed is done again, and does nothing twice.
    """
    rules = CaseRule.objects.filter(when=When.WAITED, is_active=True).order_by("position", "id")
    return sum(_sweep(rule, now) for rule in rules)


# How many moments of a rule have come by then: below 0 none. Parameters: then, after and again in seconds.
_MOMENTS = "floor((extract(epoch FROM %s::timestamptz - moved_at) - %s) / %s)"


def _sweep(rule: CaseRule, now: datetime) -> int:
    after, again = timedelta(minutes=rule.after), timedelta(minutes=rule.again)
    swept_at = rule.swept_at or now
    cases = Case.objects.filter(stage__in=UNDER_WAY, merged_into=None, moved_at__lte=now - after)
    if rule.project_id:
        cases = cases.filter(project=rule.project_id)
    if again:
        turns = [after.total_seconds(), again.total_seconds()]
        due = RawSQL(f"{_MOMENTS} > {_MOMENTS}", [now, *turns, swept_at, *turns], output_field=BooleanField())  # noqa: S611  (a constant)
        cases = cases.filter(due)
    else:
        cases = cases.filter(moved_at__gt=swept_at - after)
    acted = 0
    for key, moved_at in list(cases.order_by("moved_at", "id").values_list("pk", "moved_at")):
        turn = (now - moved_at - after) // again if again and moved_at else 0
        with transaction.atomic():
            run = ask_rule(rule, key, f"waited:{moved_at}:{turn}", now, tells_loop=False)
        acted += run is not None and run.outcome == RuleRun.Outcome.DONE
    CaseRule.objects.filter(pk=rule.pk).update(swept_at=now)
    return acted


@command("cases.ask_to_run_rule", needs=SET_UP)
def ask_to_run_rule(*, rule_id: int, by: Actor, now: datetime) -> Job:
    """Have a worker run a rule for all cases under way for which its conditions hold. Raises NoSuchCaseKind.

    While it runs by hand already, that job is given back, whoever asked for it.
    """
    rule = get_rule(rule_id, by=by, lock=True)
    under_way = Job.objects.filter(kind=RUN_BY_HAND, facts__rule=rule.pk).exclude(state__in=OVER).first()
    if under_way is not None:
        return under_way
    title = gettext("Rule “{name}” for cases under way").format(name=rule)
    return ask_for_job(RUN_BY_HAND, title=title, facts={"rule": rule.pk}, by=by, now=now)


def run_by_hand(work: Work) -> dict[str, Any]:
    """The job. Begun anew after a kill it goes on where it was: what was done for this job is done once."""
    rule = CaseRule.objects.get(pk=work.job.facts["rule"])
    cases = _under_way(rule, Case.objects.all())
    work.advance(0, cases.count())
    counted = dict.fromkeys(RuleRun.Outcome.values, 0)
    fits = looked_at = 0
    for page in _pages(cases):
        for case, decision in _asked(rule, page, work.now()):
            looked_at += 1
            if decision.verdict is Verdict.ACTS:
                fits += 1
                with transaction.atomic():
                    run = ask_rule(rule, case.pk, f"job:{work.job.pk}", work.now(), tells_loop=False)
                if run:
                    counted[run.outcome] += 1
            work.advance(looked_at)
    return {"cases": fits, "done": counted[RuleRun.Outcome.DONE], "refused": counted[RuleRun.Outcome.REFUSED]}


def forget_runs(*, now: datetime, kept: timedelta = timedelta(days=180)) -> int:
    """Take old lines of the log away. How many."""
    return RuleRun.objects.filter(at__lt=now - kept).delete()[0]
