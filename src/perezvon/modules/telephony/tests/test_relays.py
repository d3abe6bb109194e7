"""Relays that pages hand to browsers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client

from perezvon.foundation import clock
from perezvon.foundation.people.models import User
from perezvon.modules.telephony.relays import LIVES, credentials, ice_servers
from perezvon.project import blueprint

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
URLS = ("turn:relay.example:3478", "turns:relay.example:443?transport=tcp")
SECRET = "north"


@pytest.fixture
def relay(settings):
    settings.TURN_URLS, settings.TURN_SECRET = URLS, SECRET


class Relay:
    """How coturn judges a name and a password (its README on use-auth-secret)."""

    def admits(self, name: str, password: str, now: datetime) -> bool:
        until, _, _ = name.partition(":")
        right = base64.b64encode(hmac.digest(SECRET.encode(), name.encode(), hashlib.sha1)).decode()
        return hmac.compare_digest(password, right) and now.timestamp() < int(until)


class TestCredentials:
    def test_are_what_the_scheme_says(self):
        """Worked out with: printf 1772445600:perezvon | openssl dgst -sha1 -hmac north -binary | base64"""
        assert credentials("north", NOW + timedelta(hours=1)) == (
            "1772445600:perezvon",
            "9D6C4E/BwbVAc4v5s+hJlcsSEJA=",
        )

    @pytest.mark.usefixtures("relay")
    def test_are_good_for_a_day_and_then_no_more(self):
        [server] = ice_servers(NOW)
        name, password = server["username"], server["credential"]

        assert Relay().admits(name, password, NOW + LIVES - timedelta(seconds=1))
        assert not Relay().admits(name, password, NOW + LIVES)
        assert not Relay().admits(name.replace("perezvon", "somebody"), password, NOW)

    @pytest.mark.parametrize(("urls", "secret"), [((), SECRET), (URLS, "")])
    def test_are_not_made_without_relay_or_secret(self, settings, urls, secret):
        settings.TURN_URLS, settings.TURN_SECRET = urls, secret

        assert ice_servers(NOW) == []


class Attributes(HTMLParser):
    """Of the first element of a name."""

    def __init__(self, element: str, page: str) -> None:
        super().__init__()
        self._element = element
        self.found: dict[str, str | None] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == self._element and not self.found:
            self.found = dict(attrs)


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize(
        ("path", "element", "login"),
        [
            ("/call/loans/", "cc-call-page", None),
            ("/desk/", "cc-desk-phone", "ivanova"),
            ("/equipment/", "cc-echo-test", "ivanova"),
        ],
    )
    def test_with_a_phone_carry_the_relay(self, relay, client: Client, path, element, login):
        found = self._open(client, path, element, login)

        [server] = json.loads(found["data-ice-servers"])
        assert server["urls"] == list(URLS)
        assert Relay().admits(server["username"], server["credential"], clock.now())

    def test_carry_nothing_where_there_is_none(self, client: Client):
        found = self._open(client, "/call/loans/", "cc-call-page", None)

        assert "data-offer-url" in found
        assert "data-ice-servers" not in found

    def _open(self, client: Client, path: str, element: str, login: str | None) -> dict[str, str | None]:
        blueprint.load(blueprint.read("bank"), now=clock.now(), password="spring-2026")
        if login:
            client.force_login(User.objects.get(login=login))
        page = client.get(path)
        assert page.status_code == 200
        return Attributes(element, page.content.decode()).found
