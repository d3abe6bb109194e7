"""Frozen dataclasses to JSON and back, by the name of their class."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter


class Codec:
    """Writes and reads a closed family of dataclasses; ids, times, enums and nested ones included."""

    def __init__(self, *types: type) -> None:
        self._adapters: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in types}

    def dump(self, value: object) -> dict[str, Any]:
        name = type(value).__name__
        body: dict[str, Any] = self._adapters[name].dump_python(value, mode="json")
        return {"type": name, **body}

    def load(self, body: dict[str, Any]) -> Any:
        """The value, or None when its type is not one of ours: newer peers may say more than we know."""
        adapter = self._adapters.get(str(body.get("type")))
        if adapter is None:
            return None
        return adapter.validate_python({key: value for key, value in body.items() if key != "type"})


def family(base: type) -> list[type]:
    """All subclasses of `base`, at any depth, itself excluded."""
    found: list[type] = []
    children: list[type] = base.__subclasses__()
    for child in children:
        found += [child, *family(child)]
    return found
