"""Who is asked for people's passwords, or for the people themselves, where the company keeps them."""

from __future__ import annotations

from perezvon.connectors.ldap import LdapDirectory
from perezvon.connectors.oidc import OidcProvider
from perezvon.ports.directory import Directory, DirectorySettings
from perezvon.ports.identity import IdentityProvider, ProviderSettings


def make_directory(settings: DirectorySettings) -> Directory:
    """The directory that signing in asks (settings.DIRECTORY)."""
    return LdapDirectory(settings)


def make_provider(settings: ProviderSettings) -> IdentityProvider:
    """The provider at which people of the company sign in (settings.IDENTITY_PROVIDER)."""
    return OidcProvider(settings)
