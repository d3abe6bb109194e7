"""The voice process of this machine, and how the pages reach it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import async_to_sync

from perezvon.connectors.webvoice.link import Address
from perezvon.connectors.webvoice.pages import VoicePages
from perezvon.connectors.webvoice.switch import main
from perezvon.kernel.ids import AgentId
from perezvon.ports.voice import BrowserCall, VoiceGateway
from perezvon.project.environment import Environment, environment, open_private

LOOPBACK = "127.0.0.1"


def run(arguments: list[str]) -> int:
    """Be the voice switch until told to stop."""
    env = environment()
    open_private(env.sockets)
    env.recordings.mkdir(parents=True, exist_ok=True)
    address = address_of(env)
    given = ["--socket", str(address.socket), "--token-file", str(address.token_file), "--spool", str(env.recordings)]
    if env.voice_loopback_only:
        given += ["--address", LOOPBACK]
    if env.turn_urls and env.turn_user:  # the password stays in the environment, where the switch finds it
        given += ["--turn-url", env.turn_urls[0], "--turn-user", env.turn_user]
    main.run([*given, *arguments])


def address_of(env: Environment) -> Address:
    return Address(socket=env.voice_socket, token_file=env.home / "voice.token")


def make_gateway() -> VoiceGateway:
    """The gateway that the pages ask (settings.VOICE_GATEWAY)."""
    return _Gateway(address_of(environment()))


class _Gateway:
    """VoicePages for pages that wait. A session a request: none outlives the loop it was made in."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def call(self, *, line: str, caller: str | None, record: bool, offer: str, address: str) -> BrowserCall:
        placed = self._ask(
            lambda pages: pages.call(sdp=offer, line=line, caller=caller, record=record, address=address)
        )
        return BrowserCall(placed.call_id, placed.leg_id, placed.sdp, placed.token)

    def device(self, *, agent: AgentId, offer: str, workplace: str, take: bool) -> str:
        return self._ask(lambda pages: pages.connect_phone(agent_id=agent, sdp=offer, workplace=workplace, take=take))

    def disconnect(self, *, agent: AgentId) -> None:
        self._ask(lambda pages: pages.disconnect_phone(agent_id=agent))

    def echo(self, *, offer: str, address: str) -> str:
        return self._ask(lambda pages: pages.echo(sdp=offer, address=address))

    def press(self, *, token: str, digits: str) -> None:
        self._ask(lambda pages: pages.press(token=token, digits=digits))

    def hang_up(self, *, token: str) -> None:
        self._ask(lambda pages: pages.hang_up(token=token))

    def is_over(self, *, token: str) -> bool:
        return self._ask(lambda pages: pages.status(token=token)).get("state") == "over"

    def _ask[R](self, ask: Callable[[VoicePages], Awaitable[R]]) -> R:
        async def once() -> R:
            pages = VoicePages(self._address)
            try:
                return await ask(pages)
            finally:
                await pages.close()

        return async_to_sync(once)()
