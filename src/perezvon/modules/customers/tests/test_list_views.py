"""Saved views of the list of customers, and files made of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from urllib.parse import urlencode

import openpyxl
import pytest

from perezvon.foundation import clock
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.jobs.models import Job, State
from perezvon.foundation.jobs.services import results_folder, sweep_results, work_on
from perezvon.foundation.lists import exports, views
from perezvon.foundation.lists.asked import read_asked
from perezvon.foundation.lists.declare import get_list
from perezvon.foundation.lists.models import SavedView
from perezvon.foundation.people.models import Role
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.tests.conftest import user
from perezvon.modules.customers.tests.test_list import ask, names_of, text_of

ORLOV = {"where": json.dumps(["and", ["name", "starts", "орлов"]], ensure_ascii=False), "cols": "name,number"}


def save(browser, name: str, state: dict[str, str], **more: object):
    given = {"name": name, "state": urlencode(state)} | more
    return browser.post("/customers/views/", given, HTTP_HX_REQUEST="true")


@pytest.mark.feature("F30.04")
class TestViews:
    def test_keep_columns_order_and_filter_under_a_name(self, browse, olga, people):
        browser = browse(olga)

        saved = save(browser, "Контакты с Орловым", ORLOV)

        view = SavedView.objects.get(name="Контакты с Орловым")
        assert json.loads(saved["HX-Trigger"])["list:show"]["url"] == f"/customers/?view={view.pk}"
        page = ask(browser, view=view.pk)
        assert names_of(page) == ["Орлов"]
        assert "Date of birth" not in text_of(page).partition("Select")[2].partition("Орлов")[0]
        for word in ("Sort", "Filter", "Контакты с Орловым"):
            assert word in text_of(page)
        assert 'aria-label="Refresh"' in page.content.decode()

    def test_open_first_when_one_wants_it(self, browse, olga, people):
        browser = browse(olga)
        save(browser, "Мой", ORLOV, is_default="1")

        assert names_of(browser.get("/customers/")) == ["Орлов"]
        assert len(names_of(browser.get("/customers/?view=0"))) == 4
        assert len(names_of(browser.get(f"/customers/?{urlencode({'sort': '-name'})}"))) == 4

    def test_of_a_supervisor_open_first_for_a_role(self, browse, viktor, olga, people):
        operators = Role.objects.get(code="operator")
        save(browse(viktor), "Для операторов", ORLOV, shares="1", is_shared="1", roles=[operators.pk])

        assert names_of(browse(olga).get("/customers/")) == ["Орлов"]
        save(browse(olga), "Мой", {"sort": "-name"}, is_default="1")
        assert len(names_of(browse(olga).get("/customers/"))) == 4

    def test_are_nobody_elses_until_they_are_shared(self, browse, viktor, olga, people):
        save(browse(viktor), "Мой", ORLOV)
        view = SavedView.objects.get()
        assert browse(olga).get(f"/customers/?view={view.pk}").status_code == 404

        browse(viktor).post(
            "/customers/views/", {"name": "Общий", "view_id": view.pk, "state": urlencode(ORLOV), "shares": "1",
                                  "is_shared": "1"}
        )  # fmt: skip

        page = browse(olga).get(f"/customers/?view={view.pk}")
        assert names_of(page) == ["Орлов"]
        assert "Shared" in text_of(page)
        assert browse(olga).post(f"/customers/views/{view.pk}/delete/").status_code == 404

    def test_are_shared_by_those_with_the_right_only(self, browse, olga):
        save(browse(olga), "Мой", ORLOV, shares="1", is_shared="1")

        assert not SavedView.objects.get().is_shared

    def test_have_a_name_and_no_other_of_it(self, browse, olga):
        browser = browse(olga)
        save(browser, "Мой", ORLOV)

        assert "You already have a view with this name." in text_of(save(browser, "Мой", {}))
        assert "Give the view a name." in text_of(save(browser, "  ", {}))
        assert SavedView.objects.count() == 1

    def test_say_that_they_are_changed_and_take_the_change(self, browse, olga, people):
        browser = browse(olga)
        save(browser, "Мой", ORLOV)
        view = SavedView.objects.get()
        changed = {"view": view.pk, "sort": "-number"}
        assert "Save the changes" in text_of(ask(browser, **changed))

        browser.post(f"/customers/views/{view.pk}/", {"state": urlencode(ORLOV | changed)})

        view.refresh_from_db()
        assert view.state["sort"] == "-number"
        assert "Save the changes" not in text_of(ask(browser, view=view.pk))

    def test_a_link_shows_others_what_one_sees_also_without_the_view(self, browse, viktor, olga, people):
        save(browse(viktor), "Мой", ORLOV)
        view = SavedView.objects.get()
        link = browse(viktor).get(f"/customers/?view={view.pk}", HTTP_HX_REQUEST="true")["HX-Push-Url"]

        assert names_of(browse(olga).get(link)) == ["Орлов"]


class TestExport:
    def test_gives_the_shown_columns_and_the_found_rows(self, browse, viktor, people):
        state = urlencode({"cols": "name,birth_date,phone", "sort": "-name", "q": ""})

        answer = browse(viktor).post("/customers/export/", {"format": "xlsx", "state": state})

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0] == ("Full name", "Date of birth", "Telephone")
        assert [row[0].split()[0] for row in rows[1:]] == ["Смирнова", "Орлов", "Иванова", "Белов"]
        assert rows[2][1].date().isoformat() == "1980-10-12"
        assert rows[2][2] == "+79161111111"

    def test_is_written_down(self, browse, viktor, people):
        browse(viktor).post("/customers/export/", {"format": "csv"})

        record = CommandRecord.objects.get(name="lists.note_export")
        assert record.actor == viktor.key
        assert record.facts == {"list_id": "customers", "format_id": "csv"}
        assert record.result == {"value": 4}

    def test_runs_no_formula(self, browse, viktor, make):
        customer = make("Орлов Пётр")
        Customer.objects.filter(pk=customer.pk).update(
            region='=HYPERLINK("http://evil.example","x")', town="\t@SUM(A1)", segment="-2+3", source="+7"
        )
        state = urlencode({"cols": "region,town,segment,source,number"})
        browser = browse(viktor)

        text = browser.post("/customers/export/", {"format": "csv", "state": state}).content.decode("utf-8-sig")
        cells = list(csv.reader(io.StringIO(text)))[1]
        assert [cell[0] for cell in cells[:4]] == ["'"] * 4
        assert cells[4] == str(customer.number)
        book = browser.post("/customers/export/", {"format": "xlsx", "state": state}).content
        assert [cell.data_type for cell in openpyxl.load_workbook(io.BytesIO(book)).worksheets[0][2]] == list("ssssn")

    def test_masks_what_the_list_masks(self, browse, viktor, make):
        make("Орлов Пётр", snils="112-233-445 95")

        answer = browse(viktor).post("/customers/export/", {"format": "csv", "state": "cols=name,snils"})

        assert "95" in answer.content.decode()
        assert "445" not in answer.content.decode()

    def test_is_not_for_operators(self, browse, olga, people):
        assert browse(olga).post("/customers/export/", {"format": "csv"}).status_code == 403


@pytest.fixture
def big(monkeypatch):
    """Files of more than two rows are large."""
    monkeypatch.setattr(views, "AT_ONCE", 2)


class TestLargeExport:
    def test_is_a_job_with_a_file_at_its_end(self, browse, viktor, people, big):
        browser = browse(viktor)

        dialog = browser.post(
            "/customers/export/", {"format": "csv", "state": ORLOV_AND_OTHERS}, HTTP_HX_REQUEST="true"
        )
        job = Job.objects.get()
        assert f"/jobs/{job.pk}/" in dialog.content.decode()
        assert "Waiting" in text_of(browser.get(f"/jobs/{job.pk}/", HTTP_HX_REQUEST="true"))

        work_on(job.pk, now=clock.now)

        assert "is ready: 4 rows." in text_of(browser.get(f"/jobs/{job.pk}/"))
        file = b"".join(browser.get(f"/lists/files/{job.pk}/file/").streaming_content)
        assert file.decode("utf-8-sig").splitlines()[0] == "Full name,Number"
        assert len(file.decode().splitlines()) == 5
        assert CommandRecord.objects.filter(name="lists.note_download", actor=viktor.key).count() == 1
        assert "Customers" in text_of(browser.get("/lists/files/"))
        assert "Found: 1" in text_of(browser.get("/lists/files/?q=custom"))
        assert "Found: 0" in text_of(browser.get("/lists/files/?q=contacts"))

    def test_can_be_cancelled_under_way(self, browse, viktor, people, big, monkeypatch):
        browser = browse(viktor)
        browser.post("/customers/export/", {"format": "csv"})
        job = Job.objects.get()
        rows_of = exports.rows_of

        def cancelled_at_the_third(asked):
            for number, row in enumerate(rows_of(asked)):
                if number == 2:
                    browser.post(f"/jobs/{job.pk}/cancel/")
                yield row

        monkeypatch.setattr(exports, "rows_of", cancelled_at_the_third)
        moments = iter(clock.now() + timedelta(seconds=second) for second in range(1000))
        work_on(job.pk, now=lambda: next(moments))

        job.refresh_from_db()
        assert job.state == State.CANCELLED
        assert not list(results_folder().glob(f"{job.pk}*"))

    def test_reads_piece_by_piece_in_the_order_asked_for(self, browse, viktor, people, make, monkeypatch):
        """Who is deleted before his piece is read is left out; who moves meanwhile stands in the file once."""
        monkeypatch.setattr(exports, "_CHUNK", 3)
        for name in ("А", "Б", "Я"):
            make(f"{name}вдеев Иван")
        state = {"sort": "-name", "cols": "name"}
        asked = read_asked(state, get_list("customers"), Asking(viktor, clock.now(), long_dates=False))

        begun, found = exports.rows_of(asked), []
        found.append(next(begun)[0])
        Customer.objects.filter(pk=people["belov"].pk).update(deleted_at=clock.now())
        Customer.objects.filter(pk=people["smirnova"].pk).update(sort_key="а")
        found += [row[0] for row in begun]

        assert [name[:2] for name in found] == ["Яв", "См", "Ор", "Ив", "Бв", "Ав"]

    def test_of_another_person_is_not_there(self, browse, viktor, people, big, loans):
        browse(viktor).post("/customers/export/", {"format": "csv"})
        job = Job.objects.get()
        work_on(job.pk, now=clock.now)
        stranger = user("nina", "Ершова", "Нина", "supervisor", loans).actor()

        for url in (f"/jobs/{job.pk}/", f"/lists/files/{job.pk}/file/"):
            assert browse(stranger).get(url).status_code == 404
        assert browse(stranger).post(f"/jobs/{job.pk}/cancel/").status_code == 404

    def test_holds_what_the_person_may_see_when_it_is_written(self, browse, viktor, people, big):
        browse(viktor).post("/customers/export/", {"format": "csv"})
        job = Job.objects.get()
        Role.objects.filter(code="supervisor").update(rights=["customers.view"])

        work_on(job.pk, now=clock.now)

        job.refresh_from_db()
        assert (job.state, job.problem) == (State.FAILED, "perezvon.not_allowed")

    def test_is_kept_for_a_time(self, browse, viktor, people, big):
        browser = browse(viktor)
        browser.post("/customers/export/", {"format": "csv"})
        job = Job.objects.get()
        work_on(job.pk, now=clock.now)

        assert sweep_results(now=clock.now()) == 0
        assert sweep_results(now=clock.now() + timedelta(days=4)) == 1

        assert browser.get(f"/lists/files/{job.pk}/file/").status_code == 404
        assert "make it anew" in text_of(browser.get(f"/jobs/{job.pk}/"))
        sweep_results(now=clock.now() + timedelta(days=31))
        assert not Job.objects.exists()


ORLOV_AND_OTHERS = urlencode({"cols": "name,number"})
