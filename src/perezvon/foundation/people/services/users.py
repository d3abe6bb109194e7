"""Adding people, changing them, blocking them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish, tell
from perezvon.foundation.people.events import UserChanged
from perezvon.foundation.people.models import Group, Keeper, Project, Role, Team, User
from perezvon.foundation.people.services.editing import FieldsWrong, changes, must_be_current
from perezvon.foundation.people.services.giving import (
    keys_are_kept,
    must_give_projects,
    must_give_role,
    must_manage,
    must_take_over,
)
from perezvon.foundation.people.services.passwords import NoSuchUser, must_be_strong
from perezvon.kernel.errors import Refused
from perezvon.kernel.phone import parse_phone

LANGUAGES = ("ru", "en", "uk")
_LOGIN = re.compile(r"[\w.@+-]+(:[\w.@+-]+)?")  # a domain may stand before it: C3:eugene (F28.06)
_EXTENSION = re.compile(r"\d{1,10}")
_MANY = ("projects", "groups")
_WAYS_IN = frozenset({"login", "email", "mobile", "keeper"})  # codes go there; digits of one open


class LoginTaken(Refused):
    """facts: login."""

    code = "people.login_taken"

    def __str__(self) -> str:
        return "There is a user {login} already.".format(**self.facts)


@dataclass(frozen=True, slots=True)
class UserDetails:
    """All that an administrator says of somebody. Without a last name he is called by his login."""

    login: str
    role: Role
    first_name: str = ""
    last_name: str = ""
    middle_name: str = ""
    position: str = ""
    email: str = ""
    extension: str = ""
    mobile: str = ""
    home_phone: str = ""
    language: str = "ru"
    keeper: str = Keeper.PEREZVON
    team: Team | None = None
    projects: tuple[Project, ...] = ()
    groups: tuple[Group, ...] = ()


@command("people.add_user", needs="people.manage")
def add_user(*, who: UserDetails, password: str, by: Actor, now: datetime, is_given: bool = False) -> User:
    """Somebody who can sign in at once; with `is_given` he first chooses a password of his own.

    Raises LoginTaken, WeakPassword, FieldsWrong, NotYoursToGive.
    """
    wanted = _values(who)
    _must_be_right(wanted, None)
    must_give_role(who.role, by)
    must_give_projects(who.projects, by)
    user = User(created_at=now, password_is_given=is_given)
    must_be_strong(password, user)
    user.set_password(password)
    _set(user, wanted)
    _tell(user, now)
    return user


@command("people.update_user", needs="people.manage")
def update_user(*, user_id: int, version: int, who: UserDetails, by: Actor, now: datetime) -> User:
    """Make him as `who` says; projects that the actor does not see stay. version: the one the form was read in.

    Raises FieldsWrong, LoginTaken, Outdated with what now differs, NotYoursToGive, LastAdministrator.
    """
    wanted = _values(who)
    with keys_are_kept():
        user = lock_user(user_id, by)
        before = values_of(user)
        unseen = {one for one in user.projects.all() if not by.sees_project(one.pk)}
        wanted["projects"] |= unseen
        changed = changes(before, wanted)
        _must_be_right(wanted, user)
        must_be_current(user, version, changed)
        if _WAYS_IN & changed.keys():
            must_take_over(user, by)
        must_give_role(who.role, by)
        must_give_projects(wanted["projects"] - before["projects"], by)
        if changed:
            user.version += 1
            _set(user, wanted)
            _tell(user, now)
    return user


@command("people.block_user", needs="people.manage")
def block_user(*, user_id: int, by: Actor, now: datetime) -> User:
    """He can sign in no more and is signed out everywhere; what he did stays. Raises LastAdministrator."""
    with keys_are_kept():
        user = lock_user(user_id, by)
        user.is_active = False
        return _save_with_sessions_ended(user, now)


@command("people.unblock_user", needs="people.manage")
def unblock_user(*, user_id: int, by: Actor, now: datetime) -> User:
    user = lock_user(user_id, by)
    user.is_active = True
    return _save_with_sessions_ended(user, now)


@command("people.end_sessions", needs="people.manage")
def end_sessions(*, user_id: int, by: Actor, now: datetime) -> User:
    """Sign somebody out everywhere."""
    return _save_with_sessions_ended(lock_user(user_id, by), now)


def lock_user(user_id: int, by: Actor) -> User:
    """For the rest of the transaction. Raises NoSuchUser, NotYoursToGive."""
    user = User.objects.select_for_update(of=("self",)).select_related("role").filter(pk=user_id).first()
    if user is None:
        raise NoSuchUser(user=user_id)
    must_manage(user, by)
    return user


def values_of(user: User) -> dict[str, Any]:
    """What `UserDetails` says, of somebody as he is now."""
    found = {field.name: getattr(user, field.name) for field in fields(UserDetails) if field.name not in _MANY}
    return found | {name: set(getattr(user, name).all()) for name in _MANY}


def _values(who: UserDetails) -> dict[str, Any]:
    values: dict[str, Any] = {field.name: getattr(who, field.name) for field in fields(UserDetails)}
    values |= {name: value.strip() for name, value in values.items() if isinstance(value, str)}
    values |= {name: set(values[name]) for name in _MANY}
    values["login"] = plain_login(values["login"])
    values["last_name"] = values["last_name"] or values["login"]
    return values


def plain_login(typed: str) -> str:
    """A domain may be typed with a backslash too."""
    return typed.strip().replace("\\", ":")


def _must_be_right(wanted: dict[str, Any], user: User | None) -> None:
    others = User.objects.exclude(pk=user.pk) if user else User.objects.all()
    problems = dict.fromkeys(_too_long(wanted), "text.too_long")
    problems |= {
        name: f"{name}.wrong" for name in ("mobile", "home_phone") if wanted[name] and not _phone(wanted[name])
    }
    if not _LOGIN.fullmatch(wanted["login"]):
        problems["login"] = "login.wrong"
    if wanted["email"] and not _is_email(wanted["email"]):
        problems["email"] = "email.wrong"
    if wanted["extension"] and not _EXTENSION.fullmatch(wanted["extension"]):
        problems["extension"] = "extension.wrong"
    elif wanted["extension"] and others.filter(extension=wanted["extension"], is_active=True).exists():
        problems["extension"] = "extension.taken"
    if wanted["keeper"] not in Keeper:
        problems["keeper"] = "keeper.wrong"
    if wanted["language"] not in LANGUAGES:
        problems["language"] = "language.wrong"
    if problems:
        raise FieldsWrong(problems=problems)
    if others.filter(login__iexact=wanted["login"]).exists():
        raise LoginTaken(login=wanted["login"])


def _too_long(wanted: dict[str, Any]) -> list[str]:
    limits = {field.name: field.max_length for field in User._meta.concrete_fields if isinstance(field, CharField)}
    return [name for name, limit in limits.items() if limit and len(wanted.get(name, "")) > limit]


def _phone(text: str) -> bool:
    return parse_phone(text) is not None


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _set(user: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name not in _MANY:
            setattr(user, name, value)
    user.save()
    for name in _MANY:
        getattr(user, name).set(values[name])


def _save_with_sessions_ended(user: User, now: datetime) -> User:
    user.sessions_ended += 1
    user.version += 1
    user.save(update_fields=["is_active", "sessions_ended", "version"])
    _tell(user, now)
    return user


def _tell(user: User, now: datetime) -> None:
    publish(UserChanged(user_id=user.pk), now=now)
    tell("user", user.pk, user.version, to=[f"record:user:{user.pk}"], now=now)
