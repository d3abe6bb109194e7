"""A call with real sound: the customer's page says 440 Hz, the operator's desk 660 Hz, his colleague's 880 Hz."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from perezvon.foundation.people.models import User
from perezvon.modules.telephony.models import Recording
from tests.conftest import CHROMIUM, FLAGS, PATIENCE_MS, SCREEN
from tests.support import eventually
from tests.support.centre import WEBVOICE, Branch
from tests.support.desk import CallPage, Desk
from tests.support.sines import (
    CUSTOMER_HZ,
    EARS,
    MICROPHONES,
    OPERATOR_HZ,
    THIRD_HZ,
    browser_that_says,
    hears_anything,
    hears_no_more,
    prominence_in,
    soon_hears,
    write_tone,
)


@pytest.fixture(scope="module")
def speaking(playwright: Playwright, tmp_path_factory) -> Iterator[Callable[[int], BrowserContext]]:
    """A browser profile whose microphone says that sine; one browser for each."""
    folder = tmp_path_factory.mktemp("tones")
    with ExitStack() as opened:
        browsers = {}

        def make(hz: int) -> BrowserContext:
            if hz not in browsers:
                tone = write_tone(folder / f"{hz}.wav", hz)
                browsers[hz] = browser_that_says(playwright, CHROMIUM, FLAGS, tone)
                opened.callback(browsers[hz].close)
            context = browsers[hz].new_context(viewport=SCREEN, locale="en")
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(EARS)
            context.add_init_script(MICROPHONES)
            return context

        yield make


@pytest.fixture
def at_desk(centre, speaking) -> Callable[[User, int], Desk]:
    """An operator whose phone is his browser."""

    def make(user: User, hz: int = OPERATOR_HZ) -> Desk:
        User.objects.filter(pk=user.pk).update(language="en")
        desk = Desk(speaking(hz).new_page(), centre, user)
        desk.come()
        expect(desk.page.locator("cc-desk-phone")).to_have_attribute("data-state", "connected")
        return desk

    return make


@pytest.fixture
def customer_page(centre, speaking) -> Callable[[Branch], CallPage]:
    return lambda branch: CallPage(speaking(CUSTOMER_HZ).new_page(), centre, branch.code)


@pytest.mark.feature("F03.04")
@pytest.mark.feature("F03.27", partly="finishing the record, in test_write_up")
@pytest.mark.feature("F31.06")
def test_a_customer_and_operators_hear_each_other(centre, at_desk, customer_page):
    branch = centre.branch(operators=2, connector=WEBVOICE)
    desk, colleague = at_desk(branch.operators[0]), at_desk(branch.operators[1], THIRD_HZ)
    page = customer_page(branch)
    page.call()
    page.is_in("queued")
    page.says("Your place in the queue: 1")
    eventually(lambda: hears_anything(page.page))
    desk.choose_state("ready:")
    desk.answer()
    page.is_in("talking")
    soon_hears(page.page, OPERATOR_HZ)
    soon_hears(desk.page, CUSTOMER_HZ)

    desk.press("hold")
    desk.is_in("held")
    page.is_in("held")
    hears_no_more(page.page, OPERATOR_HZ)
    assert hears_anything(page.page), "hold music"
    hears_no_more(desk.page, CUSTOMER_HZ)
    desk.press("retrieve")
    desk.is_in("talking")
    soon_hears(page.page, OPERATOR_HZ)

    desk.press("mute")
    hears_no_more(page.page, OPERATOR_HZ)
    desk.press("unmute")
    soon_hears(page.page, OPERATOR_HZ)

    colleague.ready()
    desk.send_to(colleague.address)
    desk.is_in("wrapup")
    colleague.answer()
    soon_hears(page.page, THIRD_HZ)
    soon_hears(colleague.page, CUSTOMER_HZ)
    page.hang_up()
    page.is_in("ended")
    colleague.is_in("wrapup")
    left, right = _recorded(centre, branch)
    assert prominence_in(left, 8000, CUSTOMER_HZ) >= 20
    assert prominence_in(right, 8000, OPERATOR_HZ) >= 20
    assert prominence_in(right, 8000, CUSTOMER_HZ) < 20, "the customer is on the left alone"


def test_who_does_not_want_to_be_recorded_is_not(centre, at_desk, customer_page):
    branch = centre.branch(connector=WEBVOICE)
    desk, page = at_desk(branch.operators[0]), customer_page(branch)
    page.root.locator("[data-no-record]").check()
    desk.ready()
    page.call()
    desk.answer()
    expect(desk.bar.get_by_text("not recorded")).to_be_visible()
    soon_hears(page.page, OPERATOR_HZ)
    page.hang_up()
    desk.is_in("wrapup")
    contact = branch.newest_contact()
    assert contact.recording_refused
    assert not Recording.objects.filter(interaction=contact).exists()


def test_the_desk_takes_its_call_back_after_a_reload(centre, at_desk, customer_page):
    branch = centre.branch(connector=WEBVOICE)
    desk, page = at_desk(branch.operators[0]), customer_page(branch)
    desk.ready()
    page.call()
    desk.answer()
    soon_hears(page.page, OPERATOR_HZ)
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.page.reload()
    desk.wait_until_live()
    desk.is_in("talking")
    soon_hears(page.page, OPERATOR_HZ)
    soon_hears(desk.page, CUSTOMER_HZ)


@pytest.mark.parametrize(("language", "words"), [("en", "The microphone is not allowed"), ("ru", "Микрофон запрещён")])
def test_a_refused_microphone_is_explained(centre, new_context, language, words):
    branch = centre.branch(connector=WEBVOICE)
    context = new_context(language)
    context.add_init_script(
        "if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia ="
        " () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page = CallPage(context.new_page(), centre, branch.code)
    page.call()
    expect(page.root.locator("[data-call-error]")).to_contain_text(words)
    page.is_in("idle")


@pytest.mark.feature("F03.18")
@pytest.mark.parametrize(("language", "words"), [("en", "Allow the microphone"), ("ru", "Разрешите микрофон")])
def test_the_phone_asks_for_the_microphone_and_works_once_it_is_allowed(centre, playwright, language, words):
    """The browser's own question, which in these tests nobody answers: permission comes and goes by its settings."""
    user = centre.branch(connector=WEBVOICE).operators[0]
    User.objects.filter(pk=user.pk).update(language=language)
    asking = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=asking)
    try:
        context = browser.new_context(viewport=SCREEN, locale=language)
        desk = Desk(context.new_page(), centre, user)
        desk.come()
        phone = desk.page.locator("cc-desk-phone")
        expect(phone).to_have_attribute("data-state", "denied")
        expect(phone.get_by_role("alert")).to_contain_text(words)
        context.grant_permissions(["microphone"])
        expect(phone).to_have_attribute("data-state", "connected")
        expect(phone.get_by_role("alert")).to_be_hidden()
        desk.ready()
    finally:
        browser.close()


@pytest.mark.feature("F03.19")
def test_the_equipment_test_is_a_call_in_which_one_hears_oneself(centre, speaking):
    user = centre.branch().operators[0]
    User.objects.filter(pk=user.pk).update(language="en")
    page = speaking(OPERATOR_HZ).new_page()
    page.context.add_cookies([centre.session_of(user)])
    page.goto(f"{centre.url}/equipment/")
    page.get_by_role("button", name="Begin the test").click()
    expect(page.locator("cc-echo-test")).to_have_attribute("data-state", "talking")
    soon_hears(page, OPERATOR_HZ)
    eventually(lambda: page.locator("meter").evaluate("meter => meter.value") > 0)
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("The test succeeded.")).to_be_visible()


def test_the_microphone_rests_between_calls(centre, at_desk, customer_page):
    branch = centre.branch(connector=WEBVOICE)
    desk, page = at_desk(branch.operators[0]), customer_page(branch)
    desk.ready()
    eventually(lambda: open_microphones(desk) == 0)
    page.call()
    desk.answer()
    soon_hears(page.page, OPERATOR_HZ)
    assert open_microphones(desk) == 1
    page.hang_up()
    desk.is_in("wrapup")
    eventually(lambda: open_microphones(desk) == 0)
    expect(desk.page.locator("cc-desk-phone")).to_have_attribute("data-state", "connected")


@pytest.mark.parametrize(
    ("language", "words", "button"),
    [("en", "at another workplace", "Work here"), ("ru", "на другом рабочем месте", "Работать здесь")],
)
def test_a_phone_at_another_workplace_stays_there_until_it_is_taken(centre, new_context, language, words, button):
    user = centre.branch(connector=WEBVOICE).operators[0]
    User.objects.filter(pk=user.pk).update(language=language)
    here, there = (Desk(new_context(language).new_page(), centre, user) for _ in range(2))
    first, second = (desk.page.locator("cc-desk-phone") for desk in (here, there))
    here.come()
    expect(first).to_have_attribute("data-state", "connected")
    there.come()
    expect(second).to_have_attribute("data-state", "elsewhere")
    expect(second.get_by_role("alert")).to_contain_text(words)
    expect(first).to_have_attribute("data-state", "connected")
    second.get_by_role("button", name=button).click()
    expect(second).to_have_attribute("data-state", "connected")
    expect(first).to_have_attribute("data-state", "elsewhere")


def test_garbage_instead_of_an_offer_is_refused(centre):
    branch = centre.branch(connector=WEBVOICE)
    with _visitor(centre, branch, "127.0.0.2") as offer:
        answers = [offer(body) for body in ({"sdp": "garbage"}, {"sdp": ""}, [], "")]
    assert [status for status, _ in answers] == [400] * 4
    assert not branch.contacts.exists()


def test_a_page_hammered_by_one_address_is_slowed_down(centre):
    branch = centre.branch(connector=WEBVOICE)
    with _visitor(centre, branch, "127.0.0.3") as offer:
        answers = [offer({"sdp": "garbage"}) for _ in range(30)]
    assert {status for status, _ in answers} == {400, 429}
    assert answers[-1][0] == 429
    assert "Too many calls from your network" in answers[-1][1]
    with _visitor(centre, branch, "127.0.0.4") as offer:
        assert offer({"sdp": "garbage"})[0] == 400, "others are served"


@contextmanager
def _visitor(centre, branch: Branch, address: str) -> Iterator[Callable[[object], tuple[int, str]]]:
    """Posts offers to the call page from that address of this machine; gives status and words."""
    connection = HTTPConnection("127.0.0.1", centre.system.port, timeout=10, source_address=(address, 0))
    connection.request("GET", f"/call/{branch.code}/", headers={"Accept-Language": "en"})
    page = connection.getresponse()
    page.read()
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    headers = {"Cookie": cookie, "X-CSRFToken": cookie.partition("=")[2], "Accept-Language": "en"}

    def offer(body: object) -> tuple[int, str]:
        connection.request("POST", f"/call/{branch.code}/offer/", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    yield offer
    connection.close()


def open_microphones(desk: Desk) -> int:
    return int(desk.page.evaluate("window.microphones.filter(track => track.readyState === 'live').length"))


def _recorded(centre, branch: Branch) -> tuple[np.ndarray, np.ndarray]:
    """The samples of the branch's newest recording: customer, our side."""
    contact = branch.newest_contact()
    done = Recording.objects.filter(interaction=contact).exclude(path="")
    recording = eventually(lambda: done.first())
    with wave.open(str(centre.system.env.recordings / recording.path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2).astype(float)
    return samples[:, 0], samples[:, 1]
