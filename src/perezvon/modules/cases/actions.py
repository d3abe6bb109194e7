"""What rules can do. Modules above register what they add: a service order, a sales order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from perezvon.foundation.access import Actor
from perezvon.modules.cases.models import Case

type Text = str | Promise
type Run = Callable[[Case, Mapping[str, str], Actor, datetime], object]


@dataclass(frozen=True, slots=True)
class ActionField:
    """What is asked of whoever sets a rule up. picks: what may be chosen; None where a text is typed.

    required: without it nothing is done. lines: a text of several lines.
    """

    name: str
    label: Text
    picks: Callable[[Actor], Sequence[tuple[Any, Text]]] | None = None
    required: bool = True
    lines: bool = False
    hint: Text = ""
    checks_places: bool = False


@dataclass(frozen=True, slots=True)
class CaseAction:
    """rights: whoever has one of them may have rules do it; empty for whoever sets cases up.

    run: does it, given what was set up; it raises PerezvonError when it cannot be done, and then nothing of the
    rule is. The case is held, and read anew for each action."""

    code: str
    label: Text
    fields: tuple[ActionField, ...]
    run: Run
    rights: tuple[str, ...] = ()

    def may_be_set_up(self, by: Actor) -> bool:
        return not self.rights or any(by.may(right) for right in self.rights)


_actions: dict[str, CaseAction] = {}


def register_case_action(action: CaseAction) -> None:
    """In registrations.py. The same code twice is a mistake of the programmer."""
    if _actions.setdefault(action.code, action) != action:
        raise ValueError(f"the action {action.code} is registered twice")


def case_actions() -> dict[str, CaseAction]:
    """All of them, in the order in which rules do them."""
    return dict(_actions)
