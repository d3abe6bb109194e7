"""The credit bureau is asked in a conversation about Halva, with a consent, and nowhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from perezvon.cores.scripting.model import Answer
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Role, User
from perezvon.foundation.personal.registry import Subject
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.loans import bureau, services
from perezvon.modules.loans.blueprint import export_bureau, load_bureau
from perezvon.modules.loans.models import BureauInquiry, BureauProduct
from perezvon.modules.scripting import services as scripting
from perezvon.modules.scripting.tests.conftest import draw, drawn, node, way
from perezvon.ports.credit import BureauAway

__all__ = ["draw"]
SYSTEM = System(name="test")
LATER = NOW + timedelta(seconds=20)
REFUSED = ["and", ["bureau.decision", "any", "refused"]]
BORN = "14.05.1981"


@pytest.fixture
def halva(db) -> Product:
    kind = ProductKind.objects.create(code="cards", name={"en": "Cards"})
    made = Product.objects.create(code="halva", name={"en": "Halva card"}, kind=kind)
    BureauProduct.objects.create(product=made)
    return made


@pytest.fixture
def asks(draw, contact, olga, halva):
    """Begins a conversation that asks for the bureau, once the customer has consented or not."""

    def make(product: str = "halva", consent: str = "yes"):
        steps = {
            "consent": node("choice", way("yes", "ask", "Yes", sets={"consent": consent}), title="Consent"),
            "ask": node(
                "action", way("no", "no", when=REFUSED), way("on", "yes"), does="loans.bureau",
                gives={"product": product, "consent": "{consent}"},
            ),
            "yes": node("end", result="solved"),
            "no": node("end", result="dropped"),
        }  # fmt: skip
        scenario = draw("talk", drawn(steps, "consent", facts={"consent": "text"}))
        run = scripting.begin_run(scenario_id=scenario.pk, interaction_id=contact.pk, by=olga, now=NOW, language="en")
        return scripting.give(run_id=run.pk, given=[Answer(way="yes")], by=olga, now=NOW)

    return make


def ask(contact, by, passport="4509 123452", born=BORN):
    return services.ask_bureau(interaction_id=contact.pk, passport=passport, born=born, by=by, now=LATER)


@pytest.mark.feature("F19.17")
@pytest.mark.parametrize(
    ("passport", "decision", "result"), [("4509123452", "approved", "solved"), ("4509123453", "refused", "dropped")]
)
def test_its_decision_leads_the_conversation_on(asks, contact, olga, passport, decision, result):
    run = asks()

    inquiry = ask(contact, olga, passport)

    run.refresh_from_db()
    assert (inquiry.decision, run.result) == (decision, result)
    assert inquiry.passport_end == passport[-4:]
    with translation.override("en"):
        entry = bureau.entries(contact.customer_id, olga)[0]
    assert "Halva card" in entry["title"]
    assert entry["chip"]["text"].lower() == decision


def test_one_that_is_away_leaves_the_conversation_where_it_is(asks, contact, olga):
    run = asks()

    with pytest.raises(BureauAway):
        ask(contact, olga, "4509123450")

    run.refresh_from_db()
    assert run.ended_at is None
    assert BureauInquiry.objects.get().decision == ""
    assert ask(contact, olga).decision == "approved"


@pytest.mark.feature("F19.18")
@pytest.mark.parametrize(("product", "consent", "reason"), [("gold", "yes", "product"), ("halva", "no", "consent")])
def test_it_is_asked_for_halva_alone_and_with_a_consent(asks, contact, olga, halva, product, consent, reason):
    """The step says why and is passed; then nothing stands at it any more."""
    Product.objects.create(code="gold", name={"en": "Gold"}, kind=halva.kind)
    asks(product, consent)

    with pytest.raises(services.BureauClosed) as at_the_step:
        services.check_may_ask(contact, product=product, consent=consent)
    with pytest.raises(services.BureauClosed) as afterwards:
        ask(contact, olga)

    assert at_the_step.value.facts["reason"] == reason
    assert afterwards.value.facts["reason"] == "not_asked"
    assert not BureauInquiry.objects.exists()


def test_it_is_not_asked_outside_a_conversation(contact, olga, halva):
    with pytest.raises(services.BureauClosed) as closed:
        ask(contact, olga)

    assert closed.value.facts["reason"] == "not_asked"


def test_a_step_that_may_not_ask_says_why_and_goes_on(asks, contact, olga):
    run = asks(consent="no")

    failure = run.state["failures"][0]
    assert run.result == "solved"
    assert failure["does"] == "loans.bureau"
    assert failure["said"]


def test_nobody_asks_without_the_right(asks, contact, olga):
    asks()

    with pytest.raises(NotAllowed):
        ask(contact, replace(olga, rights=olga.rights - {"loans.bureau"}))


class TestTheWindow:
    @pytest.fixture
    def browser(self, olga) -> Client:
        made = Client()
        made.force_login(User.objects.get(pk=olga.id))
        return made

    @pytest.fixture
    def url(self, contact) -> str:
        return f"/loans/bureau/{contact.pk}/"

    def test_shows_what_the_card_knows_to_who_may_see_it(self, asks, browser, url, olga):
        asks()

        assert "56; empty sends that one" in (hidden := browser.get(url).content.decode())
        assert "123456" not in hidden
        role = User.objects.get(pk=olga.id).role
        role.rights = [*role.rights, "customers.reveal"]
        role.save()
        assert 'value="45 09 123456"' in browser.get(url).content.decode()

    def test_sends_the_card_s_passport_when_none_was_typed(self, asks, browser, url):
        asks()

        browser.post(url, {"passport": "", "born": BORN})

        assert BureauInquiry.objects.get().passport_end == "3456"

    def test_tells_what_is_wrong_at_its_field_and_keeps_what_was_typed(self, asks, browser, url):
        asks()

        answer = browser.post(url, {"passport": "45", "born": "31.02.1990"})

        text = answer.content.decode()
        assert answer.status_code == 422
        assert text.count('aria-invalid="true"') == 2
        assert 'value="45"' in text

    def test_is_closed_outside_such_a_conversation(self, contact, browser, url, halva):
        assert browser.get(url).status_code == 422


def test_products_go_with_the_configuration(halva):
    kept = export_bureau()
    services.set_bureau_products(product_ids=[], by=SYSTEM, now=NOW)
    assert export_bureau() == {}

    load_bureau({**kept, "credit_bureau": ["halva", "unknown"]}, SYSTEM, NOW)

    assert export_bureau() == kept == {"credit_bureau": ["halva"]}


def test_a_person_s_passport_is_forgotten(asks, contact, olga):
    asks()
    ask(contact, olga)
    subject = Subject((contact.customer_id,), 1, "Elena", frozenset())

    assert bureau.holder().export(subject)["credit_bureau"][0]["passport_end"] == "3452"
    bureau.holder().erase(subject, LATER)

    assert BureauInquiry.objects.get().passport_end == ""


def test_an_administrator_ticks_the_products(halva):
    gold = Product.objects.create(code="gold", name={"en": "Gold"}, kind=halva.kind)
    role = Role.objects.get(code="system_administrator")
    browser = Client()
    browser.force_login(User.objects.create_user("admin", role=role, language="en"))

    def ticked() -> list[int]:
        page = browser.get("/loans/bureau/").content.decode()
        boxes = re.findall(r'<input type="checkbox" id="field-product-(\d+)"([^>]*)>', page)
        return [int(key) for key, rest in boxes if "checked" in rest]

    assert ticked() == [halva.pk]
    browser.post("/loans/bureau/", {f"product-{gold.pk}": "yes"})

    assert ticked() == [gold.pk]
