"""What one contact may carry: each part comes from a module of its own, and its page shows them together."""

from __future__ import annotations

import re

import pytest

from perezvon.cores.scripting.model import Answer
from perezvon.foundation import clock
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.models import Case
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.documents.models import Document
from perezvon.modules.documents.tests.conftest import (
    NOW,
    browse,
    cards,
    elena,
    ivan,
    kinds,
    lisa,
    loans,
    olga,
    register,
    viktor,
    write,
)
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.tests.conftest import contact
from perezvon.modules.scripting import services as scripting
from perezvon.modules.scripting.tests.conftest import draw, drawn, node, way, words
from perezvon.modules.tasks import services as tasks

__all__ = [
    "browse", "cards", "contact", "draw", "elena", "ivan", "kinds", "lisa", "loans", "olga", "register", "viktor",
    "write",
]  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.mark.feature("F02.06")
@pytest.mark.feature("F06.29", partly="work orders (service)")
def test_notes_services_documents_survey_answers_and_tasks_stand_on_one_page(
    browse, contact, draw, olga, elena, register, write
):
    interactions.add_note(interaction_id=contact.pk, text="Asks for the papers by Friday", by=olga, now=NOW)
    kind = ProductKind.objects.create(code="services", name={"en": "Services"})
    product = Product.objects.create(code="statement", name={"en": "A statement by mail"}, kind=kind)
    interactions.offer_product(interaction_id=contact.pk, product_id=product.pk, answer="agreed", by=olga, now=NOW)
    case = register()
    Case.objects.filter(pk=case.pk).update(contact=contact)
    sent = {"key": str(uuid7(NOW)), "template": str(write().pk), "signer": str(olga.id)}
    browser = browse(olga)
    browser.post(f"/documents/about/case/{case.pk}/", sent)
    asks = {"code": "how", "ask": "text", "label": words("How did you find it?"), "required": True}
    survey = draw("survey", drawn({"hello": node("question", way("on", "end"), fields=[asks]), "end": node("end")}))
    type(survey).objects.filter(pk=survey.pk).update(form="questionnaire")
    run = scripting.begin_run(scenario_id=survey.pk, interaction_id=contact.pk, by=olga, now=NOW, language="en")
    scripting.give(run_id=run.pk, given=[Answer({"how": "Very quick"})], by=olga, now=NOW)
    wanted = tasks.Wanted("Call the archive", customer_id=elena.pk, interaction_id=contact.pk)
    task = tasks.plan(wanted=wanted, by=olga, now=clock.now())

    page = browser.get(f"/contacts/{contact.pk}/")

    text = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    document = Document.objects.get()
    for part in (
        "Asks for the papers by Friday",
        "A statement by mail",
        document.code,
        "Very quick",
        "Call the archive",
    ):
        assert part in text, part
    for address in (f"/cases/{case.pk}/", f"/tasks/{task.pk}/"):
        assert "Very quick" in browser.get(address).content.decode(), address
