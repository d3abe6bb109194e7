"""The administrator of people and those whom he lets in, in their browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from perezvon.foundation.people.models import User
from perezvon.modules.routing.models import Agent
from tests.support import eventually

OWN = "a password of her own"


def signed_in(centre, new_context, user: User, language: str = "en") -> Page:
    User.objects.filter(pk=user.pk).update(language=language)
    context: BrowserContext = new_context(language)
    context.add_cookies([centre.session_of(user)])
    return context.new_page()


@pytest.mark.feature("F28.01")
@pytest.mark.feature("F28.05", partly="results and functions that ask for the group: campaigns")
def test_somebody_new_is_added_signs_in_and_is_an_operator(centre, new_context):
    """The administrator reads the first password out; its owner replaces it by her own and takes calls."""
    branch = centre.branch(role="system_administrator")
    page = signed_in(centre, new_context, branch.operators[0])
    page.goto(f"{centre.url}/admin/")
    page.get_by_role("searchbox", name="Find a page").fill("telephone password")
    expect(page.locator(".admin-page")).to_have_count(1)
    page.get_by_role("link", name="People").first.click()
    page.get_by_role("link", name="Add").click()
    page.fill("#field-last_name", "Orlova")
    page.fill("#field-login", f"C3:{branch.code}.olga")
    page.select_option("#field-role", label="Operator")
    page.locator("#field-projects").get_by_text(branch.line.project.name["en"], exact=True).click()
    page.locator("#field-groups").get_by_text("Virtual contact centre").click()
    page.get_by_role("button", name="Add").click()
    given = page.locator(".admin-given strong").inner_text()

    hers = new_context().new_page()
    hers.goto(f"{centre.url}/sign-in/")
    hers.fill("#login", f"c3\\{branch.code}.olga")
    hers.fill("#password", given)
    hers.locator("form.sign-in button").click()
    hers.fill("#wanted", OWN)
    hers.locator("#form button.btn-primary").click()
    expect(hers.locator("#callbar")).to_be_visible()

    user = User.objects.get(login=f"C3:{branch.code}.olga")
    assert user.check_password(OWN)
    eventually(lambda: Agent.objects.filter(user=user, queues=branch.line.queue).exists())


def test_two_administrators_who_edit_the_same_person_lose_nothing(centre, new_context):
    """Each in his own browser; the second is asked field by field and keeps what he chooses of both."""
    branch = centre.branch(role="system_administrator", operators=2)
    somebody = centre.branch().operators[0]
    first, second = (signed_in(centre, new_context, user) for user in branch.operators)
    for page in (first, second):
        page.goto(f"{centre.url}/admin/people/{somebody.pk}/")
    first.fill("#field-position", "Expert")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_text("Saved.")).to_be_visible()

    second.fill("#field-position", "Chief")
    second.fill("#field-extension", "77")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody else changed this meanwhile")
    row = second.get_by_role("row", name="Position")
    expect(row.get_by_role("radio").first).to_be_checked()
    second.get_by_role("row", name="Extension").get_by_role("radio").last.check()
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("Saved.")).to_be_visible()

    somebody.refresh_from_db()
    assert (somebody.position, somebody.extension) == ("Expert", "77")
