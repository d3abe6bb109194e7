"""Whose address a request comes from."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from perezvon.foundation.web.address import address_before, client_address

CLIENT, LIE, INNER = "198.51.100.7", "127.0.0.1", "10.0.0.9"
PROXY = "127.0.0.1"


def address_seen(settings, proxies: int, **headers: str) -> str:
    settings.PROXIES = proxies
    seen: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    client_address(page)(RequestFactory().get("/", REMOTE_ADDR=PROXY, **headers))
    return seen[0]


class TestClientAddress:
    def test_is_the_last_that_our_proxy_was_asked_from(self, settings):
        assert address_seen(settings, 1, HTTP_X_FORWARDED_FOR=CLIENT) == CLIENT

    def test_is_not_what_the_client_says_of_himself(self, settings):
        assert address_seen(settings, 1, HTTP_X_FORWARDED_FOR=f"{LIE}, {CLIENT}") == CLIENT

    def test_is_found_before_two_proxies(self, settings):
        assert address_seen(settings, 2, HTTP_X_FORWARDED_FOR=f"{LIE}, {CLIENT}, {INNER}") == CLIENT

    def test_is_the_connection_s_own_without_a_proxy_whatever_is_sent(self, settings):
        assert address_seen(settings, 0, HTTP_X_FORWARDED_FOR=CLIENT) == PROXY

    def test_is_the_connection_s_own_when_the_proxy_says_nothing_or_nonsense(self, settings):
        assert address_seen(settings, 1) == PROXY
        assert address_seen(settings, 1, HTTP_X_FORWARDED_FOR="unknown") == PROXY


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("one, two", None),
        ("", None),
    ],
)
def test_what_proxies_write(forwarded, address):
    assert address_before(forwarded, 1) == address


def test_fewer_hops_than_proxies_are_all_true():
    """Somebody inside asked the second proxy directly."""
    assert address_before(INNER, 2) == INNER


@pytest.mark.django_db
class TestPages:
    def test_counts_are_for_this_machine_only_though_the_proxy_runs_on_it(self, settings, client: Client):
        settings.PROXIES = 1

        assert client.get("/metrics", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=CLIENT).status_code == 404
        assert client.get("/metrics", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=f"{LIE}, {CLIENT}").status_code == 404
        assert client.get("/metrics", REMOTE_ADDR=PROXY).status_code == 200

    def test_one_who_guesses_passwords_locks_nobody_else_out(self, settings, client: Client):
        settings.PROXIES = 1
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # forty guesses, quickly

        def try_as(address: str, login: str) -> int:
            given = {"login": login, "password": "wrong"}
            return client.post("/sign-in/", given, REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=address).status_code

        refused = [try_as(CLIENT, f"guess-{number}") for number in range(40)]

        assert refused[0] != refused[-1]
        assert try_as(CLIENT, "somebody") == refused[-1]
        assert try_as("198.51.100.8", "somebody") == refused[0]
