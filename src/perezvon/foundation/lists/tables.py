"""A table as a file, csv or xlsx, in memory that does not grow with its rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from perezvon.foundation.lists.columns import Exported

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_SHEET_HOLDS = 1_000_000
# What a spreadsheet would take for a formula when it opens a text file.
_FORMULA = re.compile(r"\s*[=+\-@|%]|[\t\r\n]")

type Follow = Callable[[int], None]


def ignore(done: int) -> None:
    """Nobody follows."""


@dataclass(frozen=True, slots=True)
class Table:
    """heads: (label, width on a screen). facts: (name, value), what was asked; on a sheet of its own in xlsx."""

    heads: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Exported]]
    facts: Sequence[tuple[str, str]] = ()


def write_table(path: Path, form: str, table: Table, *, follow: Follow = ignore) -> int:
    """How many rows it holds. form: one of TYPES."""
    write = {"csv": _write_csv, "xlsx": _write_xlsx}[form]
    return write(path, table, follow)


def table_bytes(form: str, table: Table) -> bytes:
    """A small table as a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        write_table(path, form, table)
        return path.read_bytes()


# --- csv ---


def _write_csv(path: Path, table: Table, follow: Follow) -> int:
    # The mark tells spreadsheets that it is UTF-8; they want a semicolon where the comma is a decimal sign.
    delimiter = ";" if (translation.get_language() or "ru").startswith("ru") else ","
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([harmless(label) for label, _width in table.heads])
        for written, row in enumerate(table.rows, start=1):
            writer.writerow([_csv_cell(cell, delimiter) for cell in row])
            follow(written)
    return written


def _csv_cell(cell: Exported, delimiter: str) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return _("yes") if cell else _("no")
        case int() | float() | Decimal():
            return str(cell).replace(".", ",") if delimiter == ";" else str(cell)
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case date():
            return cell.isoformat()
        case _:
            return harmless(cell)


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula: an apostrophe before what looks like one (CWE-1236)."""
    return f"'{text}" if _FORMULA.match(text) else text


# --- xlsx ---


def _write_xlsx(path: Path, table: Table, follow: Follow) -> int:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "dd.mm.yyyy"}),
        "moment": book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
    }
    written, sheet = 0, _new_sheet(book, table, formats)
    for written, row in enumerate(table.rows, start=1):
        place = (written - 1) % _SHEET_HOLDS + 1
        if place == 1 and written > 1:
            sheet = _new_sheet(book, table, formats)
        for column, cell in enumerate(row):
            _put(sheet, place, column, cell, formats)
        follow(written)
    _write_facts(book, table, formats)
    with suppress(OSError):
        book.worksheets()[0].activate()
    book.close()
    return written


def _new_sheet(book: Any, table: Table, formats: Mapping[str, Any]) -> Any:
    sheet = book.add_worksheet()
    for column, (label, width) in enumerate(table.heads):
        sheet.set_column(column, column, width / 7)
        sheet.write_string(0, column, label, formats["head"])
    sheet.freeze_panes(1, 0)
    return sheet


def _put(sheet: Any, row: int, column: int, cell: Exported, formats: Mapping[str, Any]) -> None:
    match cell:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case int() | float() | Decimal():
            sheet.write_number(row, column, cell)
        case datetime():
            sheet.write_datetime(row, column, cell, formats["moment"])
        case date():
            sheet.write_datetime(row, column, cell, formats["day"])
        case _:
            sheet.write_string(row, column, cell[:32_767])


def _write_facts(book: Any, table: Table, formats: Mapping[str, Any]) -> None:
    """A file outlives the memory of its maker."""
    sheet = book.add_worksheet(_("What was asked"))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 96)
    for row, (name, value) in enumerate(fact for fact in table.facts if fact[1]):
        sheet.write_string(row, 0, name, formats["head"])
        sheet.write_string(row, 1, value)
