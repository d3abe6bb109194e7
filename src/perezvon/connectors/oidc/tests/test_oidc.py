"""What a provider may answer that is no answer; what it says of people when all is well is in the tests of accounts."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import KeySet, RSAKey

from perezvon.connectors.oidc import OidcProvider
from perezvon.connectors.oidc.connector import MOST_BYTES
from perezvon.connectors.oidc.token import claims_in, keys_in
from perezvon.kernel.errors import TryLater
from perezvon.ports.identity import Journey, NotProven, ProviderSettings, is_safe_address

JOURNEY = Journey("http://testserver/back/", "state", "nonce", "verifier")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEYS = KeySet([RSAKey.generate_key(2048)])
WITHIN_S = 0.5


class Answers:
    """status, headers and body of whatever is asked; within: seconds before it answers."""

    def __init__(self) -> None:
        self.status, self.headers, self.body, self.within = 200, {}, b"{}", 0.0
        self.asked: list[str] = []


@pytest.fixture
def answers() -> Iterator[tuple[str, Answers]]:
    one = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            one.asked.append(self.path)
            time.sleep(one.within)
            self.send_response(one.status)
            for name, text in one.headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(one.body)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", one
        server.shutdown()
        thread.join()


def too_big(one: Answers) -> None:
    one.body = b'{"issuer": "' + b"x" * MOST_BYTES + b'"}'


def elsewhere(one: Answers) -> None:
    one.status, one.headers = 302, {"Location": "/elsewhere"}


def slow(one: Answers) -> None:
    one.within = WITHIN_S * 2


def with_body(body: bytes) -> Callable[[Answers], None]:
    return lambda one: setattr(one, "body", body)


@pytest.mark.parametrize(
    "make",
    [too_big, elsewhere, slow, *map(with_body, (b"", b"[]", b"<html>", b"\xff\xfe", b"[" * 10_000, b'{"issuer": 5}'))],
)
def test_is_away_when_its_answer_is_none(answers, make):
    url, one = answers
    make(one)
    with pytest.raises(TryLater):
        OidcProvider(ProviderSettings(url, "perezvon"), WITHIN_S).place_to_sign_in(JOURNEY)
    assert one.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize("document", [None, {}, {"keys": []}, {"keys": "abc"}, {"keys": [{"kty": "RSA"}, 7]}])
def test_is_away_without_keys(document):
    with pytest.raises(TryLater):
        keys_in(document)


@given(st.one_of(st.text(), st.none(), st.lists(st.text(alphabet="eyJ=-_09 ."), min_size=3, max_size=3).map(".".join)))
def test_rubbish_proves_nothing(token):
    with pytest.raises(NotProven):
        claims_in(token, KEYS, issuer="https://sso", client_id="perezvon", nonce="nonce", now=NOW)


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), st.one_of(st.text(), st.integers(), st.none())
    )
)
def test_a_strange_header_proves_nothing(header):
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, {"iss": 5}, "")]
    with pytest.raises(NotProven):
        claims_in(".".join(parts), KEYS, issuer="https://sso", client_id="perezvon", nonce="nonce", now=NOW)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://sso.bank.ru/realms/bank", True),
        ("http://127.0.0.1:8080/x?y=1", True),
        ("http://127.0.0.1.evil.example/", False),
        ("http://127.0.0.1@evil.example/", False),
        ("https://user@sso.bank.ru", False),
        ("https://sso.bank.ru#x", False),
        ("https://", False),
        ("javascript:alert(1)", False),
        ("http://localhost/", False),
    ],
)
def test_knows_a_safe_address(url, is_safe):
    assert is_safe_address(url) is is_safe
