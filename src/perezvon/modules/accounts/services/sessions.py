"""Where somebody is signed in, and ending it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotFound
from perezvon.modules.accounts.models import SignedIn, TrustedDevice

SEEN_EVERY = timedelta(minutes=5)


@command("accounts.sign_in", needs=None)
def note_sign_in(*, session: str, address: str, browser: str, by: Person, now: datetime) -> SignedIn:
    """Somebody has signed in, so he can see later where, and end it."""
    return SignedIn.objects.create(
        user_id=by.id, session=session, began_at=now, seen_at=now, address=address[:45], browser=browser[:300]
    )


@command("accounts.sign_out", needs=None)
def note_sign_out(*, session: str, by: Person, now: datetime) -> None:
    SignedIn.objects.filter(session=session, user=by.id).delete()


def note_seen(*, session: str, now: datetime) -> None:
    """He is still there; the caller asks every SEEN_EVERY at most."""
    SignedIn.objects.filter(session=session).update(seen_at=now)


@command("accounts.end_session", needs=None)
def end_session(*, session_id: int, by: Person, now: datetime) -> None:
    """End one of one's own sessions: that device has to sign in again. Raises NotFound."""
    known = SignedIn.objects.filter(pk=session_id, user=by.id).first()
    if known is None:
        raise NotFound(session=session_id)
    Session.objects.filter(session_key=known.session).delete()
    known.delete()


@command("accounts.forget_device", needs=None)
def forget_device(*, device_id: int, by: Person, now: datetime) -> None:
    """A device that was trusted has to give a code again."""
    TrustedDevice.objects.filter(pk=device_id, user=by.id).delete()


def end_all_sessions(user: User) -> None:
    """Rows of sessions that `people.end_sessions` has ended by raising the user's number; trust ends with them."""
    known = SignedIn.objects.filter(user=user)
    Session.objects.filter(session_key__in=list(known.values_list("session", flat=True))).delete()
    known.delete()
    TrustedDevice.objects.filter(user=user).delete()
