"""A caller whom nobody knows: found by his name among several, or registered while he talks."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential
from tests.support import eventually
from tests.support.centre import new_number

LETTERS = str.maketrans("0123456789", "abcdefghij")  # names have no digits


@pytest.mark.feature("F05.09", partly="the step of a scenario: scripting")
def test_one_of_the_candidates_is_chosen_for_the_contact(centre, operator):
    branch, number = centre.branch(), new_number()
    mark = f"Candidate{branch.code.translate(LETTERS)}".title()
    for first in ("Anna", "Boris"):
        register_potential(
            typed={"kind": "person", "last_name": mark, "first_name": first, "no_middle_name": "on",
                   "phone_contact": f"+{new_number()}"},
            by=branch.operators[0].actor(),
            now=clock.now(),
        )  # fmt: skip
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{number}")
    desk.answer()
    desk.workspace.locator("#found-query").fill(mark)
    desk.workspace.get_by_role("button", name="Find").first.click()
    candidates = desk.workspace.locator("#candidate-rows tr")
    expect(candidates).to_have_count(2)
    expect(desk.workspace.locator(".list-foot")).to_contain_text("Found: 2")
    candidates.filter(has_text="Boris").get_by_role("button", name="Choose").click()
    expect(desk.workspace.locator(".client-strip h1")).to_have_text(f"{mark} Boris")
    eventually(lambda: branch.newest_contact().customer.first_name == "Boris")


@pytest.mark.feature("F01.27")
@pytest.mark.feature("F01.29")
def test_a_caller_nobody_knows_is_registered_while_he_talks(centre, operator):
    branch, number = centre.branch(), new_number()
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{number}")
    desk.answer()
    desk.workspace.get_by_role("link", name="New customer").click()
    expect(desk.workspace.locator("[name=phone_contact]")).to_have_value(f"+{number}")
    desk.workspace.locator("[name=last_name]").fill("Newcomer")
    desk.workspace.locator("form .btn-primary").click()
    expect(desk.workspace.locator(".client-strip h1")).to_contain_text("Newcomer")
    desk.is_in("talking")
    registered = Customer.objects.get(points__digits=number)
    assert (branch.newest_contact().customer, registered.status) == (registered, "potential")
