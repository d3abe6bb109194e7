"""Cards of projects that somebody does not serve: neither told of on other cards nor merged into them."""

from __future__ import annotations

import pytest

from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import (
    list_duplicates,
    list_duplicates_of,
    list_merges,
    list_related_by,
    list_relations,
)
from perezvon.modules.customers.services import CannotMerge
from perezvon.modules.customers.tests.conftest import NOW
from perezvon.modules.customers.tests.test_pages import text_of
from perezvon.modules.customers.web.sections import merges

INN = "500100732259"


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
    def test_of_other_projects_are_not_told_of(self, olga, viktor, make, cards, smirnova):
        other = make("Чужая Елена")
        made = services.merge_customers(kept_id=smirnova.pk, gone_id=other.pk, take=[], by=viktor, now=NOW)
        assert [one["name"] for one in merges(smirnova, olga, NOW)["rows"]] == ["Чужая Елена"]

        Customer.objects.filter(pk=other.pk).update(project=cards)

        assert merges(smirnova, olga, NOW) is None
        assert list_merges(smirnova, by=viktor) == [made]


class TestMerging:
    @pytest.mark.parametrize("kept_is_everybodys", [True, False])
    def test_stops_at_the_border_of_a_project(self, viktor, make, loans, cards, kept_is_everybodys):
        kept = make("Смирнова Елена", inn=INN, project=None if kept_is_everybodys else loans)
        gone = make("Смирнова Елена", inn=INN, project=cards)

        with pytest.raises(CannotMerge) as error:
            services.merge_customers(kept_id=kept.pk, gone_id=gone.pk, take=[], by=viktor, now=NOW)

        assert error.value.facts["why"] == "projects"
        assert not Customer.objects.filter(merged_into__isnull=False).exists()

    def test_says_so(self, browse, viktor, make, smirnova, cards):
        other = make("Смирнова Елена", project=cards)

        page = browse(viktor).post(f"/customers/{smirnova.pk}/merge/{other.pk}/")

        assert page.status_code == 409
        assert "Cards of two projects cannot become one card." in text_of(page)

    def test_is_not_offered_across_one(self, viktor, make, loans, cards, system):
        one, other = (make("Смирнова Елена", inn=INN, project=loans) for _ in range(2))
        make("Смирнова Елена", inn=INN, project=cards)
        make("Смирнова Елена", inn=INN)
        assert services.find_duplicates(by=system, now=NOW) == 1
        assert len(list_duplicates(by=viktor)) == len(list_duplicates_of(one, by=viktor)) == 1

        Customer.objects.filter(pk=other.pk).update(project=cards)

        assert list_duplicates(by=viktor) == []
        assert list_duplicates_of(one, by=viktor) == []
