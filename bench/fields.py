"""`perezvon bench fields`: what fifty fields of an administrator's own cost (DECISIONS 4).

The same customers twice: in a database without such fields, and in a copy of it where every customer has a value in
each of fifty, ten of them sorted and searched. The same pages are asked for over HTTP, signed in, one after the other:
the list as it is first seen, and cards. `*_ratio` is the median with the fields over the one without. Besides, with the
fields: the list showing five of them, sorted by one, filtered by one.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from django.db import connection

from bench.ground import own_database, percentiles, sign_in, system
from bench.lookup import SEED
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.fields import services
from perezvon.foundation.fields.indexes import prepare
from perezvon.foundation.fields.models import CustomField
from perezvon.foundation.fields.services import Wanted
from perezvon.foundation.people.models import Role, User
from perezvon.modules.customers.models import Customer
from perezvon.project.environment import environment
from perezvon.project.people_data import make_customers

BY = System(name="bench")
FIELDS, SORTED = 50, 10
TYPES = ("money", "date", "choice", "number", "text")
CHOICES = "one | One\ntwo | Two\nthree | Three"
# A value for each type, another one for each customer.
VALUES = {
    "money": "((number * {k}) % 1000000)::text || '.50'",
    "date": "(date '2020-01-01' + ((number * {k}) % 3000)::int)::text",
    "choice": "(ARRAY['one', 'two', 'three'])[1 + (number * {k}) % 3]",
    "number": "((number * {k}) % 100000)::text",
    "text": "'value ' || ((number * {k}) % 100000)",
}
TABLES = "customers_customer, customers_contactpoint, search_searchentry, search_searchword"


def main(arguments: list[str]) -> dict[str, object]:
    """Percentiles of both, and how much dearer the second is."""
    given = _read(arguments)
    found: dict[str, object] = {"customers": given.customers, "fields": FIELDS, "rounds": given.rounds}
    with own_database(f"customers_{given.customers}", clean=given.clean) as url:
        found["seed_s"] = _seed(given.customers)
        people = _people(given.rounds)
        found |= _pages("without", url, people)
    _copy_database(given.customers, clean=given.clean)
    with own_database(f"fields_{given.customers}") as url:
        found["fields_s"] = _add_fields()
        found |= _pages("with", url, people)
        found |= _lists(url, given.rounds)
    for case in ("list", "card"):
        found[f"{case}_ratio"] = round(_median(found, f"with_{case}") / _median(found, f"without_{case}"), 2)
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench fields", description=__doc__.partition("\n")[0])
    parser.add_argument("--customers", type=int, default=20_000, help="the goal is measured with 1000000")
    parser.add_argument("--rounds", type=int, default=50, help="pages of each case")
    parser.add_argument("--clean", action="store_true", help="begin with new databases")
    return parser.parse_args(arguments)


def _seed(customers: int) -> float:
    """Seconds that making the customers took; 0 when they were there."""
    began = time.perf_counter()
    if Customer.objects.exists():
        return 0.0
    make_customers(customers, SEED, clock.now())
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    return round(time.perf_counter() - began, 1)


def _people(count: int) -> list[UUID]:
    numbers = Customer.objects.filter(kind="person").order_by("number").values_list("number", flat=True)
    first, last = numbers[0], numbers.reverse()[0]
    wanted = random.Random(SEED).sample(range(first, last + 1), min(count, last - first))
    return list(Customer.objects.filter(number__in=wanted).order_by("number").values_list("pk", flat=True))


def _copy_database(customers: int, *, clean: bool) -> None:
    """The database with the fields begins as a copy of the one without."""
    name, of = f"bench_fields_{customers}", f"bench_customers_{customers}"
    with psycopg.connect(environment().database, autocommit=True) as database:
        if clean:
            database.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if not database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            database.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}" STRATEGY file_copy')


def _add_fields() -> float:
    """Seconds that fields, values and indexes took; 0 when they were there."""
    began = time.perf_counter()
    if CustomField.objects.filter(key="own_0").exists():
        return 0.0
    now = clock.now()
    services.add_section(kind="customer", key="bench", label={"en": "Bench"}, by=BY, now=now)
    for place in range(FIELDS):
        type_ = TYPES[place % len(TYPES)]
        options = {"choices": CHOICES} if type_ == "choice" else {}
        is_sorted = place < SORTED
        wanted = Wanted({"en": f"Own {place}"}, "bench", options, sortable=is_sorted, searchable=is_sorted)
        services.add_field(kind="customer", key=f"own_{place}", type=type_, wanted=wanted, by=BY, now=now)
    _fill()
    prepare("customer")
    return round(time.perf_counter() - began, 1)


def _fill() -> None:
    """A large load leaves no history behind."""
    pairs = ", ".join(
        f"'own_{place}', {VALUES[TYPES[place % len(TYPES)]].format(k=place + 1)}" for place in range(FIELDS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer DISABLE TRIGGER history_update")
        cursor.execute(f"UPDATE customers_customer SET custom = jsonb_build_object({pairs})")  # noqa: S608
        cursor.execute("ALTER TABLE customers_customer ENABLE TRIGGER history_update")
        cursor.execute("VACUUM (FULL, ANALYZE) customers_customer")


def _reader() -> User:
    role = Role.objects.get(code="extended_operator")
    return User.objects.get_or_create(login="bench-fields", defaults={"last_name": "Reader", "role": role})[0]


def _pages(name: str, url: str, people: Sequence[UUID]) -> dict[str, object]:
    with system(url, ["web"]) as running:
        [cookie] = sign_in([_reader()])
        lists = _asked(running.port, cookie, ["/customers/"] * len(people))
        cards = _asked(running.port, cookie, [f"/customers/{key}/" for key in people])
    return _told(f"{name}_list", lists) | _told(f"{name}_card", cards)


def _lists(url: str, rounds: int) -> dict[str, object]:
    """The list with five of the fields, sorted and filtered by one."""
    shown = {"cols": ",".join(["name", *(f"custom_own_{place}" for place in range(5))])}
    by_day = [shown | {"where": f'["and", ["custom_own_0", "is", "{place * 3 + 3}.50"]]'} for place in range(rounds)]
    with system(url, ["web"]) as running:
        [cookie] = sign_in([_reader()])
        cases = {
            "shown": [shown] * rounds,
            "sorted": [shown | {"sort": "-custom_own_0"}] * rounds,
            "filtered": by_day,
        }
        found: dict[str, object] = {}
        for name, states in cases.items():
            paths = [f"/customers/?{urlencode(state)}" for state in states]
            found |= _told(f"with_list_{name}", _asked(running.port, cookie, paths))
    return found


def _asked(port: int, cookie: str, paths: Sequence[str]) -> list[float]:
    """Milliseconds of each page; the first one warms up."""
    client = HTTPConnection("127.0.0.1", port, timeout=60)
    times_ms = []
    for path in [paths[0], *paths]:
        began = time.perf_counter()
        client.request("GET", path, headers={"Cookie": cookie, "HX-Request": "true"})
        answer = client.getresponse()
        answer.read()
        times_ms.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
    return times_ms[1:]


def _told(name: str, times_ms: Sequence[float]) -> dict[str, object]:
    return {f"{name}_{key}": value for key, value in percentiles(times_ms).items()}


def _median(found: dict[str, object], name: str) -> float:
    return float(str(found[f"{name}_p50_ms"]))
