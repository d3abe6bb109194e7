"""Teams and groups: a code that rules name, and what people read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Group, Team
from perezvon.foundation.people.services.editing import changes, must_be_current, must_be_named, must_be_new_code
from perezvon.kernel.errors import NotFound


class NoSuchGroup(NotFound):
    code = "people.no_such_group"


@command("people.add_team", needs="people.manage")
def add_team(*, code: str, name: Mapping[str, str], by: Actor, now: datetime) -> Team:
    """Raises FieldsWrong."""
    return _add(Team, code, name)


@command("people.update_team", needs="people.manage")
def update_team(*, team_id: int, version: int, name: Mapping[str, str], by: Actor, now: datetime) -> Team:
    """Another name; the code stays, rules name it. Raises FieldsWrong, Outdated."""
    return _rename(Team, team_id, version, name)


@command("people.add_group", needs="people.manage")
def add_group(*, code: str, name: Mapping[str, str], by: Actor, now: datetime) -> Group:
    """Raises FieldsWrong."""
    return _add(Group, code, name)


@command("people.update_group", needs="people.manage")
def update_group(*, group_id: int, version: int, name: Mapping[str, str], by: Actor, now: datetime) -> Group:
    """Another name; the code stays, rules name it. Raises FieldsWrong, Outdated."""
    return _rename(Group, group_id, version, name)


def _add[M: (Team, Group)](model: type[M], code: str, name: Mapping[str, str]) -> M:
    must_be_new_code(model, code)
    must_be_named(name)
    return model.objects.create(code=code, name=dict(name))


def _rename[M: (Team, Group)](model: type[M], key: int, version: int, name: Mapping[str, str]) -> M:
    must_be_named(name)
    row = model.objects.select_for_update().filter(pk=key).first()
    if row is None:
        raise NoSuchGroup(key=key)
    changed = changes({"name": row.name}, {"name": dict(name)})
    must_be_current(row, version, changed)
    if changed:
        row.name = dict(name)
        row.version += 1
        row.save(update_fields=["name", "version"])
    return row
