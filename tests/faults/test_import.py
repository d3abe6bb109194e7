"""kill -9 of the worker in the middle of an import: it goes on where it stood, and writes nothing twice."""

from __future__ import annotations

import hashlib

import pytest

from perezvon.foundation import clock
from perezvon.foundation.imports import services
from perezvon.foundation.imports.models import Import, State
from perezvon.foundation.imports.reading import folder_of, source_path
from perezvon.foundation.people.models import Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import ContactPoint, Customer
from tests.support import eventually

ROWS = 12_000
RESCUED_WITHIN = (
    300  # a job is given to another worker a minute after the last sign of life, looked for every second one
)


@pytest.fixture
def table(centre, settings) -> bytes:
    settings.IMPORTS = centre.system.env.home / "imports"
    rows = (f"Killov;Ivan;8 917 {number // 10_000:03}-{number % 10_000:04}" for number in range(ROWS))
    return "\n".join(["Last name;First name;Mobile", *rows]).encode()


@pytest.fixture
def boss(centre) -> User:
    return User.objects.create_user("import-boss", last_name="Boss", role=Role.objects.get(code="supervisor"))


def state_of(key: object) -> Import:
    return Import.objects.get(pk=key)


def test_the_worker_is_killed_while_it_writes(centre, table, boss):
    key, by = uuid7(clock.now()), boss.actor()
    folder_of(key, make=True)
    source_path(key).write_bytes(table)
    services.begin_import(
        import_id=key, kind="customer", file_name="killed.csv", size_bytes=len(table),
        digest=hashlib.sha256(table).hexdigest(), by=by, now=clock.now(),
    )  # fmt: skip
    eventually(lambda: state_of(key).state == State.SETUP, within=60)
    services.start_import(import_id=key, by=by, now=clock.now())
    eventually(lambda: 0 < sum(state_of(key).totals.values()) < ROWS, within=60)

    before = centre.system.kill("worker")

    eventually(lambda: centre.system.roles.get("worker") not in (None, before), within=30)
    assert state_of(key).state == State.RUNNING
    eventually(lambda: state_of(key).state == State.DONE, within=RESCUED_WITHIN)
    assert state_of(key).totals == {"create": ROWS}
    assert Customer.objects.filter(last_name="Killov").count() == ROWS
    assert ContactPoint.objects.filter(customer__last_name="Killov").values("digits").distinct().count() == ROWS
