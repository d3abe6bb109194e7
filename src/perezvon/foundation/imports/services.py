"""Importing, from the file that came to undoing it all.

Long parts are jobs (`running.py`). A batch of rows, its records and the place in the file up to which rows are
written commit together, so that a killed job goes on where it stood and writes nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.copying import copy_in
from perezvon.foundation.imports.events import ImportEnded
from perezvon.foundation.imports.fetching import is_place
from perezvon.foundation.imports.models import WRITTEN, Every, Import, ImportRow, Origin, Profile, State
from perezvon.foundation.imports.reading import Line, forget_files, source_path
from perezvon.foundation.imports.registry import (
    Act,
    Done,
    Importable,
    OnNew,
    Policy,
    Problem,
    Row,
    Verdict,
    importable,
)
from perezvon.foundation.imports.selectors import get_import, headers, mapped, rows_below
from perezvon.foundation.imports.setup import Setup
from perezvon.foundation.jobs.models import OVER, Job
from perezvon.foundation.jobs.models import State as JobState
from perezvon.foundation.jobs.services import ask_for_job
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import NotAllowed, NotFound, Refused

READ, CHECK, RUN, UNDO = "imports.read", "imports.check", "imports.run", "imports.undo"
LOOK = "imports.look"
UNDO_WITHIN = timedelta(days=30)
MUCH_SHORTER = 0.7  # of the rows of the last time


class NotNow(Refused):
    """The import is in another state. facts: state."""

    code = "imports.not_now"


class SetupWrong(Refused):
    """It cannot be imported like this. facts: why."""

    code = "imports.setup_wrong"
    http_status = 422


class Overtaken(Refused):
    """Another worker writes the rows of this import."""

    code = "imports.overtaken"


class ProfileNameMissing(Refused):
    code = "imports.profile_name_missing"
    http_status = 422


@command("imports.begin_import", needs="imports.use")
def begin_import(
    *, import_id: UUID, kind: str, file_name: str, size_bytes: int, digest: str, by: Actor, now: datetime
) -> Import:
    """A file that lies in its folder already is to be read. Raises NotAllowed for kinds that are not the actor's."""
    by.must(importable(kind).right)
    if by.user_id is None:
        raise NotAllowed(right="imports.use")
    one = Import(
        id=import_id, kind=kind, owner_id=by.user_id, file_name=file_name[-200:], size_bytes=size_bytes, digest=digest,
        created_at=now,
    )  # fmt: skip
    one.job = ask_for_job(READ, title=one.file_name, facts={"import": str(import_id)}, by=by, now=now)
    one.save(force_insert=True)
    return one


@command("imports.set_up", needs="imports.use")
def set_up(
    *,
    import_id: UUID,
    setup: Setup,
    by: Actor,
    now: datetime,
    project_id: int | None = None,
    profile_id: int | None = None,
) -> Import:
    """Keep what was chosen so far. Raises NotNow when rows are being written or were."""
    one = _in_state(import_id, by, now, State.SETUP)
    if project_id is not None and not by.sees_project(project_id):
        raise NotFound(project=project_id)
    one.setup, one.project_id, one.trial, one.problem = setup.kept(), project_id, {}, {}
    one.profile_id = profile_id or one.profile_id
    one.rows = rows_below(one, setup)
    one.save(update_fields=["setup", "project", "profile", "trial", "problem", "rows"])
    return one


@command("imports.save_profile", needs="imports.use")
def save_profile(*, import_id: UUID, name: str, by: Actor, now: datetime) -> Profile:
    """Remember how this table is read, for the next one of this source. The same name again is the same source."""
    one = get_import(import_id, by=by, lock=True)
    by.must(importable(one.kind).right)
    name = " ".join(name.split())[:80]
    if not name:
        raise ProfileNameMissing()
    setup = Setup.read(one.setup)
    kept = {"setup": setup.remembered(headers(one, setup)), "changed_at": now, "project_id": one.project_id}
    profile, _ = Profile.objects.update_or_create(kind=one.kind, name=name, defaults=kept)
    one.profile = profile
    one.save(update_fields=["profile"])
    return profile


@command("imports.delete_profile", needs="imports.use")
def delete_profile(*, profile_id: int, by: Actor, now: datetime) -> None:
    _profile(profile_id, by).delete()


# --- sources that are looked at by themselves ---


class ProfileWrong(Refused):
    """It cannot be looked at like this. facts: problems, {field: code}."""

    code = "imports.profile_wrong"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Schedule:
    """place: by origin, a folder's name or an address. every: "" for whenever somebody asks."""

    origin: str = Origin.UPLOAD
    place: str = ""
    every: str = ""


_PAUSES = {
    Every.QUARTER: timedelta(minutes=15),
    Every.HOUR: timedelta(hours=1),
    Every.DAY: timedelta(days=1),
    Every.WEEK: timedelta(weeks=1),
}


@command("imports.schedule_profile", needs="imports.schedule")
def schedule_profile(*, profile_id: int, schedule: Schedule, by: Actor, now: datetime) -> Profile:
    """Where tables of a source come from, and how often; imported in the actor's name. Raises ProfileWrong."""
    profile = _profile(profile_id, by)
    problems = {}
    if schedule.origin not in Origin.values or not is_place(schedule.origin, schedule.place):
        problems["place"] = "place.wrong"
    if schedule.every and (schedule.every not in Every.values or schedule.origin == Origin.UPLOAD):
        problems["every"] = "every.wrong"
    if problems:
        raise ProfileWrong(problems=problems)
    profile.origin, profile.place, profile.every = schedule.origin, schedule.place, schedule.every
    profile.owner_id, profile.changed_at = by.user_id, now
    profile.due_at = now + _PAUSES[Every(schedule.every)] if schedule.every else None
    profile.save()
    return profile


@command("imports.look_now", needs="imports.use")
def look_now(*, profile_id: int, by: Actor, now: datetime) -> Job:
    """Fetch the newest table of a source and import it. Raises ProfileWrong for one that is sent by hand."""
    profile = _profile(profile_id, by)
    if profile.origin == Origin.UPLOAD:
        raise ProfileWrong(problems={"place": "place.wrong"})
    return ask_for_job(LOOK, title=profile.name, facts={"profile": profile.pk}, by=by, now=now)


@command("imports.look_at_due", needs="imports.schedule")
def look_at_due(*, by: Actor, now: datetime) -> int:
    """Ask for a look at every source whose time has come. One that was missed for long is looked at once."""
    due = Profile.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).exclude(every="")
    for profile in due:
        pause = _PAUSES[Every(profile.every)]
        missed = (now - profile.due_at) // pause if profile.due_at else 0
        profile.due_at = (profile.due_at or now) + pause * (missed + 1)
        profile.save(update_fields=["due_at"])
        ask_for_job(LOOK, title=profile.name, facts={"profile": profile.pk}, by=by, now=now)
    return len(due)


@command("imports.begin_by_itself", needs="imports.use")
def begin_by_itself(
    *, import_id: UUID, profile_id: int, file_name: str, digest: str, job_id: UUID, by: Actor, now: datetime
) -> Import:
    """A table of a source has come, and lies in its folder."""
    profile = _profile(profile_id, by)
    owner_id = profile.owner_id or by.user_id
    if owner_id is None:
        raise NotAllowed(right="imports.use")
    return Import.objects.create(
        id=import_id, kind=profile.kind, owner_id=owner_id, project_id=profile.project_id,
        profile=profile, file_name=file_name[-200:], digest=digest, created_at=now, job_id=job_id,
        size_bytes=source_path(import_id).stat().st_size,
    )  # fmt: skip


def _profile(profile_id: int, by: Actor) -> Profile:
    profile = Profile.objects.select_for_update(of=("self",)).filter(pk=profile_id).first()
    if profile is None:
        raise NotFound(profile=profile_id)
    by.must(importable(profile.kind).right)
    return profile


# --- jobs ---


@command("imports.check_all", needs="imports.use")
def check_all(*, import_id: UUID, by: Actor, now: datetime) -> Import:
    """Try all rows without writing any. Raises NotNow, SetupWrong."""
    one = _in_state(import_id, by, now, State.SETUP)
    refuse_wrong(one, by)
    return _hand_over(one, CHECK, State.CHECKING, by, now)


@command("imports.start_import", needs="imports.use")
def start_import(*, import_id: UUID, by: Actor, now: datetime, shorter: bool = False) -> Import:
    """Write the rows. shorter: the actor knows that the table has far fewer rows than the last one of its source.

    One that was stopped or broke off goes on where it stood. Raises NotNow, SetupWrong.
    """
    one = _in_state(import_id, by, now, State.SETUP, State.STOPPED, State.FAILED)
    if one.left or one.import_rows.exclude(outcome="").exists():
        raise NotNow(state=one.state)  # a part of it is undone already
    refuse_wrong(one, by)
    if is_much_shorter(one) and not shorter:
        raise SetupWrong(why="shorter")
    one.started_at = one.started_at or now
    return _hand_over(one, RUN, State.RUNNING, by, now)


def is_much_shorter(one: Import) -> bool:
    """Than the last table of its source: a part of a file that looks whole."""
    return one.profile is not None and one.rows < one.profile.last_rows * MUCH_SHORTER


@command("imports.undo_import", needs="imports.use")
def undo_import(*, import_id: UUID, by: Actor, now: datetime) -> Import:
    """Take everything back that nobody has changed or used since. Raises NotNow."""
    one = _in_state(import_id, by, now, *WRITTEN)
    if now - one.created_at > UNDO_WITHIN:
        raise NotNow(state="outlived")
    return _hand_over(one, UNDO, State.UNDOING, by, now)


@command("imports.stop_import", needs="imports.use")
def stop_import(*, import_id: UUID, by: Actor, now: datetime) -> Import:
    """Let its job end. What is written stays, and can be undone."""
    one = get_import(import_id, by=by, lock=True)
    if one.job and one.is_at_work and not one.job.is_over:
        one.job.cancel_asked = True
        if one.job.state == JobState.WAITING:
            one.job.state, one.job.ended_at = JobState.CANCELLED, now
        one.job.save(update_fields=["cancel_asked", "state", "ended_at"])
    return settle(one, now)


def settle(one: Import, now: datetime) -> Import:
    """The state of an import whose job is over and did not say so, because it never began or was given up."""
    if one.is_at_work and one.job and one.job.state in OVER:
        state = {State.READING: State.BROKEN, State.CHECKING: State.SETUP, State.RUNNING: State.STOPPED}
        end(one.pk, state.get(State(one.state), State.DONE), now)
        one.refresh_from_db()
    return one


def end(import_id: UUID, state: State, now: datetime, **changed: Any) -> None:
    """What became of a job of this import."""
    Import.objects.filter(pk=import_id).update(state=state, ended_at=now, **changed)


def _hand_over(one: Import, job: str, state: State, by: Actor, now: datetime) -> Import:
    one.job = ask_for_job(job, title=one.file_name, facts={"import": str(one.pk)}, by=by, now=now)
    one.state, one.ended_at = state, None
    one.save(update_fields=["job", "state", "started_at", "ended_at"])
    return one


def _in_state(import_id: UUID, by: Actor, now: datetime, *states: State) -> Import:
    one = settle(get_import(import_id, by=by, lock=True), now)
    by.must(importable(one.kind).right)
    if one.state not in states:
        raise NotNow(state=one.state)
    return one


def refuse_wrong(one: Import, by: Actor) -> None:
    """Raises SetupWrong when nothing sensible can come of what was chosen."""
    setup = Setup.read(one.setup)
    filled = mapped(setup, importable(one.kind).targets(by))
    if not filled:
        raise SetupWrong(why="nothing_mapped")
    if not setup.keys and setup.on_new == OnNew.SKIP:
        raise SetupWrong(why="nothing_matched")
    if missing := [key for key in setup.keys if key not in filled]:
        raise SetupWrong(why="key_unfilled", key=missing[0])


# --- batches, run by the jobs ---


@command("imports.write_batch", needs="imports.use")
def write_batch(*, import_id: UUID, rows: Sequence[Row], batch: Sequence[Line], by: Actor, now: datetime) -> None:
    """Write these rows and move the checkpoint behind them. batch: the lines that they were read from.

    Raises Overtaken.
    """
    one = _held_for(import_id, batch)
    kind, policy = importable(one.kind), Setup.read(one.setup).policy(one.project_id)
    verdicts = [found for wave in waves(rows, kind, policy) for found in kind.write(wave, policy, by, now)]
    _keep(one, verdicts, batch)


@command("imports.refuse_row", needs="imports.use")
def refuse_row(*, import_id: UUID, line: Line, by: Actor, now: datetime) -> None:
    """A row that broke its batch for a reason nobody foresaw stands among the refused ones; the others go on."""
    one = _held_for(import_id, [line])
    problem = Problem("", "imports.unexpected")
    _keep(one, [Verdict(Row(line.number, {}), Act.REFUSE, problems=(problem,))], [line])


def _held_for(import_id: UUID, batch: Sequence[Line]) -> Import:
    """The import, if these lines are its next ones.

    A worker that was given up as dead may come back to life beside the one that took its job.
    """
    one = Import.objects.select_for_update().get(pk=import_id)
    if one.state != State.RUNNING or one.position > batch[0].begin:
        raise Overtaken(state=one.state)
    return one


def _keep(one: Import, verdicts: Sequence[Verdict], batch: Sequence[Line]) -> None:
    cells = {line.number: line.cells for line in batch}
    copy_in(_row_of(one, verdict, cells) for verdict in verdicts if verdict.act in _KEPT)
    acts = Counter(verdict.act.value for verdict in verdicts)
    one.totals = {act: one.totals.get(act, 0) + acts.get(act, 0) for act in {*one.totals, *acts}}
    one.position = batch[-1].end
    one.save(update_fields=["totals", "position"])


_KEPT = {Act.CREATE, Act.CHANGE, Act.REFUSE, Act.SEVERAL}


def _row_of(one: Import, verdict: Verdict, cells: Mapping[int, list[str]]) -> ImportRow:
    row = ImportRow(of=one, number=verdict.row.number, act=verdict.act.value, title=verdict.title[:200])
    if verdict.act in {Act.CREATE, Act.CHANGE}:
        row.record, row.version, row.undo = verdict.record, verdict.version, dict(verdict.undo)
    else:
        row.cells = cells.get(verdict.row.number, [])
        row.problems = [[problem.field, problem.code, dict(problem.facts)] for problem in verdict.problems]
    return row


def waves(rows: Sequence[Row], kind: Importable, policy: Policy) -> list[list[Row]]:
    """Rows that share a key one after the other, in the order of the file; as few waves as that takes."""
    found: list[list[Row]] = []
    last: dict[str, int] = {}
    for row in rows:
        keys = kind.row_keys(row, policy)
        wave = max((last[key] + 1 for key in keys if key in last), default=0)
        last |= dict.fromkeys(keys, wave)
        if wave == len(found):
            found.append([])
        found[wave].append(row)
    return found


@command("imports.finish_import", needs="imports.use")
def finish_import(*, import_id: UUID, by: Actor, now: datetime) -> None:
    """All rows are written."""
    one = Import.objects.select_for_update().get(pk=import_id)
    end(one.pk, State.DONE, now)
    if one.profile_id:
        Profile.objects.filter(pk=one.profile_id).update(last_rows=one.rows, changed_at=now)
    publish(ImportEnded(import_id=one.pk), now=now)


@command("imports.undo_batch", needs="imports.use")
def undo_batch(*, import_id: UUID, row_ids: Sequence[int], by: Actor, now: datetime) -> None:
    """Take these rows back, and all others of the same records.

    Those whose records were changed or used since are left, and say so.
    """
    one = Import.objects.select_for_update().get(pk=import_id)
    records = list(one.import_rows.filter(pk__in=row_ids).values_list("record", flat=True))
    rows = list(one.import_rows.filter(record__in=records, outcome="").order_by("-pk"))
    done = [Done(row.record, Act(row.act), row.version, row.undo or {}) for row in rows if row.record]
    left = set(importable(one.kind).undo(done, by, now))
    kept = [row.pk for row in rows if row.record in left]
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(outcome="undone")
    ImportRow.objects.filter(pk__in=kept).update(outcome="left")
    Import.objects.filter(pk=one.pk).update(left=F("left") + len(left))


@command("imports.finish_undo", needs="imports.use")
def finish_undo(*, import_id: UUID, by: Actor, now: datetime) -> None:
    end(import_id, State.UNDONE, now)
    publish(ImportEnded(import_id=import_id, undone=True), now=now)


def forget_outlived(*, now: datetime) -> int:
    """Away with files and what is personal in rows, of imports that can no longer be undone. How many."""
    old = Import.objects.filter(created_at__lt=now - UNDO_WITHIN).exclude(state__in=(State.RUNNING, State.UNDOING))
    keys = list(old.exclude(sheets=[]).values_list("pk", flat=True))
    for key in keys:
        forget_files(key)
        ImportRow.objects.filter(of=key).update(undo=None, cells=None, title="")
    Import.objects.filter(pk__in=keys).update(sheets=[], trial={})
    return len(keys)


@command("imports.note_refused", needs="imports.use", reads=True)
def note_refused(*, import_id: UUID, by: Actor, now: datetime) -> None:
    """Write down that the refused rows left as a file."""
