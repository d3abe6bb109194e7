from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from perezvon.cores.scripting.codec import read_run
from perezvon.cores.scripting.model import Answer, Back, Forward, JumpTo, Keep, Speak, Tick
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.models import CustomField, FieldSection, FieldsStamp, Type
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.personal.registry import Subject
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction, Result
from perezvon.modules.interactions.selectors import get_interaction, list_timeline
from perezvon.modules.interactions.services import add_topic, link_customer
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.scripting import services
from perezvon.modules.scripting.actions import _actions
from perezvon.modules.scripting.models import Run, RunStep
from perezvon.modules.scripting.personal import holder
from perezvon.modules.scripting.selectors import helper_panel, insight, result_of
from perezvon.modules.scripting.tests.conftest import JUMPS, SYSTEM, TALK, drawn, node, way, words
from perezvon.modules.topics.models import Topic

LATER = NOW + timedelta(seconds=30)


@pytest.fixture
def scenario(draw, monkeypatch):
    """An action that is known while it is drawn, and gone when it is run: a module that was taken out."""
    monkeypatch.setitem(_actions, "moon.fly", _actions["interactions.note"])
    made = draw()
    monkeypatch.undo()
    return made


@pytest.fixture
def run(scenario, contact, olga) -> Run:
    return services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW, language="en")


def give(run, by, *inputs, at=LATER, **more):
    return services.give(run_id=run.pk, given=inputs, by=by, now=at, **more)


def to_the_choice(run, by):
    give(run, by, Tick("notice"), Answer())
    return give(run, by, Answer({"income": "1500", "town": "Tula"}))


class TestARun:
    @pytest.mark.feature("F06.01")
    @pytest.mark.feature("F06.28", partly="marketing and sales that use it (campaigns, sales)")
    def test_goes_from_greeting_to_the_result_and_leaves_its_facts(self, run, contact, olga, elena):
        editor = replace(olga, rights=olga.rights | {"customers.edit"})
        run = to_the_choice(run, editor)
        assert (run.node, run.score) == ("talk/choose", Decimal(5))
        assert contact.notes.get().text == "earns 1500"
        elena.refresh_from_db()
        assert elena.town == "Tula"

        run = give(run, olga, Answer(way="yes"))

        assert (run.result, run.ended_at, run.facts) == ("solved", LATER, {"importance": "high"})
        assert run.said == [{"label": "Income", "value": "1500"}, {"label": "Town", "value": "Tula"}]
        with translation.override("en"):
            entry = next(one for one in list_timeline(elena.pk, by=olga) if "Talk" in one["title"])
        assert (entry["text"], entry["chip"]) == ("Income: 1500 · Town: Tula · score 5", None)
        steps = RunStep.objects.filter(run=run).values_list("node", "way", "left_at")
        assert [node for node, _way, _left in steps] == ["hello", "ask", "note", "strange", "choose", "done"]
        assert steps[4][1:] == ("yes", LATER)
        assert OutboxRow.objects.filter(topic="scripting.run_ended").count() == 1

    def test_is_not_stopped_by_what_fails(self, run, olga):
        """An action that is gone, and a card that she may not write."""
        run = to_the_choice(run, olga)

        failures = read_run(run.state).failures
        assert [(one.does, bool(one.said)) for one in failures] == [("card", True), ("moon.fly", True)]

    def test_keeps_what_is_typed_for_whoever_takes_over(self, run, contact, olga, ivan):
        give(run, olga, Tick("notice"), Answer())
        services.keep(run_id=run.pk, given=Keep({"income": "12"}), by=olga, now=NOW)
        contact.agent_id = ivan.id
        contact.save()

        run = give(run, ivan, Speak("ru"))

        assert run.node == "talk/ask"
        assert read_run(run.state).answers == {"income": "12"}
        assert run.language == "ru"

    def test_says_what_is_missing_and_stays(self, run, olga):
        with pytest.raises(services.NotPossible) as refused:
            give(run, olga, Answer())
        assert [one.field for one in refused.value.facts["problems"]] == ["notice"]
        run.refresh_from_db()
        assert run.node == "talk/hello"

    def test_goes_back_and_forward_and_jumps_and_comes_back(self, run, olga):
        to_the_choice(run, olga)
        assert give(run, olga, Back()).node == "talk/ask"
        assert give(run, olga, Forward()).node == "talk/choose"
        with pytest.raises(services.NotPossible):
            give(run, olga, Answer(way="no"))
        for _ in range(2):
            assert give(run, olga, JumpTo("objection")).node == "talk/objection"
            assert give(run, olga, Answer()).node == "talk/choose"
        assert give(run, olga, Answer(way="no")).result == "solved"

    def test_takes_a_click_once_and_none_at_what_has_moved_on(self, run, olga):
        seen, click = run.revision, uuid7(NOW)
        with intent(click):
            first = give(run, olga, Tick("notice"), Answer(), revision=seen)
        with intent(click):
            again = give(run, olga, Tick("notice"), Answer(), revision=seen)
        assert (first.pk, first.revision, first.node) == (again.pk, again.revision, again.node)
        with pytest.raises(services.Moved):
            give(run, olga, Answer({"income": "1"}), revision=seen)

    def test_ends_on_the_version_it_began_with(self, run, scenario, olga):
        nodes = {"bye": {"kind": "end", "title": {"en": "Bye", "ru": "Bye"}, "result": "other"}}
        scenario.draft.document = drawn(nodes, "bye")
        scenario.draft.save()
        services.publish_scenario(scenario_id=scenario.pk, revision=1, by=SYSTEM, now=LATER)

        to_the_choice(run, olga)

        assert give(run, olga, Answer(way="yes")).result == "solved"

    def test_ends_with_the_sub_scenarios_it_began_with(self, draw, contact, olga):
        """Published anew before it is even entered."""
        inner = draw("inner", drawn({"end": node("end", result="old")}, "end"))
        outer = {
            "hi": node("phrase", way("on", "sub"), text={"texts": words("Hi")}),
            "sub": node("sub", way("old", "old", when=["and", ["sub.sub", "is", "old"]]), way("on", "new"),
                        scenario="inner"),
            "old": node("end", result="old"),
            "new": node("end", result="new"),
        }  # fmt: skip
        scenario = draw("outer", drawn(outer, "hi"))
        run = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW)
        inner.draft.document = drawn({"end": node("end", result="fresh")}, "end")
        inner.draft.save()
        services.publish_scenario(scenario_id=inner.pk, revision=1, by=SYSTEM, now=LATER)

        assert give(run, olga, Answer()).result == "old"

    def test_offers_the_jumps_of_the_scenario_around_in_its_sub_scenarios(self, draw, contact, olga):
        inner = {"in": node("phrase", way("on", "end"), text={"texts": words("Within")}), "end": node("end")}
        draw("inner", drawn(inner, "in"))
        outer = {
            "sub": node("sub", way("on", "end"), scenario="inner"),
            "angry": node("phrase", way("on", "back"), text={"texts": words("I am sorry")}),
            "back": node("return"),
            "end": node("end", result="over"),
        }
        jumps = [{"code": "complaint", "to": "angry", "label": words("Complains")}]
        scenario = draw("outer", drawn(outer, "sub", jumps=jumps))
        run = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW, language="en")

        shown = helper_panel(contact, by=olga, now=LATER)["run"]["jumps"]
        assert shown == [{"code": "complaint", "label": "Complains"}]
        assert give(run, olga, JumpTo("complaint")).node == "outer/angry"
        assert give(run, olga, Answer()).node == "inner/in"
        assert give(run, olga, Answer()).result == "over"

    def test_knows_another_customer_at_once(self, run, contact, olga):
        link_customer(interaction_id=contact.pk, customer_id=None, by=olga, now=NOW)
        run = services.catch_up(run_id=run.pk, by=olga, now=LATER)
        assert read_run(run.state).context["customer.known"] is False
        assert services.catch_up(run_id=run.pk, by=olga, now=LATER).revision == run.revision

    def test_begins_once_in_a_contact_and_for_nobody_who_is_not_offered_it(self, run, scenario, contact, olga):
        again = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=LATER)
        assert again.pk == run.pk
        with pytest.raises(NotFound):
            services.begin_run(scenario_id=uuid7(NOW), interaction_id=contact.pk, by=olga, now=NOW)
        Interaction.objects.filter(pk=contact.pk).update(answered_at=None)
        with pytest.raises(services.NotPossible):
            services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW)

    def test_is_nobodys_who_does_not_see_the_contact(self, run, olga):
        with pytest.raises(NotFound):
            give(run, replace(olga, projects=frozenset()), Back())


def test_the_time_for_a_step_is_over_for_whoever_looks_next(draw, contact, olga):
    limited = {**TALK["hello"], "limit_s": 20, "late_to": "choose", "ways": [{"code": "on", "to": "choose"}]}
    used = {code: TALK[code] for code in ("choose", "objection", "back", "done")}
    scenario = draw(document=drawn({"hello": limited, **used}, jumps=JUMPS))
    run = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW)
    assert services.catch_up(run_id=run.pk, by=olga, now=NOW + timedelta(seconds=19)).node == "talk/hello"
    assert services.catch_up(run_id=run.pk, by=olga, now=NOW + timedelta(seconds=21)).node == "talk/choose"


def test_the_result_it_came_to_is_proposed(run, contact, olga, loans):
    Result.objects.create(project=loans, code="solved", name={"en": "Solved"})
    assert result_of(contact) == {}
    to_the_choice(run, olga)
    give(run, olga, Answer(way="yes"))
    assert result_of(contact) == {"result": "solved", "reason-solved": ""}


def sets(code, to):
    return node("action", way("on", to), does="interactions.result", gives={"result": code})


@pytest.mark.feature("F06.05")
def test_a_step_sets_the_result_with_its_reason_and_going_back_takes_it_away(draw, contact, olga, loans):
    """The end has none of its own. What she may not use is refused, and the conversation goes on."""
    reasons = [{"code": "price", "name": {"en": "Dear"}, "requires": ["comment"]}]
    Result.objects.create(project=loans, code="refused", name={"en": "Refusal"}, reasons=reasons, requires=["reason"])
    rules = {"when": ["and", ["group", "any", "vkc"]]}
    Result.objects.create(project=loans, code="closed", name={"en": "Not hers"}, rules=rules)
    talk = {
        "ask": node("choice", way("dear", "set", "It is dear"), way("other", "forbid", "Something else")),
        "set": sets("refused:price", "said"),
        "forbid": sets("closed", "said"),
        "said": node("phrase", way("on", "done"), text={"texts": words("Good bye")}),
        "done": node("end"),
    }
    scenario = draw(document=drawn(talk, "ask"))
    run = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW)

    give(run, olga, Answer(way="dear"))
    assert result_of(contact) == {"result": "refused", "reason-refused": "price"}
    give(run, olga, Back())
    assert result_of(contact) == {}
    with translation.override("en"):
        run = give(run, olga, Answer(way="other"))
    assert (run.node, result_of(contact)) == ("talk/said", {})
    assert [one.said for one in read_run(run.state).failures] == ["The result “Not hers” is not for this contact."]
    run = give(run, olga, Back(), Answer(way="dear"), Answer())
    assert (run.ended_at, result_of(contact)["reason-refused"]) == (LATER, "price")


def test_what_a_person_said_is_erased_and_the_steps_stay(run, olga, elena):
    run = to_the_choice(run, olga)
    person = Subject((elena.pk,), elena.number, elena.full_name, frozenset())
    held = holder()
    assert held.count(person) == 1
    assert held.export(person)["conversations"][0]["said"][1]["value"] == "Tula"

    assert held.erase(person, LATER) == 1

    run.refresh_from_db()
    kept = str((run.state, run.said, run.facts))
    assert "Tula" not in kept
    assert "1500" not in kept
    assert read_run(run.state).here.place.node == "choose"
    assert RunStep.objects.filter(run=run).count() == 5


@pytest.mark.feature("F04.14")
@pytest.mark.feature("F05.06")
@pytest.mark.feature("F06.12")
def test_what_fits_a_contact_is_offered_the_nearest_first(draw, contact, olga, loans):
    end = {"bye": {"kind": "end", "title": {"en": "Bye", "ru": "Bye"}, "result": "other"}}
    fees = Topic.objects.create(project=loans, name={"en": "Fees"})
    others = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
    offerings = {
        "everybody": {},
        "stranger": {"whom": "unknown"},
        "fees": {"topic_ids": frozenset({fees.pk})},
        "cards": {"project_ids": frozenset({others.pk})},
        "out": {"direction": "out"},
        "line": {"lines": ("101",)},
        "after": {"phase": "after"},
    }
    for code, offering in offerings.items():
        draw(code, drawn(end, "bye"), **offering)

    def shown(**changes: object) -> list[str]:
        Interaction.objects.filter(pk=contact.pk).update(**changes)
        return [one["name"] for one in helper_panel(get_interaction(contact.pk, by=olga), by=olga, now=NOW)["offered"]]

    assert shown() == ["Everybody"]
    assert shown(line="101") == ["Line", "Everybody"]
    assert shown(direction="outbound", line="") == ["Everybody", "Out"]
    assert shown(direction="inbound", customer=None) == ["Stranger", "Everybody"]
    add_topic(interaction_id=contact.pk, topic_id=fees.pk, by=olga, now=NOW)
    assert shown() == ["Fees", "Stranger", "Everybody"]
    assert set(shown(state="wrap_up")) == {"Fees", "Stranger", "After", "Everybody"}
    assert helper_panel(contact, by=replace(olga, rights=frozenset()), now=NOW)["offered"] == []


@pytest.mark.feature("F01.03")
def test_the_card_begins_what_fits_and_tells_what_was(client, draw, olga, contact, elena, loans):
    client.force_login(User.objects.get(pk=olga.id))
    bye = node("end", title="Bye", result="other")
    scenario = draw(
        "advice", drawn({"hello": node("phrase", way("on", "bye"), text={"texts": words("Hello")}), "bye": bye})
    )
    draw("stranger", drawn({"bye": bye}, "bye"), whom="unknown")

    def card() -> str:
        return client.get(reverse("customers:card", args=[elena.pk])).content.decode()

    assert "Advice" in card()
    assert "Stranger" not in card()
    begun = client.post(reverse("scripting:begin", args=[contact.pk, scenario.pk]) + "?card")
    assert "Go on: Advice" in begun.content.decode()
    give(Run.objects.get(interaction=contact), olga, Answer())
    Interaction.objects.filter(pk=contact.pk).update(state="done")
    after = card()
    assert "Begun in a contact" in after
    assert "Go on" not in after


def test_the_panel_takes_what_is_pressed_and_says_what_is_missing(client, run, olga, contact):
    client.force_login(User.objects.get(pk=olga.id))
    url = reverse("scripting:give", args=[run.pk])

    def press(act: str, **more: str):
        run.refresh_from_db()
        given = {"act": act, "revision": str(run.revision), "command_id": str(uuid7(NOW)), **more}
        return client.post(url, given, headers={"HX-Request": "true"})

    refused = press("answer:")
    assert refused.status_code == 422
    assert "Read this out and tick it." in refused.content.decode()
    press("tick:notice")
    assert 'id="script-step" autofocus' in press("answer:").content.decode()
    wrong = press("answer:", with_fields="1", **{"field-income": "much", "field-town": "Tula"})
    assert wrong.status_code == 422
    assert "A number, please." in wrong.content.decode()
    assert 'value="Tula"' in wrong.content.decode()
    done = press("answer:", with_fields="1", **{"field-income": "1500", "field-town": "Tula"}).content.decode()
    assert "Two attempts first" in done
    assert "There is no such action in this installation." in done
    outdated = client.post(url, {"act": "back", "revision": "1"})
    assert outdated.status_code == 422
    assert "has moved on" in outdated.content.decode()
    assert client.post(reverse("scripting:catch_up", args=[run.pk])).status_code in {200, 204}
    press("speak:ru")
    assert "(ru)" in press("back").content.decode()
    press("forward")
    ended = press("answer:yes").content.decode()
    assert "Income" in ended
    assert press("back").status_code == 422
    again = client.post(reverse("scripting:begin", args=[contact.pk, run.scenario_id]))
    assert "This talk with" in again.content.decode()


@pytest.mark.feature("F06.15")
def test_how_a_scenario_goes_is_counted_step_by_step(client, run, scenario, olga, contact):
    to_the_choice(run, olga)
    give(run, olga, Answer(way="yes"), at=NOW + timedelta(seconds=90))
    left = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=LATER)
    give(left, olga, Tick("notice"), Answer(), at=LATER + timedelta(seconds=10))

    seen = insight(scenario, scenario.current, 30, by=SYSTEM, now=LATER + timedelta(hours=1), language="en")

    assert (seen.runs, seen.ended, seen.unfinished, seen.results) == (2, 1, 1, (("solved", 1),))
    assert (seen.lasted_s, seen.score) == (90, 5.0)
    at = {one.node: one for one in seen.nodes}
    assert (at["hello"].runs, at["hello"].mean_s) == (2, 20)
    assert (at["ask"].runs, at["ask"].left) == (2, 1)
    assert (at["choose"].runs, at["objection"].runs) == (1, 0)

    url = reverse("scripting:insight", args=[scenario.pk])
    chief = User.objects.create_user(
        "chief", last_name="C", first_name="C", role=Role.objects.get(code="information_administrator"), language="en"
    )
    client.force_login(chief)
    assert "How it goes" in client.get(url, {"days": "365", "version": "1"}).content.decode()
    client.force_login(User.objects.get(pk=olga.id))
    assert client.get(url).status_code == 403


def test_what_a_step_opens_is_opened_at_once_and_looked_after(client, draw, olga, contact, elena):
    """The form of registration, until the contact has its customer."""
    nodes = {
        "ask": node("phrase", way("on", "form"), text={"texts": words("May I?")}),
        "form": node("action", way("on", "done"), does="desk.register"),
        "done": node("end", result="registered"),
    }
    scenario = draw("newcomer", drawn(nodes, "ask"))
    Interaction.objects.filter(pk=contact.pk).update(customer=None)
    run = services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW)
    client.force_login(User.objects.get(pk=olga.id))
    given = {"act": "answer:", "revision": str(run.revision), "command_id": str(uuid7(NOW))}

    opened = client.post(reverse("scripting:give", args=[run.pk]), given).content.decode()

    assert re.search(
        r'id="script-opened" hidden>\s*<div hx-get="[^"]+" hx-trigger="load" hx-target="#workspace"', opened
    ), opened[:900]
    link_customer(interaction_id=contact.pk, customer_id=elena.pk, by=olga, now=NOW)
    assert services.catch_up(run_id=run.pk, by=olga, now=LATER).result == "registered"


class TestFieldsThatAnAdministratorAdded:
    """Elena's level is edited by all, her limit only seen by operators, and what is said of her is hidden from them."""

    @pytest.fixture
    def own(self, elena):
        section = FieldSection.objects.create(kind="customer", key="bank", label={"en": "Bank"})
        levels = [{"code": code, "label": {"en": code.title()}} for code in ("gold", "plain")]
        for key, type_, options, access in (
            ("level", Type.CHOICE, {"choices": levels}, {}),
            ("limit", Type.NUMBER, {"most": "100"}, {"operator": "seen", "supervisor": "edited"}),
            ("said", Type.TEXT, {}, {"operator": "hidden", "supervisor": "edited"}),
            ("since", Type.DATE, {}, {}),
        ):
            CustomField.objects.create(
                kind="customer", section=section, key=key, label={"en": key.title()}, type=type_, options=options,
                access=access,
            )  # fmt: skip
        FieldsStamp.objects.update_or_create(kind="customer", defaults={"stamp": uuid7(NOW)})
        Customer.objects.filter(pk=elena.pk).update(custom={"limit": "70", "said": "rude"})

    @pytest.fixture
    def led(self, draw, own, contact, olga):
        options = [{"code": code, "texts": words(code.title())} for code in ("gold", "plain")]
        fields = [
            {"code": "level", "ask": "one", "options": options, "label": words("Level"),
             "binds": "customer.custom_level"},
            {"code": "limit", "ask": "number", "label": words("Limit"), "binds": "customer.custom_limit",
             "required": True},
            {"code": "said", "label": words("Said"), "binds": "customer.custom_said", "required": True},
            {"code": "since", "ask": "day", "label": words("Since"), "binds": "customer.custom_since"},
        ]  # fmt: skip
        is_rich = ["and", ["customer.custom_limit", "least", "50"], ["customer.custom_level", "any", "gold"]]
        talk = {
            "ask": node("form", way("rich", "rich", when=is_rich), way("else", "poor"), fields=fields),
            "rich": node("phrase", way("on", "end"), text={"texts": words("Limit {customer.custom_limit}")}),
            "poor": node("phrase", way("on", "end"), text={"texts": words("No limit")}),
            "end": node("end"),
        }
        scenario = draw(document=drawn(talk, "ask"))
        return services.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW, language="en")

    @pytest.mark.feature("F13.16")
    def test_are_shown_and_written_as_on_the_card(self, led, contact, olga, elena):
        editor = replace(olga, rights=olga.rights | {"customers.edit"})
        shown = helper_panel(contact, by=editor, now=LATER)["run"]["fields"]
        assert [(one["label"], one["input"], one["fixed"]) for one in shown] == [
            ("Level", "radio", ""), ("Limit", "fixed", "70"), ("Since", "date", ""),
        ]  # fmt: skip

        typed = {"level": "gold", "limit": "5", "said": "hacked", "since": "2020-02-01"}
        run = give(led, editor, Answer(typed))

        elena.refresh_from_db()
        assert elena.custom == {"limit": "70", "said": "rude", "level": "gold", "since": "2020-02-01"}
        assert (run.node, run.said) == ("talk/rich", [])
        assert helper_panel(contact, by=editor, now=LATER)["run"]["text"] == "Limit 70"
        assert not read_run(run.state).failures

    def test_are_checked_as_on_the_card_and_nothing_is_stopped_by_it(self, led, contact, olga, elena):
        boss = replace(olga, role="supervisor", rights=olga.rights | {"customers.edit"})
        services.catch_up(run_id=led.pk, by=boss, now=LATER)
        assert len(helper_panel(contact, by=boss, now=LATER)["run"]["fields"]) == 4

        run = give(led, boss, Answer({"limit": "500", "said": "kind"}))

        elena.refresh_from_db()
        assert (elena.custom["limit"], elena.custom["said"]) == ("70", "rude")
        assert [one.does for one in read_run(run.state).failures] == ["card"]
        run = give(run, olga, Back())
        assert read_run(run.state).context["customer.custom_said"] is None
