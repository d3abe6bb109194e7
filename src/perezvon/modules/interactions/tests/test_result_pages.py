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
