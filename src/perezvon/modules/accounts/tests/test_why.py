"""Why may, or can't, X do Y with Z: the page answers as the pages themselves decide."""

from __future__ import annotations

import pytest

from perezvon.foundation import clock
from perezvon.foundation.access.rights import declared
from perezvon.foundation.people.models import Project, Role
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans():
    return Project.objects.create(code="loans", number=1, name={"en": "Loans"})


@pytest.fixture
def smirnova(loans):
    now = clock.now()
    return Customer.objects.create(id=uuid7(now), number=7001, last_name="Smirnova", project=loans, created_at=now)


@pytest.fixture
def ask(browse, anna):
    def asked(person, right="", **more):
        return browse(anna).get("/admin/why/", {"person": person.pk, "right": right, **more})

    return asked


class TestAnswer:
    def test_names_the_role_that_lacks_the_right_and_those_that_have_it(self, ask, make):
        answer = ask(make("olga"), "reporting.view")

        assert not answer.context["told"].is_allowed
        assert "has not the right “Read reports”" in answer.content.decode()
        assert {role.code for role in answer.context["told"].roles} == {"supervisor", "information_administrator"}

    def test_agrees_with_what_happens_for_every_right(self, ask, make, browse):
        olga = make("olga")
        for right in declared():
            assert ask(olga, right).context["told"].is_allowed == olga.actor().may(right), right

    def test_says_that_a_blocked_account_may_nothing(self, ask, make):
        answer = ask(make("olga", is_active=False), "customers.view")
        assert not answer.context["told"].is_allowed
        assert [step["is_met"] for step in answer.context["steps"]] == [False, True]

    def test_of_a_customer_is_the_one_that_his_page_gives(self, ask, make, browse, smirnova, loans):
        olga, ivan = make("olga"), make("ivan")
        olga.projects.add(loans)
        Role.objects.filter(code="system_administrator").update(all_projects=True)
        for person, status in ((olga, 200), (ivan, 404)):
            told = ask(person, "customers.view", kind="customer", record="7001").context["told"]
            assert told.is_allowed == (status == 200)
            assert browse(person).get(f"/customers/{smirnova.pk}/").status_code == status

    def test_of_a_project_follows_the_assignment(self, ask, make, loans):
        olga = make("olga")
        answer = ask(olga, "telephony.use", kind="project", record="loans")
        assert not answer.context["told"].is_allowed
        assert "no project at all" in answer.content.decode()
        olga.projects.add(loans)
        assert ask(olga, "telephony.use", kind="project", record="1").context["told"].is_allowed

    def test_a_record_that_is_not_there_is_said_to_be(self, ask, make):
        answer = ask(make("olga"), "customers.view", kind="customer", record="999")
        assert "There is no such record" in answer.content.decode()
        assert "told" not in answer.context


def test_without_a_right_everything_is_listed(ask, make):
    names = [name for module in ask(make("olga")).context["all"]["modules"] for name in module["rights"]]
    assert "Take and make calls" in names
    assert "Read reports" not in names


def test_is_for_those_who_may_ask(browse, make):
    assert browse(make("lena", "supervisor")).get("/admin/why/").status_code == 200
    assert browse(make("ivan")).get("/admin/why/").status_code == 403
