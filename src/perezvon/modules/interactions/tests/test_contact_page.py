"""The page of one contact."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from perezvon.foundation.people.models import Project
from perezvon.modules.interactions import services
from perezvon.modules.interactions.models import Interaction, Segment, State
from perezvon.modules.interactions.tests.conftest import NOW, operator, talk
from perezvon.modules.interactions.tests.test_sections import text_of


def stretch(contact: Interaction, kind: str, begins_s: int, lasts_s: int, **more: object) -> None:
    at = contact.began_at + timedelta(seconds=begins_s)
    Segment.objects.create(
        id=uuid4(), interaction=contact, kind=kind, began_at=at, ended_at=at + timedelta(seconds=lasts_s), **more
    )


def over(contact: Interaction, **more: object) -> Interaction:
    Interaction.objects.filter(pk=contact.pk).update(ended_at=NOW + timedelta(minutes=4), ended_by="customer", **more)
    return contact


def test_tells_what_it_consisted_of_and_what_was_written(browse, olga, ivan, elena, loans):
    contact = over(talk(loans, ivan, elena), state=State.DONE)
    stretch(contact, "queue", 0, 40, outcome="answered")
    stretch(contact, "talk", 40, 160, agent_id=ivan.id)
    services.add_note(interaction_id=contact.pk, text="Ждёт письмо", by=ivan, now=NOW)

    page = browse(olga).get(f"/contacts/{contact.pk}/")

    words = text_of(page)
    for said in (
        "Incoming call",
        elena.full_name,
        "In the queue",
        "0:40",
        "Talk",
        "2:40",
        "Ждёт письмо",
        "the customer",
    ):
        assert said in words, said
    assert 'data-kind="talk" x="200.0" y="0" width="800.0"' in page.content.decode()


def test_asks_its_operator_to_write_up_what_he_has_not(browse, olga, ivan, elena, loans):
    contact = over(talk(loans, ivan, elena), state=State.WRAP_UP, answered_at=NOW)

    assert f"/desk/contact/{contact.pk}/" in browse(ivan).get(f"/contacts/{contact.pk}/").content.decode()
    assert f"/desk/contact/{contact.pk}/" not in browse(olga).get(f"/contacts/{contact.pk}/").content.decode()


def test_of_another_project_is_not_there(browse, olga, elena, loans):
    cards = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
    contact = talk(cards, operator("petr", cards), elena)

    assert browse(olga).get(f"/contacts/{contact.pk}/").status_code == 404


def test_costs_the_same_however_long_it_was(browse, olga, ivan, elena, loans, django_assert_max_num_queries):
    contact = over(talk(loans, ivan, elena), state=State.DONE)
    for minute in range(30):
        stretch(contact, "talk", minute * 60, 60, agent_id=ivan.id)
        services.add_note(interaction_id=contact.pk, text=f"{minute}", by=ivan, now=NOW)
    browser = browse(olga)

    with django_assert_max_num_queries(19):
        browser.get(f"/contacts/{contact.pk}/")
