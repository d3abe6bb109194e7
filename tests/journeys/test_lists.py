"""A list of records in a browser: what the mouse, the keys and the address do."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential
from tests.journeys.test_looks import look_at
from tests.support import eventually

NAMES = ("Абрамов", "Борисов", "Власов", "Громов", "Дёмин", "Ершов")


@pytest.fixture
def region(centre):
    """Six customers that no other test knows live in one region."""
    name = centre.branch().code
    for number, last_name in enumerate(NAMES):
        typed = {"last_name": last_name, "first_name": "Пётр", "email": f"{name}.{number}@mail.example"}
        made = register_potential(typed=typed, by=System(name="test"), now=clock.now())
        Customer.objects.filter(pk=made.pk).update(region=name, town=f"Town {number // 3}")
    return name


def where(region: str) -> str:
    return json.dumps(["and", ["region", "is", region]])


def rows(page: Page) -> Locator:
    return page.locator("#workspace tr[data-row]")


def shows(page: Page, *names: str) -> None:
    expect(page.locator("#workspace [data-row-link]")).to_have_text([re.compile(rf"^{name}") for name in names])


def test_an_operator_finds_sorts_and_opens_without_the_mouse(centre, operator, region):
    branch = centre.branch()
    desk = operator(branch.operators[0])
    page = desk.page
    page.locator("#rail nav").get_by_role("link", name="Customers").click()
    expect(desk.workspace.locator("[data-list]")).to_be_visible()
    filter_by_region(page, region)
    shows(page, *NAMES)
    expect(page.locator("#workspace .list-found")).to_have_text("Found: 6")

    page.locator("#workspace thead a.list-sort", has_text="Full name").click()
    shows(page, *reversed(NAMES))
    page.locator("#workspace thead a.list-sort", has_text="Customer status").click(modifiers=["Shift"])
    expect(page.locator("#workspace .list-place")).to_have_text(["1", "2"])
    expect(page.locator("#workspace thead th[aria-sort]")).to_have_count(1)

    page.locator("#workspace [data-row-link]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#workspace [data-row-link]").nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(desk.workspace.locator(".customer-page h1")).to_contain_text(NAMES[3])

    page.locator("#tabs .tab", has_text="Customers").locator("a").click()
    field = desk.workspace.locator("[data-list-search] input")
    field.press_sequentially(NAMES[4])
    shows(page, NAMES[4])
    expect(field).to_be_focused()
    expect(page.locator("#workspace .list-found")).to_have_text("Found: 1")


def filter_by_region(page: Page, region: str) -> None:
    """In the form of the filter, by keys where there is a choice."""
    page.locator("#workspace").get_by_role("link", name="Filter").click()
    form = page.locator("#list-filter")
    form.get_by_label("What the condition is about").select_option("region")
    held: list[Route] = []
    page.route("**/filter/?*edit=operator.0.0*", lambda route: held.append(route))
    form.get_by_label("Comparison").select_option("is")
    field = form.locator("input[name='w.0.0.value']")
    field.fill(region)  # while the form is being drawn anew
    with page.expect_response("**/filter/?*edit=operator.0.0*"):
        held.pop().continue_()
    expect(field).to_have_value(region)
    form.get_by_role("button", name="Show").click()
    expect(page.locator("#workspace .list-chip")).to_contain_text(region)


@pytest.mark.feature("F30.06")
def test_many_rows_are_deleted_and_brought_back(centre, new_context, region):
    page = supervisor(centre, new_context, "en")
    page.goto(f"{centre.url}/customers/?where={where(region)}")
    rows(page).nth(1).locator("input").check()
    rows(page).nth(3).locator("input").click(modifiers=["Shift"])
    expect(page.locator("[data-list-count]")).to_have_text("Selected: 3")

    page.get_by_role("button", name="Delete").click()

    shows(page, NAMES[0], NAMES[4], NAMES[5])
    page.locator(".toast").get_by_role("button", name="Undo").click()
    shows(page, *NAMES)
    page.locator("[data-row-link]").first.focus()
    page.keyboard.press("Control+a")
    expect(page.locator("[data-list-count]")).to_have_text("Selected: 6")
    page.keyboard.press("Escape")
    expect(page.locator("[data-list-bulk]")).to_be_hidden()


@pytest.mark.feature("F30.04")
def test_columns_and_views_are_made_by_hand_and_look_well_in_both_languages(centre, new_context, region):
    page = supervisor(centre, new_context, "ru")
    page.goto(f"{centre.url}/customers/?where={where(region)}&sort=-name")
    look_at(page, "list-ru")
    page.get_by_role("link", name="Столбцы").click()
    dialog = page.locator("#list-columns")
    expect(dialog).to_be_visible()
    dialog.locator("li", has_text="Город").get_by_role("checkbox").check()
    dialog.locator("li", has_text="Город").get_by_role("checkbox").focus()
    for _ in range(9):
        page.keyboard.press("Alt+ArrowUp")
    dialog.locator("input[name='cw.town']").fill("300")
    look_at(page, "list-columns-ru")
    dialog.get_by_role("button", name="Показать").click()
    expect(page.locator("thead th[data-col]").nth(1)).to_have_attribute("data-col", "town")
    eventually(lambda: abs(page.locator("thead th[data-col=town]").bounding_box()["width"] - 300) < 60, within=5)

    grip = page.locator("th[data-col=town] [data-grip]").bounding_box()
    page.mouse.move(grip["x"] + 2, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] - 98, grip["y"] + 10, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"town%3A\d+"))

    page.locator("[popovertarget$=-views]").click()
    look_at(page, "list-views-ru")
    page.get_by_role("link", name="Сохранить как новое").click()
    page.locator("#list-view input[name=name]").fill(f"Вид {region}")
    page.locator("#list-view").get_by_role("button", name="Сохранить").click()
    expect(page.locator(".list-view-name")).to_have_text(f"Вид {region}")
    page.go_back()
    expect(page.locator(".list-view-name")).to_have_text("Представление")
    page.locator("[popovertarget$=-views]").click()
    page.get_by_role("link", name=f"Вид {region}").click()
    shows(page, *reversed(NAMES))

    page.get_by_role("link", name="Фильтр").click()
    page.locator("#list-filter").get_by_role("button", name="Группа условий").click()
    expect(page.locator(".condition-group")).to_have_count(2)
    look_at(page, "list-filter-ru")


def supervisor(centre, new_context, language: str) -> Page:
    branch = centre.branch(role="supervisor")
    user = branch.operators[0]
    type(user).objects.filter(pk=user.pk).update(language=language)
    context = new_context(language)
    context.add_cookies([centre.session_of(user)])
    return context.new_page()
