"""What all forms of this app have in common: problems at their fields, and two people editing the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import models

from perezvon.kernel.errors import Refused

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


class FieldsWrong(Refused):
    """facts: problems {field: code of the problem}."""

    code = "people.fields_wrong"
    http_status = 422


class Outdated(Refused):
    """Somebody else changed the record meanwhile. facts: version, differences {field: (theirs, mine)}."""

    code = "people.outdated"


def changes(before: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """What differs: {field: (before, wanted)}."""
    return {name: (before[name], value) for name, value in wanted.items() if value != before[name]}


def must_be_current(row: models.Model, version: int, differences: Mapping[str, tuple[object, object]]) -> None:
    """Raises Outdated when the form was read in another version than the locked row has."""
    current: int = row.version  # type: ignore[attr-defined]
    if differences and current != version:
        raise Outdated(version=current, differences=differences)


def must_be_named(name: Mapping[str, str]) -> None:
    if not any(text.strip() for text in name.values()):
        raise FieldsWrong(problems={"name_ru": "name.missing"})


def must_be_new_code(model: type[models.Model], code: str) -> None:
    """Raises FieldsWrong for a code that is none, or that another row has."""
    if not CODE.fullmatch(code):
        raise FieldsWrong(problems={"code": "code.wrong"})
    if model._default_manager.filter(**{"code": code}).exists():
        raise FieldsWrong(problems={"code": "code.taken"})
