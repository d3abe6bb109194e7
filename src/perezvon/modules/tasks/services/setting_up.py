"""What administrators set up: stages of contacts and possible actions. And everybody his own feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Project
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.tasks.models import OPEN, ActionKind, ColumnLimit, Feed, Kind, Stage
from perezvon.modules.tasks.selectors import SET_UP, VIEW
from perezvon.modules.tasks.services.keeping import TaskMoved
from perezvon.modules.tasks.services.planning import TaskWrong

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
_LONGEST = 100
MOST_IN_COLUMN = 1000
MOST_MINUTES = 365 * 24 * 60


@dataclass(frozen=True, slots=True)
class WantedStage:
    name: Mapping[str, str]
    position: int = 0
    is_final: bool = False
    is_active: bool = True
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class WantedAction:
    """from_stages: codes. to_stage: a code, "" when doing it changes nothing."""

    name: Mapping[str, str]
    kind: str = Kind.TODO
    from_stages: tuple[str, ...] = ()
    to_stage: str = ""
    usual_minutes: int = 480
    position: int = 0
    is_active: bool = True
    project_id: int | None = None


@command("tasks.put_stage", needs=SET_UP)
def put_stage(*, code: str, wanted: WantedStage, by: Actor, now: datetime, version: int | None = None) -> Stage:
    """A new stage, or one that there is. version: None makes a new one. Raises TaskWrong, TaskMoved."""
    problems: dict[str, Wrong] = {}
    stage = _row(Stage, code, version, problems)
    name = _named(wanted.name, problems)
    _check_project(wanted.project_id, problems)
    if problems:
        raise TaskWrong(problems=problems)
    stage.name, stage.position, stage.project_id = name, wanted.position, wanted.project_id
    stage.is_final, stage.is_active = wanted.is_final, wanted.is_active
    stage.version += 1
    stage.save()
    return stage


@command("tasks.put_action", needs=SET_UP)
def put_action(*, code: str, wanted: WantedAction, by: Actor, now: datetime, version: int | None = None) -> ActionKind:
    """A new action, or one that there is. version: None makes a new one. Raises TaskWrong, TaskMoved."""
    problems: dict[str, Wrong] = {}
    action = _row(ActionKind, code, version, problems)
    name = _named(wanted.name, problems)
    _check_project(wanted.project_id, problems)
    stages = {stage.code: stage for stage in Stage.objects.all()}
    if wanted.kind not in Kind.values:
        problems["kind"] = Wrong("choice.unknown")
    if not set(wanted.from_stages) <= set(stages) or (wanted.to_stage and wanted.to_stage not in stages):
        problems["stages"] = Wrong("choice.unknown")
    if not 0 <= wanted.usual_minutes <= MOST_MINUTES:
        problems["usual_minutes"] = Wrong("number.most", most=MOST_MINUTES)
    if problems:
        raise TaskWrong(problems=problems)
    action.name, action.kind, action.position, action.project_id = name, wanted.kind, wanted.position, wanted.project_id
    action.from_stages, action.to_stage = list(wanted.from_stages), stages.get(wanted.to_stage)
    action.usual_minutes, action.is_active = wanted.usual_minutes, wanted.is_active
    action.version += 1
    action.save()
    return action


@command("tasks.put_limits", needs=SET_UP)
def put_limits(*, most: Mapping[str, int], by: Actor, now: datetime) -> None:
    """How many tasks one person should have in each column at once, by state; what is not named has no limit.

    Raises TaskWrong.
    """
    problems = {
        f"limit_{state}": Wrong("number.between", least=1, most=MOST_IN_COLUMN)
        for state, count in most.items()
        if state not in OPEN or not 1 <= count <= MOST_IN_COLUMN
    }
    if problems:
        raise TaskWrong(problems=problems)
    ColumnLimit.objects.exclude(state__in=most).delete()
    for state, count in most.items():
        ColumnLimit.objects.update_or_create(state=state, defaults={"most": count})


@command("tasks.make_feed", needs=VIEW)
def make_feed(*, key_hash: str, by: Person, now: datetime) -> Feed:
    """A new secret for one's own tasks; the old one is dead. key_hash: hash_of_key of chance that the page made."""
    return Feed.objects.update_or_create(user_id=by.id, defaults={"key_hash": key_hash, "made_at": now})[0]


@command("tasks.end_feed", needs=VIEW)
def end_feed(*, by: Person, now: datetime) -> None:
    Feed.objects.filter(user=by.id).delete()


def _row[M: (Stage, ActionKind)](model: type[M], code: str, version: int | None, problems: dict[str, Wrong]) -> M:
    found = model.objects.select_for_update(of=("self",)).filter(code=code).first()
    if version is None:
        if not _CODE.fullmatch(code):
            problems["code"] = Wrong("key.form")
        elif found is not None:
            problems["code"] = Wrong("key.taken")
        return model(code=code, version=0)
    if found is None:
        raise NotFound(code=code)
    if found.version != version:
        raise TaskMoved(version=found.version)
    return found


def _named(name: Mapping[str, str], problems: dict[str, Wrong]) -> dict[str, str]:
    found = {language: text.strip()[:_LONGEST] for language, text in name.items() if text.strip()}
    if not found:
        problems["name"] = Wrong("label.missing")
    return found


def _check_project(project_id: int | None, problems: dict[str, Wrong]) -> None:
    if project_id is not None and not Project.objects.filter(pk=project_id).exists():
        problems["project"] = Wrong("choice.unknown")
