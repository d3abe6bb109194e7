"""Roles: which rights go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from perezvon.foundation.access import Actor, Scope, declared
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Role, SignIn
from perezvon.foundation.people.roles import NAMES
from perezvon.foundation.people.services.editing import (
    FieldsWrong,
    changes,
    must_be_current,
    must_be_named,
    must_be_new_code,
)
from perezvon.foundation.people.services.giving import (
    GRANT_ANY,
    NotYoursToGive,
    keys_are_kept,
    must_give_rights,
    must_give_role,
)
from perezvon.kernel.errors import NotFound

LONGEST_TRUST_DAYS = 365


class NoSuchRole(NotFound):
    code = "people.no_such_role"


@dataclass(frozen=True, slots=True)
class RoleDetails:
    """What an administrator says of a role. rights: codes, sorted."""

    name: Mapping[str, str]
    rights: list[str] = field(default_factory=list)
    all_projects: bool = False
    sign_in: str = SignIn.PASSWORD
    trusted_days: int = 0
    scopes: Mapping[str, str] = field(default_factory=dict)


@command("people.add_role", needs="people.roles")
def add_role(*, code: str, details: RoleDetails, by: Actor, now: datetime) -> Role:
    """A role of one's own. Raises FieldsWrong, NotYoursToGive."""
    must_be_new_code(Role, code)
    must_be_named(details.name)
    _must_be_right(details)
    must_give_rights(details.rights, by)
    _must_widen(is_wide=details.all_projects, by=by)
    return Role.objects.create(code=code, **asdict(details))


@command("people.update_role", needs="people.roles")
def update_role(*, role_id: int, version: int, details: RoleDetails, by: Actor, now: datetime) -> Role:
    """Holds for everybody who has it from his next click on.

    What the actor has not himself he can neither give nor take, nor make it easier to come in by a role that has it.
    Raises FieldsWrong, Outdated, NotYoursToGive, LastAdministrator.
    """
    _must_be_right(details)
    with keys_are_kept():
        role = Role.objects.select_for_update().filter(pk=role_id).first()
        if role is None:
            raise NoSuchRole(role=role_id)
        if role.code not in NAMES:  # those that ship have names of their own
            must_be_named(details.name)
        wanted = asdict(details)
        changed = changes({name: getattr(role, name) for name in wanted}, wanted)
        must_be_current(role, version, changed)
        must_give_rights(set(role.rights) ^ set(details.rights), by)
        if {"sign_in", "trusted_days", "scopes"} & changed.keys():
            must_give_role(role, by)
        _must_widen(is_wide=details.all_projects != role.all_projects, by=by)
        if changed:
            for name, value in wanted.items():
                setattr(role, name, value)
            role.version += 1
            role.save()
    return role


def _must_widen(*, is_wide: bool, by: Actor) -> None:
    if is_wide and by.projects is not None and not by.may(GRANT_ANY):
        raise NotYoursToGive(rights=["people.all_projects"])


def _must_be_right(details: RoleDetails) -> None:
    if set(details.rights) - set(declared()):
        raise FieldsWrong(problems={"rights": "rights.unknown"})
    if details.sign_in not in SignIn.values:
        raise FieldsWrong(problems={"sign_in": "sign_in.wrong"})
    narrowed = {code for code, right in declared().items() if right.narrows}
    if set(details.scopes) - narrowed or set(details.scopes.values()) - {Scope.OWN, Scope.TEAM}:
        raise FieldsWrong(problems={"scopes": "scopes.wrong"})
    if not 0 <= details.trusted_days <= LONGEST_TRUST_DAYS:
        raise FieldsWrong(problems={"trusted_days": "trusted_days.wrong"})
