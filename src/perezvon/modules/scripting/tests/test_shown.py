"""What the panel shows to whoever leads a conversation: kinds of scenarios, the score, languages, earlier contacts."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
import yaml
from django.urls import reverse
from django.utils import translation

from perezvon.cores.scripting.model import Answer, Tick
from perezvon.foundation.people.models import User
from perezvon.kernel.ids import uuid7
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.customers.models import Contract, Customer
from perezvon.modules.interactions.models import Offer, Result
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.interactions.tests.conftest import NOW, talk
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import RunAnswer, Scenario
from perezvon.modules.scripting.selectors import helper_panel
from perezvon.modules.scripting.tests.conftest import drawn, node, way, words

LATER = NOW + timedelta(seconds=30)


@pytest.fixture
def led(contact, olga):
    """Begins a scenario in the contact and answers its steps; each answer comes to the panel."""

    class Led:
        def begin(self, scenario, language: str = "en"):
            self.run = services.begin_run(
                scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW, language=language
            )
            return self.panel()

        def answer(self, way: str = "", **values: str | tuple[str, ...]):
            services.give(run_id=self.run.pk, given=[Answer(values, way)], by=olga, now=LATER)
            self.run.refresh_from_db()
            return self.panel()

        def tick(self, phrase: str):
            services.give(run_id=self.run.pk, given=[Tick(phrase)], by=olga, now=LATER)

        def panel(self):
            return helper_panel(get_interaction(contact.pk, by=olga), by=olga, now=LATER)["run"]

    return Led()


def question(code: str, to: str, *options: str, score: dict[str, str] | None = None, weight: str = "1"):
    choices = [{"code": one, "texts": words(one.title()), "score": (score or {}).get(one, "0")} for one in options]
    field = {"code": code, "ask": "one", "label": words(code.title()), "required": True, "options": choices}
    return node("question", way("on", to), title=code.title(), fields=[{**field, "weight": weight}])


END = node("end", title="The end", result="solved")


@pytest.mark.feature("F06.20")
@pytest.mark.parametrize("said", [("yes", "no", "yes"), ("no", "no", "no")])
def test_a_linear_one_asks_the_same_in_the_same_order(draw, led, said):
    yes_no = ("yes", "no")
    nodes = {"hello": question("first", "b", *yes_no), "b": question("second", "c", *yes_no)}
    scenario = draw("linear", drawn({**nodes, "c": question("third", "end", *yes_no), "end": END}))

    titles = [led.begin(scenario)["title"]]
    for code, answer in zip(("first", "second", "third"), said, strict=True):
        panel = led.answer(**{code: answer})
        titles.append(panel["title"] if panel else "")

    assert titles == ["First", "Second", "Third", ""]
    assert [one["value"] for one in led.run.said] == [one.title() for one in said]


@pytest.mark.parametrize(("language", "told"), [("en", "So: Light Blue"), ("ru", "So: Light Blue (ru)")])
def test_what_was_chosen_is_read_out_as_it_is_called(draw, led, language, told):
    options = [{"code": "blue", "texts": words("Light Blue")}, {"code": "red", "texts": words("Red")}]
    field = {"code": "colour", "ask": "one", "label": words("Colour"), "options": options}
    said = {"texts": {"en": "So: {colour}", "ru": "So: {colour}"}}
    nodes = {
        "hello": node("question", way("on", "so"), fields=[field]),
        "so": node("phrase", way("on", "end"), text=said),
        "end": END,
    }
    led.begin(draw("colours", drawn(nodes)), language)

    assert led.answer(colour="blue")["text"] == told


@pytest.mark.feature("F06.23")
@pytest.mark.feature("F06.24", partly="a queue of cases by it (routing)")
@pytest.mark.parametrize(
    ("stops", "score", "comes_to", "facts"),
    [
        ("works", "2", "Restart it", {}),
        ("stands", "21", "A technician", {"importance": "high", "queue": "technicians"}),
    ],
)
def test_the_score_runs_along_and_leads_to_the_next_question(draw, led, stops, score, comes_to, facts):
    """One point for an old device, and of a line that stands still ten, weighed twice."""
    high = ["and", ["score", "least", "20"]]
    nodes = {
        "hello": question("age", "b", "new", "old", score={"new": "0", "old": "1"}),
        "b": question("stops", "decide", "works", "stands", score={"works": "0.5", "stands": "10"}, weight="2"),
        "decide": node(
            "decision",
            {**way("high", "send"), "when": high, "sets": {"importance": "high", "queue": "technicians"}},
            way("low", "restart"),
            title="How bad",
        ),
        "restart": node("phrase", way("on", "end"), title="Restart it", text={"texts": words("Switch it off and on.")}),
        "send": node("phrase", way("on", "end"), title="A technician", text={"texts": words("Somebody will come.")}),
        "end": END,
    }
    scenario = draw("diagnosis", drawn(nodes, facts={"importance": "text", "queue": "text"}))

    led.begin(scenario)
    assert led.answer(age="old")["score"] == "1"
    panel = led.answer(stops=stops)

    assert (panel["score"], panel["title"]) == (score, comes_to)
    led.answer()
    assert (led.run.result, led.run.facts) == ("solved", facts)


@pytest.mark.feature("F06.25")
@pytest.mark.feature("F29.01")
def test_its_language_is_chosen_at_the_start_and_may_change(client, draw, led, olga):
    nodes = {
        "hello": node("phrase", way("on", "end"), title="Greeting", text={"texts": words("Good day!")}),
        "end": END,
    }
    panel = led.begin(draw("greeting", drawn(nodes)), language="ru")

    assert (panel["text"], [one["code"] for one in panel["languages"]]) == ("Good day! (ru)", ["en", "ru"])
    client.force_login(User.objects.get(pk=olga.id))
    given = {"act": "speak:en", "revision": str(led.run.revision)}
    shown = client.post(reverse("scripting:give", args=[led.run.pk]), given).content.decode()
    assert "Good day!" in shown
    assert "Good day! (ru)" not in shown


@pytest.mark.feature("F06.27")
def test_it_speaks_to_the_person_it_is_led_with(draw, led, elena):
    vip = {"when": ["and", ["customer.segment", "is", "VIP"]], "texts": words("At your service, {customer.address}.")}
    text = {"texts": words("{customer.name}, born {customer.birth_date}, {customer.region}"), "variants": [vip]}
    Customer.objects.filter(pk=elena.pk).update(birth_date="1981-05-14", region="Tver")
    nodes = {"hello": node("phrase", way("on", "end"), text=text), "end": END}

    assert led.begin(draw("personal", drawn(nodes)))["text"] == "Смирнова Елена Павловна, born 14.05.1981, Tver"
    Customer.objects.filter(pk=elena.pk).update(segment="VIP")
    assert led.panel()["text"] == "At your service, Елена Павловна."


@pytest.mark.feature("F02.05")
@pytest.mark.feature("F02.16", partly="the name of the campaign (campaigns)")
def test_what_came_of_earlier_contacts_and_offers_is_at_hand(
    client, draw, led, loans, olga, elena, django_assert_max_num_queries
):
    loan = Product.objects.create(
        code="car", name={"en": "Car loan"}, kind=ProductKind.objects.create(code="loan", name={"en": "Loans"})
    )
    thinks = Result.objects.create(project=loans, code="thinks", name={"en": "He thinks"})
    for day in (1, 2, 3):
        before = talk(loans, olga, elena, NOW - timedelta(days=day))
        type(before).objects.filter(pk=before.pk).update(result=thinks, state="done")
        Offer.objects.create(interaction=before, product=loan, answer="interested", by_id=olga.id, at=before.began_at)
    nodes = {"hello": node("phrase", way("on", "end"), text={"texts": words("Good day!")}), "end": END}

    led.begin(draw("greeting", drawn(nodes)))

    with translation.override("en"), django_assert_max_num_queries(25):
        previous = led.panel()["previous"]
    assert previous["count"] == 3
    newest = previous["rows"][0]
    assert (newest["result"], newest["offers"]) == ("He thinks", ["Loans: Car loan, Interested"])
    client.force_login(User.objects.get(pk=olga.id))
    shown = client.post(reverse("scripting:give", args=[led.run.pk]), {"act": "back", "revision": "1"})
    assert "Previous contacts (3)" in shown.content.decode()
    assert "Car loan, Interested" in shown.content.decode()


def _ships(code: str) -> dict[str, Any]:
    text = resources.files("perezvon.project.blueprints").joinpath("bank.yaml").read_text("utf-8")
    return next(row["document"] for row in yaml.safe_load(text)["scenarios"] if row["code"] == code)


@pytest.mark.feature("F13.15", partly="the campaign it belongs to (campaigns)")
@pytest.mark.feature("F13.16")
@pytest.mark.feature("F13.17")
def test_a_contract_that_ends_is_prepared_for_told_of_and_opened(draw, led, olga, elena):
    """The nearest of three that are in force or not, and a link to its card with the losses."""
    Customer.objects.filter(pk=elena.pk).update(birth_date="1981-05-14", region="Tver", sex="f")
    policy = Product.objects.create(
        code="flat", name={"en": "Flat"}, kind=ProductKind.objects.create(code="policy", name={"en": "Policies"})
    )
    _far, near, _over = (
        Contract.objects.create(
            id=uuid7(NOW), number=number, customer=elena, product=policy, state=state,
            ends_on=NOW.date() + timedelta(days=days), created_at=NOW,
        )
        for number, days, state in (("A-1", 40, "active"), ("A-2", 9, "active"), ("A-3", 2, "closed"))
    )  # fmt: skip

    draw("market-survey", _ships("market-survey"))
    with translation.override("en"):
        said = led.begin(draw("contract-reminder", _ships("contract-reminder"), direction="in"))["text"]
    for fact in ("Смирнова Елена Павловна", "14.05.1981", "Tver", "Flat, No. A-2, until 01.12.2026 (days left: 9)"):
        assert fact in said
    opened = services.give(run_id=led.run.pk, given=[Answer(way="contract")], by=olga, now=LATER).opened
    assert [one.url for one in opened] == [reverse("customers:contract", args=[near.pk])]
    opened = services.give(run_id=led.run.pk, given=[Answer(way="card")], by=olga, now=LATER).opened
    assert [one.url for one in opened] == [reverse("customers:card", args=[elena.pk])]
    services.give(run_id=led.run.pk, given=[Answer(way="talk"), Tick("hello")], by=olga, now=LATER)
    told = led.answer("himself")["phrases"][0]["text"]
    assert told == ("Елена Павловна, your contract “Flat” No. A-2 ends on 01.12.2026. Would you like to prolong it?")


@pytest.mark.feature("F06.08")
@pytest.mark.feature("F06.09")
@pytest.mark.feature("F12.07")
def test_a_consultation_opens_what_is_known_of_the_programme_and_keeps_the_reaction(draw, led, olga, client):
    kind = ProductKind.objects.create(code="credit", name={"en": "Credit"})
    loan = Product.objects.create(code="cash_loan", name={"en": "Cash loan"}, kind=kind)
    titles = [led.begin(draw("consultation", _ships("product-consultation")))["title"]]
    titles.append(led.answer(group="cash")["title"])
    assert titles == ["Group of credit programmes", "Credit programme"]

    chosen = [Answer({"programme_cash": "cash_loan"}, "base")]
    [opened] = services.give(run_id=led.run.pk, given=chosen, by=olga, now=LATER).opened
    assert (opened.place, opened.url.split("?")[0]) == ("tab", reverse("knowledge:about"))
    client.force_login(User.objects.get(pk=olga.id))
    assert client.get(opened.url)["Location"].startswith(f"{reverse('knowledge:home')}?q=Cash+loan")
    [everything] = services.give(
        run_id=led.run.pk, given=[Answer({"programme_cash": "several"}, "base")], by=olga, now=LATER
    ).opened
    assert everything.url.startswith(reverse("knowledge:home"))

    assert led.answer(programme_cash="cash_loan")["title"] == "Tell the terms"
    led.tick("terms")
    assert [one["label"] for one in led.answer()["fields"][0]["options"]] == [
        "The offer interests him", "He has not made up his mind", "He refuses"
    ]  # fmt: skip
    assert Offer.objects.get(product=loan).answer == "offered"
    why = led.answer(reaction="undecided", reaction_comment="Asks his wife")
    assert [one["label"] for one in why["fields"][0]["options"]] == [
        "Will compare with competitors",
        "Needs time to think",
    ]
    led.answer(undecided_why="time")
    assert led.run.result == "thinking"
    assert [one["value"] for one in led.run.said][-3:] == [
        "He has not made up his mind", "Asks his wife", "Needs time to think"
    ]  # fmt: skip


@pytest.mark.feature("F06.10")
@pytest.mark.feature("F08.42")
def test_a_survey_is_offered_in_a_conversation_and_begun_or_not(draw, led, elena):
    """Its answers count for the questionnaire, and the conversation goes on to its own end."""
    survey = draw("market-survey", _ships("market-survey"))
    draw("contract-reminder", _ships("contract-reminder"))
    Contract.objects.create(
        id=uuid7(NOW), number="A-2", customer=elena, ends_on=NOW.date() + timedelta(days=9), created_at=NOW
    )
    led.begin(Scenario.objects.get(code="contract-reminder"))
    led.answer("talk")
    led.tick("hello")
    led.answer("himself")
    led.tick("remind")
    led.answer()
    led.answer(reaction="no", why="dear")
    led.tick("sorry")
    assert [way["label"] for way in led.answer()["ways"]] == ["Begin the survey", "Next"]
    led.tick("survey")
    assert led.answer("start")["title"] == "Do you have a loan with any bank now?"
    led.answer(q1="no")
    led.answer(q3=("app",))
    led.answer(q4="none")

    assert (led.run.result, led.run.ended_at) == ("refused", LATER)
    kept = RunAnswer.objects.filter(version=survey.current).values_list("field", "option")
    assert set(kept) == {("q1", "no"), ("q3", "app"), ("q4", "none")}
