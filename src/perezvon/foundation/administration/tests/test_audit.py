"""The audit: who did what, when, to what and why; before and after; and that it stays as it was written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.test import Client

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.administration.audit import (
    BY_HAND,
    HIDDEN,
    PEOPLE,
    READING,
    ROWS,
    Difference,
    Question,
    read_audit,
)
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import intent
from perezvon.foundation.history.models import Change
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.people.services import ProjectDetails, UserDetails
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import unmask

pytestmark = pytest.mark.django_db
RIGHTS = ("administration.audit",)


@pytest.fixture
def make():
    def made(login: str, role: str = "operator") -> User:
        return User.objects.create(
            login=login, last_name=login.title(), first_name="T", language="en", role=Role.objects.get(code=role)
        )

    return made


@pytest.fixture
def anna(make):
    return make("anna", "system_administrator")


def rename(anna: User, user: User, **values) -> None:
    who = UserDetails(user.login, user.role, last_name=user.last_name, first_name=user.first_name, **values)
    with intent(why="asked by the chief"):
        services.update_user(user_id=user.pk, version=user.version, who=who, by=anna.actor(), now=clock.now())
    user.refresh_from_db()


def told(asked: Question, by: User, **more):
    return read_audit(asked, by=by.actor(), **more)[0]


class TestLines:
    def test_say_who_what_why_before_and_after(self, anna, make):
        olga = make("olga")
        loans = Project.objects.create(code="loans", number=1, name={"en": "Loans"})
        rename(anna, olga, position="Expert", projects=(loans,))

        line = told(Question(command="people.update_user"), anna)[0]

        assert (line.who, line.why, line.facts) == ("Anna T.", "asked by the chief", {"user_id": str(olga.pk)})
        values = {one.column: (one.before, one.after) for row in line.rows for one in row.differences if row.act == "U"}
        assert values["position"] == ("", "Expert")
        joined = next(row for row in line.rows if row.table == "people_user_projects")
        assert joined.act == "I"

    def test_tell_rights_by_what_came_and_went(self, anna):
        role = Role.objects.create(code="night", name={"en": "Night"}, rights=["reporting.view", "topics.edit"])
        details = services.RoleDetails({"en": "Night"}, ["reporting.view", "telephony.use"])
        services.update_role(role_id=role.pk, version=1, details=details, by=anna.actor(), now=clock.now())

        row = told(Question(command="people.update_role"), anna)[0].rows[0]
        assert next(one for one in row.differences if one.column == "rights") == Difference(
            "rights", "− topics.edit", "+ telephony.use"
        )

    def test_hide_what_the_reader_may_not_see_elsewhere(self, anna):
        now = clock.now()
        customer = Customer.objects.create(
            id=uuid7(now), number=7001, last_name="Markerova", inn="500100732259", created_at=now
        )
        asked = Question(kind=BY_HAND, table="customers_customer", row=str(customer.pk))
        Customer.objects.filter(pk=customer.pk).update(last_name="Other")
        assert [row.differences for line in told(asked, anna) for row in line.rows] == [
            (Difference("last_name", "", HIDDEN),),
            (),
        ]

        role = anna.role
        role.rights = [*role.rights, "customers.view_journal"]
        role.save()
        values = {one.column: one.after for one in told(asked, User.objects.get(pk=anna.pk))[1].rows[0].differences}
        assert (values["last_name"], values["inn"]) == ("Markerova", HIDDEN)


class TestNarrowing:
    @pytest.fixture
    def day(self, anna, make):
        """Anna changes Olga twice; Lena reads a passport; the system adds a project; somebody works by hand."""
        olga, lena, now = make("olga"), make("lena", "supervisor"), clock.now()
        rename(anna, olga, position="Expert")
        rename(anna, olga, position="Chief")
        customer = Customer.objects.create(
            id=uuid7(now), number=7001, last_name="S", inn="500100732259", created_at=now
        )
        unmask(customer_id=customer.pk, field_id="inn", by=lena.actor(), now=now)
        services.add_project(
            code="cards", details=ProjectDetails({"en": "Cards"}, 2), by=System(name="blueprint"), now=now
        )
        return olga, lena

    def test_by_person_kind_and_command(self, anna, day):
        _olga, lena = day
        assert [line.command for line in told(Question(person=lena.pk), anna)] == ["customers.unmask"]
        assert [line.command for line in told(Question(kind=READING), anna)] == ["customers.unmask"]
        assert {line.who for line in told(Question(kind="system"), anna)} == {"blueprint"}
        assert {line.who for line in told(Question(kind=PEOPLE), anna)} == {"Anna T.", "Lena T."}
        assert len(told(Question(command="people.update_user"), anna)) == 2
        assert told(Question(kind=BY_HAND, table="people_user"), anna)

    def test_by_record(self, anna, day):
        olga, _lena = day
        found = told(Question(table="people_user", row=str(olga.pk)), anna)
        assert [line.command for line in found] == ["people.update_user"] * 2

    def test_by_period(self, anna, day):
        now = clock.now()
        assert told(Question(since=now + timedelta(days=1)), anna) == []
        assert told(Question(until=now - timedelta(days=1)), anna) == []
        assert told(Question(since=now - timedelta(hours=1), until=now + timedelta(hours=1)), anna)

    def test_page_after_page_tells_everything_once(self, anna):
        now = clock.now()
        at = [now, now, now, now - timedelta(seconds=1), now - timedelta(seconds=2)]
        rows = [CommandRecord(id=uuid7(moment), name="test.act", actor=f"user:{anna.pk}", at=moment) for moment in at]
        CommandRecord.objects.bulk_create(rows)
        found, after = [], ""
        while True:
            lines, after = read_audit(Question(), by=anna.actor(), after=after, limit=2)
            found += lines
            if not after:
                break
        assert len(found) == len({line.cursor for line in found}) == len(rows)
        assert [line.at for line in found] == sorted((line.at for line in found), reverse=True)

    def test_costs_the_same_however_many_rows(self, anna, make, django_assert_max_num_queries):
        for number in range(8):
            rename(anna, make(f"user{number}"), position="Expert")
        actor = anna.actor()
        with django_assert_max_num_queries(7):
            read_audit(Question(), by=actor)

    def test_shows_the_first_few_rows_of_a_command_that_changed_many(self, anna):
        now = clock.now()
        record = CommandRecord.objects.create(id=uuid7(now), name="test.import", actor=anna.actor().key, at=now)
        Change.objects.bulk_create(
            Change(table="people_team", row=str(number), act="I", after={}, command=record.pk, at=now)
            for number in range(50)
        )
        assert len(told(Question(command="test.import"), anna)[0].rows) == ROWS


class TestStaying:
    @pytest.mark.parametrize(
        "act",
        [
            lambda: CommandRecord.objects.update(why="something nicer"),
            lambda: CommandRecord.objects.all().delete(),
            lambda: Change.objects.update(after=None),
            lambda: Change.objects.all().delete(),
        ],
        ids=["another reason", "no command", "another value", "no change"],
    )
    def test_nothing_of_the_application_changes_it(self, anna, make, act):
        rename(anna, make("olga"), position="Expert")
        before = (CommandRecord.objects.count(), Change.objects.count())

        with pytest.raises((InternalError, ProgrammingError), match="audit stays"), transaction.atomic():
            act()

        assert (CommandRecord.objects.count(), Change.objects.count()) == before

    def test_erasing_a_person_says_that_it_does(self, anna, make):
        rename(anna, make("olga"), position="Expert")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL perezvon.erasing = 'on'")
            Change.objects.filter(table="people_user").update(after={"last_name": "erased"})
        assert Change.objects.filter(after={"last_name": "erased"}).exists()


class TestPage:
    def test_tells_it_in_words(self, anna, make):
        olga = make("olga")
        rename(anna, olga, position="Expert")
        browser = Client()
        browser.force_login(anna)
        page = browser.get("/admin/audit/").content.decode()
        assert "Changed a user" in page
        assert "Expert" in page
        assert "asked by the chief" in page

    @pytest.mark.parametrize(
        "query",
        [
            "person=x",
            "since=tomorrow",
            "since=0001-01-01",
            "until=9999-12-31",
            "after=nonsense",
            "kind=by_hand&after=x",
            "row=%00",
            "command=%00",
        ],
    )
    def test_survives_any_address(self, anna, query):
        browser = Client()
        browser.force_login(anna)
        assert browser.get(f"/admin/audit/?{query}").status_code == 200

    def test_is_for_those_who_have_the_right(self, make):
        browser = Client()
        browser.force_login(make("lena", "supervisor"))
        assert browser.get("/admin/audit/").status_code == 403
