"""What people read about imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.imports.models import State
from perezvon.foundation.imports.registry import Act, Importable, Problem
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError

ACTS = {
    Act.CREATE: (pgettext_lazy("row", "New"), "good"),
    Act.CHANGE: (pgettext_lazy("row", "Changed"), "accent"),
    Act.SAME: (pgettext_lazy("row", "Unchanged"), ""),
    Act.SKIP: (pgettext_lazy("row", "Passed over"), ""),
    Act.REFUSE: (pgettext_lazy("row", "Refused"), "bad"),
    Act.SEVERAL: (pgettext_lazy("row", "Several fit"), "bad"),
    Act.REPEAT: (pgettext_lazy("row", "Repeats an earlier row"), "warn"),
}
DATES = {"dmy": lazy("day, month, year"), "mdy": lazy("month, day, year"), "ymd": lazy("year, month, day")}
CASES = {
    "": lazy("as it is"),
    "title": lazy("First Letters Large"),
    "upper": lazy("ALL LARGE"),
    "lower": lazy("all small"),
}
REGIONS = {
    "RU": lazy("Russia"),
    "BY": lazy("Belarus"),
    "KZ": lazy("Kazakhstan"),
    "UA": lazy("Ukraine"),
    "AM": lazy("Armenia"),
    "GE": lazy("Georgia"),
    "KG": lazy("Kyrgyzstan"),
    "UZ": lazy("Uzbekistan"),
    "DE": lazy("Germany"),
    "TR": lazy("Turkey"),
    "US": lazy("United States"),
    "GB": lazy("United Kingdom"),
}
ON_MATCH = {
    "fill": lazy("fill in what is empty on the card"),
    "overwrite": lazy("overwrite what differs"),
    "skip": lazy("leave the card as it is"),
}
ON_NEW = {"create": lazy("make a new card"), "skip": lazy("pass the row over")}

_FILES = {
    "imports.empty_file": lazy("There is nothing in this file."),
    "imports.broken_file": lazy(
        "The file is damaged, or no table at all. Open it in a spreadsheet and save it as xlsx."
    ),
    "imports.broken_text": lazy("The text cannot be cut into columns: a quotation mark is open or a cell is too long."),
    "imports.not_a_table": lazy("This is no table. Take a file of the type xlsx, xls, ods or csv."),
    "imports.web_page": lazy(
        "This is a web page with the name of a table. Open it in a spreadsheet and save it as xlsx."
    ),
    "imports.password": lazy("The file is locked by a password. Save it without one."),
    "imports.too_big_inside": lazy("Unpacked the file is too large to be read. Cut it into parts of a million rows."),
    "imports.too_many_rows": lazy("There are too many rows: {most} at most. Cut the table into parts."),
    "imports.too_many_columns": lazy("There are too many columns: {most} at most. Take those away that nobody needs."),
    "imports.encoding": lazy("The letters of this file cannot be read. Save it as “CSV UTF-8”."),
    "imports.stopped": lazy("It was stopped."),
    "imports.too_large": lazy("The file is larger than {most} MB. Cut it into parts."),
    "imports.nothing_there": lazy("There is no table in the folder."),
    "imports.unreachable": lazy("The address gave no table in time."),
    "imports.led_elsewhere": lazy("The address leads on to another server; that is not followed."),
    "imports.columns_missing": lazy("Columns of this source are missing: {columns}. Nothing was written; look at it."),
    "imports.much_shorter": lazy(
        "The table has {rows} rows, the last one had {last}. Nothing was written; look at it."
    ),
    "imports.no_file": lazy("Choose a file first."),
}
_SETUP = {
    "nothing_mapped": lazy("Say for at least one column which field it fills."),
    "nothing_matched": lazy("Rows without a card are passed over and nothing finds cards: nothing would come of it."),
    "key_unfilled": lazy("Cards cannot be found by a field that no column fills."),
    "shorter": lazy("The table is much shorter than the last one of this source. Say that it is right."),
}


def file_problem(problem: Mapping[str, Any]) -> str:
    """Why a file could not be read, or a job broke off."""
    words = _FILES.get(str(problem.get("code")))
    if words is None:
        return _("It broke off (code {code}). What is written stays; it can be gone on with or undone.").format(
            code=problem.get("code", "")
        )
    return str(words).format(**problem.get("facts", {}))


def problem_words(kind: Importable, problem: Problem) -> str:
    if problem.code == "imports.unexpected":
        return _("This row could not be kept; look for signs in it that are no letters.")
    return kind.words(problem)


@say("imports.file_refused")
def _file(error: PerezvonError) -> str:
    facts = {name: value for name, value in error.facts.items() if name != "problem"}
    return file_problem({"code": error.facts["problem"], "facts": facts})


@say("imports.setup_wrong")
def _wrong(error: PerezvonError) -> str:
    return str(_SETUP[str(error.facts["why"])])


@say("imports.profile_name_missing")
def _no_name(_error: PerezvonError) -> str:
    return _("Type a name for the source.")


@say("imports.profile_wrong")
def _profile_wrong(_error: PerezvonError) -> str:
    return _("Only a folder or an address can be looked at by itself.")


@say("imports.not_now")
def _not_now(error: PerezvonError) -> str:
    if error.facts["state"] == "outlived":
        return _("An import can be undone for 30 days only.")
    return _("This is not possible now: {state}.").format(state=State(str(error.facts["state"])).label.lower())
