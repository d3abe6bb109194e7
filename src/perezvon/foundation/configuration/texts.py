"""A configuration as text: the YAML that people read, compare and send to each other."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml
from django.db import transaction

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import WrongBlueprint, export_parts, load_parts

LONGEST = 2_000_000  # characters of a blueprint; ours have some ten thousand


class _Loader(yaml.SafeLoader):
    """Without aliases: a few lines of them can say more than a machine holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    """Without aliases, as it is read; what stands twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def written(blueprint: Mapping[str, Any]) -> str:
    """The blueprint as YAML, its parts in their order."""
    text: str = yaml.dump(dict(blueprint), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return text


def as_read(text: str) -> dict[str, Any]:
    """The blueprint that a text says. Raises WrongBlueprint."""
    if len(text) > LONGEST:
        raise WrongBlueprint(part="", why=f"more than {LONGEST} characters")
    try:
        found = yaml.load(text, _Loader)  # noqa: S506  (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise WrongBlueprint(part="", why=" ".join(str(error).split())[:300]) from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise WrongBlueprint(part="", why="not a list of parts with names")
    return found


def present() -> str:
    """What is set now."""
    return written(export_parts())


def after_loading(blueprint: Mapping[str, Any], *, by: Actor, now: datetime) -> str:
    """What would be set after loading it: it is loaded, written out and taken back. Raises what loading raises."""
    with transaction.atomic():
        load_parts(blueprint=blueprint, by=by, now=now)
        after = present()
        transaction.set_rollback(True)
    return after


def difference(before: str, after: str, names: tuple[str, str] = ("before", "after")) -> str:
    """A unified difference with two lines around each change; empty when there is none."""
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), *names, n=2)
    return "".join(lines)
