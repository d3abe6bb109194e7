"""The heart of a switch: which calls and legs there are, and what each command does to them.

The board decides and tells; it neither rings nor sounds. What must happen in the world it asks of an
`OutsidePlant` (wires, phones and people; in a simulation, scripts), and what happens there is reported back to it
through `offer`, `ring_back`, `pick_up`, `press`, `prompt_over`, `drop`, `recorded` and `device`.

    leg is ...     Answer      Join, Hold       Play       Mute, SendDigits   Clear    Supervise
    offered        answered    refused          refused    refused            gone     refused
    ringing        answered*   refused          refused    refused            gone     refused
    held           refused     joined / held    prompt     done               gone     mode of a supervisor
    joined         refused     joined / held    refused    done               gone     mode of a supervisor
    unknown        refused     refused          refused    refused            refused  dialled

    * only an operator's phone: nobody can pick up for the outside world

A call begins with `offer`, or with the `Dial` that names it; it ends with its last leg. Whatever was going on in
a leg (a prompt) or a call (a recording) is ended and told before or after the leg's own end: PromptEnded comes
before ConnectionCleared, RecordingStopped after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid5

from perezvon.cores.switchboard.parts import Call, Entry, Leg, Recording
from perezvon.cores.switchboard.prompts import PROMPTS
from perezvon.kernel.ids import CallId, LegId, uuid7
from perezvon.ports.telephony import (
    Answer,
    CallCommand,
    Cause,
    Clear,
    CommandRefused,
    ConnectionCleared,
    Delivered,
    DeviceChanged,
    Dial,
    Digits,
    Established,
    Held,
    Hold,
    Join,
    Joined,
    LegCommand,
    Mute,
    Muted,
    Offered,
    PauseRecording,
    Play,
    PromptEnded,
    RecordingStopped,
    SendDigits,
    Snapshot,
    StartRecording,
    Supervise,
    SwitchEvent,
)

_REMEMBERED_COMMANDS = 4096
_SUPERVISOR_RING = timedelta(seconds=30)


class OutsidePlant(Protocol):
    """What the board asks of the world. None of these waits; outcomes are reported to the board."""

    def ring(self, leg: Leg, now: datetime) -> None:
        """Try to reach `leg.address`."""

    def settled(self, leg: Leg, now: datetime) -> None:
        """The leg was just answered, joined or held."""

    def play(self, leg: Leg, command: Play, now: datetime) -> None:
        """Begin these prompts; replaces what that leg was listening to."""

    def send_digits(self, leg: Leg, digits: str, now: datetime) -> None: ...

    def cleared(self, leg: Leg, cause: Cause, now: datetime) -> None:
        """The leg is no more."""

    def record(self, call: Call, recording: Recording) -> None:
        """Begin the file. Raises CannotDo when there can be none."""

    def finish_recording(self, call: Call, recording: Recording, now: datetime) -> None:
        """Complete it, then report `recorded`."""


class CannotDo(Exception):
    """The command makes no sense now, or the world cannot do it; its text is the reason given."""


class Switchboard:
    """One switch. chance: gives n random bytes, for the ids of events. prompts: names of the sounds it can play."""

    def __init__(self, plant: OutsidePlant, chance: Callable[[int], bytes], prompts: frozenset[str] = PROMPTS) -> None:
        self.calls: dict[CallId, Call] = {}
        self.devices: dict[str, None] = {}
        self._plant = plant
        self._chance = chance
        self._prompts = prompts
        self._legs: dict[LegId, Leg] = {}
        self._said: list[Entry] = []
        self._commands: dict[UUID, None] = {}
        self._obey: dict[type[CallCommand], Callable[..., None]] = {
            Dial: self._dial,
            Supervise: self._supervise,
            StartRecording: self._start_recording,
            PauseRecording: self._pause_recording,
            Answer: self._answer,
            Join: self._join,
            Hold: self._hold,
            Play: self._play,
            Mute: self._mute,
            SendDigits: self._send_digits,
            Clear: self._clear,
        }

    # --- reading ----------------------------------------------------------------------------------

    def take(self) -> list[Entry]:
        """What happened since the last time, in order."""
        said, self._said = self._said, []
        return said

    def leg(self, leg_id: LegId) -> Leg | None:
        return self._legs.get(leg_id)

    def legs_at(self, address: str) -> list[Leg]:
        return [leg for leg in self._legs.values() if leg.address == address]

    def snapshot(self, now: datetime) -> Snapshot:
        calls = tuple(call.snapshot() for call in self.calls.values())
        return Snapshot(event_id=self.new_id(now), at=now, calls=calls, devices=tuple(self.devices))

    def new_id(self, now: datetime) -> UUID:
        return uuid7(now, self._chance(10))

    # --- time -------------------------------------------------------------------------------------

    def next_wakeup(self) -> datetime | None:
        """When the next unanswered leg has rung long enough."""
        return min((leg.ring_until for leg in self._legs.values() if leg.ring_until and not leg.answered), default=None)

    def advance(self, now: datetime) -> None:
        for leg in list(self._legs.values()):
            if leg.ring_until and not leg.answered and leg.ring_until <= now:
                self.drop(leg.leg_id, now, Cause.NO_ANSWER)

    # --- reports from the world -------------------------------------------------------------------

    def offer(self, *, line: str, caller: str | None, now: datetime, record: bool = True) -> Leg:
        """A call from outside begins. Gives its first leg."""
        call = Call(CallId(self.new_id(now)), line, caller)
        leg = Leg(LegId(self.new_id(now)), call.call_id, caller or "")
        self.calls[call.call_id] = call
        self._add(call, leg)
        self._say(
            Offered(
                event_id=self.new_id(now),
                call_id=call.call_id,
                at=now,
                leg_id=leg.leg_id,
                line=line,
                caller=caller,
                record=record,
            )
        )
        return leg

    def ring_back(self, leg_id: LegId, now: datetime) -> None:
        """It rings at the far end. A phone told to answer at once does."""
        leg = self._legs.get(leg_id)
        if leg is None or leg.answered or leg.delivered:
            return
        leg.delivered = True
        self._say_of(leg, Delivered, now)
        if leg.answer_at_once:
            self.pick_up(leg_id, now)

    def pick_up(self, leg_id: LegId, now: datetime) -> None:
        """The far end answered. A supervisor is in the conversation at once: he dialled to listen."""
        leg = self._legs.get(leg_id)
        if leg is None or leg.answered:
            return
        leg.answered = True
        self._say_of(leg, Established, now)
        if leg.mode is not None:
            self._enter(leg, now)
        else:
            self._plant.settled(leg, now)

    def press(self, leg_id: LegId, digits: str, now: datetime) -> None:
        if (leg := self._legs.get(leg_id)) and leg.answered:
            self._say(Digits(event_id=self.new_id(now), call_id=leg.call_id, at=now, leg_id=leg_id, digits=digits))

    def prompt_over(self, leg_id: LegId, command_id: UUID, now: datetime) -> None:
        """The prompts of that command were heard to their end. Late news of an older command changes nothing."""
        if (leg := self._legs.get(leg_id)) and leg.prompt == command_id:
            self._end_prompt(leg, now, heard=True)

    def prompt_failed(self, leg_id: LegId, command_id: UUID, now: datetime) -> None:
        """They could not be played after all: the command is refused late."""
        if (leg := self._legs.get(leg_id)) and leg.prompt == command_id:
            leg.prompt = None
            self._refuse(command_id, leg.call_id, "unknown_prompt", now)

    def adopt(self, leg: Leg, *, line: str, caller: str | None) -> None:
        """A leg that was there before this board was: it is in snapshots from now on, and nothing is said."""
        call = self.calls.setdefault(leg.call_id, Call(leg.call_id, line, caller))
        self._add(call, leg)
        self._said.append(Entry(call.call_id, call.snapshot(), None))

    def drop(self, leg_id: LegId, now: datetime, cause: Cause, *, by_party: bool = False) -> None:
        """The leg is gone: it hung up, could not be reached, or its line broke."""
        leg = self._legs.pop(leg_id, None)
        if leg is None:
            return
        self._end_prompt(leg, now)
        call = self.calls[leg.call_id]
        del call.legs[leg_id]
        if not call.legs:
            del self.calls[call.call_id]
        self._say(
            ConnectionCleared(
                event_id=self.new_id(now),
                call_id=leg.call_id,
                at=now,
                leg_id=leg_id,
                cause=cause,
                by_party=by_party,
            )
        )
        self._plant.cleared(leg, cause, now)
        if not call.legs and call.recording is not None:
            self._plant.finish_recording(call, call.recording, now)

    def recorded(self, *, call_id: CallId, recording_id: UUID, path: str, seconds: float, now: datetime) -> None:
        """A file is complete. Told again (it was found after a restart), the event has the same id."""
        event_id = uuid5(recording_id, "stopped")
        self._say(
            RecordingStopped(
                event_id=event_id, call_id=call_id, at=now, recording_id=recording_id, path=path, seconds=seconds
            )
        )

    def device(self, address: str, *, reachable: bool, now: datetime) -> None:
        """An operator's phone came or went. What is already so is not said again."""
        if (address in self.devices) == reachable:
            return
        if reachable:
            self.devices[address] = None
        else:
            del self.devices[address]
        event = DeviceChanged(event_id=self.new_id(now), address=address, reachable=reachable, at=now)
        self._said.append(Entry(None, None, event))

    # --- commands ---------------------------------------------------------------------------------

    def handle(self, command: CallCommand, now: datetime) -> None:
        """Do it or refuse it. A command_id seen before changes nothing and says nothing."""
        if command.command_id in self._commands:
            return
        self._remember(command.command_id)
        try:
            self._find_and_obey(command, now)
        except CannotDo as no:
            self._refuse(command.command_id, command.call_id, str(no), now)

    def _find_and_obey(self, command: CallCommand, now: datetime) -> None:
        obey = self._obey.get(type(command))
        if obey is None:
            raise CannotDo("unknown_command")
        if isinstance(command, Dial | Supervise) or not isinstance(command, LegCommand):
            obey(command, now)
            return
        leg = self._legs.get(command.leg_id)
        if leg is None or leg.call_id != command.call_id:
            raise CannotDo("unknown_leg")
        if not leg.answered and not isinstance(command, Answer | Clear):
            raise CannotDo("not_answered")
        obey(leg, command, now)

    def _remember(self, command_id: UUID) -> None:
        self._commands[command_id] = None
        if len(self._commands) > _REMEMBERED_COMMANDS:
            del self._commands[next(iter(self._commands))]

    def _dial(self, command: Dial, now: datetime) -> None:
        if command.leg_id in self._legs:
            raise CannotDo("leg_exists")
        call = self.calls.setdefault(command.call_id, Call(command.call_id, command.shown))
        ring_until = now + timedelta(seconds=command.ring_s)
        leg = Leg(command.leg_id, call.call_id, command.to, ring_until)
        leg.answer_at_once = command.answer_at_once and leg.is_agent
        self._add(call, leg)
        self._reach(leg, now)

    def _supervise(self, command: Supervise, now: datetime) -> None:
        """The supervisor clicked for it himself, so his phone answers at once."""
        leg = self._legs.get(command.leg_id)
        if leg is not None:
            self._change_mode(leg, command, now)
            return
        if command.call_id not in self.calls:
            raise CannotDo("unknown_call")
        call = self.calls[command.call_id]
        leg = Leg(command.leg_id, call.call_id, command.to, now + _SUPERVISOR_RING, mode=command.mode)
        leg.answer_at_once = leg.is_agent
        self._add(call, leg)
        self._reach(leg, now)

    def _change_mode(self, leg: Leg, command: Supervise, now: datetime) -> None:
        if leg.mode is None or leg.call_id != command.call_id:
            raise CannotDo("not_supervising")
        leg.mode = command.mode
        if leg.answered:
            self._enter(leg, now)

    def _reach(self, leg: Leg, now: datetime) -> None:
        """The leg is there from now on, though nothing can be said about it yet."""
        self._said.append(Entry(leg.call_id, self.calls[leg.call_id].snapshot(), None))
        self._plant.ring(leg, now)

    def _answer(self, leg: Leg, command: Answer, now: datetime) -> None:
        if leg.answered:
            raise CannotDo("already_answered")
        if leg.ring_until is not None and not leg.is_agent:
            raise CannotDo("not_ours_to_answer")
        self.pick_up(leg.leg_id, now)

    def _join(self, leg: Leg, command: Join, now: datetime) -> None:
        self._enter(leg, now)

    def _enter(self, leg: Leg, now: datetime) -> None:
        self._end_prompt(leg, now)
        leg.joined = True
        self._say_of(leg, Joined, now)
        self._plant.settled(leg, now)

    def _hold(self, leg: Leg, command: Hold, now: datetime) -> None:
        self._end_prompt(leg, now)
        leg.joined = False
        leg.music = command.music
        self._say_of(leg, Held, now)
        self._plant.settled(leg, now)

    def _play(self, leg: Leg, command: Play, now: datetime) -> None:
        if leg.joined:
            raise CannotDo("not_held")
        if not self._prompts.issuperset(command.prompts):
            raise CannotDo("unknown_prompt")
        self._end_prompt(leg, now)
        leg.prompt = command.command_id
        leg.music = leg.music or "default"
        self._plant.play(leg, command, now)

    def _mute(self, leg: Leg, command: Mute, now: datetime) -> None:
        leg.muted = command.muted
        event_id = self.new_id(now)
        self._say(Muted(event_id=event_id, call_id=leg.call_id, at=now, leg_id=leg.leg_id, muted=command.muted))

    def _send_digits(self, leg: Leg, command: SendDigits, now: datetime) -> None:
        self._plant.send_digits(leg, command.digits, now)

    def _clear(self, leg: Leg, command: Clear, now: datetime) -> None:
        self.drop(leg.leg_id, now, command.cause)

    def _start_recording(self, command: StartRecording, now: datetime) -> None:
        call = self.calls.get(command.call_id)
        if call is None:
            raise CannotDo("unknown_call")
        if call.recording is not None:
            raise CannotDo("already_recording")
        recording = Recording(command.recording_id, call.call_id, now)
        self._plant.record(call, recording)
        call.recording = recording

    def _pause_recording(self, command: PauseRecording, now: datetime) -> None:
        call = self.calls.get(command.call_id)
        recording = call.recording if call else None
        if recording is None or recording.recording_id != command.recording_id:
            raise CannotDo("not_recording")
        if command.paused:
            recording.pause(now)
        else:
            recording.resume(now)

    # --- saying -----------------------------------------------------------------------------------

    def _add(self, call: Call, leg: Leg) -> None:
        call.legs[leg.leg_id] = leg
        self._legs[leg.leg_id] = leg

    def _end_prompt(self, leg: Leg, now: datetime, *, heard: bool = False) -> None:
        if leg.prompt is not None:
            command_id, leg.prompt = leg.prompt, None
            event_id = self.new_id(now)
            ended = PromptEnded(
                event_id=event_id,
                call_id=leg.call_id,
                at=now,
                leg_id=leg.leg_id,
                command_id=command_id,
                heard=heard,
            )
            self._say(ended)

    def _say_of(
        self, leg: Leg, kind: type[Delivered] | type[Established] | type[Joined] | type[Held], now: datetime
    ) -> None:
        self._say(kind(event_id=self.new_id(now), call_id=leg.call_id, at=now, leg_id=leg.leg_id))

    def _refuse(self, command_id: UUID, call_id: CallId, reason: str, now: datetime) -> None:
        event_id = self.new_id(now)
        self._say(CommandRefused(event_id=event_id, call_id=call_id, at=now, command_id=command_id, reason=reason))

    def _say(self, event: SwitchEvent) -> None:
        call_id = None if isinstance(event, DeviceChanged | Snapshot) else event.call_id
        call = self.calls.get(call_id) if call_id else None
        self._said.append(Entry(call_id, call.snapshot() if call else None, event))
