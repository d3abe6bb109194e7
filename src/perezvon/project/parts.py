"""Parts found by name, so that none is loaded before it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from perezvon.kernel.errors import PerezvonError


class NotThere(PerezvonError):
    """This installation has no such part."""

    code = "project.not_there"

    def __str__(self) -> str:
        return "There is no {target} in this installation.".format(**self.facts)


def resolve(target: str) -> Callable[..., Any]:
    """The function at `package.module:name`. Raises NotThere when the module is absent, not when it is broken."""
    module, _, name = target.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise NotThere(target=module) from None
    return found
