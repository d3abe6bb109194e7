"""What the call card shows, and who arranges it (F04.06, F04.08)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.records.services import Wanted, add_layout
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import CardType, Customer
from perezvon.modules.customers.services import register_potential
from perezvon.modules.desk.screens.call_card import Closed, Seen, slots, zones
from perezvon.modules.desk.screens.card import customer_with_details
from perezvon.modules.interactions.models import Channel, Interaction

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
TYPED = {
    "last_name": "\u0421\u043c\u0438\u0440\u043d\u043e\u0432\u0430",
    "first_name": "Elena",
    "birth_date": "14.05.1981",
    "phone_mobile": "8 916 123-45-67",
    "phone_fax": "8 495 123-45-67",
    "email": "elena@mail.example",
    "site": "https://elena.example",
    "address_postal": "Moscow, Lesnaya 5",
    "workplace": "Daisy",
    "position": "chief",
    "source": "Poster",
}
OPEN = Closed([], "")

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans() -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"})


@pytest.fixture
def contact(loans) -> Interaction:
    elena = register_potential(typed=TYPED, by=BY, now=NOW, project_id=loans.pk)
    return Interaction.objects.create(
        id=uuid7(NOW), number=70001, project=loans, channel=Channel.PHONE, direction="inbound", address="79161234567",
        customer=elena, began_at=NOW,
    )  # fmt: skip


def person(role: str, loans: Project):
    user = User.objects.create_user(role, last_name="A", role=Role.objects.get(code=role), language="en")
    user.projects.add(loans)
    return user.actor()


@pytest.fixture
def olga(loans):
    return person("operator", loans)


def seen(contact: Interaction, by) -> Seen:
    return Seen(customer_with_details(contact.customer_id, by), contact, by)


def arrange(loans: Project | None = None, **tab) -> None:
    hidden = [slot.code for slot in slots() if slot.code not in {code for zone in tab.values() for code in zone}]
    arrangement = {"tabs": [{"code": "main", "label": {}, **tab}], "hidden": hidden}
    wanted = Wanted({"en": "Own"}, arrangement, project_id=loans.pk if loans else None)
    add_layout(kind="call", code="own", wanted=wanted, by=BY, now=NOW)


def values(blocks) -> list[list[str]]:
    return [[row["value"] for row in block.get("rows", [])] for block in blocks]


def test_unarranged_it_shows_the_person_his_contacts_and_the_call(contact, olga):
    drawn = zones(seen(contact, olga), OPEN)

    personal, contacts, products, call = drawn["side"]
    assert "Daisy" in [row["value"] for row in personal["rows"]]
    assert [row["kind"] for row in contacts["rows"]] == ["phone", "phone", "email"]
    assert [row["value"] for row in call["rows"]][:3] == ["+79161234567", "101", "Loans"]
    assert products["locked"] is None
    assert [block["kind"] for block in drawn["main"]] == ["history"]


def test_each_fact_can_stand_where_an_administrator_puts_it(contact, olga, loans):
    arrange(loans, top=["name", "company", "position"], side=["phone_fax", "site", "address_postal"], main=["history"])

    drawn = zones(seen(contact, olga), OPEN)

    assert values(drawn["top"]) == [[f"{TYPED['last_name']} Elena", "Daisy", "chief"]]
    assert values(drawn["side"]) == [["+74951234567", "https://elena.example", "Moscow, Lesnaya 5"]]


def test_another_project_keeps_its_own(contact, olga, loans):
    other = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
    arrange(other, side=["source"])

    assert len(zones(seen(contact, olga), OPEN)["side"]) == 4


def test_facts_of_one_group_that_stand_apart_are_two_cards(contact, olga):
    arrange(side=["region", "company", "email", "source"])

    assert values(zones(seen(contact, olga), OPEN)["side"]) == [["Daisy"], ["elena@mail.example"], ["Poster"]]


def test_products_stay_behind_identification_wherever_they_stand(contact, olga):
    arrange(top=["products"])

    [products] = zones(seen(contact, olga), Closed(None, "/identify/"))["top"]
    assert products["locked"]["url"] == "/identify/"
    assert products["rows"] == []


def test_values_are_changed_where_the_type_of_the_card_lets_one(contact, loans):
    ksenia = person("extended_operator", loans)
    personal, contacts, *_rest = zones(seen(contact, ksenia), OPEN)["side"]
    assert personal["more"]["url"] == f"{reverse('customers:edit', args=[contact.customer_id])}?block=personal"
    assert contacts["more"]["url"] == reverse("customers:card", args=[contact.customer_id])

    Customer.objects.update(card_type=CardType.CLIENT)
    personal, contacts, *_rest = zones(seen(contact, ksenia), OPEN)["side"]
    assert personal["more"] is None
    assert contacts["more"] is not None


def test_the_layout_editor_offers_it(client, loans):
    person("information_administrator", loans)
    client.force_login(User.objects.get(login="information_administrator"))

    page = client.get(f"{reverse('records:new')}?kind=call").content.decode()

    assert "Number of the caller" in page
    assert "Postal address" in page
