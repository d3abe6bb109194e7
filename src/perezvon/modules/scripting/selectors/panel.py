"""What stands in the helper panel: the step of the scenario, or the scenarios that fit the contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from perezvon.cores.scripting import Stage, View, look, next_wakeup, step
from perezvon.cores.scripting.codec import read_run
from perezvon.cores.scripting.model import Ask, Know, Missing, Stored
from perezvon.cores.scripting.model import Run as Talk
from perezvon.cores.scripting.viewing import ShownField, ShownWay
from perezvon.foundation.access import Person
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction, Result, State
from perezvon.modules.scripting.actions import Doing, Opening, actions
from perezvon.modules.scripting.facts import context_of, news, previous_contacts
from perezvon.modules.scripting.models import Direction, Phase, Run, Scenario, Whom
from perezvon.modules.scripting.selectors.definitions import RUN, list_offered
from perezvon.modules.scripting.selectors.runs import action_at, results_on_path, runs_in, stage_of

PREFIX = "field-"
MOST_OFFERED, MOST_DIGITS, WIDEST_SCALE, MOST_PREVIOUS = 9, 9, 11, 5


@dataclass(frozen=True, slots=True)
class Place:
    """What a contact is, as far as it decides which scenarios fit."""

    project: int
    line: str
    direction: str
    topics: Collection[int]
    phase: str
    is_known: bool


def fits(scenario: Scenario, place: Place) -> bool:
    """Whether it is offered there (F06.03). What a scenario does not name, it does not mind."""
    projects = {one.pk for one in scenario.projects.all()}
    topics = {one.pk for one in scenario.topics.all()}
    return (
        (not projects or place.project in projects)
        and (not topics or bool(topics & set(place.topics)))
        and (not scenario.lines or place.line in scenario.lines)
        and scenario.direction in {Direction.ANY, place.direction}
        and scenario.phase in {Phase.ANY, place.phase}
        and scenario.whom in {Whom.ANY, Whom.KNOWN if place.is_known else Whom.UNKNOWN}
    )


def nearness(scenario: Scenario) -> tuple[int, int]:
    """What names more of a contact stands before what fits all: a topic most, then whom, a line, a project."""
    named = (
        8 * bool(scenario.topics.all())
        + 4 * (scenario.whom == Whom.UNKNOWN)
        + 2 * bool(scenario.lines)
        + bool(scenario.projects.all())
    )
    return -named, scenario.position


def offered_for(contact: Interaction, phase: str, *, by: Person) -> list[Scenario]:
    """Scenarios and questionnaires that fit the contact now, the nearest first. Four queries."""
    customer = contact.customer
    place = Place(
        contact.project_id,
        contact.line,
        Direction.OUT if contact.direction == "outbound" else Direction.IN,
        [row.topic_id for row in contact.topics.all()],
        phase,
        customer is not None and customer.kind != "quasi",
    )
    found = [one for one in list_offered(by=by) if fits(one, place)]
    return sorted(found, key=nearness)[:MOST_OFFERED]


def fitting(customer: Customer, *, by: Person) -> list[Scenario]:
    """Those that could be begun in a contact with this customer, whatever it will be. Three queries."""

    def is_for(scenario: Scenario) -> bool:
        projects = {one.pk for one in scenario.projects.all()}
        return not projects or customer.project_id is None or customer.project_id in projects

    offered = [one for one in list_offered(by=by) if one.whom != Whom.UNKNOWN]
    return [one for one in offered if is_for(one)][:MOST_OFFERED]


def phase_of(contact: Interaction) -> str:
    if contact.answered_at is None:
        return Phase.RINGING
    return Phase.TALK if contact.state == State.OPEN else Phase.AFTER


def result_of(contact: Interaction) -> dict[str, str]:
    """The result that conversations have come to in this contact, as the form of results takes it: set by a step, or by
    the end that was reached, the latest first, as far as it is one of the project's. Two queries."""
    reached = [one for run in runs_in(contact) for one in results_on_path(run)]
    if not reached:
        return {}
    codes = [one.partition(":")[0] for one in reached]
    found = Result.objects.filter(project=contact.project_id, is_active=True, system=False, code__in=codes)
    known = set(found.values_list("code", flat=True))
    latest = next((one for one in reversed(reached) if one.partition(":")[0] in known), "")
    code, _sign, reason = latest.partition(":")
    return {"result": code, f"reason-{code}": reason} if code else {}


def work_in_hand(contact: Interaction) -> str:
    """The scenario under way in a contact, for the list of work in hand (F06.11); "" without one. One query."""
    return next((str(one.scenario) for one in reversed(runs_in(contact)) if one.ended_at is None), "")


def script_actions(contact: Interaction, *, by: Person) -> list[dict[str, str]]:
    """[{name, url}] of scenarios that can be begun from the card by one click (F01.03, F04.14). Four queries."""
    found = offered_for(contact, phase_of(contact), by=by) if by.may(RUN) else []
    return [_offer(one, contact) for one in found]


def helper_panel(
    contact: Interaction | None, *, by: Person, now: datetime, problems: Sequence[Missing] = (), said: str = ""
) -> dict[str, Any]:
    """As scripting/_panel.html takes it. problems, said: of an attempt that was refused."""
    if contact is None or not by.may(RUN):
        return {"contact": None, "run": None, "offered": [], "earlier": []}
    runs = runs_in(contact)
    under_way = next((one for one in reversed(runs) if one.ended_at is None), None)
    phase = phase_of(contact)
    return {
        "contact": contact,
        "run": _run(under_way, contact, by, now, problems) if under_way else None,
        "said": said,
        "offered": [
            _offer(one, contact)
            for one in offered_for(contact, phase, by=by)
            if one not in [run.scenario for run in runs if run.ended_at is None]
        ],
        "earlier": [_earlier(one) for one in runs if one.ended_at is not None],
        "preview": phase == Phase.RINGING,
    }


def _offer(scenario: Scenario, contact: Interaction) -> dict[str, str]:
    return {"name": str(scenario), "url": reverse("scripting:begin", args=[contact.pk, scenario.pk])}


def _earlier(run: Run) -> dict[str, Any]:
    return {"name": str(run.scenario), "ended_at": run.ended_at, "said": run.said, "score": _plain(run)}


def _plain(run: Run) -> str:
    return f"{run.score.normalize():f}" if run.score else ""


def _run(row: Run, contact: Interaction, by: Person, now: datetime, problems: Sequence[Missing]) -> dict[str, Any]:
    stage = stage_of(row, by=by)
    talk = _as_known(stage, row, contact, by, now)
    view = look(stage, talk, now)
    spoken = stage.library[row.scenario.code].languages
    return step_of(view, problems, digits=True) | {
        "id": row.pk,
        "revision": row.revision,
        "name": str(row.scenario),
        "number": row.version.number,
        "node": f"{talk.here.place.scenario}-{view.node.id}",
        "jumps": [{"code": code, "label": label} for code, label in view.jumps],
        "can_go_forward": view.can_go_forward,
        "action": _action(stage, talk, contact, by, now) if view.waits else None,
        "late": view.late,
        "until": view.until,
        "began": talk.here.entered_at,
        "wake_s": _wake_s(stage, talk, now),
        "score": f"{view.score.normalize():f}" if view.score else "",
        "failures": [{"what": _named(one.does), "said": one.said, "at": one.at} for one in view.failures[-3:]],
        "languages": [{"code": code, "current": code == talk.language} for code in _languages(spoken)],
        "previous": _previous(contact, by, talk.context.get("contact.previous")),
        **_urls(row),
    }  # fmt: skip


def step_of(view: View, problems: Sequence[Missing], *, digits: bool = False) -> dict[str, Any]:
    """What a step says and asks, whoever goes through it. problems: of an attempt that was refused. digits: options
    can be chosen by them."""
    missing = {one.field: one.code for one in problems}
    has_buttons = any(way.label for way in view.ways)
    return {
        "kind": view.node.kind,
        "title": view.title,
        "text": view.text,
        "phrases": [
            {"code": one.code, "text": one.text, "mandatory": one.mandatory, "read_at": one.read_at,
             "error": words_of_missing(missing[one.code]) if one.code in missing else ""}
            for one in view.phrases
        ],
        "fields": [_field(one, missing.get(one.field.code, ""), digits=digits and not has_buttons and place == 0)
                   for place, one in enumerate(view.fields)],
        "ways": [_way(way, place) for place, way in enumerate(view.ways, 1)],
        "can_go_back": view.can_go_back,
        "done": view.done + 1,
        "steps": view.done + 1 + view.ahead,
    }  # fmt: skip


def _languages(codes: Sequence[str]) -> Sequence[str]:
    return codes if len(codes) > 1 else ()


def _urls(row: Run) -> dict[str, str]:
    names = ("give", "keep", "catch_up")
    return {f"{name}_url": reverse(f"scripting:{name}", args=[row.pk]) for name in names}


def _as_known(stage: Stage, row: Run, contact: Interaction, by: Person, now: datetime) -> Talk:
    """The run with what is known now: it is kept by the next input."""
    talk = read_run(row.state)
    changed = news(talk.context, context_of(contact, by=by, now=now))
    return step(stage, talk, Know(changed), now).run if changed and talk.ended_at is None else talk


def _wake_s(stage: Any, talk: Talk, now: datetime) -> int:
    """In how many seconds the time for this step is over; 0 where it has none."""
    until = next_wakeup(stage, talk)
    return max(1, int((until - now).total_seconds()) + 1) if until else 0


def _way(way: ShownWay, place: int) -> dict[str, Any]:
    return {
        "code": way.code,
        "label": way.label or _("Next"),
        "leads_to": way.leads_to,
        "locked": way.locked,
        "digit": str(place) if place <= MOST_DIGITS and way.label else "",
        "is_next": not way.label,
        "place": place,
    }


def _field(shown: ShownField, wrong: str, *, digits: bool) -> dict[str, Any]:
    """input: "radio", "check", "matrix", "scale", or a type of <input>, "lines" for several lines of text,
    "fixed" for what is only shown: `fixed`, in words."""
    field, value = shown.field, shown.value
    ticked = {value} if isinstance(value, str) else set(value)
    options = shown.options
    kind = _INPUTS[field.ask]
    if field.ask == Ask.SCALE and field.least is not None and field.most is not None:
        span = range(int(field.least), int(field.most) + 1)
        if len(span) <= WIDEST_SCALE:
            kind, options = "scale", tuple((str(one), str(one)) for one in span)
    if field.ask == Ask.FLAG:
        options = (("yes", _("yes")), ("no", _("no")))
    if field.ask == Ask.TEXT and not field.binds:
        kind = "lines"
    return {
        "name": PREFIX + field.code,
        "label": shown.label,
        "required": field.required and not shown.fixed,
        "fixed": _fixed(shown) if shown.fixed else "",
        "input": "fixed" if shown.fixed else kind,
        "value": _typed(field.ask, value),
        "is_of_card": bool(field.binds),
        "error": words_of_missing(wrong) if wrong else "",
        "options": [
            {"code": code, "label": label, "ticked": code in ticked,
             "digit": str(place) if digits and kind == "radio" and place <= MOST_DIGITS else ""}
            for place, (code, label) in enumerate(options, 1)
        ],
        "rows": [
            {"code": code, "label": label, "options": [
                {"code": option, "label": words, "ticked": f"{code}:{option}" in ticked} for option, words in options
            ]}
            for code, label in shown.rows
        ],
    }  # fmt: skip


def _fixed(shown: ShownField) -> str:
    """What the card holds, in words."""
    called = dict(shown.options)
    codes = (shown.value,) if isinstance(shown.value, str) else shown.value
    return ", ".join(called.get(code, code) for code in codes) or "—"


_INPUTS: Mapping[Ask, str] = {
    Ask.TEXT: "text",
    Ask.NUMBER: "number",
    Ask.SCALE: "number",
    Ask.DAY: "date",
    Ask.MOMENT: "datetime-local",
    Ask.ONE: "radio",
    Ask.MANY: "check",
    Ask.FLAG: "radio",
    Ask.PHONE: "tel",
    Ask.MATRIX: "matrix",
}


def _typed(ask: Ask, value: Stored) -> str:
    """As an <input> holds it."""
    if not isinstance(value, str):
        return ""
    if ask == Ask.MOMENT:
        try:
            return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%dT%H:%M}"
        except ValueError:
            return ""
    return value


def _action(stage: Stage, talk: Talk, contact: Interaction, by: Person, now: datetime) -> dict[str, Any]:
    """What the conversation waits for: its name, and where it is done."""
    action, gives = action_at(stage, talk, now)
    opening = _opening(action.opens, Doing(contact, gives, by, now)) if action and action.opens else None
    return {
        "label": str(action.label) if action else "",
        "opening": opening,
        "by_hand": action is None or action.is_done is None,
        "effect": talk.here.effect,
    }


def _opening(opens: Any, doing: Doing) -> Opening | None:
    try:
        found = opens(doing)
    except PerezvonError:
        return None
    return found if isinstance(found, Opening) else None


def _named(code: str) -> str:
    action = actions().get(code)
    if action is not None:
        return str(action.label)
    return _("Writing to the card") if code == "card" else code


def _previous(contact: Interaction, by: Person, count: object) -> dict[str, Any] | None:
    """The contacts before this one, for whoever leads the conversation (F02.05), with what was offered in them and
    what came of it (F02.16). Two queries."""
    if contact.customer_id is None or not count:
        return None
    found = previous_contacts(contact, by).prefetch_related("offers__product__kind")[:MOST_PREVIOUS]
    rows = [
        {"at": one.began_at, "result": str(one.result or ""), "by": one.agent.short_name if one.agent else "",
         "offers": [f"{made.product.kind}: {made.product}, {made.get_answer_display()}" for made in one.offers.all()],
         "url": reverse("interactions:contact", args=[one.pk])}
        for one in found
    ]  # fmt: skip
    return {"count": count, "rows": rows}


_MISSING = {
    "phrase": lambda: _("Read this out and tick it."),
    "field.required": lambda: _("Fill this in."),
    "answer.range": lambda: _("This is outside of what is possible here."),
    "answer.whole": lambda: _("A whole number, please."),
    "answer.option": lambda: _("Choose one of these."),
    "answer.moment": lambda: _("A date and a time, please."),
    "condition.number": lambda: _("A number, please."),
    "condition.day": lambda: _("A date, please."),
}


def words_of_missing(code: str) -> str:
    return _MISSING[code]() if code in _MISSING else _("This cannot be taken as it is.")
