"""The stories of the gallery: every component in every state, with invented people.

They are data (`blueprints/gallery.yaml`), because they are texts. Tags say what data cannot: `!ago 134` and `!in 13`
are moments beside now, `!t Ready` is translated, `!named {text: Loans, address: bank}` is a text with attributes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext

STORIES = Path(__file__).parent / "blueprints" / "gallery.yaml"


class Named(str):
    """Stands for a record that templates print and ask for attributes."""


@dataclass(frozen=True, slots=True)
class Story:
    """One component in one state. wide: it needs the whole width. state: the call's, whose colours it takes."""

    name: str
    template: str
    context: dict[str, Any]
    wide: bool = False
    state: str = ""


@dataclass(frozen=True, slots=True)
class Gallery:
    """groups: stories by the name of what they show. desks, pages: whole documents, by the name in the address."""

    groups: dict[str, list[Story]] = field(default_factory=dict)
    desks: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: dict[str, Story] = field(default_factory=dict)


def load_gallery(now: datetime) -> Gallery:
    """All stories, their times set around `now` and their labels in the active language."""
    told = yaml.load(STORIES.read_text(), _loader(now))  # noqa: S506  (a SafeLoader with tags of our own)
    return Gallery(
        groups={name: [Story(**story) for story in stories] for name, stories in told["groups"].items()},
        desks=told["desks"],
        pages={name: Story(name=name, **page) for name, page in told["pages"].items()},
    )


def _loader(now: datetime) -> type[yaml.SafeLoader]:
    class StoryLoader(yaml.SafeLoader):
        pass

    def moment(sign: int) -> Any:
        return lambda loader, node: now + sign * timedelta(seconds=float(loader.construct_scalar(node)))

    StoryLoader.add_constructor("!ago", moment(-1))
    StoryLoader.add_constructor("!in", moment(1))

    def named(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Named:
        values: dict[str, Any] = {str(key): value for key, value in loader.construct_mapping(node).items()}
        text = Named(values.pop("text"))
        vars(text).update(values)
        return text

    StoryLoader.add_constructor("!named", named)
    StoryLoader.add_constructor("!t", _translated)
    return StoryLoader


def _translated(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return gettext(str(loader.construct_scalar(node)))
