"""What a connector's tests give to the contract suite: people at the far ends, and an ear for events and sound."""

from __future__ import annotations

import asyncio
import wave
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import (
    Answer,
    CallCommand,
    Cause,
    Clear,
    ConnectionCleared,
    Delivered,
    Dial,
    Established,
    Hold,
    Join,
    Joined,
    LegCommand,
    Offered,
    Snapshot,
    SwitchEvent,
    TelephonyConnector,
)

WITHIN_S = 10.0
CUSTOMER_HZ, OPERATOR_HZ, COLLEAGUE_HZ = 440, 660, 880

type Sound = NDArray[np.float64]


async def eventually(check: Callable[[], Any], within: float = WITHIN_S) -> Any:
    """The first true answer of `check`; AssertionError with the last answer when it never came."""
    deadline = asyncio.get_running_loop().time() + within
    while not (answer := check()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {within} s: {check.__qualname__} still gives {answer!r}")
        await asyncio.sleep(0.02)
    return answer


# --- hearing events -------------------------------------------------------------------------------


class Listener:
    """Reads a connector's events; a test takes out those that it waits for."""

    def __init__(self, connector: TelephonyConnector) -> None:
        self.all: list[SwitchEvent] = []
        self._waiting: list[SwitchEvent] = []
        self._connector = connector
        self._news = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def begin(self) -> Snapshot:
        self._reading = asyncio.create_task(self._read())
        return await self.hear(Snapshot)

    async def end(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    async def _read(self) -> None:
        async for event in self._connector.events():
            self.all.append(event)
            self._waiting.append(event)
            self._news.set()

    async def hear[E](self, kind: type[E], within: float = WITHIN_S, **fields: object) -> E:
        """The first event of that kind and with those fields that was not taken yet."""
        try:
            async with asyncio.timeout(within):
                while (event := self._find(kind, fields)) is None:
                    await self._next()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} {fields} among {self._waiting}") from None
        return event

    def heard(self, kind: type[SwitchEvent], **fields: object) -> bool:
        """Whether such an event came at any time."""
        return any(_is(event, kind, fields) for event in self.all)

    def kinds(self, call_id: CallId) -> list[str]:
        """What was said of one call, repeats left out."""
        told = {event.event_id: event for event in self.all if getattr(event, "call_id", None) == call_id}
        return [type(event).__name__ for event in told.values()]

    def _find[E](self, kind: type[E], fields: dict[str, object]) -> E | None:
        for index, event in enumerate(self._waiting):
            if isinstance(event, kind) and _is(event, kind, fields):
                del self._waiting[index]
                return event
        return None

    async def _next(self) -> None:
        if self._reading is not None and self._reading.done():
            self._reading.result()
            raise AssertionError("the connector stopped telling events")
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await self._news.wait()


def _is(event: object, kind: type, fields: dict[str, object]) -> bool:
    return isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items())


# --- hearing sound --------------------------------------------------------------------------------


def sounds(sound: Sound, hz: float, rate: int) -> bool:
    """Whether a tone of `hz` stands out: 20 times its neighbours' energy in some second of the last five."""
    recent = sound[-5 * rate :]
    seconds = [recent[at : at + rate] for at in range(0, len(recent) - rate + 1, rate // 4)]
    return any(_stands_out(second, hz, rate) for second in seconds)


_AUDIBLE = 1e8  # energy of a tone of about 1/3000 of full scale


def _stands_out(second: Sound, hz: float, rate: int) -> bool:
    energy = np.abs(np.fft.rfft(second * np.hanning(len(second)))) ** 2
    frequency = np.fft.rfftfreq(len(second), 1 / rate)
    distance = np.abs(frequency - hz)
    tone = energy[distance <= 4].mean()
    neighbours = energy[(distance >= 15) & (distance <= 60)].mean()
    return bool(tone > _AUDIBLE and tone >= 20 * neighbours)


def read_stereo(path: str) -> tuple[Sound, Sound, int]:
    """Left, right and samples per second of a recording."""
    with wave.open(path) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(np.float64)
        return both[:, 0], both[:, 1], file.getframerate()


class Ear(Protocol):
    """A party that sends a tone of its own and remembers what it heard."""

    @property
    def rate(self) -> int: ...

    def last(self, seconds: float) -> Sound:
        """What it heard lately; shorter when it has not heard that much."""


async def hears(party: Ear, hz: float) -> None:
    """The tone gets through, sooner or later."""

    def tone() -> bool:
        return sounds(party.last(5), hz, party.rate)

    await eventually(tone)


async def stops_hearing(party: Ear, hz: float) -> None:
    """A whole second without that tone comes."""

    def silence() -> bool:
        second = party.last(1)
        return len(second) >= party.rate and not _stands_out(second[-party.rate :], hz, party.rate)

    await eventually(silence)


# --- people ---------------------------------------------------------------------------------------


class Caller(ABC):
    """A customer with a phone of the outside world."""

    number: str

    @abstractmethod
    async def hang_up(self) -> None: ...

    @abstractmethod
    async def press(self, digits: str) -> None: ...

    @abstractmethod
    def digits_received(self) -> str:
        """Keys that were pressed towards him, so far."""


class Phone(ABC):
    """An operator's phone within reach. address: as in `Dial.to`."""

    address: str

    @abstractmethod
    async def leave(self) -> None:
        """Out of reach for good."""


class Bench(ABC):
    """A running switch with people around it. Tests may share the switch: each has numbers of its own.

    numbers: for a switch that dials out, by the cause they end with when dialled; None: that answers.
    """

    numbers: Mapping[Cause | None, str] = {}

    def __init__(self, connector: TelephonyConnector) -> None:
        self.connector = connector
        self.heard = Listener(connector)

    @abstractmethod
    async def call(self, *, record: bool = True) -> Caller:
        """Somebody calls a line, with a number nobody else has."""

    @abstractmethod
    async def phone(self, hz: int = OPERATOR_HZ) -> Phone:
        """A new operator's phone comes within reach; where people can be heard, he says a tone of `hz`."""

    @abstractmethod
    async def time_for_sound(self) -> None:
        """Two seconds of everybody's sound go by."""

    async def do(self, kind: type[CallCommand], call_id: CallId, leg_id: UUID | None = None, **more: Any) -> UUID:
        """Give a command with a fresh id, which is returned."""
        command = order(kind, call_id, leg_id, **more)
        await self.connector.do(command)
        return command.command_id

    async def offered(self, caller: Caller) -> Offered:
        return await self.heard.hear(Offered, caller=caller.number)

    async def answer(self, caller: Caller) -> Offered:
        """Pick up the customer's call: he is held, in silence."""
        offer = await self.offered(caller)
        await self.do(Answer, offer.call_id, offer.leg_id)
        await self.heard.hear(Established, leg_id=offer.leg_id)
        return offer

    async def join(self, call_id: CallId, *legs: LegId) -> None:
        for leg_id in legs:
            await self.do(Join, call_id, leg_id)
            await self.heard.hear(Joined, leg_id=leg_id)

    async def reach(self, call_id: CallId, phone: Phone) -> LegId:
        """Ring an operator, who answers."""
        leg_id = LegId(uuid4())
        await self.do(Dial, call_id, leg_id, to=phone.address)
        await self.heard.hear(Delivered, leg_id=leg_id)
        await self.do(Answer, call_id, leg_id)
        await self.heard.hear(Established, leg_id=leg_id)
        return leg_id

    async def talk(self) -> Talk:
        """A customer and an operator in conversation."""
        caller, phone = await self.call(), await self.phone()
        offer = await self.answer(caller)
        operator = await self.reach(offer.call_id, phone)
        await self.join(offer.call_id, offer.leg_id, operator)
        return Talk(offer.call_id, caller, offer.leg_id, phone, operator)

    async def listen(self) -> Snapshot:
        """Begin to read events, or begin anew. Gives what is told first."""
        await self.deafen()
        self.heard = Listener(self.connector)
        return await self.heard.begin()

    async def deafen(self) -> None:
        """Nobody reads events now."""
        await self.heard.end()

    async def transfer(self, talk: Talk, phone: Phone) -> LegId:
        """Blindly: the customer is held, the operator gone, then the next one is rung and joined."""
        await self.do(Hold, talk.call_id, talk.customer)
        await self.do(Clear, talk.call_id, talk.operator)
        await self.heard.hear(ConnectionCleared, leg_id=talk.operator)
        leg_id = await self.reach(talk.call_id, phone)
        await self.join(talk.call_id, talk.customer, leg_id)
        return leg_id


@dataclass(frozen=True, slots=True)
class Talk:
    """caller and customer are one person, his body and his leg; so are phone and operator."""

    call_id: CallId
    caller: Caller
    customer: LegId
    phone: Phone
    operator: LegId


def order[C: CallCommand](kind: type[C], call_id: CallId, leg_id: UUID | None = None, **more: Any) -> C:
    """A command with a fresh id."""
    if issubclass(kind, LegCommand):
        more["leg_id"] = leg_id
    return kind(command_id=uuid4(), call_id=call_id, **more)
