from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as N_

from perezvon.foundation.access import Person, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.notices.registry import register_notice
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.quality.lists import Evaluations
from perezvon.modules.quality.models import State
from perezvon.modules.quality.personal import holder
from perezvon.modules.quality.selectors import DECIDE, EVALUATE, OWN, SET_UP, of_interaction
from perezvon.modules.quality.services import APPEALED, DECIDED, PUBLISHED
from perezvon.modules.quality.words import STATE_TONES
from perezvon.modules.telephony.models import Recording
from perezvon.modules.telephony.registry import register_beside_recording


def register() -> None:
    register_place(Place(lazy("Quality"), "rosette-discount-check", "quality:evaluations", OWN, 78))
    register_list(Evaluations())
    register_holder(holder())
    register_beside_recording(_beside)
    register_notice(PUBLISHED, "rosette-discount-check", _published)
    register_notice(APPEALED, "rosette-discount-check", _appealed)
    register_notice(DECIDED, "rosette-discount-check", _decided)
    declare(OWN, N_("See evaluations of one's own conversations, and appeal"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare(EVALUATE, N_("Evaluate conversations"), roles=(SUPERVISOR,))
    declare(DECIDE, N_("Decide on appeals against evaluations"), roles=(SUPERVISOR,))
    declare(SET_UP, N_("Set up scorecards"), roles=(SUPERVISOR, INFORMATION))


def _published(facts: Mapping[str, Any]) -> str:
    return _("Your conversation {number} was evaluated: {percent} %").format(**facts)


def _appealed(facts: Mapping[str, Any]) -> str:
    return _("The evaluation of conversation {number} was appealed").format(**facts)


def _decided(facts: Mapping[str, Any]) -> str:
    return _("The appeal about conversation {number} was decided").format(**facts)


def _beside(recording: Recording, by: Person) -> dict[str, Any] | None:
    """On the page of a recording, for those who evaluate."""
    if not by.may(EVALUATE):
        return None
    lines = [
        {
            "title": str(one.scorecard),
            "url": reverse("quality:evaluation", args=[one.pk]),
            "chip": {"text": one.get_state_display(), "tone": STATE_TONES[State(one.state)]},
            "text": f"{one.percent} % · {one.evaluator.short_name}" if one.percent is not None else "",
        }
        for one in of_interaction(recording.interaction_id, by=by)
    ]
    action = {"label": _("Evaluate"), "url": reverse("quality:begin", args=[recording.pk])}
    return {"title": _("Quality"), "lines": lines, "action": action, "empty": _("Nobody has evaluated it yet.")}
