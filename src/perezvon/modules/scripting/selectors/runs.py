"""Conversations that were led, and what was said in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.cores.scripting import Stage
from perezvon.cores.scripting.codec import read_run
from perezvon.cores.scripting.knowing import Knowledge, node_of
from perezvon.cores.scripting.model import Field, Kind, Stored
from perezvon.cores.scripting.model import Run as Talk
from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.kernel.texts import text_in
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import visible
from perezvon.modules.scripting.actions import Action, actions
from perezvon.modules.scripting.facts import OWN, access_of
from perezvon.modules.scripting.models import Run, RunStep
from perezvon.modules.scripting.selectors.definitions import known_facts, library_of

ICON = "list-details"
SET_RESULT = "contact.set_result"  # the fact by which a step sets the result of the contact: result:reason
_IN_HISTORY, _TOLD = 30, 6


class NoSuchRun(NotFound):
    code = "scripting.no_such_run"


def steps_of(interaction_id: UUID, language: str) -> list[tuple[datetime, str]]:
    """When each step of the contact's conversations was entered, and its title, in order; those without one are left
    out. One query, and the definitions from memory."""
    entered = RunStep.objects.filter(run__interaction=interaction_id).select_related("run").order_by("entered_at", "pk")
    found = ((step.entered_at, _title_of(step, language)) for step in entered)
    return [(at, title) for at, title in found if title]


def _title_of(step: RunStep, language: str) -> str:
    drawn = library_of(step.run.pinned).get(step.scenario)
    node = drawn.nodes.get(step.node) if drawn else None
    return text_in(node.title, language) if node else ""


def visible_runs(by: Actor) -> QuerySet[Run]:
    """Of the contacts that the actor sees, whoever led them (F06.28)."""
    return Run.objects.select_related("scenario", "version", "by").filter(interaction__in=visible(by).values("pk"))


def get_run(run_id: UUID, *, by: Actor) -> Run:
    """Raises NoSuchRun."""
    found = visible_runs(by).filter(pk=run_id).first()
    if found is None:
        raise NoSuchRun(run=run_id)
    return found


def runs_in(contact: Interaction) -> list[Run]:
    """All of a contact that the caller may see, in their order. One query."""
    return list(Run.objects.select_related("scenario", "version", "by").filter(interaction=contact.pk))


def find_run(contact: Interaction) -> Run | None:
    """The one under way, the latest begun of several. One query."""
    return next((one for one in reversed(runs_in(contact)) if one.ended_at is None), None)


def stage_of(run: Run, *, by: Actor) -> Stage:
    """Where it runs, with `by` in front of it: in the versions it began with. Two queries."""
    return Stage(library_of(run.pinned), known_facts(by), access_of(by))


def action_at(stage: Stage, talk: Talk, now: datetime) -> tuple[Action | None, dict[str, str]]:
    """What the conversation waits for at its cursor, with its parameters; None where it waits for no action."""
    here = talk.here
    node = node_of(stage.library, here)
    if node.kind != Kind.ACTION or not here.effect or here.outcome or talk.ended_at is not None:
        return None, {}
    knowledge = Knowledge(stage.library, talk, stage.known, now)
    return actions().get(node.does), {name: knowledge.give(text) for name, text in node.gives.items()}


def said_of(stage: Stage, talk: Talk, now: datetime) -> list[dict[str, str]]:
    """What was answered on the way it took, in words: [{label, value}]. An administrator's own fields of the card have
    readers of their own: they are read there."""
    knowledge = Knowledge(stage.library, talk, stage.known, now)
    asked = {field.code: (field, node_of(stage.library, step)) for step in talk.path
             for field in node_of(stage.library, step).fields}  # fmt: skip
    return [
        {"label": knowledge.say(field.label) or knowledge.say(node.title), "value": _words(field, stored, knowledge)}
        for code, (field, node) in asked.items()
        if (stored := talk.answers.get(code)) and not field.binds.startswith(OWN)
    ]


def _words(field: Field, stored: Stored, knowledge: Knowledge) -> str:
    options = {one.code: knowledge.say(one.texts) or one.code for one in field.options}
    rows = {one.code: knowledge.say(one.texts) or one.code for one in field.rows}
    if isinstance(stored, str):
        return options.get(stored, {"yes": _("yes"), "no": _("no")}.get(stored, stored) if not options else stored)
    pairs = (code.rpartition(":") for code in stored)
    return ", ".join(f"{rows.get(row, row)}: {options.get(code, code)}" if row else options.get(code, code)
                     for row, _sign, code in pairs)  # fmt: skip


def set_facts(stage: Stage, talk: Talk) -> dict[str, str]:
    """What its ways have set: the importance of the customer or the issue, the queue for it (F06.24)."""
    found: dict[str, str] = {}
    for step in talk.path:
        if step.way:
            ways = node_of(stage.library, step).ways
            found |= dict(next((way.sets for way in ways if way.code == step.way), {}))
    return found


def results_on_path(run: Run) -> list[str]:
    """What its steps have set as result of the contact, in their order, as result:reason; then that of its end."""
    talk = read_run(run.state)
    found = [str(step.facts[SET_RESULT]) for step in talk.path if step.facts.get(SET_RESULT)]
    return [*found, run.result] if run.result else found


def entries(customer_id: UUID, by: Actor) -> Sequence[dict[str, Any]]:
    """Conversations with a customer in his history, with what he answered and the score (F06.28). One query."""
    if not by.may("interactions.view"):
        return []
    found = visible_runs(by).filter(customer=customer_id).order_by("-began_at", "-id")[:_IN_HISTORY]
    return [_entry(one) for one in found]


def findings(contacts: Collection[UUID], by: Actor) -> Sequence[dict[str, Any]]:
    """What was said in conversations and questionnaires of these contacts, for whoever works on (F02.10, F06.28,
    F06.29). One query."""
    found = visible_runs(by).filter(interaction__in=contacts).order_by("began_at", "id")
    return [
        {
            "at": one.began_at,
            "title": str(one.scenario),
            "by": one.led_by,
            "score": one.score,
            "said": one.said,
            "url": reverse("interactions:contact", args=[one.interaction_id]),
            "chip": _unfinished(one),
        }
        for one in found
        if one.said or one.ended_at is None
    ]


def _unfinished(run: Run) -> dict[str, str] | None:
    return None if run.ended_at else {"text": _("not finished"), "tone": "warn"}


def _entry(run: Run) -> dict[str, Any]:
    told = [f"{one['label']}: {one['value']}" for one in run.said[:_TOLD]]
    if run.score:
        told.append(_("score {score}").format(score=f"{run.score.normalize():f}"))
    return {
        "at": run.began_at,
        "icon": ICON,
        "tone": "",
        "title": _("Scenario “{name}”").format(name=run.scenario),
        "by": run.led_by,
        "text": " · ".join(told),
        "url": reverse("interactions:contact", args=[run.interaction_id]),
        "chip": _unfinished(run),
        "recording_url": "",
        "topics": [],
    }
