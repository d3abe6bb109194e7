"""How a kind of cases moves: states in four stages, and who may take which step when.

    open      somebody works on it; the clock runs
    paused    we wait for the customer or for others; the clock rests
    solved    there is an answer; the customer may come back
    closed    over; only whoever may reopen brings it back

A case begins in the first open state. A step leads from one state to another; it may be for some roles only, and may
want some things to be there first. Nothing else changes a state. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    SOLVED = "solved"
    CLOSED = "closed"


UNDER_WAY = frozenset({Stage.OPEN, Stage.PAUSED})
OVER = frozenset({Stage.SOLVED, Stage.CLOSED})

# What a step may want to be there, beside fields of an administrator's own ("custom_<key>").
PERSON, CATEGORY, TOPIC, PRODUCT, CUSTOMER, DUE = "person", "category", "topic", "product", "customer", "due"
ANSWER, COMMENT, CHECKLIST, APPROVAL = "answer", "comment", "checklist", "approval"
WANTED = (PERSON, CATEGORY, TOPIC, PRODUCT, CUSTOMER, DUE, ANSWER, COMMENT, CHECKLIST, APPROVAL)
CHILDREN = "children"  # said of a parent that cannot be over yet


@dataclass(frozen=True, slots=True)
class Place:
    """A state. key: names it."""

    key: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class Step:
    """roles: who may take it, everybody who may work on cases when empty. requires: of WANTED or "custom_<key>"."""

    key: int
    source: int
    target: int
    roles: frozenset[str] = frozenset()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case has. filled: of the fields that a step may want; ticked: every point of its list is done."""

    filled: frozenset[str] = frozenset()
    ticked: bool = True
    approved: bool = False
    answered: bool = False
    open_children: int = 0


def first_place(places: Iterable[Place]) -> Place | None:
    """Where a case begins, given the places in their order."""
    return next((place for place in places if place.stage is Stage.OPEN), None)


def steps_for(steps: Iterable[Step], at: int, role: str) -> list[Step]:
    """The steps that somebody of this role may take from there, in order. An empty role is the system: it takes all."""
    return [step for step in steps if step.source == at and (not step.roles or not role or role in step.roles)]


def missing(step: Step, target: Stage, standing: Standing, *, commented: bool) -> tuple[str, ...]:
    """What has to be there before the step, in the order in which the step asks for it."""
    there = {
        ANSWER: standing.answered,
        COMMENT: commented,
        CHECKLIST: standing.ticked,
        APPROVAL: standing.approved,
    }
    wanting = [wanted for wanted in step.requires if not there.get(wanted, wanted in standing.filled)]
    if target in OVER and standing.open_children:
        wanting.append(CHILDREN)
    return tuple(wanting)


# --- for whoever draws up a flow ---


@dataclass(frozen=True, slots=True)
class Flaw:
    """code: no_first, unreachable, dead_end (under way, and no step leads out), never_over."""

    code: str
    place: int | None = None


def flaws(places: Sequence[Place], steps: Collection[Step]) -> list[Flaw]:
    """What would leave cases stuck."""
    first = first_place(places)
    if first is None:
        return [Flaw("no_first")]
    reached = _distances(first.key, steps)
    found = [Flaw("unreachable", place.key) for place in places if place.key not in reached]
    leaving = {step.source for step in steps}
    found += [
        Flaw("dead_end", place.key)
        for place in places
        if place.key in reached and place.stage in UNDER_WAY and place.key not in leaving
    ]
    if not any(place.stage in OVER and place.key in reached for place in places):
        found.append(Flaw("never_over"))
    return found


@dataclass(frozen=True, slots=True)
class Box:
    """A state in a drawing: its column from the left and its row from the top."""

    key: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]
    columns: int
    rows: int
    by_key: Mapping[int, Box] = field(compare=False, default_factory=dict)


def drawing(places: Sequence[Place], steps: Collection[Step]) -> Drawing:
    """Each state in the column of its distance from the first one; what no step reaches stands in a last column."""
    first = first_place(places)
    distances = _distances(first.key, steps) if first else {}
    beyond = max(distances.values(), default=-1) + 1
    heights: dict[int, int] = {}
    boxes = []
    for place in places:
        column = distances.get(place.key, beyond)
        boxes.append(Box(place.key, column, heights.get(column, 0)))
        heights[column] = heights.get(column, 0) + 1
    known = {box.key: box for box in boxes}
    arrows = tuple(
        dict.fromkeys((step.source, step.target) for step in steps if {step.source, step.target} <= known.keys())
    )
    return Drawing(tuple(boxes), arrows, max(heights, default=-1) + 1, max(heights.values(), default=0), known)


def _distances(first: int, steps: Collection[Step]) -> dict[int, int]:
    found, edge = {first: 0}, [first]
    while edge:
        targets = {step.target for step in steps if step.source in edge} - found.keys()
        found |= dict.fromkeys(targets, max(found.values()) + 1)
        edge = sorted(targets)
    return found
