"""The call card while one talks, as the project has arranged it."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.records.services import Wanted, add_layout
from perezvon.modules.customers.models import Customer
from perezvon.modules.desk.screens.call_card import slots
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.tasks.services.planning import Wanted as Task
from perezvon.modules.tasks.services.planning import plan

_DUE = datetime(2026, 11, 23, 15, 0)  # noqa: DTZ001  (a time on a wall)
_FOLDED = ["caller", "project_number", "source", "due", "next_action", "consultant"]


def plan_for(talking) -> None:
    """Something is to be done about this contact, by whoever talks."""
    contact = Interaction.objects.get(customer=talking.customer)
    wanted = Task(title="Send the contract", interaction_id=contact.pk, due=_DUE, zone="Europe/Moscow")
    plan(wanted=wanted, by=talking.desk.user.actor(), now=clock.now())


@pytest.mark.feature("F04.06")
@pytest.mark.feature("F04.08")
def test_shows_what_the_project_has_arranged_and_works_as_before(talk):
    talking = talk()
    desk, project = talking.desk, talking.branch.line.project
    shown = desk.workspace.locator(".customer-card")
    expect(shown.get_by_role("heading", name="This call")).to_be_visible()
    expect(shown).to_contain_text(str(project.number))

    Customer.objects.filter(pk=talking.customer.pk).update(workplace="Daisy", position="chief", source="Poster")
    first = {"code": "main", "label": {"en": "Call"}, "top": ["name", "company", "position"], "main": ["history"]}
    plan_for(talking)
    more = {"code": "more", "label": {"en": "More about the call"}, "side": _FOLDED}
    named = {code for tab in (first, more) for zone in ("top", "side", "main") for code in tab.get(zone, [])}
    arrangement = {"tabs": [first, more], "hidden": [slot.code for slot in slots() if slot.code not in named]}
    wanted = Wanted({"en": "Office"}, arrangement, project_id=project.pk)
    add_layout(kind="call", code=f"p{project.pk}", wanted=wanted, by=System(name="test"), now=clock.now())
    desk.page.reload()

    expect(shown.locator("> .call-card-top")).to_contain_text("Daisy")
    expect(shown.locator("> .call-card-top")).to_contain_text("chief")
    expect(shown.get_by_role("heading", name="This call")).to_have_count(0)
    folded = shown.locator("details", has_text="More about the call")
    folded.locator("summary").click()
    expect(folded).to_contain_text("Poster")
    expect(folded).to_contain_text(str(project.number))
    for words in ("Send the contract", "23.11.2026", talking.desk.user.short_name):
        expect(folded).to_contain_text(words)
    expect(shown.get_by_role("heading", name="History")).to_be_visible()
    desk.is_in("talking")
    desk.add_note("asks about her card")
    desk.press("hold")
    desk.is_in("held")
