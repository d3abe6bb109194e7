"""A real OpenID Connect provider on 127.0.0.1: it publishes itself, asks for PKCE and its client's secret, and signs.

What it would never do by itself (another audience, a foreign key, no signature) a test asks of it by `twist`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "perezvon", "secret of 2026"
PERSON = {
    "sub": "f00d",
    "preferred_username": "lisina",
    "given_name": "Olga",
    "family_name": "Lisina",
    "email": "lisina@bank.example",
    "phone_number": "+79161234567",
    "groups": ["Call centre", "Office"],
}


class Provider:
    """issuer: its address. person: whose browser comes. user_info: claims told there and not in the token.

    twist: changes a token's header and claims before it is signed; with the key that it returns, if it does.
    """

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.reset()

    def reset(self) -> None:
        self.person: dict[str, Any] = dict(PERSON)
        self.user_info: dict[str, Any] = {}
        self.publishes: dict[str, Any] = {}
        self.twist: Callable[[dict[str, Any], dict[str, Any]], Any] = lambda _header, _claims: None
        self._codes: dict[str, Mapping[str, str]] = {}

    def sign_in(self, url: str) -> str:
        """What a browser sent there is sent back with, once the person has typed his password: address and query."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def document(self) -> dict[str, Any]:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/sign-in",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "scopes_supported": ["openid", "profile"],
        }
        return found | self.publishes

    def tokens(self, form: Mapping[str, str], shown: str) -> tuple[int, dict[str, Any]]:
        """Each code once, for whoever began, with the secret and the verifier."""
        pair = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        if shown != f"Basic {pair}":
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or (asked["code_challenge"], asked["code_challenge_method"]) != (challenge, "S256")
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": self._signed(asked["nonce"])}

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        claims = {"iss": self.issuer, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300} | self.person
        given = self.twist(header, claims)
        key = given if isinstance(given, RSAKey | OctKey) else self.key
        if header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in (header, claims))
            return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    def shared_key(self) -> OctKey:
        """What anybody can read of the public key, taken for a shared secret: an old trick with HS256."""
        return OctKey.import_key(str(self.key.as_dict(private=False)["n"]))


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        one = self.provider
        if self.path.startswith("/sign-in?"):  # as if the person had typed his password there
            self.send_response(302)
            self.send_header("Location", one.sign_in(self.path))
            self.end_headers()
            return
        found = {
            "/.well-known/openid-configuration": one.document,
            "/keys": lambda: {"keys": [one.key.as_dict(private=False)]},
            "/me": lambda: {"sub": one.person["sub"]} | one.user_info,
        }.get(self.path)
        if found is None or (self.path == "/me" and self.headers["Authorization"] != "Bearer at"):
            self._say(404, {})
        else:
            self._say(200, found())

    def do_POST(self) -> None:
        read = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(read).items()}
        self._say(*self.provider.tokens(form, self.headers["Authorization"] or ""))

    def _say(self, status: int, told: Mapping[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def identity_server() -> Iterator[Provider]:
    """A provider that runs until the end of the block."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.provider = Provider(server.server_address[1])  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield handler.provider  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()
