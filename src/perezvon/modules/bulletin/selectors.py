from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotFound
from perezvon.modules.bulletin.models import Announcement, Importance, Kind, Receipt, Stage

VIEW, POST = "bulletin.view", "bulletin.post"
MOST_SHOWN = 100


class NoSuchAnnouncement(NotFound):
    code = "bulletin.no_such_announcement"


def list_current(*, by: Person, now: datetime, kind: Kind | None = None) -> list[Announcement]:
    """What this person is told now, newest first, each with `is_read`. One query."""
    found = _told_to(by, Announcement.objects.at(now))
    if kind is not None:
        found = found.filter(kind=kind)
    return list(_with_receipts(found, by)[:MOST_SHOWN])


def list_urgent(*, by: Person, now: datetime) -> list[Announcement]:
    """Urgent ones that he has not read. One query."""
    found = _told_to(by, Announcement.objects.at(now)).filter(importance=Importance.URGENT)
    return list(_with_receipts(found.filter(~_has_read(by)), by)[:MOST_SHOWN])


def get_announcement(announcement_id: UUID, *, by: Person, now: datetime) -> Announcement:
    """One that he is told, or that he may change: planned, past and those taken down too. Raises NoSuchAnnouncement."""
    told = _told_to(by, Announcement.objects.at(now))
    there, taken_down = (list_posted(by=by, deleted=deleted).values("pk") for deleted in (False, True))
    open_to_him = Announcement.objects.filter(Q(pk__in=told.values("pk")) | Q(pk__in=there) | Q(pk__in=taken_down))
    found = _with_receipts(open_to_him, by).filter(pk=announcement_id).select_related("author").first()
    if found is None:
        raise NoSuchAnnouncement(announcement=announcement_id)
    return found


def find_with_files(announcement_id: UUID, by: Actor) -> Announcement:
    """The one whose files somebody asks for: those that have appeared, and for who may change it, all.

    Raises NoSuchAnnouncement.
    """
    found = list_posted(by=by).filter(pk=announcement_id).first()
    if found is None and isinstance(by, Person):
        shown = Announcement.objects.filter(deleted_at=None, stage=Stage.SHOWN)
        found = _told_to(by, shown).filter(pk=announcement_id).first()
    if found is None:
        raise NoSuchAnnouncement(announcement=announcement_id)
    return found


def list_posted(*, by: Actor, deleted: bool = False) -> QuerySet[Announcement]:
    """Those that the actor may change: whose projects he sees all. None for whoever may not post."""
    if not by.may(POST):
        return Announcement.objects.none()
    found = Announcement.objects.filter(deleted_at__isnull=not deleted)
    if by.projects is None:
        return found
    beyond = Announcement.projects.through.objects.filter(announcement=OuterRef("pk")).exclude(project__in=by.projects)
    return found.filter(Exists(Announcement.projects.through.objects.filter(announcement=OuterRef("pk")))).exclude(
        Exists(beyond)
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """Who was told. read: with the moment, as (person, at)."""

    read: tuple[tuple[User, datetime], ...]
    unread: tuple[User, ...]

    @property
    def total(self) -> int:
        return len(self.read) + len(self.unread)


def reading_of(announcement: Announcement, *, by: Actor) -> Reading:
    """Who has read it and who of its audience has not. Three queries. Raises NotAllowed."""
    by.must(POST)
    receipts = announcement.receipts.select_related("user").order_by("at", "pk")
    read = tuple((one.user, one.at) for one in receipts)
    unread = audience_of(announcement).exclude(pk__in=[user.pk for user, _ in read])
    return Reading(read, tuple(unread.order_by("last_name", "first_name", "pk")))


def audience_of(announcement: Announcement) -> QuerySet[User]:
    """The people who work here and are told."""
    people = User.objects.filter(is_active=True, role__rights__contains=[VIEW])
    if announcement.only_signed_in:
        people = people.filter(pk__in=announcement.people.values("pk"))
    if announcement.projects.exists():
        in_project = User.projects.through.objects.filter(project__in=announcement.projects.values("pk"))
        people = people.filter(Q(role__all_projects=True) | Q(pk__in=in_project.values("user")))
    if announcement.groups.exists():
        in_group = User.groups.through.objects.filter(group__in=announcement.groups.values("pk"))
        people = people.filter(pk__in=in_group.values("user"))
    return people


def list_sections() -> list[str]:
    """Sections that instructions stand under already, to be chosen again. One query."""
    rows = Announcement.objects.filter(kind=Kind.INSTRUCTION, deleted_at=None).exclude(section="")
    return list(rows.order_by("section").values_list("section", flat=True).distinct())


def _told_to(by: Person, found: QuerySet[Announcement]) -> QuerySet[Announcement]:
    projects, groups = Announcement.projects.through.objects, Announcement.groups.through.objects
    mine, of_mine = OuterRef("pk"), groups.filter(group__code__in=by.groups)
    if by.projects is not None:
        open_to_me = projects.filter(announcement=mine, project__in=by.projects)
        found = found.filter(~Exists(projects.filter(announcement=mine)) | Exists(open_to_me))
    found = found.filter(~Exists(groups.filter(announcement=mine)) | Exists(of_mine.filter(announcement=mine)))
    named = Announcement.people.through.objects.filter(announcement=mine, user=by.id)
    return found.filter(Q(only_signed_in=False) | Exists(named))


def _with_receipts(found: QuerySet[Announcement], by: Person) -> QuerySet[Announcement]:
    return found.annotate(is_read=_has_read(by))


def _has_read(by: Person) -> Exists:
    return Exists(Receipt.objects.filter(announcement=OuterRef("pk"), user=by.id))
