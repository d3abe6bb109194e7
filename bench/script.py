"""Scenarios: how long a step takes, and how long the check of a drawing, as scenarios grow.

    perezvon bench script [--nodes N] [--turns N] --json

Times are of the processor. A talk of N nodes (questions with scores, decisions on them, phrases to read) is begun and
answered to its end, again and again. Goal: a step within 5 ms for 99 of 100 at 500 nodes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from perezvon.cores.conditions import Fact, Type
from perezvon.cores.scripting import Stage, Surroundings, begin, look, step, validate
from perezvon.cores.scripting.codec import read_run, read_scenario, write_run
from perezvon.cores.scripting.model import Answer, Scenario, Tick

NEEDS_DATABASE = False

GOAL_P99_MS = 5.0
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KNOWN = {"customer.name": Fact("customer.name", Type.TEXT)}


def drawn(nodes: int) -> Scenario:
    """A third each of questions, decisions and phrases."""
    made: dict[str, dict[str, Any]] = {"end": {"id": "end", "kind": "end", "result": "over"}}
    for place in range(0, nodes - 1, 3):
        question, decision, phrase, onward = (f"n{place + offset}" for offset in range(4))
        onward = onward if place + 3 < nodes - 1 else "end"
        options = [{"code": code, "texts": {"en": code}, "score": str(score)} for score, code in enumerate("abc")]
        fields = [{"code": f"q{place}", "ask": "one", "label": {"en": "?"}, "options": options, "required": True}]
        made[question] = {
            "id": question, "kind": "question", "text": {"texts": {"en": "Dear {customer.name}, which one?"}},
            "fields": fields, "ways": [{"code": "on", "to": decision}],
        }  # fmt: skip
        made[decision] = {
            "id": decision, "kind": "decision",
            "ways": [
                {"code": "few", "to": onward, "when": ["and", ["score", "most", "40"], [f"q{place}", "any", "a"]]},
                {"code": "on", "to": phrase},
            ],
        }  # fmt: skip
        made[phrase] = {
            "id": phrase, "kind": "phrase", "text": {"texts": {"en": "Thank you"}},
            "phrases": [{"code": "p", "text": {"texts": {"en": "This is recorded"}}}],
            "ways": [{"code": "on", "to": onward}],
        }  # fmt: skip
    return read_scenario({"key": "long", "version": 1, "start": "n0", "languages": ["en"], "nodes": made})


def main(arguments: list[str]) -> dict[str, object]:
    """How long a step, a look and keeping a run take."""
    parser = argparse.ArgumentParser(prog="perezvon bench script")
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--turns", type=int, default=3_000)
    options = parser.parse_args(arguments)
    scenario = drawn(options.nodes)
    stage = Stage({"long": scenario}, KNOWN)
    began = time.process_time()
    flaws = validate(scenario, Surroundings({}, KNOWN, frozenset()))
    checked = time.process_time() - began
    steps, looks, kept = _talk(stage, options.turns)
    return {
        "nodes": len(scenario.nodes),
        "flaws": len(flaws),
        "validate_ms": round(checked * 1000, 1),
        "step": _figures(steps),
        "look": _figures(looks),
        "keep_and_read": _figures(kept),
        "goal_step_p99_ms": GOAL_P99_MS,
        "is_met": _figures(steps)["p99_ms"] <= GOAL_P99_MS,
    }


def _talk(stage: Stage, turns: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each step, look, and of keeping and reading the run; conversations follow one another."""
    steps: list[float] = []
    looks: list[float] = []
    kept: list[float] = []
    now = begin(stage, "long", run_id="r", language="en", context={"customer.name": "Elena"}, now=NOW).run
    while len(steps) < turns:
        began = time.process_time()
        view = look(stage, now, NOW)
        looks.append(time.process_time() - began)
        given = [Tick(one.code) for one in view.phrases]
        values = {one.field.code: "abc"[len(steps) % 3] for one in view.fields}
        for one in (*given, Answer(values)):
            began = time.process_time()
            now = step(stage, now, one, NOW).run
            steps.append(time.process_time() - began)
        began = time.process_time()
        now = read_run(write_run(now))
        kept.append(time.process_time() - began)
        if now.ended_at:
            now = begin(stage, "long", run_id="r", language="en", context={"customer.name": "Elena"}, now=NOW).run
    return steps, looks, kept


def _figures(seconds: list[float]) -> dict[str, float]:
    cut = statistics.quantiles(seconds, n=100)
    return {"p50_ms": round(cut[49] * 1000, 3), "p99_ms": round(cut[98] * 1000, 3)}
