from __future__ import annotations

from datetime import datetime

from perezvon.foundation.access import Person
from perezvon.modules.accounts.models import SignedIn, TrustedDevice


def list_sessions(*, by: Person) -> list[SignedIn]:
    """Where somebody is signed in, the last used first."""
    return list(SignedIn.objects.filter(user=by.id).order_by("-seen_at", "-id"))


def list_devices(*, by: Person, now: datetime) -> list[TrustedDevice]:
    """Browsers that are asked for no code at present."""
    return list(TrustedDevice.objects.filter(user=by.id, until__gt=now).order_by("-trusted_at", "-id"))
