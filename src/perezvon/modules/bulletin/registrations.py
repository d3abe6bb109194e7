from __future__ import annotations

from uuid import UUID

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.files.registry import FileOwner, register_file_owner
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.web.panels import Area, Panel, register_panel
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.bulletin.lists import Posted
from perezvon.modules.bulletin.selectors import POST, VIEW, find_with_files, list_posted


def _url(announcement_id: UUID) -> str:
    return reverse("bulletin:announcement", args=[announcement_id])


def _may_change(record: Model, by: Actor) -> bool:
    return list_posted(by=by).filter(pk=record.pk).exists()


def register() -> None:
    declare(VIEW, _("Read announcements and instructions"), roles=(OPERATOR, EXTENDED, SUPERVISOR, INFORMATION, SYSTEM))
    declare(POST, _("Write announcements and instructions"), roles=(SUPERVISOR, INFORMATION))
    register_place(Place(lazy("Announcements"), "speakerphone", "bulletin:board", VIEW, 60))
    register_list(Posted())
    register_file_owner(FileOwner("announcement", find_with_files, _url, str, _may_change))
    register_panel(Panel(Area.STRIP, "bulletin:strip", VIEW, "bulletin", 10))
    register_panel(Panel(Area.IDLE, "bulletin:panel", VIEW, "bulletin", 10))
