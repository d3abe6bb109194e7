"""Passwords: chosen by oneself, or given by an administrator to be changed at the first sign-in."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import User
from perezvon.foundation.people.services.giving import must_take_over
from perezvon.kernel.errors import NotFound, Refused


class WeakPassword(Refused):
    """facts: why, a sentence for each reason."""

    code = "people.weak_password"
    http_status = 422

    def __str__(self) -> str:
        return " ".join(str(reason) for reason in self.facts["why"])  # type: ignore[attr-defined]


class NoSuchUser(NotFound):
    """facts: login or user."""

    code = "people.no_such_user"

    def __str__(self) -> str:
        return "There is no user {}.".format(*self.facts.values())


@command("people.set_password", needs="people.manage")
def set_password(*, login: str, password: str, by: Actor, now: datetime) -> User:
    """A new password; whoever was signed in with the old one is signed out.

    Raises NoSuchUser, WeakPassword, NotYoursToGive.
    """
    user = User.objects.select_for_update().filter(login=login).first()
    if user is None:
        raise NoSuchUser(login=login)
    must_take_over(user, by)
    return _save(user, password)


@command("people.give_password", needs="people.manage")
def give_password(*, user_id: int, password: str, by: Actor, now: datetime) -> User:
    """A password to begin with: its owner has to choose his own before he gets in. Ends his sessions.

    Raises NoSuchUser, WeakPassword, NotYoursToGive.
    """
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NoSuchUser(user=user_id)
    must_take_over(user, by)
    return _save(user, password, is_given=True)


@command("people.change_password", needs=None)
def change_password(*, password: str, by: Person, now: datetime) -> User:
    """One's own; whoever calls has asked for the old one. Ends all sessions of the old one. Raises WeakPassword."""
    return _save(User.objects.select_for_update().get(pk=by.id), password)


def must_be_strong(password: str, user: User | None = None) -> None:
    """Raises WeakPassword when it is too short or widely known."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise WeakPassword(why=weak.messages) from None


def _save(user: User, password: str, *, is_given: bool = False) -> User:
    must_be_strong(password, user)
    user.set_password(password)
    user.password_is_given = is_given
    user.save(update_fields=["password", "password_is_given"])
    return user
