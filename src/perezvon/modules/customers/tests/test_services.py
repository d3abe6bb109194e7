from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import intent
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.search.models import SearchEntry
from perezvon.foundation.search.services import rebuild
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer, Kind, Status
from perezvon.modules.customers.selectors import (
    NoSuchCustomer,
    code_word_fits,
    find_by_phone,
    get_customer,
    list_journal,
)
from perezvon.modules.customers.selectors.search import Asked, search
from perezvon.modules.customers.services import FieldsWrong, Outdated
from perezvon.modules.customers.tests.conftest import NOW

FULL = {
    "last_name": " смирнова ",
    "first_name": "Елена",
    "middle_name": "Павловна",
    "sex": "f",
    "birth_date": "14.05.1981",
    "birth_country": "Россия",
    "birth_place": "Тула",
    "inn": "500100732259",
    "snils": "112-233-445 95",
    "passport": "4509 123456",
    "passport_issued_on": "20.06.2010",
    "passport_issuer": "ОВД",
    "passport_code": "770045",
    "phone_mobile": "8 916 123-45-67",
    "phone_work": "8 495 123-45-67 доб. 12",
    "email": "e.smirnova@mail.example",
    "address_registered": "г Москва, ул Лесная, д 5",
    "workplace": "ООО «Вега»",
    "code_word": "Ромашка",
}


@pytest.fixture
def smirnova(olga):
    return services.register_potential(typed=FULL, by=olga, now=NOW)


def problems_of(error) -> dict[str, str]:
    return {field: problem.code for field, problem in error.value.facts["problems"].items()}


class TestRegister:
    def test_keeps_what_was_typed_in_the_form_it_is_kept_in(self, smirnova, olga):
        smirnova.refresh_from_db()

        assert (smirnova.full_name, smirnova.sort_key) == ("смирнова Елена Павловна", "смирнова елена павловна")
        assert (smirnova.status, smirnova.birth_date, smirnova.created_by_id) == (
            Status.POTENTIAL,
            date(1981, 5, 14),
            olga.id,
        )
        assert (smirnova.inn, smirnova.snils) == ("500100732259", "11223344595")
        document = smirnova.documents.get()
        assert (document.number, document.issuer_code) == ("4509123456", "770-045")
        assert list(smirnova.points.values_list("use", "digits", "extension", "is_main")) == [
            ("mobile", "79161234567", "", True),
            ("work", "74951234567", "12", False),
            ("contact", "", "", False),
        ]
        assert smirnova.addresses.get().text == "г Москва, ул Лесная, д 5"

    def test_he_is_found_at_once(self, smirnova, olga):
        assert [row.id for row in search(Asked(name="Смирнова Елена"), by=olga).rows] == [smirnova.pk]
        assert find_by_phone("89161234567", by=olga).only == smirnova

    def test_all_that_is_wrong_is_said_at_its_field(self, olga):
        wrong = {"last_name": "Смирн0ва", "inn": "7707083894", "email": "a@b", "birth_date": "1.1.2030", "sex": "x"}

        with pytest.raises(FieldsWrong) as error:
            services.register_potential(typed=wrong, by=olga, now=NOW)

        assert problems_of(error) == {
            "last_name": "name.signs",
            "inn": "inn.checksum",
            "email": "email.form",
            "birth_date": "birth_date.future",
            "sex": "choice.unknown",
        }
        assert not Customer.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "problems"),
        [
            ({}, {"last_name": "name.missing", "phone_contact": "contact.missing"}),
            ({"first_name": "Ян", "phone_mobile": "12"}, {"phone_mobile": "phone.form"}),
            ({"kind": "company", "phone_work": "84951234567"}, {"company_name": "company_name.missing"}),
            (
                {"first_name": "Ян", "middle_name": "Ильич", "no_middle_name": "on", "email": "a@b.example"},
                {"middle_name": "middle_name.contradiction"},
            ),
        ],
        ids=["nothing", "no number", "a company without a name", "a middle name that is not there"],
    )
    def test_what_must_be_there(self, olga, typed, problems):
        with pytest.raises(FieldsWrong) as error:
            services.register_potential(typed=typed, by=olga, now=NOW)

        assert problems_of(error) == problems

    def test_no_middle_name_is_not_the_same_as_an_unknown_one(self, olga):
        typed = {"last_name": "Ли", "no_middle_name": "on", "phone_mobile": "89161234567"}

        assert services.register_potential(typed=typed, by=olga, now=NOW).no_middle_name
        assert not services.register_potential(typed=typed | {"no_middle_name": ""}, by=olga, now=NOW).no_middle_name

    def test_others_hear_of_it(self, smirnova):
        row = OutboxRow.objects.get(topic="customers.registered")

        assert row.body == {"customer_id": str(smirnova.pk)}

    def test_a_click_sent_twice_makes_one_card(self, olga):
        for _ in range(2):
            with intent(command_id=UUID(int=7)):
                services.register_potential(typed=FULL, by=olga, now=NOW)

        assert Customer.objects.count() == 1

    def test_not_in_projects_he_does_not_see(self, olga, cards):
        with pytest.raises(NotFound):
            services.register_potential(typed=FULL, by=olga, now=NOW, project_id=cards.pk)


class TestQuasi:
    def test_a_project_has_one_unknown_caller(self, olga, loans):
        first = services.quasi_customer(project_id=loans.pk, by=olga, now=NOW)

        assert services.quasi_customer(project_id=loans.pk, by=olga, now=NOW) == first
        assert (first.kind, first.project_id) == (Kind.QUASI, loans.pk)

    def test_nobody_edits_him(self, ksenia, loans):
        quasi = services.quasi_customer(project_id=loans.pk, by=ksenia, now=NOW)

        with pytest.raises(NoSuchCustomer):
            services.update_customer(customer_id=quasi.pk, version=1, typed={"last_name": "Я"}, by=ksenia, now=NOW)


class TestUpdate:
    def test_changes_the_fields_given_and_no_others(self, smirnova, ksenia):
        typed = {"last_name": "Орлова", "passport": "4526 654321", "address_registered": "г Тула", "snils": ""}
        services.update_customer(customer_id=smirnova.pk, version=1, typed=typed, by=ksenia, now=NOW)

        smirnova.refresh_from_db()
        assert (smirnova.full_name, smirnova.snils, smirnova.inn) == ("Орлова Елена Павловна", "", "500100732259")
        assert (smirnova.documents.get().number, smirnova.documents.get().issuer) == ("4526654321", "ОВД")
        assert smirnova.addresses.get().text == "г Тула"
        assert smirnova.version == 2
        assert [row.id for row in search(Asked(name="Орлова"), by=ksenia).rows] == [smirnova.pk]
        assert search(Asked(name="Смирнова"), by=ksenia).total == 0

    def test_those_who_look_at_the_card_are_told(self, smirnova, ksenia):
        services.update_customer(customer_id=smirnova.pk, version=1, typed={"town": "Тула"}, by=ksenia, now=NOW)

        row = OutboxRow.objects.get(topic="live")
        assert row.body == {"kind": "customer", "id": str(smirnova.pk), "version": 2}
        assert row.audience == [f"record:customer:{smirnova.pk}"]

    def test_an_older_version_is_refused_with_what_differs(self, smirnova, ksenia):
        update = services.update_customer
        update(customer_id=smirnova.pk, version=1, typed={"town": "Тула", "region": "Тульская обл"}, by=ksenia, now=NOW)

        typed = {"town": "Орёл", "region": "Тульская обл", "sex": "f"}
        with pytest.raises(Outdated) as error:
            update(customer_id=smirnova.pk, version=1, typed=typed, by=ksenia, now=NOW)

        assert error.value.http_status == 409
        assert error.value.facts == {"version": 2, "differences": {"town": ("Тула", "Орёл")}}
        smirnova.refresh_from_db()
        assert smirnova.town == "Тула"

    def test_nothing_changed_is_nothing(self, smirnova, ksenia):
        services.update_customer(customer_id=smirnova.pk, version=9, typed={"sex": "f"}, by=ksenia, now=NOW)

        smirnova.refresh_from_db()
        assert smirnova.version == 1

    def test_a_name_must_remain(self, smirnova, ksenia):
        nameless = {"last_name": "", "first_name": "", "middle_name": ""}
        with pytest.raises(FieldsWrong) as error:
            services.update_customer(customer_id=smirnova.pk, version=1, typed=nameless, by=ksenia, now=NOW)

        assert problems_of(error) == {"last_name": "name.missing"}

    def test_a_plain_operator_may_not(self, smirnova, olga):
        with pytest.raises(NotAllowed):
            services.update_customer(customer_id=smirnova.pk, version=1, typed={"town": "Тула"}, by=olga, now=NOW)

    def test_the_journal_says_who_what_and_why(self, smirnova, ksenia):
        with intent(why="вышла замуж"):
            typed = {"last_name": "Орлова", "passport": "4526654321"}
            services.update_customer(customer_id=smirnova.pk, version=1, typed=typed, by=ksenia, now=NOW)

        lines = [(line.field, line.before, line.after, line.by, line.why) for line in list_journal(smirnova, by=ksenia)]
        assert ("last_name", "смирнова", "Орлова", "Белова К.", "вышла замуж") in lines
        assert ("document.number", "•• •• ••••56", "•• •• ••••21", "Белова К.", "вышла замуж") in lines
        assert ("created", "", "", "Иванова О.", "") in lines
        assert not any("code_word" in line[0] or "sort" in line[0] for line in lines)

    def test_the_journal_costs_seven_queries(self, smirnova, ksenia, django_assert_num_queries):
        with django_assert_num_queries(7):
            list_journal(smirnova, by=ksenia)


class TestContactPoints:
    def test_a_number_is_added_once(self, smirnova, olga):
        for text in ("8 903 111-22-33", "+7 (903) 111 22 33"):
            services.add_point(customer_id=smirnova.pk, use="home", text=text, by=olga, now=NOW)

        assert smirnova.points.filter(digits="79031112233").count() == 1
        assert find_by_phone("9031112233", by=olga).only == smirnova

    def test_a_number_is_corrected_and_the_old_one_stays_in_the_journal(self, smirnova, ksenia):
        point = smirnova.points.get(use="mobile")
        services.change_point(point_id=point.pk, text="8 916 765-43-21", by=ksenia, now=NOW)

        assert find_by_phone("89161234567", by=ksenia).kind == "none"
        line = list_journal(smirnova, by=ksenia)[0]
        assert (line.field, line.before, line.after) == ("contactpoint.raw", "8 916 123-45-67", "8 916 765-43-21")

    def test_a_number_is_struck_for_a_reason_only(self, smirnova, olga):
        point = smirnova.points.get(use="mobile")
        with pytest.raises(FieldsWrong) as error:
            services.strike_point(point_id=point.pk, reason="", by=olga, now=NOW)
        assert problems_of(error) == {"reason": "reason.missing"}

        services.strike_point(point_id=point.pk, reason="unused", by=olga, now=NOW)
        point.refresh_from_db()
        assert (point.struck_reason, point.is_main) == ("unused", False)

        services.restore_point(point_id=point.pk, by=olga, now=NOW)
        assert not smirnova.points.exclude(struck_reason="").exists()

    def test_one_number_is_the_main_one(self, smirnova, olga):
        work = smirnova.points.get(use="work")
        services.set_main_point(point_id=work.pk, by=olga, now=NOW)

        assert list(smirnova.points.filter(is_main=True)) == [work]
        services.strike_point(point_id=work.pk, reason="wrong", by=olga, now=NOW)
        with pytest.raises(FieldsWrong):
            services.set_main_point(point_id=work.pk, by=olga, now=NOW)

    def test_points_of_cards_he_may_not_see_are_not_there(self, make, olga, cards):
        stranger = make("Чужой Ян", project=cards, phone_mobile="89161234567")

        with pytest.raises(NoSuchCustomer):
            services.strike_point(point_id=stranger.points.first().pk, reason="wrong", by=olga, now=NOW)
        with pytest.raises(NotFound):
            services.strike_point(point_id=0, reason="wrong", by=olga, now=NOW)


class TestSecrets:
    @pytest.mark.parametrize(("said", "fits"), [("ромашка", True), (" РОМАШКА", True), ("роза", False), ("", False)])
    def test_a_code_word_is_checked(self, smirnova, said, fits):
        assert code_word_fits(smirnova, said) is fits

    def test_it_is_nowhere_to_be_read(self, smirnova, ksenia):
        services.set_code_word(customer_id=smirnova.pk, word="Черёмуха", by=ksenia, now=NOW)

        customer = get_customer(smirnova.pk, by=ksenia)
        assert code_word_fits(customer, "черемуха")
        assert not code_word_fits(customer, "ромашка")
        assert len(customer.code_word) == 64
        facts = [str(record.facts) + str(record.result) for record in CommandRecord.objects.all()]
        assert not any("черемуха" in fact.lower() for fact in facts)

    def test_the_same_word_of_two_customers_has_two_keys(self, smirnova, make):
        other = make("Орлова Елена", code_word="ромашка")

        assert other.code_word != smirnova.code_word

    def test_revealing_is_logged_without_the_value(self, smirnova, ksenia):
        revealed = services.unmask(customer_id=smirnova.pk, field_id="passport", by=ksenia, now=NOW)

        assert revealed.text == "45 09 123456"
        record = CommandRecord.objects.get(name="customers.unmask")
        assert (record.actor, record.facts) == (
            ksenia.key,
            {"customer_id": str(smirnova.pk), "field_id": "passport"},
        )
        assert record.result is None

    def test_revealing_needs_a_right_and_a_masked_field(self, smirnova, olga, ksenia):
        with pytest.raises(NotAllowed):
            services.unmask(customer_id=smirnova.pk, field_id="passport", by=olga, now=NOW)
        with pytest.raises(NotFound):
            services.unmask(customer_id=smirnova.pk, field_id="code_word", by=ksenia, now=NOW)


def test_the_index_can_be_made_anew(smirnova, olga, loans):
    services.quasi_customer(project_id=loans.pk, by=olga, now=NOW)
    SearchEntry.objects.all().delete()

    assert rebuild("customer") == 1
    assert search(Asked(name="Смирнова"), by=olga).total == 1
