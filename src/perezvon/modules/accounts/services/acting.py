"""Acting in another person's name: to see what he sees. Who it really is stands beside everything that is done."""

from __future__ import annotations

from datetime import datetime

from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import User
from perezvon.foundation.people.services.giving import must_take_over
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.accounts.models import SignedIn


class NotWhileActing(Refused):
    """Passwords and codes are changed by their owner alone; and nobody acts for a third one."""

    code = "accounts.not_while_acting"
    http_status = 403


@command("accounts.begin_acting", needs="people.impersonate")
def begin_acting(*, user_id: int, by: Person, now: datetime) -> User:
    """The user in whose name `by` goes on. Raises NotFound, NotYoursToGive, NotWhileActing."""
    must_be_himself(by)
    user = User.objects.select_related("role").filter(pk=user_id, is_active=True).exclude(pk=by.id).first()
    if user is None:
        raise NotFound(user=user_id)
    must_take_over(user, by)
    return user


@command("accounts.end_acting", needs=None)
def end_acting(*, user_id: int, by: Person, now: datetime) -> None:
    """He is himself again; kept for the audit."""


def must_be_himself(by: Person) -> None:
    if by.behind:
        raise NotWhileActing


def move_session(user: User, before: str, after: str) -> None:
    """The session of a device has another key by now; its owner still finds it. Nobody has signed in by this."""
    SignedIn.objects.filter(session=before).update(session=after)
    User.objects.filter(pk=user.pk).update(last_login=user.last_login)
