"""Cards of projects that somebody does not serve are not told of on other cards."""

from __future__ import annotations

import pytest

from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import list_merges, list_related_by, list_relations
from perezvon.modules.customers.tests.conftest import NOW


@pytest.fixture
def smirnova(make):
    return make("Смирнова Елена Павловна")


class TestLinkedCards:
    @pytest.fixture
    def stranger(self, make, cards, smirnova, system):
        stranger = make("Чужой Ян", project=cards, position="Касса")
        for one, other in ((smirnova, stranger), (stranger, smirnova)):
            services.relate(customer_id=one.pk, other_id=other.pk, kind="spouse", note="Тайна", by=system, now=NOW)
        return stranger

    @pytest.mark.parametrize("end", ["", "block/relations/"])
    def test_of_other_projects_are_not_told_of(self, browse, olga, smirnova, stranger, end):
        page = browse(olga).get(f"/customers/{smirnova.pk}/{end}")

        assert page.status_code == 200
        assert not [word for word in ("Чужой", "Касса", "Тайна") if word in page.content.decode()]

    def test_of_ones_own_are_one_query_each_way(
        self, olga, viktor, make, loans, smirnova, stranger, system, django_assert_num_queries
    ):
        husband = make("Смирнов Пётр", project=loans)
        services.relate(customer_id=smirnova.pk, other_id=husband.pk, kind="relative", by=system, now=NOW)

        with django_assert_num_queries(2):
            assert [one.other for one in list_relations(smirnova, by=olga)] == [husband]
            assert list_related_by(smirnova, by=olga) == []
        assert [one.other for one in list_relations(smirnova, by=viktor)] == [husband, stranger]
        assert [one.customer for one in list_related_by(smirnova, by=viktor)] == [stranger]


class TestMergedCards:
    def test_of_other_projects_are_not_told_of(self, browse, ksenia, viktor, make, cards, smirnova):
        other = make("Чужая Елена")
        made = services.merge_customers(kept_id=smirnova.pk, gone_id=other.pk, take=[], by=viktor, now=NOW)
        assert list_merges(smirnova, by=ksenia) == [made]

        Customer.objects.filter(pk=other.pk).update(project=cards)

        assert list_merges(smirnova, by=ksenia) == []
        assert list_merges(smirnova, by=viktor) == [made]
        page = browse(ksenia).get(f"/customers/{smirnova.pk}/")
        assert "Чужая" not in page.content.decode()
