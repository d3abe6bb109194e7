"""Whatever a table holds: written again it changes nothing, and taken back it leaves nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perezvon.foundation.imports.registry import Act, Done, OnMatch, Policy, Row, Verdict
from perezvon.foundation.imports.services import waves
from perezvon.modules.customers.importing.declaration import IMPORTABLE
from perezvon.modules.customers.importing.writing import import_rows, take_back_rows
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential
from perezvon.modules.customers.tests.conftest import NOW
from perezvon.modules.customers.tests.test_imports import state_of
from perezvon.modules.customers.tests.test_merging import PEOPLE

PHONES = ("8 916 111-11-11", "+7 916 222-22-22", "79163333333", "no number", "")
ROWS = st.fixed_dictionaries(
    {"phone_mobile": st.sampled_from(PHONES)},
    optional={
        "last_name": st.sampled_from(["Смирнова", "Орлова", "4?"]),
        "first_name": st.sampled_from(["Елена", "Анна"]),
        "birth_date": st.sampled_from(["1981-05-14", "1990-01-01"]),
        "town": st.sampled_from(["Тверь", "Омск"]),
        "passport": st.sampled_from(["4509 123456", "4510 654321"]),
        "address_actual": st.sampled_from(["Тула, Мира 1", "Клин"]),
        "address_registered.town": st.sampled_from(["Ржев", "Бежецк"]),
        "document_driver": st.sampled_from(["99 12 345678", "99 12 345679"]),
        "email": st.sampled_from(["a@mail.example", "b@mail.example"]),
        "status": st.sampled_from(["existing", "former"]),
    },
)
TABLES = st.lists(ROWS, max_size=6)
APART = st.lists(ROWS.filter(lambda row: row["phone_mobile"]), max_size=4, unique_by=lambda row: row["phone_mobile"])
POLICIES = st.builds(
    Policy, keys=st.just(("phone_mobile",)), on_match=st.sampled_from([OnMatch.FILL, OnMatch.OVERWRITE])
)
few = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(table: list[dict[str, str]], policy: Policy, by: Any) -> list[Verdict]:
    rows = [
        Row(number, {name: (text,) for name, text in cells.items() if text}) for number, cells in enumerate(table, 2)
    ]
    return [
        verdict
        for wave in waves(rows, IMPORTABLE, policy)
        for verdict in import_rows(rows=wave, policy=policy, by=by, now=NOW)
    ]


def there_before(people: list[dict[str, str]], by: Any) -> list[Customer]:
    return [
        register_potential(typed={"first_name": "Елена", "email": f"e{number}@mail.example", **typed}, by=by, now=NOW)
        for number, typed in enumerate(people)
    ]


@few
@given(people=st.lists(PEOPLE, max_size=2), table=TABLES, policy=POLICIES)
def test_taken_back_at_once_everybody_is_as_before(people, table, policy, system, db):
    with transaction.atomic():
        known = there_before(people, system)
        before = state_of(*known)

        verdicts = write(table, policy, system)
        done = [
            Done(one.record, one.act, one.version, one.undo)
            for one in reversed(verdicts)
            if one.act in {Act.CREATE, Act.CHANGE} and one.record
        ]
        left = take_back_rows(done=done, by=system, now=NOW)

        assert left == []
        assert state_of(*known) == before
        assert set(Customer.objects.filter(deleted_at=None)) == set(known)
        transaction.set_rollback(True)


@few
@given(people=st.lists(PEOPLE, max_size=2), table=APART)
def test_written_again_it_changes_nothing(people, table, system, db):
    """Rows that have what they are matched by, each its own; without it a row is somebody new each time."""
    with transaction.atomic():
        there_before(people, system)
        policy = Policy(keys=("phone_mobile",), on_match=OnMatch.OVERWRITE)
        first = {one.row.number: one.act for one in write(table, policy, system)}
        before = state_of(*Customer.objects.all())

        again = {one.row.number: one.act for one in write(table, policy, system)}

        written = {number for number, act in first.items() if act in {Act.CREATE, Act.CHANGE, Act.SAME}}
        assert {number: act for number, act in again.items() if number in written} == dict.fromkeys(written, Act.SAME)
        assert state_of(*Customer.objects.all()) == before
        transaction.set_rollback(True)
