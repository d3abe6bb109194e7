"""Where modules above add what a case can become: a service order, a sales order. Filled once, when the process
starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from perezvon.foundation.access import Actor
from perezvon.modules.cases.models import Case


@dataclass(frozen=True, slots=True)
class Onward:
    """One step from a case to what follows from it. url: where it is begun, filled in from the case; "" where it
    cannot follow from this one. right: who is offered it."""

    code: str
    label: str | Promise
    icon: str
    right: str
    url: Callable[[Case], str]


_onward: dict[str, Onward] = {}


def register_onward(step: Onward) -> None:
    """In registrations.py. The same code twice is a mistake of the programmer."""
    if _onward.setdefault(step.code, step) != step:
        raise ValueError(f"the step {step.code} is registered twice")


def onward_of(case: Case, *, by: Actor) -> list[dict[str, str | Promise]]:
    """[{label, icon, url}] of what somebody may begin from a case."""
    offered = [(step, step.url(case)) for step in _onward.values() if by.may(step.right)]
    return [{"label": step.label, "icon": step.icon, "url": url} for step, url in offered if url]
