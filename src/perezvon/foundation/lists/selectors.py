from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.asked import STATE, Base
from perezvon.foundation.lists.declare import RecordList
from perezvon.foundation.lists.errors import NoSuchView
from perezvon.foundation.lists.models import SavedView
from perezvon.foundation.people.models import User


def list_views(list_code: str, *, by: Actor) -> QuerySet[SavedView]:
    """One's own views and those that others share."""
    return SavedView.objects.filter(Q(owner=by.user_id) | Q(is_shared=True), list=list_code).select_related("owner")


def get_view(view_id: int, *, by: Actor) -> SavedView:
    view = SavedView.objects.filter(Q(owner=by.user_id) | Q(is_shared=True), pk=view_id).first()
    if view is None:
        raise NoSuchView(view=view_id)
    return view


def find_default(list_code: str, views: list[SavedView], *, by: Actor) -> SavedView | None:
    """What the list opens with: one's own default, else that of one's role. One query."""
    own = next((view for view in views if view.is_default and view.owner_id == by.user_id), None)
    if own or not any(view.is_shared for view in views):
        return own
    role = User.objects.filter(pk=by.user_id or 0).values("role")
    return SavedView.objects.filter(list=list_code, is_shared=True, default_for__in=role).order_by("-pk").first()


def base_for(of: RecordList, given: Mapping[str, str], views: list[SavedView], *, by: Actor) -> Base:
    """The view that an address names; for a bare address the person's default.

    An address that spells out its state does without a view that is not open to this person.
    """
    wanted = given.get("view", "")
    spelt_out = any(name in given for name in STATE)
    if not wanted and not spelt_out:
        return as_base(find_default(of.code, views, by=by), views)
    view = next((view for view in views if str(view.pk) == wanted), None)
    if view is None and wanted not in {"", "0"} and not spelt_out:
        raise NoSuchView(view=wanted)
    return as_base(view, views)


def as_base(view: SavedView | None, views: Sequence[SavedView]) -> Base:
    return Base(view.pk, view.state, view.is_shared, bool(views)) if view else Base(has_views=bool(views))
