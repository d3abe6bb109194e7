"""What contacts are counted by: chosen at the desk, added up in the report (F07.06, F07.08)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation.people.models import Project
from perezvon.project import blueprint
from tests.support import eventually
from tests.support.centre import new_number


@pytest.mark.feature("F07.06")
@pytest.mark.feature("F07.08")
def test_a_contact_counts_once_in_topic_category_and_source(centre, operator):
    """Two topics of one branch count the call once in the branch; the lists are what the project says they are."""
    branch = centre.branch(role="supervisor", ready_after=True)
    project = Project.objects.get(code=branch.code)
    lists = blueprint.read("bank")["dimensions"]
    Project.objects.filter(pk=project.pk).update(settings=project.settings | {"dimensions": lists})
    desk = operator(branch.operators[0])
    desk.ready()
    call = centre.rings(branch, f"+{new_number()}")
    desk.answer()
    desk.add_topic("Products and services", "Loans")
    desk.add_topic("Products and services", "Cards")
    desk.helper.get_by_label("Category").select_option(label="Question")
    desk.helper.get_by_label("Source").select_option(label="Web site")
    eventually(lambda: branch.newest_contact().dimensions == {"category": "question", "source": "site"})
    centre.callers.caller_hangs_up(call)
    desk.is_in("wrapup")
    desk.choose_result("solved")
    desk.finish()
    desk.is_in("ready")

    page = desk.page
    page.goto(f"{centre.url}/reports/calls/?project={branch.code}")
    topics = page.locator("section[aria-labelledby=report-topics] tbody")
    for name, count, share in (
        ("Products and services", "1", "100 %"),
        ("Loans", "1", "100 %"),
        ("Cards", "1", "100 %"),
    ):
        row = topics.locator("tr", has=page.locator("th", has_text=name)).locator("td")
        expect(row.nth(0)).to_have_text(count)
        expect(row.nth(1)).to_contain_text(share)
    for name, value in (("category", "Question"), ("source", "Web site")):
        row = page.locator(f"section[aria-labelledby=report-by-{name}] tbody tr", has_text=value)
        expect(row.locator("td").nth(0)).to_have_text("1")
        expect(row.locator("td").nth(1)).to_contain_text("100 %")
    page.locator("section[aria-labelledby=report-by-source] tbody a").first.click()
    expect(page.locator(".chip", has_text="Source: Web site")).to_be_visible()
    expect(page.locator(".report-list tbody tr")).to_have_count(1)
