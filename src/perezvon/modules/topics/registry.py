"""What a topic can open besides knowledge: a page of another module, such as a calculator (F07.10).

register_tool(Tool("loans.payment", lazy("Loan payment"), _url, "loans.reckon"))     # in registrations.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from perezvon.foundation.access import Actor
from perezvon.modules.topics.models import Topic


@dataclass(frozen=True, slots=True)
class Tool:
    """url: of its page, for the contact that is served or for nobody. right: without it nobody is shown it."""

    code: str
    title: str | Promise
    url: Callable[[UUID | None], str]
    right: str


_tools: dict[str, Tool] = {}


def register_tool(tool: Tool) -> None:
    """The same code twice is a mistake of the programmer."""
    if _tools.setdefault(tool.code, tool) != tool:
        raise ValueError(f"the tool {tool.code} is registered twice")


def tools() -> Mapping[str, Tool]:
    """By code."""
    return dict(_tools)


def tools_of(topics: Iterable[Topic], by: Actor) -> list[Tool]:
    """Of these topics, in their order, each once, as far as the actor may use them."""
    found = {topic.tool: _tools[topic.tool] for topic in topics if topic.tool in _tools}
    return [tool for tool in found.values() if by.may(tool.right)]
