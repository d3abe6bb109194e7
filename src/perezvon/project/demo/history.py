"""The demo's history: day after day of the centre, newest first, each in one transaction.

Every day has a command id of its own that follows from its date, so a load that was killed goes on where it was, and
one that is complete finds nothing to do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from perezvon.connectors.pbx_simulator.load import Load, callers
from perezvon.connectors.pbx_simulator.scripts import Script
from perezvon.connectors.pbx_simulator.simulator import World, write_nothing
from perezvon.connectors.pbx_simulator.sound import write_tones
from perezvon.cores.calls.words import RecordingBegan, RecordingReady, Target
from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import command, intent
from perezvon.foundation.numbering import reserve_numbers
from perezvon.foundation.people.models import Project
from perezvon.kernel.ids import AgentId, QueueId
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Result
from perezvon.modules.interactions.services import option_of
from perezvon.modules.routing import selectors as routing_selectors
from perezvon.modules.routing import services as routing
from perezvon.modules.routing.models import Agent, Queue
from perezvon.modules.telephony import selectors as telephony_selectors
from perezvon.modules.telephony import services as telephony
from perezvon.modules.telephony.models import Line
from perezvon.modules.topics.models import Topic
from perezvon.project.demo import talks
from perezvon.project.demo.day import Configuration, Happened, VirtualDay, id_of
from perezvon.project.demo.operators import Habits, Operator
from perezvon.project.demo.timetable import WORKING_DAY, DayPlan, plan_day

BY = System(name="demo")
CREW_SIZE = 3
LINE_WEIGHTS = {"phone-loans": 46, "phone-cards": 38, "loans": 9, "cards": 7}
PATIENCE_S, TALK_S = 130.0, 175.0
UNKNOWN_SHARE, HIDDEN_SHARE, REGULAR_EVERY = 0.10, 0.035, 9
FOUND_SHARE = 0.35  # of callers whom the number does not tell: the operator finds them by name
RECORDED_DAYS, SOUND_S = 3, 3.0  # today and the two days before; a few seconds of each call
SETTLING = timedelta(minutes=40)  # whoever calls so shortly before now may still be talking


@dataclass(frozen=True, slots=True)
class History:
    """What history to make. now: the end of it; the days before are whole."""

    now: datetime
    days: int = 90
    contacts: int = 8000
    seed: int = 1

    def dates(self, zone: ZoneInfo) -> Iterator[date]:
        """Newest first, today included."""
        today = self.now.astimezone(zone).date()
        yield from (today - timedelta(days=back) for back in range(self.days + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """The installation as it is configured, read once for all days."""

    zone: ZoneInfo
    configuration: tuple[Configuration, ...]
    crews: tuple[tuple[AgentId, ...], ...]
    targets: tuple[Target, ...]
    projects: Mapping[str, Project]  # by line
    topics: Mapping[tuple[int, tuple[str, ...]], int]
    results: Mapping[int, Mapping[str, talks.Result]]
    talks: talks.Talks
    customers: Mapping[str, UUID]  # whose a number is, where it is exactly one's
    numbers: tuple[str, ...]


def read_centre(blueprint: str) -> Centre:
    """Eight queries."""
    agents = Agent.objects.filter(user__role__code__in=("operator", "extended_operator"))
    people = [AgentId(user) for user in agents.order_by("user_id").values_list("user_id", flat=True)]
    customers = _whose_numbers()
    return Centre(
        zone=ZoneInfo(Project.objects.order_by("number").values_list("zone", flat=True)[0]),
        configuration=(*routing_selectors.configuration(), *telephony_selectors.configuration()),
        crews=tuple(tuple(people[at : at + CREW_SIZE]) for at in range(0, len(people), CREW_SIZE)),
        targets=tuple(Target(queue=QueueId(queue)) for queue in Queue.objects.values_list("pk", flat=True)),
        projects={line.address: line.project for line in Line.objects.select_related("project")},
        topics=_topic_paths(),
        results=_results(),
        talks=talks.read_talks(blueprint),
        customers=customers,
        numbers=tuple(sorted(customers, key=lambda digits: str(customers[digits]))),
    )


def _whose_numbers() -> dict[str, UUID]:
    found: dict[str, UUID | None] = {}
    points = ContactPoint.objects.filter(
        kind=ContactPoint.Kind.PHONE, struck_reason="", customer__deleted_at=None
    ).exclude(digits="")
    for digits, customer in points.values_list("digits", "customer_id"):
        found[digits] = customer if found.get(digits, customer) == customer else None
    return {digits: customer for digits, customer in found.items() if customer}


def _topic_paths() -> dict[tuple[int, tuple[str, ...]], int]:
    """Topics by project and the English names that lead to them."""
    topics = {topic.pk: topic for topic in Topic.objects.filter(is_active=True)}

    def path(topic: Topic) -> tuple[str, ...]:
        above = topics.get(topic.parent_id) if topic.parent_id else None
        return (*(path(above) if above else ()), topic.name.get("en", ""))

    return {(topic.project_id, path(topic)): topic.pk for topic in topics.values()}


def _results() -> dict[int, dict[str, talks.Result]]:
    found: dict[int, dict[str, talks.Result]] = {}
    for row in Result.objects.filter(is_active=True, system=False):
        # Those that any contact may have: nobody is told here what holds of this one.
        reasons = tuple(one.code for one in option_of(row).reasons if not one.rule.when and not one.rule.must)
        found.setdefault(row.project_id, {})[row.code] = talks.Result(row.code, tuple(row.requires), reasons)
    return found


# --- loading ----------------------------------------------------------------------------------------


def load_history(history: History, centre: Centre, spool: Path) -> Iterator[tuple[date, int]]:
    """Write what is missing, newest day first; tells each day with its number of contacts as it is there."""
    dates = list(history.dates(centre.zone))
    scripts = {day: callers_of(plan_of(day, history, centre), history, centre) for day in dates}
    numbers = _number_blocks(scripts, history)
    known = set(
        CommandRecord.objects.filter(pk__in=[_command_id(day, history) for day in dates]).values_list("pk", flat=True)
    )
    for back, day in enumerate(dates):
        if _command_id(day, history) in known:
            continue
        plan = plan_of(day, history, centre)
        happened = run_day(plan, scripts[day], history, centre, str(spool) if back < RECORDED_DAYS else "")
        with intent(_command_id(day, history)):
            yield day, load_day(happened=happened, plan=plan, history=history, centre=centre, numbers=numbers[day])


def load_day(*, happened: Happened, plan: DayPlan, history: History, centre: Centre, numbers: range) -> int:
    """Write one day, all of it or nothing. Returns the number of its contacts."""
    return _write_day(
        happened=happened,
        write_ups=write_ups_of(happened, plan, history, centre),
        customers=centre.customers,
        numbers=numbers,
        until={agent: _comes_again(agent, plan, history, centre) for crew in centre.crews for agent in crew},
        by=BY,
        now=history.now,
    )


@command("demo.load_day", needs="interactions.record")
def _write_day(
    *,
    happened: Happened,
    write_ups: Sequence[interactions.WriteUp],
    customers: Mapping[str, UUID],
    numbers: range,
    until: Mapping[int, datetime],
    by: System,
    now: datetime,
) -> int:
    facts = happened.facts
    written = interactions.record_past(
        facts=facts, write_ups=write_ups, customers=customers, numbers=numbers, by=by, now=now
    )
    telephony.record_past_recordings(facts=facts, by=by, now=now)
    routing.record_past_states(moves=happened.moves, until=until, by=by, now=now)
    return written


def _command_id(day: date, history: History) -> UUID:
    return id_of("demo day", day, history.seed)


def _comes_again(agent: int, plan: DayPlan, history: History, centre: Centre) -> datetime:
    """When the stretch ends in which he is out after this day: with his next shift, or now."""
    for ahead in range(1, 8):
        later = plan_of(plan.date + timedelta(days=ahead), history, centre)
        begins = [shift.begins_at for shift in later.shifts if shift.agent == agent]
        if begins:
            return min(begins[0], history.now)
    return history.now


@command("demo.reserve_numbers", needs="interactions.record")
def _reserve(*, count: int, by: System, now: datetime) -> int:
    return reserve_numbers("interaction", count).start


def _number_blocks(scripts: Mapping[date, Sequence[Script]], history: History) -> dict[date, range]:
    """Numbers that rise with time although the newest day is written first. A day leaves some of its block unused."""
    sizes = {day: round(len(calls) * 1.4) + 10 for day, calls in sorted(scripts.items())}
    with intent(id_of("demo numbers", history.seed)):
        start = _reserve(count=sum(sizes.values()), by=BY, now=history.now)
    blocks: dict[date, range] = {}
    for day, size in sizes.items():
        blocks[day] = range(start, start + size)
        start += size
    return blocks


# --- one day ----------------------------------------------------------------------------------------


def plan_of(day: date, history: History, centre: Centre) -> DayPlan:
    return plan_day(
        day, zone=centre.zone, crews=centre.crews, calls_a_day=history.contacts / history.days, seed=history.seed
    )


def callers_of(plan: DayPlan, history: History, centre: Centre) -> list[Script]:
    """Who calls on this day, in order; nobody so late that he would still be talking at the end of the history."""
    load = Load(
        lines=list(LINE_WEIGHTS),
        weights=list(LINE_WEIGHTS.values()),
        callers=pool_of(centre, history.seed),
        calls_per_hour=plan.calls_per_hour,
        profile=WORKING_DAY,
        patience_s=PATIENCE_S,
        talk_s=TALK_S,
    )
    seed = plan.date.toordinal() * 1000 + history.seed
    found = callers(load, starts_at=plan.starts_at, minutes=24 * 60, seed=seed)
    return [script for script in found if script.arrives_at < history.now - SETTLING]


@cache
def pool_of(centre: Centre, seed: int) -> tuple[str | None, ...]:
    """Numbers to draw callers from: some call often, some are not on any card, some are withheld."""
    chance = random.Random(f"callers {seed}")  # noqa: S311 - repeatable on purpose
    known = [f"+{digits}" for digits in centre.numbers]
    regulars = known[::REGULAR_EVERY] * 5
    count = len(known) + len(regulars)
    unknown = [f"+79{chance.randrange(10**9):09}" for _ in range(max(5, round(count * UNKNOWN_SHARE)))]
    hidden = [None] * max(1, round(count * HIDDEN_SHARE))
    return (*known, *regulars, *unknown, *hidden)


def run_day(plan: DayPlan, scripts: Sequence[Script], history: History, centre: Centre, spool: str) -> Happened:
    """What happens on the day, up to now. spool: where recordings are written; empty: nobody records."""
    seed = plan.date.toordinal() * 1000 + history.seed
    habits = Habits(targets=centre.targets)
    # By place, not by number: the same day comes out in another database.
    operators = [
        Operator(shift, habits, random.Random(f"operator {place} {seed}"))  # noqa: S311 - repeatable on purpose
        for place, shift in enumerate(plan.shifts)
    ]
    day = VirtualDay(
        configuration=centre.configuration,
        scripts=scripts,
        operators=operators,
        world=World(spool=spool, sound_s=SOUND_S),
        seed=seed,
        write=write_tones if spool else write_nothing,
    )
    return _until(history.now, day.run(plan.starts_at), has_sound=bool(spool))


def _until(now: datetime, happened: Happened, *, has_sound: bool) -> Happened:
    """Without what has not happened yet: a contact counts when all of it is over."""
    open_ones = {fact.contact_id for fact in happened.facts if fact.at > now}
    sounds = () if has_sound else (RecordingBegan, RecordingReady)
    return Happened(
        [fact for fact in happened.facts if fact.contact_id not in open_ones and not isinstance(fact, sounds)],
        [move for move in happened.moves if move.at <= now],
        [written for written in happened.write_ups if written[2].contact_id not in open_ones],
    )


def write_ups_of(happened: Happened, plan: DayPlan, history: History, centre: Centre) -> list[interactions.WriteUp]:
    """What the operators wrote; of a contact that was passed on, what the last of them did."""
    chance = random.Random(f"words {plan.date} {history.seed}")  # noqa: S311 - repeatable on purpose
    age = 1 - (history.now.date() - plan.date).days / max(1, history.days)
    found: dict[UUID, interactions.WriteUp] = {}
    for at, agent, call in happened.write_ups:
        project = centre.projects[call.line]
        scribe = talks.Scribe(centre.talks, centre.results[project.pk], chance)
        said = scribe.write(project=project.code, now=at, age=age, incident=plan.incident)
        found[call.contact_id] = interactions.WriteUp(
            interaction_id=call.contact_id,
            author_id=agent,
            at=at,
            result=said.result,
            fields=said.fields,
            topic_ids=[centre.topics[project.pk, path] for path in said.topics],
            notes=_timed(said.notes, call.answered_at or at, at, chance),
            customer_id=_found_by_name(call.number, centre, chance),
        )
    return list(found.values())


def _timed(
    notes: Sequence[str], answered_at: datetime, until: datetime, chance: random.Random
) -> list[tuple[datetime, str]]:
    """Notes are written while people talk or just after."""
    moments = sorted(chance.uniform(0.2, 1.0) for _ in notes)
    return [(answered_at + (until - answered_at) * moment, note) for moment, note in zip(moments, notes, strict=True)]


def _found_by_name(digits: str | None, centre: Centre, chance: random.Random) -> UUID | None:
    """The card that the operator found for a caller whom his number does not tell."""
    if digits in centre.customers or not centre.numbers or chance.random() >= FOUND_SHARE:
        return None
    return centre.customers[chance.choice(centre.numbers)]
