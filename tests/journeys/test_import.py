"""A table on its way in, in a browser: sent, mapped, tried, written by the worker, undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from perezvon.modules.customers.models import Customer
from tests.journeys.test_looks import look_at
from tests.support import eventually


@pytest.mark.feature("F26.01")
def test_a_supervisor_imports_a_table_and_takes_it_back(centre, operator, tmp_path: Path):
    branch = centre.branch(role="supervisor")
    town = f"Town {branch.code}"
    table = tmp_path / "clients.csv"
    rows = [f"Зимин Лев;imported{number}.{branch.code}@mail.example;{town}" for number in range(3)]
    table.write_text("\n".join(["ФИО;E-mail;Город", *rows, f"Зимин Пётр;no mail;{town}"]), encoding="cp1251")

    page = operator(branch.operators[0]).page
    page.goto(page.url.split("/desk")[0] + "/imports/new/")
    page.set_input_files("#field-file", table)
    page.get_by_role("button", name="Send the file").click()

    page.get_by_role("button", name="On to the columns").click()
    expect(page.locator("#to-2")).to_have_value("town")
    page.locator("#to-2").select_option("")
    expect(page.locator("#case-2")).to_have_count(0)
    page.locator("#to-2").select_option("town")
    expect(page.locator("#case-2")).to_be_visible()
    page.reload()
    expect(page.locator("#to-2")).to_have_value("town")
    look_at(page, "import-columns")
    page.get_by_role("button", name="On to the trial run").click()
    expect(page.get_by_text("New: 3")).to_be_visible()
    expect(page.get_by_text("Refused: 1")).to_be_visible()

    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="Refused rows with reasons")).to_be_visible()
    assert Customer.objects.filter(town=town, deleted_at=None).count() == 3

    page.get_by_text("Undo the import").click()
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    eventually(lambda: not Customer.objects.filter(town=town, deleted_at=None).exists())


def test_a_file_of_two_gigabytes_is_refused_in_words_before_it_is_sent(centre, operator, tmp_path: Path):
    huge, small = tmp_path / "huge.csv", tmp_path / "small.csv"
    with huge.open("wb") as file:
        file.truncate(2 << 30)
    small.write_text("Last name;E-mail\nZimin;zimin@mail.example")
    page = operator(centre.branch(role="supervisor").operators[0]).page
    page.goto(page.url.split("/desk")[0] + "/imports/new/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/imports/new/") else None)

    page.set_input_files("#field-file", huge)
    expect(page.get_by_role("alert")).to_have_text("The file is larger than 200 MB. Cut it into parts.")
    page.get_by_role("button", name="Send the file").click()
    assert "POST" not in sent

    page.set_input_files("#field-file", small)
    expect(page.get_by_text("The file is larger")).to_be_hidden()
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("button", name="On to the columns")).to_be_visible()
    assert "POST" in sent
