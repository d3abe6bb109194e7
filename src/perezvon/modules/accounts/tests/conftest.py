from __future__ import annotations

import pytest
from django.test import Client

from perezvon.foundation.people.models import Role, User


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing one is slow on purpose; nobody guesses at these."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def make():
    """A user of a role, by login; further fields as given."""

    def made(login: str, role: str = "operator", **fields) -> User:
        values = {"last_name": login.title(), "first_name": "Test", "language": "en"} | fields
        return User.objects.create(login=login, role=Role.objects.get(code=role), **values)

    return made


@pytest.fixture
def anna(make):
    """A system administrator."""
    return make("anna", "system_administrator")


@pytest.fixture
def browse():
    def of(user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return of
