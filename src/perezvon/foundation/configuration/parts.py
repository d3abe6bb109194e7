"""Parts of a configuration: what an administrator sets, module by module, as plain data for a YAML file.

A module registers one Part in `registrations.py`, with two functions of its `blueprint.py`. `load_parts` makes the
installation as a file says and `export_parts` writes a file that loads into the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import Refused

type Blueprint = Mapping[str, Any]


class WrongBlueprint(Refused):
    """facts: part (its name), why (what Python or a service said of it)."""

    code = "configuration.wrong_blueprint"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Part:
    """name: unique. keys: the words at the top of a file that are its. order: whoever is pointed to comes first.

    load: takes the whole file, changes what differs, leaves what the file does not name. Called inside a command.
    export: {key: value} that loads into what there is now.
    """

    name: str
    keys: tuple[str, ...]
    load: Callable[[Blueprint, Actor, datetime], None]
    export: Callable[[], dict[str, Any]]
    order: int = 100


# What loaders and the database say of values that are none. A service's own refusals are words already.
_MISTAKES = (
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    ValidationError,
    ObjectDoesNotExist,
    DataError,
    IntegrityError,
)
_parts: dict[str, Part] = {}


def register_part(part: Part) -> None:
    """Offer a part. The same name twice is a mistake of the programmer."""
    if _parts.setdefault(part.name, part) != part:
        raise ValueError(f"the part {part.name} is registered twice")


def parts() -> list[Part]:
    return sorted(_parts.values(), key=lambda part: (part.order, part.name))


@command("configuration.load", needs="configuration.load")
def load_parts(*, blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make the installation as the blueprint says; all of it or nothing. Raises WrongBlueprint and what parts raise."""
    for part in parts():
        if not any(key in blueprint for key in part.keys):
            continue
        try:
            with transaction.atomic():
                part.load(blueprint, by, now)
        except _MISTAKES as error:
            raise WrongBlueprint(part=part.name, why=_told(error)) from error


def known_keys() -> frozenset[str]:
    """The words at the top of a file that mean something here."""
    return frozenset(key for part in parts() for key in part.keys)


def _told(error: Exception) -> str:
    """One line, in words: a database's second line shows the whole row."""
    said = str(error).partition("\n")[0][:200]
    match error:
        case KeyError():
            return _("“{word}” is missing.").format(word=" ".join(str(one) for one in error.args)[:100])
        case ValidationError():
            return " ".join(error.messages)[:300]
        case ObjectDoesNotExist():
            return _("It names something that is not there. ({said})").format(said=said)
        case DataError() | IntegrityError():
            return _("A value cannot be kept. ({said})").format(said=said)
        case _:
            return _("A value is of another kind than it should be. ({said})").format(said=said)


def export_parts() -> dict[str, Any]:
    """The configuration of this installation, in the order in which it loads."""
    found: dict[str, Any] = {}
    for part in parts():
        found |= {key: value for key, value in part.export().items() if value not in ([], {})}
    return found
