"""A fault is looked up in the knowledge base, diagnosed with the subscriber by the scenario that ships, and either
solved or passed on; he gets the outcome by e-mail."""

from __future__ import annotations

import pytest

from perezvon.cores.scripting.model import Answer, Tick
from perezvon.foundation.access import Person
from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import Project
from perezvon.modules.cases.models import Case
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.tests.conftest import NOW, browse, elena, operator, talk
from perezvon.modules.knowledge.models import Article
from perezvon.modules.knowledge.tests.conftest import put, section
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Run, Scenario
from perezvon.modules.topics.models import Topic
from perezvon.project import blueprint

__all__ = ["browse", "elena", "put", "section"]
pytestmark = pytest.mark.django_db
FAULT = "Internet or television does not work"


@pytest.fixture
def oleg(db) -> Person:
    blueprint.load(blueprint.read("telecom"), now=NOW)
    return operator("oleg", Project.objects.get(code="telecom"))


@pytest.fixture
def contact(oleg, elena) -> Interaction:
    ContactPoint.objects.create(customer=elena, kind="email", raw="elena@mail.example")
    return talk(Project.objects.get(code="telecom"), oleg, elena)


@pytest.fixture
def article(put, contact) -> Article:
    topic = Topic.objects.get(name__en=FAULT)
    return put("No internet: what to look at first", "Most faults go with a restart.", topic_ids=frozenset({topic.pk}))


@pytest.fixture
def run(browse, article, contact, oleg) -> Run:
    """Begun from the article that tells of the fault."""
    browser = browse(oleg)
    page = browser.get(f"/knowledge/{article.pk}/?contact={contact.pk}").content.decode()
    begin = f"/script/contact/{contact.pk}/{Scenario.objects.get(code='equipment-diagnosis').pk}/?away"
    assert begin in page

    gone = browser.post(begin)

    assert gone["Location"] == "/desk/"
    return Run.objects.get(interaction=contact)


def say(run: Run, by: Person, *answers: Answer | Tick) -> Run:
    return services.give(run_id=run.pk, given=answers, by=by, now=NOW)


@pytest.mark.feature("F06.30", partly="leads and orders (sales)")
@pytest.mark.feature("F06.31")
def test_a_router_is_mended_by_telephone_and_he_gets_the_solution_by_mail(run, oleg, contact):
    say(run, oleg, Answer({"model": "router", "whole_house": "self"}), Answer(way="wan"))
    say(run, oleg, Tick("cable"), Answer(way="yes"), Tick("restart"), Answer(way="yes"))
    run = say(run, oleg, Answer(way="letter"))

    assert (run.result, run.facts["fault"]) == ("solved", "restart")
    letter = Message.objects.get(contact=contact.pk)
    assert letter.to == "elena@mail.example"
    assert "Router" in letter.text or "Роутер" in letter.text
    assert not Case.objects.exists()


@pytest.mark.feature("F06.30", partly="leads and orders (sales)")
def test_a_broken_fibre_becomes_a_request_with_what_was_found_out(run, oleg, contact):
    run = say(run, oleg, Answer({"model": "terminal", "whole_house": "house"}))

    case = Case.objects.get()
    assert run.facts == {"fault": "line", "importance": "high"}
    assert (case.kind.code, case.category.code) == ("repair", "line")
    assert "Оптический терминал" in case.text or "Optical terminal" in case.text
    assert case.customer_id == contact.customer_id


def test_an_article_offers_no_conversation_while_one_is_led(run, browse, article, contact, oleg):
    page = browse(oleg).get(f"/knowledge/{article.pk}/?contact={contact.pk}").content.decode()
    assert "?away" not in page


def test_nor_outside_a_contact(browse, article, oleg):
    assert "?away" not in browse(oleg).get(f"/knowledge/{article.pk}/").content.decode()
