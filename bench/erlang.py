"""`perezvon bench erlang`: how long callers wait in the production router, against what theory says (PERF.md §1.3, A5).

Callers arrive by chance and are handled for a time of chance, both exponential; the clock is virtual. No router that
lets nobody wait while an agent is free can do better than theory with one skill, so equality is what is asked for: the
theoretical value lies within the confidence interval of 99.9 %, from means of batches. How busy agents are says what
load the chance brought, not what the router did with it, and is left out.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from perezvon.cores.routing.tests.played import Case, Play

NEEDS_DATABASE = False
# The cases of PERF.md §1.3 that a minute can show.
CASES = (
    Case(100, 180, 7),
    Case(200, 180, 12),
    Case(200, 180, 14),
    Case(1000, 240, 72),
    Case(200, 180, 10, patience_s=120),
    Case(200, 180, 12, patience_s=60),
    Case(2880, 60, 50, patience_s=120),
    Case(1000, 240, 66, patience_s=180),
)


def main(arguments: list[str]) -> dict[str, object]:
    """Each case with what was expected, found, and how sure that is; and how many figures lie where they should."""
    parser = argparse.ArgumentParser(prog="perezvon bench erlang", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=100_000, help="of each case")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    cases = [_played(case, given.calls, given.seed) for case in CASES]
    inside = [one["inside"] for case in cases for one in case["figures"].values()]
    return {
        "calls": given.calls,
        "seed": given.seed,
        "cases": cases,
        "inside": sum(inside),
        "figures": len(inside),
        "goal": "every figure inside its interval of 99.9 %",
        "took_s": round(time.perf_counter() - began, 1),
    }


def _played(case: Case, calls: int, seed: int) -> dict[str, Any]:
    found = Play(case, seed).run(calls, warm_up=calls // 20).estimates(case.agents)
    return {
        "per_hour": case.per_hour,
        "talk_s": case.talk_s,
        "agents": case.agents,
        "patience_s": case.patience_s,
        "figures": {name: _compared(value, *found[name]) for name, value in case.expected.items() if name != "busy"},
    }


def _compared(expected: float, found: float, half: float) -> dict[str, Any]:
    return {
        "expected": round(expected, 5),
        "found": round(found, 5),
        "give_or_take": round(half, 5),
        "inside": abs(found - expected) <= max(half, 1e-9),
    }
