"""All scenarios, for whoever draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Column, Flag, Moment, Number, Row, Text
from perezvon.foundation.lists.declare import Action, RecordList
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting.models import Direction, Form, Phase, Scenario, Whom
from perezvon.modules.scripting.selectors import MANAGE, visible_scenarios


def _name(row: Row) -> str:
    return text_in(row["name"], get_language() or "ru")


class Scenarios(RecordList):
    code, right, title, url_name = "scenarios", MANAGE, lazy("Scenarios"), "scripting:scenarios"
    columns: ClassVar[Sequence[Column]] = (
        Text("name", lazy("Title"), value=_name, fields=("name",), sort=None, where=None, link=True, width=240),
        Choice("form", lazy("Sort of scenario"), picks=Form.choices, width=130),
        Number("current", lazy("In force: version"), source="current__number", width=120),
        Moment("saved_at", lazy("Drawn last"), source="draft__saved_at", nullable=True, sort=None),
        Choice("direction", lazy("Calls"), picks=Direction.choices, width=110),
        Choice("phase", lazy("Offered"), picks=Phase.choices, width=150),
        Choice("whom", lazy("With whom"), picks=Whom.choices, width=150, shown=False),
        Flag("is_active", lazy("In use"), width=120),
        Number("position", lazy("Order"), width=110),
        Text("code", lazy("Code"), width=140),
    )  # fmt: skip
    default_sort = ("position", "code")
    above = ((lazy("Administration"), "administration:home"),)
    actions = (Action(lazy("New scenario"), "plus", "scripting:new", MANAGE),)
    empty = lazy("No scenarios yet. The first one is drawn in some minutes: a greeting, a question, an end.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Scenario]:
        return visible_scenarios(by).select_related(None)

    def url(self, row: Row) -> str:
        return reverse("scripting:designer", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)


class Questionnaires(Scenarios):
    code, title, url_name = "questionnaires", lazy("Questionnaires"), "scripting:questionnaires"
    columns = tuple(one for one in Scenarios.columns if one.code != "form")
    actions = (Action(lazy("New questionnaire"), "plus", "scripting:new_questionnaire", MANAGE),)
    empty = lazy("No questionnaires yet. Write the first one: its questions, one after the other.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Scenario]:
        return super().rows(by, deleted=deleted).filter(form=Form.QUESTIONNAIRE)

    def url(self, row: Row) -> str:
        return reverse("scripting:builder", args=[row["id"]])
