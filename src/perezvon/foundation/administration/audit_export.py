"""The audit as a file: a line for each column that changed, newest first, as far as its reader may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perezvon.foundation.access import Actor
from perezvon.foundation.administration.audit import RIGHT, SHOWN_ROWS, Line, Question, read_audit, read_question
from perezvon.foundation.administration.words import act_name, column_name, command_name, table_name
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import Work, ask_for_job, results_folder
from perezvon.foundation.lists.columns import Exported
from perezvon.foundation.lists.exports import made
from perezvon.foundation.lists.tables import Follow, Table, ignore, write_table
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotAllowed

KIND = "administration.audit_export"
AT_ONCE = 1_000  # commands; more are written by a job
_PAGE = 200


@command("administration.ask_for_audit_export", needs=RIGHT)
def ask_for_audit_export(*, format_id: str, given: Mapping[str, str], by: Actor, now: datetime) -> Job:
    """Let a worker write the file. given: the question as in the page's address."""
    by.must("lists.export")
    facts = {"format": format_id, "given": dict(given)}
    return ask_for_job(KIND, title=_("Audit"), facts=facts, by=by, now=now)


def has_more_than(limit: int, asked: Question, *, by: Actor) -> bool:
    return next(islice(_lines(asked, by), limit, None), None) is not None


def file_name(form: str, now: datetime) -> str:
    return f"audit_{timezone.localtime(now):%Y%m%d_%H%M}.{form}"


def write_audit(
    path: Path, form: str, asked: Question, *, by: Actor, made_by: str, now: datetime, follow: Follow = ignore
) -> int:
    """How many rows it holds."""
    heads = [
        (_("When"), 130),
        (pgettext("does it", "Who"), 170),
        (_("In fact"), 130),
        (_("What"), 260),
        (_("Of what"), 260),
        (_("Record"), 150),
        (_("Key"), 260),
        (pgettext("audit", "Done"), 90),
        (_("Column"), 170),
        (pgettext("value", "Before"), 220),
        (pgettext("value", "After"), 220),
        (_("Why"), 220),
    ]
    facts = [(_("List"), _("Audit")), *_question(asked), *made(made_by, now)]
    rows = (row for line in _lines(asked, by) for row in _rows(line))
    return write_table(path, form, Table(heads, rows, facts), follow=follow)


def _lines(asked: Question, by: Actor) -> Iterator[Line]:
    after = ""
    while True:
        lines, after = read_audit(asked, by=by, after=after, limit=_PAGE)
        yield from lines
        if not after:
            return


def _rows(line: Line) -> Iterator[list[Exported]]:
    what = command_name(line.command) if line.command else _("Changed without a command")
    of_what = ", ".join(f"{name}: {value}" for name, value in line.facts.items())
    at = timezone.localtime(line.at).replace(tzinfo=None)
    for middle in _changes(line):
        yield [at, line.who, line.behind, what, of_what, *middle, line.why]


def _changes(line: Line) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Record, key, act, column, before, after; empty where nothing of that kind changed."""
    if not line.rows:
        yield "", "", "", "", "", ""
    for row in line.rows[:SHOWN_ROWS]:
        record = (table_name(row.table), row.row, act_name(row.act))
        for one in row.differences:
            yield (*record, column_name(one.column), one.before, one.after)
        if not row.differences:
            yield (*record, "", "", "")
    if len(line.rows) > SHOWN_ROWS:
        yield _("and further records"), "", "", "", "", ""


def _question(asked: Question) -> Iterator[tuple[str, str]]:
    yield _("from"), f"{timezone.localtime(asked.since):%d.%m.%Y}" if asked.since else ""
    yield _("to"), f"{timezone.localtime(asked.until) - timedelta(days=1):%d.%m.%Y}" if asked.until else ""
    yield _("What"), command_name(asked.command) if asked.command else ""
    yield _("Record"), f"{table_name(asked.table)} {asked.row}" if asked.table and asked.row else ""
    if asked.person:
        person = User.objects.filter(pk=asked.person).first()
        yield pgettext("does it", "Who"), person.full_name if person else str(asked.person)


def export(work: Work) -> dict[str, Any]:
    """As a job, with what its owner may read by now."""
    facts, owner = work.job.facts, work.job.owner
    if owner is None:
        raise NotAllowed(right=RIGHT)
    by = User.objects.select_related("role").get(pk=owner.pk).actor()
    by.must("lists.export")
    asked, form, now = read_question(facts["given"]), facts["format"], work.job.created_at
    path = results_folder() / f"{work.job.pk}.{form}"
    with translation.override(by.language):
        try:
            rows = write_audit(path, form, asked, by=by, made_by=by.name, now=now, follow=work.advance)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return {"file": path.name, "name": file_name(form, now), "rows": rows}
