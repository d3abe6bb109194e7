"""A list as a file: the shown columns, the rows that fit, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.jobs.services import Work, results_folder
from perezvon.foundation.lists.asked import Asked, ShownColumn, read_asked
from perezvon.foundation.lists.columns import Exported
from perezvon.foundation.lists.conditions import tell
from perezvon.foundation.lists.declare import get_list
from perezvon.foundation.lists.paging import Order, ask, count, selected
from perezvon.foundation.lists.tables import Follow, Table, ignore, write_table
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotAllowed

AT_ONCE = 5_000
_CHUNK = 2_000


def rows_of(asked: Asked) -> Iterator[list[Exported]]:
    """Cells of all rows, in the order of the list.

    One statement finds which rows there are and their order; what they hold is read piece by piece. PostgreSQL carries
    out the whole of a statement that is fetched outside a transaction before it gives the first row: with all cells in
    it, nobody saw for most of a minute how far a million rows had got, or could stop it.
    """
    question, key = ask(asked), asked.of.key
    order = Order(asked.sorts, key)
    names, columns = selected(asked, asked.sorts), [one.column for one in exported(asked)]
    keys = order.of(question.rows).values_list(key, flat=True).iterator(chunk_size=_CHUNK)
    for chunk in batched(keys, _CHUNK):
        held = question.rows.filter(**{f"{key}__in": chunk}).order_by().values(*names)
        rows = {row[key]: row for row in held}
        for row in (rows[one] for one in chunk if one in rows):  # those deleted meanwhile are left out
            yield [column.exports(column.of(row), asked.asking) for column in columns]


def exported(asked: Asked) -> list[ShownColumn]:
    """The shown columns that may leave."""
    return [one for one in asked.shown if one.column.can_export]


def file_name(asked: Asked, form: str) -> str:
    """ "customers_20261122_0930.xlsx" """
    return f"{asked.of.code}_{timezone.localtime(asked.asking.now):%Y%m%d_%H%M}.{form}"


def write_file(path: Path, form: str, asked: Asked, *, made_by: str, follow: Follow = ignore) -> int:
    """How many rows it holds."""
    heads = [(str(one.column.label), one.width) for one in exported(asked)]
    return write_table(path, form, Table(heads, rows_of(asked), _question(asked, made_by)), follow=follow)


def _question(asked: Asked, made_by: str) -> list[tuple[str, str]]:
    sorts = ", ".join(
        f"{one.column.label} ({_('descending') if one.descending else _('ascending')})" for one in asked.sorts
    )
    return [
        (_("List"), str(asked.of.title)),
        (_("Search"), asked.text),
        *((_("Filter"), tell(condition, asked.columns, asked.asking)) for condition in asked.where),
        (_("Sorted by"), sorts),
        *made(made_by, asked.asking.now),
    ]


def made(by: str, now: datetime) -> list[tuple[str, str]]:
    """Who made a file, and of when it is."""
    return [(_("Made by"), by), (_("Data as of"), f"{timezone.localtime(now):%d.%m.%Y %H:%M}")]


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
