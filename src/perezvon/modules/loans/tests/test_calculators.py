from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from perezvon.foundation.people.models import User
from perezvon.modules.topics.models import Topic
from perezvon.modules.topics.registry import tools, tools_of

LOAN = {"sum": "100 000,00", "rate": "12", "months": "3", "since": "2026-01-10"}
DEBT = {"debt": "500000", "rate": "18", "left": "36", "payment": "", "paid_on": "2026-11-10"}


@pytest.fixture
def ask(client, olga):
    client.force_login(User.objects.get(pk=olga.id))

    def ask(code: str, given: dict[str, str], status: int = 200) -> str:
        page = client.get(reverse("loans:calculator", args=[code]), given)
        assert page.status_code == status
        return page.content.decode().replace("\u00a0", " ")

    return ask


@pytest.mark.feature("F07.10")
class TestACalculator:
    def test_tells_the_payment_and_its_schedule(self, ask):
        page = ask("payment", LOAN)
        for said in (
            "34,002.21 ₽",
            "33,974.45 ₽, 10.04.2026",
            "1,978.87 ₽",
            "101,978.87 ₽",
            "67,016.97 ₽",
            "10.02.2026",
        ):
            assert said in page, said

    def test_tells_what_a_part_repaid_early_changes(self, ask):
        page = ask("part", {**DEBT, "amount": "100 000", "on": "2026-11-21"})
        for said in ("28 months instead of 36", "402,712.33 ₽", "2,712.33 ₽", "instead of 18,076.20 ₽"):
            assert said in page, said

    def test_tells_what_closes_the_loan_today(self, ask):
        page = ask("full", {"debt": "500000", "rate": "18", "paid_on": "2026-11-10", "on": "2026-11-21"})
        assert "502,712.33 ₽" in page

    @pytest.mark.parametrize(
        ("code", "given", "said"),
        [
            ("payment", {**LOAN, "sum": "much"}, "This is no number"),
            ("payment", {**LOAN, "sum": "0"}, "Not less than"),
            ("payment", {**LOAN, "rate": ""}, "This must be filled in"),
            ("payment", {**LOAN, "months": "601"}, "A whole number from 1 to 600"),
            ("payment", {**LOAN, "since": "31.02.2026"}, "A date needs day, month and year"),
            ("payment", {**LOAN, "rate": "1e9"}, "This is no number"),
            ("full", {"debt": "500000", "rate": "18", "paid_on": "2026-11-10", "on": "2026-12-10"}, "to 09.12.2026"),
            ("part", {**DEBT, "amount": "1", "on": "2026-11-21"}, "More than 2,712.33 ₽ and less than 502,712.33 ₽"),
            ("part", {**DEBT, "payment": "100", "amount": "9000", "on": "2026-11-21"}, "does not cover the interest"),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(self, ask, code, given, said):
        page = ask(code, given, status=422)
        assert said in page
        assert all(f'value="{value}"' in page for value in given.values())


@pytest.mark.feature("F07.10")
def test_what_was_told_stands_in_the_contact(client, ask, contact, elena):
    page = ask("payment", {**LOAN, "contact": str(contact.pk)})
    assert "Note it in the contact" in page
    url = reverse("loans:keep", args=["payment"])

    kept = client.post(url, {**LOAN, "contact": str(contact.pk)}, follow=True)

    assert "It stands in the notes of the contact." in kept.content.decode()
    told = "Loan payment. Loan of 100,000 ₽ at 12 %, 3 months: 34,002.21 ₽ a month"
    assert contact.notes.get().text.replace("\u00a0", " ").startswith(told)
    assert client.post(url, {**LOAN, "contact": ""}).status_code == 404
    assert client.post(url, {**LOAN, "rate": "?", "contact": str(contact.pk)}).status_code == 404
    assert client.get(reverse("loans:calculator", args=["lottery"])).status_code == 404


@pytest.mark.feature("F07.10")
def test_a_topic_opens_its_calculator_at_the_desk(client, olga, contact, loans):
    client.force_login(User.objects.get(pk=olga.id))
    topic = Topic.objects.create(project=loans, name={"en": "Payment"}, tool="loans.payment")

    chosen = client.post(reverse("desk:topics", args=[contact.pk]), {"topic": topic.pk}).content.decode()

    url = f"{reverse('loans:calculator', args=['payment'])}?contact={contact.pk}"
    assert f'<a href="{url}" data-tab data-open-now hidden>' in chosen
    assert f'<a class="btn btn-small" href="{url}" data-tab>' in chosen


def test_tools_are_for_those_who_may(olga, loans):
    topics = [Topic(project=loans, tool=code) for code in ("loans.full", "", "gone", "loans.full")]
    assert [one.code for one in tools_of(topics, olga)] == ["loans.full"]
    with translation.override("ru"):
        assert str(tools()["loans.full"].title) == "Полное досрочное погашение"
