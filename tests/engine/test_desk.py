"""The desk while a call goes on: what it costs, and that what is told of changes leads to what is true."""

from __future__ import annotations

import asyncio
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from perezvon.cores.calls.words import Act, Phase
from perezvon.foundation import clock
from perezvon.foundation.live.hub import Hub
from perezvon.foundation.live.views import audiences_of
from perezvon.foundation.people.models import User
from perezvon.foundation.ui.parts import keys_in
from perezvon.modules.customers.models import ContactPoint
from perezvon.project.environment import environment
from perezvon.project.people_data import make_customers
from tests.engine.conftest import person, running_engine
from tests.engine.test_engine import be_ready, call_of, press
from tests.support import eventually_async, in_database

AT_MOST = {"ringing": 24, "talking": 46, "wrap-up": 34}


@in_database
def asked_by(login: str) -> tuple[int, str]:
    """How many queries the parts of a desk cost that shows something else, and what comes."""
    client = Client(headers={"HX-Request": "true"})
    client.force_login(User.objects.get(login=login))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("desk:parts")).content.decode()
    return len(queries), page


async def test_each_state_of_a_call_is_shown_by_few_queries(bank, pbx):
    await in_database(make_customers)(5, 1, clock.now())
    known = await in_database(lambda: ContactPoint.objects.select_related("customer").filter(is_main=True)[0])()
    async with running_engine(pbx):
        olga = await person("ivanova")
        await be_ready(pbx, olga)
        call_id = pbx.place_call("loans", f"+{known.digits}")

        ringing = await call_of(olga, Phase.RINGING)
        found = {"ringing": await asked_by("ivanova")}
        await press(olga, ringing, Act.ANSWER)
        await call_of(olga, Phase.TALKING)
        found["talking"] = await asked_by("ivanova")
        pbx.caller_hangs_up(call_id)
        await call_of(olga, Phase.ENDED)
        found["wrap-up"] = await asked_by("ivanova")

    assert all(known.customer.last_name in page for _, page in found.values())
    assert {state: count for state, (count, _) in found.items() if count > AT_MOST[state]} == {}


class Browser:
    """A desk that is open: it holds a page's keys, and asks for what is new when something is told."""

    def __init__(self, login: str) -> None:
        self._login = login
        self._seen: int | None = None
        self.keys: dict[str, str] = {}

    @in_database
    def _get(self, name: str, keys: dict[str, str]) -> dict[str, str]:
        client = Client(headers={"HX-Request": "true"} if keys else {})
        client.force_login(User.objects.get(login=self._login))
        return keys_in(client.get(reverse(name), keys).content.decode())

    async def shows_what_a_fresh_page_shows(self) -> bool:
        return self.keys == await self._get("desk:desk", {})

    async def open(self) -> None:
        self.keys = await self._get("desk:desk", {})

    async def listen(self, hub: Hub, audiences: frozenset[str]) -> None:
        """Until cancelled, as when the link is lost; called again it goes on from what it has heard."""
        stream = hub.open(audiences, self._seen)
        try:
            while events := await stream.read():
                self._seen = max([self._seen or 0, *map(int, re.findall(rb"^id: (\d+)", events, re.MULTILINE))])
                if b"event: change" in events or b"event: resync" in events:
                    self.keys |= await self._get("desk:parts", self.keys)
        finally:
            hub.close(stream)


async def test_a_page_and_what_is_told_of_changes_equal_a_fresh_page(bank, pbx):
    hub = Hub()
    async with running_engine(pbx), asyncio.TaskGroup() as group:
        told = group.create_task(hub.run(environment().database))
        olga, browser = await person("ivanova"), Browser("ivanova")
        await browser.open()
        link = group.create_task(browser.listen(hub, audiences_of(olga)))

        await be_ready(pbx, olga)
        call_id = pbx.place_call("loans", "+79161234567")
        ringing = await call_of(olga, Phase.RINGING)
        await eventually_async(browser.shows_what_a_fresh_page_shows)
        await press(olga, ringing, Act.ANSWER)
        talking = await call_of(olga, Phase.TALKING)
        await eventually_async(browser.shows_what_a_fresh_page_shows)

        link.cancel()
        await press(olga, talking, Act.HOLD)
        await call_of(olga, Phase.HELD)
        assert not await browser.shows_what_a_fresh_page_shows()
        link = group.create_task(browser.listen(hub, audiences_of(olga)))
        await eventually_async(browser.shows_what_a_fresh_page_shows)

        pbx.caller_hangs_up(call_id)
        await call_of(olga, Phase.ENDED)
        await eventually_async(browser.shows_what_a_fresh_page_shows)
        link.cancel()
        told.cancel()
