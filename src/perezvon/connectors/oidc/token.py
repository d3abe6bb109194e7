"""What an id_token must be before it is believed (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from perezvon.kernel.errors import TryLater
from perezvon.ports.identity import NotProven

SKEW_S = 120  # how far its clock and ours may be apart
# Signed with a key of its own only: with a shared secret (HS256) whoever knows it could sign, with `none` anybody.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


def keys_in(read: object) -> KeySet:
    """The keys of a JWKS document. Raises TryLater."""
    rows = read.get("keys") if isinstance(read, dict) else None
    try:
        return KeySet.import_key_set({"keys": [row for row in rows or [] if isinstance(row, dict)]})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TryLater(why="keys") from error


def claims_in(token: object, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime) -> dict[str, Any]:
    """What the token says, when all of it is right. Raises NotProven."""
    wanted = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=SKEW_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        claims = jwt.decode(str(token), keys, algorithms=ALGORITHMS).claims
        wanted.validate(claims)
    except ClaimError as error:
        raise NotProven(why=error.error, claim=error.claim) from None
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotProven(why=getattr(error, "error", "token")) from None
    if claims.get("azp", client_id) != client_id:
        raise NotProven(why="invalid_claim", claim="azp")
    return claims


def must_be_the_same(more: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """What userinfo says may be of whom the token is, only. Raises NotProven."""
    if more.get("sub") != claims["sub"]:
        raise NotProven(why="invalid_claim", claim="sub")
