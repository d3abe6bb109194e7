"""The administrator's pages of results: what is saved there is what operators are offered."""

from __future__ import annotations

import pytest
from django.urls import reverse

from perezvon.foundation.access.rights import INFORMATION
from perezvon.foundation.people.models import Role, User
from perezvon.modules.interactions.blueprint import export_results
from perezvon.modules.interactions.models import Result
from perezvon.modules.interactions.results import tree_of

FORM = {"name_ru": "Опрос", "name_en": "Survey", "under_en": "Reached", "position": "5", "in_use": "on"}
WHEN = {"w.join": "and", "w.0.join": "and", "w.0.0.fact": "negative", "w.0.0.operator": "no"}


@pytest.fixture
def lisina(loans, client):
    user = User.objects.create_user(
        "lisina", last_name="Lisina", first_name="Anna", role=Role.objects.get(code=INFORMATION), language="en"
    )
    user.projects.add(loans)
    client.force_login(user)
    return client


@pytest.mark.feature("X.06")
def test_a_tree_is_made_changed_and_exported(lisina, loans):
    new = f"{reverse('interactions:result_new')}?project={loans.pk}"
    refused = lisina.post(new, FORM | {"code": "No Code", "days": "soon"})
    assert refused.status_code == 422

    made = lisina.post(new, FORM | WHEN | {"code": "survey", "requires": ["callback_at", "reason"], "days": "14"})
    assert made.status_code == 302
    row = Result.objects.get(project=loans, code="survey")
    assert (row.rules["days"], row.rules["when"]) == (14, ["and", ["negative", "no"]])

    reason_new = reverse("interactions:reason_new", args=[row.pk])
    reason = {"name_en": "Busy", "name_ru": "Занят", "code": "busy", "dialer": "again", "in_use": "on", "version": "1"}
    assert lisina.post(reason_new, reason).status_code == 302
    outdated = lisina.post(reason_new, reason | {"code": "late"})
    assert outdated.status_code == 409

    tree = tree_of(loans.pk)
    assert [one.code for one in tree.options[0].reasons] == ["busy"]
    told = lisina.get(reverse("interactions:results"), {"project": str(loans.pk)}).content.decode()
    assert "date and time of the call, reason" in told
    page = lisina.get(reverse("interactions:result", args=[row.pk])).content.decode()
    assert reverse("interactions:reason", args=[row.pk, "busy"]) in page
    assert export_results()["results"]["loans"][0]["reasons"][0]["dialer"] == "again"

    without = {name: text for name, text in reason.items() if name != "in_use"} | {"version": "2"}
    assert lisina.post(reverse("interactions:reason", args=[row.pk, "busy"]), without).status_code == 302
    assert tree_of(loans.pk).options[0].reasons == ()


def test_operators_do_not_set_up_results(browse, olga, loans):
    assert browse(olga).get(reverse("interactions:results")).status_code == 403


def where(name: str, fact: str, operator: str, *values: str) -> dict[str, object]:
    first = f"{name}.0.0"
    given = {f"{name}.join": "and", f"{name}.0.join": "and", f"{first}.fact": fact, f"{first}.operator": operator}
    return given | ({f"{first}.value": list(values)} if values else {})


@pytest.fixture
def refusal(loans):
    broken = {"code": "broken", "name": {"en": "Broken off"}}
    Result.objects.create(project=loans, code="call_back", name={"en": "Call back"}, reasons=[broken])
    return Result.objects.create(project=loans, code="refused", name={"en": "Refusal"})


@pytest.mark.feature("X.01")
@pytest.mark.feature("X.06")
def test_every_rule_of_a_result_is_changed_on_its_page(lisina, refusal, loans):
    page = reverse("interactions:result", args=[refusal.pk])
    rules = {
        **where("must", "objections", "least", "2"), "must_words_en": "Two attempts first.",
        **where("prompt", "negative", "yes"), "wakes": ["comment"], "records": "call_back:broken",
    }  # fmt: skip
    assert lisina.post(page, FORM | WHEN | rules | {"version": "1"}).status_code == 302

    refusal.refresh_from_db()
    assert refusal.rules == {
        "under": {"en": "Reached"},
        "when": ["and", ["negative", "no"]],
        "must": ["and", ["objections", "least", "2"]],
        "must_words": {"en": "Two attempts first."},
        "prompt": ["and", ["negative", "yes"]],
        "wakes": ["comment"],
        "records": {"result": "call_back", "reason": "broken"},
    }
    again = lisina.get(page).content.decode()
    assert 'name="must.0.0.fact"' in again
    assert '<option value="call_back:broken" selected>Call back / Broken off</option>' in again
    more = lisina.get(reverse("interactions:result_conditions"), rules | {"of": "must", "edit": "add.0"})
    assert b'name="must.0.1.fact"' in more.content
    assert b'name="w.' not in more.content


def test_what_is_wrong_is_said_where_it_is(lisina, refusal):
    page = reverse("interactions:result", args=[refusal.pk])
    wrong = {
        **where("must", "objections", "least", "many"), "under_ru": "x" * 101, "requires": ["moon"], "wakes": ["sun"],
        "records": "refused:itself", "version": "1",
    }  # fmt: skip

    first = lisina.post(page, FORM | wrong)
    assert first.status_code == 422
    assert 'href="#field-must"' in first.content.decode()
    second = lisina.post(page, FORM | wrong | where("must", "objections", "least", "2"))
    told = second.content.decode()
    assert second.status_code == 422
    for field in ("under_ru", "requires", "wakes", "records"):
        assert f'href="#field-{field}"' in told
    assert 'value="' + "x" * 101 in told


def test_a_condition_on_what_is_typed_binds_a_reason_too(lisina, refusal):
    page = reverse("interactions:reason_new", args=[refusal.pk])
    reason = {"name_en": "Away", "name_ru": "Нет", "code": "away", "in_use": "on", "version": "1"}
    typed = where("must", "absent_days", "least", "30") | {"must_words_ru": "От 30 дней"}

    assert lisina.post(page, reason | typed).status_code == 302

    refusal.refresh_from_db()
    assert refusal.reasons[0]["must"] == ["and", ["absent_days", "least", "30"]]
    assert refusal.reasons[0]["must_words"] == {"ru": "От 30 дней"}
