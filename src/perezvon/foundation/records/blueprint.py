"""Card layouts in blueprints: layouts: {kind: [{code, name, project, role, variant, tabs: […], hidden: […]}]}."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.foundation.records import services
from perezvon.foundation.records.models import CardLayout
from perezvon.foundation.records.registry import cards
from perezvon.foundation.records.selectors import list_layouts
from perezvon.foundation.records.services import Wanted


def load_layouts(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the layouts as the blueprint says; others stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for kind, rows in blueprint["layouts"].items():
        known = {layout.code: layout for layout in list_layouts(kind)}
        for row in rows:
            wanted = Wanted(
                name=row["name"],
                arrangement={"tabs": row["tabs"], "hidden": row.get("hidden", [])},
                project_id=projects.get(row.get("project", "")),
                role=row.get("role", ""),
                variant=row.get("variant", ""),
            )
            layout = known.get(row["code"])
            if layout is None:
                layout = services.add_layout(kind=kind, code=row["code"], wanted=wanted, by=by, now=now)
            elif _exported(layout) != row:
                services.change_layout(layout_id=layout.pk, version=layout.version, wanted=wanted, by=by, now=now)
            services.switch_layout(layout_id=layout.pk, in_use=row.get("in_use", True), by=by, now=now)


def export_layouts() -> dict[str, Any]:
    """The part that makes the layouts that there are."""
    found = {card.kind: [_exported(layout) for layout in list_layouts(card.kind)] for card in cards()}
    return {"layouts": {kind: rows for kind, rows in found.items() if rows}}


def _exported(layout: CardLayout) -> dict[str, Any]:
    said: dict[str, Any] = {"code": layout.code, "name": layout.name}
    said |= {"project": layout.project.code} if layout.project else {}
    said |= {"role": layout.role.code} if layout.role else {}
    said |= {"variant": layout.variant} if layout.variant else {}
    said |= {} if layout.in_use else {"in_use": False}
    tabs = [{key: value for key, value in tab.items() if value} for tab in layout.arrangement["tabs"]]
    hidden = layout.arrangement["hidden"]
    return {**said, "tabs": tabs, **({"hidden": hidden} if hidden else {})}


register_part(Part("layouts", ("layouts",), load_layouts, export_layouts, order=80))
