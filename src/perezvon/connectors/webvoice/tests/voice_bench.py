"""People around a voice switch: customers and operators at browsers."""

from __future__ import annotations

from itertools import count

from perezvon.connectors.webvoice.connector import WebVoice
from perezvon.connectors.webvoice.link import Address
from perezvon.connectors.webvoice.pages import VoicePages
from perezvon.connectors.webvoice.tests.browsers import Browser
from perezvon.ports.contracts import bench as people
from perezvon.ports.contracts.sound import SoundBench
from perezvon.ports.telephony import DeviceChanged

_NUMBERS = count(1)


class WebCaller(people.Caller):
    def __init__(self, pages: VoicePages, number: str, hz: float | None) -> None:
        self.number = number
        self.browser = Browser(hz)
        self.token = ""
        self._pages = pages

    async def dial(self, *, record: bool, line: str = "bank") -> None:
        placed = await self._pages.call(
            sdp=await self.browser.offer(), line=line, caller=self.number, record=record, address=self.number
        )
        self.token = placed.token
        await self.browser.accept(placed.sdp)

    async def hang_up(self) -> None:
        await self._pages.hang_up(token=self.token)

    async def press(self, digits: str) -> None:
        await self._pages.press(token=self.token, digits=digits)

    def digits_received(self) -> str:
        return self.browser.keys()


class WebPhone(people.Phone):
    def __init__(self, pages: VoicePages, agent_id: int, hz: float) -> None:
        self.address = f"agent:{agent_id}"
        self.agent_id = agent_id
        self.browser = Browser(hz)
        self._pages, self._hz = pages, hz

    async def connect(self) -> None:
        answer = await self._pages.connect_phone(agent_id=self.agent_id, sdp=await self.browser.offer())
        await self.browser.accept(answer)
        await people.eventually(lambda: self.browser.state == "connected")

    async def reload(self) -> None:
        """F5: the page goes, another one comes."""
        await self.browser.close()
        self.browser = Browser(self._hz)
        await self.connect()

    async def leave(self) -> None:
        await self.browser.close()


class VoiceBench(SoundBench):
    def __init__(self, address: Address) -> None:
        super().__init__(WebVoice(address))
        self.address = address
        self.pages = VoicePages(address)
        self._browsers: list[WebCaller | WebPhone] = []

    async def call(self, *, record: bool = True, hz: float | None = people.CUSTOMER_HZ) -> WebCaller:
        caller = WebCaller(self.pages, f"7916{next(_NUMBERS):07}", hz)
        self._browsers.append(caller)
        await caller.dial(record=record)
        return caller

    async def phone(self, hz: int = people.OPERATOR_HZ) -> WebPhone:
        phone = WebPhone(self.pages, next(_NUMBERS), hz)
        self._browsers.append(phone)
        await phone.connect()
        await people.eventually(lambda: self.heard.heard(DeviceChanged, address=phone.address, reachable=True))
        return phone

    def ear(self, person: object) -> Browser:
        assert isinstance(person, WebCaller | WebPhone)
        return person.browser

    async def time_for_sound(self) -> None:
        """Until somebody has heard two more seconds: every party's clock is the same."""
        [ear, *_] = [one.browser for one in self._browsers]
        heard = ear.frames_heard
        await people.eventually(lambda: ear.frames_heard >= heard + 100)

    async def close(self) -> None:
        await self.deafen()
        for one in self._browsers:
            await one.browser.close()
        await self.pages.close()
        await self.connector.close()
