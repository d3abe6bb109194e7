from __future__ import annotations

from functools import partial
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.search.finders import Action as PaletteAction
from perezvon.foundation.search.finders import register_action as register_palette_action
from perezvon.modules.interactions.registry import register_entries
from perezvon.modules.loans.bureau import action, entries, holder
from perezvon.modules.loans.forms import CALCULATORS, RECKON
from perezvon.modules.loans.services import BUREAU, SET_UP
from perezvon.modules.scripting.registry import Action, Doing, Opening, Parameter, register_action
from perezvon.modules.topics.registry import Tool, register_tool


def register() -> None:
    declare(RECKON, _("Reckon loans"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare(BUREAU, _("Ask the credit bureau in a conversation"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare(SET_UP, _("Say for which products the credit bureau may be asked"), roles=(SYSTEM,))
    register_action(action())
    register_entries(entries)
    register_holder(holder())
    register_admin_page(
        AdminPage(
            Section.CALLS,
            lazy("Credit bureau"),
            lazy("In conversations about which products it may be asked."),
            "shield-check",
            "loans:bureau_products",
            SET_UP,
            40,
        )
    )
    for one in CALCULATORS.values():
        register_tool(Tool(f"loans.{one.code}", one.title, partial(_url, one.code), RECKON))
    choice = [(one.code, one.title) for one in CALCULATORS.values()]
    which = Parameter("calculator", lazy("Calculator"), "choice", choice, is_required=True)
    register_action(Action("loans.reckon", lazy("Open a loan calculator"), (which,), right=RECKON, opens=_open))
    register_palette_action(
        PaletteAction(lazy("Reckon a loan"), lambda: reverse("loans:calculator", args=["payment"]), "forms", RECKON)
    )


def _url(code: str, contact: UUID | None) -> str:
    return reverse("loans:calculator", args=[code]) + (f"?contact={contact}" if contact else "")


def _open(doing: Doing) -> Opening:
    code = doing.gives.get("calculator", "")
    return Opening(_url(code if code in CALCULATORS else "payment", doing.contact.pk))
