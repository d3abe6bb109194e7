"""Authorization code flow with PKCE: the browser brings a code, we change it for a token and check that."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp

from perezvon.connectors.oidc.token import claims_in, keys_in, must_be_the_same
from perezvon.kernel.errors import TryLater
from perezvon.kernel.paths import value_at
from perezvon.ports.directory import Known
from perezvon.ports.identity import Journey, Looked, NotProven, ProviderSettings, is_safe_address

WITHIN_S = 5.0  # for each answer: somebody waits at the sign-in page
MOST_BYTES = 500_000
DISCOVERY = "/.well-known/openid-configuration"
_LONGEST, _MOST = 100, 500


@dataclass(frozen=True, slots=True)
class _Places:
    """What the provider publishes of itself. user_info: "" when it has none."""

    issuer: str
    sign_in: str
    token: str
    keys: str
    user_info: str
    says: Mapping[str, Any]


class OidcProvider:
    """An `IdentityProvider`. Each question is a connection of its own: people sign in once a day."""

    def __init__(self, settings: ProviderSettings, within_s: float = WITHIN_S) -> None:
        self._settings, self._within_s = settings, within_s

    def place_to_sign_in(self, journey: Journey) -> str:
        places = self._run(self._places)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": journey.back_to,
            "scope": self._settings.scope,
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        return f"{places.sign_in}{'&' if '?' in places.sign_in else '?'}{urlencode(asked)}"

    def who_came(self, code: str, journey: Journey, now: datetime) -> Known:
        async def ask(session: aiohttp.ClientSession) -> Known:
            places = await self._places(session)
            given = await self._changed_for_tokens(session, places, code, journey)
            claims = claims_in(
                given.get("id_token"),
                keys_in(await self._json(session, "GET", places.keys)),
                issuer=places.issuer,
                client_id=self._settings.client_id,
                nonce=journey.nonce,
                now=now,
            )
            return self._known(await self._with_user_info(session, places, claims, given))

        return self._run(ask)

    def look(self) -> Looked:
        async def ask(session: aiohttp.ClientSession) -> Looked:
            places = await self._places(session)
            keys = keys_in(await self._json(session, "GET", places.keys))
            return Looked(
                places.issuer,
                places.sign_in,
                len(keys.keys),
                _texts(places.says.get("scopes_supported")),
                _texts(places.says.get("claims_supported")),
            )

        return self._run(ask)

    async def _places(self, session: aiohttp.ClientSession) -> _Places:
        says = await self._json(session, "GET", self._settings.issuer.rstrip("/") + DISCOVERY)
        names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        issuer, sign_in, token, keys, user_info = (_text(says.get(name)) for name in names)
        places = _Places(issuer, sign_in, token, keys, user_info, says)
        if places.issuer.rstrip("/") != self._settings.issuer.rstrip("/"):
            raise TryLater(why="issuer")
        wanted = [places.sign_in, places.token, places.keys, *filter(None, [places.user_info])]
        if not all(is_safe_address(url) for url in wanted):
            raise TryLater(why="endpoints")
        return places

    async def _changed_for_tokens(
        self, session: aiohttp.ClientSession, places: _Places, code: str, journey: Journey
    ) -> Mapping[str, Any]:
        told = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": journey.back_to,
            "client_id": self._settings.client_id,
            "code_verifier": journey.verifier,
        }
        headers = {}
        if self._settings.secret and self._shows_secret_in_header(places):
            pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._settings.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif self._settings.secret:
            told["client_secret"] = self._settings.secret
        return await self._json(session, "POST", places.token, data=told, headers=headers)

    @staticmethod
    def _shows_secret_in_header(places: _Places) -> bool:
        """The default of OpenID Connect Discovery 3, when nothing is said."""
        ways = _texts(places.says.get("token_endpoint_auth_methods_supported"))
        return not ways or "client_secret_basic" in ways

    async def _with_user_info(
        self, session: aiohttp.ClientSession, places: _Places, claims: dict[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Some providers put next to nothing into the token: what is missing there is asked for."""
        is_missing = any(_claim(claims, claim) in ("", None) for claim in self._settings.claims.values() if claim)
        token = _text(given.get("access_token"))
        if not (is_missing and places.user_info and token.isascii() and token.isprintable() and token):
            return claims
        more = await self._json(session, "GET", places.user_info, headers={"Authorization": f"Bearer {token}"})
        must_be_the_same(more, claims)
        return {**more, **claims}

    def _known(self, claims: Mapping[str, Any]) -> Known:
        named = self._settings.claims
        values = {ours: _claim(claims, theirs) for ours, theirs in named.items() if theirs}
        login = _plain(values.pop("login", ""))
        if not login:
            raise NotProven(why="missing_claim", claim=named.get("login", ""))
        if named["login"] == "email" and claims.get("email_verified") is False:
            raise NotProven(why="invalid_claim", claim="email_verified")
        groups = values.pop("groups", ())
        groups = frozenset(_plain(one) for one in (groups if isinstance(groups, list) else [groups])[:_MOST])
        return Known(login=login, groups=groups - {""}, **{ours: _plain(value) for ours, value in values.items()})

    # --- one bounded question ---

    def _run[T](self, ask: Callable[[aiohttp.ClientSession], Awaitable[T]]) -> T:
        async def within() -> T:
            timeout = aiohttp.ClientTimeout(total=self._within_s)
            async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session:
                return await ask(session)

        # Not asyncio.run: it waits for a look-up of the host's name that may outlast our own time.
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(within())
        finally:
            loop.close()

    async def _json(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Mapping[str, Any]:
        """What it answers, an object. No redirect is followed: the answer of another host proves nothing."""
        asked = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        try:
            async with session.request(
                method, url, headers=asked, allow_redirects=False, ssl=self._trusted(), **more
            ) as answer:
                body, status = await _bounded(answer), answer.status
            read: object = json.loads(body) if body else {}
        except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:  # OSError: its time is over, too
            raise TryLater(why=type(error).__name__) from None
        if method == "POST" and 400 <= status < 500:
            raise NotProven(why=_word(read) or f"HTTP {status}")
        if status != 200 or not isinstance(read, dict):
            raise TryLater(why=f"HTTP {status}" if status != 200 else "JSON")
        return read

    def _trusted(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cadata=self._settings.ca) if self._settings.ca else True


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(16_384):
        body += chunk
        if len(body) > MOST_BYTES:
            raise TryLater(why="size")
    return bytes(body)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """By its name, which may have dots itself (https://bank.example/groups), or else by a path."""
    return claims[name] if name in claims else value_at(claims, name)


def _word(read: object) -> str:
    """The error that RFC 6749 5.2 names, when it is a word."""
    said = read.get("error") if isinstance(read, dict) else None
    return said[:40] if isinstance(said, str) and said.replace("_", "").isalnum() else ""


def _plain(value: object) -> str:
    """One line that can be kept: no control signs and no halves of signs."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:_LONGEST].strip()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one[:_LONGEST] for one in value[:_MOST] if isinstance(one, str)) if isinstance(value, list) else ()
