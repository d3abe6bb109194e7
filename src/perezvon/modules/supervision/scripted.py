"""What a conversation does about its operator's senior."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy

from perezvon.modules.scripting.registry import Action, CannotDo, Doing, register_action
from perezvon.modules.supervision.selectors import ASK
from perezvon.modules.supervision.services import NotYours, ask_help


def register_actions() -> None:
    register_action(Action("supervision.ask_help", lazy("Ask for the senior"), right=ASK, runs=_ask))


def _ask(doing: Doing) -> None:
    try:
        ask_help(interaction_id=doing.contact.pk, by=doing.by, now=doing.now)
    except NotYours as refused:
        raise CannotDo(why="no_call") from refused
