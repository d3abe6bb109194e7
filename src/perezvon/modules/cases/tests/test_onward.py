"""What a case can become stands on its page as soon as the module that makes it is there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from perezvon.modules.cases import registry
from perezvon.modules.cases.registry import Onward, register_onward
from perezvon.modules.cases.selectors import VIEW


@pytest.fixture
def orders(monkeypatch):
    """Two modules above: one makes orders of service about products alone, the other sells."""
    monkeypatch.setattr(registry, "_onward", {})
    register_onward(
        Onward("service", "Service order", "tool", VIEW, lambda case: f"/service/{case.pk}/" * bool(case.product_id))
    )
    register_onward(Onward("sale", "Sales order", "file-text", VIEW, lambda case: f"/sales/new/?case={case.pk}"))
    register_onward(Onward("refund", "Refund", "file-text", "money.give_back", lambda case: "/refunds/"))


@pytest.mark.feature("F09.18", partly="orders of service (service)")
@pytest.mark.feature("F09.19", partly="sales orders (orders)")
def test_one_step_from_a_case_to_what_follows_for_whoever_may(orders, register, browse, olga):
    case = register()

    page = browse(olga).get(reverse("cases:case", args=[case.pk])).content.decode()

    assert f'href="/sales/new/?case={case.pk}"' in page
    assert "Sales order" in page
    assert "Service order" not in page
    assert "Refund" not in page


def test_two_steps_of_one_code_are_a_mistake(orders):
    with pytest.raises(ValueError, match="sale"):
        register_onward(Onward("sale", "Other", "file-text", VIEW, lambda _case: ""))
