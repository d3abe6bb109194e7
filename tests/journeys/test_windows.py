"""Keys, clicks that come too late, several windows, and pages that are loaded anew."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from perezvon.foundation.search.services import put
from perezvon.modules.customers.services.writing import entry_of
from perezvon.modules.interactions.models import State
from tests.support import eventually
from tests.support.centre import new_number
from tests.support.desk import Desk

TABS_AT_MOST = 150


def test_a_whole_contact_by_keyboard_alone(centre, operator):
    branch, number = centre.branch(ready_after=True), new_number()
    centre.customer("Smirnova", number)
    desk = operator(branch.operators[0])
    desk.ready()
    keys = desk.page.keyboard
    centre.rings(branch, f"+{number}")
    desk.is_in("ringing")
    keys.press("F2")
    desk.is_in("talking")
    keys.press("F8")
    desk.is_in("held")
    keys.press("F8")
    desk.is_in("talking")
    keys.press("F9")
    expect(desk.page.locator("#transfer")).to_be_visible()
    keys.press("Escape")
    expect(desk.page.locator("#transfer")).to_be_hidden()
    keys.press("Alt+n")
    expect(desk.page.locator("#notestrip textarea")).to_be_focused()
    keys.type("by keys")
    keys.press("Control+Enter")
    expect(desk.helper.locator(".note-list")).to_contain_text("by keys")
    keys.press("Shift+F2")
    desk.is_in("wrapup")
    _tab_to(desk.page, desk.page.locator("#topic-tree-filter"))
    keys.type("Complaint")
    _tab_to(desk.page, desk.page.locator("button.tree-leaf", has_text="Complaint"))
    keys.press("Enter")
    expect(desk.helper.locator(".topic")).to_contain_text("Complaint")
    _tab_to(desk.page, desk.workspace.locator("input[name=result]").first, back=True)
    keys.press("1")
    expect(desk.workspace.locator("input[value=solved]")).to_be_checked()
    keys.press("Control+Enter")
    desk.is_in("ready")
    eventually(lambda: branch.newest_contact().state == State.DONE)


def test_a_click_on_a_call_that_has_moved_on_is_refused_in_words(centre, talk):
    talking = talk()
    desk = talking.desk

    def while_the_caller_hangs_up(click: Route) -> None:
        """The call ends after the click has left the page and before it reaches the server."""
        centre.callers.caller_hangs_up(talking.call_id)
        eventually(lambda: talking.branch.newest_contact().state == State.WRAP_UP)
        click.continue_()

    desk.page.route(re.compile("/act/"), while_the_caller_hangs_up, times=1)
    desk.press("hold")
    desk.toast("The call has moved on meanwhile.")
    desk.is_in("wrapup")


def test_two_windows_show_the_same_call(talk):
    desk = talk().desk
    other = Desk(desk.page.context.new_page(), desk.centre, desk.user)
    other.page.goto(f"{desk.centre.url}/desk/")
    other.wait_until_live()
    other.is_in("talking")
    other.press("hold")
    desk.is_in("held")
    desk.press("retrieve")
    other.is_in("talking")


def test_a_page_loaded_anew_shows_the_call_as_it_stands(talk):
    talking = talk()
    desk = talking.desk
    desk.add_note("before the reload")
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.page.reload()
    desk.wait_until_live()
    desk.is_in("talking")
    expect(desk.bar.locator(".callbar-name")).to_contain_text("Smirnova")
    expect(desk.helper.locator(".note-list")).to_contain_text("before the reload")
    desk.press("hold")
    desk.is_in("held")


def test_a_second_sign_in_elsewhere_shows_the_same_state(operator, talk):
    talking = talk()
    elsewhere = operator(talking.desk.user)
    elsewhere.is_in("talking")
    elsewhere.hang_up()
    talking.desk.is_in("wrapup")


def _tab_to(page: Page, wanted: Locator, *, back: bool = False) -> None:
    """Press Tab until the focus is there."""
    for _ in range(TABS_AT_MOST):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{TABS_AT_MOST} presses of Tab do not reach {wanted}")


def test_signing_in_and_out(centre, new_context):
    """Through the page: a wrong password says how many attempts are left, the right one opens the desk."""
    branch = centre.branch()
    user = branch.operators[0]
    user.set_password("spring-2026")
    user.language = "en"
    user.save()
    desk = Desk(new_context("en").new_page(), centre, user)
    desk.sign_in("winter-2025")
    expect(desk.page.locator(".notice")).to_contain_text("Attempts left")
    desk.sign_in("spring-2026")
    desk.wait_until_live()
    expect(desk.page.locator(".person-name")).to_have_text(user.full_name)
    desk.page.locator(".person").click()
    desk.page.get_by_role("button", name="Sign out").click()
    # The desk's link breaks at the same time, and then it is the desk that asks for the sign-in.
    expect(desk.page).to_have_url(re.compile(r"/sign-in/(\?next=(%2F|/)desk(%2F|/))?$"))


def test_a_desk_whose_cookies_are_gone_offers_the_sign_in(centre, operator):
    """With the next click, or by itself when its link breaks."""
    desk = operator(centre.branch().operators[0])
    context = desk.page.context
    sign_in = re.compile(r"/sign-in/\?next=(%2F|/)desk(%2F|/)$")

    context.clear_cookies()
    # Unless a live part has asked meanwhile, and the page is on its way already.
    desk.page.evaluate("document.querySelector('#presence button[value=\"ready:\"]')?.click()")
    expect(desk.page).to_have_url(sign_in)

    context.add_cookies([centre.session_of(desk.user)])
    desk.page.goto(f"{centre.url}/desk/")
    desk.wait_until_live()
    context.clear_cookies()
    context.set_offline(True)
    expect(desk.page.locator("html")).to_have_attribute("data-live", re.compile("lost|connecting"))
    context.set_offline(False)
    expect(desk.page).to_have_url(sign_in)


def test_the_palette_opens_a_customer_without_the_mouse(centre, operator):
    """Ctrl+K, a few letters in the wrong layout, Enter: his page stands in a tab of its own."""
    branch, number = centre.branch(), new_number()
    customer = centre.customer("Журавлёва", number)
    put(entry_of(customer))
    desk = operator(branch.operators[0])
    keys = desk.page.keyboard
    keys.press("Control+k")
    field = desk.page.locator("#palette-field")
    expect(field).to_be_focused()
    keys.type(";ehfdktd")
    chosen = desk.page.locator("#palette-lines [aria-selected=true]")
    expect(chosen).to_contain_text("Журавлёва")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("palette-"))
    keys.press("Enter")
    expect(desk.page.locator("#palette")).to_be_hidden()
    expect(desk.page).to_have_url(f"{centre.url}/customers/{customer.pk}/")
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Журавлёва")
