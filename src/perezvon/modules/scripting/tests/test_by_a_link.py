"""A customer answers a questionnaire by a link; an operator goes through one for trial."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import User
from perezvon.foundation.personal.registry import Subject
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Form, Invitation, Run, Scenario
from perezvon.modules.scripting.personal import holder
from perezvon.modules.scripting.tests.conftest import draw, drawn, node, way, words

__all__ = ["draw"]
SCORES = {"code": "mark", "ask": "scale", "label": words("How was it?"), "required": True, "least": "1", "most": "5"}
LOW = ["and", ["mark", "least", "4"]]
STEPS = {
    "mark": node("question", way("good", "thanks", when=LOW), way("on", "why"), title="Mark", fields=[SCORES]),
    "why": node("question", way("on", "thanks"), title="Why", fields=[{"code": "why", "label": words("Why?")}]),
    "thanks": node("end", result="filled"),
}


@pytest.fixture(autouse=True)
def _reached(settings):
    settings.PUBLIC_URL = "https://bank.example"


@pytest.fixture
def survey(draw) -> Scenario:
    made = draw("survey", drawn(STEPS, "mark"))
    Scenario.objects.filter(pk=made.pk).update(form=Form.QUESTIONNAIRE)
    return made


@pytest.fixture
def writer(olga):
    return replace(olga, rights=olga.rights | {"messages.send"})


@pytest.fixture
def mailed(survey, elena, writer, contact) -> str:
    """Sends Elena the link; its path."""
    way_ = services.Way("email", "elena@mail.example", contact)
    services.invite(scenario_id=survey.pk, customer_id=elena.pk, way=way_, by=writer, now=NOW)
    return re.search(r"https://bank\.example(\S+)", Message.objects.get().text)[1]


def post(client, path, page, **values):
    revision = re.search(r'name="revision" value="(\d+)"', page.content.decode())[1]
    return client.post(path, {"revision": revision, "with_fields": "1", "act": "answer:", **values})


class TestByALink:
    @pytest.mark.feature("F02.10")
    def test_what_a_customer_answers_is_a_contact_of_his(self, mailed, survey, elena, olga):
        client = Client()
        page = client.get(mailed)
        assert "How was it?" in page.content.decode()
        assert not Run.objects.exists()

        page = post(client, mailed, page, **{"field-mark": "2"})
        page = post(client, mailed, page, **{"field-why": "Nobody answered"})

        assert "Thank you" in page.content.decode() or "Спасибо" in page.content.decode()
        run = Run.objects.get()
        assert [one["value"] for one in run.said] == ["2", "Nobody answered"]
        assert (run.by, run.customer, run.result) == (None, elena, "filled")
        assert (run.interaction.channel, run.interaction.state) == (Channel.WEB, "done")
        assert run.answers.count() == 2
        browser = Client()
        browser.force_login(User.objects.get(pk=olga.id))
        for address in (f"/contacts/{run.interaction_id}/", f"/customers/{elena.pk}/"):
            text = browser.get(address).content.decode()
            assert "Nobody answered" in text
            assert "the customer himself" in text

    def test_what_is_missing_is_told_and_what_was_typed_stays(self, mailed):
        client = Client()
        page = post(client, mailed, client.get(mailed), **{"field-mark": ""})
        assert (page.status_code, Run.objects.count(), Interaction.objects.filter(channel="web").count()) == (422, 0, 0)
        page = post(client, mailed, page, **{"field-mark": "9"})
        assert page.status_code == 422

    def test_he_goes_back_and_answers_another_way(self, mailed):
        client = Client()
        page = post(client, mailed, client.get(mailed), **{"field-mark": "2"})
        page = post(client, mailed, page, act="back")
        post(client, mailed, page, **{"field-mark": "5"})

        assert [one["value"] for one in Run.objects.get().said] == ["5"]

    def test_two_windows_do_not_answer_over_each_other(self, mailed):
        first, second = Client(), Client()
        page, same = first.get(mailed), second.get(mailed)
        post(first, mailed, page, **{"field-mark": "2"})

        moved = post(second, mailed, same, **{"field-mark": "5"})

        assert moved.status_code == 422
        assert "Why?" in moved.content.decode() or "Why? (ru)" in moved.content.decode()
        assert Run.objects.count() == 1

    def test_answered_it_leads_nowhere_any_more(self, mailed):
        client = Client()
        post(client, mailed, client.get(mailed), **{"field-mark": "5"})

        assert client.get(mailed).status_code == 409
        assert client.get("/questions/rubbish/").status_code == 404

    def test_nor_when_its_time_is_over(self, mailed, monkeypatch):
        Invitation.objects.update(until=NOW - timedelta(days=400))

        assert Client().get(mailed).status_code == 409

    def test_the_page_is_kept_by_nobody_and_tells_nobody_its_address(self, mailed):
        page = Client().get(mailed)
        assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "same-origin")

    def test_the_secret_stands_nowhere(self, mailed):
        token = mailed.rstrip("/").rpartition("/")[2]
        assert not Invitation.objects.filter(secret=token).exists()

    def test_who_is_forgotten_is_asked_no_more(self, mailed, elena):
        subject = Subject((elena.pk,), 1, "Elena", frozenset())
        assert len(holder().export(subject)["questionnaires_sent"]) == 1
        holder().erase(subject, NOW + timedelta(hours=1))

        assert Client().get(mailed).status_code == 409


class TestAsking:
    def test_an_operator_sends_it_from_the_card(self, survey, elena, contact, olga):
        role = User.objects.get(pk=olga.id).role
        role.rights = [*role.rights, "messages.send"]
        role.save()
        ContactPoint.objects.create(customer=elena, kind="email", raw="elena@mail.example")
        browser = Client()
        browser.force_login(User.objects.get(pk=olga.id))
        address = reverse("scripting:invite", args=[elena.pk])
        assert address in browser.get(f"/customers/{elena.pk}/").content.decode()
        assert "elena@mail.example" in browser.get(address).content.decode()

        sent = browser.post(address, {"scenario": str(survey.pk), "to": "email:elena@mail.example"})
        refused = browser.post(address, {"scenario": "rubbish", "to": "email:elena@mail.example"})

        assert (sent.status_code, refused.status_code) == (200, 404)
        assert Invitation.objects.get().contact == contact
        assert Message.objects.get().to == "elena@mail.example"

    def test_what_does_more_than_ask_is_sent_to_nobody(self, draw, elena, writer):
        acts = {**STEPS, "note": node("action", way("on", "thanks"), does="interactions.note", gives={"text": "x"})}
        acts["why"] = node("question", way("on", "note"), fields=[{"code": "why", "label": words("Why?")}])
        made = draw("acting", drawn(acts, "mark"))
        Scenario.objects.filter(pk=made.pk).update(form=Form.QUESTIONNAIRE)

        way_ = services.Way("email", "elena@mail.example")
        with pytest.raises(services.CannotInvite):
            services.invite(scenario_id=made.pk, customer_id=elena.pk, way=way_, by=writer, now=NOW)
        assert services.to_fill_in(by=writer) == []

    def test_a_conversation_sends_it_as_a_step(self, draw, survey, contact, elena, writer):
        gives = {"questionnaire": "survey"}
        steps = {"send": node("action", way("on", "end"), does="scripting.invite", gives=gives), "end": node("end")}
        talk = draw("talk", drawn(steps, "send"))

        run = services.begin_run(scenario_id=talk.pk, interaction_id=contact.pk, by=writer, now=NOW)

        assert not run.state.get("failures")
        assert Invitation.objects.get().contact == contact
        assert Message.objects.get().to == "+79161234567"

    def test_nor_where_customers_cannot_reach_us(self, survey, elena, writer, settings):
        settings.PUBLIC_URL = ""
        way_ = services.Way("email", "elena@mail.example")
        with pytest.raises(services.CannotInvite):
            services.invite(scenario_id=survey.pk, customer_id=elena.pk, way=way_, by=writer, now=NOW)
        assert not Invitation.objects.exists()


class TestTrial:
    @pytest.mark.feature("F03.20")
    def test_an_operator_tries_one_from_the_equipment_page(self, survey, olga):
        browser = Client()
        browser.force_login(User.objects.get(pk=olga.id))
        address = reverse("scripting:try", args=[survey.pk])
        assert address in browser.get(reverse("telephony:equipment")).content.decode()

        page = browser.get(address)
        for values in ({"field-mark": ""}, {"field-mark": "2"}, {"field-why": "Slow"}):
            inputs = re.search(r'name="inputs" value="([^"]*)"', page.content.decode())[1].replace("&quot;", '"')
            page = browser.post(address, {"inputs": inputs, "with_fields": "1", "act": "answer:", **values})

        text = page.content.decode()
        assert "The test succeeded." in text
        assert "Finish processing the request" in text
        assert not Run.objects.exists()

    def test_rubbish_begins_anew(self, survey, olga):
        browser = Client()
        browser.force_login(User.objects.get(pk=olga.id))
        for rubbish in ("{", "[1, 2]", '[{"do": "fly"}]', "[" * 5000):
            page = browser.post(reverse("scripting:try", args=[survey.pk]), {"inputs": rubbish, "with_fields": "1"})
            assert page.status_code == 422
