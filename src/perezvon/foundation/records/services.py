"""Changing how cards are arranged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Project, Role
from perezvon.foundation.records.models import CardLayout
from perezvon.foundation.records.registry import ZONES, card_of
from perezvon.foundation.records.selectors import get_layout
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused

MOST_TABS, LONGEST_NAME = 12, 100
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")


class LayoutWrong(Refused):
    """facts: problems, {what: Wrong}."""

    code = "records.layout_wrong"
    http_status = 422


class LayoutChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "records.layout_changed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A layout as an administrator wants it. project_id, role, variant: for whom; "" and None: for all."""

    name: Mapping[str, str]
    arrangement: Mapping[str, Any] = field(default_factory=dict)
    project_id: int | None = None
    role: str = ""
    variant: str = ""


@command("records.add_layout", needs="records.arrange")
def add_layout(*, kind: str, code: str, wanted: Wanted, by: Actor, now: datetime) -> CardLayout:
    """Raises LayoutWrong with all that is wrong at once."""
    card_of(kind)
    problems: dict[str, Wrong] = {}
    if not _CODE.fullmatch(code):
        problems["code"] = Wrong("key.form")
    elif CardLayout.objects.filter(kind=kind, code=code).exists():
        problems["code"] = Wrong("key.taken")
    layout = CardLayout(kind=kind, code=code)
    _set(layout, wanted, problems)
    layout.save()
    return layout


@command("records.change_layout", needs="records.arrange")
def change_layout(*, layout_id: int, version: int, wanted: Wanted, by: Actor, now: datetime) -> CardLayout:
    """Raises LayoutChanged when it has another version by now, LayoutWrong, NoSuchLayout."""
    layout = CardLayout.objects.select_for_update().get(pk=get_layout(layout_id).pk)
    if layout.version != version:
        raise LayoutChanged(layout=layout_id)
    _set(layout, wanted, {})
    layout.version += 1
    layout.save()
    return layout


@command("records.switch_layout", needs="records.arrange")
def switch_layout(*, layout_id: int, in_use: bool, by: Actor, now: datetime) -> CardLayout:
    """Out of use or into use again. Raises NoSuchLayout."""
    layout = CardLayout.objects.select_for_update().get(pk=get_layout(layout_id).pk)
    if layout.in_use != in_use:
        layout.in_use, layout.version = in_use, layout.version + 1
        layout.save()
    return layout


def _set(layout: CardLayout, wanted: Wanted, problems: dict[str, Wrong]) -> None:
    name = {language: text.strip() for language, text in wanted.name.items() if text.strip()}
    if not name:
        problems["name"] = Wrong("label.missing")
    elif any(len(text) > LONGEST_NAME for text in name.values()):
        problems["name"] = Wrong("text.long", most=LONGEST_NAME)
    role = Role.objects.filter(code=wanted.role).first() if wanted.role else None
    project = Project.objects.filter(pk=wanted.project_id).first() if wanted.project_id else None
    if (wanted.role and not role) or (wanted.project_id and not project) or not _is_variant(layout, wanted.variant):
        problems["scope"] = Wrong("choice.unknown")
    try:
        layout.arrangement = _checked(wanted.arrangement)
    except Wrong as wrong:
        problems["tabs"] = wrong
    if problems:
        raise LayoutWrong(problems=problems)
    layout.name, layout.role, layout.project, layout.variant = name, role, project, wanted.variant


def _is_variant(layout: CardLayout, variant: str) -> bool:
    return not variant or variant in {code for code, _ in card_of(layout.kind).variants}


def _checked(arrangement: Mapping[str, Any]) -> dict[str, Any]:
    """Each section once, tabs with codes of their own. Raises Wrong."""
    tabs = arrangement.get("tabs", [])
    codes = [tab["code"] for tab in tabs]
    if not tabs:
        raise Wrong("tabs.none")
    if len(tabs) > MOST_TABS or len(set(codes)) < len(codes) or not all(_CODE.fullmatch(code) for code in codes):
        raise Wrong("tabs.form", most=MOST_TABS)
    if len(tabs) > 1 and not all(any(tab.get("label", {}).values()) for tab in tabs):
        raise Wrong("tabs.unnamed")
    seen: set[str] = set()
    found: dict[str, Any] = {"tabs": [], "hidden": []}
    for tab in tabs:
        zones = {zone: _once(tab.get(zone, []), seen) for zone in ZONES}
        label = {language: text.strip()[:LONGEST_NAME] for language, text in tab.get("label", {}).items()}
        found["tabs"].append({"code": tab["code"], "label": {k: v for k, v in label.items() if v}, **zones})
    found["hidden"] = _once(arrangement.get("hidden", []), seen)
    return found


def _once(codes: list[str], seen: set[str]) -> list[str]:
    fresh = [code for code in dict.fromkeys(codes) if code not in seen]
    seen.update(fresh)
    return fresh
