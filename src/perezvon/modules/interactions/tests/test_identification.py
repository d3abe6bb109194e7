from __future__ import annotations

from datetime import timedelta

import pytest

from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.selectors import find_by_phone
from perezvon.modules.interactions import services
from perezvon.modules.interactions.models import Identification, Interaction, Segment, State
from perezvon.modules.interactions.services import GateState
from perezvon.modules.interactions.tests.conftest import NOW, RIGHT, customer, operator, talk

WRONG = {"full_name": "Смирнова Ольга Павловна"}


def two_of(answers: dict[str, str]) -> dict[str, str]:
    return dict(list(answers.items())[:2])


def ask(contact, by, answers, whom=None):
    return services.ask(
        interaction_id=contact.pk, customer_id=whom or contact.customer_id, answers=answers, by=by, now=NOW
    )


class TestAsk:
    def test_two_right_answers_open_the_gate(self, contact, olga):
        assert services.gate(contact).state is GateState.OPEN

        ask(contact, olga, two_of(RIGHT))

        assert services.gate(contact).state is GateState.PASSED
        assert OutboxRow.objects.filter(topic="interactions.customer_identified").count() == 1

    def test_any_two_do_one_after_the_other(self, contact, olga):
        ask(contact, olga, {"code_word": "ромашка"})
        gate = services.gate(contact)
        assert (gate.state, gate.attempts_left, gate.right) == (GateState.OPEN, 3, {"code_word"})

        ask(contact, olga, {"address": "yes"})
        assert services.gate(contact).state is GateState.PASSED

    def test_what_was_asked_is_kept_without_the_answers(self, contact, olga):
        ask(contact, olga, WRONG | {"passport": "4509 123456"})

        row = Identification.objects.get()
        assert row.asked == [{"code": "full_name", "passed": False}, {"code": "passport", "passed": True}]
        assert (row.outcome, row.by_id, row.at) == ("failed", olga.id, NOW)
        kept = str(list(Identification.objects.values())) + str(list(OutboxRow.objects.values()))
        assert "Ольга" not in kept
        assert "123456" not in kept.replace(str(contact.pk), "")

    def test_three_failures_lock_it_and_nobody_can_go_on(self, contact, olga):
        for _ in range(3):
            ask(contact, olga, WRONG)

        gate = services.gate(contact)
        assert (gate.state, gate.attempts_left) == (GateState.LOCKED, 0)
        assert OutboxRow.objects.filter(topic="interactions.identification_locked").count() == 1
        with pytest.raises(services.IdentificationClosed):
            ask(contact, olga, RIGHT)
        assert services.gate(contact).state is GateState.LOCKED

    def test_another_customer_does_not_give_fresh_attempts(self, contact, olga):
        for _ in range(3):
            ask(contact, olga, WRONG)
        other = customer("Орлова", "89031112233")
        services.link_customer(interaction_id=contact.pk, customer_id=other.pk, by=olga, now=NOW)
        contact.refresh_from_db()

        assert services.gate(contact).state is GateState.LOCKED

    def test_being_identified_as_one_opens_nothing_of_another(self, contact, olga):
        ask(contact, olga, RIGHT)
        other = customer("Орлова", "89031112233")
        services.link_customer(interaction_id=contact.pk, customer_id=other.pk, by=olga, now=NOW)
        contact.refresh_from_db()

        assert services.gate(contact).state is GateState.OPEN
        with pytest.raises(services.NotIdentified):
            services.visible_products(contact, by=olga)

    def test_an_unclear_answer_spends_no_attempt(self, contact, olga):
        with pytest.raises(services.AnswerUnclear) as error:
            ask(contact, olga, {"passport": "123456"})

        assert error.value.facts == {"question": "passport"}
        assert services.gate(contact).attempts_left == 3

    def test_nothing_asked_is_nothing(self, contact, olga):
        assert ask(contact, olga, {"full_name": "", "address": ""}) is None
        assert not Identification.objects.exists()

    def test_only_for_the_customer_of_the_contact(self, contact, olga):
        other = customer("Орлова", "89031112233")

        with pytest.raises(services.OtherCustomer):
            ask(contact, olga, RIGHT, whom=other.pk)

    def test_not_when_the_contact_is_over(self, contact, olga):
        Interaction.objects.update(state=State.DONE)

        with pytest.raises(services.IdentificationClosed):
            ask(contact, olga, RIGHT)

    def test_not_without_the_right_nor_in_projects_not_seen(self, contact, loans):
        admin = User.objects.create_user(
            "admin", last_name="А", first_name="А", role=Role.objects.get(code="system_administrator")
        )
        with pytest.raises(NotAllowed):
            ask(contact, admin.actor(), RIGHT)
        stranger = operator("stranger", Project.objects.create(code="cards", number=102))
        with pytest.raises(NotFound):
            ask(contact, stranger, RIGHT)

    def test_the_questions_are_the_projects_and_the_cards(self, contact, loans, olga, elena):
        found = services.questions(contact, by=olga)
        assert [(question.code, question.is_typed, question.shown) for question in found] == [
            ("full_name", True, ""),
            ("passport", True, ""),
            ("code_word", True, ""),
            ("address", False, "г Москва, ул Лесная, д 5"),
        ]

        loans.settings = {"identification": {"need": 1, "attempts": 1, "questions": ["birth_date", "passport"]}}
        loans.save()
        fresh = Interaction.objects.get(pk=contact.pk)
        assert [question.code for question in services.questions(fresh, by=olga)] == ["passport"]
        ask(fresh, olga, {"passport": "4509123450"})
        assert services.gate(fresh).state is GateState.LOCKED


class TestProducts:
    def test_are_closed_until_the_customer_is_identified(self, contact, olga):
        with pytest.raises(services.NotIdentified) as error:
            services.visible_products(contact, by=olga)
        assert error.value.http_status == 403

        ask(contact, olga, two_of(RIGHT))
        assert [product.last4 for product in services.visible_products(contact, by=olga)] == ["5672"]

    def test_stay_open_for_whoever_takes_the_contact_over(self, contact, olga, ivan):
        ask(contact, olga, two_of(RIGHT))
        assert not services.may_see_products(contact, by=ivan)

        Segment.objects.create(id=uuid7(NOW), interaction=contact, kind="ring", agent_id=ivan.id, began_at=NOW)
        assert services.may_see_products(contact, by=ivan)

        Segment.objects.update(ended_at=NOW)
        Interaction.objects.update(agent=ivan.id)
        contact.refresh_from_db()
        assert services.may_see_products(contact, by=ivan)
        assert not services.may_see_products(contact, by=olga)

    def test_are_closed_in_the_next_contact_and_when_this_one_is_done(self, contact, loans, olga, elena):
        ask(contact, olga, two_of(RIGHT))
        later = talk(loans, olga, elena, NOW + timedelta(hours=1))
        assert not services.may_see_products(later, by=olga)

        contact.state = State.DONE
        contact.save()
        assert not services.may_see_products(contact, by=olga)

    def test_are_nobodys_in_a_contact_without_a_customer(self, loans, olga):
        with pytest.raises(services.NotIdentified):
            services.visible_products(talk(loans, olga, None), by=olga)

    def test_need_the_right(self, contact, olga):
        ask(contact, olga, two_of(RIGHT))
        Role.objects.filter(code="operator").update(rights=["interactions.view"])

        assert not services.may_see_products(contact, by=User.objects.get(pk=olga.id).actor())


class TestStandings:
    def test_whoever_has_something_open_is_the_likeliest_caller(self, loans, olga):
        """The order of UX.md §1.2: open, then latest contact, then the rest."""
        never, long_ago, lately, opened = (customer(name) for name in ("Архипова", "Белова", "Волкова", "Яшина"))
        for who, days, state in ((long_ago, 90, State.DONE), (lately, 1, State.DONE), (opened, 200, State.WRAP_UP)):
            began = NOW - timedelta(days=days)
            Interaction.objects.filter(pk=talk(loans, olga, who, began).pk).update(state=state, ended_at=began)
        talk(loans, olga, never)  # the call that rings now says nothing of him

        matches = find_by_phone("89161234567", by=olga).matches

        assert [match.customer for match in matches] == [opened, lately, long_ago, never]
        assert [match.has_open for match in matches] == [True, False, False, False]
        assert matches[1].last_contact_at == NOW - timedelta(days=1)

    def test_it_costs_one_query_more_for_contacts_and_one_for_cases(
        self, loans, olga, elena, django_assert_num_queries
    ):
        with django_assert_num_queries(3):
            find_by_phone("89161234567", by=olga)
