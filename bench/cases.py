"""`perezvon bench cases`: the list, the counters by groups, the boards of work on cases, and all terms reckoned anew.

The goals are measured with `--cases 1000000 --open 100000`: terms anew in 10 s, a page of the list in the 100 ms of
other lists, counters and boards, drawn as whole pages, in the 500 ms of reports. Every open case has a task under way,
some closed ones have one that is done. The default finishes in two minutes, seeding included.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.ground import own_database, percentiles
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.lists.asked import read_asked
from perezvon.foundation.lists.declare import get_list
from perezvon.foundation.lists.paging import list_page
from perezvon.foundation.people.models import Project, Role, Team, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases import services
from perezvon.modules.cases.blueprint import load_cases, load_terms
from perezvon.modules.cases.facts import KIND
from perezvon.modules.cases.models import Act, Case, CaseEntry, CaseKind, CaseTerm
from perezvon.modules.cases.selectors import UNDER_WAY, counted_by
from perezvon.modules.customers.models import Customer
from perezvon.modules.tasks.models import Kind as TaskKind
from perezvon.modules.tasks.models import State, Task
from perezvon.project.blueprint import read
from perezvon.project.people_data import make_customers

BY = System(name="bench")
# With --cases 1000000 --open 100000. Shown beside what was measured.
GOALS = {
    "goal_list_p95_ms": 100,
    "goal_count_p95_ms": 500,
    "goal_board_p95_ms": 500,
    "goal_reckon_per_100000_s": 10,
}
SEED, CUSTOMERS, BATCH = 7, 2_000, 5_000
TEAMS, PEOPLE = 20, 500
DONE_EACH = 5  # of this many closed cases one has a task
TABLES = "cases_case, cases_caseentry, cases_caseterm"
_YEAR = 365 * 24 * 60  # minutes


def main(arguments: list[str]) -> dict[str, object]:
    """Percentiles of pages and counters, seconds of reckoning."""
    given = _read(arguments)
    found: dict[str, object] = {"cases": given.cases, "open": given.open, "rounds": given.rounds}
    with own_database(f"cases_{given.cases}_{given.open}", clean=given.clean):
        found["seed_s"] = _seed(given.cases, given.open)
        operator = _operator()
        found["seed_tasks_s"] = _seed_tasks(operator)
        for name, state in _states(operator).items():
            found |= _timed(f"list_{name}", _page(state, operator), given.rounds)
        by, now = operator.actor(), clock.now()
        for code in ("kind", "category", "level", "region"):
            found |= _timed(f"count_{code}", lambda code=code: counted_by(code, by=by, now=now), given.rounds // 5 or 1)  # type: ignore[misc]
        found |= _boards(operator, given.rounds // 2 or 1)
        found |= _reckoned()
    return found | GOALS


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench cases", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=20_000, help="the goal is measured with 1000000")
    parser.add_argument("--open", type=int, default=10_000, help="how many of them are under way; the goal: 100000")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _seed(cases: int, under_way: int) -> float:
    """Seconds that it took; 0 when they were there."""
    if Case.objects.exists():
        return 0.0
    began, now = time.perf_counter(), clock.now()
    project = Project.objects.create(code="bench", number=900, name={"en": "Bench"})
    make_customers(CUSTOMERS, SEED, now)
    bank = read("bank")
    load_cases(bank, BY, now)
    customers = list(Customer.objects.order_by("number").values_list("pk", flat=True))
    kinds = [_Kind(kind) for kind in CaseKind.objects.all()]
    chance = random.Random(SEED)
    for begin in range(0, cases, BATCH):
        numbers = range(begin, min(cases, begin + BATCH))
        _put([_made(n, n < under_way, chance, kinds, customers, project, now) for n in numbers])
    load_terms(bank, BY, now)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    return round(time.perf_counter() - began, 1)


class _Kind:
    def __init__(self, kind: CaseKind) -> None:
        self.kind = kind
        self.states = {state.code: state for state in kind.states.all()}
        self.categories = list(kind.categories.values_list("pk", flat=True))


def _made(
    number: int,
    is_open: bool,
    chance: random.Random,
    kinds: list[_Kind],
    customers: list[Any],
    project: Project,
    now: datetime,
) -> tuple[Case, list[CaseEntry]]:
    of = chance.choice(kinds)
    begins = now - timedelta(minutes=chance.randrange(60, 14 * 24 * 60 if is_open else _YEAR))
    code = chance.choice(("new", "work", "work", "customer")) if is_open else "closed"
    state = of.states[code]
    case = Case(
        id=uuid7(begins),
        number=100_000 + number,
        kind=of.kind,
        project=project,
        state=state,
        stage=state.stage,
        category_id=chance.choice(of.categories),
        priority=chance.choice((2, 2, 3)),
        subject=f"Case {number}",
        customer_id=chance.choice(customers),
        created_at=begins,
        changed_at=begins,
        over_at=None if is_open else begins + timedelta(hours=30),
    )
    entries = [CaseEntry(case=case, act=Act.REGISTERED, at=begins)]
    if code != "new":
        moved = {"from": of.states["new"].pk, "to": state.pk}
        entries.append(CaseEntry(case=case, act=Act.MOVED, at=begins + timedelta(minutes=40), facts=moved))
    return case, entries


def _put(made: list[tuple[Case, list[CaseEntry]]]) -> None:
    Case.objects.bulk_create(case for case, _entries in made)
    CaseEntry.objects.bulk_create(entry for _case, entries in made for entry in entries)


def _operator() -> User:
    values = {"first_name": "Bench", "last_name": "Lister", "role": Role.objects.get(code="supervisor")}
    user = User.objects.get_or_create(login="bench-cases", defaults=values)[0]
    user.projects.set(Project.objects.all())
    return user


def _seed_tasks(operator: User) -> float:
    """Seconds that it took; 0 when they were there. Their holders are people of twenty teams, his among them."""
    if Task.objects.exists():
        return 0.0
    began, now, chance = time.perf_counter(), clock.now(), random.Random(SEED)
    teams = [Team.objects.create(code=f"bench-{n}", name={"en": f"Team {n}"}) for n in range(TEAMS)]
    role = Role.objects.get(code="operator")
    people = User.objects.bulk_create(
        User(login=f"bench-{n}", first_name="Bench", last_name=f"Holder {n}", role=role, team=teams[n % TEAMS])
        for n in range(PEOPLE)
    )
    operator.team = teams[0]
    operator.save()
    holders = [*people, operator]
    cases = Case.objects.order_by("-number").values_list("pk", "number", "customer", "project", "created_at", "over_at")
    made = (
        _task(case, number, chance.choice(holders), chance, now)
        for number, case in enumerate(cases.iterator(BATCH))
        if case[5] is None or number % DONE_EACH == 0
    )
    while batch := list(islice(made, BATCH)):
        Task.objects.bulk_create(batch)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tasks_task")
    return round(time.perf_counter() - began, 1)


def _task(case: tuple[Any, ...], number: int, owner: User, chance: random.Random, now: datetime) -> Task:
    pk, code, customer, project, begins, over = case
    return Task(
        id=uuid7(begins),
        number=number,
        project_id=project,
        kind=chance.choice(TaskKind.values),
        state=State.DONE if over else chance.choice((State.NEW, State.WORK, State.WAITING)),
        title=f"Answer case {code}",
        customer_id=customer,
        subject_kind=KIND,
        subject=pk,
        owner=None if chance.random() < 0.1 else owner,
        due_at=begins + timedelta(hours=chance.randrange(1, 200)),
        created_at=begins,
        closed_at=over,
    )


def _boards(operator: User, rounds: int) -> dict[str, object]:
    """Whole pages, as the browser gets them."""
    client, found = Client(HTTP_HOST="localhost"), {}
    client.force_login(operator)

    def asked(url: str) -> Callable[[], object]:
        def page() -> None:
            if (answer := client.get(url)).status_code != HTTPStatus.OK:
                raise AssertionError(f"{url}: {answer.status_code}")

        return page

    for name, view in (("board", "tasks:board"), ("tree", "tasks:tree")):
        for whose in ("mine", "team", "all"):
            found |= _timed(f"{name}_{whose}", asked(f"{reverse(view)}?whose={whose}&lanes=owner"), rounds)
    return found


def _states(operator: User) -> dict[str, dict[str, str]]:
    def where(*conditions: list[str]) -> dict[str, str]:
        return {"where": json.dumps(["and", *conditions])}

    under_way = ["stage", "any", *(stage.value for stage in UNDER_WAY)]
    return {
        "first": {},
        "nobodys": where(["person", "empty"], under_way),
        "by_due": {**where(under_way), "sort": "due"},
        "of_kind": where(["kind", "any", str(CaseKind.objects.get(code="complaint").pk)]),
    }


def _page(state: dict[str, str], operator: User) -> Callable[[], object]:
    of, by = get_list("cases"), operator.actor()
    return lambda: list_page(read_asked(state, of, Asking(by, clock.now())))


def _timed(name: str, run: Callable[[], object], rounds: int) -> dict[str, object]:
    run()
    times_ms = []
    for _turn in range(rounds):
        began = time.perf_counter()
        run()
        times_ms.append((time.perf_counter() - began) * 1000)
    return {f"{name}_{key}": value for key, value in percentiles(times_ms).items()}


def _reckoned() -> dict[str, object]:
    """All terms anew: from nothing, so that each row and each due is written, and once more when nothing changes."""
    CaseTerm.objects.all().delete()
    Case.objects.filter(stage__in=UNDER_WAY).update(due=None)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    found: dict[str, object] = {}
    for name in ("first", "again"):
        began = time.perf_counter()
        done = sum(services.reckon_under_way(now=clock.now))
        took = time.perf_counter() - began
        found |= {f"reckon_{name}_s": round(took, 2), f"reckon_{name}_per_100000_s": round(took / done * 100_000, 2)}
    return found
