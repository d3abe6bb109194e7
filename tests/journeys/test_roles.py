"""Who may what: parts of the system by right, contacts and their history by role, projects by assignment."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.interactions.services import register_visit
from perezvon.modules.topics.models import Topic
from tests.support.centre import new_number
from tests.support.desk import texts

PASSWORD = "spring-2026"


@pytest.mark.feature("F28.01")
def test_each_part_of_the_system_is_open_by_right(centre, operator, new_context):
    """A stranger signs in first; an operator is not shown reports and cannot open them; a supervisor can."""
    stranger = new_context().new_page()
    stranger.goto(f"{centre.url}/reports/calls/")
    expect(stranger.locator("#login")).to_be_visible()

    desk = operator(centre.branch().operators[0])
    assert "Reports" not in texts(desk.page.locator("#rail nav a"))
    answer = desk.page.goto(f"{centre.url}/reports/calls/")
    assert answer.status == 403
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Read reports")

    chief = operator(centre.branch(role="supervisor").operators[0])
    chief.page.locator("#rail nav").get_by_role("link", name="Reports").click()
    expect(chief.workspace.get_by_role("heading", level=1)).to_have_text("Calls to operators")


@pytest.mark.feature("F28.01")
def test_a_right_that_is_taken_away_is_gone_at_the_next_click(centre, operator):
    user = centre.branch(role="supervisor").operators[0]
    page = operator(user).page
    assert page.goto(f"{centre.url}/reports/calls/").ok
    User.objects.filter(pk=user.pk).update(role=Role.objects.get(code="operator"))
    assert page.goto(f"{centre.url}/reports/calls/").status == 403


@pytest.mark.feature("F28.02")
@pytest.mark.parametrize(
    ("role", "may_edit", "may_see_reports"),
    [("operator", False, False), ("extended_operator", True, False), ("supervisor", True, True)],
)
def test_plain_extended_and_supervising_users(centre, operator, role, may_edit, may_see_reports):
    """All see the contacts of their project; only the last two change cards, read journals and full passports."""
    branch = centre.branch(role=role)
    customer = centre.customer("Smirnova", new_number())
    register_visit(
        customer_id=customer.pk,
        project_id=branch.line.project.pk,
        note="came for a statement",
        by=branch.operators[0].actor(),
        now=clock.now(),
    )
    page = operator(branch.operators[0]).page
    page.goto(f"{centre.url}/customers/{customer.pk}/")
    expect(page.locator("main")).to_contain_text("came for a statement")
    for name in ("Edit", "Change journal"):
        expect(page.locator(".client-actions").get_by_role("link", name=name)).to_have_count(int(may_edit))
    assert page.goto(f"{centre.url}/customers/{customer.pk}/edit/").ok == may_edit
    assert page.goto(f"{centre.url}/customers/{customer.pk}/journal/").ok == may_edit
    assert page.goto(f"{centre.url}/reports/calls/").ok == may_see_reports


@pytest.mark.feature("F28.03")
def test_operators_see_only_their_projects_and_supervisors_all(centre, operator):
    here, elsewhere = centre.branch(), centre.branch()
    customer = centre.customer("Smirnova", new_number())
    for branch, note in ((here, "said here"), (elsewhere, "said elsewhere")):
        register_visit(
            customer_id=customer.pk,
            project_id=branch.line.project.pk,
            note=note,
            by=branch.operators[0].actor(),
            now=clock.now(),
        )
    page = operator(here.operators[0]).page
    page.goto(f"{centre.url}/customers/{customer.pk}/")
    expect(page.locator("main")).to_contain_text("said here")
    expect(page.locator("main")).not_to_contain_text("said elsewhere")

    chief = operator(centre.branch(role="supervisor").operators[0]).page
    chief.goto(f"{centre.url}/customers/{customer.pk}/")
    expect(chief.locator("main")).to_contain_text("said here")
    expect(chief.locator("main")).to_contain_text("said elsewhere")
    chief.goto(f"{centre.url}/reports/calls/")
    offered = texts(chief.locator("#report-project option"))
    assert {branch.line.project.name["en"] for branch in (here, elsewhere)} <= set(offered)


@pytest.mark.feature("F28.03")
@pytest.mark.feature("X.28")
@pytest.mark.parametrize("role", ["information_administrator", "system_administrator"])
def test_administrators_change_topics_and_take_no_calls(centre, new_context, role):
    """Both sign in by password, come to what they look after, and find no telephone there."""
    branch = centre.branch(role=role)
    user = branch.operators[0]
    user.set_password(PASSWORD)
    user.language = "en"
    user.save()
    page = new_context().new_page()
    page.goto(f"{centre.url}/sign-in/")
    page.fill("#login", user.login)
    page.fill("#password", PASSWORD)
    page.locator("form.sign-in button").click()
    expect(page.locator(".person-role")).to_have_text(Role.objects.get(code=role).name["en"])
    places = texts(page.locator(".topbar-places a"))
    assert "Topics" in places
    assert "Workplace" not in places
    assert page.goto(f"{centre.url}/desk/").status == 403
    assert page.goto(f"{centre.url}/knowledge/sections/").status == 200
    page.goto(f"{centre.url}/topics/?project={branch.code}")
    expect(page.get_by_role("link", name="Add a topic")).to_be_visible()
    assert Topic.objects.filter(project=Project.objects.get(code=branch.code)).exists()
