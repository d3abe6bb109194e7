"""What the call bar and the client strip always say, and how after-call work goes in each kind of queue."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Locator, expect

from perezvon.foundation import clock
from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import ContactPoint, Document
from perezvon.modules.interactions.models import State
from perezvon.modules.interactions.services import register_visit
from tests.support import eventually
from tests.support.centre import new_number


@pytest.mark.feature("F03.16")
@pytest.mark.feature("F03.17")
@pytest.mark.feature("F03.21")
def test_the_bar_says_who_one_is_what_the_line_does_and_how_long(centre, operator):
    branch, number = centre.branch(), new_number()
    User.objects.filter(pk=branch.operators[0].pk).update(extension="200")
    desk = operator(branch.operators[0])
    person = desk.page.locator(".topbar .person")
    expect(person).to_contain_text(desk.user.full_name)
    expect(person).to_contain_text("ext. 200")
    desk.choose_state("not_ready:lunch")
    desk.is_in("not_ready")
    expect(desk.pill).to_contain_text("Lunch")
    expect(desk.bar).to_contain_text("no calls come")
    expect(desk.bar).to_contain_text("transfer is not available")
    assert not is_green(desk.pill)
    desk.bar.get_by_role("button", name="Ready", exact=True).click()
    desk.is_in("ready")
    expect(desk.pill).to_contain_text("Ready")
    expect(desk.bar).to_contain_text("waiting for a call")
    assert is_green(desk.pill)

    call = centre.rings(branch, f"+{number}")
    desk.answer()
    expect(desk.pill).to_contain_text("On call")
    expect(desk.button("transfer")).to_be_enabled()
    contact = desk.bar.locator("cc-timer").last
    expect(contact).to_have_text(re.compile(r"0:0[2-9]"))
    desk.press("hold")
    desk.is_in("held")
    expect(desk.pill).to_contain_text("On hold")
    expect(desk.bar.locator("cc-timer").last).to_have_text(re.compile(r"0:(0[3-9]|1\d)"))
    expect(person).to_contain_text("ext. 200")
    centre.callers.caller_hangs_up(call)
    desk.is_in("wrapup")
    expect(desk.pill).to_contain_text("After-call work")
    expect(desk.bar).to_contain_text("transfer is not available")


@pytest.mark.feature("F04.17")
def test_the_client_strip_stays_in_sight_with_documents_masked(centre, operator):
    branch, mobile = centre.branch(), new_number()
    customer = centre.customer("Smirnova", mobile, birth_date=date(1981, 5, 14), sex="f", region="Tver")
    Document.objects.create(customer=customer, number="4509123456")
    numbers = {"contact": new_number(), "home": new_number()}
    for use, digits in numbers.items():
        ContactPoint.objects.create(customer=customer, kind="phone", use=use, digits=digits, raw=f"+{digits}")
    for _ in range(12):
        register_visit(
            customer_id=customer.pk, project_id=branch.line.project_id, note="", by=branch.operators[0].actor(),
            now=clock.now(),
        )  # fmt: skip
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{mobile}")
    desk.answer()
    strip = desk.workspace.locator(".client-strip")
    for words in ("Smirnova Test", "14 May 1981", "female", "Tver", "Contact phone", "Home", "Mobile"):
        expect(strip).to_contain_text(words)
    for digits in (mobile, *numbers.values()):
        expect(strip).to_contain_text(f"{digits[-4:-2]}-{digits[-2:]}")
    expect(strip).to_contain_text("••56")
    expect(desk.page.locator("body")).not_to_contain_text("4509")
    desk.workspace.locator(".timeline-entry").last.scroll_into_view_if_needed()
    expect(strip.get_by_role("heading")).to_be_in_viewport()
    expect(strip.locator(".client-facts")).to_be_in_viewport()
    expect(desk.bar.locator("cc-timer").last).to_be_in_viewport()


@pytest.mark.feature("F02.20", partly="e-mail and other written channels")
def test_the_talk_goes_on_where_yesterdays_visit_stopped(centre, operator):
    branch, number = centre.branch(), new_number()
    customer = centre.customer("Smirnova", number)
    register_visit(
        customer_id=customer.pk, project_id=branch.line.project_id, note="left without the statement",
        by=branch.operators[0].actor(), now=clock.now(),
    )  # fmt: skip
    desk = operator(branch.operators[0])
    desk.ready()
    centre.rings(branch, f"+{number}")
    desk.answer()
    before = desk.workspace.locator(".timeline-entry").nth(1)
    expect(before).to_contain_text("Visit to the office")
    expect(before).to_contain_text("left without the statement")


# --- after the call -----------------------------------------------------------------------------------


@pytest.mark.feature("X.22")
@pytest.mark.parametrize(
    ("queue", "then"),
    [
        ({"wrap_up": "none"}, "not_ready"),
        ({"wrap_up": "none", "ready_after": True}, "ready"),
        ({"wrap_up": "timed", "wrap_up_s": 2.0}, "not_ready"),
        ({"wrap_up": "timed", "wrap_up_s": 2.0, "ready_after": True}, "ready"),
    ],
    ids=["none, by hand", "none, by itself", "timed, by hand", "timed, by itself"],
)
def test_the_queue_says_how_after_call_work_ends(centre, talk, queue, then):
    talking = talk(**queue)
    centre.callers.caller_hangs_up(talking.call_id)
    if queue["wrap_up"] == "timed":
        talking.desk.is_in("wrapup")
    talking.desk.is_in(then)
    eventually(lambda: talking.branch.newest_contact().state == State.DONE)


@pytest.mark.feature("X.22")
def test_an_optional_write_up_may_be_left(centre, talk):
    talking = talk(wrap_up="optional")
    centre.callers.caller_hangs_up(talking.call_id)
    talking.desk.is_in("wrapup")
    talking.desk.press("leave")
    talking.desk.is_in("ready")
    unfilled = talking.desk.workspace.locator("section", has_text="Without a result")
    expect(unfilled).to_contain_text("Smirnova")


@pytest.mark.feature("X.22")
def test_a_locked_write_up_lasts_to_its_end_though_all_is_written(centre, talk):
    talking = talk(wrap_up="locked", wrap_up_s=6.0, extensions=0)
    desk = talking.desk
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    desk.add_topic("Products and services", "Loans")
    desk.choose_result("solved")
    desk.finish()
    eventually(lambda: talking.branch.newest_contact().result_id)
    desk.is_in("wrapup")
    desk.is_in("not_ready")
    after = talking.branch.newest_contact().segments.get(kind="wrap_up")
    assert (after.ended_at - after.began_at).total_seconds() >= 6


def is_green(pill: Locator) -> bool:
    """As the eye sees it."""
    colour = pill.evaluate("""pill => {
      const context = document.createElement("canvas").getContext("2d");
      context.fillStyle = getComputedStyle(pill).backgroundColor;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    }""")
    red, green, blue, _ = colour
    return bool(green > red + 20 and green > blue + 10)
