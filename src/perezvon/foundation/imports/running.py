"""The long parts of an import, done by a worker."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from perezvon.foundation.access import Person
from perezvon.foundation.imports import services
from perezvon.foundation.imports.models import Import, State
from perezvon.foundation.imports.reading import FileRefused, Line, read_file
from perezvon.foundation.imports.registry import Act, Importable, Policy, Verdict, importable
from perezvon.foundation.imports.selectors import guessed, guessed_header, lines_below, rows_below, transform_of
from perezvon.foundation.imports.setup import Setup, Transform
from perezvon.foundation.jobs.services import Cancelled, Work
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotAllowed, PerezvonError

BATCH = 1_000
SHOWN = 200  # rows that are kept of a trial run


def read(work: Work) -> dict[str, Any]:
    """Reads the file, and guesses what it means."""

    def go(one: Import, by: Person) -> None:
        try:
            sheets = read_file(one.pk, lambda: work.advance(0))
        except FileRefused as refused:
            services.end(one.pk, State.BROKEN, work.now(), problem=told(refused))
            return
        one.sheets = sheets
        largest = max(range(len(sheets)), key=lambda place: sheets[place]["rows"])
        setup = guessed(one, Setup(sheet=largest, header=guessed_header(one, largest)), by)
        kept = {"sheets": sheets, "setup": setup.kept(), "rows": rows_below(one, setup)}
        services.end(one.pk, State.SETUP, work.now(), **kept)

    return _followed(work, go, stopped=State.BROKEN, broken=State.BROKEN)


def check(work: Work) -> dict[str, Any]:
    """Tries all rows and writes none."""

    def go(one: Import, by: Person) -> None:
        trial = Trial(one, by, work.now())
        for batch in _batches(lines_below(one, trial.setup)):
            trial.look(batch)
            work.advance(trial.seen, one.rows)
        services.end(one.pk, State.SETUP, work.now(), trial=trial.kept(is_whole=True))

    return _followed(work, go, stopped=State.SETUP, broken=State.SETUP)


def run(work: Work) -> dict[str, Any]:
    """Writes the rows, from the checkpoint on."""

    def go(one: Import, by: Person) -> None:
        setup, kind = Setup.read(one.setup), importable(one.kind)
        transform = transform_of(kind, setup, by)
        done = sum(one.totals.values())
        work.advance(done, one.rows)
        for batch in _batches(lines_below(one, setup, start=one.position)):
            _write(one.pk, batch, transform, by, work.now())
            done += len(batch)
            work.advance(done)
        services.finish_import(import_id=one.pk, by=by, now=work.now())

    return _followed(work, go, stopped=State.STOPPED, broken=State.FAILED)


def undo(work: Work) -> dict[str, Any]:
    """Takes the rows back, the last ones first."""

    def go(one: Import, by: Person) -> None:
        waiting = one.import_rows.filter(outcome="", act__in=(Act.CREATE, Act.CHANGE))
        done, total = 0, waiting.count()
        work.advance(0, total)
        while keys := list(waiting.order_by("-pk").values_list("pk", flat=True)[:BATCH]):
            services.undo_batch(import_id=one.pk, row_ids=keys, by=by, now=work.now())
            done += len(keys)
            work.advance(done)
        services.finish_undo(import_id=one.pk, by=by, now=work.now())

    return _followed(work, go, stopped=State.STOPPED, broken=State.FAILED)


def _followed(work: Work, go: Callable[[Import, Person], None], *, stopped: State, broken: State) -> dict[str, Any]:
    """Whatever comes of the job, its import says so."""
    one = Import.objects.get(pk=work.job.facts["import"])
    owner = User.objects.select_related("role").get(pk=work.job.owner_id or one.owner_id)
    try:
        by = owner.actor()
        if not owner.is_active:
            raise NotAllowed(right="imports.use")
        by.must("imports.use")
        by.must(importable(one.kind).right)
        go(one, by)
    except Cancelled:
        services.end(one.pk, stopped, work.now(), problem={"code": "imports.stopped"})
        raise
    except services.Overtaken:
        return {}
    except (OperationalError, InterfaceError):
        raise  # the database is away: the job is taken up again and goes on where it stood
    except Exception as error:
        code = error.code if isinstance(error, PerezvonError) else "perezvon.unexpected"
        services.end(one.pk, broken, work.now(), problem={"code": code})
        raise
    return {}


def told(refused: FileRefused) -> dict[str, Any]:
    """The problem as JSON."""
    facts = {name: value for name, value in refused.facts.items() if name != "problem"}
    return {"code": refused.facts["problem"], "facts": facts}


def _batches(rows: Iterable[Line]) -> Iterable[tuple[Line, ...]]:
    return itertools.batched(rows, BATCH)


def _write(import_id: UUID, batch: Sequence[Line], transform: Transform, by: Person, now: datetime) -> None:
    """In one transaction; a batch that the database refuses is halved until the row at fault is alone."""
    rows = [transform(line.number, line.cells) for line in batch]
    try:
        services.write_batch(import_id=import_id, rows=rows, batch=batch, by=by, now=now)
    except (DataError, IntegrityError):
        if len(batch) == 1:
            services.refuse_row(import_id=import_id, line=batch[0], by=by, now=now)
            return
        half = len(batch) // 2
        _write(import_id, batch[:half], transform, by, now)
        _write(import_id, batch[half:], transform, by, now)


# --- trial run ---


class Trial:
    """What would come of rows, batch by batch."""

    def __init__(self, one: Import, by: Person, now: datetime) -> None:
        self.setup = Setup.read(one.setup)
        self.seen, self.totals = 0, Counter[str]()
        self.verdicts: list[Verdict] = []
        self._kind: Importable = importable(one.kind)
        self._policy: Policy = self.setup.policy(one.project_id)
        self._transform = transform_of(self._kind, self.setup, by)
        self._by, self._now = by, now
        # Keys of rows that would make a record; as hashes, because there may be a million.
        self._new: set[int] = set()

    def look(self, batch: Sequence[Line]) -> None:
        rows = [self._transform(line.number, line.cells) for line in batch]
        for verdict in self._kind.look(rows, self._policy, self._by, self._now):
            self._take(verdict)
        self.seen += len(batch)

    def _take(self, verdict: Verdict) -> None:
        act = verdict.act
        if act == Act.CREATE:
            keys = {hash(key) for key in self._kind.row_keys(verdict.row, self._policy)}
            act = Act.REPEAT if keys & self._new else act
            self._new |= keys
        self.totals[act.value] += 1
        is_problem = act in {Act.REFUSE, Act.SEVERAL, Act.REPEAT}
        if len(self.verdicts) < SHOWN or (is_problem and sum(one.act in _PROBLEMS for one in self.verdicts) < SHOWN):
            self.verdicts.append(verdict if act == verdict.act else Verdict(verdict.row, act, title=verdict.title))

    def kept(self, *, is_whole: bool) -> dict[str, Any]:
        """As JSON. rows: those with problems first."""
        ordered = sorted(self.verdicts, key=lambda one: (one.act not in _PROBLEMS, one.row.number))
        return {
            "is_whole": is_whole,
            "seen": self.seen,
            "totals": dict(self.totals),
            "rows": [_kept(one) for one in ordered[:SHOWN]],
        }


_PROBLEMS = {Act.REFUSE, Act.SEVERAL, Act.REPEAT}


def _kept(verdict: Verdict) -> dict[str, Any]:
    return {
        "number": verdict.row.number,
        "act": verdict.act.value,
        "title": verdict.title,
        "record": str(verdict.record or ""),
        "changes": {name: list(pair) for name, pair in verdict.changes.items()},
        "problems": [[one.field, one.code, dict(one.facts)] for one in verdict.problems],
    }


def try_sample(one: Import, by: Person, now: datetime, count: int) -> dict[str, Any]:
    """What would come of the first rows."""
    trial = Trial(one, by, now)
    trial.look(list(itertools.islice(lines_below(one, trial.setup), count)))
    return trial.kept(is_whole=trial.seen < count)
