"""A real LDAP server with three people and an account that searches, on a port of its own choice; run as a program.

It prints its port. With the paths of a certificate and a key it offers StartTLS.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

from ldaptor.inmemory import fromLDIFFile
from ldaptor.interfaces import IConnectedLDAPEntry
from ldaptor.protocols import pureldap
from ldaptor.protocols.ldap.ldapserver import LDAPServer
from twisted.internet import protocol, reactor, ssl
from twisted.python.components import registerAdapter

START_TLS = b"1.3.6.1.4.1.1466.20037"
PEOPLE = """\
dn: dc=bank
dc: bank
objectClass: dcObject

dn: cn=perezvon,dc=bank
cn: perezvon
objectClass: person
userPassword: service-2026

dn: cn=Olga Lisina,dc=bank
cn: Olga Lisina
objectClass: person
uid: lisina
givenName: Olga
sn: Lisina
mail: lisina@bank.example
mobile: +79161234567
memberOf: cn=Call centre,ou=Groups,dc=bank
memberOf: cn=Office,ou=Groups,dc=bank
userPassword: spring-2026

dn: cn=Oleg One,dc=bank
cn: Oleg One
objectClass: person
uid: double
userPassword: spring-2026

dn: cn=Oleg Two,dc=bank
cn: Oleg Two
objectClass: person
uid: double
userPassword: spring-2026

"""


class _Server(LDAPServer):
    """With StartTLS (RFC 4511 4.14), which ldaptor leaves to its users."""

    def extendedRequest_StartTLS(self, _value: object, reply: Callable[[Any], None]) -> None:
        reply(pureldap.LDAPExtendedResponse(resultCode=0, responseName=START_TLS))
        self.transport.startTLS(self.factory.options)

    extendedRequest_StartTLS.oid = START_TLS  # type: ignore[attr-defined]


class _Factory(protocol.ServerFactory):
    protocol = _Server

    def __init__(self, root: Any) -> None:
        self.root = root
        self.options: Any = None


def _serve(root: Any, files: list[str]) -> None:
    factory = _Factory(root)
    if files:
        factory.options = ssl.DefaultOpenSSLContextFactory(files[1], files[0])
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    registerAdapter(lambda factory: factory.root, _Factory, IConnectedLDAPEntry)
    tree = fromLDIFFile(BytesIO(PEOPLE.encode()))
    tree.addCallback(_serve, sys.argv[1:])
    reactor.run()
