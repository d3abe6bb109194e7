"""The list of contacts, and the column of contacts in the list of customers."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project, User
from perezvon.modules.interactions.models import Result
from perezvon.modules.interactions.tests.conftest import NOW, customer, operator, talk


@pytest.fixture
def ask(client):
    def ask(person, path="/contacts/", **state):
        client.force_login(User.objects.get(pk=person.id))
        return client.get(f"{path}?{urlencode(state)}")

    return ask


def cells_of(page, place: int) -> list[str]:
    rows = re.findall(r"<tr data-row>(.*?)</tr>", page.content.decode(), flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)[place]).strip() for row in rows]


class TestContacts:
    def test_are_those_of_the_persons_projects_newest_first(self, ask, olga, ivan, loans, contact, elena):
        talk(loans, ivan, elena, NOW + timedelta(hours=1))
        other = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
        talk(other, operator("nina", other), elena, NOW + timedelta(hours=2))

        page = ask(olga, cols="began_at,customer,agent")

        assert cells_of(page, 2) == ["Ivan О.", "Olga О."]
        assert cells_of(page, 1)[0].startswith("Смирнова Елена")

    def test_can_be_mine(self, ask, olga, ivan, loans, contact, elena):
        talk(loans, ivan, elena, NOW + timedelta(hours=1))

        page = ask(olga, cols="agent", where=json.dumps(["and", ["agent", "me"]]))

        assert cells_of(page, 0) == ["Olga О."]

    @pytest.mark.feature("F05.17", partly="service data of cases and orders, see cases")
    def test_are_found_by_their_customer(self, ask, olga, loans, contact):
        talk(loans, olga, customer("Орлова", "89160000000"), NOW)

        page = ask(olga, cols="customer", where=json.dumps(["and", ["customer", "contains", "орлова"]]))

        assert [name.split()[0] for name in cells_of(page, 0)] == ["Орлова"]

    @pytest.mark.feature("F30.13", partly="region, office and product are chosen in tests of customers")
    def test_are_found_by_results_that_are_ticked_never_typed(self, ask, olga, loans, contact, elena, client):
        solved = Result.objects.create(project=loans, code="solved", name={"en": "Solved"})
        Result.objects.create(project=loans, code="refused", name={"en": "Refused"})
        type(contact).objects.filter(pk=contact.pk).update(result=solved)
        talk(loans, olga, elena)

        page = ask(olga, cols="result", where=json.dumps(["and", ["result", "any", str(solved.pk)]]))
        edit = {"w.join": "and", "w.0.join": "and", "w.0.0.fact": "result", "w.0.0.operator": "any"}
        form = client.get(f"/contacts/filter/?{urlencode(edit)}", HTTP_HX_REQUEST="true").content.decode()

        assert cells_of(page, 0) == ["Solved"]
        assert re.findall(r'type="(\w+)" name="w.0.0.value"', form) == ["checkbox", "checkbox"]
        assert ask(olga, where='["and",["result","any","solved by hand"]]').status_code == 400

    def test_of_twelve_people_read_their_names_once(self, ask, olga, loans, contact):
        names = [operator(f"operator{number}", loans) for number in range(11)]
        where = json.dumps(["and", ["agent", "any", str(olga.id), *(str(one.id) for one in names)]])
        ask(olga)
        with CaptureQueriesContext(connection) as plain:
            ask(olga)
        with CaptureQueriesContext(connection) as ticked:
            page = ask(olga, cols="agent", where=where)

        assert cells_of(page, 0) == ["Olga О."]
        assert len(ticked) - len(plain) <= 1

    def test_cost_the_same_for_one_and_for_many(self, ask, olga, loans, contact, elena):
        ask(olga)
        with CaptureQueriesContext(connection) as one:
            ask(olga)
        for minute in range(20):
            talk(loans, olga, elena, NOW + timedelta(minutes=minute))
        with CaptureQueriesContext(connection) as many:
            ask(olga)

        assert len(one) == len(many)


class TestLastContact:
    def test_is_a_column_of_customers_and_a_filter(self, ask, olga, loans, contact, elena):
        customer("Орлова", "89160000000")
        talk(loans, olga, elena, clock.now())
        recent = json.dumps(["and", ["last_contact", "last", "7"]])

        page = ask(olga, "/customers/", cols="name,last_contact", where=recent)

        assert [name.split()[0] for name in cells_of(page, 0)] == ["Смирнова"]
        assert re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", cells_of(page, 1)[0])

    def test_is_the_last_one_of_the_persons_projects(self, ask, olga, loans, contact, elena):
        other = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
        nina = operator("nina", other)
        talk(other, nina, elena, NOW + timedelta(days=1))

        days = [cells_of(ask(who, "/customers/", cols="name,last_contact"), 1)[0][:2] for who in (olga, nina)]

        assert days == ["22", "23"]
