"""What the company directory and the company sign-in have in common: how they are kept, and whom they let in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, cast

from perezvon.foundation.access import Actor, System
from perezvon.foundation.people.models import Keeper, Project, Role, User
from perezvon.foundation.people.services import (
    FieldsWrong,
    LoginTaken,
    UserDetails,
    add_user,
    changes,
    must_be_current,
    must_give_projects,
    must_give_role,
)
from perezvon.foundation.people.services.users import plain_login
from perezvon.modules.accounts.models import CompanyDirectory, SignInProvider
from perezvon.modules.accounts.services.secrets import encrypt
from perezvon.ports.directory import Known

BY = System(name="directory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitting:
    """roles: {name of a group there: code of a role here}."""

    is_on: bool = True
    newcomer_role: Role | None = None
    newcomer_projects: tuple[Project, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def way(self) -> tuple[object, ...]:
        """Where a secret goes."""
        raise NotImplementedError


def roles_amiss(roles: Mapping[str, str]) -> dict[str, str]:
    """As FieldsWrong takes it."""
    known = set(Role.objects.values_list("code", flat=True))
    return {"roles": "roles.wrong"} if set(roles.values()) - known else {}


def put[R: (CompanyDirectory, SignInProvider)](
    row: R, details: Admitting, secret: str | None, version: int, by: Actor
) -> R:
    """Make the locked row as the details say. secret: None leaves the one there is.

    Raises FieldsWrong, Outdated, NotYoursToGive.
    """
    values = {one.name: getattr(details, one.name) for one in fields(cast(Any, details))}
    projects = set(values.pop("newcomer_projects"))
    if details.newcomer_role:
        must_give_role(details.newcomer_role, by)
    for role in Role.objects.filter(code__in=details.roles.values()):
        must_give_role(role, by)
    must_give_projects(projects, by)
    if row.pk:
        must_be_current(row, version, changes({name: getattr(row, name) for name in values}, values))
        # Who may change the address would otherwise have the kept secret sent to a server of his own.
        if secret is None and row.secret and row.way != details.way:
            raise FieldsWrong(problems={"secret": "secret.again"})
    for name, value in values.items():
        setattr(row, name, value)
    if secret is not None:
        row.secret = encrypt(secret) if secret else ""
    row.version += 1
    row.save()
    row.newcomer_projects.set(projects)
    return row


def add_newcomer(
    row: CompanyDirectory | SignInProvider, known: Known, login: str, keeper: Keeper, now: datetime
) -> User | None:
    """Somebody known there who is not here yet, with the role that his groups give him.

    Raises FieldsWrong when his login is none by our rules.
    """
    codes = [role for group, role in row.roles.items() if group in known.groups]
    role = Role.objects.filter(code=codes[0]).first() if codes else None
    who: dict[str, Any] = {
        "login": plain_login(login),
        "role": role or row.newcomer_role,
        "projects": tuple(row.newcomer_projects.all()),
        "keeper": keeper,
        "first_name": known.first_name,
        "last_name": known.last_name,
    }
    unused = secrets.token_urlsafe(32)
    try:
        details = UserDetails(**who, email=known.email, mobile=known.phone)
        return add_user(who=details, password=unused, by=BY, now=now)
    except FieldsWrong:  # what is written there is no address or no number by our rules
        return add_user(who=UserDetails(**who), password=unused, by=BY, now=now)
    except LoginTaken:  # he signs in twice at once
        return User.objects.select_related("role").filter(login__iexact=plain_login(login)).first()
