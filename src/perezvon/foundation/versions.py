"""Rows with a version that readers elsewhere, the engine first of all, compare with the one they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models


def write_versioned[M: models.Model](model: type[M], key: Mapping[str, Any], values: Mapping[str, Any]) -> M:
    """The row with that key, made or changed so that it has the values; its version rises when one differs."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        return model._default_manager.create(**key, **values)
    if any(getattr(row, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1  # type: ignore[attr-defined]
        row.save()
    return row
