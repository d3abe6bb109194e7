"""Scripted operators: what a person at the desk would do next, given what he sees there.

One operator looks at his state and at the call in front of him. Whenever that has changed he makes a plan, drawn by
lot from his habits: answer in three seconds, put the customer on hold for half a minute, write up in forty. Due
parts of the plan come out as deeds. The same deeds drive a day in virtual time and a running system.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perezvon.cores.calls.model import Call
from perezvon.cores.calls.words import NOWHERE, Act, Phase, Role, Target
from perezvon.cores.routing import AgentStatus, Presence, Reason
from perezvon.kernel.ids import AgentId, CallId


@dataclass(frozen=True, slots=True)
class Break:
    """A pause in the shift, taken as soon as the contact in hand allows."""

    at: datetime
    reason: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Shift:
    agent: AgentId
    begins_at: datetime
    ends_at: datetime
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares are of calls; seconds are means.

    targets: whom he may pass a caller on to; empty: nobody.
    """

    missed_share: float = 0.015
    declined_share: float = 0.004
    hold_share: float = 0.14
    transfer_share: float = 0.03
    consult_share: float = 0.02
    answer_s: float = 4.0
    hold_s: float = 35.0
    wrap_up_s: float = 38.0
    rest_s: float = 6.0
    targets: Sequence[Target] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands on the desk. call: the one in hand, ringing and written up included."""

    status: AgentStatus
    reason: str
    call: Call | None


# --- deeds ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakePhone:
    """Come to the desk (True) or leave it."""

    up: bool


@dataclass(frozen=True, slots=True)
class Say:
    """Ask for a presence."""

    presence: Presence
    reason: str = ""
    after_contact: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """Push a button of the call bar."""

    call_id: CallId
    act: Act
    target: Target = NOWHERE


@dataclass(frozen=True, slots=True)
class WriteUp:
    """Write what came of the contact; the work after it is done then."""

    call: Call


type Deed = TakePhone | Say | Press | WriteUp


@dataclass(slots=True)
class Operator:
    """One person in one shift. Ask `look` at `next_at`, and whenever something may have changed.

    next_at: when he will do something even if nothing changes.
    """

    shift: Shift
    habits: Habits
    chance: random.Random
    next_at: datetime | None = None
    _seen: tuple[object, ...] = ()
    _plan: list[tuple[datetime, Deed]] = field(default_factory=list)
    _timetable: list[tuple[datetime, Deed]] = field(default_factory=list)
    _settled: set[CallId] = field(default_factory=set)
    _in_hand: Call | None = None

    def __post_init__(self) -> None:
        shift = self.shift
        self._timetable = [
            (shift.begins_at, TakePhone(up=True)),
            (shift.begins_at, Say(Presence.NOT_READY, Reason.SIGNED_IN)),
            *((rest.at, Say(Presence.NOT_READY, rest.reason, after_contact=True)) for rest in shift.breaks),
            (shift.ends_at, Say(Presence.OUT, after_contact=True)),
        ]
        self.next_at = shift.begins_at

    @property
    def agent(self) -> AgentId:
        return self.shift.agent

    def look(self, sight: Sight, now: datetime) -> list[Deed]:
        """What he does now."""
        self._notice(sight, now)
        deeds = self._take_due(self._timetable, now) + self._take_due(self._plan, now)
        self.next_at = min((plan[0][0] for plan in (self._timetable, self._plan) if plan), default=None)
        return deeds

    def _notice(self, sight: Sight, now: datetime) -> None:
        call = sight.call
        # A call that was passed on may be over for everybody before he has written his part.
        self._in_hand = call or self._in_hand
        seen = (sight.status, sight.reason, call and call.id, call and call.phase, self._colleague_is_there(call))
        if seen != self._seen:
            self._seen = seen
            self._plan = [(now + timedelta(seconds=after), deed) for after, deed in self._intend(sight)]

    def _take_due(self, plan: list[tuple[datetime, Deed]], now: datetime) -> list[Deed]:
        deeds = []
        while plan and plan[0][0] <= now:
            deeds.append(plan.pop(0)[1])
        return deeds

    # --- plans ------------------------------------------------------------------------------------

    def _intend(self, sight: Sight) -> list[tuple[float, Deed]]:
        """What he makes up his mind to, in seconds from now."""
        match sight.status:
            case AgentStatus.NOT_READY:
                return [(self._rest(sight.reason), Say(Presence.READY))]
            case AgentStatus.MISSED:
                return [(self._about(60), Say(Presence.READY))]
            case AgentStatus.RINGING:
                return self._ringing(sight.call)
            case AgentStatus.BUSY:
                return self._talking(sight.call)
            case AgentStatus.WRAP_UP if self._in_hand:
                return [(self._about(self.habits.wrap_up_s), WriteUp(self._in_hand))]
            case AgentStatus.OUT:
                return [] if self._timetable else [(5.0, TakePhone(up=False))]
            case _:
                return []

    def _rest(self, reason: str) -> float:
        for rest in self.shift.breaks:
            if rest.reason == reason:
                return self._about(rest.minutes * 60, spread=0.08)
        return self._about(self.habits.rest_s)

    def _ringing(self, call: Call | None) -> list[tuple[float, Deed]]:
        lot = self.chance.random()
        if call is None or lot < self.habits.missed_share:
            return []
        act = Act.DECLINE if lot < self.habits.missed_share + self.habits.declined_share else Act.ANSWER
        return [(min(12.0, self._about(self.habits.answer_s)), Press(call.id, act))]

    def _talking(self, call: Call | None) -> list[tuple[float, Deed]]:
        if call is None:
            return []
        leg = call.leg_of(self.agent)
        if leg is not None and not leg.answered:
            return [(self._about(self.habits.answer_s), Press(call.id, Act.ANSWER))]
        if call.owner != self.agent:
            return []
        match call.phase:
            case Phase.HELD:
                return [(self._about(self.habits.hold_s), Press(call.id, Act.RETRIEVE))]
            case Phase.CONSULTING if self._colleague_is_there(call):
                return [(self._about(20), Press(call.id, Act.COMPLETE_TRANSFER))]
            case Phase.CONSULTING:
                return [(25.0, Press(call.id, Act.CANCEL_CONSULT))]
            case Phase.TALKING if call.id not in self._settled:
                self._settled.add(call.id)
                return self._in_the_talk(call)
        return []

    def _in_the_talk(self, call: Call) -> list[tuple[float, Deed]]:
        """Once a call: perhaps a hold, perhaps somebody else is the better one for it."""
        lot, habits = self.chance.random(), self.habits
        after = self._about(45)
        if lot < habits.hold_share:
            return [(after, Press(call.id, Act.HOLD))]
        others = [target for target in habits.targets if target.queue is None or target.queue != call.queue]
        if not others:
            return []
        target = self.chance.choice(others)
        if lot < habits.hold_share + habits.transfer_share:
            return [(after, Press(call.id, Act.TRANSFER, target))]
        if lot < habits.hold_share + habits.transfer_share + habits.consult_share:
            return [(after, Press(call.id, Act.CONSULT, target))]
        return []

    def _colleague_is_there(self, call: Call | None) -> bool:
        return any(leg.role is Role.COLLEAGUE and leg.answered for leg in call.legs) if call else False

    def _about(self, mean_s: float, spread: float = 0.45) -> float:
        """A duration around the mean, as people's durations are: log-normal."""
        return round(mean_s * self.chance.lognormvariate(-(spread**2) / 2, spread), 1)
