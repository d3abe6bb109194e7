"""A scenario tried with a client who does not exist: nothing is written, no action is carried out.

The page keeps what was given; each turn is reckoned anew from the beginning, so that there is nothing to lose here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from perezvon.cores.conditions import Type, Value
from perezvon.cores.scripting import Stage, Surroundings, View, begin, look, step
from perezvon.cores.scripting.model import (
    Answer,
    Back,
    Do,
    Done,
    Forward,
    Input,
    JumpTo,
    Keep,
    NotNow,
    Run,
    Scenario,
    Skip,
    Speak,
    Stored,
    Tick,
)
from perezvon.foundation.conditions.terms import Term

MOST_INPUTS = 1_000


@dataclass(frozen=True, slots=True)
class Tried:
    """log: (node id, way taken) of what lies behind. refused: why the last input could not be taken; it is left out."""

    run: Run
    view: View
    done: tuple[Do, ...]
    refused: NotNow | None = None
    taken: int = 0
    answers: Mapping[str, Stored] = field(default_factory=dict)


def try_out(
    scenario: Scenario, around: Surroundings, inputs: Sequence[Mapping[str, Any]], *, language: str,
    context: Mapping[str, Value], now: datetime,
) -> Tried:  # fmt: skip
    """Where the run stands after these inputs. Those that cannot be taken are passed over."""
    stage = Stage({**around.library, scenario.key: scenario}, around.known)
    turn = begin(stage, scenario.key, run_id="trial", language=language, context=context, now=now)
    run, done, refused = turn.run, list(turn.effects), None
    for given in inputs[:MOST_INPUTS]:
        refused = None
        try:
            turn = step(stage, run, read_input(given, run), now)
        except NotNow as error:
            refused = error
            continue
        run = turn.run
        done += turn.effects
    acts = tuple(effect for effect in done if isinstance(effect, Do))
    return Tried(run, look(stage, run, now), acts, refused, len(inputs), run.answers)


def read_input(given: Mapping[str, Any], run: Run) -> Input:
    """What the page sent. Raises NotNow for what is no input."""
    match given.get("do"):
        case "answer":
            return Answer(_values(given.get("values")), str(given.get("way", "")))
        case "keep":
            return Keep(_values(given.get("values")))
        case "tick":
            return Tick(str(given.get("phrase", "")))
        case "back":
            return Back()
        case "forward":
            return Forward()
        case "jump":
            return JumpTo(str(given.get("jump", "")))
        case "speak":
            return Speak(str(given.get("language", "")))
        case "done":
            return Done(run.here.effect, bool(given.get("ok")))
        case "skip":
            return Skip()
    raise NotNow("unknown")


def _values(given: object) -> dict[str, Stored]:
    if not isinstance(given, Mapping):
        return {}
    return {
        str(code): tuple(map(str, value)) if isinstance(value, list) else str(value) for code, value in given.items()
    }


def somebody(terms: Mapping[str, Term], given: Mapping[str, str], now: datetime) -> dict[str, Value]:
    """A client to try with: of each fact what was typed, as it compares; nothing else is known of him."""
    known: dict[str, Value] = {}
    for code, text in given.items():
        if code in terms and text:
            known[code] = _value(terms[code].type, text, now)
    return known


def _value(type_: Type, text: str, now: datetime) -> Value:
    try:
        match type_:
            case Type.NUMBER:
                return Decimal(text.replace(",", "."))
            case Type.FLAG:
                return text == "yes"
            case Type.DAY:
                return date.fromisoformat(text)
            case Type.MOMENT:
                found = datetime.fromisoformat(text)
                return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
            case Type.MANY:
                return frozenset(text.split())
    except (ValueError, ArithmeticError):
        return None
    return text
