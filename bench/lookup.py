"""`perezvon bench lookup`: finding a customer by telephone and by name (PERF.md, C1).

Each case is asked for the same random customers twice: as the selectors that pages call (the time their statements
take in the database), and as the office page over HTTP, signed in, one after the other and then by eight at once.
`missed` counts answers without the customer who was asked for; by a name's beginning he may stand on a later page, so
there it counts empty answers.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
from django.db import connection

from bench.ground import Running, own_database, percentiles, sign_in, system
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Role, User
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import Asked, find_by_phone, search
from perezvon.project.people_data import make_customers

BY = System(name="bench")
SEED = 1
CLIENTS = 8
LETTERS = "\u0430\u0435\u0438\u043e\u0443\u043d\u0441\u0442\u0440\u043b"
GUESSED_FROM = 4  # letters
ROWS = "candidate-rows"
TABLES = ("customers_customer", "customers_contactpoint", "search_searchentry", "search_searchword")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be looked for."""

    id: UUID
    phone: str
    last_name: str
    first_name: str


@dataclass(frozen=True, slots=True)
class Case:
    """asked: what is typed for a person, as parameters of the office page. find: ids that the selectors give.

    is_certain: the person himself must be among them.
    """

    name: str
    asked: Callable[[Person, random.Random], dict[str, str]]
    find: Callable[[dict[str, str]], list[UUID]]
    is_certain: bool


def main(arguments: list[str]) -> dict[str, object]:
    """Percentiles of each case, in the database and over HTTP."""
    given = _read(arguments)
    found: dict[str, object] = {"customers": given.customers, "rounds": given.rounds}
    with own_database(f"customers_{given.customers}", clean=given.clean) as url:
        found["seed_s"] = _seed(given.customers)
        people = _people(given.rounds)
        for case in CASES:
            found |= _in_database(case, people)
        with system(url, ["web"]) as running:
            found |= asyncio.run(_over_http(running, sign_in([_operator()])[0], people, given.seconds))
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench lookup", description=__doc__.partition("\n")[0])
    parser.add_argument("--customers", type=int, default=20_000, help="the goal is measured with 1000000")
    parser.add_argument("--rounds", type=int, default=200, help="lookups of each case")
    parser.add_argument("--seconds", type=float, default=3.0, help="of eight clients at once, for each case")
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _seed(customers: int) -> float:
    """Seconds that making the customers took; 0 when they were there."""
    began = time.perf_counter()
    if Customer.objects.exists():
        return 0.0
    make_customers(customers, SEED, clock.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE customers_customer, customers_contactpoint, search_searchentry, search_searchword"
        )
    return round(time.perf_counter() - began, 1)


def _people(count: int) -> list[Person]:
    numbers = Customer.objects.order_by("number").values_list("number", flat=True)
    first, last = numbers[0], numbers.reverse()[0]
    wanted = random.Random(SEED).sample(range(first, last + 1), count)
    points = ContactPoint.objects.filter(customer__number__in=wanted, is_main=True).select_related("customer")
    people = [Person(p.customer_id, p.digits, p.customer.last_name, p.customer.first_name) for p in points]
    random.Random(SEED).shuffle(people)
    return people


# --- what is asked ---


def _mistyped(person: Person, chance: random.Random) -> str:
    """His name with a slip in the first word that is long enough to be guessed at."""
    words = [person.last_name, person.first_name]
    wrong = next(place for place, word in enumerate(words) if len(word) >= GUESSED_FROM)
    words[wrong] = _typo(words[wrong], chance)
    return " ".join(words)


def _typo(word: str, chance: random.Random) -> str:
    """Another letter in place of one behind the first."""
    place = chance.randrange(1, len(word))
    other = chance.choice([letter for letter in LETTERS if letter != word[place]])
    return word[:place] + other + word[place + 1 :]


def _found(asked: dict[str, str]) -> list[UUID]:
    return [row.id for row in search(Asked(**asked), by=BY).rows]


CASES = (
    Case(
        "pop_phone",
        lambda person, _: {"phone": f"+{person.phone}"},
        lambda asked: [match.customer.pk for match in find_by_phone(asked["phone"], by=BY).matches],
        is_certain=True,
    ),
    Case("phone", lambda person, _: {"phone": f"8{person.phone[1:]}"}, _found, is_certain=True),
    Case("last_seven", lambda person, _: {"phone": person.phone[-7:]}, _found, is_certain=True),
    Case(
        "name_prefix",
        lambda person, _: {"name": f"{person.last_name} {person.first_name[:3]}"},
        _found,
        is_certain=False,
    ),
    Case(
        "name_typo",
        lambda person, chance: {"name": _mistyped(person, chance)},
        _found,
        is_certain=False,
    ),
)


# --- in the database ---


def _in_database(case: Case, people: Sequence[Person]) -> dict[str, object]:
    chance, times_ms, missed = random.Random(SEED), [], 0
    for person in people:
        asked = case.asked(person, chance)
        with _statements() as taken_ms:
            found = case.find(asked)
        times_ms.append(sum(taken_ms))
        missed += (person.id not in found) if case.is_certain else not found
    return {f"{case.name}_sql_{key}": value for key, value in percentiles(times_ms).items()} | {
        f"{case.name}_missed": missed
    }


@contextmanager
def _statements() -> Iterator[list[float]]:
    """What each statement inside takes, in milliseconds."""
    taken: list[float] = []

    def measure(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            taken.append((time.perf_counter() - began) * 1000)

    with connection.execute_wrapper(measure):
        yield taken


# --- over HTTP ---


def _operator() -> User:
    role = Role.objects.get(code="supervisor")
    values = {"first_name": "Bench", "last_name": "Operator", "role": role}
    return User.objects.get_or_create(login="bench", defaults=values)[0]


async def _over_http(running: Running, cookie: str, people: Sequence[Person], seconds: float) -> dict[str, object]:
    found: dict[str, object] = {}
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{running.port}", headers={"Cookie": cookie, "HX-Request": "true"}
    ) as client:
        for case in CASES[1:]:
            chance = random.Random(SEED)
            urls = [f"/office/?{urlencode(case.asked(person, chance))}" for person in people]
            times_ms, missed = await _one_by_one(client, case, urls, people)
            found |= {f"{case.name}_http_{key}": value for key, value in percentiles(times_ms).items()}
            found[f"{case.name}_http_missed"] = missed
            found[f"{case.name}_http_per_s_at_{CLIENTS}"] = await _by_many(client, urls, seconds)
    return found


async def _one_by_one(
    client: aiohttp.ClientSession, case: Case, urls: Sequence[str], people: Sequence[Person]
) -> tuple[list[float], int]:
    times_ms, missed = [], 0
    await _get(client, urls[0])
    for url, person in zip(urls, people, strict=True):
        began = time.perf_counter()
        page = await _get(client, url)
        times_ms.append((time.perf_counter() - began) * 1000)
        expected = f"/customers/{person.id}/" if case.is_certain else '<th scope="row">'
        missed += expected not in page.partition(ROWS)[2]
    return times_ms, missed


async def _by_many(client: aiohttp.ClientSession, urls: Sequence[str], seconds: float) -> float:
    done, until = 0, time.perf_counter() + seconds

    async def ask(start: int) -> None:
        nonlocal done
        place = start
        while time.perf_counter() < until:
            await _get(client, urls[place % len(urls)])
            place += CLIENTS
            done += 1

    await asyncio.gather(*(ask(start) for start in range(CLIENTS)))
    return round(done / seconds, 1)


async def _get(client: aiohttp.ClientSession, url: str) -> str:
    async with client.get(url) as response:
        response.raise_for_status()
        return await response.text()
