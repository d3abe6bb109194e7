"""An arrangement as pages draw it: tabs with zones of sections. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from perezvon.foundation.records.registry import ZONES, Slot
from perezvon.kernel.texts import text_in

FIRST = "main"
HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Tab:
    """zones: codes of its sections, by zone."""

    code: str
    labels: Mapping[str, str]
    zones: Mapping[str, Sequence[str]]

    @property
    def label(self) -> str:
        return text_in(self.labels, get_language() or "ru") or self.code


def usual(slots: Iterable[Slot]) -> dict[str, Any]:
    """One tab, as the modules themselves place their sections."""
    zones: dict[str, list[str]] = {zone: [] for zone in (*ZONES, HIDDEN)}
    for slot in sorted(slots, key=lambda one: (one.position, one.code)):
        zones[slot.zone].append(slot.code)
    hidden = zones.pop(HIDDEN)
    return {"tabs": [{"code": FIRST, "label": {}, **zones}], HIDDEN: hidden}


def tabs_of(arrangement: Mapping[str, Any], slots: Sequence[Slot]) -> list[Tab]:
    """The tabs with every section that there is, once. What is not arranged stands at the end of the first tab."""
    arrangement = arrangement if arrangement.get("tabs") else usual(slots)
    known = {slot.code: slot for slot in slots}
    placed = {code for tab in arrangement["tabs"] for zone in ZONES for code in tab.get(zone, [])}
    placed |= set(arrangement.get(HIDDEN, []))
    late = usual(slot for slot in slots if slot.code not in placed)["tabs"][0]
    tabs = []
    for place, tab in enumerate(arrangement["tabs"]):
        zones = {zone: [code for code in tab.get(zone, []) if code in known] for zone in ZONES}
        if place == 0:
            zones = {zone: [*codes, *late[zone]] for zone, codes in zones.items()}
        tabs.append(Tab(tab["code"], tab.get("label", {}), zones))
    return tabs


def place_of(arrangement: Mapping[str, Any], slots: Sequence[Slot]) -> dict[str, tuple[str, str, int]]:
    """Where each section stands: (code of the tab, zone, place in it from 1), or ("", "hidden", place)."""
    found = {
        code: (tab.code, zone, place)
        for tab in tabs_of(arrangement, slots)
        for zone in ZONES
        for place, code in enumerate(tab.zones[zone], 1)
    }
    known = {slot.code for slot in slots}
    hidden = [code for code in (arrangement or usual(slots)).get(HIDDEN, []) if code in known]
    return found | {code: ("", HIDDEN, place) for place, code in enumerate(hidden, 1)}


def arranged(
    tabs: Sequence[tuple[str, Mapping[str, str]]], places: Mapping[str, tuple[str, str, int]]
) -> dict[str, Any]:
    """An arrangement to be kept. tabs: (code, label); places: as `place_of` gives them."""
    order = sorted(places, key=lambda code: (places[code][2], code))
    found: dict[str, Any] = {"tabs": [], HIDDEN: [code for code in order if places[code][1] == HIDDEN]}
    for code, label in tabs:
        zones = {zone: [one for one in order if places[one][:2] == (code, zone)] for zone in ZONES}
        found["tabs"].append({"code": code, "label": dict(label), **zones})
    return found
