"""What a conversation does about cases."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.conditions import Type, Value
from perezvon.cores.scripting.knowing import NOTHING
from perezvon.foundation.access import Actor
from perezvon.foundation.conditions.terms import Term
from perezvon.modules.cases.models import CaseKind
from perezvon.modules.cases.selectors import REGISTER, category_rows, kinds_for
from perezvon.modules.cases.services import register_case
from perezvon.modules.scripting.registry import Action, CannotDo, Doing, Parameter, register_action


def register_actions() -> None:
    number = Term("case.number", lazy("Number of the case"), Type.TEXT)
    register_action(
        Action(
            "cases.register",
            lazy("Register a case"),
            (
                Parameter("kind", lazy("Kind"), "choice", _kinds, is_required=True),
                Parameter("subject", lazy("What it is about, in a line"), is_required=True),
                Parameter("text", lazy("What it is about"), "long"),
                Parameter("category", lazy("Category: its name")),
            ),
            facts={number.code: number},
            right=REGISTER,
            runs=_register,
        )
    )


def _kinds(_by: Actor) -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in CaseKind.objects.order_by("position", "id")]


def _register(doing: Doing) -> Mapping[str, Value]:
    contact, gives = doing.contact, doing.gives
    wanted = gives.get("kind", "").strip()
    kind = next((one for one in kinds_for(contact.project_id) if one.code == wanted), None)
    if kind is None:
        raise CannotDo(why="no_kind", about=wanted)
    case = register_case(
        kind_id=kind.pk,
        project_id=contact.project_id,
        typed={
            "subject": gives.get("subject", ""),
            "text": _without_gaps(gives.get("text", "")),
            "category": _category(kind, gives),
        },
        customer_id=contact.customer_id,
        contact_id=contact.pk,
        by=doing.by,
        now=doing.now,
    )
    return {"case.number": case.code}


def _without_gaps(text: str) -> str:
    """Lines that hold nothing but a place that nothing filled are left out."""
    return "\n".join(line for line in text.splitlines() if line.strip() != NOTHING)


def _category(kind: CaseKind, gives: Mapping[str, str]) -> str:
    """By its code or its name in any language; "" where it is none of the kind's."""
    wanted = gives.get("category", "").strip().casefold()
    for row in category_rows(kind.pk):
        one = row.category
        if wanted and wanted in {one.code.casefold(), *(text.casefold() for text in one.name.values())}:
            return str(one.pk)
    return ""
