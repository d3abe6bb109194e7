"""`perezvon simulate`: scripted callers ring a running centre, and scripted operators serve them.

Callers live in the simulated exchange, reached through its control socket. Operators look at what the engine says of
them, as a desk does, and act through the same services as its buttons. It ends by itself and leaves nobody behind.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db.models import Count, Q, QuerySet

from perezvon.connectors.pbx_simulator.control import RemoteControl
from perezvon.connectors.pbx_simulator.load import Load, callers
from perezvon.connectors.pbx_simulator.scripts import Script
from perezvon.cores.calls.model import Call
from perezvon.cores.routing import AgentStatus, Presence
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import PerezvonError
from perezvon.kernel.ids import AgentId
from perezvon.modules.desk.services import finish
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.routing.models import Agent
from perezvon.modules.routing.services import ask_presence
from perezvon.modules.telephony.models import Line
from perezvon.modules.telephony.selectors import Standing, get_standing, list_standings
from perezvon.modules.telephony.services import Click, request
from perezvon.project.demo import talks
from perezvon.project.demo.history import Centre, pool_of, read_centre
from perezvon.project.demo.operators import Deed, Habits, Operator, Press, Say, Shift, Sight, TakePhone, WriteUp
from perezvon.project.environment import environment
from perezvon.project.parts import NotThere

LOOK_EVERY_S = 0.2
CLEARING_UP = timedelta(seconds=45)


class NoSimulator(NotThere):
    """The centre here has no simulated exchange, or it does not run."""

    code = "project.no_simulator"

    def __str__(self) -> str:
        return "No simulated exchange runs here. Start `perezvon demo`, or `serve` with PEREZVON_SIMULATOR=1."


class NoSimulatedLine(NotThere):
    """No line of the centre leads to the simulated exchange."""

    code = "project.no_simulated_line"

    def __str__(self) -> str:
        return "No line of this centre has the connector pbx_simulator, so nobody could call."


@dataclass(frozen=True, slots=True)
class Plan:
    calls_per_hour: float
    operators: int
    minutes: float
    seed: int


def run(arguments: list[str]) -> int:
    """Simulate as the command line says; the exit code."""
    plan = _read(arguments)
    socket = environment().sockets / "simulator.sock"
    if not Path(socket).exists():
        raise NoSimulator(socket=str(socket))
    simulation = Simulation(plan, RemoteControl(str(socket)), print)
    try:
        simulation.run()
    except KeyboardInterrupt:
        print("stopping")
    finally:
        simulation.clear_up()
    simulation.summarise()
    return 0


def _read(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="perezvon simulate", description="Let scripted callers ring.")
    parser.add_argument("--calls-per-hour", type=float, default=60.0)
    parser.add_argument("--operators", type=int, default=3, help="scripted ones, from those who are signed out")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same callers")
    given = parser.parse_args(arguments)
    return Plan(given.calls_per_hour, given.operators, given.minutes, given.seed)


@dataclass(slots=True)
class Worker:
    """A scripted operator and the user he plays."""

    operator: Operator
    person: Person


@dataclass(slots=True)
class Simulation:
    """One run. say: prints a line."""

    plan: Plan
    control: RemoteControl
    say: Callable[[str], None]
    _centre: Centre = field(init=False)
    _lines: list[str] = field(init=False)
    _workers: list[Worker] = field(init=False)
    _chance: random.Random = field(init=False)
    _begins_at: datetime = field(init=False)
    _placed: list[str] = field(default_factory=list)
    _refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._begins_at = clock.now()
        self._chance = random.Random(f"simulate {self.plan.seed}")  # noqa: S311 - repeatable on purpose
        self._centre = read_centre("bank")
        simulated = Line.objects.filter(connector="pbx_simulator").order_by("address")
        self._lines = list(simulated.values_list("address", flat=True))
        if not self._lines:
            raise NoSimulatedLine()
        self._workers = [Worker(self._operator(user), user.actor()) for user in self._free_users()]

    # --- the run ----------------------------------------------------------------------------------

    @property
    def ends_at(self) -> datetime:
        return self._begins_at + timedelta(minutes=self.plan.minutes)

    def run(self) -> None:
        """Until the time is over."""
        waiting = list(self._scripts())
        self.say(
            f"{len(waiting)} callers in {self.plan.minutes:g} min, {len(self._workers)} operators: {self._names()}"
        )
        report_at = self._begins_at + timedelta(minutes=1)
        while (now := clock.now()) < self.ends_at:
            while waiting and waiting[0].arrives_at <= now:
                self._place(waiting.pop(0))
            self._let_them_act(now)
            if now >= report_at:
                self.say(self._status(now))
                report_at += timedelta(minutes=1)
            time.sleep(LOOK_EVERY_S)

    def clear_up(self) -> None:
        """Callers hang up, operators write up what they have and leave."""
        for call_id in self._placed:
            with suppress(RuntimeError):  # he has hung up long ago
                self.control.caller_hangs_up(call_id)
        until = clock.now() + CLEARING_UP
        while clock.now() < until and (self._send_home() or self._ours().filter(ended_at=None).exists()):
            time.sleep(LOOK_EVERY_S)
        for worker in self._workers:
            with suppress(RuntimeError):
                self.control.operator_leaves(f"agent:{worker.person.id}")

    def summarise(self) -> None:
        self.say(f"over after {(clock.now() - self._begins_at).total_seconds() / 60:.1f} min")
        self.say(self._status(clock.now()))
        for code, times in sorted(self._refused.items()):
            self.say(f"refused: {code} {times} times")

    # --- callers ----------------------------------------------------------------------------------

    def _scripts(self) -> Iterator[Script]:
        load = Load(
            lines=self._lines,
            callers=pool_of(self._centre, self.plan.seed),
            calls_per_hour=self.plan.calls_per_hour,
            talk_s=90.0,
        )
        return callers(load, starts_at=self._begins_at, minutes=self.plan.minutes, seed=self.plan.seed)

    def _place(self, script: Script) -> None:
        presses = [{"after_s": press.after_s, "digits": press.digits} for press in script.presses]
        placed = self.control.place_call(
            script.line,
            script.caller,
            record=script.record,
            patience_s=script.patience_s,
            talk_s=script.talk_s,
            ends=script.ends.value,
            presses=presses,
        )
        self._placed.append(placed["call_id"])

    # --- operators --------------------------------------------------------------------------------

    def _free_users(self) -> list[User]:
        """Operators whom nobody plays now: signed out, or never signed in."""
        standings = list_standings()
        busy = {user for user, agent in standings.items() if agent.status is not AgentStatus.OUT}
        agents = Agent.objects.filter(user__is_active=True, user__role__code__in=("operator", "extended_operator"))
        users = [agent.user for agent in agents.exclude(user__in=busy).select_related("user__role").order_by("user_id")]
        return users[: self.plan.operators]

    def _operator(self, user: User) -> Operator:
        shift = Shift(AgentId(user.pk), self._begins_at, self.ends_at)
        chance = random.Random(f"{user.login} {self.plan.seed}")  # noqa: S311 - repeatable on purpose
        return Operator(shift, Habits(targets=self._centre.targets, wrap_up_s=15.0), chance)

    def _names(self) -> str:
        return ", ".join(worker.person.name for worker in self._workers) or "none is free"

    def _let_them_act(self, now: datetime) -> None:
        for worker in self._workers:
            for deed in worker.operator.look(_sight(get_standing(worker.person.id)), now):
                self._do(worker.person, deed, now)

    def _do(self, person: Person, deed: Deed, now: datetime) -> None:
        try:
            match deed:
                case TakePhone(up=True):
                    self.control.operator_comes(f"agent:{person.id}")
                case TakePhone():
                    self.control.operator_leaves(f"agent:{person.id}")
                case Say(presence=presence, reason=reason, after_contact=later):
                    ask_presence(presence=presence, reason=reason, after_contact=later, by=person, now=now)
                case Press(call_id=call_id, act=act, target=target):
                    request(call_id=call_id, click=Click(uuid4(), act, target=target), by=person, now=now)
                case WriteUp(call=call):
                    self._write_up(call, person, now)
        except PerezvonError as refused:
            self._refused[refused.code] += 1

    def _write_up(self, call: Call, person: Person, now: datetime) -> None:
        project = self._centre.projects[call.line]
        scribe = talks.Scribe(self._centre.talks, self._centre.results[project.pk], self._chance)
        said = scribe.write(project=project.code, now=now)
        for path in said.topics:
            topic_id = self._centre.topics[project.pk, path]
            interactions.add_topic(interaction_id=call.contact_id, topic_id=topic_id, by=person, now=now)
        for note in said.notes:
            interactions.add_note(interaction_id=call.contact_id, text=note, by=person, now=now)
        finish(interaction_id=call.contact_id, result=said.result, fields=said.fields, by=person, now=now)

    def _send_home(self) -> bool:
        """Whether anybody is still there; whoever is writes up at once and asks to be let out."""
        now = clock.now()
        still_there = False
        for worker in self._workers:
            standing = get_standing(worker.person.id)
            agent = standing.agent
            if agent is None or agent.status is AgentStatus.OUT:
                continue
            still_there = True
            call = _sight(standing).call
            if agent.status is AgentStatus.WRAP_UP and call is not None:
                self._do(worker.person, WriteUp(call), now)
            elif not (agent.next and agent.next.presence is Presence.OUT):
                self._do(worker.person, Say(Presence.OUT, after_contact=True), now)
        return still_there

    # --- what it says -----------------------------------------------------------------------------

    def _ours(self) -> QuerySet[Interaction]:
        return Interaction.objects.filter(began_at__gte=self._begins_at, line__in=self._lines)

    def _status(self, now: datetime) -> str:
        counted = self._ours().aggregate(
            calls=Count("pk"),
            served=Count("answered_at"),
            abandoned=Count("pk", filter=Q(answered_at=None, ended_at__isnull=False)),
            waiting=Count("pk", filter=Q(answered_at=None, ended_at=None)),
            talking=Count("pk", filter=Q(answered_at__isnull=False, ended_at=None)),
        )
        told = "  ".join(f"{name} {number}" for name, number in counted.items())
        return f"{now.astimezone(self._centre.zone):%H:%M:%S}  {told}"


def _sight(standing: Standing) -> Sight:
    agent = standing.agent
    if agent is None:
        return Sight(AgentStatus.OUT, "", None)
    key = UUID(agent.work.item.partition(":")[2]) if agent.work else None
    call = next((call for call in standing.calls if call.id == key), None)
    return Sight(agent.status, agent.reason, call)
