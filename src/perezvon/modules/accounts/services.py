"""Signing in: slowly for those who guess."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate

from perezvon.foundation.people.models import User
from perezvon.kernel.errors import Refused
from perezvon.modules.accounts.models import SignInAttempt

WINDOW = timedelta(minutes=15)
PER_LOGIN = 5
PER_ADDRESS = 30


class WrongCredentials(Refused):
    """No such login, a wrong password, or a blocked account: the same answer. facts: left."""

    code = "accounts.wrong_credentials"


class TooManyAttempts(Refused):
    """facts: until."""

    code = "accounts.too_many_attempts"
    http_status = 429


def check_password(*, login: str, password: str, address: str, now: datetime) -> User:
    """The user, when login and password are right. Raises WrongCredentials, TooManyAttempts.

    Not a command: nobody acts yet. Five failures of a login, or thirty from an address, in 15 minutes lock it.
    """
    login_key, address_key = _key(login.strip().lower()), _key(address)
    recent = SignInAttempt.objects.filter(at__gt=now - WINDOW)
    by_login = recent.filter(login_key=login_key)
    locked = [
        first.at + WINDOW
        for attempts, limit in ((by_login, PER_LOGIN), (recent.filter(address_key=address_key), PER_ADDRESS))
        if attempts.count() >= limit and (first := attempts.order_by("at").first())
    ]
    if locked:
        raise TooManyAttempts(until=max(locked))
    user = authenticate(username=login.strip(), password=password)
    if not isinstance(user, User):
        SignInAttempt.objects.create(login_key=login_key, address_key=address_key, at=now)
        raise WrongCredentials(left=max(0, PER_LOGIN - by_login.count()))
    by_login.delete()
    return user


def _key(value: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()
