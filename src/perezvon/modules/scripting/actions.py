"""What a scenario can do besides talking: modules register their actions here, the designer offers them by this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from perezvon.foundation.conditions.terms import Label, Picks, Term


@dataclass(frozen=True, slots=True)
class Parameter:
    """picks: of a choice, (value, label), or a function of who asks. A text may hold places such as {customer.name}."""

    code: str
    label: Label
    kind: Literal["text", "long", "choice"] = "text"
    picks: Picks = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """code: `module.action`. facts: what it finds out, for conditions and texts further on."""

    code: str
    label: Label
    parameters: tuple[Parameter, ...] = ()
    facts: Mapping[str, Term] = field(default_factory=dict)


_actions: dict[str, Action] = {}


def register_action(action: Action) -> None:
    """The same code twice is a mistake of the programmer."""
    if _actions.setdefault(action.code, action) != action:
        raise ValueError(f"the action {action.code} is registered twice")


def actions() -> Mapping[str, Action]:
    return dict(sorted(_actions.items()))
