"""Who leads, who follows, and what becomes of a leader that slept (DECISIONS 19)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import pytest

from perezvon.cores.calls.words import Act, Phase
from perezvon.engine.lead import LEASE_S, Deposed, Lead
from perezvon.engine.store import Decision, Store
from perezvon.foundation import clock
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.telephony.models import CallEvent, EngineLead
from perezvon.project.environment import environment
from tests.engine.conftest import person, running_engine
from tests.engine.test_engine import be_ready, call_of, press
from tests.support import eventually, eventually_async, in_database


@asynccontextmanager
async def candidates(count: int, *, lease_s: float = LEASE_S):
    made = [Lead(environment().database, clock.now, lease_s=lease_s) for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            await one.close()


@pytest.mark.usefixtures("transactional_db")
class TestLead:
    async def test_the_first_leads_and_the_second_stands_by(self):
        async with candidates(2) as (first, second):
            assert await first.try_take()
            assert not await second.try_take()

            assert (first.epoch, second.epoch) == (1, 0)

    async def test_of_many_who_try_together_one_leads(self):
        async with candidates(8) as many:
            for epoch in range(1, 5):
                took = await asyncio.gather(*(one.try_take() for one in many))
                assert took.count(True) == 1
                leader = many[took.index(True)]
                assert leader.epoch == epoch
                await leader.close()

    async def test_one_whose_connection_is_gone_is_followed_at_once(self):
        async with candidates(2, lease_s=3600) as (first, second):
            await first.try_take()

            await first.close()

            assert await eventually_async(second.try_take)
            assert second.epoch == 2

    async def test_one_who_does_not_renew_is_followed_when_his_lease_has_lapsed(self):
        async with candidates(3, lease_s=0.5) as (first, second, third):
            await first.try_take()
            assert not await second.try_take()

            assert await eventually_async(second.try_take)

            with pytest.raises(Deposed):
                await first.keep()
            await first.close()  # his lock goes now: it says nothing of the second's lead
            keeping = asyncio.create_task(second.keep())
            assert not await third.try_take()
            keeping.cancel()

    async def test_one_who_renews_leads_on(self):
        async with candidates(2, lease_s=0.6) as (first, second):
            await first.try_take()
            keeping = asyncio.create_task(first.keep())
            began = time.monotonic()

            async def nobody_else_leads() -> bool:
                assert not await second.try_take()
                return time.monotonic() - began > 1.5

            await eventually_async(nobody_else_leads)
            keeping.cancel()

    async def test_what_a_former_leader_writes_is_refused(self):
        async with candidates(2, lease_s=0) as (first, second):
            url = environment().database
            await first.try_take()
            store = Store(url)
            await store.begin(first.epoch)
            await store.write(_decision())

            await second.try_take()

            with pytest.raises(Deposed):
                await store.write(_decision())
            await store.close()
        assert await in_database(CallEvent.objects.count)() == 1


def _decision() -> Decision:
    return Decision(clock.now(), events=[(None, None, {"type": "Tick"})])


async def test_a_stopped_leader_is_followed_and_writes_nothing_when_it_wakes(bank, pbx):
    leader = subprocess.Popen(
        [sys.executable, "-m", "perezvon.project.cli", "engine"],
        env=os.environ | {"PEREZVON_SIMULATOR": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        epoch = await eventually_async(lambda: _epoch_of(leader.pid), within=30)
        leader.send_signal(signal.SIGSTOP)
        slept_at = time.monotonic()
        async with running_engine(pbx):
            await eventually_async(lambda: _epoch_of(os.getpid()), within=LEASE_S + 20)
            assert time.monotonic() - slept_at < LEASE_S + 5
            await _serve_a_call(pbx, await person("ivanova"), "+79161234567")
            by_the_first = await _events_of(epoch)

            leader.send_signal(signal.SIGCONT)
            await in_database(lambda: eventually(lambda: leader.poll() is not None, within=20))()

            assert await _events_of(epoch) == by_the_first
            assert await _epoch_of(os.getpid()) == epoch + 1
            await _serve_a_call(pbx, await person("orlov"), "+79161234568")
    finally:
        leader.kill()
        leader.wait(timeout=10)


async def _serve_a_call(pbx, who, number: str) -> None:
    await be_ready(pbx, who)
    call_id = pbx.place_call("loans", number)
    await press(who, await call_of(who, Phase.RINGING), Act.ANSWER)
    await call_of(who, Phase.TALKING)
    pbx.caller_hangs_up(call_id)
    await eventually_async(in_database(Interaction.objects.filter(pk=call_id, ended_by="customer").exists))


@in_database
def _epoch_of(pid: int) -> int:
    """Of the lead that this process holds; 0 when it does not."""
    lead = EngineLead.objects.filter(holder__endswith=f":{pid}").first()
    return lead.epoch if lead else 0


async def _events_of(epoch: int) -> int:
    return await in_database(CallEvent.objects.filter(epoch=epoch).count)()
