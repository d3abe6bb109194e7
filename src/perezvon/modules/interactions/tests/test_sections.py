"""What contacts add to a customer's page."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from perezvon.foundation.access import System
from perezvon.modules.customers.services import register_potential, relate
from perezvon.modules.interactions import services
from perezvon.modules.interactions.models import Interaction, State
from perezvon.modules.interactions.tests.conftest import NOW, RIGHT, talk


def text_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\xa0", " ").split())


@pytest.mark.feature("F02.17")
def test_a_visit_is_registered_as_a_contact_in_the_history(browse, olga, elena, loans):
    page = browse(olga).post(
        f"/customers/{elena.pk}/visit/", {"project": loans.pk, "note": "Принесла справку"}, follow=True
    )

    words = text_of(page)
    assert "Visit to the office" in words
    assert "Принесла справку" in words
    visit = Interaction.objects.get(customer=elena)
    assert (visit.channel, visit.state, visit.agent_id) == ("visit", State.DONE, olga.id)


@pytest.mark.feature("F02.08")
def test_the_history_holds_contacts_of_all_colleagues_the_present_one_first(browse, olga, ivan, elena, loans):
    earlier = talk(loans, ivan, elena, NOW - timedelta(days=3))
    services.add_note(interaction_id=earlier.pk, text="Обещали перезвонить", by=ivan, now=NOW)
    Interaction.objects.filter(pk=earlier.pk).update(ended_at=NOW, state=State.DONE)
    talk(loans, olga, elena)

    words = text_of(browse(olga).get(f"/customers/{elena.pk}/"))

    assert "Ivan О." in words
    assert "Обещали перезвонить" in words
    assert words.index("under way") < words.index("Обещали перезвонить")


@pytest.mark.feature("F05.14")
def test_products_open_in_the_contact_in_hand_after_identification_only(browse, olga, ivan, elena, contact):
    url = f"/customers/{elena.pk}/"
    closed = browse(olga).get(url)
    assert "Opens after identification" in text_of(closed)
    assert "777 ₽" not in text_of(closed)

    services.ask(interaction_id=contact.pk, customer_id=elena.pk, answers=RIGHT, by=olga, now=NOW)
    assert "Мир •••• 5672 777 ₽" in text_of(browse(olga).get(url))
    assert "777 ₽" not in text_of(browse(ivan).get(url))

    Interaction.objects.update(state=State.DONE)
    assert "777 ₽" not in text_of(browse(olga).get(url))


def test_a_locked_gate_says_so(browse, olga, elena, contact):
    for _ in range(3):
        wrong = {"full_name": "Иванова"}
        services.ask(interaction_id=contact.pk, customer_id=elena.pk, answers=wrong, by=olga, now=NOW)

    assert "the attempts of this contact are spent" in text_of(browse(olga).get(f"/customers/{elena.pk}/"))


def test_sections_cost_a_fixed_number_of_queries(browse, olga, elena, loans, django_assert_max_num_queries):
    for day in range(8):
        talk(loans, olga, elena, NOW - timedelta(days=day))
    browser = browse(olga)

    with django_assert_max_num_queries(58):
        browser.get(f"/customers/{elena.pk}/")


@pytest.mark.feature("F01.46", partly="e-mails on the timeline (channels)")
def test_an_account_shows_what_all_its_people_had(browse, olga, elena, loans):
    typed = {"kind": "company", "company_name": "ООО Вега", "email": "vega@mail.example"}
    company = register_potential(typed=typed, by=System(name="test"), now=NOW)
    relate(customer_id=company.pk, other_id=elena.pk, kind="contact", influence="decides", by=olga, now=NOW)
    with_her, with_them = talk(loans, olga, elena), talk(loans, olga, company, NOW - timedelta(days=1))
    Interaction.objects.update(ended_at=NOW, state=State.DONE)

    words = text_of(browse(olga).get(f"/customers/{company.pk}/"))

    card = f"/customers/{company.pk}/"
    page = browse(olga).get(card).content.decode()
    assert f"/contacts/{with_her.pk}/" in page
    assert f"/contacts/{with_them.pk}/" in page
    assert f"{elena.short_name}: " in words
    assert "+7 916 123-45-67" in words
    assert "last contact" in words
    hers = browse(olga).get(f"/customers/{elena.pk}/").content.decode()
    assert f"/contacts/{with_them.pk}/" not in hers
