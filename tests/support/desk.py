"""An operator's desk and a customer's call page in a browser, with the words of people who use them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from perezvon.foundation.people.models import User
from tests.support.centre import Centre


class Desk:
    """One operator's browser window, signed in."""

    def __init__(self, page: Page, centre: Centre, user: User) -> None:
        self.page = page
        self.centre = centre
        self.user = user
        self.address = f"agent:{user.pk}"

    # --- coming and going -------------------------------------------------------------------------

    def come(self) -> None:
        """At the desk, as one who has signed in before."""
        self.page.context.add_cookies([self.centre.session_of(self.user)])
        self.page.goto(f"{self.centre.url}/desk/")
        self.wait_until_live()

    def sign_in(self, password: str) -> None:
        """Through the page for it."""
        self.page.goto(f"{self.centre.url}/sign-in/?next=/desk/")
        self.page.fill("#login", self.user.login)
        self.page.fill("#password", password)
        self.page.locator("form.sign-in button").click()

    def wait_until_live(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-live", "connected")

    def ready(self) -> None:
        """Says so by the menu of the state pill."""
        self.choose_state("ready:")
        self.is_in("ready")

    def choose_state(self, choice: str) -> None:
        self.bar.locator(".state-pill").click()
        self.page.locator(f"#presence button[value='{choice}']").click()

    # --- the call bar -----------------------------------------------------------------------------

    @property
    def bar(self) -> Locator:
        return self.page.locator("#callbar")

    @property
    def workspace(self) -> Locator:
        return self.page.locator("#workspace")

    @property
    def helper(self) -> Locator:
        return self.page.locator("#helper")

    @property
    def pill(self) -> Locator:
        return self.bar.locator(".state-pill").first

    def is_in(self, state: str) -> None:
        """The bar shows this state: ready, ringing, talking, held, consulting, wrapup, ..."""
        expect(self.bar).to_have_attribute("data-state", state)

    def button(self, action: str) -> Locator:
        return self.bar.locator(f"[data-action={action}]")

    def press(self, action: str) -> None:
        self.button(action).click()

    def answer(self) -> None:
        self.is_in("ringing")
        self.press("answer")
        self.is_in("talking")

    def hang_up(self) -> None:
        self.press("hang_up")
        self.is_in("wrapup")

    def may(self, *actions: str) -> None:
        """Exactly these buttons of the call bar can be pressed."""
        enabled = self.bar.locator("[data-action]:not([disabled])")
        expect(enabled).to_have_count(len(actions))
        assert {button.get_attribute("data-action") for button in enabled.all()} == set(actions)

    # --- dialogs ----------------------------------------------------------------------------------

    def send_to(self, target: str, *, by: str = "transfer", note: str = "") -> None:
        """Through the dialog of that button. target: "agent:7", "queue:3" or "number:7916..."."""
        self.press(by)
        dialog = self.page.locator("#transfer")
        expect(dialog).to_be_visible()
        if target.startswith("number:"):
            dialog.locator("#transfer-number").fill(target.removeprefix("number:"))
        else:
            dialog.locator(f"input[name=target][value='{target}']").first.check()
        if note:
            dialog.locator("#field-transfer-note").fill(note)
        dialog.locator(".dialog-foot .btn-primary").click()

    # --- writing up -------------------------------------------------------------------------------

    def add_topic(self, *path: str) -> None:
        tree = self.page.locator("#topic-tree")
        for branch in path[:-1]:
            details = tree.locator("details", has=self.page.locator("summary", has_text=branch)).first
            if details.get_attribute("open") is None:
                details.locator("summary").first.click()
        tree.locator("button.tree-leaf:visible", has_text=path[-1]).first.click()
        expect(self.helper.locator(".topic", has_text=path[-1])).to_be_visible()

    def add_note(self, text: str) -> None:
        field = self.page.locator("#notestrip textarea")
        field.fill(text)
        field.press("Control+Enter")
        expect(self.helper.locator(".note-list", has_text=text)).to_be_visible()

    def choose_result(self, code: str) -> None:
        self.workspace.locator(f"input[name=result][value={code}]").check()

    def finish(self) -> None:
        self.page.keyboard.press("Control+Enter")

    def toast(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#toasts .toast").filter(has_text=words).first).to_be_visible()


class CallPage:
    """A customer at the public page of a line."""

    def __init__(self, page: Page, centre: Centre, line: str) -> None:
        self.page = page
        self.root = page.locator("cc-call-page")
        page.goto(f"{centre.url}/call/{line}/")

    def call(self) -> None:
        self.root.locator("[data-call]").click()

    def is_in(self, *states: str) -> None:
        pattern = re.compile(f"^({'|'.join(states)})$")
        expect(self.root).to_have_attribute("data-state", pattern)

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.root.locator("[data-call-words]")).to_have_text(words)

    def complains(self, words: str | re.Pattern[str]) -> None:
        expect(self.root.locator("[data-call-error]")).to_have_text(words)

    def hang_up(self) -> None:
        self.root.locator("[data-hangup]").click()


def texts(found: Locator) -> Sequence[str]:
    return [text.strip() for text in found.all_inner_texts()]
