"""A running engine on the simulated exchange, in the test's own process and database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from perezvon.connectors.pbx_simulator.connector import PbxSimulator, Settings
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.engine.main import Engine
from perezvon.foundation import clock
from perezvon.foundation.outbox.relay import run_relay
from perezvon.foundation.people.models import User
from perezvon.modules.telephony.models import Line
from perezvon.project import blueprint
from perezvon.project.environment import environment
from tests.support import in_database


@pytest.fixture
def bank(transactional_db):
    """The bank's blueprint, its lines on the simulator."""
    blueprint.load(blueprint.read("bank"), now=clock.now(), password="spring-2026")
    Line.objects.update(connector="pbx_simulator")


@asynccontextmanager
async def running_engine(pbx: PbxSimulator) -> AsyncIterator[Engine]:
    """The engine leads and serves; it is stopped at the end, without a word to the exchange."""
    url = environment().database
    engine = Engine(url, {"pbx_simulator": pbx}, clock.now)
    tasks = [asyncio.create_task(engine.run()), asyncio.create_task(run_relay(url))]
    try:
        yield engine
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task
        await engine.close()


@pytest.fixture
def pbx():
    world = World(spool=str(environment().recordings))
    return PbxSimulator(Settings(world=world), clock.now)


async def person(login: str):
    return await in_database(lambda: User.objects.get(login=login).actor())()
