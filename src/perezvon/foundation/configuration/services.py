"""Versions of the configuration: kept by themselves, compared, gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command, intent
from perezvon.foundation.configuration import texts
from perezvon.foundation.configuration.models import Version
from perezvon.foundation.configuration.parts import load_parts
from perezvon.foundation.configuration.selectors import get_version


@command("configuration.keep", needs="configuration.load")
def keep_version(*, by: Actor, now: datetime, named: str = "", why: str = "") -> Version:
    """What is set now as the newest version; the one there is when nothing differs.

    named: the key of whoever changed it, if it was one; why: his reason.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('configuration.keep', 0))")
    text, last = texts.present(), Version.objects.first()
    if last is not None and last.text == text:
        return last
    changes = texts.difference(last.text if last else "", text).splitlines()[2:]
    return Version.objects.create(
        number=last.number + 1 if last else 1,
        at=now,
        by=named,
        why=why[:200],
        text=text,
        added=sum(line.startswith("+") for line in changes),
        removed=sum(line.startswith("-") for line in changes),
    )


@command("configuration.apply", needs="configuration.load")
def apply_blueprint(*, blueprint: Mapping[str, Any], why: str, by: Actor, now: datetime) -> Version:
    """Load it; what stood before and what stands now are versions. Raises WrongBlueprint and what parts raise."""
    keep_version(by=by, now=now)
    load_parts(blueprint=blueprint, by=by, now=now)
    return keep_version(named=by.key, why=why, by=by, now=now)


def roll_back(*, number: int, why: str, by: Actor, now: datetime) -> Version:
    """Make everything as it stood in that version; what was added since stays. Raises NotFound."""
    version = get_version(number, by=by)
    with intent(why=why):
        return apply_blueprint(blueprint=texts.as_read(version.text), why=why, by=by, now=now)
