"""A field as pages, lists, imports and the API know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import get_language

from perezvon.foundation.fields.models import Type
from perezvon.kernel.texts import text_in

PREFIX = "custom_"


class Level(StrEnum):
    """What somebody may do with a field's values, from least to most."""

    HIDDEN = "hidden"
    MASKED = "masked"
    SEEN = "seen"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Choice:
    """parent: the code of the choice it stands below in a tree. withdrawn: kept by records, offered no more."""

    code: str
    labels: Mapping[str, str]
    parent: str = ""
    withdrawn: bool = False

    @property
    def label(self) -> str:
        return text_in(self.labels, get_language() or "ru") or self.code


@dataclass(frozen=True, slots=True)
class Field:
    """A field that somebody may see. level: "masked", "seen" or "edited"; a masked one is neither sorted nor found.

    sortable, searchable: asked for, and its index is ready. indexed: asked for, ready or not. name: what it
    is called in forms, APIs and imports.
    """

    key: str
    labels: Mapping[str, str]
    type: str
    level: Level
    section: str
    section_labels: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    variants: tuple[str, ...] = ()
    required: bool = False
    sortable: bool = False
    searchable: bool = False
    indexed: bool = False
    importable: bool = True
    exportable: bool = True
    _choices: tuple[Choice, ...] = ()

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.key}"

    @property
    def label(self) -> str:
        return text_in(self.labels, get_language() or "ru") or self.key

    @property
    def section_label(self) -> str:
        return text_in(self.section_labels, get_language() or "ru") or self.section

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(code, label) of what may be chosen, those of a tree in its order, indented."""
        return [(one.code, f"{'— ' * self.depth(one)}{one.label}") for one in self._choices if not one.withdrawn]

    @property
    def all_choices(self) -> dict[str, Choice]:
        return {one.code: one for one in self._choices}

    def depth(self, choice: Choice) -> int:
        return len(self.path(choice)) - 1

    def path(self, choice: Choice) -> list[Choice]:
        """The choice and those above it, the outermost first."""
        known, found = self.all_choices, [choice]
        while (above := known.get(found[0].parent)) and above not in found:
            found.insert(0, above)
        return found

    def holding(self, value: object) -> Field:
        """The field as one record has it: what that record holds may be chosen again, withdrawn or not."""
        held = {value} if isinstance(value, str) else {*value} if isinstance(value, list) else set()
        if not any(one.withdrawn and one.code in held for one in self._choices):
            return self
        choices = (replace(one, withdrawn=one.withdrawn and one.code not in held) for one in self._choices)
        return replace(self, _choices=tuple(choices))

    @property
    def is_editable(self) -> bool:
        """In a form; files are rows of their own, attached beside it."""
        return self.level == Level.EDITED and self.type not in {Type.COMPUTED, Type.FILE}
