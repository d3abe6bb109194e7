"""LDAP directories: Active Directory, OpenLDAP, FreeIPA, ALD Pro, Samba."""

from perezvon.connectors.ldap.connector import LdapDirectory

__all__ = ["LdapDirectory"]
