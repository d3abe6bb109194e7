"""The first step of signing in: slowly for those who guess."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.db.models import QuerySet

from perezvon.foundation.people.models import Keeper, User
from perezvon.foundation.people.services.users import plain_login
from perezvon.kernel.errors import Refused
from perezvon.modules.accounts.models import SignInAttempt
from perezvon.modules.accounts.services.directory import admit_newcomer, is_in_directory
from perezvon.modules.accounts.services.secrets import keyed

WINDOW = timedelta(minutes=15)
PER_LOGIN = 5
PER_ADDRESS = 30
DIGITS = 4


class WrongCredentials(Refused):
    """No such login, a wrong password, or a blocked account: the same answer. facts: left."""

    code = "accounts.wrong_credentials"


class TooManyAttempts(Refused):
    """facts: until."""

    code = "accounts.too_many_attempts"
    http_status = 429


def check_password(*, login: str, password: str, address: str, now: datetime) -> User:
    """The user, when login and password are right. Raises WrongCredentials, TooManyAttempts, DirectoryAway.

    People whose password the company directory keeps are asked of there; so are strangers, where it lets them in.

    Not a command: nobody acts yet. Five failures of a login, or thirty from an address, in 15 minutes lock it.
    """
    return _slowly(login, address, now, lambda user: _is_his(user, password), password, admit_newcomer)


def check_digits(*, login: str, digits: str, address: str, now: datetime) -> User:
    """The same with the last four digits of his mobile number for a password (F28.04): no secret, so a code follows."""
    return _slowly(login, address, now, lambda user: _ends_with(user.mobile, digits), digits)


def note_failure(user: User, *, address: str, now: datetime) -> None:
    """A wrong code counts like a wrong password."""
    SignInAttempt.objects.create(login_key=_key(user.login), address_key=keyed(address), at=now)


def forget_failures(user: User) -> None:
    """He has come in. Not before: a right password would give whoever guesses codes another five."""
    SignInAttempt.objects.filter(login_key=_key(user.login)).delete()


def find_login(typed: str) -> User | None:
    """Whoever is meant by a login as people type it: any case, a domain before a colon or a backslash (F28.06)."""
    return User.objects.select_related("role").filter(login__iexact=plain_login(typed)).first()


def _is_his(user: User, password: str) -> bool:
    if user.keeper == Keeper.DIRECTORY:
        return user.is_active and is_in_directory(user.login, password)
    if user.keeper == Keeper.PROVIDER:  # he has none here: the provider is never asked for one
        return False
    return bool(authenticate(username=user.login, password=password))


def _nobody(_login: str, _password: str, *, now: datetime) -> User | None:
    return None


def _slowly(
    login: str,
    address: str,
    now: datetime,
    is_right: Callable[[User], bool],
    given: str,
    admit: Callable[..., User | None] = _nobody,
) -> User:
    by_login = must_not_be_locked(login=login, address=address, now=now)
    user = find_login(login)
    if user is None:
        authenticate(username=login, password=given)  # takes as long as for somebody who is there
        if (newcomer := admit(login, given, now=now)) is not None:
            return newcomer
    if user is None or not user.is_active or not is_right(user):
        SignInAttempt.objects.create(login_key=_key(login), address_key=keyed(address), at=now)
        raise WrongCredentials(left=max(0, PER_LOGIN - by_login.count()))
    return user


def must_not_be_locked(*, login: str, address: str, now: datetime) -> QuerySet[SignInAttempt]:
    """The recent failures of a login. Raises TooManyAttempts."""
    recent = SignInAttempt.objects.filter(at__gt=now - WINDOW)
    by_login = recent.filter(login_key=_key(login))
    locked = [
        first.at + WINDOW
        for attempts, limit in ((by_login, PER_LOGIN), (recent.filter(address_key=keyed(address)), PER_ADDRESS))
        if attempts.count() >= limit and (first := attempts.order_by("at").first())
    ]
    if locked:
        raise TooManyAttempts(until=max(locked))
    return by_login


def _ends_with(mobile: str, digits: str) -> bool:
    known = "".join(sign for sign in mobile if sign.isdecimal())
    return len(known) > DIGITS and len(digits) == DIGITS and known.endswith(digits)


def _key(login: str) -> str:
    return keyed(plain_login(login).lower())
