"""What we ask of a company's directory of people: is this one of yours, and is this his password?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the directory knows him. groups: names of the groups he is in, as written there."""

    login: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    groups: frozenset[str] = frozenset()


ATTRIBUTES = {"first_name": "givenName", "last_name": "sn", "email": "mail", "phone": "mobile", "groups": "memberOf"}


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """url: ldap://host:389 or ldaps://host:636. start_tls: for the first kind. ca: certificates as PEM, "" means
    those of the system.

    account: the DN that searches, "" for anybody. person_filter: `{login}` is replaced, escaped.
    attributes: our words to those of the directory.
    """

    url: str
    base: str
    account: str = ""
    password: str = field(default="", repr=False)
    person_filter: str = "(sAMAccountName={login})"
    start_tls: bool = True
    ca: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: dict(ATTRIBUTES))


class Directory(Protocol):
    """Both raise TryLater when the directory does not answer in time or refuses to be asked."""

    def check(self, login: str, password: str) -> Known | None:
        """The person, when the password is his. None for a stranger, a wrong or empty password, a blocked account."""

    def find(self, login: str) -> Known | None:
        """The person, whatever his password: for an administrator who tries the settings."""
