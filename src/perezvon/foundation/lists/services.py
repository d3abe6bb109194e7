"""Saved views, acts on many rows, and the record of what was exported."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import ask_for_job
from perezvon.foundation.lists.asked import KEPT_BY_VIEWS, Asked
from perezvon.foundation.lists.declare import Bulk, get_list
from perezvon.foundation.lists.errors import (
    NoSuchView,
    NothingChosen,
    TooMany,
    UndoneTooLate,
    ViewNameMissing,
    ViewNameTaken,
)
from perezvon.foundation.lists.models import BulkRun, SavedView
from perezvon.foundation.people.models import Role
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import uuid7

EXPORT = "lists.export"
AT_ONCE = 5_000
UNDONE_WITHIN = timedelta(minutes=10)
FORMATS = ("xlsx", "csv")


# --- views ---


@command("lists.save_view", needs="lists.use_views")
def save_view(
    *, list_id: str, name: str, state: Mapping[str, str], by: Actor, now: datetime, view_id: int | None = None
) -> SavedView:
    """Keep a way to look at the list under a name; with view_id that one is changed instead.

    Raises ViewNameMissing, ViewNameTaken.
    """
    view = _own_view(view_id, by) if view_id else SavedView(list=list_id, owner_id=_person(by), created_at=now)
    view.name = " ".join(name.split())[:80]
    if not view.name:
        raise ViewNameMissing()
    if SavedView.objects.filter(list=view.list, owner=by.user_id, name=view.name).exclude(pk=view.pk).exists():
        raise ViewNameTaken(name=view.name)
    view.state = {part: state[part] for part in KEPT_BY_VIEWS if state.get(part)}
    view.save()
    return view


@command("lists.delete_view", needs="lists.use_views")
def delete_view(*, view_id: int, by: Actor, now: datetime) -> None:
    _own_view(view_id, by).delete()


@command("lists.set_default_view", needs="lists.use_views")
def set_default_view(*, list_id: str, view_id: int | None, by: Actor, now: datetime) -> None:
    """Let one's list open with this view of one's own; with None as everybody's does."""
    SavedView.objects.filter(list=list_id, owner=by.user_id, is_default=True).update(is_default=False)
    if view_id is not None:
        view = _own_view(view_id, by)
        view.is_default = True
        view.save(update_fields=["is_default"])


@command("lists.share_view", needs="lists.share_views")
def share_view(*, view_id: int, is_shared: bool, role_ids: Collection[int], by: Actor, now: datetime) -> SavedView:
    """Show one's view to everybody who may see the list; for these roles it is what the list opens with."""
    view = _own_view(view_id, by)
    view.is_shared = is_shared
    view.save(update_fields=["is_shared"])
    roles = Role.objects.filter(pk__in=role_ids if is_shared else ())
    for other in SavedView.objects.filter(list=view.list, default_for__in=roles).exclude(pk=view.pk).distinct():
        other.default_for.remove(*roles)  # a role's list opens with one view
    view.default_for.set(roles)
    return view


def _person(by: Actor) -> int:
    """Views and acts on rows belong to people."""
    if by.user_id is None:
        raise NotAllowed(right="lists.use_views")
    return by.user_id


def _own_view(view_id: int, by: Actor) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, owner=by.user_id).first()
    if view is None:
        raise NoSuchView(view=view_id)
    return view


# --- many rows at once ---


class NoSuchAct(NotFound):
    code = "lists.no_such_act"


def act_of(list_code: str, action: str) -> Bulk:
    act = next((bulk for bulk in get_list(list_code).bulk if bulk.code == action), None)
    if act is None:
        raise NoSuchAct(action=action)
    return act


@command("lists.run_bulk", needs="lists.bulk")
def run_bulk(*, list_id: str, action_id: str, keys: Sequence[Any], by: Actor, now: datetime) -> BulkRun:
    """Do it with these rows, which the list showed to this person. All or nothing.

    Raises NothingChosen, TooMany; and what the act's own command raises.
    """
    act = act_of(list_id, action_id)
    by.must(act.right)
    if not keys:
        raise NothingChosen()
    if len(keys) > AT_ONCE:
        raise TooMany(most=AT_ONCE)
    done = act.run(keys, by, now)
    return BulkRun.objects.create(
        id=uuid7(now), list=list_id, action=action_id, owner_id=_person(by), keys=[str(key) for key in done], at=now
    )


@command("lists.undo_bulk", needs="lists.bulk")
def undo_bulk(*, run_id: UUID, by: Actor, now: datetime) -> int:
    """Take back what was done with many rows, as far as nobody has changed them since. Raises UndoneTooLate."""
    run = BulkRun.objects.select_for_update().filter(pk=run_id, owner=by.user_id).first()
    act = act_of(run.list, run.action) if run else None
    if run is None or act is None or act.undo is None or run.undone_at or run.at < now - UNDONE_WITHIN:
        raise UndoneTooLate()
    by.must(act.right)
    declared = get_list(run.list)
    done = act.undo([declared.key_of(key) for key in run.keys], by, now)
    run.undone_at = now
    run.save(update_fields=["undone_at"])
    return len(done)


def forget_bulk_runs(*, now: datetime) -> int:
    """Forget which rows were changed at once, when it can no longer be undone. What changed stands in the history."""
    return BulkRun.objects.filter(at__lt=now - UNDONE_WITHIN).delete()[0]


# --- export ---


@command("lists.note_export", needs="lists.export")
def note_export(*, list_id: str, format_id: str, rows: int, by: Actor, now: datetime) -> int:
    """Write down that these rows of a list left as a file."""
    return rows


@command("lists.ask_for_export", needs="lists.export")
def ask_for_export(*, list_id: str, format_id: str, asked: Asked, by: Actor, now: datetime) -> Job:
    """Let a worker write the file. What it may hold is decided again when it is written."""
    facts = {"list": list_id, "format": format_id, "state": dict(asked.given), "long_dates": asked.asking.long_dates}
    return ask_for_job(EXPORT, title=str(asked.of.title), facts=facts, by=by, now=now)


@command("lists.note_download", needs="lists.export")
def note_download(*, job_id: UUID, by: Actor, now: datetime) -> None:
    """Write down that a file made before was fetched."""
