"""The views of tasks, side by side."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Person
from perezvon.modules.tasks.selectors import ASSIGN, VIEW

_TABS = (
    ("tasks:day", lazy("My day"), VIEW),
    ("tasks:board", lazy("Board"), VIEW),
    ("tasks:tree", lazy("By customers"), VIEW),
    ("tasks:calendar", lazy("Calendar"), VIEW),
    ("tasks:list", lazy("All tasks"), VIEW),
    ("tasks:control", lazy("Control"), ASSIGN),
)


def tabs(current: str, by: Person) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label, right in _TABS
        if by.may(right)
    ]
