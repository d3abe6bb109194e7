"""Callers whom nobody knows get cards where their project wants it (F01.23, X.23)."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from perezvon.cores.calls import words as core
from perezvon.cores.calls.words import Stretch
from perezvon.engine.project import write
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import search
from perezvon.modules.customers.selectors.search import Asked
from perezvon.modules.customers.services import card_of_caller, quasi_customer, set_unknown_callers, update_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.services import link_customer
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.routing.models import Queue
from perezvon.modules.telephony.models import Line

BY = System(name="test")
NUMBER = "79035550101"


@pytest.fixture
def line(loans) -> Line:
    queue = Queue.objects.create(project=loans, name={"en": "Loans"})
    return Line.objects.create(
        connector="pbx_simulator", address="loans", project=loans, queue=queue, name={"en": "Loans"}
    )


def wants(project: Project, when: str) -> None:
    set_unknown_callers(project_id=project.pk, when=when, by=BY, now=NOW)


class Call:
    """A call told fact by fact, as the engine tells it."""

    def __init__(self, number: str | None = NUMBER, nr: int = 1) -> None:
        self.key, self.minute, self.number = uuid7(NOW + timedelta(seconds=nr)), 0, number

    def _base(self) -> dict:
        self.minute += 1
        return {"contact_id": self.key, "call_id": self.key, "at": NOW + timedelta(minutes=self.minute)}

    def _write(self, fact: core.Fact) -> None:
        write(fact, fact.at)

    def rings(self, agent: int | None = None) -> None:
        direction = core.Direction.INBOUND
        self._write(
            core.ContactBegan(direction=direction, line="loans", queue=None, number=self.number, **self._base())
        )
        self._begin(Stretch.RING, agent)

    def _begin(self, kind: Stretch, agent: int | None) -> UUID:
        segment = uuid7(NOW + timedelta(minutes=self.minute, seconds=30))
        self._write(core.SegmentBegan(segment_id=segment, kind=kind, agent=agent, **self._base()))
        return segment

    def is_answered(self, agent: int) -> None:
        self._begin(Stretch.TALK, agent)

    def ends(self) -> None:
        for segment in self.contact.segments.filter(ended_at=None):
            self._write(core.SegmentEnded(segment_id=segment.pk, **self._base()))
        self._write(core.ContactEnded(ended_by="customer", **self._base()))

    def is_written_up(self, agent: int) -> None:
        self._write(core.WrapUpOver(agent=agent, timed_out=False, **self._base()))

    @property
    def contact(self) -> Interaction:
        return Interaction.objects.get(pk=self.key)

    @property
    def customer(self) -> Customer | None:
        return self.contact.customer


@pytest.mark.feature("F01.23")
@pytest.mark.feature("X.23")
class TestUnknownCallers:
    def test_get_a_card_at_the_answer_never_while_it_rings(self, loans, line, olga):
        wants(loans, "answer")
        call = Call()

        call.rings(olga.id)
        assert Customer.objects.count() == 0
        call.is_answered(olga.id)

        customer = call.customer
        assert (customer.last_name, customer.made_by_number) == ("+7 903 555-01-01", True)
        assert customer.project == loans
        assert customer.points.get().digits == NUMBER
        assert [row.id for row in search(Asked(phone="8 903 555 01 01"), by=olga).rows] == [customer.pk]

    def test_get_a_card_at_the_end_unless_somebody_has_registered_them(self, loans, line, olga):
        wants(loans, "end")
        first, second = Call(), Call("79035550202", 2)
        for call in (first, second):
            call.rings(olga.id)
            call.is_answered(olga.id)
            call.ends()
            assert call.customer is None
        quasi = quasi_customer(project_id=loans.pk, by=BY, now=NOW)
        link_customer(interaction_id=second.key, customer_id=quasi.pk, by=olga, now=NOW)

        for call in (first, second):
            call.is_written_up(olga.id)

        assert first.customer.made_by_number
        assert second.customer == quasi
        assert Customer.objects.filter(made_by_number=True).count() == 1

    @pytest.mark.parametrize("when", ["answer", "end", "off"])
    def test_who_give_up_are_a_call_only(self, loans, line, olga, when):
        wants(loans, when)
        call = Call()

        call.rings(olga.id)
        call.ends()

        assert not Customer.objects.exists()

    @pytest.mark.parametrize("number", [None, "", "101", "anonymous"])
    def test_who_hide_get_none(self, loans, line, olga, number):
        wants(loans, "answer")
        call = Call(number)

        call.rings(olga.id)
        call.is_answered(olga.id)

        assert not Customer.objects.exists()

    def test_get_none_where_the_project_does_not_want_it(self, loans, line, olga):
        call = Call()

        call.rings(olga.id)
        call.is_answered(olga.id)
        call.ends()
        call.is_written_up(olga.id)

        assert not Customer.objects.exists()

    def test_who_call_again_are_known(self, loans, line, olga):
        wants(loans, "answer")
        first, again = Call(), Call(nr=2)
        first.rings(olga.id)
        again.rings(olga.id)
        first.is_answered(olga.id)
        again.is_answered(olga.id)

        assert first.customer == again.customer
        assert Customer.objects.count() == 1

    def test_are_ordinary_customers_once_they_have_a_name(self, loans, line, olga, browse):
        wants(loans, "answer")
        call = Call()
        call.rings(olga.id)
        call.is_answered(olga.id)
        customer = call.customer
        page = text_of(browse(olga).get(f"/customers/{customer.pk}/"))
        assert "made by number" in page
        assert "Type his name, and it is an ordinary one." in page

        typed = {"last_name": "Орлов", "first_name": "Пётр"}
        update_customer(customer_id=customer.pk, version=customer.version, typed=typed, by=BY, now=NOW)

        customer.refresh_from_db()
        assert (customer.full_name, customer.made_by_number) == ("Орлов Пётр", False)
        assert "made by number" not in text_of(browse(olga).get(f"/customers/{customer.pk}/"))

    def test_are_set_up_by_an_administrator_project_by_project(self, loans, browse, olga):
        role = Role.objects.get(code="information_administrator")
        role.rights = [*role.rights, "people.projects"]
        role.save()
        lisina = User.objects.create_user("lisina", last_name="Lisina", role=role)
        lisina.projects.add(loans)
        client = browse(lisina.actor())

        client.post("/unknown-callers/", {f"project_{loans.pk}": "end"})

        loans.refresh_from_db()
        assert loans.settings["unknown_callers"] == "end"
        assert '<option value="end" selected>' in client.get("/unknown-callers/").content.decode()
        assert client.post("/unknown-callers/", {f"project_{loans.pk}": "ring"}).status_code == 422
        assert browse(olga).get("/unknown-callers/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_calls_from_one_number_at_once_make_one_card():
    project = Project.objects.create(code="loans", number=101, name={"en": "Loans"})
    held, found = threading.Barrier(2, timeout=20), []

    def make() -> None:
        try:
            held.wait()
            with transaction.atomic():
                made = card_of_caller(number=NUMBER, project_id=project.pk, by=BY, now=NOW)
                found.append(made.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=make) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert len(found) == 2
    assert len(set(found)) == 1
    assert Customer.objects.count() == 1


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
