from __future__ import annotations

from datetime import datetime, timedelta

from perezvon.foundation.access import Person
from perezvon.modules.accounts.models import SignedIn, TrustedDevice

A_SHIFT = timedelta(hours=12)


def list_signed_in(*, now: datetime) -> list[int]:
    """Keys of the people who have signed in and not out again, and were there within the last shift. One query."""
    rows = SignedIn.objects.filter(seen_at__gt=now - A_SHIFT).order_by("user").values_list("user", flat=True)
    return list(rows.distinct())


def list_sessions(*, by: Person) -> list[SignedIn]:
    """Where somebody is signed in, the last used first."""
    return list(SignedIn.objects.filter(user=by.id).order_by("-seen_at", "-id"))


def list_devices(*, by: Person, now: datetime) -> list[TrustedDevice]:
    """Browsers that are asked for no code at present."""
    return list(TrustedDevice.objects.filter(user=by.id, until__gt=now).order_by("-trusted_at", "-id"))
