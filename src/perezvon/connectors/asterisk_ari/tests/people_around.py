"""People around an Asterisk: a telephone network behind its trunk, and operators with desk phones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count

from perezvon.connectors.asterisk_ari.configuration import phone_password
from perezvon.connectors.asterisk_ari.connector import Asterisk
from perezvon.connectors.asterisk_ari.settings import Settings
from perezvon.connectors.asterisk_ari.tests.servers import SECRET, Server
from perezvon.connectors.asterisk_ari.tests.sip import Dialog, Media, Telephone
from perezvon.ports.contracts import bench as people
from perezvon.ports.contracts.sound import SoundBench
from perezvon.ports.telephony import Cause, DeviceChanged

NUMBERS = {
    None: "74950000001",
    Cause.BUSY: "74950000002",
    Cause.UNREACHABLE: "74950000003",
    Cause.INVALID_NUMBER: "74950000004",
    Cause.DECLINED: "74950000005",
    Cause.NO_ANSWER: "74950000006",
}
_ANSWERS = {
    NUMBERS[None]: 200,
    NUMBERS[Cause.BUSY]: 486,
    NUMBERS[Cause.UNREACHABLE]: 503,
    NUMBERS[Cause.INVALID_NUMBER]: 404,
    NUMBERS[Cause.DECLINED]: 603,
}
_CALLERS, _AGENTS = count(1), count(1)


class SipCaller(people.Caller):
    def __init__(self, telephone: Telephone, number: str) -> None:
        self.number, self.telephone = number, telephone
        self.dialog: Dialog

    async def dial(self, *, record: bool, line: str = "bank") -> None:
        """Until he hears it ring, or knows that it does not."""
        self.dialog = await self.telephone.call(self.number, line, "" if record else "X-Perezvon-Record: no")
        async with asyncio.timeout(people.WITHIN_S):
            await self.dialog.rings.wait()

    async def hang_up(self) -> None:
        self.telephone.hang_up(self.dialog)

    async def press(self, digits: str) -> None:
        self.telephone.media.press(digits)

    def digits_received(self) -> str:
        return self.telephone.media.keys


class SipPhone(people.Phone):
    def __init__(self, telephone: Telephone, agent_id: int) -> None:
        self.address, self.telephone, self._agent_id = f"agent:{agent_id}", telephone, agent_id

    async def connect(self) -> None:
        await self.telephone.register(phone_password(SECRET, self._agent_id))

    async def leave(self) -> None:
        await self.telephone.register(phone_password(SECRET, self._agent_id), expires=0)


class AsteriskBench(SoundBench):
    numbers = NUMBERS

    def __init__(self, server: Server, settings: Settings | None = None) -> None:
        super().__init__(Asterisk(settings or server.settings(), lambda: datetime.now(UTC)))
        self.server = server
        self._telephones: list[Telephone] = []
        self._network = Telephone("network", ("127.0.0.1", server.sip))
        self._network.decide = _ANSWERS.get

    async def open(self) -> None:
        await self._network.open(self.server.trunk)
        await self.listen()

    async def call(self, *, record: bool = True, hz: float | None = people.CUSTOMER_HZ) -> SipCaller:
        number = f"7916{next(_CALLERS):07}"
        caller = SipCaller(await self._telephone(number, hz), number)
        await caller.dial(record=record)
        return caller

    async def phone(self, hz: int = people.OPERATOR_HZ) -> SipPhone:
        agent_id = next(_AGENTS)
        phone = SipPhone(await self._telephone(f"agent{agent_id}", hz), agent_id)
        await phone.connect()
        await people.eventually(lambda: self.heard.heard(DeviceChanged, address=phone.address, reachable=True))
        return phone

    def ear(self, person: object) -> Telephone:
        assert isinstance(person, SipCaller | SipPhone)
        return person.telephone

    async def time_for_sound(self) -> None:
        """Until somebody has heard two more seconds."""

        def somebody_hears() -> Media | None:
            return next((one.media for one in self._telephones if one.media.frames), None)

        ear: Media = await people.eventually(somebody_hears)
        heard = ear.frames
        await people.eventually(lambda: ear.frames >= heard + 100)

    async def close(self) -> None:
        await self.deafen()
        for telephone in self._telephones:
            for dialog in telephone.dialogs.values():
                telephone.hang_up(dialog)
            telephone.close()
        self._network.close()
        await self.connector.close()

    async def _telephone(self, user: str, hz: float | None) -> Telephone:
        telephone = Telephone(user, ("127.0.0.1", self.server.sip), hz)
        self._telephones.append(telephone)
        await telephone.open()
        return telephone
