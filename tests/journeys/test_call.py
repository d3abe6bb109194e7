"""An operator's work with calls, in a browser, on the simulated exchange."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.modules.interactions.models import State
from tests.support import eventually
from tests.support.centre import new_number


@pytest.mark.feature("F04.01")
def test_the_card_is_there_before_the_answer(centre, operator):
    branch = centre.branch()
    number = new_number()
    centre.customer("Smirnova", number)
    desk = operator(branch.operators[0])
    desk.ready()
    call = centre.rings(branch, f"+{number}")
    desk.is_in("ringing")
    expect(desk.workspace.get_by_role("heading", name="Smirnova Test")).to_be_visible()
    desk.answer()
    expect(desk.bar.locator(".callbar-name")).to_contain_text("Smirnova")
    centre.callers.caller_hangs_up(call)
    desk.is_in("wrapup")
    eventually(lambda: branch.newest_contact().state == State.WRAP_UP)
