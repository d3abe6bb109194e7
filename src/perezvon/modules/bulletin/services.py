"""Telling people something. Who is told, and from when to when, is decided as it is written; screens hear of it when
it appears."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import tell
from perezvon.foundation.people.models import Group, Project
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.accounts.selectors import list_signed_in
from perezvon.modules.bulletin.models import Announcement, Importance, Kind, Receipt, Stage
from perezvon.modules.bulletin.selectors import NoSuchAnnouncement, get_announcement, list_posted

LONGEST_TITLE, LONGEST_TEXT, LONGEST_SECTION = 200, 20_000, 100
LIVE = "bulletin"
AT_ONCE = 100  # announcements that one look of the clock tells of


class FieldsWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "bulletin.fields_wrong"
    http_status = 422


class Changed(Refused):
    """Somebody else has changed it since it was read."""

    code = "bulletin.changed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """shown_from: None for at once. No projects, no groups: everybody."""

    title: str
    text: str = ""
    kind: str = Kind.NEWS
    section: str = ""
    importance: str = Importance.NORMAL
    project_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()
    only_signed_in: bool = False
    shown_from: datetime | None = None
    shown_until: datetime | None = None


@command("bulletin.post", needs="bulletin.post")
def post(*, wanted: Wanted, by: Actor, now: datetime) -> Announcement:
    """Tell people. Raises FieldsWrong."""
    values = _checked(wanted, by, now)
    one = Announcement(id=uuid7(now), author_id=by.user_id, created_at=now, **values)
    one.save(force_insert=True)
    _address(one, wanted)
    _appear_if_due(one, now)
    return one


@command("bulletin.change", needs="bulletin.post")
def change(
    *, announcement_id: UUID, version: int, wanted: Wanted, read_again: bool = False, by: Actor, now: datetime
) -> Announcement:
    """Write it anew. read_again: everybody is asked to read it once more.

    Raises FieldsWrong, Changed, NoSuchAnnouncement.
    """
    one = _lock(announcement_id, by)
    if one.version != version:
        raise Changed(announcement=announcement_id)
    for name, value in _checked(wanted, by, now, one).items():
        setattr(one, name, value)
    one.version += 1
    one.stage = Stage.PLANNED
    one.save()
    _address(one, wanted)
    if read_again:
        one.receipts.all().delete()
    if not _appear_if_due(one, now):
        _tell(one, now)  # whoever saw it sees it no more
    return one


@command("bulletin.delete", needs="bulletin.post")
def delete(*, announcement_ids: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    """Take them away from everybody. Their keys."""
    return _switch(list_posted(by=by).filter(pk__in=announcement_ids), now, deleted_at=now)


@command("bulletin.restore", needs="bulletin.post")
def restore(*, announcement_ids: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return _switch(list_posted(by=by, deleted=True).filter(pk__in=announcement_ids), now, deleted_at=None)


@command("bulletin.mark_read", needs="bulletin.view")
def mark_read(*, announcement_id: UUID, by: Actor, now: datetime) -> None:
    """Once is enough. Raises NoSuchAnnouncement."""
    if not isinstance(by, Person):
        raise NoSuchAnnouncement(announcement=announcement_id)
    one = get_announcement(announcement_id, by=by, now=now)
    Receipt.objects.get_or_create(announcement=one, user_id=by.id, defaults={"at": now})
    tell(LIVE, one.pk, one.version, to=[f"user:{by.id}"], now=now)


@command("bulletin.tell_of_due", needs="bulletin.post")
def tell_of_due(*, by: Actor, now: datetime) -> int:
    """Let those appear whose time has come, and take those down whose time is over. How many."""
    due = Announcement.objects.select_for_update(skip_locked=True).filter(deleted_at=None)
    begun = list(due.filter(stage=Stage.PLANNED, shown_from__lte=now)[:AT_ONCE])
    for one in begun:
        _appear_if_due(one, now)
    over = list(due.filter(stage=Stage.SHOWN, shown_until__lte=now)[:AT_ONCE])
    for one in over:
        _move(one, Stage.OVER, now)
    return len(begun) + len(over)


def is_anything_due(now: datetime) -> bool:
    """Whether `tell_of_due` would do anything: asked every minute, it leaves no trace. One query."""
    begun = Q(stage=Stage.PLANNED, shown_from__lte=now)
    return Announcement.objects.filter(begun | Q(stage=Stage.SHOWN, shown_until__lte=now), deleted_at=None).exists()


# --- what is right ---


def _checked(wanted: Wanted, by: Actor, now: datetime, known: Announcement | None = None) -> dict[str, object]:
    problems: dict[str, Wrong] = {}
    title, text, section = (" ".join(wanted.title.split()), wanted.text.strip(), " ".join(wanted.section.split()))
    limits = {
        "title": (title, LONGEST_TITLE), "text": (text, LONGEST_TEXT), "section": (section, LONGEST_SECTION),
    }  # fmt: skip
    for name, (value, most) in limits.items():
        if len(value) > most:
            problems[name] = Wrong("text.long", most=most)
    if not title:
        problems["title"] = Wrong("field.required")
    problems |= _wrong_choices(wanted) | _wrong_audience(wanted, by)
    begins = wanted.shown_from or (known.shown_from if known else now)
    if wanted.shown_until and wanted.shown_until <= max(begins, now):
        problems["shown_until"] = Wrong("announcement.over_before")
    if problems:
        raise FieldsWrong(problems=problems)
    return {
        "kind": wanted.kind, "title": title, "text": text, "importance": wanted.importance,
        "section": section if wanted.kind == Kind.INSTRUCTION else "", "only_signed_in": wanted.only_signed_in,
        "shown_from": begins, "shown_until": wanted.shown_until,
    }  # fmt: skip


def _wrong_choices(wanted: Wanted) -> dict[str, Wrong]:
    found = {"kind": wanted.kind in Kind.values, "importance": wanted.importance in Importance.values}
    problems = {name: Wrong("choice.unknown") for name, is_right in found.items() if not is_right}
    if wanted.kind == Kind.INSTRUCTION and wanted.only_signed_in:
        problems["only_signed_in"] = Wrong("announcement.instruction_for_now")
    return problems


def _wrong_audience(wanted: Wanted, by: Actor) -> dict[str, Wrong]:
    """Nobody tells people of projects that he does not see himself."""
    projects = Project.objects.filter(pk__in=wanted.project_ids)
    if projects.count() < len(wanted.project_ids) or not all(by.sees_project(one.pk) for one in projects):
        return {"projects": Wrong("choice.unknown")}
    if not wanted.project_ids and by.projects is not None:
        return {"projects": Wrong("announcement.which_projects")}
    if Group.objects.filter(pk__in=wanted.group_ids).count() < len(wanted.group_ids):
        return {"groups": Wrong("choice.unknown")}
    return {}


# --- appearing ---


def _address(one: Announcement, wanted: Wanted) -> None:
    one.projects.set(wanted.project_ids)
    one.groups.set(wanted.group_ids)


def _appear_if_due(one: Announcement, now: datetime) -> bool:
    if one.shown_from > now:
        return False
    if one.only_signed_in and not one.people.exists():
        one.people.set(list_signed_in(now=now))
    _move(one, Stage.SHOWN, now)
    return True


def _move(one: Announcement, stage: Stage, now: datetime) -> None:
    Announcement.objects.filter(pk=one.pk).update(stage=stage)
    one.stage = stage
    _tell(one, now)


def _tell(one: Announcement, now: datetime) -> None:
    """Whom it is not for asks for it in vain."""
    keys = list(one.projects.values_list("pk", flat=True))
    audience = [f"project:{key}" for key in keys] + ["project:*"] if keys else ["all"]
    tell(LIVE, one.pk, one.version, to=audience, now=now)


def _switch(found: object, now: datetime, **values: object) -> list[UUID]:
    rows = list(found.select_for_update())  # type: ignore[attr-defined]  # a queryset
    keys = [one.pk for one in rows]
    Announcement.objects.filter(pk__in=keys).update(version=F("version") + 1, **values)
    for one in rows:
        one.version += 1
        _tell(one, now)
    return keys


def _lock(announcement_id: UUID, by: Actor) -> Announcement:
    one = list_posted(by=by).select_for_update().filter(pk=announcement_id).first()
    if one is None:
        raise NoSuchAnnouncement(announcement=announcement_id)
    return one
