"""Setting kinds up. Nothing is deleted but steps: what cases have stays with them, withdrawn.

A kind is locked before anything that belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, Model
from django.utils.translation import gettext

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.jobs.models import Job, State
from perezvon.foundation.jobs.services import ask_for_job
from perezvon.foundation.messages.texts import check_places
from perezvon.foundation.people.models import Project
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.modules.cases import flow
from perezvon.modules.cases.models import (
    Case,
    CaseCategory,
    CaseKind,
    CaseMacro,
    CaseRule,
    CaseState,
    CaseStep,
    Priority,
    Stage,
    TermPolicy,
)
from perezvon.modules.cases.selectors import SET_UP, NoSuchCaseKind, get_kind, get_rule
from perezvon.modules.cases.services.writing import refuse

RECKON = "cases.reckon"  # the kind of job
LONGEST_NAME, LONGEST_PREFIX, MOST_POINTS = 120, 8, 40
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}")

type Texts = Mapping[str, str]


class CaseKindChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "cases.kind_changed"


@dataclass(frozen=True, slots=True)
class KindWanted:
    code: str
    name: Texts
    project_id: int | None = None
    prefix: str = ""
    priority: int = Priority.NORMAL
    team_id: int | None = None
    after_identification: bool = False
    tells_after_identification: bool = True
    asks_mark: bool = False
    checklist: tuple[Texts, ...] = ()


@dataclass(frozen=True, slots=True)
class StateWanted:
    code: str
    name: Texts
    stage: str
    told: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepWanted:
    source_id: int
    target_id: int
    name: Texts
    roles: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryWanted:
    code: str
    name: Texts
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class MacroWanted:
    code: str
    name: Texts
    kind_id: int | None = None
    text: Texts = field(default_factory=dict)
    is_public: bool = False
    step_to: str = ""
    priority: int | None = None
    takes: bool = False


@command("cases.save_kind", needs=SET_UP)
def save_kind(*, kind_id: int | None, version: int, wanted: KindWanted, by: Actor, now: datetime) -> CaseKind:
    """A new one, or other values; its code stays. Raises FieldsWrong, CaseKindChanged, NoSuchCaseKind."""
    kind = held(CaseKind, kind_id, version, by) if kind_id else CaseKind(code=wanted.code)
    problems = name_problems(wanted.name) | ({} if kind_id else code_problems(wanted.code, CaseKind.objects))
    if len(wanted.prefix) > LONGEST_PREFIX:
        problems["prefix"] = Wrong("text.long", most=LONGEST_PREFIX)
    if wanted.priority not in Priority.values:
        problems["priority"] = Wrong("choice.unknown")
    if wanted.project_id != kind.project_id:
        problems |= project_problems(wanted.project_id, by)
    refuse(problems)
    checklist = [texts_of(point) for point in wanted.checklist[:MOST_POINTS] if texts_of(point)]
    kept = {
        "name": texts_of(wanted.name),
        "project_id": wanted.project_id,
        "prefix": wanted.prefix.strip(),
        "priority": wanted.priority,
        "team_id": wanted.team_id,
        "after_identification": wanted.after_identification,
        "tells_after_identification": wanted.tells_after_identification,
        "asks_mark": wanted.asks_mark,
        "checklist": checklist,
    }
    return put(kind, kept, CaseKind.objects.all())


@command("cases.save_state", needs=SET_UP)
def save_state(
    *, kind_id: int, state_id: int | None, version: int, wanted: StateWanted, by: Actor, now: datetime
) -> CaseState:
    """A state of a kind. Cases in it follow when its stage changes. Raises as save_kind."""
    kind = _lock_kind(kind_id, by)
    state = held(CaseState, state_id, version, by, kind) if state_id else CaseState(kind=kind, code=wanted.code)
    problems = name_problems(wanted.name) | ({} if state_id else code_problems(wanted.code, kind.states))
    if wanted.stage not in Stage.values:
        problems["stage"] = Wrong("choice.unknown")
    refuse(problems)
    kept = {"name": texts_of(wanted.name), "stage": wanted.stage, "told": texts_of(wanted.told)}
    return put(state, kept, kind.states.all())


@command("cases.save_step", needs=SET_UP)
def save_step(
    *, kind_id: int, step_id: int | None, version: int, wanted: StepWanted, by: Actor, now: datetime
) -> CaseStep:
    """A way between two states of a kind; a second one between the same is the first. Raises as save_kind."""
    kind = _lock_kind(kind_id, by)
    known = set(kind.states.values_list("pk", flat=True))
    problems = name_problems(wanted.name)
    if not {wanted.source_id, wanted.target_id} <= known:
        problems["target"] = Wrong("choice.unknown")
    elif wanted.source_id == wanted.target_id:
        problems["target"] = Wrong("cases.step_to_itself")
    if any(one not in flow.WANTED and not one.startswith(PREFIX) for one in wanted.requires):
        problems["requires"] = Wrong("choice.unknown")
    refuse(problems)
    same = kind.steps.filter(source=wanted.source_id, target=wanted.target_id).first()
    step = held(CaseStep, step_id, version, by, kind) if step_id else same or CaseStep(kind=kind)
    if same is not None and same.pk != step.pk:
        refuse({"target": Wrong("cases.step_twice")})
    kept = {
        "name": texts_of(wanted.name),
        "source_id": wanted.source_id,
        "target_id": wanted.target_id,
        "roles": list(wanted.roles),
        "requires": list(wanted.requires),
    }
    return put(step, kept, kind.steps.all())


@command("cases.delete_step", needs=SET_UP)
def delete_step(*, kind_id: int, step_id: int, by: Actor, now: datetime) -> None:
    """That way is closed from now on; cases stay where they are."""
    _lock_kind(kind_id, by).steps.filter(pk=step_id).delete()


@command("cases.save_category", needs=SET_UP)
def save_category(
    *, kind_id: int, category_id: int | None, version: int, wanted: CategoryWanted, by: Actor, now: datetime
) -> CaseCategory:
    """A category of a kind, at its place in the tree. Raises as save_kind."""
    kind = _lock_kind(kind_id, by)
    known = {one.pk: one.parent_id for one in kind.categories.all()}
    category = (
        held(CaseCategory, category_id, version, by, kind) if category_id else CaseCategory(kind=kind, code=wanted.code)
    )
    problems = name_problems(wanted.name) | ({} if category_id else code_problems(wanted.code, kind.categories))
    if wanted.parent_id is not None and (
        wanted.parent_id not in known or (category_id and category_id in _above(known, wanted.parent_id))
    ):
        problems["parent"] = Wrong("choice.unknown")
    refuse(problems)
    return put(category, {"name": texts_of(wanted.name), "parent_id": wanted.parent_id}, kind.categories.all())


@command("cases.save_macro", needs=SET_UP)
def save_macro(*, macro_id: int | None, version: int, wanted: MacroWanted, by: Actor, now: datetime) -> CaseMacro:
    """A macro of one kind or of all. Raises as save_kind; a place nobody knows is a problem of its text."""
    macro = held(CaseMacro, macro_id, version, by) if macro_id else CaseMacro(code=wanted.code)
    problems = name_problems(wanted.name) | ({} if macro_id else code_problems(wanted.code, CaseMacro.objects))
    try:
        check_places(wanted.text.values())
    except Wrong as wrong:
        problems["text_ru"] = wrong
    refuse(problems)
    kept = {
        "name": texts_of(wanted.name),
        "kind_id": wanted.kind_id,
        "text": texts_of(wanted.text, longest=10_000),
        "is_public": wanted.is_public,
        "step_to": wanted.step_to,
        "priority": wanted.priority,
        "takes": wanted.takes,
    }
    return put(macro, kept, CaseMacro.objects.all())


_SWITCHED: dict[str, type[CaseKind | CaseState | CaseCategory | CaseMacro | TermPolicy | CaseRule]] = {
    "kind": CaseKind,
    "state": CaseState,
    "category": CaseCategory,
    "macro": CaseMacro,
    "term": TermPolicy,
    "rule": CaseRule,
}


@command("cases.switch", needs=SET_UP)
def switch(*, what: str, key_id: int, is_active: bool, by: Actor, now: datetime) -> Any:
    """Withdraw a kind, state, category or macro, or bring it back; cases keep it. Raises NoSuchCaseKind."""
    model = _SWITCHED.get(what)
    row = model._default_manager.select_for_update().filter(pk=key_id).first() if model else None
    if row is None:
        raise NoSuchCaseKind(**{what: key_id})
    if isinstance(row, CaseRule):
        get_rule(row.pk, by=by)
    if row.is_active != is_active:
        row.is_active, row.version = is_active, row.version + 1
        row.save(update_fields=["is_active", "version"])
        if what == "term":
            ask_to_reckon(by=by, now=now)
        if isinstance(row, CaseRule) and is_active:
            CaseRule.objects.filter(pk=row.pk).update(swept_at=now)
    return row


@command("cases.ask_to_reckon", needs=SET_UP)
def ask_to_reckon(*, by: Actor, now: datetime) -> None:
    """Have a worker reckon the terms of all cases under way anew."""
    ask_for_job(RECKON, title=gettext("Terms of cases under way"), facts={}, by=by, now=now)


def is_reckoning_asked() -> bool:
    """Whether such a job waits that has not begun. One query."""
    return Job.objects.filter(kind=RECKON, state=State.WAITING).exists()


def _lock_kind(kind_id: int, by: Actor) -> CaseKind:
    get_kind(kind_id, by=by)
    return CaseKind.objects.select_for_update().get(pk=kind_id)


def held[M: Model](model: type[M], key: int, version: int, by: Actor, kind: CaseKind | None = None) -> M:
    rows = model._default_manager.select_for_update().filter(pk=key)
    row = (rows.filter(kind=kind) if kind else rows).first()
    if row is None:
        raise NoSuchCaseKind(key=key)
    if row.version != version:  # type: ignore[attr-defined]
        raise CaseKindChanged(key=key)
    return row


def put[M: Model](row: M, kept: Mapping[str, Any], siblings: Any) -> M:
    """A new one stands last; one that is as it should be is left alone."""
    if row.pk is None:
        top = siblings.aggregate(top=Max("position"))["top"]
        row.position = 0 if top is None else top + 1  # type: ignore[attr-defined]
    elif all(getattr(row, name) == value for name, value in kept.items()):
        return row
    else:
        row.version += 1  # type: ignore[attr-defined]
    for name, value in kept.items():
        setattr(row, name, value)
    row.save()
    if isinstance(row, CaseState):
        _follow_stage(row)
    return row


def _follow_stage(state: CaseState) -> None:
    """The stage that cases keep of their state is that of the state."""
    Case.objects.filter(state=state).exclude(stage=state.stage).update(stage=state.stage)


def _above(parents: Mapping[int, int | None], key: int | None) -> set[int]:
    found: set[int] = set()
    while key is not None and key not in found:
        found.add(key)
        key = parents.get(key)
    return found


def texts_of(texts: Texts, *, longest: int = 500) -> dict[str, str]:
    return {language: text.strip()[:longest] for language, text in texts.items() if text.strip()}


def project_problems(project_id: int | None, by: Actor) -> dict[str, Wrong]:
    """A project that is not there is as one that he does not see."""
    if project_id is None or (by.sees_project(project_id) and Project.objects.filter(pk=project_id).exists()):
        return {}
    return {"project": Wrong("choice.unknown")}


def name_problems(name: Texts) -> dict[str, Wrong]:
    texts = texts_of(name)
    if not texts:
        return {"name_ru": Wrong("field.required")}
    too_long = any(len(text) > LONGEST_NAME for text in texts.values())
    return {"name_ru": Wrong("text.long", most=LONGEST_NAME)} if too_long else {}


def code_problems(code: str, siblings: Any) -> dict[str, Wrong]:
    if not _CODE.fullmatch(code):
        return {"code": Wrong("key.form")}
    return {"code": Wrong("key.taken")} if siblings.filter(code=code).exists() else {}
