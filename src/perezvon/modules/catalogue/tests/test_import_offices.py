"""A table of offices comes in, and goes again."""

from __future__ import annotations

import io

import pytest

from perezvon.foundation import clock
from perezvon.foundation.imports import services as imports
from perezvon.foundation.imports.models import Import
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import work_on
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import Office, Region, Settlement
from perezvon.modules.catalogue.services import PlaceWanted
from perezvon.modules.catalogue.tests.test_catalogue import BY, NOW, browser
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential

__all__ = ["browser"]

pytestmark = pytest.mark.django_db
HEAD = "Code;Region;Settlement;Office;Address;Hours;Phone"
KREMLIN = "tula_1;Tula region;Tula;Kremlin;1 Sadovaya;Mon-Fri 9-18;+7 487 212-34-56"
STATION = ";Tula region;Tula;Station;5 Mira;;"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS = tmp_path / "imports"
    settings.RESULTS = tmp_path / "results"


@pytest.fixture
def boss(browser):
    return browser("information_administrator")


def run_jobs() -> None:
    for job in Job.objects.filter(state="waiting").order_by("created_at"):
        work_on(job.pk, now=clock.now)


def bring(boss, *rows: str, **setup: str) -> Import:
    file = io.BytesIO("\n".join([HEAD, *rows]).encode())
    file.name = "offices.csv"
    answer = boss.post("/imports/new/", {"kind": "office", "file": file})
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    one = Import.objects.get(pk=answer.url.split("/")[2])
    one.setup |= setup
    one.save()
    assert boss.post(f"/imports/{one.pk}/start/").status_code == 302
    run_jobs()
    one.refresh_from_db()
    return one


def undo(one: Import) -> None:
    imports.undo_import(import_id=one.pk, by=one.owner.actor(), now=clock.now())
    run_jobs()


def test_regions_and_settlements_are_made_once_and_found_again(boss):
    services.save_region(region_id=None, version=0, wanted=PlaceWanted("tr", {"en": "Tula Region"}), by=BY, now=NOW)

    one = bring(boss, KREMLIN, STATION, ";Tula region;;No town;x;;", "Bad code!;Tula region;Tula;x;y;;", "t;;;;;;")

    assert one.totals == {"create": 2, "refuse": 3}
    assert (Region.objects.count(), Settlement.objects.count()) == (1, 1)
    kremlin, station = Office.objects.order_by("id")
    assert (kremlin.code, str(kremlin.settlement), kremlin.address_text) == ("tula_1", "Tula", "1 Sadovaya")
    assert (station.name["en"], station.zone) == ("Station", "Europe/Moscow")
    assert bring(boss, KREMLIN, STATION).totals == {"same": 2}

    again = bring(boss, "tula_1;;;;2 Sadovaya;;", on_match="overwrite")
    assert again.totals == {"change": 1}
    kremlin.refresh_from_db()
    assert (kremlin.address_text, kremlin.hours_text) == ("2 Sadovaya", "Mon-Fri 9-18")

    undo(again)
    kremlin.refresh_from_db()
    assert kremlin.address_text == "1 Sadovaya"
    undo(one)
    assert not Office.objects.exists()
    assert not Settlement.objects.exists()
    assert Region.objects.get().code == "tr"


def test_taken_back_leaves_an_office_that_serves_somebody(boss):
    one = bring(boss, KREMLIN, STATION)
    customer = register_potential(typed={"last_name": "Orlov", "phone_mobile": "89167000001"}, by=BY, now=NOW)
    Customer.objects.filter(pk=customer.pk).update(office=Office.objects.get(code="tula_1"))

    undo(one)

    assert [office.code for office in Office.objects.all()] == ["tula_1"]
