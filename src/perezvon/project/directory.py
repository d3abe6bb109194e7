"""Who is asked for people's passwords where the company keeps them."""

from __future__ import annotations

from perezvon.connectors.ldap import LdapDirectory
from perezvon.ports.directory import Directory, DirectorySettings


def make_directory(settings: DirectorySettings) -> Directory:
    """The directory that signing in asks (settings.DIRECTORY)."""
    return LdapDirectory(settings)
