"""The company directory: asked for passwords that it keeps, and for newcomers (F26.06)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from perezvon.foundation.access import Actor, System
from perezvon.foundation.commands.services import command
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
from perezvon.kernel.errors import TryLater
from perezvon.modules.accounts.models import CompanyDirectory
from perezvon.modules.accounts.services.secrets import decrypt, encrypt
from perezvon.ports.directory import ATTRIBUTES, Directory, DirectorySettings, Known

BY = System(name="directory")
_URLS = ("ldap://", "ldaps://")


class DirectoryAway(TryLater):
    """The company directory cannot be asked. facts: why, in its own words."""

    code = "accounts.directory_away"


@dataclass(frozen=True, slots=True)
class DirectoryDetails:
    """What an administrator says of it; the secret is told beside, and only when it is another one."""

    url: str
    base: str
    is_on: bool = True
    start_tls: bool = True
    ca: str = ""
    account: str = ""
    person_filter: str = "(sAMAccountName={login})"
    attributes: Mapping[str, str] = field(default_factory=lambda: dict(ATTRIBUTES))
    newcomer_role: Role | None = None
    newcomer_projects: tuple[Project, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)


def find_directory() -> CompanyDirectory | None:
    return CompanyDirectory.objects.select_related("newcomer_role").first()


@command("accounts.set_directory", needs="accounts.directory")
def set_directory(
    *, details: DirectoryDetails, secret: str | None, version: int, by: Actor, now: datetime
) -> CompanyDirectory:
    """Ask this directory from now on. secret: the password of the account that searches; None leaves the one there is.

    Raises FieldsWrong, Outdated, NotYoursToGive.
    """
    _must_be_right(details, secret)
    row = CompanyDirectory.objects.select_for_update().first() or CompanyDirectory(version=0)
    values = {one.name: getattr(details, one.name) for one in fields(DirectoryDetails)}
    projects = set(values.pop("newcomer_projects"))
    if details.newcomer_role:
        must_give_role(details.newcomer_role, by)
    for role in Role.objects.filter(code__in=details.roles.values()):
        must_give_role(role, by)
    must_give_projects(projects, by)
    if row.pk:
        must_be_current(row, version, changes({name: getattr(row, name) for name in values}, values))
        _must_not_send_old_secret_elsewhere(row, details, secret)
    for name, value in values.items():
        setattr(row, name, value)
    if secret is not None:
        row.secret = encrypt(secret) if secret else ""
    row.version += 1
    row.save()
    row.newcomer_projects.set(projects)
    return row


def _must_be_right(details: DirectoryDetails, secret: str | None) -> None:
    problems: dict[str, str] = {}
    if not details.url.startswith(_URLS):
        problems["url"] = "url.wrong"
    if not details.base:
        problems["base"] = "name.missing"
    if details.person_filter.count("{login}") != 1 or not details.person_filter.startswith("("):
        problems["person_filter"] = "person_filter.wrong"
    if set(details.roles.values()) - set(Role.objects.values_list("code", flat=True)):
        problems["roles"] = "roles.wrong"
    if problems:
        raise FieldsWrong(problems=problems)


def _must_not_send_old_secret_elsewhere(row: CompanyDirectory, wanted: DirectoryDetails, secret: str | None) -> None:
    """Who may change the address would otherwise have the kept password sent to a server of his own."""
    if secret is None and row.secret and _way(row) != _way(wanted):
        raise FieldsWrong(problems={"secret": "secret.again"})


def _way(one: CompanyDirectory | DirectoryDetails) -> tuple[object, ...]:
    return one.url, one.account, one.start_tls, one.ca


def try_directory(login: str, *, by: Actor) -> Known | None:
    """Whom the directory finds under a login, as it is set now. Raises DirectoryAway."""
    by.must("accounts.directory")
    row = find_directory()
    return _asked(row, lambda directory: directory.find(_bare(login))) if row else None


def is_in_directory(login: str, password: str) -> bool:
    """Whether the directory, if it is on, knows the person by that password. Raises DirectoryAway."""
    row = find_directory()
    return bool(row and row.is_on and _asked(row, lambda directory: directory.check(_bare(login), password)))


def admit_newcomer(login: str, password: str, *, now: datetime) -> User | None:
    """Somebody of the directory who is not here yet, with the role that his groups give him; None for strangers.

    Raises DirectoryAway.
    """
    row = find_directory()
    if row is None or not row.is_on or row.newcomer_role is None:
        return None
    known = _asked(row, lambda directory: directory.check(_bare(login), password))
    return _add(row, known, login, now) if known else None


def _add(row: CompanyDirectory, known: Known, login: str, now: datetime) -> User | None:
    codes = [role for group, role in row.roles.items() if group in known.groups]
    role = Role.objects.filter(code=codes[0]).first() if codes else None
    who: dict[str, Any] = {
        "login": plain_login(login),
        "role": role or row.newcomer_role,
        "projects": tuple(row.newcomer_projects.all()),
        "keeper": Keeper.DIRECTORY,
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


def _asked[T](row: CompanyDirectory, ask: Callable[[Directory], T]) -> T:
    try:
        return ask(_connected(row))
    except TryLater as away:
        raise DirectoryAway(why=str(away.facts.get("why", ""))) from away


def _connected(row: CompanyDirectory) -> Directory:
    reached = DirectorySettings(
        url=row.url,
        base=row.base,
        account=row.account,
        password=decrypt(row.secret) or "" if row.secret else "",
        person_filter=row.person_filter,
        start_tls=row.start_tls,
        ca=row.ca,
        attributes=ATTRIBUTES | row.attributes,
    )
    made: Directory = import_string(settings.DIRECTORY)(reached)
    return made


def _bare(login: str) -> str:
    """Without a domain before it: C3:eugene is eugene there."""
    return plain_login(login).rpartition(":")[2]
