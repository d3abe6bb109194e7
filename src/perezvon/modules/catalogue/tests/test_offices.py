"""Offices by regions and settlements: changed by an administrator, in blueprints, found by words."""

from __future__ import annotations

import pytest

from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import Project, User
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.blueprint import export_offices, load_offices
from perezvon.modules.catalogue.models import Office, Region, Settlement
from perezvon.modules.catalogue.selectors import find_offices, list_offices, list_regions, list_settlements
from perezvon.modules.catalogue.tests.test_catalogue import BY, NOW, browser, text_of
from perezvon.project import blueprint

__all__ = ["browser"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> None:
    blueprint.load(blueprint.read("bank"), now=NOW)


@pytest.fixture
def tula() -> Settlement:
    region = Region.objects.create(code="tula_region", name={"en": "Tula region"})
    return Settlement.objects.create(code="tula", region=region, name={"en": "Tula"})


def typed(settlement: Settlement, **other: str) -> dict[str, str]:
    given = {
        "code": "tula_kremlin", "name_ru": "Кремлёвский", "name_en": "Kremlin office", "address_ru": "Садовая, 1",
        "address_en": "1 Sadovaya", "hours_en": "Mon–Fri 9–18", "phone": "+7 487 212-34-56", "zone": "Europe/Moscow",
        "settlement": str(settlement.pk), "project": "", "landmarks": "у фонтана",
    }  # fmt: skip
    return given | other


class TestPage:
    def test_lets_an_administrator_build_the_tree(self, browser):
        client = browser("information_administrator")
        assert "There are no offices yet." in text_of(client.get("/products/offices/"))

        client.post("/products/offices/regions/new/", {"code": "Tula_Region", "name_en": "Tula region"})
        region = Region.objects.get(code="tula_region")
        place = {"code": "tula", "name_ru": "Тула", "name_en": "Tula", "region": str(region.pk)}
        client.post("/products/offices/settlements/new/", place)
        client.post("/products/offices/new/", typed(Settlement.objects.get()))

        page = text_of(client.get("/products/offices/"))
        assert "Tula region" in page
        assert "Kremlin office tula_kremlin 1 Sadovaya Mon–Fri 9–18 all projects" in page
        office = Office.objects.get()
        client.post(f"/products/offices/{office.pk}/", typed(office.settlement, name_en="Fortress", version="1"))
        assert "Fortress tula_kremlin" in text_of(client.get("/products/offices/"))
        late = client.post(f"/products/offices/{office.pk}/", typed(office.settlement, version="1"))
        assert late.status_code == 409
        assert Change.objects.filter(table=Office._meta.db_table, row=str(office.pk), act="U").count() == 1

    @pytest.mark.parametrize(("level", "model"), [("region", Region), ("settlement", Settlement), ("office", Office)])
    def test_takes_each_level_out_of_use_and_brings_it_back(self, browser, tula, level, model):
        client = browser("information_administrator")
        client.post("/products/offices/new/", typed(tula))
        place = model.objects.get()

        client.post(f"/products/offices/{level}/{place.pk}/switch/")

        assert "out of use" in text_of(client.get("/products/offices/"))
        assert list_regions(None) == list_settlements(tula.region_id, None) == list_offices(tula.pk, None) == []
        client.post(f"/products/offices/{level}/{place.pk}/switch/", {"back": "1"})
        assert list_regions(None) == [tula.region]
        assert list_settlements(tula.region_id, None) == [tula]
        assert list_offices(tula.pk, None) == [Office.objects.get()]

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"code": "с кириллицей"}, "A key has small Latin letters"),
            ({"name_ru": "", "name_en": ""}, "Give it a name"),
            ({"address_ru": "", "address_en": " "}, "This must be filled in."),
            ({"phone": "twelve"}, "This is no telephone number"),
            ({"zone": "Europe/Tula"}, "Choose one from the list."),
            ({"hours_ru": "ч" * 201}, "No more than 200 letters fit."),
            ({"landmarks": "м" * 301}, "No more than 300 letters fit."),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(self, browser, tula, wrong, words):
        answer = browser("information_administrator").post("/products/offices/new/", typed(tula, **wrong))

        assert answer.status_code == 422
        assert words in text_of(answer)
        assert "Mon–Fri 9–18" in answer.content.decode()
        assert not Office.objects.exists()

    def test_knows_no_place_that_is_not_there(self, browser, tula):
        client = browser("information_administrator")

        assert client.get("/products/offices/999/").status_code == 404
        assert client.post("/products/offices/planet/1/switch/").status_code == 404
        assert client.post("/products/offices/new/", typed(tula) | {"settlement": "999"}).status_code == 404

    def test_is_closed_to_others(self, browser, tula):
        client = browser("operator")

        assert client.get("/products/offices/").status_code == 403
        assert client.post(f"/products/offices/settlement/{tula.pk}/switch/").status_code == 403
        with pytest.raises(NotAllowed):
            services.switch_region(region_id=tula.region_id, is_active=False, by=User.objects.get().actor(), now=NOW)


class TestBlueprint:
    def test_of_the_bank_ships_offices_and_they_load_again(self, bank):
        assert (Region.objects.count(), Office.objects.count()) == (4, 10)
        Settlement.objects.filter(code="gatchina").update(is_active=False)
        Office.objects.filter(code="nsk_ob").update(project=Project.objects.get(code="loans"))
        written = export_offices()

        versions = list(Office.objects.values_list("code", "version"))
        load_offices(written, BY, NOW)
        assert list(Office.objects.values_list("code", "version")) == versions
        for model in (Office, Settlement, Region):
            model.objects.all().delete()
        load_offices(written, BY, NOW)

        assert export_offices() == written
        assert not Settlement.objects.get(code="gatchina").is_active

    def test_offices_of_a_project_are_offered_in_it_alone(self, bank):
        loans = Project.objects.get(code="loans")
        office = Office.objects.get(code="nsk_ob")
        Office.objects.filter(pk=office.pk).update(project=loans)

        assert list_offices(office.settlement_id, loans.pk) == [office]
        assert list_offices(office.settlement_id, None) == []
        assert office.settlement.region not in list_regions(None)
        assert office.settlement.region in list_regions(loans.pk)

    @pytest.mark.feature("F14.02", partly="a search line where a visit is booked (appointments)")
    def test_offices_are_found_by_all_words_of_a_street_a_landmark_and_a_town(self, bank, browser):
        def found(text: str) -> list[str]:
            return [office.code for office in find_offices(text, by=BY, limit=5)]

        assert found("Липовая роща") == ["msk_lipovaya"]
        assert found("тагил музе") == ["tgl_gorn"]
        assert found("zelenograd library") == ["zel_vokzal"]
        assert found("тагил фонтан") == found("м") == []
        page = browser("information_administrator").get("/palette/?q=Обская")
        assert "Ob office" in text_of(page)
