"""Whose contacts somebody sees: all of his projects, those of his team, or his own."""

from __future__ import annotations

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Role, Team, User
from perezvon.foundation.people.services import FieldsWrong, RoleDetails, add_role
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import Segment
from perezvon.modules.interactions.selectors import NoSuchInteraction, get_interaction, visible
from perezvon.modules.interactions.services import add_note
from perezvon.modules.interactions.tests.conftest import NOW, operator, talk


@pytest.fixture
def line(db) -> Team:
    return Team.objects.create(code="line", name={"en": "First line"})


@pytest.fixture
def contacts(loans, olga, ivan, elena, line):
    """Of Olga, of Ivan who is in her team, and of Petr who is not."""
    User.objects.filter(pk__in=[olga.id, ivan.id]).update(team=line)
    petr = operator("petr", loans)
    return {who.name.split()[-1]: talk(loans, who, elena) for who in (olga, ivan, petr)}


def narrow(scope: str) -> None:
    Role.objects.filter(code="operator").update(scopes={"interactions.view": scope} if scope else {})


def seen_by(login: str) -> list[str]:
    return [one.agent.last_name for one in visible(User.objects.get(login=login).actor()).order_by("number")]


@pytest.mark.parametrize(
    ("scope", "of_olga", "of_petr"),
    [
        ("", ["Olga", "Ivan", "Petr"], ["Olga", "Ivan", "Petr"]),
        ("team", ["Olga", "Ivan"], ["Petr"]),
        ("own", ["Olga"], ["Petr"]),
    ],
)
def test_a_role_narrows_what_is_seen(contacts, scope, of_olga, of_petr):
    narrow(scope)
    assert seen_by("olga") == of_olga
    assert seen_by("petr") == of_petr


def test_whoever_is_offered_a_call_sees_it_before_he_answers(contacts):
    narrow("own")
    offered = contacts["Ivan"]
    olga = User.objects.get(login="olga").actor()
    with pytest.raises(NoSuchInteraction):
        get_interaction(offered.pk, by=olga)

    Segment.objects.create(id=uuid7(NOW), interaction=offered, kind="ring", agent_id=olga.id, began_at=NOW)

    assert get_interaction(offered.pk, by=olga) == offered


def test_what_is_not_seen_is_not_written_to(contacts):
    narrow("own")
    olga = User.objects.get(login="olga").actor()
    with pytest.raises(NoSuchInteraction):
        add_note(interaction_id=contacts["Petr"].pk, text="not mine", by=olga, now=NOW)
    add_note(interaction_id=contacts["Olga"].pk, text="mine", by=olga, now=NOW)


@pytest.mark.parametrize("scope", ["team", "own"])
def test_the_page_of_contacts_and_the_history_of_a_customer_are_narrowed_alike(client, contacts, elena, scope):
    narrow(scope)
    client.force_login(User.objects.get(login="olga"))
    numbers = {contacts[name].number for name in ("Olga", "Ivan")[: 2 if scope == "team" else 1]}
    listed = client.get("/contacts/").content.decode()
    card = client.get(f"/customers/{elena.pk}/").content.decode()
    for one in contacts.values():
        address = f"/contacts/{one.pk}/"
        assert (address in listed) == (one.number in numbers)
        assert (address in card) == (one.number in numbers)
        assert (client.get(address).status_code == 200) == (one.number in numbers)


def test_are_set_on_the_page_of_a_role_and_told_when_wrong(client, contacts):
    client.force_login(
        User.objects.create_user("admin", last_name="A", role=Role.objects.get(code="system_administrator"))
    )
    role = Role.objects.get(code="operator")
    given = {"version": role.version, "rights": role.rights, "sign_in": role.sign_in, "trusted_days": 0}
    page = f"/admin/roles/{role.pk}/"
    assert 'name="scope_interactions.view"' in client.get(page).content.decode()

    assert client.post(page, given | {"scope_interactions.view": "own"}).status_code == 302
    assert Role.objects.get(pk=role.pk).scopes == {"interactions.view": "own"}
    stale = client.post(page, given | {"scope_interactions.view": "team"})
    assert stale.status_code == 409
    assert 'name="scope_interactions.view"' in stale.content.decode()
    with pytest.raises(FieldsWrong):
        add_role(
            code="night",
            details=RoleDetails({"en": "Night"}, scopes={"interactions.view": "moon"}),
            by=System(name="test"),
            now=NOW,
        )
