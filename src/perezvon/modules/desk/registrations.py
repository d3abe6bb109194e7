from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.routing import Presence
from perezvon.foundation.access import Person
from perezvon.foundation.web.places import Place, register_place
from perezvon.kernel.errors import TryLater
from perezvon.modules.accounts.registry import before_sign_out
from perezvon.modules.routing.services import ask_presence
from perezvon.modules.telephony.services import disconnect_phone


def end_the_shift(by: Person, now: datetime) -> None:
    """Who signs out is off shift, and his browser is no phone any more. A call in hand keeps him until its end."""
    if not by.may("routing.set_own_presence"):
        return
    ask_presence(presence=Presence.OUT, after_contact=True, by=by, now=now)
    with suppress(TryLater):
        disconnect_phone(by)


def register() -> None:
    before_sign_out(end_the_shift)
    register_place(Place(lazy("Workplace"), "headset", "desk:desk", "telephony.use", 10, tab=False))
