"""Scenarios are drawn, published, rolled back and switched off."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from perezvon.cores.conditions.reading import is_text
from perezvon.cores.scripting import Flaw, validate
from perezvon.cores.scripting.codec import Unreadable, read_scenario
from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.scripting.events import ScenarioPublished, ScenarioSwitched
from perezvon.modules.scripting.models import Direction, Form, Phase, Scenario, ScenarioDraft, ScenarioVersion, Whom
from perezvon.modules.scripting.selectors import MANAGE, NoSuchScenario, surroundings, visible_scenarios
from perezvon.modules.topics.models import Topic

LONGEST_NAME, LONGEST_NOTE = 150, 300
MOST_BYTES = 2 * 2**20  # as JSON; Django takes requests of no more than 2.5 MB
MOST_LINES = 200
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class FieldsWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "scripting.fields_wrong"
    http_status = 422


class Changed(Refused):
    """Where it is offered was changed by somebody else since it was read."""

    code = "scripting.changed"


class DraftChanged(Refused):
    """Somebody else has saved the draft meanwhile. facts: revision, by (a name), at."""

    code = "scripting.draft_changed"


class TooLarge(Refused):
    """facts: most, in bytes."""

    code = "scripting.too_large"
    http_status = 422


class Unfit(Refused):
    """It cannot be published. facts: flaws, [Flaw]; places, where it cannot even be read."""

    code = "scripting.unfit"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Offering:
    """A scenario besides its graph; see models.Scenario for the words."""

    name: Mapping[str, str]
    project_ids: frozenset[int] = frozenset()
    topic_ids: frozenset[int] = frozenset()
    lines: tuple[str, ...] = ()
    direction: str = Direction.ANY
    phase: str = Phase.ANY
    whom: str = Whom.ANY
    position: int = 100


@dataclass(frozen=True, slots=True)
class Drawing:
    """document: as JSON holds it, right or not; places: {node: [x, y]}."""

    document: Mapping[str, Any]
    places: Mapping[str, Any] = field(default_factory=dict)


@command("scripting.create", needs=MANAGE)
def create_scenario(
    *, code: str, offering: Offering, by: Actor, now: datetime, form: str = Form.CONVERSATION,
    drawing: Drawing | None = None,
) -> Scenario:  # fmt: skip
    """A new one, with a draft; nobody is offered it before it is published. Raises FieldsWrong, TooLarge."""
    problems = _problems(offering, None, by)
    if not _CODE.fullmatch(code):
        problems["code"] = Wrong("code.form")
    elif Scenario.objects.filter(code=code).exists():
        problems["code"] = Wrong("code.taken")
    if form not in Form.values:
        problems["form"] = Wrong("choice.unknown")
    if problems:
        raise FieldsWrong(problems=problems)
    scenario = Scenario(id=uuid7(now), code=code, form=form)
    _settle(scenario, offering)
    draft = ScenarioDraft(scenario=scenario)
    _draw(draft, drawing or Drawing(first_document(scenario)), by, now)
    return scenario


def first_document(scenario: Scenario) -> dict[str, Any]:
    """The graph of a new scenario: an end."""
    end = {"id": "end", "kind": "end", "title": {"ru": "\u041a\u043e\u043d\u0435\u0446", "en": "End"}}
    languages = [code for code in ("ru", "en") if scenario.name.get(code)] or ["ru"]
    end["title"] = {code: text for code, text in end["title"].items() if code in languages}  # type: ignore[attr-defined]
    return {"key": scenario.code, "version": 0, "start": "end", "languages": languages, "nodes": {"end": end}}


@command("scripting.offer", needs=MANAGE)
def change_offering(*, scenario_id: UUID, version: int, offering: Offering, by: Actor, now: datetime) -> Scenario:
    """Its names, and where it is offered. Raises Changed, FieldsWrong, NoSuchScenario."""
    scenario = _lock(scenario_id, by)
    if scenario.version != version:
        raise Changed(scenario=scenario_id)
    if problems := _problems(offering, scenario, by):
        raise FieldsWrong(problems=problems)
    scenario.version += 1
    _settle(scenario, offering)
    return scenario


@command("scripting.save_draft", needs=MANAGE)
def save_draft(*, scenario_id: UUID, revision: int, drawing: Drawing, by: Actor, now: datetime) -> int:
    """Its new revision. What is drawn may be wrong still. Raises DraftChanged, TooLarge, NoSuchScenario."""
    scenario = _lock(scenario_id, by)
    draft = scenario.draft
    if draft.revision != revision:
        who = draft.saved_by.short_name if draft.saved_by else ""
        raise DraftChanged(scenario=scenario_id, revision=draft.revision, by=who, at=draft.saved_at)
    draft.revision += 1
    _draw(draft, drawing, by, now)
    return draft.revision


@command("scripting.publish", needs=MANAGE)
def publish_scenario(*, scenario_id: UUID, revision: int, by: Actor, now: datetime, note: str = "") -> ScenarioVersion:
    """The draft as it stands; new runs take it from now on. Raises DraftChanged, Unfit, NoSuchScenario."""
    scenario = _lock(scenario_id, by)
    draft = scenario.draft
    if draft.revision != revision:
        raise DraftChanged(scenario=scenario_id, revision=draft.revision, by="", at=draft.saved_at)
    return _publish(scenario, Drawing(draft.document, draft.places), note, by, now)


@command("scripting.roll_back", needs=MANAGE)
def roll_back(*, scenario_id: UUID, number: int, by: Actor, now: datetime) -> ScenarioVersion:
    """What an earlier version said, as a new one; the draft says the same then. Raises Unfit, NoSuchScenario."""
    scenario = _lock(scenario_id, by)
    old = scenario.versions.filter(number=number).first()
    if old is None:
        raise NoSuchScenario(scenario=scenario_id, number=number)
    scenario.draft.revision += 1
    _draw(scenario.draft, Drawing(old.document, old.places), by, now)
    return _publish(scenario, Drawing(old.document, old.places), f"\u21a9 {number}", by, now)


@command("scripting.switch", needs=MANAGE)
def switch_scenario(*, scenario_id: UUID, is_active: bool, by: Actor, now: datetime) -> Scenario:
    """Offer it, or offer it no more; runs under way go on. Raises NoSuchScenario."""
    scenario = _lock(scenario_id, by)
    if scenario.is_active != is_active:
        scenario.is_active, scenario.version = is_active, scenario.version + 1
        scenario.save(update_fields=["is_active", "version"])
        publish(ScenarioSwitched(scenario_id=scenario.pk, is_active=is_active), now=now)
    return scenario


def _lock(scenario_id: UUID, by: Actor) -> Scenario:
    found = visible_scenarios(by).select_related("draft__saved_by").select_for_update(of=("self",))
    scenario = found.filter(pk=scenario_id).first()
    if scenario is None:
        raise NoSuchScenario(scenario=scenario_id)
    return scenario


def _problems(offering: Offering, kept: Scenario | None, by: Actor) -> dict[str, Wrong]:
    problems: dict[str, Wrong] = {}
    names = [text for text in offering.name.values() if text.strip()]
    if not names:
        problems["name"] = Wrong("field.required")
    elif max(map(len, names)) > LONGEST_NAME:
        problems["name"] = Wrong("text.long", most=LONGEST_NAME)
    # Of projects that the actor does not see, those that are named already may stay.
    mine = set() if kept is None else set(kept.projects.values_list("pk", flat=True))
    if not all(by.sees_project(one) or one in mine for one in offering.project_ids):
        problems["projects"] = Wrong("choice.unknown")
    if Topic.objects.filter(pk__in=offering.topic_ids).count() < len(offering.topic_ids):
        problems["topics"] = Wrong("choice.unknown")
    if len(offering.lines) > MOST_LINES or any(not 0 < len(one) <= 64 for one in offering.lines):
        problems["lines"] = Wrong("choice.unknown")
    for name, choices in (("direction", Direction), ("phase", Phase), ("whom", Whom)):
        if getattr(offering, name) not in choices.values:
            problems[name] = Wrong("choice.unknown")
    return problems


def _settle(scenario: Scenario, offering: Offering) -> None:
    scenario.name = {code: " ".join(text.split()) for code, text in offering.name.items() if text.strip()}
    scenario.lines = sorted(set(offering.lines))
    scenario.direction, scenario.phase, scenario.whom = offering.direction, offering.phase, offering.whom
    scenario.position = offering.position
    scenario.save()
    scenario.projects.set(offering.project_ids)
    scenario.topics.set(offering.topic_ids)


def _draw(draft: ScenarioDraft, drawing: Drawing, by: Actor, now: datetime) -> None:
    written = json.dumps([drawing.document, drawing.places], ensure_ascii=False)
    if len(written.encode(errors="replace")) > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES)
    if not is_text(written) or "\\u0000" in written:
        raise FieldsWrong(problems={"document": Wrong("text.forbidden")})
    draft.document, draft.places = dict(drawing.document), dict(drawing.places)
    draft.saved_by_id, draft.saved_at = by.user_id, now
    draft.save()


def _publish(scenario: Scenario, drawing: Drawing, note: str, by: Actor, now: datetime) -> ScenarioVersion:
    number = (scenario.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    document = {**drawing.document, "key": scenario.code, "version": number, "name": scenario.name}
    if flaws := flaws_of(document):
        raise Unfit(flaws=flaws)
    version = ScenarioVersion.objects.create(
        scenario=scenario, number=number, document=document, places=dict(drawing.places), note=note[:LONGEST_NOTE],
        published_by_id=by.user_id, published_at=now,
    )  # fmt: skip
    scenario.current, scenario.version = version, scenario.version + 1
    scenario.save(update_fields=["current", "version"])
    ScenarioDraft.objects.filter(pk=scenario.pk).update(based_on=number)
    publish(ScenarioPublished(scenario_id=scenario.pk, number=number), now=now)
    return version


def flaws_of(document: Mapping[str, Any]) -> list[Flaw]:
    """What is wrong with a document as it is drawn; of one that cannot be read, `unreadable` about each place."""
    try:
        drawn = read_scenario(document)
    except Unreadable as error:
        return [Flaw(_node(place), "unreadable", place) for place in error.places]
    return validate(drawn, surroundings())


def _node(place: str) -> str:
    """ "nodes.greeting.ways.0.to" is wrong in greeting."""
    first, _dot, rest = place.partition(".")
    return rest.partition(".")[0] if first == "nodes" else ""
