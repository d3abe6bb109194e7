"""OpenID Connect providers: Keycloak, AD FS, Entra ID, Blitz, any that publishes a discovery document."""

from perezvon.connectors.oidc.connector import OidcProvider

__all__ = ["OidcProvider"]
