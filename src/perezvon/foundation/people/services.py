"""Adding people and giving them passwords."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Photo, Project, Role, User
from perezvon.kernel.errors import NotFound, Refused


class LoginTaken(Refused):
    """facts: login."""

    code = "people.login_taken"

    def __str__(self) -> str:
        return "There is a user {login} already.".format(**self.facts)


class WeakPassword(Refused):
    """facts: why, a sentence for each reason."""

    code = "people.weak_password"
    http_status = 422

    def __str__(self) -> str:
        return " ".join(str(reason) for reason in self.facts["why"])  # type: ignore[attr-defined]


class NoSuchUser(NotFound):
    """facts: login."""

    code = "people.no_such_user"

    def __str__(self) -> str:
        return "There is no user {login}.".format(**self.facts)


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who is to be added. Without a last name he is called by his login."""

    login: str
    role: Role
    first_name: str = ""
    last_name: str = ""
    language: str = "ru"
    projects: tuple[Project, ...] = ()


@command("people.add_user", needs="people.manage")
def add_user(*, who: NewUser, password: str, by: Actor, now: datetime) -> User:
    """Somebody who can sign in at once. Raises LoginTaken, WeakPassword."""
    if User.objects.filter(login__iexact=who.login).exists():
        raise LoginTaken(login=who.login)
    user = User(
        login=who.login,
        first_name=who.first_name,
        last_name=who.last_name or who.login,
        role=who.role,
        language=who.language,
        created_at=now,
    )
    _set(user, password)
    user.save()
    user.projects.set(who.projects)
    return user


@command("people.set_password", needs="people.manage")
def set_password(*, login: str, password: str, by: Actor, now: datetime) -> User:
    """A new password; whoever was signed in with the old one is signed out. Raises NoSuchUser, WeakPassword."""
    user = User.objects.select_for_update().filter(login=login).first()
    if user is None:
        raise NoSuchUser(login=login)
    _set(user, password)
    user.save(update_fields=["password"])
    return user


@command("people.change_password", needs=None)
def change_password(*, password: str, by: Person, now: datetime) -> User:
    """One's own; whoever calls has asked for the old one. Ends all sessions of the old one. Raises WeakPassword."""
    user = User.objects.select_for_update().get(pk=by.id)
    _set(user, password)
    user.save(update_fields=["password"])
    return user


PHOTO_LIMIT_BYTES = 1_000_000
_SIGNS = {"image/jpeg": rb"\xff\xd8\xff", "image/png": rb"\x89PNG\r\n\x1a\n", "image/webp": rb"RIFF....WEBP"}


class NoPhoto(Refused):
    """It is no picture that browsers show, or too large. facts: limit_kb."""

    code = "people.no_photo"
    http_status = 422


@command("people.set_photo", needs=None)
def set_photo(*, content: bytes, by: Person, now: datetime) -> User:
    """One's own face; empty takes it away. What it is, its first bytes say, not its name. Raises NoPhoto."""
    user = User.objects.select_for_update().get(pk=by.id)
    kind = next((kind for kind, sign in _SIGNS.items() if re.match(sign, content, re.DOTALL)), None)
    if content and (kind is None or len(content) > PHOTO_LIMIT_BYTES):
        raise NoPhoto(limit_kb=PHOTO_LIMIT_BYTES // 1000)
    Photo.objects.filter(user=user).delete()
    if kind is not None:
        Photo.objects.create(user=user, kind=kind, content=content)
    user.photo = hashlib.sha256(content).hexdigest()[:16] if content else ""
    user.save(update_fields=["photo"])
    return user


def must_be_strong(password: str, user: User | None = None) -> None:
    """Raises WeakPassword when it is too short or widely known."""
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise WeakPassword(why=weak.messages) from None


def _set(user: User, password: str) -> None:
    must_be_strong(password, user)
    user.set_password(password)
