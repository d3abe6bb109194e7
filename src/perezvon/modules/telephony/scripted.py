"""What a conversation does with the call that it is about."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.calls.words import Act
from perezvon.kernel.ids import uuid7
from perezvon.modules.scripting.registry import Action, CannotDo, Doing, register_action
from perezvon.modules.telephony.selectors import get_standing
from perezvon.modules.telephony.services import Click, request

_ACTS = (
    ("telephony.pause_recording", lazy("Pause the recording"), Act.PAUSE_RECORDING),
    ("telephony.resume_recording", lazy("Go on recording"), Act.RESUME_RECORDING),
    ("telephony.hang_up", lazy("End the call"), Act.HANG_UP),
)


def register_actions() -> None:
    for code, label, act in _ACTS:
        register_action(Action(code, label, right="telephony.use", runs=partial(_ask, act)))


def _ask(act: Act, doing: Doing) -> None:
    """The engine is asked; what comes of it is seen in the call bar."""
    call = next((one for one in get_standing(doing.by.id).calls if one.contact_id == doing.contact.pk), None)
    if call is None or call.is_over:
        raise CannotDo(why="no_call")
    request(call_id=call.id, click=Click(uuid7(doing.now), act, None), by=doing.by, now=doing.now)
