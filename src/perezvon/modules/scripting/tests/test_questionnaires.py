"""Questionnaires: written question by question, filled in a contact, shown on the card, counted."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from perezvon.cores.scripting.model import Answer
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.people.models import User
from perezvon.foundation.personal.registry import Subject
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import RunAnswer, Scenario
from perezvon.modules.scripting.personal import holder
from perezvon.modules.scripting.selectors import Wanted, answers_of, filled_for, published
from perezvon.modules.scripting.tests.conftest import NOW, SYSTEM
from perezvon.modules.scripting.tests.test_defining import lisa

__all__ = ["lisa"]
pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=30)


def question(at: int, ask: str, label: str, **more: str) -> dict[str, str]:
    said = {"code": f"q{at + 1}", "ask": ask, "label-en": label, "required": "1", **more}
    return {f"{name}-{at}": text for name, text in said.items()}


SURVEY = {
    **question(0, "one", "Do you use our bank?", options="Yes | 1\nNo || q3"),
    **question(1, "scale", "How well?", least="1", most="5"),
    **question(2, "matrix", "And in detail?", options="Good\nBad", rows="Speed\nManners"),
    **question(3, "text", "What else?"),
}


@pytest.fixture
def browser(lisa) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=lisa.id))
    return client


@pytest.fixture
def survey(browser) -> Scenario:
    """Written in the builder, and published there."""
    given = {"name_en": "Market survey", "code": "market", "form": "questionnaire", "position": "5"}
    made = browser.post("/admin/scenarios/new/", given)
    scenario = Scenario.objects.get(code="market")
    assert made["Location"] == f"/admin/questionnaires/{scenario.pk}/"
    assert browser.get(made["Location"]).status_code == 200
    published = browser.post(made["Location"], {**SURVEY, "revision": "1", "act": "publish"})
    assert published.status_code == 302
    scenario.refresh_from_db()
    return scenario


def fill(survey: Scenario, contact: Any, by: Any, *answers: dict[str, Any]) -> Any:
    run = services.begin_run(scenario_id=survey.pk, interaction_id=contact.pk, by=by, now=NOW, language="en")
    return services.give(run_id=run.pk, given=[Answer(one) for one in answers], by=by, now=LATER)


ALL = ({"q1": "o1"}, {"q2": "4"}, {"q3": ("o1:o1", "o2:o2")}, {"q4": "Longer hours"})


class TestBuilder:
    @pytest.mark.feature("F13.03", partly="a description of the questionnaire")
    @pytest.mark.feature("F06.16", partly="telemarketing projects themselves (campaigns)")
    def test_write_move_copy_and_publish_questions(self, browser, survey):
        here = f"/admin/questionnaires/{survey.pk}/"
        page = browser.get(here).content.decode()
        assert all(text in page for text in ("Do you use our bank?", "No |  | q3", "Version 1", "What else?"))
        assert "Market survey" in browser.get("/admin/questionnaires/").content.decode()

        def act(name: str) -> str:
            survey.draft.refresh_from_db()
            sent = {**SURVEY, "revision": str(survey.draft.revision), "act": name}
            return browser.post(here, sent).content.decode()

        moved = act("down:2")
        assert moved.index("What else?") < moved.index("And in detail?")
        again = browser.get(here).content.decode()  # what is moved is saved: a reload takes nothing back
        assert again.index("What else?") < again.index("And in detail?")
        assert act("copy:0").count("Do you use our bank?") == 2
        assert "What else?" not in act("drop:3")
        added = act("add")
        assert 'value="q5"' in added
        assert "Not saved yet" in added
        assert 'value="q5"' not in browser.get(here).content.decode()

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"options-0": "Yes\nNo || q1"}, "may lead to a later question"),
            ({"options-0": "Yes | many"}, "cannot be read"),
            ({"label-en-1": " "}, "Write the question."),
            ({"least-1": "9"}, "needs its ends"),
            ({"options-0": ""}, "nothing to choose from"),
            ({"code-0": "end"}, "code of the question is wrong"),
            ({"code-0": "q2"}, "code of the question is wrong"),
            ({"ask-0": "riddle"}, "cannot be read"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, browser, survey, wrong, told):
        sent = {**SURVEY, **wrong, "revision": "2", "act": "publish", "label-en-3": "Typed just now"}
        page = browser.post(f"/admin/questionnaires/{survey.pk}/", sent)
        text = page.content.decode()

        assert (page.status_code, told in text, "Typed just now" in text) == (422, True, True)
        survey.refresh_from_db()
        assert survey.current.number == 1

    def test_leave_what_was_drawn_freely_to_the_designer(self, browser, draw):
        scenario = draw(document={
            "start": "ask", "languages": ["en"],
            "nodes": {"ask": {"id": "ask", "kind": "phrase", "text": {"texts": {"en": "Hello"}},
                              "ways": [{"code": "on", "to": "end"}]}, "end": {"id": "end", "kind": "end"}},
        })  # fmt: skip

        sent = browser.get(f"/admin/questionnaires/{scenario.pk}/")

        assert sent["Location"] == f"/admin/scenarios/{scenario.pk}/"

    def test_show_neither_page_to_an_operator(self, survey, olga):
        browser = Client()
        browser.force_login(User.objects.get(pk=olga.id))

        for page in ("", "answers/"):
            assert browser.get(f"/admin/questionnaires/{survey.pk}/{page}").status_code in {403, 404}


class TestCodesOfOptions:
    def rewrite(self, browser, survey, options: str) -> dict[str, str]:
        """The first question is written anew and published; {code: words} of its options then."""
        survey.draft.refresh_from_db()
        sent = {**SURVEY, "options-0": options, "revision": str(survey.draft.revision), "act": "publish"}
        assert browser.post(f"/admin/questionnaires/{survey.pk}/", sent).status_code == 302
        survey.refresh_from_db()
        [field] = published(survey).nodes["q1"].fields
        return {one.code: one.texts["en"] for one in field.options}

    def test_answers_kept_before_an_insertion_read_as_the_same_words_afterwards(self, browser, survey, contact, olga):
        run = fill(survey, contact, olga, {"q1": "o2"}, {"q3": ("o1:o2", "o2:o2")}, {"q4": "Nothing"})
        [kept] = run.answers.filter(field="q1")

        now = self.rewrite(browser, survey, "Sometimes\nYes | 1\nNo || q3")

        assert (now[kept.option], list(now)) == ("No", ["o3", "o1", "o2"])
        assert published(survey).nodes["q1"].ways[0].code == "to-o2"

    def test_an_option_moved_or_mended_keeps_its_code_and_one_dropped_leaves_it_to_nobody(self, browser, survey):
        assert self.rewrite(browser, survey, "No || q3\nYes | 1") == {"o2": "No", "o1": "Yes"}
        assert self.rewrite(browser, survey, "No, thanks a lot\nYes | 1") == {"o3": "No, thanks a lot", "o1": "Yes"}
        assert self.rewrite(browser, survey, "No, thanks a lot!\nYes") == {"o3": "No, thanks a lot!", "o1": "Yes"}
        assert self.rewrite(browser, survey, "Yes\nNever") == {"o1": "Yes", "o4": "Never"}


class TestFilling:
    @pytest.mark.feature("F01.11")
    @pytest.mark.feature("F02.10")
    def test_stand_on_the_card_and_in_the_contact(self, survey, contact, olga, django_assert_num_queries):
        run = fill(survey, contact, olga, *ALL)
        browser = Client()
        browser.force_login(User.objects.get(pk=olga.id))

        with django_assert_num_queries(1):
            assert filled_for([contact.customer_id], by=olga) == [run]
        for page in (f"/customers/{contact.customer_id}/", f"/contacts/{contact.pk}/"):
            text = browser.get(page).content.decode()
            assert "Market survey" in text
            assert "Longer hours" in text

    @pytest.mark.feature("F18.03")
    @pytest.mark.feature("F13.07", partly="demand and points of sale, which the report does not know by name")
    def test_count_answers_on_the_way_that_was_taken(
        self, browser, survey, contact, olga, lisa, django_assert_num_queries
    ):
        fill(survey, contact, olga, *ALL)
        fill(survey, contact, olga, {"q1": "o2"}, {"q3": ("o1:o2", "o2:o2")}, {"q4": "Nothing"})
        version = survey.current

        with django_assert_num_queries(6):
            seen = answers_of(version, Wanted(30), by=SYSTEM, now=LATER, language="en")

        bank, well, detail, else_ = seen.questions
        assert (seen.people, [number for _first, number in seen.steps], len(seen.fillings)) == (2, [2], 2)
        assert [(one.label, one.count, one.share) for one in bank.counts] == [("Yes", 1, 50), ("No", 1, 50)]
        assert (well.people, well.mean, [(one.label, one.count) for one in well.counts]) == (1, 4.0, [("4", 1)])
        found = [(one.row, one.label, one.count) for one in detail.counts]
        assert found == [("Speed", "Good", 1), ("Speed", "Bad", 1), ("Manners", "Good", 0), ("Manners", "Bad", 2)]
        assert else_.texts == ("Nothing", "Longer hours")

    def test_are_grouped_by_week_and_month_and_by_who_led_them(self, survey, contact, olga, lisa):
        run = fill(survey, contact, olga, *ALL)
        fill(survey, contact, olga, *ALL)
        type(run).objects.filter(pk=run.pk).update(ended_at=LATER - timedelta(days=14), by=lisa.id)

        def seen(**wanted: Any) -> Any:
            return answers_of(survey.current, Wanted(365, **wanted), by=SYSTEM, now=LATER, language="en")

        assert [number for _first, number in seen(step="week").steps] == [1, 1]
        assert all(first.weekday() == 0 for first, _number in seen(step="week").steps)
        assert all(first.day == 1 for first, _number in seen(step="month").steps)
        hers = seen(person=lisa.id)
        assert (hers.people, hers.fillings, hers.questions[0].people) == (1, (run,), 1)
        assert {one.pk for one in hers.leaders} == {olga.id, lisa.id}

    def test_are_taken_away_as_a_file_and_that_is_kept(self, browser, survey, contact, olga):
        fill(survey, contact, olga, *ALL[:3], {"q4": "=HYPERLINK(1)"})
        fill(survey, contact, olga, {"q1": "o2"}, {"q3": ("o1:o2", "o2:o2")}, {"q4": "Nothing"})
        here = f"/admin/questionnaires/{survey.pk}/answers"

        file = browser.get(f"{here}.csv?version=1&days=30&step=week")

        assert file["Content-Disposition"].startswith('attachment; filename="market_')
        heads, *rows = csv.reader(StringIO(file.content.decode("utf-8-sig")))
        asked = ["Do you use our bank?", "How well?", "And in detail?: Speed", "And in detail?: Manners", "What else?"]
        assert heads[4:] == asked
        filled = [["No", "", "Bad", "Bad", "Nothing"], ["Yes", "4", "Good", "Bad", "'=HYPERLINK(1)"]]
        assert sorted(row[4:] for row in rows) == filled
        sheet = load_workbook(BytesIO(browser.get(f"{here}.xlsx").content)).worksheets[0]
        assert ("No", None, "Bad", "Bad", "Nothing") in [row[4:] for row in sheet.iter_rows(values_only=True)]
        assert CommandRecord.objects.filter(name="scripting.export_answers").count() == 2
        assert "answers.xlsx?version=1" in browser.get(f"{here}/").content.decode()

    def test_show_the_answers_on_their_page(self, browser, survey, contact, olga):
        here = f"/admin/questionnaires/{survey.pk}/answers/"
        assert "Nobody has answered" in browser.get(here).content.decode()
        fill(survey, contact, olga, *ALL)

        rows = list(RunAnswer.objects.values_list("field", "row", "option", "text"))
        assert ("q3", "o1", "o1", "") in rows
        for rubbish in (
            "?days=x&version=99&project=-1&step=eon&person=x",
            "?days=30&version=1&project=%00&person=9999999999999999999",
        ):
            assert browser.get(here + rubbish).status_code == 200

    def test_forget_what_a_person_wrote_and_keep_the_count(self, survey, contact, olga):
        fill(survey, contact, olga, *ALL)

        holder().erase(Subject((contact.customer_id,), 1, "Elena", frozenset()), LATER)

        assert set(RunAnswer.objects.values_list("text", flat=True)) == {""}
        assert RunAnswer.objects.filter(option="o1", field="q1").count() == 1
