"""What we ask of a company's identity provider: where do people sign in with you, and who is it that came back?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from perezvon.kernel.errors import Refused
from perezvon.ports.directory import Known

# Our words to its claims: a name, or a path with dots (realm_access.roles).
CLAIMS = {
    "login": "preferred_username",
    "first_name": "given_name",
    "last_name": "family_name",
    "email": "email",
    "phone": "phone_number",
    "groups": "groups",
}
_SAFE = re.compile(r"(https://[^\s/?#@\\]+|http://127\.0\.0\.1(:\d{1,5})?)([/?][^\s#]*)?")


class NotProven(Refused):
    """What came back does not prove who came. facts: why, in the protocol's words; claim, when one is amiss."""

    code = "identity.not_proven"
    http_status = 403


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """issuer: its address, as it calls itself. ca: certificates as PEM, "" means those of the system.

    claims: our words to its claims. scope: what is asked of it.
    """

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    ca: str = ""
    scope: str = "openid profile email"
    claims: Mapping[str, str] = field(default_factory=lambda: dict(CLAIMS))


@dataclass(frozen=True, slots=True)
class Journey:
    """One person's way to the provider and back. state, nonce, verifier: long, of chance, and used once.

    back_to: our address at which he comes back.
    """

    back_to: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a provider says of itself. keys: those it signs with."""

    issuer: str
    sign_in_at: str
    keys: int
    scopes: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


class IdentityProvider(Protocol):
    """All three raise TryLater when the provider does not answer in time, or answers what is no answer."""

    def place_to_sign_in(self, journey: Journey) -> str:
        """The address to which somebody's browser is sent."""

    def who_came(self, code: str, journey: Journey, now: datetime) -> Known:
        """The person, for what his browser brought back. The login may be written in any case. Raises NotProven."""

    def look(self) -> Looked:
        """For an administrator who tries the settings."""


def is_safe_address(url: str) -> bool:
    """Encrypted, or not leaving this machine."""
    return bool(_SAFE.fullmatch(url))
