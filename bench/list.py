"""`perezvon bench list`: the list of customers as an operator sees it (PERF.md, C3).

Each case is asked for over and over as the page calls it; what is measured is its statements in the database, and the
whole page in the process (reading the address, statements, drawing), and over HTTP, signed in, one after the other.
`queries` are those of the list itself, without session and person.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from django.db import connection

from bench.ground import own_database, percentiles, sign_in, system
from bench.lookup import SEED, _statements
from perezvon.foundation import clock
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.lists.asked import read_asked
from perezvon.foundation.lists.declare import get_list
from perezvon.foundation.lists.exports import write_file
from perezvon.foundation.lists.paging import list_page
from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.customers.models import Customer
from perezvon.project.people_data import make_customers

type State = dict[str, str]

TABLES = "customers_customer, customers_contactpoint, search_searchentry, search_searchword"


def main(arguments: list[str]) -> dict[str, object]:
    """Percentiles and numbers of queries of each case."""
    given = _read(arguments)
    found: dict[str, object] = {"customers": given.customers, "rounds": given.rounds}
    with own_database(f"customers_{given.customers}", clean=given.clean) as url:
        found["seed_s"] = _seed(given.customers)
        operator = _operator()
        cases = _cases(given.rounds)
        for name, states in cases.items():
            found |= _in_process(name, states, operator)
        found |= _deep(operator)
        if given.export:
            found |= _export(operator)
        with system(url, ["web"]) as running:
            [cookie] = sign_in([operator])
            for name, states in cases.items():
                found |= _over_http(name, states, running.port, cookie)
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench list", description=__doc__.partition("\n")[0])
    parser.add_argument("--customers", type=int, default=20_000, help="the goal is measured with 1000000")
    parser.add_argument("--rounds", type=int, default=50, help="pages of each case")
    parser.add_argument("--export", action="store_true", help="write all of them to files too")
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _seed(customers: int) -> float:
    """Seconds that making the customers took; 0 when they were there."""
    began = time.perf_counter()
    if Customer.objects.exists():
        with connection.cursor() as cursor:  # a migration since may have brought a column that the planner knows not
            cursor.execute("ANALYZE customers_customer")
        return 0.0
    make_customers(customers, SEED, clock.now())
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    return round(time.perf_counter() - began, 1)


def _operator() -> User:
    """Somebody who sees two projects, so that the rows are cut to them."""
    role = Role.objects.get(code="operator")
    values = {"first_name": "Bench", "last_name": "Lister", "role": role}
    user = User.objects.get_or_create(login="bench-list", defaults=values)[0]
    for number in (901, 902):
        project = Project.objects.get_or_create(code=f"bench{number}", defaults={"number": number})[0]
        user.projects.add(project)
    return user


def _cases(rounds: int) -> dict[str, list[State]]:
    chance = random.Random(SEED)
    numbers = Customer.objects.order_by("number").values_list("number", flat=True)
    first, last = numbers[0], numbers.reverse()[0]
    wanted = chance.sample(range(first, last + 1), min(rounds, last - first))
    people = list(Customer.objects.filter(number__in=wanted).only("last_name", "first_name", "birth_date"))
    return {
        "first": [{}] * rounds,
        "sorted": [{"sort": "-number"}] * rounds,
        "filtered": [_where("status", "any", "potential")] * rounds,
        "filtered_name": [_where("name", "starts", one.last_name) for one in people],
        "filtered_day": [_where("birth_date", "is", str(one.birth_date)) for one in people if one.birth_date],
        "searched": [{"q": f"{one.last_name} {one.first_name}"} for one in people],
    }


def _where(*condition: str) -> State:
    return {"where": json.dumps(["and", list(condition)], ensure_ascii=False)}


def _in_process(name: str, states: Sequence[State], operator: User) -> dict[str, object]:
    times_ms, in_database_ms, queries = [], [], set()
    of, by = get_list("customers"), operator.actor()
    for state in [states[0], *states]:  # the first warms up
        with _statements() as taken_ms:
            began = time.perf_counter()
            list_page(read_asked(state, of, Asking(by, clock.now())))
            times_ms.append((time.perf_counter() - began) * 1000)
        in_database_ms.append(sum(taken_ms))
        queries.add(len(taken_ms))
    found: dict[str, object] = {f"{name}_sql_{key}": value for key, value in percentiles(in_database_ms[1:]).items()}
    return found | {f"{name}_queries": max(queries)}


def _deep(operator: User) -> dict[str, object]:
    """Walks to the hundredth page; pages before it and after it cost the same when pages follow each other by key."""
    of, by, after, times_ms = get_list("customers"), operator.actor(), "", []
    for _ in range(100):
        began = time.perf_counter()
        listing = list_page(read_asked({"after": after} if after else {}, of, Asking(by, clock.now())))
        times_ms.append((time.perf_counter() - began) * 1000)
        if not (after := listing.after):
            break
    return {"page_1_ms": round(times_ms[0], 2)} | {
        f"last_50_pages_{key}": value for key, value in percentiles(times_ms[50:]).items()
    }


def _export(operator: User) -> dict[str, object]:
    """Writes the whole list as a worker does; memory is what it grows by at most."""
    asked = read_asked({}, get_list("customers"), Asking(operator.actor(), clock.now()))
    found: dict[str, object] = {}
    with TemporaryDirectory() as folder:
        for form in ("csv", "xlsx"):
            path, before, began = Path(folder) / form, _memory_mb(), time.perf_counter()
            rows = write_file(path, form, asked, made_by="bench")
            taken = time.perf_counter() - began
            found |= {f"export_{form}_s": round(taken, 1), f"export_{form}_rows_per_s": round(rows / taken)}
            found |= {f"export_{form}_grew_mb": _memory_mb() - before, f"export_{form}_mb": path.stat().st_size >> 20}
    return found


def _memory_mb() -> int:
    """The most that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _over_http(name: str, states: Sequence[State], port: int, cookie: str) -> dict[str, object]:
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    times_ms = []
    for state in [states[0], *states]:
        began = time.perf_counter()
        client.request("GET", f"/customers/?{urlencode(state)}", headers={"Cookie": cookie, "HX-Request": "true"})
        answer = client.getresponse()
        body = answer.read()
        times_ms.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or b"data-row" not in body:
            raise RuntimeError(f"{name}: {answer.status}")
    return {f"{name}_http_{key}": value for key, value in percentiles(times_ms[1:]).items()}
