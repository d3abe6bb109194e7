"""The engine process: the engine with the connectors of this machine."""

from __future__ import annotations

import asyncio
import signal

from perezvon.connectors.asterisk_ari.connector import Asterisk
from perezvon.connectors.asterisk_ari.settings import Settings as AsteriskSettings
from perezvon.connectors.pbx_simulator.connector import PbxSimulator
from perezvon.connectors.pbx_simulator.connector import Settings as SimulatorSettings
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.connectors.webvoice.connector import WebVoice
from perezvon.engine.main import Engine, serve
from perezvon.foundation import clock
from perezvon.ports.telephony import TelephonyConnector
from perezvon.project.environment import Environment, environment
from perezvon.project.voice import address_of


def run(arguments: list[str]) -> int:
    """Lead, or stand by, until told to stop. Ends with an error when deposed; the supervisor starts it afresh."""
    asyncio.run(_run(environment()))
    return 0


async def _run(env: Environment) -> None:
    engine = Engine(env.database, connectors_of(env), clock.now)
    task = asyncio.create_task(serve(engine))
    loop = asyncio.get_running_loop()
    for wish in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wish, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


def connectors_of(env: Environment) -> dict[str, TelephonyConnector]:
    """By kind. An Asterisk is there where PEREZVON_ASTERISK_URL names it.

    The simulated exchange is there where PEREZVON_SIMULATOR asks for it: demo, tests, training.
    """
    found: dict[str, TelephonyConnector] = {"webvoice": WebVoice(address_of(env))}
    if env.asterisk_url:
        found["asterisk_ari"] = Asterisk(asterisk_of(env), clock.now)
    if env.simulator:
        # Rings whoever is ready, so that scripted callers reach a person at the desk too.
        world = World(spool=str(env.recordings), every_phone=True)
        settings = SimulatorSettings(world=world, control_socket=str(env.sockets / "simulator.sock"))
        found["pbx_simulator"] = PbxSimulator(settings, clock.now)
    return found


def asterisk_of(env: Environment) -> AsteriskSettings:
    """Where the Asterisk of this installation is; makes sense when there is one."""
    return AsteriskSettings(
        url=env.asterisk_url,
        user=env.asterisk_user,
        password=env.asterisk_password,
        manager=env.asterisk_manager,
        recordings=env.recordings,
    )
