"""`perezvon bench pop`: from the exchange's "delivered" to the card at the desk (PERF.md).

The whole system at work: scripted callers ring in the simulated exchange, the engine offers them to operators who are
ready, each of whose desks holds an event stream and fetches its parts as the page does. Measured is, for each call,
the time from the moment at which the operator's phone began to ring (the event's own time) to the moment at which
his desk has received the workspace with the caller's name in it, over HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import psycopg
from django.db import transaction

from bench.ground import Running, allow_many_files, own_database, percentiles, sign_in, system
from bench.listening import Listeners, wait_for
from perezvon.connectors.pbx_simulator.control import RemoteControl
from perezvon.cores.routing import AgentStatus, Presence
from perezvon.cores.routing import words as routing
from perezvon.foundation import clock
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.ui.parts import keys_in
from perezvon.kernel.ids import AgentId
from perezvon.modules.customers.models import ContactPoint, Customer, Kind
from perezvon.modules.routing.events import for_the_engine
from perezvon.modules.routing.models import Agent, Queue
from perezvon.modules.telephony.selectors import list_standings
from perezvon.project import blueprint
from perezvon.project.people_data import make_customers

LINE = "phone-loans"
READY_WITHIN_S = 60.0
LAST_WITHIN_S = 10.0


@dataclass(slots=True)
class Placed:
    """A call on its way. name: what must stand on the card."""

    call_id: str
    name: str
    seen_at: float | None = None
    is_over: bool = False


@dataclass(slots=True)
class Desk:
    """One operator's browser: asks what is new when told that something changed, one request at a time."""

    cookie: str
    base: str
    client: aiohttp.ClientSession
    looked_for: list[Placed]
    took_ms: list[float]
    _keys: dict[str, str] = field(default_factory=dict)
    _is_fetching: bool = False
    _is_stale: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def heard(self, message: dict[str, Any]) -> None:
        if message.get("kind") not in {"call", "agent", "interaction"}:
            return
        self._is_stale = True
        if not self._is_fetching:
            self._is_fetching = True
            task = asyncio.create_task(self._catch_up())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _catch_up(self) -> None:
        while self._is_stale:
            self._is_stale = False
            await self.fetch()
        self._is_fetching = False

    async def fetch(self) -> None:
        headers = {"Cookie": self.cookie, "HX-Request": "true"}
        began = time.perf_counter()
        async with self.client.get(f"{self.base}/desk/parts/", params=self._keys, headers=headers) as answer:
            page = await answer.text()
        self.took_ms.append((time.perf_counter() - began) * 1000)
        self._keys |= keys_in(page)
        now = time.time()
        for placed in self.looked_for:
            if placed.seen_at is None and placed.name in page:
                placed.seen_at = now


def main(arguments: list[str]) -> dict[str, object]:
    given = _read(arguments)
    allow_many_files()
    with own_database(f"customers_{given.customers}", clean=given.clean) as url:
        users = _furnish(given.customers, given.desks)
        with system(url, ["web", "engine"], PEREZVON_SIMULATOR="1") as running:
            _make_ready(running, users)
            callers = _callers(given.calls)
            calls, took_ms = asyncio.run(_ring(running, sign_in(users), callers, given.rate))
            _send_home(users)
        times = _delivered_at(url)
    asked = {"desks": given.desks, "customers": given.customers, "calls": given.calls, "rate": given.rate}
    return asked | _result(calls, times) | {"requests": len(took_ms), "request": percentiles(took_ms)}


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench pop", description=__doc__.partition("\n")[0])
    parser.add_argument("--desks", type=int, default=50, help="the goal is measured with 500")
    parser.add_argument("--customers", type=int, default=20_000, help="the goal is measured with 1000000")
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--rate", type=float, default=3.0, help="calls a second")
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _result(calls: Sequence[Placed], delivered_at: dict[str, float]) -> dict[str, object]:
    """lost: calls that rang at a desk which never showed who calls."""
    rang = [call for call in calls if call.call_id in delivered_at]
    times_ms = [(call.seen_at - delivered_at[call.call_id]) * 1000 for call in rang if call.seen_at is not None]
    return {"rang": len(rang), "lost": sum(call.seen_at is None for call in rang), **percentiles(times_ms)}


# --- the centre -------------------------------------------------------------------------------------


def _furnish(customers: int, desks: int) -> list[User]:
    """The bank with so many customers and operators; what is there already stays."""
    now = clock.now()
    blueprint.load(blueprint.read("bank"), now=now)
    if (missing := customers - Customer.objects.filter(kind=Kind.PERSON).count()) > 0:
        make_customers(missing, 1, now)
    role, queue = Role.objects.get(code="operator"), Queue.objects.get(code="loans")
    project = Project.objects.get(code="loans")
    users = []
    for place in range(desks):
        values = {"first_name": "Bench", "last_name": f"Operator {place}", "role": role}
        user, created = User.objects.get_or_create(login=f"bench{place}", defaults=values)
        if created:
            user.projects.add(project)
            Agent.objects.create(user=user, skills={"loans": 1}).queues.add(queue)
        users.append(user)
    return users


def _make_ready(running: Running, users: Sequence[User]) -> None:
    socket = running.env.sockets / "simulator.sock"
    _until(socket.exists, "the simulated exchange does not come up")
    control = RemoteControl(str(socket))
    for user in users:
        control.operator_comes(f"agent:{user.pk}")
    _ask(users, Presence.READY)
    wanted = {user.pk for user in users}
    _until(lambda: wanted <= _ready(), "not all operators became ready")


def _ready() -> set[int]:
    return {user for user, agent in list_standings().items() if agent.status is AgentStatus.READY}


def _send_home(users: Sequence[User]) -> None:
    """So that the next run finds nobody at work."""
    _ask(users, Presence.OUT)
    ours = {user.pk for user in users}
    _until(lambda: not ours & _ready(), "operators did not leave")


@transaction.atomic
def _ask(users: Sequence[User], presence: Presence) -> None:
    for user in users:
        agent = AgentId(user.pk)
        publish(for_the_engine(routing.PresenceAsked(agent=agent, presence=presence, by=agent)), now=clock.now())


def _until(check: Any, sentence: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(sentence)
        time.sleep(0.05)


def _callers(count: int) -> list[tuple[str, str]]:
    """Number and name of customers who are alone with both."""
    found: dict[str, str] = {}
    names: set[str] = set()
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, is_main=True).select_related("customer")
    for point in points.order_by("pk")[: count * 4]:
        name = point.customer.full_name
        if name not in names and point.digits not in found:
            names.add(name)
            found[point.digits] = name
    chosen = list(found.items())
    random.Random(1).shuffle(chosen)
    return chosen[:count]


# --- the run ----------------------------------------------------------------------------------------


async def _ring(
    running: Running, cookies: Sequence[str], callers: Sequence[tuple[str, str]], rate: float
) -> tuple[list[Placed], list[float]]:
    base = f"http://127.0.0.1:{running.port}"
    control = RemoteControl(str(running.env.sockets / "simulator.sock"))
    calls: list[Placed] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        took_ms: list[float] = []
        desks = [Desk(cookie, base, client, calls, took_ms) for cookie in cookies]
        for desk in desks:
            await desk.fetch()  # the page itself
        took_ms.clear()
        listeners = Listeners(running.port, lambda place, message: desks[place].heard(message))
        await listeners.open(list(cookies))
        began = time.monotonic()
        for place, (digits, name) in enumerate(callers):
            await asyncio.sleep(max(0.0, began + place / rate - time.monotonic()))
            placed = await asyncio.to_thread(control.place_call, LINE, f"+{digits}", record=False)
            calls.append(Placed(placed["call_id"], name))
            await asyncio.to_thread(_let_go, control, calls)
        await wait_for(lambda: all(call.seen_at for call in calls), LAST_WITHIN_S)
        await asyncio.to_thread(_let_go, control, calls, every=True)
        await listeners.close()
    return calls, took_ms


def _let_go(control: RemoteControl, calls: Sequence[Placed], *, every: bool = False) -> None:
    """Callers who were seen hang up, so that their operators are free for the next."""
    for call in calls:
        if (call.seen_at is not None or every) and not call.is_over:
            call.is_over = True
            control.caller_hangs_up(call.call_id)


def _delivered_at(url: str) -> dict[str, float]:
    """When the first operator's phone began to ring, by call, by the exchange's own clock."""
    with psycopg.connect(url) as database:
        rows = database.execute(
            "SELECT call, min((body->>'at')::timestamptz) FROM telephony_callevent"
            " WHERE body->>'type' = 'Delivered' GROUP BY call"
        ).fetchall()
    return {str(call): _seconds(at) for call, at in rows}


def _seconds(at: datetime) -> float:
    return at.astimezone(UTC).timestamp()
