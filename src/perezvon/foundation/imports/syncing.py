"""A look at a source: fetch its newest table and import it, unless something about it wants a person (F26.05)."""

from __future__ import annotations

from typing import Any

from perezvon.foundation.access import Person
from perezvon.foundation.imports import services
from perezvon.foundation.imports.fetching import fetch
from perezvon.foundation.imports.models import Import, Profile, State
from perezvon.foundation.imports.reading import FileRefused, folder_of, forget_files, read_file, source_path
from perezvon.foundation.imports.registry import importable
from perezvon.foundation.imports.running import run, told
from perezvon.foundation.imports.selectors import guessed_header, headers, rows_below
from perezvon.foundation.imports.services import is_much_shorter
from perezvon.foundation.imports.setup import Setup
from perezvon.foundation.jobs.services import Work
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotAllowed
from perezvon.kernel.ids import uuid7


def look(work: Work) -> dict[str, Any]:
    """Nothing happens when there is no other table than the last time. Killed, it goes on with the one it has begun."""
    profile = Profile.objects.filter(pk=work.job.facts["profile"]).first()
    if profile is None:
        return {}
    by = _actor(profile, work)
    one = Import.objects.filter(job=work.job).first()
    if one is None:
        try:
            one = _fetched(profile, by, work)
        except FileRefused as refused:
            _note(profile, work, told(refused))
            return {}
    _note(profile, work, {})
    if one is None:
        return {}
    work.job.facts = {**work.job.facts, "import": str(one.pk)}
    if one.state == State.READING:
        _prepare(one, profile, work)
    if one.state == State.RUNNING:
        return run(work)
    return {}


def _actor(profile: Profile, work: Work) -> Person:
    """Whoever set it up, with what he may do now; else whoever asks. Raises NotAllowed."""
    user_id = profile.owner_id or work.job.owner_id or 0
    user = User.objects.select_related("role").filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotAllowed(right="imports.use")
    by = user.actor()
    by.must("imports.use")
    by.must(importable(profile.kind).right)
    return by


def _fetched(profile: Profile, by: Person, work: Work) -> Import | None:
    """The import of a table that was not imported yet. Raises FileRefused."""
    now = work.now()
    key = uuid7(now)
    folder_of(key, make=True)
    try:
        name, digest = fetch(profile, source_path(key))
        last = profile.imports.order_by("-created_at").first()
        if last and last.digest == digest and last.state != State.BROKEN:
            forget_files(key)
            return None
        return services.begin_by_itself(
            import_id=key, profile_id=profile.pk, file_name=name, digest=digest, job_id=work.job.pk, by=by, now=now
        )
    except BaseException:
        forget_files(key)
        raise


def _prepare(one: Import, profile: Profile, work: Work) -> None:
    """Read it; what is as the last time is under way at once, anything else waits for a person."""
    try:
        one.sheets = read_file(one.pk, lambda: work.advance(0))
    except FileRefused as refused:
        services.end(one.pk, State.BROKEN, work.now(), problem=told(refused))
        return
    kept = profile.setup
    place = min(int(kept.get("sheet", 0)), len(one.sheets) - 1)
    header = guessed_header(one, place) if kept.get("header") else 0
    heads = headers(one, Setup(sheet=place, header=header))
    setup = Setup.recalled(kept, heads, sheet=place, header=header)
    one.setup, one.rows = setup.kept(), rows_below(one, setup)
    missing = [head for head, column in kept.get("headers", {}).items() if column.get("to") and head not in heads]
    one.problem = _problem(one, missing)
    one.state = State.SETUP if one.problem else State.RUNNING
    one.started_at = None if one.problem else work.now()
    one.save(update_fields=["sheets", "setup", "rows", "problem", "state", "started_at"])


def _problem(one: Import, missing: list[str]) -> dict[str, Any]:
    if missing:
        return {"code": "imports.columns_missing", "facts": {"columns": ", ".join(missing[:10])}}
    if is_much_shorter(one) and one.profile:
        return {"code": "imports.much_shorter", "facts": {"rows": one.rows, "last": one.profile.last_rows}}
    return {}


def _note(profile: Profile, work: Work, problem: dict[str, Any]) -> None:
    Profile.objects.filter(pk=profile.pk).update(looked_at=work.now(), problem=problem)
