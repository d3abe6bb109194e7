"""The scenario of a complaint is drawn from nothing: by mouse on the scheme, and by keyboard alone in the list.

What is published is then talked through by the core, as it will be at the desk.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from perezvon.cores.scripting import Stage, begin, look, step
from perezvon.cores.scripting.model import Answer, Tick
from perezvon.foundation.people.models import User
from perezvon.modules.scripting.models import Scenario, ScenarioDraft
from perezvon.modules.scripting.selectors import published
from tests.support import eventually

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GREETING, QUESTION, SORRY = "Greeting", "What happened", "We are sorry"
FEE, RUDE = "Money was taken", "Somebody was rude"


def new_scenario(page: Page, url: str, code: str) -> None:
    page.goto(f"{url}/admin/scenarios/new/")
    page.locator("#field-name_en").fill("Complaint")
    page.locator("#field-code").fill(code)
    page.get_by_role("button", name="Draw it").click()
    expect(page.locator("cc-designer[data-ready] .svelte-flow__node")).to_have_count(1)


def node(page: Page, title: str) -> Locator:
    return page.locator(".svelte-flow__node", has_text=title)


def centre_of(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(page: Page, source: str, target: str) -> None:
    """A way is drawn from the foot of one step to the head of another."""
    ways = page.locator(".svelte-flow__edge")
    before = ways.count()
    x, y = centre_of(node(page, target).locator(".svelte-flow__handle.target"))
    page.mouse.move(*centre_of(node(page, source).locator(".svelte-flow__handle.source")))
    page.mouse.down()
    page.mouse.move(x, y - 30, steps=4)
    page.mouse.move(x, y, steps=4)
    page.mouse.up()
    expect(ways).to_have_count(before + 1)


def drop(page: Page, kind: str, title: str, x: int, y: int) -> None:
    page.locator(f".designer-kind[data-kind={kind}]").drag_to(
        page.locator(".designer-scheme"), target_position={"x": x, "y": y}
    )
    page.get_by_label("Title", exact=True).locator("input").fill(title)
    expect(node(page, title)).to_be_visible()


def publish(page: Page, code: str) -> Scenario:
    expect(page.locator("[data-flaws='0']")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Publish", exact=True).press("Enter")
    page.get_by_label("What is new in this version").fill("First")
    page.get_by_label("What is new in this version").press("Enter")
    expect(page.locator(".designer-version")).to_have_text("in force is version 1")
    return Scenario.objects.get(code=code)


def talks_a_complaint_through(scenario: Scenario) -> None:
    drawn = published(scenario)
    stage = Stage({drawn.key: drawn}, {})
    run = begin(stage, drawn.key, run_id="one", language="en", context={}, now=NOW).run
    assert look(stage, run, NOW).title == GREETING
    run = step(stage, run, Tick(look(stage, run, NOW).phrases[0].code), NOW).run
    run = step(stage, run, Answer(), NOW).run
    [field] = look(stage, run, NOW).fields
    assert [label for _code, label in field.options] == [FEE, RUDE]
    rude = step(stage, run, Answer({field.field.code: field.options[1][0]}), NOW).run
    assert look(stage, rude, NOW).title == SORRY
    assert step(stage, rude, Answer(), NOW).run.result == "taken"
    assert step(stage, run, Answer({field.field.code: field.options[0][0]}), NOW).run.result == "taken"


def writer(centre, new_context) -> tuple[Page, str]:
    branch = centre.branch(role="information_administrator")
    User.objects.filter(pk=branch.operators[0].pk).update(language="en")
    context = new_context("en")
    context.add_cookies([centre.session_of(branch.operators[0])])
    return context.new_page(), branch.code


@pytest.mark.feature("F06.12")
@pytest.mark.feature("F06.21")
@pytest.mark.feature("F06.22")
@pytest.mark.feature("F06.32")
def test_a_complaint_is_drawn_by_mouse_tried_out_and_published(centre, new_context):
    page, code = writer(centre, new_context)
    new_scenario(page, centre.url, code)
    drop(page, "phrase", GREETING, 150, 130)
    page.get_by_role("button", name="Add a phrase").click()
    page.get_by_label("To be read aloud 1").locator("textarea").fill("This call is recorded.")
    drop(page, "question", QUESTION, 480, 130)
    for number, text in enumerate((FEE, RUDE), start=1):
        page.get_by_role("button", name="Add a choice").click()
        page.get_by_label(f"Choices {number}").locator("input").fill(text)
    score = page.get_by_label("Score", exact=True).last
    score.press("End")
    for key in ("Backspace", "1", "2", "Backspace", "Backspace", "5"):  # emptied, it waits for what is typed next
        page.keyboard.press(key)
    expect(score).to_have_value("5")
    drop(page, "phrase", SORRY, 480, 470)
    page.get_by_label("Text for the operator", exact=True).locator("textarea").fill("We are sorry to hear that.")
    node(page, "End").click()
    page.get_by_label("Result").fill("taken")
    pull(page, GREETING, QUESTION)
    pull(page, QUESTION, SORRY)
    pull(page, SORRY, "End")
    pull(page, QUESTION, "End")
    page.locator(".svelte-flow__pane").click(position={"x": 30, "y": 500})
    node(page, QUESTION).click()
    first = page.get_by_role("group", name="Ways on 1")
    first.get_by_text("More", exact=True).click()
    first.get_by_role("group", name="Is there only if").get_by_role("button", name="Add a condition").click()
    first.get_by_role("checkbox", name=FEE).uncheck()
    first.get_by_role("checkbox", name=RUDE).check()
    ways = page.locator(".svelte-flow__edge")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect(ways).to_have_count(4)

    page.get_by_role("button", name="Try out").click()
    trial = page.get_by_role("region", name="Trial with a client who does not exist")
    trial.get_by_role("checkbox", name="This call is recorded.").check()
    trial.get_by_role("button", name="Next").click()
    trial.get_by_role("radio", name=RUDE).check()
    trial.get_by_role("button", name="Next").click()
    expect(trial.get_by_role("heading", name=SORRY)).to_be_visible()
    expect(page.locator(".designer-node.is-here")).to_contain_text(SORRY)

    scenario = publish(page, code)
    talks_a_complaint_through(scenario)
    [field] = published(scenario).nodes["question"].fields
    assert [option.score for option in field.options] == [0, 5]


@pytest.mark.feature("F06.26")
def test_a_complaint_is_drawn_by_keyboard_alone_in_the_list(centre, new_context):
    page, code = writer(centre, new_context)
    new_scenario(page, centre.url, code)
    page.get_by_role("button", name="List", exact=True).press("Enter")
    rows = page.get_by_role("listbox", name="Steps")
    kind, add = page.get_by_label("Kind", exact=True).first, page.locator(".designer-outline-bar button")

    def row(title: str) -> Locator:
        return rows.get_by_role("option").filter(has=page.locator(".designer-row-title", has_text=title))

    def step_after(title: str, wanted: str) -> None:
        kind.press(wanted)  # a drop-down goes to what begins with the letter
        add.press("Enter")
        expect(page.locator("#designer-step-title-en")).to_be_focused()
        page.keyboard.type(title)
        expect(row(title)).to_have_attribute("aria-selected", "true")

    step_after(GREETING, "P")
    page.get_by_role("button", name="Add a phrase").press("Enter")
    page.get_by_label("To be read aloud 1").locator("textarea").press_sequentially("This call is recorded.")
    step_after(QUESTION, "Q")
    expect(page.locator(".designer-flaw", has_text="There is nothing to choose from")).to_be_visible()
    for number, text in enumerate((FEE, RUDE), start=1):
        page.get_by_role("button", name="Add a choice").press("Enter")
        page.get_by_label(f"Choices {number}").locator("input").press_sequentially(text)
    step_after(SORRY, "P")
    page.get_by_label("Text for the operator", exact=True).locator("textarea").press_sequentially("We are sorry.")
    page.get_by_role("button", name="Add a way").press("Enter")
    page.get_by_label("Leads to 1").press("E")
    row(SORRY).press("ArrowUp")
    expect(row(QUESTION)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#designer-step-title-en")).to_be_focused()
    first = page.get_by_role("group", name="Ways on 1")
    first.get_by_text("More", exact=True).press("Enter")
    first.get_by_role("group", name="Is there only if").get_by_role("button", name="Add a condition").press("Enter")
    first.get_by_role("checkbox", name=FEE).press("Space")
    first.get_by_role("checkbox", name=RUDE).press("Space")
    page.get_by_role("button", name="Add a way").press("Enter")
    page.get_by_label("Leads to 2").press("E")
    row("End").press("Enter")
    expect(page.locator("#designer-step-title-en")).to_be_focused()
    page.get_by_label("Result").press_sequentially("taken")

    talks_a_complaint_through(publish(page, code))
    page.reload()
    expect(page.locator(".svelte-flow__node")).to_have_count(4)
    node(page, SORRY).click()
    page.keyboard.press("Delete")
    expect(page.locator(".svelte-flow__node")).to_have_count(3)
    # Somebody else saves meanwhile: what is drawn here stays, and is told apart.
    draft = ScenarioDraft.objects.filter(scenario__code=code)
    eventually(lambda: len(draft.get().document["nodes"]) == 3)
    draft.update(revision=99)
    page.keyboard.press("Control+z")
    expect(page.locator(".designer-saved")).to_contain_text("What you have drawn stays here")
    expect(page.locator(".svelte-flow__node")).to_have_count(4)
    page.get_by_role("button", name="Save mine over it").click()
    eventually(lambda: len(draft.get().document["nodes"]) == 4)
