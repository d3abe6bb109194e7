"""A telephone exchange without telephones: a switchboard whose outside world are scripts.

No clock, no chance, no IO: times are arguments, random bytes come from a given generator, so a seed and a list of
scripts make one and the same day, event ids included. What is going to happen stands in an agenda ordered by time;
`advance(now)` lets everything happen that is due, each at its own time.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import PurePath

from perezvon.connectors.pbx_simulator.scripts import FarEnd, Outcome, Phone, Script, WhoEnds
from perezvon.cores.switchboard import Call, Entry, Leg, Recording, Switchboard
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import CallCommand, Cause, Play, Snapshot, SwitchEvent

_CAUSES = {
    Outcome.BUSY: Cause.BUSY,
    Outcome.DECLINES: Cause.DECLINED,
    Outcome.UNREACHABLE: Cause.UNREACHABLE,
    Outcome.INVALID: Cause.INVALID_NUMBER,
}
_RINGS = frozenset({Outcome.ANSWERS, Outcome.NO_ANSWER, Outcome.DECLINES})
_RING_BACK = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the simulated world is like.

    far_ends: by number; `far_end` stands for all others. every_phone: operators' phones need not come within reach.
    prompt_s: how long one prompt takes. sound_s: recordings are cut after so much; spool: where their files go.
    """

    far_ends: Mapping[str, FarEnd] = field(default_factory=dict)
    far_end: FarEnd = field(default_factory=FarEnd)
    every_phone: bool = False
    prompt_s: float = 0.3
    sound_s: float = 20.0
    spool: str = ""


@dataclass(frozen=True, slots=True)
class FinishedRecording:
    """What a sound file must contain. silences: seconds from its beginning."""

    call_id: CallId
    path: str
    seconds: float
    silences: tuple[tuple[float, float], ...]


def write_nothing(_: FinishedRecording) -> None:
    """For runs in which nobody listens to recordings."""


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    order: int
    happen: Callable[[datetime], object] = field(compare=False)


class Simulator:
    """The exchange. write: makes the sound file; called before its RecordingStopped is told."""

    def __init__(
        self,
        *,
        seed: int = 1,
        world: World | None = None,
        scripts: Iterable[Script] = (),
        write: Callable[[FinishedRecording], None] = write_nothing,
    ) -> None:
        self.world = world or World()
        self.far_ends = dict(self.world.far_ends)
        self.sent: list[tuple[LegId, str]] = []
        self.board = Switchboard(self, random.Random(seed).randbytes)  # noqa: S311 - repeatable on purpose
        self._write = write
        self._agenda: list[_Due] = []
        self._order = count()
        self._phones: dict[str, Phone] = {}
        self._scripts: dict[LegId, Script] = {}
        self._talks: dict[LegId, tuple[float, WhoEnds]] = {}
        for script in scripts:
            self.expect(script)

    # --- driving it -------------------------------------------------------------------------------

    def handle(self, command: CallCommand, now: datetime) -> list[SwitchEvent]:
        """What the exchange says to a command, after all that was due before it."""
        return [entry.event for entry in self.steps(now, command) if entry.event]

    def advance(self, now: datetime) -> list[SwitchEvent]:
        """Let everything happen that is due up to `now`."""
        return [entry.event for entry in self.steps(now) if entry.event]

    def steps(self, now: datetime, command: CallCommand | None = None) -> list[Entry]:
        """As `advance`, then `handle`; with the steps that say nothing, for a journal."""
        while (wake := self.next_wakeup()) and wake <= now:
            self.board.advance(wake)
            while self._agenda and self._agenda[0].at <= wake:
                heapq.heappop(self._agenda).happen(wake)
        if command is not None:
            self.board.handle(command, now)
        return self.board.take()

    def next_wakeup(self) -> datetime | None:
        times = [self.board.next_wakeup(), self._agenda[0].at if self._agenda else None]
        return min((at for at in times if at), default=None)

    def snapshot(self, now: datetime) -> Snapshot:
        return self.board.snapshot(now)

    # --- people -----------------------------------------------------------------------------------

    def expect(self, script: Script) -> None:
        """This caller will come."""
        self._at(script.arrives_at, lambda now: self._arrive(script, now))

    def place_call(self, script: Script, now: datetime) -> Leg:
        """This caller comes at once, whatever his script says about when."""
        return self._arrive(replace(script, arrives_at=now), now)

    def hang_up(self, leg_id: LegId, now: datetime) -> None:
        """That party puts its handset down."""
        self.board.drop(leg_id, now, Cause.NORMAL, by_party=True)

    def pick_up(self, leg_id: LegId, now: datetime) -> None:
        """That party, rung, answers."""
        self.board.pick_up(leg_id, now)

    def decline(self, leg_id: LegId, now: datetime) -> None:
        """That party, rung, does not want to talk."""
        self.board.drop(leg_id, now, Cause.DECLINED, by_party=True)

    def press(self, leg_id: LegId, digits: str, now: datetime) -> None:
        self.board.press(leg_id, digits, now)

    def operator_comes(self, address: str, now: datetime, phone: Phone | None = None) -> None:
        """The operator's phone is within reach from now on."""
        self._phones[address] = phone or Phone()
        self.board.device(address, reachable=True, now=now)

    def operator_leaves(self, address: str, now: datetime) -> None:
        """His phone is gone, and with it the leg he was in."""
        self._phones.pop(address, None)
        self.board.device(address, reachable=False, now=now)
        for leg in self.board.legs_at(address):
            self.board.drop(leg.leg_id, now, Cause.LINK_LOST)

    def _arrive(self, script: Script, now: datetime) -> Leg:
        leg = self.board.offer(line=script.line, caller=script.caller, now=now, record=script.record)
        self._scripts[leg.leg_id] = script
        if script.talk_s is not None:
            self._talks[leg.leg_id] = (script.talk_s, script.ends)
        if script.patience_s is not None:
            self._after(script.patience_s, now, lambda at: self._lose_patience(leg, script, at))
        return leg

    def _lose_patience(self, leg: Leg, script: Script, now: datetime) -> None:
        if self.board.leg(leg.leg_id) is None or leg.joined:
            return
        self.hang_up(leg.leg_id, now)
        if script.calls_back_after_s is not None:
            again = now + timedelta(seconds=script.calls_back_after_s)
            self.expect(replace(script, arrives_at=again, calls_back_after_s=None))

    def _end_talk(self, leg: Leg, ends: WhoEnds, now: datetime) -> None:
        call = self.board.calls.get(leg.call_id)
        if call is None or self.board.leg(leg.leg_id) is None:
            return
        operators = [other for other in call.joined() if other.is_agent and other.mode is None]
        leaving = operators if ends is WhoEnds.OPERATOR and operators else [leg]
        for one in leaving:
            self.hang_up(one.leg_id, now)

    # --- the outside plant, for the board ---------------------------------------------------------

    def ring(self, leg: Leg, now: datetime) -> None:
        if leg.is_agent:
            self._ring_operator(leg, now)
        else:
            self._ring_number(leg, now)

    def _ring_operator(self, leg: Leg, now: datetime) -> None:
        phone = self._phones.get(leg.address)
        if phone is None and self.world.every_phone:
            phone = Phone()
        if phone is None:
            self.board.drop(leg.leg_id, now, Cause.UNREACHABLE)
        elif len(self.board.legs_at(leg.address)) > 1:
            self.board.drop(leg.leg_id, now, Cause.BUSY)
        else:
            self.board.ring_back(leg.leg_id, now)
            if phone.answers_after_s is not None:
                self._after(phone.answers_after_s, now, lambda at: self.board.pick_up(leg.leg_id, at))

    def _ring_number(self, leg: Leg, now: datetime) -> None:
        far = self.far_ends.get(leg.address, self.world.far_end)
        if not leg.address.isdecimal():
            far = FarEnd(outcome=Outcome.INVALID, after_s=0)
        if far.talk_s is not None:
            self._talks[leg.leg_id] = (far.talk_s, WhoEnds.CALLER)
        heard = now
        if far.outcome in _RINGS:
            heard += _RING_BACK
            self._at(heard, lambda at: self.board.ring_back(leg.leg_id, at))
        if far.outcome is not Outcome.NO_ANSWER:
            self._after(far.after_s, heard, lambda at: self._far_end_decides(leg, far.outcome, at))

    def _far_end_decides(self, leg: Leg, outcome: Outcome, now: datetime) -> None:
        if outcome is Outcome.ANSWERS:
            self.board.pick_up(leg.leg_id, now)
        elif not leg.answered:
            self.board.drop(leg.leg_id, now, _CAUSES[outcome], by_party=outcome is Outcome.DECLINES)

    def settled(self, leg: Leg, now: datetime) -> None:
        if leg.joined and (talk := self._talks.pop(leg.leg_id, None)):
            self._after(talk[0], now, lambda at: self._end_talk(leg, talk[1], at))
        if script := self._scripts.pop(leg.leg_id, None):
            for press in script.presses:
                self._press_later(leg, press.digits, now + timedelta(seconds=press.after_s))

    def _press_later(self, leg: Leg, digits: str, at: datetime) -> None:
        self._at(at, lambda now: self.board.press(leg.leg_id, digits, now))

    def play(self, leg: Leg, command: Play, now: datetime) -> None:
        seconds = self.world.prompt_s * len(command.prompts)
        self._after(seconds, now, lambda at: self.board.prompt_over(leg.leg_id, command.command_id, at))

    def send_digits(self, leg: Leg, digits: str, now: datetime) -> None:
        self.sent.append((leg.leg_id, digits))

    def cleared(self, leg: Leg, cause: Cause, now: datetime) -> None:
        self._scripts.pop(leg.leg_id, None)
        self._talks.pop(leg.leg_id, None)

    def record(self, call: Call, recording: Recording) -> None:
        pass

    def finish_recording(self, call: Call, recording: Recording, now: datetime) -> None:
        finished = self._finish(recording, now)
        self._write(finished)
        self.board.recorded(
            call_id=call.call_id,
            recording_id=recording.recording_id,
            path=finished.path,
            seconds=finished.seconds,
            now=now,
        )

    def _finish(self, recording: Recording, now: datetime) -> FinishedRecording:
        begin = recording.started_at
        silences = tuple(
            ((since - begin).total_seconds(), ((until or now) - begin).total_seconds())
            for since, until in recording.silences
        )
        seconds = min((now - begin).total_seconds(), self.world.sound_s)
        path = str(PurePath(self.world.spool) / f"{recording.recording_id}.wav")
        return FinishedRecording(recording.call_id, path, seconds, silences)

    # --- the agenda -------------------------------------------------------------------------------

    def _at(self, at: datetime, happen: Callable[[datetime], object]) -> None:
        heapq.heappush(self._agenda, _Due(at, next(self._order), happen))

    def _after(self, seconds: float, now: datetime, happen: Callable[[datetime], object]) -> None:
        self._at(now + timedelta(seconds=seconds), happen)
