"""Fields that an administrator gives to one kind of case."""

from __future__ import annotations

import json

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.fields.services import Wanted, add_field, add_section
from perezvon.modules.cases.models import Case
from perezvon.modules.cases.selectors import KIND
from perezvon.modules.cases.tests.conftest import NOW, Register
from perezvon.modules.cases.tests.test_pages import words

pytestmark = pytest.mark.django_db


def list_of(browser, *conditions: list[str]) -> str:
    asked = {"cols": "number,subject,custom_machine,custom_bank"}
    asked |= {"where": json.dumps(["and", *conditions])} if conditions else {}
    return words(browser.get("/cases/", asked))


def test_stands_on_its_form_its_case_and_in_the_list(browse, kinds, loans, olga, viktor, register: Register):
    by = System(name="test")
    add_section(kind=KIND, key="more", label={"en": "More"}, by=by, now=NOW)
    for key, label, kind, searchable in (
        ("machine", "Cash machine", "complaint", True),
        ("bank", "Other bank", "order", False),
    ):
        wanted = Wanted({"en": label}, "more", variants=(kind,), searchable=searchable)
        add_field(kind=KIND, key=key, type="text", wanted=wanted, by=by, now=NOW)
    browser = browse(olga)
    form = browser.get(f"/cases/new/?kind={kinds['complaint'].pk}&project={loans.pk}").content.decode()
    given = {"kind": kinds["complaint"].pk, "project": loans.pk, "subject": "Card kept", "priority": "3"}

    saved = browser.post("/cases/new/", {**given, "custom_machine": "ATM 4711", "custom_bank": "Not of this kind"})
    register("order")

    assert ('name="custom_machine"' in form, 'name="custom_bank"' in form) == (True, False)
    case = Case.objects.get(subject="Card kept")
    assert case.custom == {"machine": "ATM 4711"}
    page = words(browser.get(saved["Location"]))
    assert "Cash machine ATM 4711" in page
    assert "Other bank" not in page
    both = list_of(browser)
    assert "Cash machine" in both
    assert "ATM 4711" in both
    assert case.code in list_of(browser, ["custom_machine", "contains", "4711"])
    assert case.code not in list_of(browser, ["custom_machine", "contains", "9999"])
    out = browse(viktor).post("/cases/export/", {"format": "csv", "state": "cols=number,custom_machine"})
    assert "ATM 4711" in out.content.decode()


def test_is_given_to_kinds_where_fields_are_set_up(browse, kinds, lisa):
    add_section(kind=KIND, key="more", label={"en": "More"}, by=System(name="test"), now=NOW)

    page = words(browse(lisa).get(f"/fields/new/?kind={KIND}&section=more&type=text"))

    for name in ("Complaint", "Claim"):
        assert name in page
