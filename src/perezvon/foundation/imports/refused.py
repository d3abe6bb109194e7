"""The rows that were refused, as a spreadsheet: the cells as they came, and why. Put right, it is imported again."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.imports.models import Import
from perezvon.foundation.imports.registry import Act, Problem, importable
from perezvon.foundation.imports.selectors import headers
from perezvon.foundation.imports.setup import Setup
from perezvon.foundation.imports.web.words import problem_words


def write_refused(path: Path, one: Import, by: Actor) -> int:
    """How many rows it holds. Cells are texts: nothing in them is ever computed."""
    kind = importable(one.kind)
    names = {target.code: str(target.label) for target in kind.targets(by)}
    heads = headers(one, Setup.read(one.setup)) if one.sheets else []
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    for place, head in enumerate([*heads, _("Row"), _("Why it was refused")]):
        sheet.write_string(0, place, head, bold)
    sheet.freeze_panes(1, 0)
    count = 0
    rows = one.import_rows.filter(act__in=(Act.REFUSE, Act.SEVERAL)).order_by("number")
    for count, row in enumerate(rows.iterator(chunk_size=2000), start=1):
        for place, cell in enumerate(row.cells or []):
            sheet.write_string(count, place, cell)
        problems = [Problem(*found) for found in row.problems or []]
        words = [
            ": ".join(filter(None, (names.get(found.field, ""), problem_words(kind, found)))) for found in problems
        ]
        sheet.write_number(count, len(heads), row.number)
        sheet.write_string(count, len(heads) + 1, " ".join(words)[:32_767])
    book.close()
    return count
