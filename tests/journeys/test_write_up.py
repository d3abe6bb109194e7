"""After the call: topics, notes, result, the state that follows, and what stands in the history."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from playwright.sync_api import expect

from perezvon.modules.interactions.models import State
from perezvon.modules.telephony.models import Listening, Recording
from tests.support import eventually
from tests.support.centre import new_number

LOANS, STATEMENT = ("Products and services", "Loans"), ("Customer's transactions", "Statement")


@pytest.mark.feature("F07.01")
@pytest.mark.feature("F02.09")
@pytest.mark.feature("F02.11")
@pytest.mark.feature("F02.12")
def test_topics_notes_and_result_are_saved_with_the_contact(centre, talk):
    talking = talk()
    desk = talking.desk
    desk.add_topic(*LOANS)
    desk.add_topic(*STATEMENT)
    desk.add_note("asks about the rate")
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    desk.choose_result("solved")
    desk.finish()
    desk.is_in("not_ready")
    contact = talking.branch.newest_contact()
    eventually(lambda: talking.branch.newest_contact().state == State.DONE)
    contact.refresh_from_db()
    assert contact.result.code == "solved"
    assert contact.customer_id == talking.customer.pk
    assert contact.topics.count() == 2
    note = contact.notes.get()
    assert (note.text, note.author) == ("asks about the rate", desk.user)
    assert contact.began_at < note.at < contact.ended_at
    assert {one.kind for one in contact.segments.all()} == {"greeting", "queue", "ring", "talk", "wrap_up"}


@pytest.mark.feature("F02.15")
@pytest.mark.parametrize(("language", "words"), [("en", "Still missing"), ("ru", "Не заполнено")])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(centre, talk, language, words):
    talking = talk(language=language)
    desk = talking.desk
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    desk.choose_result("call_back")
    comment = desk.workspace.locator("textarea[name=comment]")
    comment.fill("call her sister")
    desk.finish()
    expect(desk.workspace.get_by_role("alert")).to_contain_text(words)
    expect(comment).to_have_value("call her sister")
    expect(desk.workspace.locator("input[name=result][value=call_back]")).to_be_checked()
    desk.is_in("wrapup")
    desk.workspace.locator("input[name=reason-call_back]").first.check()
    desk.page.locator("#topic-tree-filter").fill("е" if language == "ru" else "e")
    desk.page.locator("#topic-tree button.tree-leaf:visible").first.click()
    expect(desk.helper.locator(".topic")).to_have_count(1)
    expect(comment).to_have_value("call her sister")
    desk.finish()
    desk.is_in("not_ready")
    contact = talking.branch.newest_contact()
    assert contact.result_fields["reason"] == "asked"
    assert contact.notes.get().text == "call her sister"


@pytest.mark.feature("F03.13")
@pytest.mark.feature("F03.14")
@pytest.mark.feature("F03.15")
def test_not_ready_comes_by_itself_and_ready_by_hand(centre, talk):
    talking = talk()
    write_up(centre, talking)
    talking.desk.is_in("not_ready")
    expect(talking.desk.pill).to_contain_text("after the call")
    talking.desk.bar.get_by_role("button", name="Ready", exact=True).click()
    talking.desk.is_in("ready")


def test_ready_comes_by_itself_where_the_queue_says_so(centre, talk):
    talking = talk(ready_after=True)
    write_up(centre, talking)
    talking.desk.is_in("ready")


def test_the_state_after_the_call_is_chosen_during_it(centre, talk):
    talking = talk()
    desk = talking.desk
    desk.bar.locator("[popovertarget=next-presence]").click()
    desk.page.locator("#next-presence button[value='not_ready:lunch']").click()
    expect(desk.bar.locator("[popovertarget=next-presence]")).to_contain_text("lunch")
    desk.is_in("talking")
    write_up(centre, talking)
    desk.is_in("not_ready")
    expect(desk.pill).to_contain_text("Lunch")


@pytest.mark.feature("F02.01", partly="other channels than the telephone")
@pytest.mark.feature("F02.03")
@pytest.mark.feature("F02.07")
@pytest.mark.feature("F03.24")
def test_the_contact_stands_in_the_history_with_its_recording(centre, talk):
    talking = talk(role="extended_operator", ready_after=True)
    desk = talking.desk
    write_up(centre, talking)
    desk.is_in("ready")
    eventually(lambda: Recording.objects.filter(interaction=talking.call_id).exclude(path="").exists())
    centre.rings(talking.branch, f"+{talking.number}")
    desk.answer()
    entries = desk.workspace.locator(".timeline-entry")
    expect(entries).to_have_count(2)
    expect(entries.nth(0)).to_have_attribute("data-current", "")
    expect(entries.nth(1)).to_contain_text("Solved")
    expect(entries.nth(1)).to_contain_text("Loans")
    expect(entries.nth(1)).to_contain_text("Incoming call")
    expect(entries.nth(1)).to_contain_text(desk.user.last_name)
    entries.nth(1).get_by_role("link", name="recording").click()
    player = desk.page.locator("#player audio")
    eventually(lambda: player.evaluate("sound => sound.duration > 0"))
    heard = Recording.objects.get(interaction=talking.call_id)
    assert Listening.objects.filter(recording=heard, by=desk.user).count() == 1
    with wave.open(str(Path(centre.system.env.recordings) / heard.path)) as sound:
        assert sound.getnchannels() == 2


def test_an_operator_may_not_listen_to_recordings(centre, talk):
    talking = talk(ready_after=True)
    write_up(centre, talking)
    eventually(lambda: Recording.objects.filter(interaction=talking.call_id).exclude(path="").exists())
    recording = Recording.objects.get(interaction=talking.call_id)
    answer = talking.desk.page.request.get(f"{centre.url}/recordings/{recording.pk}/sound/")
    assert answer.status == 403


def test_a_draft_note_outlives_the_talk(centre, talk):
    talking = talk()
    desk = talking.desk
    field = desk.page.locator("#notestrip textarea")
    field.press_sequentially("half a wor")
    expect(desk.page.locator("#notestrip output")).to_contain_text("draft saved")
    centre.callers.caller_hangs_up(talking.call_id)
    desk.is_in("wrapup")
    expect(field).to_have_value("half a wor")


@pytest.mark.feature("F02.13")
def test_results_are_kept_with_a_customer_and_without(centre, operator):
    """An incoming call of somebody unknown, an outgoing one to a customer."""
    branch, unknown, known = centre.branch(ready_after=True), new_number(), new_number()
    centre.customer("Petrova", known)
    centre.callers.set_far_end(known, outcome="answers", after_s=0.2)
    desk = operator(branch.operators[0])
    desk.ready()
    call = centre.rings(branch, f"+{unknown}")
    desk.answer()
    centre.callers.caller_hangs_up(call)
    _solve(desk)
    desk.is_in("ready")
    desk.page.fill("#dial-number", f"+{known}")
    desk.page.locator(".callbar-dial button").click()
    desk.is_in("talking")
    desk.press("hang_up")
    _solve(desk)
    desk.is_in("ready")
    latest = desk.workspace.locator("section", has_text="Latest contacts").locator(".row-item")
    expect(latest).to_have_count(2)
    expect(latest.nth(0)).to_contain_text("Petrova Test")
    expect(latest.nth(0)).to_contain_text("Solved")
    expect(latest.nth(1)).to_contain_text(f"{unknown[-4:-2]}-{unknown[-2:]}")
    expect(latest.nth(1)).to_contain_text("Solved")
    kept = {(one.customer_id is None, one.direction, one.result.code) for one in branch.contacts.all()}
    assert kept == {(True, "inbound", "solved"), (False, "outbound", "solved")}


def test_call_again_after_a_call_that_failed(centre, operator):
    branch, number = centre.branch(), new_number()
    centre.callers.set_far_end(number, outcome="no_answer")
    desk = operator(branch.operators[0])
    desk.page.fill("#dial-number", f"+{number}")
    desk.page.locator(".callbar-dial button").click()
    desk.is_in("dialling")
    desk.press("hang_up")
    desk.is_in("wrapup")
    assert branch.newest_contact().answered_at is None


def write_up(centre, talking) -> None:
    """The shortest write-up there is."""
    centre.callers.caller_hangs_up(talking.call_id)
    _solve(talking.desk)


def _solve(desk) -> None:
    desk.is_in("wrapup")
    desk.add_topic(*LOANS)
    desk.choose_result("solved")
    desk.finish()
