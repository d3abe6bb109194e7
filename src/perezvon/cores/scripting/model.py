"""The words of scenarios: what an administrator draws, and what a conversation makes of it.

A scenario is a graph of nodes. Some are *shown*, and wait for a person: a phrase to read, a form, a question, a
choice. The others are passed at once: an action that is done, a decision, a sub-scenario entered, the return from a
jump, an end. From a node lead ways, tried in their order; a way with a label is a button.

A run is the path that one conversation has taken, with a cursor on it. Nothing is ever taken out of it by going back:
what lies behind the cursor comes again by going forward, until another way is taken. What a condition may ask (the
facts) follows from the path up to the cursor, so an answer on a branch that was left does not count, and counts again
when the branch is taken again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from perezvon.cores.conditions import Type, Where
from perezvon.cores.scripting.kept import Asked, Known

type Texts = Mapping[str, str]  # by language
type Stored = str | tuple[str, ...]  # an answer as it is kept: one text, or the codes ticked

MOST_NODES = 2_000
MOST_STEPS = 1_000  # of one run; a conversation of that many is a loop
MOST_FIELDS = 60
LONGEST_ANSWER = 10_000

NO_TEXTS: Texts = {}


class Kind(StrEnum):
    PHRASE = "phrase"
    FORM = "form"
    QUESTION = "question"
    CHOICE = "choice"
    ACTION = "action"
    DECISION = "decision"
    SUB = "sub"
    RETURN = "return"
    END = "end"


SHOWN = frozenset({Kind.PHRASE, Kind.FORM, Kind.QUESTION, Kind.CHOICE})


@dataclass(frozen=True, slots=True)
class Variant:
    """What is said instead to whomever the condition fits (F06.27)."""

    when: Asked
    texts: Texts


@dataclass(frozen=True, slots=True)
class Text:
    """texts may hold places such as {customer.name}, filled with facts (F13.16)."""

    texts: Texts = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()


class Ask(StrEnum):
    """What a field takes. scale: a whole number from least to most. matrix: an option for each of its rows."""

    TEXT = "text"
    NUMBER = "number"
    SCALE = "scale"
    DAY = "day"
    MOMENT = "moment"
    ONE = "one"
    MANY = "many"
    FLAG = "flag"
    PHONE = "phone"
    MATRIX = "matrix"


TYPE_OF: Mapping[Ask, Type] = {
    Ask.TEXT: Type.TEXT,
    Ask.NUMBER: Type.NUMBER,
    Ask.SCALE: Type.NUMBER,
    Ask.DAY: Type.DAY,
    Ask.MOMENT: Type.MOMENT,
    Ask.ONE: Type.CHOICE,
    Ask.MANY: Type.MANY,
    Ask.FLAG: Type.FLAG,
    Ask.PHONE: Type.PHONE,
    Ask.MATRIX: Type.MANY,
}


@dataclass(frozen=True, slots=True)
class Option:
    """score: what choosing it adds, times the weight of its field."""

    code: str
    texts: Texts = field(default_factory=dict)
    score: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Band:
    """Of a number: from `least` upwards it scores so much."""

    least: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class Field:
    """code: by which conditions and texts speak of the answer. binds: the field of a card that it also is, so that
    nothing is asked twice (its value is there at once, and goes there when the step is left)."""

    code: str
    ask: Ask = Ask.TEXT
    label: Texts = field(default_factory=dict)
    required: bool = False
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    weight: Decimal = Decimal(1)
    bands: tuple[Band, ...] = ()
    binds: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to be read aloud, ticked when they were."""

    code: str
    text: Text
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """label: of its button; without one the way is taken by itself. when: it is there at all. needs: it can be taken;
    until then it shows `why` it cannot (F06.19). sets: facts that hold from then on, such as an importance or a queue
    (F06.24)."""

    code: str
    to: str
    label: Texts = field(default_factory=dict)
    when: Asked = field(default_factory=Where)
    needs: Asked = field(default_factory=Where)
    why: Texts = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """counts: a counter that each visit adds to, asked for as `count.<name>`. limit_s: how long it may take; late_to:
    where it goes by itself then, "" to be only told. does, gives, waits: of an action, its parameters and whether the
    conversation waits for it. scenario: of a sub. result: of an end."""

    id: str
    kind: Kind
    title: Texts = field(default_factory=dict)
    text: Text = field(default_factory=Text)
    phrases: tuple[Phrase, ...] = ()
    fields: tuple[Field, ...] = ()
    ways: tuple[Way, ...] = ()
    counts: str = ""
    limit_s: int = 0
    late_to: str = ""
    does: str = ""
    gives: Mapping[str, str] = field(default_factory=dict)
    waits: bool = True
    scenario: str = ""
    result: str = ""

    @property
    def is_shown(self) -> bool:
        return self.kind in SHOWN


@dataclass(frozen=True, slots=True)
class Jump:
    """What may come up at any time: an objection, a complaint, no time. returns: from its RETURN node the
    conversation goes on where it was; else what was going on is left. It may come up in sub-scenarios too."""

    code: str
    to: str
    label: Texts = field(default_factory=dict)
    when: Asked = field(default_factory=Where)
    returns: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One version; two are the same when they are the same object. languages: those it is written in, the main one
    first. facts: what its ways set, besides its answers."""

    key: str
    version: int
    start: str
    nodes: Mapping[str, Node]
    languages: tuple[str, ...] = ("ru",)
    name: Texts = field(default_factory=dict)
    jumps: tuple[Jump, ...] = ()
    facts: Mapping[str, Type] = field(default_factory=dict)


type Library = Mapping[str, Scenario]  # by key, in the versions with which a run began


# --- a run ---


@dataclass(frozen=True, slots=True)
class Place:
    scenario: str
    node: str


@dataclass(frozen=True, slots=True)
class Step:
    """One stay at a node. way: by which it was left; stack: where returns lead, the latest last. effect: number of
    the action done here; outcome: "" while it goes on, "done", "failed", "skipped"; facts: what it brought. late: the
    time for it was over."""

    place: Place
    entered_at: datetime
    stack: tuple[Place, ...] = ()
    way: str = ""
    effect: int = 0
    outcome: str = ""
    facts: Mapping[str, Known] = field(default_factory=dict)
    late: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An action that did not work; the conversation went on."""

    does: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """at: the cursor on its steps. context: facts from outside, of the customer and the contact. answers: by code,
    all that were ever given. ticks: when phrases were read, by node and code. effects: how many were asked for."""

    id: str
    scenario: str
    language: str
    steps: tuple[Step, ...]
    at: int
    context: Mapping[str, Known] = field(default_factory=dict)
    answers: Mapping[str, Stored] = field(default_factory=dict)
    ticks: Mapping[str, datetime] = field(default_factory=dict)
    effects: int = 0
    failures: tuple[Failure, ...] = ()
    result: str = ""
    ended_at: datetime | None = None

    @property
    def here(self) -> Step:
        return self.steps[self.at]

    @property
    def path(self) -> tuple[Step, ...]:
        """Up to the cursor."""
        return self.steps[: self.at + 1]


# --- what is said to it, and what it asks for ---


@dataclass(frozen=True, slots=True)
class Answer:
    """Leaves the step. values: by field; way: the code of the button, "" where there is none."""

    values: Mapping[str, Stored] = field(default_factory=dict)
    way: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """What is typed so far; the step is not left, nothing is checked."""

    values: Mapping[str, Stored]


@dataclass(frozen=True, slots=True)
class Tick:
    phrase: str


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Forward:
    pass


@dataclass(frozen=True, slots=True)
class JumpTo:
    jump: str


@dataclass(frozen=True, slots=True)
class Done:
    """An action has come to its end. facts: what it found out; said: why it did not work."""

    effect: int
    ok: bool
    facts: Mapping[str, Known] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """The operator does not wait for the action."""


@dataclass(frozen=True, slots=True)
class Speak:
    language: str


@dataclass(frozen=True, slots=True)
class Know:
    """Something outside has changed, the customer was identified for one."""

    context: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Clock:
    """It may be late; see `next_wakeup`."""


type Input = Answer | Keep | Tick | Back | Forward | JumpTo | Done | Skip | Speak | Know | Clock


@dataclass(frozen=True, slots=True)
class Do:
    """An action to be carried out; `Done` with its number says what came of it."""

    effect: int
    does: str
    gives: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Write:
    """Answers that are fields of a card too, by the field."""

    values: Mapping[str, Stored]


@dataclass(frozen=True, slots=True)
class Ended:
    result: str


type Effect = Do | Write | Ended


@dataclass(frozen=True, slots=True)
class Turn:
    run: Run
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a step from being left. field: its code, or of a phrase; "" of the step itself."""

    field: str
    code: str


class NotNow(ValueError):
    """It cannot be done here and now; the run is as it was. code: why, problems: where it is a matter of fields."""

    def __init__(self, code: str, problems: tuple[Missing, ...] = ()) -> None:
        super().__init__(code, problems)
        self.code = code
        self.problems = problems


def limit_of(node: Node, step: Step) -> datetime | None:
    """When the time for a step is over."""
    return step.entered_at + timedelta(seconds=node.limit_s) if node.limit_s and not step.late else None
