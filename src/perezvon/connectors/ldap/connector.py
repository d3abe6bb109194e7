"""Search with an account of ours, then bind as whoever was found: his password is checked by the directory alone."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import safe_dn

from perezvon.kernel.errors import TryLater
from perezvon.ports.directory import DirectorySettings, Known

SECONDS = 5  # for a connection, and for each answer: somebody waits at the sign-in page
_INVALID_CREDENTIALS = 49


class LdapDirectory:
    """A `ports.directory.Directory`. Each question is a connection of its own: people sign in once a day."""

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings

    def check(self, login: str, password: str) -> Known | None:
        if not password:  # RFC 4513 5.1.2: a bind without one is anonymous, and succeeds
            return None
        found = self._search(login)
        if found is None:
            return None
        dn, known = found
        with self._connected(dn, password) as connection:
            return known if connection is not None else None

    def find(self, login: str) -> Known | None:
        found = self._search(login)
        return found[1] if found else None

    def _search(self, login: str) -> tuple[str, Known] | None:
        """DN and person. Two of the same login are nobody: one cannot tell which is meant."""
        settings = self._settings
        with self._connected(settings.account, settings.password) as connection:
            if connection is None:
                raise TryLater(why="the directory refuses the account that searches")
            connection.search(
                settings.base,
                settings.person_filter.replace("{login}", escape_filter_chars(login)),
                SUBTREE,
                attributes=list(settings.attributes.values()),
                size_limit=2,
                time_limit=SECONDS,
            )
            entries = [entry for entry in connection.response or [] if entry.get("type") == "searchResEntry"]
        if len(entries) != 1:
            return None
        return safe_dn(entries[0]["dn"]), self._known(login, entries[0]["attributes"])

    def _known(self, login: str, given: Mapping[str, Any]) -> Known:
        values = {ours: _texts(given.get(theirs)) for ours, theirs in self._settings.attributes.items()}
        groups = frozenset(_group_name(text) for text in values.pop("groups", []))
        return Known(login=login, groups=groups, **{ours: texts[0][:100] for ours, texts in values.items() if texts})

    @contextmanager
    def _connected(self, dn: str, password: str) -> Iterator[Connection | None]:
        """A bound connection; None when the directory says that these credentials are wrong."""
        settings = self._settings
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_data=settings.ca or None)
        connection = None
        try:
            server = Server(settings.url, get_info=NONE, connect_timeout=SECONDS, tls=tls)
            connection = Connection(
                server,
                dn or None,
                password or None,
                receive_timeout=SECONDS,
                read_only=True,
                auto_referrals=False,
                check_names=False,
            )
            connection.open()
            if settings.start_tls and not settings.url.lower().startswith("ldaps:"):
                connection.start_tls()
            if connection.bind():
                yield connection
            elif connection.result["result"] == _INVALID_CREDENTIALS:
                yield None
            else:
                raise TryLater(why=str(connection.result["description"]))
        except (LDAPException, OSError) as error:
            raise TryLater(why=type(error).__name__) from error
        finally:
            if connection is not None:
                _close(connection)


def _close(connection: Connection) -> None:
    """A connection that is broken already has nothing to say good-bye to."""
    try:
        connection.unbind()
    except (LDAPException, OSError):
        return


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values if one]


def _group_name(dn: str) -> str:
    """The name in `CN=Call centre,OU=Groups,DC=example`; the whole when it is no DN."""
    first = dn.partition(",")[0]
    return first.partition("=")[2] or dn
