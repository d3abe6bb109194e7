"""The engine with real parts: PostgreSQL, relay, three loops; only the exchange is simulated."""

from __future__ import annotations

import uuid

from perezvon.cores.calls.words import Act, Phase
from perezvon.cores.routing import Presence
from perezvon.foundation import clock
from perezvon.modules.interactions.models import Interaction, State
from perezvon.modules.routing.models import AgentState
from perezvon.modules.routing.services import ask_presence
from perezvon.modules.telephony.models import Recording
from perezvon.modules.telephony.selectors import get_standing
from perezvon.modules.telephony.services import Click, request
from tests.engine.conftest import person, running_engine
from tests.support import eventually_async, in_database


async def standing(who):
    return await in_database(get_standing)(who.id)


async def be_ready(pbx, who) -> None:
    pbx.operator_comes(f"agent:{who.id}")
    await in_database(ask_presence)(presence=Presence.READY, by=who, now=clock.now())

    async def is_ready():
        agent = (await standing(who)).agent
        return agent and agent.status == "ready"

    await eventually_async(is_ready)


async def press(who, call, act: Act, **details) -> None:
    click = Click(request_id=uuid.uuid4(), act=act, **details)
    await in_database(request)(call_id=call.id, click=click, by=who, now=clock.now())


async def call_of(who, phase: Phase):
    async def look():
        calls = (await standing(who)).calls
        return calls[0] if calls and calls[0].phase is phase else None

    return await eventually_async(look)


async def test_a_caller_reaches_an_operator_and_the_contact_is_saved(bank, pbx):
    async with running_engine(pbx):
        olga = await person("ivanova")
        await be_ready(pbx, olga)

        call_id = pbx.place_call("loans", "+79161234567")
        ringing = await call_of(olga, Phase.RINGING)
        await press(olga, ringing, Act.ANSWER)
        talking = await call_of(olga, Phase.TALKING)
        await press(olga, talking, Act.HOLD)
        held = await call_of(olga, Phase.HELD)
        await press(olga, held, Act.RETRIEVE)
        await call_of(olga, Phase.TALKING)
        pbx.caller_hangs_up(call_id)
        await call_of(olga, Phase.ENDED)

        @in_database
        def saved():
            contact = Interaction.objects.filter(pk=call_id, state=State.WRAP_UP).first()
            return contact and Recording.objects.filter(interaction=contact).exclude(path="").exists() and contact

        contact = await eventually_async(saved)
        kinds = await in_database(lambda: [s.kind for s in contact.segments.order_by("began_at", "id")])()
        assert contact.address == "79161234567"
        assert contact.ended_by == "customer"
        assert set(kinds) == {"greeting", "queue", "ring", "talk", "hold", "wrap_up"}
        states = await in_database(
            lambda: list(
                AgentState.objects.filter(agent_id=olga.id).order_by("began_at").values_list("status", flat=True)
            )
        )()
        assert states[-4:] == ["ready", "ringing", "busy", "wrap_up"]
