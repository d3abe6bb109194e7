"""Cases found by several criteria at once."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from perezvon.modules.cases.models import Case


@pytest.mark.feature("F05.17")
def test_several_criteria_at_once_and_or(browse, olga, register, kinds):
    wanted = register(subject="Fee for the card", priority="3")
    register(subject="Fee for the loan")
    register("order", subject="Fee for the card", priority="3")
    other = register("order", subject="A new card")
    same = [
        "and",
        ["kind", "any", str(kinds["complaint"].pk)],
        ["subject", "contains", "card"],
        ["customer", "starts", "smir"],
    ]
    client = browse(olga)

    def found(where: list[object]) -> set[str]:
        page = client.get(f"/cases/?{urlencode({'where': json.dumps(where), 'cols': 'number'})}").content.decode()
        return {case.subject for case in Case.objects.all() if f"/cases/{case.pk}/" in page}

    assert found(same) == {wanted.subject}
    assert found(["or", same, ["and", ["subject", "is", "a new card"]]]) == {wanted.subject, other.subject}
    assert found(["and", ["created_at", "next", "1"], ["priority", "any", "3"]]) == set()
