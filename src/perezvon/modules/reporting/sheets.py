"""The call report as a spreadsheet: what was asked on the first sheet, then the numbers of the page, to the unit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from perezvon.modules.reporting.report import CallReport
from perezvon.modules.reporting.words import MEASURES, ROUNDING, TOPIC_FORMULAS, UNIT

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SECONDS_A_DAY = 86_400
_FORMATS = {"count": "#,##0", "percent": "0%", "seconds": "[m]:ss"}
NOTHING = "\u2014"


class _Book:
    """A workbook being written. A value that there is none of becomes a dash, as on the page."""

    def __init__(self, file: io.BytesIO) -> None:
        self._book = xlsxwriter.Workbook(file, {"in_memory": True})
        self._head = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._bold = self._book.add_format({"bold": True})
        self._wrap = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {unit: self._book.add_format({"num_format": form}) for unit, form in _FORMATS.items()}

    def sheet(self, title: str, widths: Sequence[int], head: Sequence[str] = ()) -> Any:
        sheet = self._book.add_worksheet(title)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, text in enumerate(head):
            sheet.write_string(0, column, text, self._head)
        if head:
            sheet.freeze_panes(1, 1)
        return sheet

    def fact(self, sheet: Any, row: int, name: str, value: str) -> None:
        sheet.write_string(row, 0, name, self._bold)
        sheet.write_string(row, 1, value, self._wrap)

    def number(self, sheet: Any, place: tuple[int, int], value: int | None, unit: str) -> None:
        if value is None:
            sheet.write_string(*place, NOTHING)
            return
        divisor = {"percent": 100, "seconds": _SECONDS_A_DAY}.get(unit, 1)
        sheet.write_number(*place, value / divisor, self._formats[unit])

    def close(self) -> None:
        self._book.close()


def write_report(report: CallReport, *, made_by: str) -> bytes:
    """The file's bytes."""
    file = io.BytesIO()
    book = _Book(file)
    _write_question(book, report, made_by)
    _write_calls(book, report)
    _write_days(book, report)
    _write_topics(book, report)
    if report.dimensions:
        _write_dimensions(book, report)
    book.close()
    return file.getvalue()


def _write_question(book: _Book, report: CallReport, made_by: str) -> None:
    asked = report.asked
    sheet = book.sheet(_("What was asked"), (28, 96))
    facts = [
        (_("Report"), _("Calls to operators")),
        (_("Period"), f"{_day(asked.first)} – {_day(asked.last)}"),
        (_("Compared with"), f"{_day(asked.before.first)} – {_day(asked.before.last)}"),
        (_("Project"), str(asked.project) if asked.project else _("All projects")),
        (_("Time zone"), asked.zone.key),
        (_("Data as of"), _moment(report.made_at, report)),
        (_("Made by"), made_by),
        (_("What counts"), str(UNIT)),
        (_("Rounding"), str(ROUNDING)),
        *((str(measure.title), str(measure.formula)) for measure in MEASURES),
        (_("Registered"), str(TOPIC_FORMULAS["registered"])),
        (_("Share of calls"), str(TOPIC_FORMULAS["share_of_calls"])),
        (_("Topics: count"), str(TOPIC_FORMULAS["count"])),
        (_("Topics: %"), str(TOPIC_FORMULAS["percent"])),
        (_("Topics: growth"), str(TOPIC_FORMULAS["growth"])),
    ]
    for row, (name, value) in enumerate(facts):
        book.fact(sheet, row, name, value)


def _write_calls(book: _Book, report: CallReport) -> None:
    head = [_("Queue"), _("Seconds"), *(str(measure.title) for measure in MEASURES)]
    sheet = book.sheet(_("Calls"), (28, 10, *(14 for _measure in MEASURES)), head)
    lines = [
        (str(line.queue or _("No queue")), line.queue.service_level_s if line.queue else None, line.calls)
        for line in report.calls.queues
    ]
    for row, (name, seconds, calls) in enumerate([*lines, (_("Total"), None, report.calls.total)], start=1):
        sheet.write_string(row, 0, name)
        book.number(sheet, (row, 1), seconds, "count")
        for column, measure in enumerate(MEASURES, start=2):
            book.number(sheet, (row, column), measure.read(calls), measure.unit)


def _write_days(book: _Book, report: CallReport) -> None:
    sheet = book.sheet(_("By day"), (16, 14, 14, 14), [_("Day"), _("Calls"), _("Served"), _("Abandoned")])
    for row, (day, calls) in enumerate(report.calls.days, start=1):
        sheet.write_string(row, 0, _day(day))
        for column, value in enumerate((calls.total, calls.served, calls.abandoned), start=1):
            book.number(sheet, (row, column), value, "count")


def _write_topics(book: _Book, report: CallReport) -> None:
    head = [_("Topic"), _("Count"), "%", _("Growth"), _("Before")]
    sheet = book.sheet(_("Topics"), (56, 12, 12, 12, 12), head)
    registered = report.topics.registered
    lines = [(_("Registered"), 0, registered), *((line.name, line.depth, line.share) for line in report.topics.lines)]
    for row, (name, depth, share) in enumerate(lines, start=1):
        sheet.write_string(row, 0, "    " * depth + name)
        book.number(sheet, (row, 1), share.count, "count")
        book.number(sheet, (row, 2), report.registered_percent if row == 1 else share.percent, "percent")
        book.number(sheet, (row, 3), share.growth_percent, "percent")
        book.number(sheet, (row, 4), share.before, "count")


def _write_dimensions(book: _Book, report: CallReport) -> None:
    head = [_("Counted under"), "", _("Count"), "%", _("Growth"), _("Before")]
    sheet = book.sheet(_("Counted under"), (28, 40, 12, 12, 12, 12), head)
    lines = [(figures.name, line.name, line.share) for figures in report.dimensions for line in figures.lines]
    for row, (name, value, share) in enumerate(lines, start=1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)
        book.number(sheet, (row, 2), share.count, "count")
        book.number(sheet, (row, 3), share.percent, "percent")
        book.number(sheet, (row, 4), share.growth_percent, "percent")
        book.number(sheet, (row, 5), share.before, "count")


def _day(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _moment(at: datetime, report: CallReport) -> str:
    return date_format(localtime(at, report.asked.zone), "SHORT_DATETIME_FORMAT")
