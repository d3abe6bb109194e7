"""What happens next in a conversation.

`begin` starts a run; `step` takes one input and gives the run as it is then with what is to be done outside, or raises
NotNow and nothing has changed. The same inputs at the same times give the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from perezvon.cores.conditions import Fact, Value
from perezvon.cores.scripting import checking
from perezvon.cores.scripting.knowing import SUB, Knowledge, entry_of, jumps_at, node_of, stored_of, value_of
from perezvon.cores.scripting.model import (
    MOST_STEPS,
    Answer,
    Back,
    Clock,
    Do,
    Done,
    Effect,
    Ended,
    Failure,
    Field,
    Forward,
    Input,
    JumpTo,
    Keep,
    Kind,
    Know,
    Library,
    Missing,
    Node,
    NotNow,
    Place,
    Run,
    Skip,
    Speak,
    Step,
    Stored,
    Tick,
    Turn,
    Way,
    Write,
    limit_of,
)

DONE, FAILED, SKIPPED = "done", "failed", "skipped"
LATE, JUMPED = "late", "jump:"


class Access(StrEnum):
    """What whoever leads a conversation may do with a field of the card."""

    NONE = "none"
    SEES = "sees"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where conversations run: the scenarios, and the facts that are known outside of them. card: what may be done with
    a field of the card. One that may not be seen is not asked; one that may only be seen is what the card holds."""

    library: Library
    known: Mapping[str, Fact]
    card: Callable[[str], Access] = lambda _binds: Access.WRITES

    def access(self, field: Field) -> Access:
        return self.card(field.binds) if field.binds else Access.WRITES

    def asking(self, node: Node) -> Node:
        """With the fields that are asked of this person."""
        asked = tuple(one for one in node.fields if self.access(one) is Access.WRITES)
        return node if len(asked) == len(node.fields) else replace(node, fields=asked)


def begin(stage: Stage, key: str, *, run_id: str, language: str, context: Mapping[str, Value], now: datetime) -> Turn:
    """A new run of the scenario, in its main language if it does not have the wished one."""
    scenario = stage.library[key]
    spoken = language if language in scenario.languages else scenario.languages[0]
    first = Step(Place(key, scenario.start), now)
    return _Stepper(stage, Run(run_id, key, spoken, (first,), 0, dict(context)), now).settled()


def step(stage: Stage, run: Run, given: Input, now: datetime) -> Turn:
    """The run after an input. Raises NotNow."""
    stepper = _Stepper(stage, run, now)
    if run.ended_at is not None and not isinstance(given, Done):
        raise NotNow("ended")
    _ACTS[type(given)](stepper, given)
    return stepper.settled()


def next_wakeup(stage: Stage, run: Run) -> datetime | None:
    """When `Clock` has something to say."""
    if run.ended_at is not None or run.here.way:
        return None
    return limit_of(node_of(stage.library, run.here), run.here)


def tick_key(place: Place, phrase: str) -> str:
    return f"{place.scenario}/{place.node}/{phrase}"


def _stored(node: Node, run: Run) -> dict[str, Stored]:
    return {field.code: run.answers[field.code] for field in node.fields if field.code in run.answers}


def _sorted(stored: Stored) -> Stored:
    """Codes that were ticked, as a card's are compared: in whatever order."""
    return tuple(sorted(stored)) if isinstance(stored, tuple) else stored


class _Stepper:
    """One input, worked through."""

    def __init__(self, stage: Stage, run: Run, now: datetime) -> None:
        self._stage = stage
        self._now = now
        self._effects: list[Effect] = []
        self._is_forward = False
        self.run = run

    @property
    def node(self) -> Node:
        return node_of(self._stage.library, self.run.here)

    def knowledge(self) -> Knowledge:
        return Knowledge(self._stage.library, self.run, self._stage.known, self._now)

    # --- what people do ---

    def keep(self, given: Keep) -> None:
        self._remember(checking.kept(self._stage.asking(self.node), given.values))

    def _remember(self, answers: Mapping[str, Stored]) -> None:
        self.run = replace(self.run, answers={**self.run.answers, **answers})

    def tick(self, given: Tick) -> None:
        if all(one.code != given.phrase for one in self.node.phrases):
            raise NotNow("phrase")
        key = tick_key(self.run.here.place, given.phrase)
        self.run = replace(self.run, ticks={key: self._now, **self.run.ticks})

    def answer(self, given: Answer) -> None:
        self._leave({**_stored(self.node, self.run), **given.values}, given.way)

    def _leave(self, values: Mapping[str, Stored], chosen: str) -> None:
        node = self.node
        if not node.is_shown:
            raise NotNow("waiting")
        asked = self._stage.asking(node)
        answers, missing = checking.read(asked, values)
        missing += self._unread(node)
        if missing:
            raise NotNow("incomplete", missing)
        self._remember(self._seen(node) | answers)
        self._write(asked, answers)
        knowledge = self.knowledge()
        way = self._pressed(node, chosen, knowledge) if chosen else self._unasked(node, knowledge)
        if way is None:
            raise NotNow("choose")
        self._go(way)

    def _seen(self, node: Node) -> dict[str, Stored]:
        """What the card holds in the fields that are only shown: answers like others."""
        shown = (one for one in node.fields if self._stage.access(one) is Access.SEES)
        return {one.code: stored_of(self.run.context.get(one.binds)) for one in shown}

    def _unread(self, node: Node) -> tuple[Missing, ...]:
        place = self.run.here.place
        unread = (one for one in node.phrases if one.mandatory and tick_key(place, one.code) not in self.run.ticks)
        return tuple(Missing(one.code, "phrase") for one in unread)

    def _write(self, node: Node, answers: Mapping[str, Stored]) -> None:
        """To the card, what differs from it."""
        bound = {field.binds: field for field in node.fields if field.binds}
        stored = {binds: answers[field.code] for binds, field in bound.items()}
        changed = {
            binds: one for binds, one in stored.items() if stored_of(self.run.context.get(binds)) != _sorted(one)
        }
        if changed:
            values = {binds: value_of(bound[binds].ask, one) for binds, one in changed.items()}
            self.run = replace(self.run, context={**self.run.context, **values})
            self._effects.append(Write(changed))

    def _pressed(self, node: Node, chosen: str, knowledge: Knowledge) -> Way:
        way = next((one for one in node.ways if one.code == chosen and one.label), None)
        if way is None or not knowledge.holds(way.when):
            raise NotNow("way")
        if not knowledge.holds(way.needs):
            raise NotNow("needs")
        return way

    @staticmethod
    def _unasked(node: Node, knowledge: Knowledge) -> Way | None:
        """The first way that is taken by itself."""
        return next(
            (one for one in node.ways if not one.label and knowledge.holds(one.when) and knowledge.holds(one.needs)),
            None,
        )

    def back(self, _given: Back) -> None:
        before = [at for at in range(self.run.at) if node_of(self._stage.library, self.run.steps[at]).is_shown]
        if not before:
            raise NotNow("first")
        self.run = replace(self.run, at=before[-1])

    def forward(self, _given: Forward) -> None:
        """As if the step were left again the way it was left."""
        here, self._is_forward = self.run.here, True
        if self.run.at + 1 >= len(self.run.steps):
            raise NotNow("last")
        if here.way.startswith(JUMPED):
            return self._jump(here.way.removeprefix(JUMPED))
        if here.way == LATE:
            return self._move(LATE, Place(here.place.scenario, self.node.late_to), here.stack)
        way = next((one for one in self.node.ways if one.code == here.way), None)
        return self._leave(_stored(self.node, self.run), way.code if way and way.label else "")

    def jump(self, given: JumpTo) -> None:
        self._jump(given.jump)

    def _jump(self, code: str) -> None:
        found = jumps_at(self._stage.library, self.run.here).get(code)
        if found is None or not self.knowledge().holds(found[0].when):
            raise NotNow("jump")
        self._move(JUMPED + code, *found[1:])

    def speak(self, given: Speak) -> None:
        if given.language not in self._stage.library[self.run.scenario].languages:
            raise NotNow("language")
        self.run = replace(self.run, language=given.language)

    # --- what happens ---

    def done(self, outcome: Done) -> None:
        """Twice is once, and of another run it is nothing."""
        found = [at for at, one in enumerate(self.run.steps) if one.effect == outcome.effect and not one.outcome]
        if not outcome.effect or not found:
            return
        self._finish(found[0], DONE if outcome.ok else FAILED, outcome.facts)
        if not outcome.ok:
            self._failed(node_of(self._stage.library, self.run.steps[found[0]]).does, outcome.said)

    def know(self, given: Know) -> None:
        self.run = replace(self.run, context={**self.run.context, **given.context})

    def skip(self, _given: Skip) -> None:
        if self.node.kind != Kind.ACTION or self.run.here.outcome:
            raise NotNow("nothing_to_skip")
        self._finish(self.run.at, SKIPPED, {})

    def clock(self, _given: Clock) -> None:
        here, node = self.run.here, self.node
        until = limit_of(node, here)
        if until is None or here.way or self._now < until:
            return
        self._replace_step(self.run.at, replace(here, late=True))
        if node.late_to:
            self._move(LATE, Place(here.place.scenario, node.late_to), here.stack)

    # --- passing what waits for nobody ---

    def settled(self) -> Turn:
        while self.run.ended_at is None and not self.node.is_shown and self._passes():
            pass
        return Turn(self.run, tuple(self._effects))

    def _passes(self) -> bool:
        """Goes through the node at the cursor. Gives False where the conversation stays at it."""
        node = self.node
        match node.kind:
            case Kind.ACTION:
                return self._act(node)
            case Kind.SUB if node.scenario in self._stage.library:
                return self._enter(node)
            case Kind.SUB:
                self._failed(f"scenario:{node.scenario}", "")
            case Kind.RETURN:
                return self._return()
            case Kind.END:
                return self._end(node)
        return self._follow(node)

    def _follow(self, node: Node) -> bool:
        way = self._unasked(node, self.knowledge())
        if way is None:
            return False
        self._go(way)
        return True

    def _act(self, node: Node) -> bool:
        here = self.run.here
        if not here.effect:
            number = self.run.effects + 1
            self.run = replace(self.run, effects=number)
            self._replace_step(self.run.at, replace(here, effect=number))
            knowledge = self.knowledge()
            gives = {name: knowledge.give(text) for name, text in node.gives.items()}
            self._effects.append(Do(number, node.does, gives))
        if node.waits and not self.run.here.outcome:
            return self._is_forward and self._jumps_again()
        return self._follow(node)

    def _jumps_again(self) -> bool:
        """Forward from an action that was jumped away from while it went on."""
        code = self.run.here.way.removeprefix(JUMPED)
        if code == self.run.here.way or self.run.at + 1 >= len(self.run.steps):
            return False
        found = jumps_at(self._stage.library, self.run.here).get(code)
        if found is None or not self.knowledge().holds(found[0].when):
            return False
        self._jump(code)
        return True

    def _enter(self, node: Node) -> bool:
        here = self.run.here
        if SUB + node.id in here.facts:
            return self._follow(node)
        start = Place(node.scenario, self._stage.library[node.scenario].start)
        self._move("", start, (*here.stack, here.place))
        return True

    def _return(self) -> bool:
        """Back to where the jump was made; the end of a sub-scenario where there was none."""
        stack = self.run.here.stack
        if stack and self._node_at(stack[-1]).kind != Kind.SUB:
            self._move("", stack[-1], stack[:-1])
            return True
        return self._end(self.node)

    def _end(self, node: Node) -> bool:
        """Of the sub-scenario that it stands in, else of the run."""
        here = self.run.here
        at = entry_of(self._stage.library, here.place.scenario, here.stack)
        if at is not None:
            place = here.stack[at]
            self._move("", place, here.stack[:at], {SUB + place.node: node.result})
            return True
        self.run = replace(self.run, result=node.result, ended_at=self._now)
        self._effects.append(Ended(node.result))
        return False

    def _node_at(self, place: Place) -> Node:
        return self._stage.library[place.scenario].nodes[place.node]

    # --- moving ---

    def _go(self, way: Way) -> None:
        here = self.run.here
        self._move(way.code, Place(here.place.scenario, way.to), here.stack)

    def _move(self, way: str, to: Place, stack: tuple[Place, ...], facts: Mapping[str, Value] | None = None) -> None:
        """To the step that was there already if the way is the old one, else to a new one; what lay ahead is left."""
        run, here = self.run, self.run.here
        following = run.steps[run.at + 1] if run.at + 1 < len(run.steps) else None
        known = facts or {}
        is_old = following is not None and (following.place, following.stack) == (to, stack) and here.way == way
        if is_old and following is not None and all(following.facts.get(name) == one for name, one in known.items()):
            self.run = replace(run, at=run.at + 1)
            return
        if run.at + 2 > MOST_STEPS:
            raise NotNow("too_long")
        fresh = Step(to, self._now, stack, facts=known)
        self.run = replace(run, steps=(*run.steps[: run.at], replace(here, way=way), fresh), at=run.at + 1)

    def _finish(self, at: int, outcome: str, facts: Mapping[str, Value]) -> None:
        found = self.run.steps[at]
        self._replace_step(at, replace(found, outcome=outcome, facts={**found.facts, **facts}))

    def _replace_step(self, at: int, changed: Step) -> None:
        steps = (*self.run.steps[:at], changed, *self.run.steps[at + 1 :])
        self.run = replace(self.run, steps=steps)

    def _failed(self, does: str, said: str) -> None:
        self.run = replace(self.run, failures=(*self.run.failures, Failure(does, said, self._now)))


_ACTS: Mapping[type, Callable[[_Stepper, Any], None]] = {
    Answer: _Stepper.answer,
    Keep: _Stepper.keep,
    Tick: _Stepper.tick,
    Back: _Stepper.back,
    Forward: _Stepper.forward,
    JumpTo: _Stepper.jump,
    Done: _Stepper.done,
    Skip: _Stepper.skip,
    Speak: _Stepper.speak,
    Know: _Stepper.know,
    Clock: _Stepper.clock,
}
