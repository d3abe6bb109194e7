from __future__ import annotations

from django.db.models import Q

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.records.models import CardLayout
from perezvon.kernel.errors import NotFound


class NoSuchLayout(NotFound):
    code = "records.no_such_layout"


def fitting_layouts(kind: str, *, by: Actor, project_id: int | None = None, variant: str = "") -> list[CardLayout]:
    """The layouts in use that fit, best first: one for this project, role and variant before one for fewer of them.

    Of two that say as much, one that names the variant comes first, then the role. One query.
    """
    role = by.role if isinstance(by, Person) else ""
    layouts = CardLayout.objects.filter(kind=kind, in_use=True, variant__in=["", variant])
    layouts = layouts.filter(Q(project=None) | Q(project=project_id) if project_id else Q(project=None))
    layouts = layouts.filter(Q(role=None) | Q(role__code=role))
    return sorted(layouts, key=_how_exact, reverse=True)


def find_layout(kind: str, *, by: Actor, project_id: int | None = None, variant: str = "") -> CardLayout | None:
    """The one that fits best. One query."""
    return next(iter(fitting_layouts(kind, by=by, project_id=project_id, variant=variant)), None)


def _how_exact(layout: CardLayout) -> tuple[int, bool, bool, int]:
    said = (bool(layout.variant), layout.role_id is not None, layout.project_id is not None)
    return sum(said), said[0], said[1], -layout.pk


def list_layouts(kind: str) -> list[CardLayout]:
    """All of a kind, those out of use too. One query."""
    return list(CardLayout.objects.filter(kind=kind).select_related("project", "role"))


def get_layout(layout_id: int) -> CardLayout:
    """Raises NoSuchLayout."""
    found = CardLayout.objects.filter(pk=layout_id).first()
    if found is None:
        raise NoSuchLayout(layout=layout_id)
    return found
