"""Many call about the same: one case for all, one click for each, one answer to everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import work_on
from perezvon.foundation.messages.models import Message
from perezvon.modules.cases import services
from perezvon.modules.cases.events import CaseMoved
from perezvon.modules.cases.handlers import tell_everyone_who_called
from perezvon.modules.cases.models import Case, Stage
from perezvon.modules.cases.selectors import active_incidents
from perezvon.modules.cases.tests.conftest import NOW, SYSTEM, Register, step_id, talk
from perezvon.modules.cases.tests.test_pages import words
from perezvon.modules.customers.services import register_potential

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def incident(register: Register, viktor) -> Case:
    case = register("order", subject="The application is down")
    return services.declare_incident(
        case_id=case.pk, banner="The application is down, until noon", until=NOW + HOUR, by=viktor, now=NOW
    )


def another(phone: str):
    typed = {"last_name": "Petrov", "first_name": "Ivan", "phone_mobile": phone}
    return register_potential(typed=typed, by=SYSTEM, now=NOW)


def test_is_shown_to_operators_until_its_end(incident, loans, cards):
    assert list(active_incidents(loans.pk, NOW)) == [incident]
    assert list(active_incidents(loans.pk, NOW + HOUR)) == []
    assert list(active_incidents(cards.pk, NOW)) == []


def test_is_not_declared_until_a_moment_that_cannot_be_read_and_what_was_typed_stays(browse, register, viktor):
    case = register("order")
    typed = {"banner": "ATMs are down", "until": "the day before"}

    answer = browse(viktor).post(f"/cases/{case.pk}/incident/", typed, headers={"HX-Request": "true"})

    form = answer.content.decode().partition('id="case-incident-title"')[2]
    assert answer.status_code == 422
    assert '<details class="case-more" open>' in form
    assert 'role="alert"' in form
    assert all(f'value="{text}"' in form for text in typed.values())
    case.refresh_from_db()
    assert not case.incident


def test_takes_each_call_with_one_click_and_each_caller_once(incident, browse, loans, olga, ivan):
    petrov = another("89160000001")
    first, again = talk(loans, olga, petrov), talk(loans, ivan, petrov, NOW + HOUR)
    browser = browse(olga)

    told = browser.post(f"/cases/{incident.pk}/one-more/{first.pk}/", headers={"HX-Request": "true"})
    services.one_more_call(case_id=incident.pk, contact_id=again.pk, by=ivan, now=NOW)

    child = Case.objects.get(parent=incident)
    assert (child.customer, child.subject, child.contact) == (petrov, incident.subject, first)
    assert child.entries.filter(contact=again).count() == 1
    assert child.code in words(told)


def test_tells_everyone_who_called_once_it_is_solved(incident, loans, olga, elena, viktor):
    for customer in (elena, another("89160000002"), None):
        contact = talk(loans, olga, customer)
        services.one_more_call(case_id=incident.pk, contact_id=contact.pk, by=olga, now=NOW)
    services.take_case(case_id=incident.pk, by=viktor, now=NOW)
    incident.refresh_from_db()
    services.move_case(case_id=incident.pk, step_id=step_id(incident, "work"), by=viktor, now=NOW)
    category = incident.kind.categories.first()
    incident.refresh_from_db()
    services.edit_case(
        case_id=incident.pk, version=incident.version, typed={"category": str(category.pk)}, by=viktor, now=NOW
    )
    services.say(case_id=incident.pk, how="answer", text="It works again.", by=viktor, now=NOW)
    incident.refresh_from_db()
    services.move_case(case_id=incident.pk, step_id=step_id(incident, "solved"), by=viktor, now=NOW)

    tell_everyone_who_called(CaseMoved(incident.pk, "solved", Stage.SOLVED.value), NOW)
    job = Job.objects.get()
    for _turn in range(2):
        work_on(job.pk, now=lambda: NOW + HOUR)
        Job.objects.update(state="waiting")

    assert set(Case.objects.filter(parent=incident).values_list("stage", flat=True)) == {Stage.SOLVED}
    assert sorted(Message.objects.values_list("channel", "text")) == [
        ("email", "It works again."),
        ("sms", "It works again."),
    ]


def test_does_not_begin_in_the_past_nor_end_a_case_that_is_over(register: Register, viktor, loans, olga, elena):
    case = register("order")
    with pytest.raises(services.FieldsWrong):
        services.declare_incident(case_id=case.pk, banner="x", until=NOW, by=viktor, now=NOW)
    with pytest.raises(services.NoIncident):
        services.one_more_call(case_id=case.pk, contact_id=talk(loans, olga, elena).pk, by=olga, now=NOW)
