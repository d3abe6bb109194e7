"""The switch itself: browsers on one side, the board on the other, and 20 ms after 20 ms between them.

An operator's browser is a phone (`agent:<id>`) for as long as its connection lives; a customer's is his call. When a
phone goes away in a call, its leg is parked: it stays where it is, the others hear music, and the next connection of
that operator takes it back. After `park_s` it is given up as LINK_LOST.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from perezvon.connectors.webvoice.switch.connection import Connection, Presence
from perezvon.connectors.webvoice.switch.errors import PhoneElsewhere, TooManyLegs, UnknownLeg
from perezvon.connectors.webvoice.switch.mixer import Mixer, Tape, Voice
from perezvon.connectors.webvoice.switch.recorder import Recorder, found, told
from perezvon.connectors.webvoice.switch.settings import Settings
from perezvon.connectors.webvoice.switch.sounds import Prompts, keys
from perezvon.cores.switchboard import Call, CannotDo, Journal, Leg, Recording, Switchboard
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import CallCommand, Cause, Play, RecordingStopped, Snapshot

log = structlog.get_logger(__name__)

_TOKENS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Placed:
    """A customer's call. token: opens this one leg to whoever has it."""

    call_id: CallId
    leg_id: LegId
    token: str
    answer: str


@dataclass(slots=True)
class _Ticket:
    leg_id: LegId
    ended: Cause | None = None


class Exchange:
    """One voice switch. now: its clock."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self.board = Switchboard(self, secrets.token_bytes)
        self.journal = Journal()
        self.news = asyncio.Event()
        self._settings = settings
        self._now = now
        self._mixer, self._prompts = Mixer(), Prompts()
        self._voices: dict[LegId, Voice] = {}
        self._phones: dict[str, Connection] = {}
        self._coming: dict[Connection, str] = {}
        self._echoes: set[Connection] = set()
        self._opening: set[Connection] = set()
        self._parked: dict[LegId, datetime] = {}
        self._recorders: dict[UUID, Recorder] = {}
        self._tickets: OrderedDict[str, _Ticket] = OrderedDict()
        self._report_spool()

    # --- what engine and pages ask ----------------------------------------------------------------

    def do(self, command: CallCommand) -> None:
        self.board.handle(command, self._now())
        self._tell()

    def confirm(self, event_id: UUID) -> None:
        """The engine has stored everything up to this event."""
        for event in self.journal.confirm(event_id):
            if isinstance(event, RecordingStopped):
                told(event.path)

    async def place_call(self, offer: str, *, line: str, caller: str | None, record: bool) -> Placed:
        """A customer's browser calls a line. Raises BadOffer, NoMicrophone or TooManyLegs."""
        connection, answer = await self._open(offer, Connection(self._settings, self._customer_changed))
        leg = self.board.offer(line=line, caller=caller, now=self._now(), record=record)
        self._voices[leg.leg_id] = Voice(connection)
        token = self._issue_token(leg.leg_id)
        self._tell()
        return Placed(leg.call_id, leg.leg_id, token, answer)

    async def connect_phone(self, address: str, offer: str, *, workplace: str = "", take: bool = False) -> str:
        """An operator's browser becomes his phone, in place of the one before it. Gives the answer.

        Raises PhoneElsewhere while that is another workplace's, unless he wants to `take` it.
        """
        before = self._phones.get(address)
        if before is not None and before.workplace != workplace and not take:
            raise PhoneElsewhere
        phone = Connection(self._settings, self._phone_changed, workplace)
        connection, answer = await self._open(offer, phone)
        self._coming[connection] = address
        return answer

    def disconnect_phone(self, address: str) -> None:
        """He signs out: nothing to wait for."""
        if connection := self._phones.get(address):
            connection.lose()
        for leg in self.board.legs_at(address):
            self.board.drop(leg.leg_id, self._now(), Cause.NORMAL, by_party=True)
        self._tell()

    async def echo(self, offer: str) -> str:
        """A connection that hears itself, to test microphone and ears."""
        connection, answer = await self._open(offer, Connection(self._settings, self._echo_changed))
        self._echoes.add(connection)
        return answer

    def press(self, token: str, digits: str) -> None:
        self.board.press(self._running_leg(token).leg_id, digits, self._now())
        self._tell()

    def hang_up(self, token: str) -> None:
        """The customer ends his call. Once it is over, does nothing."""
        self.board.drop(self._ticket(token).leg_id, self._now(), Cause.NORMAL, by_party=True)
        self._tell()

    def status(self, token: str) -> dict[str, str]:
        """state: offered, waiting, talking or over; with the cause then."""
        ticket = self._ticket(token)
        leg = self.board.leg(ticket.leg_id)
        if leg is None:
            return {"state": "over", "cause": (ticket.ended or Cause.SWITCH).value}
        if leg.joined:
            return {"state": "talking"}
        return {"state": "waiting" if leg.answered else "offered"}

    def snapshot(self) -> Snapshot:
        """How things stood at the engine's last confirmation."""
        return self.journal.snapshot(event_id=self.board.new_id(self._now()), at=self._now())

    def figures(self) -> dict[str, int]:
        legs = sum(len(call.legs) for call in self.board.calls.values())
        return {"calls": len(self.board.calls), "legs": legs, "phones": len(self._phones)}

    # --- time passing -----------------------------------------------------------------------------

    def tick(self, number: int) -> None:
        """20 ms of everybody's sound."""
        for call in list(self.board.calls.values()):
            try:
                self._mix(call, number)
            except Exception:
                log.exception("voice.call_broken", call=str(call.call_id))
                self._end_call(call, Cause.SWITCH)
        for connection in self._echoes:
            connection.say(connection.hear(number), number)

    def _mix(self, call: Call, number: int) -> None:
        recorder = self._recorders.get(call.recording.recording_id) if call.recording else None
        for leg in self._mixer.mix(call, self._voices, recorder, number):
            if leg.prompt is not None:
                self.board.prompt_over(leg.leg_id, leg.prompt, self._now())
                self._tell()

    def _end_call(self, call: Call, cause: Cause) -> None:
        for leg in list(call.legs.values()):
            self.board.drop(leg.leg_id, self._now(), cause)
        self._tell()

    def look_around(self) -> None:
        """Once in a while: rings that lasted long enough, parties that fell silent, browsers that never came."""
        now = self._now()
        self.board.advance(now)
        for leg_id, until in list(self._parked.items()):
            if until <= now:
                self.board.drop(leg_id, now, Cause.LINK_LOST)
        self._lose_the_silent()
        self._tell()

    def _lose_the_silent(self) -> None:
        for connection in self._in_calls():
            if connection.presence is Presence.HERE and connection.quiet_s() > self._settings.quiet_s:
                connection.lose()
        loop_time = asyncio.get_running_loop().time()
        for connection in [*self._coming, *self._echoes, *self._callers()]:
            age_s = loop_time - connection.opened_at
            late = connection.presence is Presence.COMING and age_s > self._settings.connect_s
            if late or (connection in self._echoes and age_s > self._settings.echo_s):
                connection.lose()

    def _in_calls(self) -> list[Connection]:
        """Callers, and the phones of operators that talk: a phone at rest need not send anything."""
        talking = [leg for call in self.board.calls.values() for leg in call.legs.values() if leg.answered]
        phones = [self._voices[leg.leg_id].connection for leg in talking if leg.is_agent]
        return [*self._callers(), *(phone for phone in phones if phone is not None)]

    async def close(self) -> None:
        """End everything in order: every call told, every recording complete."""
        for call in list(self.board.calls.values()):
            self._end_call(call, Cause.SWITCH)
        left = [*self._phones.values(), *self._coming, *self._echoes]
        await asyncio.gather(*(connection.close() for connection in left))

    # --- browsers coming and going ----------------------------------------------------------------

    async def _open(self, offer: str, connection: Connection) -> tuple[Connection, str]:
        """The browser cannot connect before it has the answer, so whoever calls this has time to file it."""
        in_use = {*self._phones.values(), *self._coming, *self._echoes, *self._callers(), *self._opening}
        if len(in_use) >= self._settings.legs:
            raise TooManyLegs
        self._opening.add(connection)
        try:
            return connection, await connection.answer(offer)
        finally:
            self._opening.discard(connection)

    def _callers(self) -> list[Connection]:
        voices = [(self.board.leg(leg_id), voice) for leg_id, voice in self._voices.items()]
        return [voice.connection for leg, voice in voices if leg and not leg.is_agent and voice.connection]

    def _customer_changed(self, connection: Connection) -> None:
        if connection.is_open:
            return
        hung_up = connection.presence is Presence.HUNG_UP
        cause = Cause.NORMAL if hung_up else Cause.LINK_LOST
        for leg_id, voice in list(self._voices.items()):
            if voice.connection is connection:
                self.board.drop(leg_id, self._now(), cause, by_party=hung_up)
        self._tell()

    def _phone_changed(self, connection: Connection) -> None:
        address = self._coming.pop(connection, None)
        if connection.is_open and address is not None:
            self._phone_came(address, connection)
        else:
            self._phone_went(connection)
        self._tell()

    def _phone_came(self, address: str, connection: Connection) -> None:
        before = self._phones.get(address)
        self._phones[address] = connection
        if before is not None:
            before.end()
        for leg in self.board.legs_at(address):
            self._voices[leg.leg_id].connection = connection
            self._parked.pop(leg.leg_id, None)
        self.board.device(address, reachable=True, now=self._now())

    def _phone_went(self, connection: Connection) -> None:
        connection.end()
        for address, current in list(self._phones.items()):
            if current is connection:
                del self._phones[address]
                self._park(address)
                self.board.device(address, reachable=False, now=self._now())

    def _park(self, address: str) -> None:
        until = self._now() + timedelta(seconds=self._settings.park_s)
        for leg in self.board.legs_at(address):
            self._voices[leg.leg_id].connection = None
            self._parked[leg.leg_id] = until

    def _echo_changed(self, connection: Connection) -> None:
        if not connection.is_open:
            self._echoes.discard(connection)
            connection.end()

    # --- the outside plant, for the board ---------------------------------------------------------

    def ring(self, leg: Leg, now: datetime) -> None:
        """An operator's phone rings on his desk, which the engine tells him. Numbers are not for this switch."""
        if not leg.is_agent:
            cause = Cause.UNREACHABLE if leg.address.isdecimal() else Cause.INVALID_NUMBER
            self.board.drop(leg.leg_id, now, cause)
        elif leg.address not in self._phones:
            self.board.drop(leg.leg_id, now, Cause.UNREACHABLE)
        elif len(self.board.legs_at(leg.address)) > 1:
            self.board.drop(leg.leg_id, now, Cause.BUSY)
        else:
            self._voices[leg.leg_id] = Voice(self._phones[leg.address])
            self.board.ring_back(leg.leg_id, now)

    def settled(self, leg: Leg, now: datetime) -> None:
        self._voices[leg.leg_id].prompt = None

    def play(self, leg: Leg, command: Play, now: datetime) -> None:
        sound = self._prompts.row(command.prompts, command.language)
        self._voices[leg.leg_id].prompt = Tape(sound)

    def send_digits(self, leg: Leg, digits: str, now: datetime) -> None:
        self._voices[leg.leg_id].keys = Tape(keys(digits))

    def cleared(self, leg: Leg, cause: Cause, now: datetime) -> None:
        self._parked.pop(leg.leg_id, None)
        voice = self._voices.pop(leg.leg_id, None)
        if voice is not None and voice.connection is not None and not leg.is_agent:
            voice.connection.end()
        for ticket in self._tickets.values():
            if ticket.leg_id == leg.leg_id:
                ticket.ended = cause

    def record(self, call: Call, recording: Recording) -> None:
        try:
            recorder = Recorder(self._settings.spool, call.call_id, recording.recording_id)
        except OSError as full:
            log.error("voice.no_recording", why=full.strerror)
            raise CannotDo("no_space") from full
        self._recorders[recording.recording_id] = recorder

    def finish_recording(self, call: Call, recording: Recording, now: datetime) -> None:
        file = self._recorders.pop(recording.recording_id).finish()
        self.board.recorded(
            call_id=file.call_id, recording_id=file.recording_id, path=file.path, seconds=file.seconds, now=now
        )

    def _report_spool(self) -> None:
        """What an earlier life of this switch left untold."""
        spool = self._settings.spool
        spool.mkdir(parents=True, exist_ok=True)
        for file in found(spool):
            self.board.recorded(
                call_id=file.call_id,
                recording_id=file.recording_id,
                path=file.path,
                seconds=file.seconds,
                now=self._now(),
            )
        self._tell()

    # --- saying and knowing -----------------------------------------------------------------------

    def _tell(self) -> None:
        for entry in self.board.take():
            self.journal.write(entry)
        self.news.set()

    def _issue_token(self, leg_id: LegId) -> str:
        token = secrets.token_urlsafe(24)
        self._tickets[token] = _Ticket(leg_id)
        if len(self._tickets) > _TOKENS_KEPT:
            self._tickets.popitem(last=False)
        return token

    def _ticket(self, token: str) -> _Ticket:
        if token not in self._tickets:
            raise UnknownLeg
        return self._tickets[token]

    def _running_leg(self, token: str) -> Leg:
        leg = self.board.leg(self._ticket(token).leg_id)
        if leg is None:
            raise UnknownLeg
        return leg
