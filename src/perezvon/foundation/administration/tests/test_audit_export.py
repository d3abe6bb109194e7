"""The audit as a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from perezvon.foundation import clock
from perezvon.foundation.administration import audit_export, audit_page
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import intent
from perezvon.foundation.jobs.models import Job, State
from perezvon.foundation.jobs.services import work_on
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Role, User
from perezvon.foundation.people.services import UserDetails

pytestmark = pytest.mark.django_db
PAGE = "/admin/audit/export/"


@pytest.fixture
def anna() -> User:
    role = Role.objects.get(code="system_administrator")
    return User.objects.create(login="anna", last_name="Orlova", first_name="Anna", language="en", role=role)


@pytest.fixture
def browser(anna: User) -> Client:
    client = Client()
    client.force_login(anna)
    return client


def rename(anna: User, times: int = 1) -> User:
    user = User.objects.create(login="olga", last_name="Belova", role=Role.objects.get(code="operator"))
    for number in range(times):
        user.refresh_from_db()
        who = UserDetails("olga", user.role, last_name="Belova", position=f"=cmd {number}")
        with intent(why="asked"):
            services.update_user(user_id=user.pk, version=user.version, who=who, by=anna.actor(), now=clock.now())
    return user


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_holds_what_the_page_is_narrowed_to_and_is_written_down(anna, browser):
    olga = rename(anna)
    asked = f"table=people_user&row={olga.pk}&command=people.update_user"

    rows = rows_of(browser.post(PAGE, {"format": "csv", "state": asked}))

    position = next(row for row in rows if row["Column"] == "Position")
    assert (position["Who"], position["What"], position["Done"]) == ("Orlova A.", "Changed a user", "changed")
    assert (position["Before"], position["After"], position["Why"]) == ("", "'=cmd 0", "asked")
    assert {row["Key"] for row in rows} == {str(olga.pk)}
    written = CommandRecord.objects.get(name="lists.note_export")
    assert written.facts["list_id"] == "audit"
    book = load_workbook(io.BytesIO(browser.post(PAGE, {"format": "xlsx", "state": asked}).content))
    assert [sheet.title for sheet in book] == ["Sheet1", "What was asked"]
    assert ("Record", f"User {olga.pk}") in {(row[0].value, row[1].value) for row in book.worksheets[1].iter_rows()}


def test_of_much_is_a_job_that_goes_on_over_pages(anna, browser, monkeypatch):
    monkeypatch.setattr(audit_page, "AT_ONCE", 3)
    monkeypatch.setattr(audit_export, "_PAGE", 2)
    rename(anna, times=5)

    answer = browser.post(PAGE, {"format": "csv", "state": "command=people.update_user"})

    job = Job.objects.get()
    assert answer["Location"].endswith(f"{job.pk}/")
    work_on(job.pk, now=clock.now)
    job.refresh_from_db()
    assert (job.state, job.result["rows"]) == (State.DONE, 5)
    answer = browser.get(reverse("lists:file", args=[job.pk]))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.rpartition("cmd ")[2][0] for line in lines[1:]] == ["4", "3", "2", "1", "0"]
    assert "Audit" in browser.get(reverse("lists:files")).content.decode()


def test_needs_both_rights_and_a_form_that_there_is(anna, browser):
    assert browser.post(PAGE, {"format": "pdf"}).status_code == 400
    anna.role.rights.remove("lists.export")
    anna.role.save()
    assert browser.post(PAGE, {"format": "csv"}).status_code == 403
    assert "audit-export" not in browser.get("/admin/audit/").content.decode()
