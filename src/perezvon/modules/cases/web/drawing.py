"""The flow of a kind as a picture: boxes in columns by their distance from the first one, arrows between them."""

from __future__ import annotations

from typing import Any

from perezvon.modules.cases import flow
from perezvon.modules.cases.selectors import Flow

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, EDGE = 148, 36, 60, 22, 22
_LONGEST = 20  # letters that fit in a box


def drawn(known: Flow) -> dict[str, Any]:
    """{width, height, boxes: [{x, y, label, stage}], arrows: [path]}. Pure."""
    found = flow.drawing(known.places, known.steps)
    at = {
        box.key: (EDGE + box.column * (BOX_WIDTH + GAP_X), EDGE + box.row * (BOX_HEIGHT + GAP_Y)) for box in found.boxes
    }
    back = sum(at[one][0] >= at[two][0] for one, two in found.arrows)
    height = found.rows * (BOX_HEIGHT + GAP_Y) + EDGE
    return {
        "width": found.columns * (BOX_WIDTH + GAP_X) + EDGE if found.columns else 0,
        "height": height + (back * 9 + 6 if back else 0),
        "box_width": BOX_WIDTH,
        "box_height": BOX_HEIGHT,
        "boxes": [_box(known, key, x, y) for key, (x, y) in at.items()],
        "arrows": _arrows(found.arrows, at, height),
    }


def _box(known: Flow, key: int, x: int, y: int) -> dict[str, Any]:
    state = known.states[key]
    name = str(state)
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return {
        "x": x,
        "y": y,
        "text_x": x + BOX_WIDTH // 2,
        "text_y": y + BOX_HEIGHT // 2 + 4,
        "label": short,
        "full": name,
        "stage": state.stage,
    }


def _arrows(arrows: tuple[tuple[int, int], ...], at: dict[int, tuple[int, int]], floor: int) -> list[str]:
    """Forward ones go straight to the next column; those that lead back run below everything,
    each on its own line and through the gaps between columns."""
    paths, below = [], 0
    for source, target in arrows:
        (x1, y1), (x2, y2) = at[source], at[target]
        if x1 < x2:
            begin, end = (x1 + BOX_WIDTH, y1 + BOX_HEIGHT // 2), (x2 - 5, y2 + BOX_HEIGHT // 2)
            middle = begin[0] + GAP_X // 2
            paths.append(f"M{begin[0]} {begin[1]} C{middle} {begin[1]} {middle} {end[1]} {end[0]} {end[1]}")
        else:
            below += 1
            line, out, into = floor + below * 9 - 6, x1 + BOX_WIDTH + 6 + below * 3, x2 - 8 - below * 3
            low = BOX_HEIGHT * 3 // 4
            paths.append(f"M{x1 + BOX_WIDTH} {y1 + low} H{out} V{line} H{into} V{y2 + low} H{x2 - 5}")
    return paths
