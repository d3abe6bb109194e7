"""What an administrator sets up: the results of a project, their reasons, and the rules of both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from perezvon.cores.conditions import Where, problems
from perezvon.cores.results import DialerGroup
from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.selectors import list_projects
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.interactions.models import Result
from perezvon.modules.interactions.result_fields import FIELDS, FOLLOWS
from perezvon.modules.interactions.results import vocabulary, words_of
from perezvon.modules.interactions.services.writing import FieldsWrong

SET_UP = "interactions.set_up"
LONGEST_NAME, LONGEST_HINT, MOST_DAYS, MOST_REASONS = 100, 300, 365, 60
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class ResultChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "interactions.result_changed"


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A result, or a reason of one, as an administrator wants it; the rules are those of `cores/results`.

    position, needs_topic, under, prompt, wakes and records are of a result only. days: None proposes no date. wakes:
    fields without which it cannot be confirmed. records: the result and reason that it is a short way to.
    """

    code: str
    name: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)
    under: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    dialer: str = ""
    days: int | None = None
    days_declined: int | None = None
    when: Where = field(default_factory=Where)
    must: Where = field(default_factory=Where)
    must_words: Mapping[str, str] = field(default_factory=dict)
    prompt: Where = field(default_factory=Where)
    wakes: tuple[str, ...] = ()
    records: tuple[str, str] | None = None
    position: int = 0
    needs_topic: bool = True
    in_use: bool = True


@command("interactions.put_result", needs=SET_UP)
def put_result(
    *, project_id: int, wanted: WantedRule, by: Actor, now: datetime, result_id: int | None = None, version: int = 0
) -> Result:
    """A new result, or other values of one; its code stays.

    Raises FieldsWrong, ResultChanged, NotFound.
    """
    row = _held(result_id, version, by) if result_id else Result(project_id=_project(project_id, by), code=wanted.code)
    taken = {} if result_id else _code_problems(wanted.code, _codes(row.project_id))
    _refuse(_problems(wanted) | _record_problems(wanted, row) | taken)
    row.name, row.position = _texts(wanted.name), wanted.position
    row.requires, row.needs_topic, row.is_active = list(wanted.requires), wanted.needs_topic, wanted.in_use
    row.rules = _rules(wanted)
    row.version += 1 if result_id else 0
    row.save()
    return row


@command("interactions.put_reason", needs=SET_UP)
def put_reason(
    *, result_id: int, wanted: WantedRule, by: Actor, now: datetime, reason: str = "", version: int = 0
) -> Result:
    """A new reason of a result, or with `reason` other values of that one. Raises as put_result."""
    row = _held(result_id, version, by)
    known = next((one for one in row.reasons if one["code"] == reason), None)
    if reason and known is None:
        raise NotFound(reason=reason)
    taken = {} if known else _code_problems(wanted.code, {one["code"] for one in row.reasons})
    _refuse(_problems(wanted) | taken)
    if known is None and len(row.reasons) >= MOST_REASONS:
        raise FieldsWrong(problems={"code": Wrong("fields.many", most=MOST_REASONS)})
    said: dict[str, Any] = {"code": reason or wanted.code, "name": _texts(wanted.name), **_rules(wanted)}
    said |= {"requires": list(wanted.requires)} if wanted.requires else {}
    said |= {} if wanted.in_use else {"in_use": False}
    row.reasons = [said if one is known else one for one in row.reasons] + ([] if known else [said])
    row.version += 1
    row.save()
    return row


def _project(project_id: int, by: Actor) -> int:
    if project_id not in {one.pk for one in list_projects(by=by)}:
        raise NotFound(project=project_id)
    return project_id


def _held(result_id: int, version: int, by: Actor) -> Result:
    row = Result.objects.select_for_update().filter(pk=result_id, project__in=list_projects(by=by)).first()
    if row is None:
        raise NotFound(result=result_id)
    if row.version != version:
        raise ResultChanged(result=result_id)
    return row


def _codes(project_id: int) -> set[str]:
    return set(Result.objects.filter(project=project_id).values_list("code", flat=True))


def _rules(wanted: WantedRule) -> dict[str, Any]:
    said: dict[str, Any] = {
        "under": _texts(wanted.under),
        "hint": _texts(wanted.hint),
        "when": wanted.when.as_list() if wanted.when else [],
        "must": wanted.must.as_list() if wanted.must else [],
        "must_words": _texts(wanted.must_words) if wanted.must else {},
        "prompt": wanted.prompt.as_list() if wanted.prompt else [],
        "wakes": list(wanted.wakes),
        "records": dict(zip(("result", "reason"), wanted.records, strict=True)) if wanted.records else {},
        "follows": list(wanted.follows),
        "dialer": wanted.dialer,
        "days": wanted.days,
        "days_declined": wanted.days_declined,
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], {})}


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip() for language, text in texts.items() if text.strip()}


def _problems(wanted: WantedRule) -> dict[str, Wrong]:
    found: dict[str, Wrong] = {}
    if not _texts(wanted.name):
        found["name_ru"] = Wrong("field.required")
    for prefix, texts, most in (
        ("name", wanted.name, LONGEST_NAME),
        ("under", wanted.under, LONGEST_NAME),
        ("hint", wanted.hint, LONGEST_HINT),
        ("must_words", wanted.must_words, LONGEST_HINT),
    ):
        found |= {
            f"{prefix}_{language}": Wrong("text.long", most=most)
            for language, text in texts.items()
            if len(text) > most
        }
    if wanted.dialer and wanted.dialer not in set(DialerGroup):
        found["dialer"] = Wrong("choice.unknown")
    for name, codes, known in (
        ("requires", wanted.requires, FIELDS), ("wakes", wanted.wakes, FIELDS), ("follows", wanted.follows, FOLLOWS),
    ):  # fmt: skip
        if not set(codes) <= set(known):
            found[name] = Wrong("choice.unknown")
    for name, days in (("days", wanted.days), ("days_declined", wanted.days_declined)):
        if days is not None and not 0 <= days <= MOST_DAYS:
            found[name] = Wrong("number.between", least=0, most=MOST_DAYS)
    facts = {code: term.fact for code, term in vocabulary().items()}
    for name, where in (("where", wanted.when), ("must", wanted.must), ("prompt", wanted.prompt)):
        if problems(where, facts):
            found[name] = Wrong("choice.unknown")
    return found


def _record_problems(wanted: WantedRule, row: Result) -> dict[str, Wrong]:
    """A short way leads to a reason of another result, and that is none itself."""
    if wanted.records is None or wanted.records in short_ways(row.project_id, but=row.code):
        return {}
    return {"records": Wrong("choice.unknown")}


def short_ways(project_id: int, *, but: str = "") -> dict[tuple[str, str], str]:
    """Where a short way may lead: (result, reason) with what they are called, in order. One query."""
    rows = Result.objects.filter(project=project_id, is_active=True, system=False).exclude(code=but)
    return {
        (row.code, one["code"]): f"{row} / {words_of(one, 'name')}"
        for row in rows
        if not row.rules.get("records")
        for one in row.reasons
        if one.get("in_use", True)
    }


def _code_problems(code: str, taken: set[str]) -> dict[str, Wrong]:
    if not _CODE.fullmatch(code):
        return {"code": Wrong("key.form")}
    return {"code": Wrong("key.taken")} if code in taken else {}


def _refuse(found: Mapping[str, Wrong]) -> None:
    if found:
        raise FieldsWrong(problems=dict(found))
