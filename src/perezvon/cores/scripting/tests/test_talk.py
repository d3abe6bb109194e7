"""One conversation, turn by turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from perezvon.cores.scripting import Stage, look, next_wakeup, step
from perezvon.cores.scripting.codec import read_run, write_run
from perezvon.cores.scripting.model import (
    Back,
    Clock,
    Do,
    Done,
    Ended,
    Forward,
    Jump,
    JumpTo,
    Keep,
    Know,
    Missing,
    NotNow,
    Place,
    Run,
    Skip,
    Speak,
    Tick,
    Write,
)
from perezvon.cores.scripting.tests.house import CARD, IDENTIFY, NOW, STAGE, after, answer, start

KNOWN = answer(birth="1981-05-14")


def at(run: Run) -> str:
    return run.here.place.node


def greeted() -> Run:
    return after(start(), Tick("recorded"), answer()).run


def offered() -> Run:
    return after(greeted(), KNOWN).run


class TestWords:
    def test_are_filled_with_what_is_known(self):
        assert look(STAGE, start(), NOW).text == "Good day, Elena!"
        assert look(STAGE, start(customer__name=None), NOW).text == "Good day, \u2026!"

    def test_are_others_for_some_people(self):
        assert look(STAGE, start(customer__vip=True), NOW).text == "At your service!"

    def test_are_in_the_language_chosen_and_in_another_when_it_changes(self):
        run = start(language="ru")
        assert look(STAGE, run, NOW).text == "Good day, Elena! (ru)"
        assert look(STAGE, after(run, Speak("en")).run, NOW).text == "Good day, Elena!"
        with pytest.raises(NotNow):
            after(run, Speak("fr"))

    def test_in_no_language_of_the_scenario_are_in_its_main_one(self):
        assert start(language="fr").language == "en"


class TestPhrases:
    def test_that_must_be_read_are_ticked_with_their_time_first(self):
        with pytest.raises(NotNow) as refused:
            after(start(), answer())
        assert refused.value.problems == (Missing("recorded", "phrase"),)

        run = step(STAGE, start(), Tick("recorded"), NOW + timedelta(seconds=3)).run
        again = step(STAGE, run, Tick("recorded"), NOW + timedelta(seconds=9)).run
        [phrase] = look(STAGE, again, NOW).phrases
        assert phrase.read_at == NOW + timedelta(seconds=3)
        assert at(after(again, answer()).run) == "ask"

    def test_of_another_step_are_not_ticked_here(self):
        with pytest.raises(NotNow):
            after(offered(), Tick("recorded"))


class TestSubScenario:
    def test_returns_with_its_result(self):
        assert at(offered()) == "offer"
        turn = after(greeted(), answer(birth="1999-01-01"))
        assert (turn.run.result, turn.effects) == ("sorry", (Ended("sorry"),))

    def test_is_walked_back_into(self):
        run = after(offered(), Back()).run
        assert at(run) == "ask"
        assert look(STAGE, run, NOW).fields[0].value == "1981-05-14"
        assert after(run, Forward()).run == offered()


class TestAnswers:
    def test_are_checked_and_the_run_stays(self):
        run = greeted()
        for typed, code in (("", "field.required"), ("2026-02-30", "condition.day")):
            with pytest.raises(NotNow) as refused:
                after(run, answer(birth=typed))
            assert refused.value.problems == (Missing("birth", code),)

    def test_that_are_half_typed_are_kept_unchecked(self):
        run = after(greeted(), Keep({"birth": "1981-", "other": "x"})).run
        assert look(STAGE, run, NOW).fields[0].value == "1981-"
        assert "other" not in run.answers

    def test_score_and_the_score_leads(self):
        low, high = (after(offered(), answer(income=income)).run for income in ("low", "high"))
        assert (at(low), look(STAGE, low, NOW).score) == ("choose", Decimal(2))
        assert (at(high), look(STAGE, high, NOW).score) == ("limit", Decimal(10))

    def test_on_a_branch_that_was_left_count_no_more_and_are_there_again(self):
        high = after(offered(), answer(income="high"), Skip(), Back()).run
        changed = after(high, answer(income="low")).run
        assert (at(changed), look(STAGE, changed, NOW).score) == ("choose", Decimal(2))

    def test_that_are_fields_of_the_card_are_there_and_go_there(self):
        run = after(start(customer__region="Tula"), Tick("recorded"), answer(), KNOWN).run
        assert look(STAGE, run, NOW).fields[1].value == "Tula"
        assert after(run, answer(income="low", town="Tula")).effects == ()
        turn = after(run, answer(income="low", town="Omsk"))
        assert turn.effects == (Write({"customer.region": "Omsk"}),)
        assert turn.run.context["customer.region"] == "Omsk"

    def test_set_what_a_way_says(self):
        vip = after(start(customer__vip=True), Tick("recorded"), answer()).run
        assert at(vip) == "offer"
        assert vip.steps[0].way == "vip"


class TestButtons:
    def test_that_need_something_say_what(self):
        run = after(offered(), answer(income="low")).run
        no = next(one for one in look(STAGE, run, NOW).ways if one.code == "no")
        assert (no.label, no.leads_to, no.locked) == ("Refuses", "end", "Answer two objections first")
        with pytest.raises(NotNow, match="needs"):
            after(run, answer("no"))
        with pytest.raises(NotNow, match="choose"):
            after(run, answer())
        with pytest.raises(NotNow, match="way"):
            after(run, answer("maybe"))

    def test_open_after_two_attempts(self):
        run = after(offered(), answer(income="low")).run
        once = after(run, JumpTo("objection"), answer()).run
        assert at(once) == "choose"
        twice = after(once, JumpTo("objection"), answer()).run
        assert after(twice, answer("no")).run.result == "refused"
        assert at(after(once, Back(), Back()).run) == "choose"
        with pytest.raises(NotNow, match="needs"):
            after(once, answer("no"))

    def test_after_the_end_there_are_none(self):
        run = after(offered(), answer(income="low"), answer("yes"), Done(1, ok=True)).run
        assert run.result == "agreed"
        for late in (answer(), Back(), JumpTo("objection"), Speak("ru")):
            with pytest.raises(NotNow, match="ended"):
                after(run, late)


class TestActions:
    def test_are_asked_for_with_what_they_need_and_waited_for(self):
        turn = after(offered(), answer(income="high"))
        assert turn.effects[-1] == Do(1, "card.open", {"who": "Elena", "income": "high"})
        assert look(STAGE, turn.run, NOW).waits
        done = after(turn.run, Done(1, ok=True, facts={"limit": Decimal(5)}))
        assert (done.run.result, done.effects) == ("agreed", (Ended("agreed"),))
        assert after(done.run, Done(1, ok=False)).run == done.run

    def test_that_fail_or_are_not_waited_for_stop_nobody(self):
        run = after(offered(), answer(income="high")).run
        failed = after(run, Done(1, ok=False, said="no connection")).run
        assert (at(failed), failed.failures[0].said) == ("by_hand", "no connection")
        assert at(after(run, Skip()).run) == "by_hand"
        assert after(run, Done(7, ok=True)).run == run

    def test_are_done_once_though_one_goes_back_and_forth(self):
        run = after(offered(), answer(income="high"), Done(1, ok=False)).run
        again = after(run, Back(), Forward())
        assert again.effects == ()
        assert again.run == run

    def test_tell_their_outcome_though_somebody_has_gone_back_meanwhile(self):
        run = after(offered(), answer(income="high"), Back(), Done(1, ok=True), Forward()).run
        assert run.result == "agreed"


class TestTime:
    def test_that_is_over_is_told(self):
        run = after(offered(), answer(income="high"), Skip()).run
        until = next_wakeup(STAGE, run)
        assert until == NOW + timedelta(seconds=60)
        assert after(run, Clock()).run == run
        late = step(STAGE, run, Clock(), until).run
        assert look(STAGE, late, until).late
        assert next_wakeup(STAGE, late) is None


class TestView:
    def test_says_how_far_it_is_and_what_may_come_up(self):
        view = look(STAGE, offered(), NOW)
        assert (view.done, view.ahead, view.can_go_back, view.can_go_forward) == (2, 0, True, False)
        assert view.jumps == (("objection", "Objection"),)

    def test_knows_what_has_changed_outside(self):
        run = after(start(), Know({"customer.vip": True})).run
        assert look(STAGE, run, NOW).text == "At your service!"


def test_a_run_is_kept_and_read_again():
    context = {"customer__born": date(1980, 2, 29), "customer__sum": Decimal("1.50"), "customer__tags": frozenset("ab")}
    run = after(start(**context, customer__at=NOW), Tick("recorded"), answer(), KNOWN, answer(income="high")).run
    assert read_run(write_run(run)) == run


class TestAJumpOfTheScenarioAround:
    """Elena is not known yet: she is identified in a sub-scenario of the talk about a card."""

    def identifying(self, stage: Stage = STAGE) -> Run:
        return after(start(stage=stage), Tick("recorded"), answer(), stage=stage).run

    def test_is_there_in_a_sub_scenario_and_leads_back_into_it(self):
        run = self.identifying()
        assert run.here.place == Place("identify", "ask")
        assert look(STAGE, run, NOW).jumps == (("objection", "Objection"),)

        aside = after(run, JumpTo("objection")).run
        assert aside.here.place == Place("card", "objection")
        back = after(aside, answer()).run
        assert (back.here.place, back.here.stack) == (run.here.place, run.here.stack)
        known = after(back, answer(birth="1981-05-14")).run
        assert known.here.place == Place("card", "offer")

    def test_leaves_the_sub_scenario_for_good_where_it_does_not_come_back(self):
        jumps = (*CARD.jumps, Jump("hurry", "by_hand", {"en": "No time"}, returns=False))
        stage = Stage({**STAGE.library, "card": replace(CARD, jumps=jumps)}, STAGE.known)

        hurried = after(self.identifying(stage), JumpTo("hurry"), stage=stage).run
        assert (hurried.here.place, hurried.here.stack) == (Place("card", "by_hand"), ())
        assert after(hurried, answer(), stage=stage).run.result == "agreed"
        again = after(hurried, Back(), Forward(), stage=stage).run
        assert again == hurried

    def test_can_end_the_talk_out_of_the_sub_scenario(self):
        """The end is one of the talk, not of the sub-scenario that was jumped away from."""
        jumps = (Jump("over", "sorry", {"en": "She hangs up"}),)
        stage = Stage({**STAGE.library, "card": replace(CARD, jumps=jumps)}, STAGE.known)

        run = after(self.identifying(stage), JumpTo("over"), stage=stage).run
        assert (run.result, run.ended_at) == ("sorry", NOW)

    def test_gives_way_to_one_of_the_same_code_in_the_sub_scenario(self):
        own = replace(IDENTIFY, jumps=(Jump("objection", "no", {"en": "Will not say"}),))
        stage = Stage({**STAGE.library, "identify": own}, STAGE.known)

        run = self.identifying(stage)
        assert look(stage, run, NOW).jumps == (("objection", "Will not say"),)
        assert after(run, JumpTo("objection"), stage=stage).run.result == "sorry"
