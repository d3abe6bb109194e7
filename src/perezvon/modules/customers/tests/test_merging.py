"""Two cards of one person: found, merged, and two again."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perezvon.foundation.search.models import SearchEntry
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.customers import services
from perezvon.modules.customers.models import (
    Address,
    CardType,
    ContactPoint,
    Customer,
    Document,
    Duplicate,
    Merge,
    MergeMove,
    ProductHeld,
    Relation,
)
from perezvon.modules.customers.selectors import find_by_phone, get_customer, list_duplicates, look_alikes
from perezvon.modules.customers.services import CannotMerge, CannotUndo
from perezvon.modules.customers.tests.conftest import NOW, hold
from tests.support import eventually

ROWS = (ContactPoint, Document, Address, ProductHeld)


@pytest.fixture
def pair(make):
    """Elena twice: registered by telephone, and again at an office after her wedding."""
    first = make(
        "Смирнова Елена", phone_mobile="8 916 123-45-67", passport="4509 123456", source="Сайт", workplace="Вега"
    )
    second = make(
        "Орлова Елена Павловна",
        phone_mobile="8 916 123-45-67",
        phone_home="8 495 111-22-33",
        passport="4510 654321",
        birth_date="14.05.1981",
        source="Офис",
    )
    return first, second


def merge(pair, by, take=()):
    return services.merge_customers(kept_id=pair[0].pk, gone_id=pair[1].pk, take=take, by=by, now=NOW)


def picture(*customers: Customer) -> list[object]:
    """All that can be seen of them in the database."""
    keys = [customer.pk for customer in customers]
    cards = list(Customer.objects.filter(pk__in=keys).order_by("pk").values())
    for card in cards:
        del card["version"]
    rows = [list(model.objects.filter(customer__in=keys).order_by("pk").values()) for model in ROWS]
    relations = list(Relation.objects.filter(customer__in=keys).order_by("pk").values("customer", "other", "kind"))
    found = list(SearchEntry.objects.filter(key__in=keys).order_by("key").values_list("key", "text"))
    return [cards, *rows, relations, found]


class TestMerge:
    @pytest.mark.feature("X.24")
    def test_one_card_has_what_both_had(self, pair, ksenia):
        kept, gone = pair
        hold(gone, "card", "4111111111111111")

        merge(pair, ksenia, take=["last_name"])

        kept = get_customer(kept.pk, by=ksenia)
        assert (kept.full_name, str(kept.birth_date), kept.workplace) == ("Орлова Елена Павловна", "1981-05-14", "Вега")
        assert kept.source == "Сайт; Офис"
        assert sorted(kept.points.filter(kind="phone").values_list("digits", "is_main")) == [
            ("74951112233", False),
            ("79161234567", True),
        ]
        assert list(kept.documents.values_list("number", "is_current")) == [("4509123456", True), ("4510654321", False)]
        assert kept.products.count() == 1
        gone.refresh_from_db()
        assert (gone.deleted_at, gone.merged_into_id) == (NOW, kept.pk)
        assert [match.customer.pk for match in find_by_phone("+74951112233", by=ksenia).matches] == [kept.pk]

    def test_what_is_not_taken_stays(self, pair, ksenia):
        merge(pair, ksenia)

        assert get_customer(pair[0].pk, by=ksenia).last_name == "Смирнова"

    def test_the_stricter_card_type_holds(self, pair, ksenia):
        Customer.objects.filter(pk=pair[0].pk).update(card_type=CardType.INTERNET)
        Customer.objects.filter(pk=pair[1].pk).update(card_type=CardType.CLIENT)

        merge(pair, ksenia)

        assert get_customer(pair[0].pk, by=ksenia).card_type == CardType.CLIENT

    def test_a_relation_to_the_other_card_does_not_become_one_to_oneself(self, pair, make, ksenia):
        husband = make("Орлов Пётр")
        for one, other in itertools.product(pair, [husband]):
            services.relate(customer_id=one.pk, other_id=other.pk, kind="spouse", by=ksenia, now=NOW)
        services.relate(customer_id=pair[0].pk, other_id=pair[1].pk, kind="other", by=ksenia, now=NOW)

        merge(pair, ksenia)

        assert [relation.kind for relation in Relation.objects.filter(customer=pair[0], other=husband)] == ["spouse"]
        assert not Relation.objects.filter(customer=pair[0], other=pair[0]).exists()

    def test_a_company_and_a_person_are_never_one(self, pair, ksenia):
        Customer.objects.filter(pk=pair[1].pk).update(kind="company", company_name="Вега")

        with pytest.raises(CannotMerge):
            merge(pair, ksenia)
        with pytest.raises(CannotMerge):
            merge((pair[0], pair[0]), ksenia)
        assert not Customer.objects.filter(merged_into__isnull=False).exists()

    @pytest.mark.feature("F01.33")
    def test_leaves_personal_data_of_a_client_to_their_source(self, pair, browse, ksenia):
        Customer.objects.filter(pk=pair[0].pk).update(card_type=CardType.CLIENT)
        page = browse(ksenia).get(f"/customers/{pair[0].pk}/merge/{pair[1].pk}/").content.decode()
        assert 'name="last_name"' not in page

        made = merge(pair, ksenia, take=["last_name"])

        kept = get_customer(pair[0].pk, by=ksenia)
        assert (kept.full_name, kept.birth_date, kept.source) == ("Смирнова Елена", None, "Сайт; Офис")
        assert kept.points.filter(digits="74951112233").exists()
        assert {*made.before} == {"source"}

    def test_of_a_client_by_his_source_takes_all(self, pair, system):
        Customer.objects.filter(pk=pair[0].pk).update(card_type=CardType.CLIENT)

        merge(pair, system, take=["last_name"])

        assert get_customer(pair[0].pk, by=system).full_name == "Орлова Елена Павловна"

    def test_is_not_for_operators(self, pair, olga):
        with pytest.raises(NotAllowed):
            merge(pair, olga)


class TestUndo:
    def test_makes_two_again(self, pair, ksenia):
        hold(pair[1], "card", "4111111111111111")
        before = picture(*pair)
        made = merge(pair, ksenia, take=["last_name", "source"])

        undone = services.undo_merge(merge_id=made.pk, by=ksenia, now=NOW + timedelta(days=29))

        assert undone.left == []
        assert picture(*pair) == before

    def test_leaves_what_was_changed_since_and_says_so(self, pair, ksenia):
        made = merge(pair, ksenia, take=["last_name"])
        kept = get_customer(pair[0].pk, by=ksenia)
        services.update_customer(
            customer_id=kept.pk, version=kept.version, typed={"last_name": "Петрова"}, by=ksenia, now=NOW
        )
        home = ContactPoint.objects.get(customer=kept, use="home")
        moved = MergeMove.objects.get(
            merge=made, table="customers_contactpoint", column="customer_id", row=str(home.pk)
        )
        home.delete()

        undone = services.undo_merge(merge_id=made.pk, by=ksenia, now=NOW)

        assert get_customer(kept.pk, by=ksenia).last_name == "Петрова"
        assert {"field": "last_name"} in undone.left
        assert {"table": "customers_contactpoint", "row": moved.row} in undone.left
        assert get_customer(pair[1].pk, by=ksenia).last_name == "Орлова"

    def test_is_possible_for_thirty_days_and_once(self, pair, ksenia):
        made = merge(pair, ksenia)

        with pytest.raises(CannotUndo):
            services.undo_merge(merge_id=made.pk, by=ksenia, now=NOW + timedelta(days=30, seconds=1))
        services.undo_merge(merge_id=made.pk, by=ksenia, now=NOW)
        with pytest.raises(CannotUndo):
            services.undo_merge(merge_id=made.pk, by=ksenia, now=NOW)

    @pytest.mark.django_db(transaction=True)
    def test_happens_once_however_fast_somebody_clicks(self, pair, ksenia):
        made = merge(pair, ksenia)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                list(Customer.objects.select_for_update().filter(pk__in=[one.pk for one in pair]))
                second = pool.submit(undo_elsewhere, made, ksenia)
                eventually(somebody_waits_for_us)
                services.undo_merge(merge_id=made.pk, by=ksenia, now=NOW)
            with pytest.raises(CannotUndo) as error:
                second.result(timeout=10)

        assert error.value.facts["why"] == "done"
        assert Merge.objects.get(pk=made.pk).left == []

    def test_goes_backwards_through_a_chain(self, pair, make, ksenia):
        third = make("Смирнова Елена Третья")
        first = merge(pair, ksenia)
        second = merge((third, pair[0]), ksenia)

        with pytest.raises(CannotUndo):
            services.undo_merge(merge_id=first.pk, by=ksenia, now=NOW)
        services.undo_merge(merge_id=second.pk, by=ksenia, now=NOW)
        services.undo_merge(merge_id=first.pk, by=ksenia, now=NOW)

        assert Customer.objects.filter(deleted_at=None, pk__in=[pair[0].pk, pair[1].pk, third.pk]).count() == 3


def undo_elsewhere(made: Merge, by) -> Merge:
    """On this thread's own connection, which is closed again."""
    try:
        return services.undo_merge(merge_id=made.pk, by=by, now=NOW)
    finally:
        connection.close()


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)) LIMIT 1"
        )
        return cursor.fetchone() is not None


PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "last_name": st.sampled_from(["Смирнова", "Орлова"]),
        "middle_name": st.sampled_from(["Павловна", "Петровна"]),
        "birth_date": st.sampled_from(["14.05.1981", "01.01.1990"]),
        "inn": st.just("500100732259"),
        "workplace": st.sampled_from(["Вега", "Лира"]),
        "source": st.sampled_from(["Сайт", "Офис"]),
        "passport": st.sampled_from(["4509 123456", "4510 654321"]),
        "phone_mobile": st.sampled_from(["8 916 123-45-67", "8 916 000-00-00"]),
        "phone_home": st.just("8 495 111-22-33"),
        "address_actual": st.sampled_from(["Тула", "Тверь"]),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=PEOPLE, other=PEOPLE, take=st.sets(st.sampled_from(["last_name", "birth_date", "workplace", "source"])))
def test_merging_and_undoing_is_nothing(one, other, take, system, db):
    """Whatever the two cards hold and whatever is taken, undoing at once gives both back as they were."""
    with transaction.atomic():
        pair = [
            services.register_potential(
                typed={"first_name": "Елена", "email": f"e{number}@mail.example", **typed}, by=system, now=NOW
            )
            for number, typed in enumerate((one, other))
        ]
        before = picture(*pair)

        made = merge(pair, system, take=take)
        kept = Customer.objects.get(pk=pair[0].pk)
        for name in ("birth_date", "inn", "workplace"):
            assert bool(getattr(kept, name)) == any(name in typed for typed in (one, other))
        undone = services.undo_merge(merge_id=made.pk, by=system, now=NOW)

        assert undone.left == []
        assert picture(*pair) == before
        transaction.set_rollback(True)


class TestDuplicates:
    def test_are_found_by_what_agrees(self, make, system, ksenia):
        one = make("Смирнова Елена", snils="112-233-445 95", phone_mobile="8 916 123-45-67")
        other = make("Смирнова Елена", snils="112-233-445 95", phone_mobile="8 916 123-45-67")
        make("Смирнов Пётр", phone_mobile="8 916 123-45-67")

        assert services.find_duplicates(by=system, now=NOW) == 1
        assert services.find_duplicates(by=system, now=NOW) == 0

        (found,) = list_duplicates(by=ksenia)
        assert {found.one_id, found.other_id} == {one.pk, other.pk}
        assert found.reasons == ["phone", "snils"]

    def test_of_two_types_stay_apart(self, make, system):
        for card_type in ("internet", "chat"):
            make("Смирнова Елена", inn="500100732259", card_type=card_type)

        assert services.find_duplicates(by=system, now=NOW) == 0

    def test_somebody_says_they_are_two(self, make, system, ksenia):
        one, other = make("Смирнова Елена", inn="500100732259"), make("Смирнова Ольга", inn="500100732259")
        services.find_duplicates(by=system, now=NOW)

        services.dismiss_duplicate(one_id=other.pk, other_id=one.pk, by=ksenia, now=NOW)
        services.find_duplicates(by=system, now=NOW)

        assert list_duplicates(by=ksenia) == []
        assert Duplicate.objects.count() == 1

    def test_while_typing_the_strongest_comes_first(self, make, olga):
        weak = make("Орлова Анна", email="box@mail.example")
        strong = make("Смирнова Елена Павловна", inn="500100732259", email="BOX@mail.example")

        found = look_alikes({"inn": "500100732259", "email": "box@mail.example"}, by=olga)

        assert [(one.customer.pk, one.reasons) for one in found] == [
            (strong.pk, ("inn", "email")),
            (weak.pk, ("email",)),
        ]

    def test_of_a_project_that_is_not_his_nobody_hears(self, make, cards, olga):
        make("Смирнова Елена", inn="500100732259", project=cards)

        assert look_alikes({"inn": "500100732259"}, by=olga) == []
