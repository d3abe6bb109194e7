"""Files as people send them, and as nobody should: each is read, or refused by a code that has words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from datetime import date, datetime
from itertools import count
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
import xlsxwriter

from perezvon.foundation.imports import reader, reading
from perezvon.foundation.imports.reader import Unreadable, read
from perezvon.foundation.imports.reading import FileRefused
from perezvon.foundation.imports.web.words import _FILES


@pytest.fixture
def rows_of(tmp_path):
    """The rows of a file's first sheet, [number, cell, …]; or the code why it is refused."""
    places = count()

    def rows_of(path: Path):
        folder = tmp_path / f"read{next(places)}"
        folder.mkdir()
        try:
            sheets = read(path, folder)
        except Unreadable as problem:
            return problem.code if f"imports.{problem.code}" in _FILES else f"no words for {problem.code}"
        return [json.loads(line) for line in (folder / sheets[0]["file"]).read_text().splitlines()]

    return rows_of


@pytest.fixture
def book(tmp_path):
    """A spreadsheet of these rows."""

    def book(*rows: list[object], name: str = "book.xlsx", prepare=lambda sheet: None) -> Path:
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        prepare(made.active)
        made.save(tmp_path / name)
        return tmp_path / name

    return book


@pytest.fixture
def text(tmp_path):
    def text(content: str | bytes, encoding: str = "utf-8", name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return text


RUSSIAN = "ФИО;Телефон;Город\nИванова Анна;89161111111;Тверь\nОрлов Пётр;89162222222;Омск\n"


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp866", "koi8-r", "utf-16", "utf-16-le"])
    def test_is_read_in_whatever_letters_it_was_saved(self, rows_of, text, encoding: str):
        assert rows_of(text(RUSSIAN * 3, encoding))[1] == [2, "Иванова Анна", "89161111111", "Тверь"]

    @pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r"])
    def test_of_a_few_words_is_read_too(self, rows_of, text, encoding: str):
        table = "ФИО;E-mail;Город\nЗимин Лев;lev@mail.example;Town\n"
        assert rows_of(text(table, encoding))[0] == [1, "ФИО", "E-mail", "Город"]

    @pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
    def test_is_cut_at_the_sign_that_it_uses(self, rows_of, text, sign: str):
        table = f'name{sign}note\nAnna{sign}"one{sign} two"\n'
        assert rows_of(text(table)) == [[1, "name", "note"], [2, "Anna", f"one{sign} two"]]

    def test_keeps_lines_within_a_cell_and_leaves_empty_rows_out(self, rows_of, text):
        assert rows_of(text('a;b\n\n;;\n"one\ntwo";2\n')) == [[1, "a", "b"], [4, "one\ntwo", "2"]]

    def test_loses_signs_that_no_database_keeps(self, rows_of, text):
        assert rows_of(text("name;a\x00b\x07\n" + "x;y\n" * 100))[0] == [1, "name", "ab"]

    def test_with_the_name_of_a_spreadsheet_is_text_all_the_same(self, rows_of, text):
        assert rows_of(text(RUSSIAN, name="table.xlsx"))[0] == [1, "ФИО", "Телефон", "Город"]

    def test_that_turns_into_rubbish_further_down_is_refused(self, rows_of, text):
        assert rows_of(text("имя;город\n".encode() * 30_000 + b"\xff\xfe\xfa;1\n")) == "encoding"

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty_file"),
            (b"  \n ", "empty_file"),
            (b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
            (b'<?xml version="1.0"?><Workbook/>', "web_page"),
            (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not_a_table"),
            (b'a;b\n"' + b"x" * 200_000, "broken_text"),
            (b";".join([b"x"] * 600), "too_many_columns"),
            (b"PK\x03\x04 and nothing of an archive", "broken_file"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken_file"),
        ],
        ids=["nothing", "blanks", "page", "xml", "picture", "open quotation mark", "600 columns", "no zip", "no xls"],
    )
    def test_that_is_no_table_is_refused(self, rows_of, text, content: bytes, code: str):
        assert rows_of(text(content, name="table.xls")) == code


class TestSpreadsheets:
    def test_telephones_kept_as_numbers_lose_nothing(self, rows_of, book):
        assert rows_of(book([7.9161234567e10, 89161234567, 0.1, 1e21, -3.5])) == [
            [1, "79161234567", "89161234567", "0.1", "1000000000000000000000", "-3.5"]
        ]

    def test_days_are_iso_and_moments_keep_their_time(self, rows_of, book):
        moment = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001  (spreadsheets know no zones)
        made = book([date(1981, 5, 14), moment, True, "14.05.1981"])
        assert rows_of(made) == [[1, "1981-05-14", "2026-11-22 09:30:00", "1", "14.05.1981"]]

    def test_a_formula_is_its_last_value_and_is_never_computed(self, rows_of, tmp_path):
        path = tmp_path / "formula.xlsx"
        made = xlsxwriter.Workbook(str(path))
        made.add_worksheet().write_formula("A1", '=HYPERLINK("http://127.0.0.1/")', None, "shown")
        made.close()
        assert rows_of(path) == [[1, "shown"]]

    def test_a_merged_value_stands_in_each_of_its_cells(self, rows_of, book):
        made = book(
            ["Phones", None, "Town"], ["1", "2", "Tver"], ["3", "4", None],
            prepare=lambda sheet: (sheet.merge_cells("A1:B1"), sheet.merge_cells("C2:C3")),
        )  # fmt: skip
        assert rows_of(made) == [[1, "Phones", "Phones", "Town"], [2, "1", "2", "Tver"], [3, "3", "4", "Tver"]]

    def test_a_table_that_begins_elsewhere_keeps_the_numbers_of_its_rows(self, rows_of, book):
        def prepare(sheet) -> None:
            sheet["C4"], sheet["D4"], sheet["C5"] = "Name", "Town", "Anna"
            sheet["D5"] = "Tver"
            sheet.merge_cells("D5:D6")
            sheet["C6"] = "Olga"

        assert rows_of(book(prepare=prepare)) == [[4, "Name", "Town"], [5, "Anna", "Tver"], [6, "Olga", "Tver"]]

    def test_300_columns_are_read_and_more_than_500_refused(self, rows_of, book):
        assert len(rows_of(book([str(place) for place in range(300)]))[0]) == 301
        assert rows_of(book(["x"] * 501)) == "too_many_columns"

    def test_all_sheets_are_there_but_not_the_empty_ones(self, book, tmp_path):
        made = openpyxl.Workbook()
        made.active.append(["one"])
        made.create_sheet("Empty")
        made.create_sheet("Second").append(["two"])
        made.save(tmp_path / "three.xlsx")
        found = _run(tmp_path / "three.xlsx", tmp_path)
        assert [(sheet["name"], sheet["rows"]) for sheet in found["sheets"]] == [("Sheet", 1), ("Second", 1)]

    def test_ods_is_read_too(self, rows_of, tmp_path):
        assert rows_of(_ods(tmp_path / "table.ods")) == [[1, "Name", "5"]]

    def test_a_bomb_is_refused_before_it_is_unpacked(self, rows_of, tmp_path, monkeypatch):
        monkeypatch.setattr(reader, "UNPACKED_BYTES", 64 << 20)
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 << 20))
        assert path.stat().st_size < 1 << 20
        assert rows_of(path) == "too_big_inside"


class TestProcess:
    def test_answers_with_its_sheets(self, text, tmp_path):
        assert _run(text(RUSSIAN), tmp_path)["sheets"][0]["rows"] == 3

    def test_ends_at_its_memory_and_takes_nothing_with_it(self, book, tmp_path, settings):
        """Two cells in opposite corners are little as a file, and seventeen thousand million cells when unfolded."""

        def prepare(sheet) -> None:
            sheet["A1"], sheet["XFD1048576"] = "first", "last"

        settings.IMPORTS, key = tmp_path, uuid4()
        book(prepare=prepare).rename(reading.folder_of(key, make=True) / "source")
        with pytest.raises(FileRefused) as refused:
            reading.read_file(key, lambda: None)
        assert refused.value.facts["problem"] == "imports.too_big_inside"

    def test_is_told_to_stop(self, tmp_path, settings):
        """Whoever follows it may raise; the process ends with it."""
        settings.IMPORTS, key = tmp_path, uuid4()
        os.mkfifo(reading.folder_of(key, make=True) / "source")  # which nobody writes: it would wait for ever

        def stop() -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            reading.read_file(key, stop)


def _run(path: Path, folder: Path) -> dict:
    """As the program: what it prints. Its limits are of its own process."""
    answer = subprocess.run(
        [sys.executable, "-m", reader.__name__, str(path), str(folder)], capture_output=True, check=True, timeout=60
    )
    return json.loads(answer.stdout)


def _ods(path: Path) -> Path:
    head = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="One"><table:table-row>'
    )
    cells = (
        '<table:table-cell office:value-type="string"><text:p>Name</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="5"><text:p>5</text:p></table:table-cell>'
    )
    tail = "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", head + cells + tail)
    return path
