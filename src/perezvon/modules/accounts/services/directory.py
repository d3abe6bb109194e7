"""The company directory: asked for passwords that it keeps, and for newcomers (F26.06)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Keeper, User
from perezvon.foundation.people.services import FieldsWrong
from perezvon.foundation.people.services.users import plain_login
from perezvon.kernel.errors import TryLater
from perezvon.modules.accounts.models import CompanyDirectory
from perezvon.modules.accounts.services.newcomers import Admitting, add_newcomer, put, roles_amiss
from perezvon.modules.accounts.services.secrets import decrypt
from perezvon.ports.directory import ATTRIBUTES, Directory, DirectorySettings, Known

_URLS = ("ldap://", "ldaps://")


class DirectoryAway(TryLater):
    """The company directory cannot be asked. facts: why, in its own words."""

    code = "accounts.directory_away"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryDetails(Admitting):
    """What an administrator says of it; the secret is told beside, and only when it is another one."""

    url: str
    base: str
    is_on: bool = True
    start_tls: bool = True
    ca: str = ""
    account: str = ""
    person_filter: str = "(sAMAccountName={login})"
    attributes: Mapping[str, str] = field(default_factory=lambda: dict(ATTRIBUTES))

    @property
    def way(self) -> tuple[object, ...]:
        return self.url, self.account, self.start_tls, self.ca


def find_directory() -> CompanyDirectory | None:
    return CompanyDirectory.objects.select_related("newcomer_role").first()


@command("accounts.set_directory", needs="accounts.directory")
def set_directory(
    *, details: DirectoryDetails, secret: str | None, version: int, by: Actor, now: datetime
) -> CompanyDirectory:
    """Ask this directory from now on. secret: the password of the account that searches; None leaves the one there is.

    Raises FieldsWrong, Outdated, NotYoursToGive.
    """
    _must_be_right(details)
    row = CompanyDirectory.objects.select_for_update().first() or CompanyDirectory(version=0)
    return put(row, details, secret, version, by)


def _must_be_right(details: DirectoryDetails) -> None:
    problems = roles_amiss(details.roles)
    if not details.url.startswith(_URLS):
        problems["url"] = "url.wrong"
    if not details.base:
        problems["base"] = "base.missing"
    if details.person_filter.count("{login}") != 1 or not details.person_filter.startswith("("):
        problems["person_filter"] = "person_filter.wrong"
    if problems:
        raise FieldsWrong(problems=problems)


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
    return add_newcomer(row, known, login, Keeper.DIRECTORY, now) if known else None


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
