"""Which rules act: decided from conditions and from what has been done for the same cause. Pure.

What a rule does sets off further events; they keep its cause. A rule acts once for one cause and one case, so rules
that set each other off come to an end, after as many steps as there are rules at most, whatever they do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from perezvon.cores.conditions import Fact, Judged, Value, Where, explain, holds


class Verdict(StrEnum):
    """passes: its conditions do not hold. loop: it acted for this cause before."""

    ACTS = "acts"
    PASSES = "passes"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    judged: tuple[Judged, ...] = ()


def decide(
    where: Where,
    facts: Mapping[str, Fact],
    values: Mapping[str, Value],
    *,
    rule: int,
    acted: Collection[int],
    now: datetime,
) -> Decision:
    """What becomes of a rule that is asked. acted: rules that have acted for this cause and this case."""
    if not holds(where, facts, values, now):
        return Decision(Verdict.PASSES)
    if rule in acted:
        return Decision(Verdict.LOOP)
    return Decision(Verdict.ACTS, tuple(explain(where, facts, values, now)))
