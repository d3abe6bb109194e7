"""Cases in blueprints.

cases: [{code, name, project, prefix, priority, team, after_identification, tells_anybody, asks_mark, checklist,
         states: [{code, name, stage, told, in_use}], steps: [{from, to, name, roles, requires}],
         categories: [{code, name, in_use, children: [those]}], in_use}]
case_macros: [{code, name, kind, text, public, to, priority, takes, in_use}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project, Team
from perezvon.modules.cases import services
from perezvon.modules.cases.models import (
    CaseCategory,
    CaseKind,
    CaseMacro,
    CaseRule,
    CaseState,
    CaseStep,
    Priority,
    TermPolicy,
)

type Row = Mapping[str, Any]


def load_cases(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the kinds as the blueprint says; what it does not name stays."""
    for row in blueprint["cases"]:
        kind = _kind(row, by, now)
        states = {state["code"]: _state(kind, state, by, now).pk for state in row.get("states", [])}
        for step in row.get("steps", []):
            _step(kind, step, states, by, now)
        _categories(kind, row.get("categories", []), None, by, now)
        _switch("kind", kind, row, by, now)


def _kind(row: Row, by: Actor, now: datetime) -> CaseKind:
    known = CaseKind.objects.filter(code=row["code"]).first()
    wanted = services.KindWanted(
        code=row["code"],
        name=row["name"],
        project_id=Project.objects.get(code=row["project"]).pk if row.get("project") else None,
        prefix=row.get("prefix", ""),
        priority=Priority[row.get("priority", "normal").upper()].value,
        team_id=Team.objects.get(code=row["team"]).pk if row.get("team") else None,
        after_identification=row.get("after_identification", False),
        tells_after_identification=not row.get("tells_anybody", False),
        asks_mark=row.get("asks_mark", False),
        checklist=tuple(row.get("checklist", ())),
    )
    key, version = (known.pk, known.version) if known else (None, 0)
    return services.save_kind(kind_id=key, version=version, wanted=wanted, by=by, now=now)


def _state(kind: CaseKind, row: Row, by: Actor, now: datetime) -> CaseState:
    known = kind.states.filter(code=row["code"]).first()
    wanted = services.StateWanted(row["code"], row["name"], row["stage"], row.get("told", {}))
    key, version = (known.pk, known.version) if known else (None, 0)
    state = services.save_state(kind_id=kind.pk, state_id=key, version=version, wanted=wanted, by=by, now=now)
    _switch("state", state, row, by, now)
    return state


def _step(kind: CaseKind, row: Row, states: Mapping[str, int], by: Actor, now: datetime) -> None:
    known = kind.steps.filter(source=states[row["from"]], target=states[row["to"]]).first()
    wanted = services.StepWanted(
        states[row["from"]],
        states[row["to"]],
        row["name"],
        tuple(row.get("roles", ())),
        tuple(row.get("requires", ())),
    )
    key, version = (known.pk, known.version) if known else (None, 0)
    services.save_step(kind_id=kind.pk, step_id=key, version=version, wanted=wanted, by=by, now=now)


def _categories(kind: CaseKind, rows: Sequence[Row], parent: int | None, by: Actor, now: datetime) -> None:
    for row in rows:
        known = kind.categories.filter(code=row["code"]).first()
        wanted = services.CategoryWanted(row["code"], row["name"], parent)
        key, version = (known.pk, known.version) if known else (None, 0)
        made = services.save_category(kind_id=kind.pk, category_id=key, version=version, wanted=wanted, by=by, now=now)
        _switch("category", made, row, by, now)
        _categories(kind, row.get("children", []), made.pk, by, now)


def _switch(what: str, made: Any, row: Row, by: Actor, now: datetime) -> None:
    if made.is_active != row.get("in_use", True):
        services.switch(what=what, key_id=made.pk, is_active=row.get("in_use", True), by=by, now=now)


def load_macros(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    for row in blueprint["case_macros"]:
        known = CaseMacro.objects.filter(code=row["code"]).first()
        wanted = services.MacroWanted(
            code=row["code"],
            name=row["name"],
            kind_id=CaseKind.objects.get(code=row["kind"]).pk if row.get("kind") else None,
            text=row.get("text", {}),
            is_public=row.get("public", False),
            step_to=row.get("to", ""),
            priority=Priority[row["priority"].upper()].value if row.get("priority") else None,
            takes=row.get("takes", False),
        )
        key, version = (known.pk, known.version) if known else (None, 0)
        made = services.save_macro(macro_id=key, version=version, wanted=wanted, by=by, now=now)
        _switch("macro", made, row, by, now)


# --- the other way round ---


def export_cases() -> dict[str, Any]:
    """The part that makes the kinds that there are."""
    kinds = CaseKind.objects.select_related("project", "team").order_by("position", "id")
    return {"cases": [_exported(kind) for kind in kinds]}


def _exported(kind: CaseKind) -> dict[str, Any]:
    said: dict[str, Any] = {"code": kind.code, "name": kind.name}
    said |= {"project": kind.project.code} if kind.project else {}
    said |= {"prefix": kind.prefix} if kind.prefix else {}
    said |= {"priority": Priority(kind.priority).name.lower()} if kind.priority != Priority.NORMAL else {}
    said |= {"team": kind.team.code} if kind.team else {}
    said |= {"after_identification": True} if kind.after_identification else {}
    said |= {} if kind.tells_after_identification else {"tells_anybody": True}
    said |= {"asks_mark": True} if kind.asks_mark else {}
    said |= {"checklist": kind.checklist} if kind.checklist else {}
    states = {one.pk: one for one in kind.states.order_by("position", "id")}
    said |= {"states": [_exported_state(one) for one in states.values()]}
    said |= {"steps": [_exported_step(one, states) for one in kind.steps.order_by("position", "id")]}
    categories = list(kind.categories.order_by("position", "id"))
    said |= {"categories": _exported_categories(categories, None)} if categories else {}
    return said | _use(kind)


def _exported_state(state: CaseState) -> dict[str, Any]:
    said: dict[str, Any] = {"code": state.code, "name": state.name, "stage": state.stage}
    return said | ({"told": state.told} if state.told else {}) | _use(state)


def _exported_step(step: CaseStep, states: Mapping[int, CaseState]) -> dict[str, Any]:
    said: dict[str, Any] = {"from": states[step.source_id].code, "to": states[step.target_id].code, "name": step.name}
    said |= {"roles": step.roles} if step.roles else {}
    return said | ({"requires": step.requires} if step.requires else {})


def _exported_categories(rows: Sequence[CaseCategory], parent: int | None) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        if row.parent_id == parent:
            children = _exported_categories(rows, row.pk)
            found.append(
                {"code": row.code, "name": row.name} | _use(row) | ({"children": children} if children else {})
            )
    return found


def export_macros() -> dict[str, Any]:
    """The part that makes the macros that there are."""
    macros = CaseMacro.objects.select_related("kind").order_by("position", "id")
    return {"case_macros": [_exported_macro(macro) for macro in macros]}


def _exported_macro(macro: CaseMacro) -> dict[str, Any]:
    said: dict[str, Any] = {"code": macro.code, "name": macro.name}
    said |= {"kind": macro.kind.code} if macro.kind else {}
    said |= {"text": macro.text} if macro.text else {}
    said |= {"public": True} if macro.is_public else {}
    said |= {"to": macro.step_to} if macro.step_to else {}
    said |= {"priority": Priority(macro.priority).name.lower()} if macro.priority else {}
    return said | ({"takes": True} if macro.takes else {}) | _use(macro)


# --- terms: [{code, name, kind, category, project, priority, level, calendar, answer, update, solution, reach,
#     reach_state, warn, raises_after, hands_after, hands_to, note, in_use}], times as hours:minutes ---


_TIMES = ("answer", "update", "solution", "reach", "warn", "raises_after", "hands_after")
_WORDS = ("level", "reach_state", "note")


def load_terms(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    for row in blueprint["case_terms"]:
        known = TermPolicy.objects.filter(code=row["code"]).first()
        kind = CaseKind.objects.get(code=row["kind"]) if row.get("kind") else None
        wanted = services.TermWanted(
            code=row["code"],
            name=row["name"],
            kind_id=kind.pk if kind else None,
            category_id=kind.categories.get(code=row["category"]).pk if kind and row.get("category") else None,
            project_id=Project.objects.get(code=row["project"]).pk if row.get("project") else None,
            priority=Priority[row["priority"].upper()].value if row.get("priority") else None,
            calendar_id=WorkingCalendar.objects.get(code=row["calendar"]).pk if row.get("calendar") else None,
            hands_to_id=Team.objects.get(code=row["hands_to"]).pk if row.get("hands_to") else None,
            level=row.get("level", ""),
            reach_state=row.get("reach_state", ""),
            note=row.get("note", ""),
        )
        times: Any = {name: _minutes(row[name]) for name in _TIMES if name in row}
        wanted = replace(wanted, **times)
        key, version = (known.pk, known.version) if known else (None, 0)
        made = services.save_term(term_id=key, version=version, wanted=wanted, by=by, now=now)
        _switch("term", made, row, by, now)


def _minutes(text: str) -> int:
    hours, _colon, rest = text.partition(":")
    return int(hours) * 60 + int(rest or 0)


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def export_terms() -> dict[str, Any]:
    """The part that makes the terms that there are."""
    rows = TermPolicy.objects.select_related("kind", "category", "project", "calendar", "hands_to")
    return {"case_terms": [_exported_term(row) for row in rows.order_by("position", "id")]}


def _exported_term(row: TermPolicy) -> dict[str, Any]:
    said: dict[str, Any] = {"code": row.code, "name": row.name}
    pointed = {name: getattr(row, name) for name in ("kind", "category", "project", "calendar", "hands_to")}
    said |= {name: one.code for name, one in pointed.items() if one}
    said |= {"priority": Priority(row.priority).name.lower()} if row.priority else {}
    times = {name: getattr(row, name) for name in _TIMES}
    said |= {name: _hours(value) for name, value in times.items() if value or (value == 0 and name.endswith("_after"))}
    said |= {name: getattr(row, name) for name in _WORDS if getattr(row, name)}
    return said | _use(row)


# --- rules: [{code, name, when, after, again, project, where: conditions as they are kept,
#     actions: {code: {field: text}}, stops, in_use}], in their order ---


def load_rules(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    for row in blueprint["case_rules"]:
        known = CaseRule.objects.filter(code=row["code"]).first()
        wanted = services.RuleWanted(
            code=row["code"],
            name=row["name"],
            when=row["when"],
            project_id=Project.objects.get(code=row["project"]).pk if row.get("project") else None,
            after=_minutes(row.get("after", "0")),
            again=_minutes(row.get("again", "0")),
            where=row.get("where", []),
            actions=row["actions"],
            stops=row.get("stops", False),
        )
        key, version = (known.pk, known.version) if known else (None, 0)
        made = services.save_rule(rule_id=key, version=version, wanted=wanted, by=by, now=now)
        _switch("rule", made, row, by, now)


def export_rules() -> dict[str, Any]:
    """The part that makes the rules that there are."""
    rows = CaseRule.objects.select_related("project").order_by("position", "id")
    return {"case_rules": [_exported_rule(row) for row in rows]}


def _exported_rule(row: CaseRule) -> dict[str, Any]:
    said: dict[str, Any] = {"code": row.code, "name": row.name, "when": row.when}
    said |= {name: _hours(value) for name in ("after", "again") if (value := getattr(row, name))}
    said |= {"project": row.project.code} if row.project else {}
    said |= {"where": row.where} if row.where else {}
    said |= {"actions": row.actions}
    return said | ({"stops": True} if row.stops else {}) | _use(row)


def _use(row: Any) -> dict[str, Any]:
    return {} if row.is_active else {"in_use": False}


register_part(Part("cases", ("cases",), load_cases, export_cases, order=70))
register_part(Part("case_terms", ("case_terms",), load_terms, export_terms, order=74))
register_part(Part("case_macros", ("case_macros",), load_macros, export_macros, order=72))
register_part(Part("case_rules", ("case_rules",), load_rules, export_rules, order=76))
