"""A list as a file: the shown columns, the rows that fit, in memory that does not grow with them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from perezvon.foundation.jobs.services import Work, results_folder
from perezvon.foundation.lists.asked import Asked, ShownColumn, read_asked
from perezvon.foundation.lists.columns import Asking, Exported
from perezvon.foundation.lists.conditions import tell
from perezvon.foundation.lists.declare import get_list
from perezvon.foundation.lists.paging import Order, ask, count, selected
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotAllowed

AT_ONCE = 5_000
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_CHUNK = 2_000
_SHEET_HOLDS = 1_000_000
# What a spreadsheet would take for a formula when it opens a text file.
_FORMULA = re.compile(r"\s*[=+\-@|%]|[\t\r\n]")

type Follow = Callable[[int], None]


def _ignore(done: int) -> None:
    """Nobody follows."""


def rows_of(asked: Asked) -> Iterator[list[Exported]]:
    """Cells of all rows, in the order of the list. One statement, fetched piece by piece."""
    question = ask(asked)
    order = Order(asked.sorts, asked.of.key)
    rows = order.of(question.rows).values(*selected(asked, asked.sorts))
    columns = [one.column for one in exported(asked)]
    for row in rows.iterator(chunk_size=_CHUNK):
        yield [column.exports(column.of(row), asked.asking) for column in columns]


def exported(asked: Asked) -> list[ShownColumn]:
    """The shown columns that may leave."""
    return [one for one in asked.shown if one.column.can_export]


def file_name(asked: Asked, form: str) -> str:
    """ "customers_20261122_0930.xlsx" """
    return f"{asked.of.code}_{timezone.localtime(asked.asking.now):%Y%m%d_%H%M}.{form}"


def write_file(path: Path, form: str, asked: Asked, *, made_by: str, follow: Follow = _ignore) -> int:
    """How many rows it holds."""
    write = {"csv": _write_csv, "xlsx": _write_xlsx}[form]
    return write(path, asked, rows_of(asked), made_by, follow)


# --- csv ---


def _write_csv(path: Path, asked: Asked, rows: Iterable[list[Exported]], made_by: str, follow: Follow) -> int:
    # The mark tells spreadsheets that it is UTF-8; they want a semicolon where the comma is a decimal sign.
    delimiter = ";" if (translation.get_language() or "ru").startswith("ru") else ","
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([harmless(str(one.column.label)) for one in exported(asked)])
        for written, row in enumerate(rows, start=1):
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


def _write_xlsx(path: Path, asked: Asked, rows: Iterable[list[Exported]], made_by: str, follow: Follow) -> int:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "dd.mm.yyyy"}),
        "moment": book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
    }
    written, sheet = 0, _new_sheet(book, asked, formats)
    for written, row in enumerate(rows, start=1):
        place = (written - 1) % _SHEET_HOLDS + 1
        if place == 1 and written > 1:
            sheet = _new_sheet(book, asked, formats)
        for column, cell in enumerate(row):
            _put(sheet, place, column, cell, formats)
        follow(written)
    _write_question(book, asked, made_by, formats)
    with suppress(OSError):
        book.worksheets()[0].activate()
    book.close()
    return written


def _new_sheet(book: Any, asked: Asked, formats: Mapping[str, Any]) -> Any:
    sheet = book.add_worksheet()
    for column, one in enumerate(exported(asked)):
        sheet.set_column(column, column, one.width / 7)
        sheet.write_string(0, column, str(one.column.label), formats["head"])
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


def _write_question(book: Any, asked: Asked, made_by: str, formats: Mapping[str, Any]) -> None:
    """What was asked, on a sheet of its own: a file outlives the memory of its maker."""
    sheet = book.add_worksheet(_("What was asked"))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 96)
    sorts = ", ".join(
        f"{one.column.label} ({_('descending') if one.descending else _('ascending')})" for one in asked.sorts
    )
    facts = [
        (_("List"), str(asked.of.title)),
        (_("Search"), asked.text),
        *((_("Filter"), tell(condition, asked.columns, asked.asking)) for condition in asked.where),
        (_("Sorted by"), sorts),
        (_("Made by"), made_by),
        (_("Data as of"), f"{timezone.localtime(asked.asking.now):%d.%m.%Y %H:%M}"),
    ]
    for row, (name, value) in enumerate(fact for fact in facts if fact[1]):
        sheet.write_string(row, 0, name, formats["head"])
        sheet.write_string(row, 1, value)


# --- as a job ---


def export(work: Work) -> dict[str, Any]:
    """Writes the file that somebody asked for, with what he may see now."""
    facts, owner = work.job.facts, work.job.owner
    if owner is None:
        raise NotAllowed(right="lists.export")
    by = User.objects.select_related("role").get(pk=owner.pk).actor()
    declared = get_list(facts["list"])
    by.must("lists.export")
    by.must(declared.right)
    with translation.override(by.language):
        asked = read_asked(facts["state"], declared, Asking(by, work.job.created_at, facts["long_dates"]))
        question = ask(asked)
        work.advance(0, (question.total or count(question.rows)).count)
        path = results_folder() / f"{work.job.pk}.{facts['format']}"
        try:
            rows = write_file(path, facts["format"], asked, made_by=by.name, follow=work.advance)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return {"file": path.name, "name": file_name(asked, facts["format"]), "rows": rows}
