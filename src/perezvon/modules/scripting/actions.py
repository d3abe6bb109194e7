"""What a scenario can do besides talking: modules register their actions here, the designer offers them by this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perezvon.cores.conditions import Value
from perezvon.foundation.access import Person
from perezvon.foundation.conditions.terms import Label, Picks, Term
from perezvon.kernel.errors import Refused
from perezvon.modules.interactions.models import Interaction


class CannotDo(Refused):
    """A step cannot be carried out here. facts: why, a code; about: of what."""

    code = "scripting.cannot_do"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Parameter:
    """picks: of a choice, (value, label), or a function of who asks. A text may hold places such as {customer.name}."""

    code: str
    label: Label
    kind: Literal["text", "long", "choice"] = "text"
    picks: Picks = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Doing:
    """A step that does something, in a contact. gives: its parameters, their places filled."""

    contact: Interaction
    gives: Mapping[str, str]
    by: Person
    now: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """What the operator's browser opens. place: a "tab" beside his work, a "dialog" over it, or the "workspace"."""

    url: str
    place: Literal["tab", "dialog", "workspace"] = "tab"


@dataclass(frozen=True, slots=True)
class Action:
    """code: `module.action`. facts: what it finds out, for conditions and texts further on.

    right: who may have it done. runs: does it, and gives what it found out; it raises PerezvonError when it cannot be
    done, and the conversation goes on. opens: what is opened for the operator instead. is_done: whether that has come
    to its end, and what it found out; None while it goes on. Without it the operator says so.
    """

    code: str
    label: Label
    parameters: tuple[Parameter, ...] = ()
    facts: Mapping[str, Term] = field(default_factory=dict)
    right: str = ""
    runs: Callable[[Doing], Mapping[str, Value] | None] | None = None
    opens: Callable[[Doing], Opening] | None = None
    is_done: Callable[[Doing], Mapping[str, Value] | None] | None = None


_actions: dict[str, Action] = {}


def register_action(action: Action) -> None:
    """The same code twice is a mistake of the programmer."""
    if _actions.setdefault(action.code, action) != action:
        raise ValueError(f"the action {action.code} is registered twice")


def actions() -> Mapping[str, Action]:
    return dict(sorted(_actions.items()))
