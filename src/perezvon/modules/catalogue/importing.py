"""Offices as a kind of record that can be imported: a row names region, settlement and office.

Regions and settlements that are not there are made with the office; taken back with it when nothing else lies in them.
Texts are those of the reader's language: other languages of an office stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.fields.forms import typed_value
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.values import clean
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.imports.own_fields import own_target
from perezvon.foundation.imports.registry import (
    Act,
    As,
    Done,
    Importable,
    OnMatch,
    OnNew,
    Policy,
    Problem,
    Row,
    Target,
    Verdict,
)
from perezvon.kernel.texts import text_in
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import OFFICE, Office, Place, Region, Settlement
from perezvon.modules.catalogue.selectors import known_offices
from perezvon.modules.catalogue.services import OfficeWanted, PlaceWanted, office_problems

_TEXTS = ("name", "address", "hours")
_PLAIN = ("landmarks", "phone", "zone")
_NEEDED = ("region", "settlement", "name", "address")


def targets(by: Actor) -> list[Target]:
    return [
        Target("code", lazy("Code"), key=True, words=pgettext_lazy("headers", "code, office code")),
        Target("region", lazy("Region"), words=pgettext_lazy("headers", "region, oblast, state")),
        Target("settlement", lazy("Settlement"), words=pgettext_lazy("headers", "settlement, town, city")),
        Target("name", lazy("Name"), words=pgettext_lazy("headers", "office, branch, name")),
        Target("address", lazy("Address"), words=pgettext_lazy("headers", "address")),
        Target("hours", lazy("Hours"), words=pgettext_lazy("headers", "hours, opening hours")),
        Target("landmarks", lazy("Landmarks"), words=pgettext_lazy("headers", "landmarks, metro")),
        Target("phone", lazy("Phone"), type=As.PHONE, words=pgettext_lazy("headers", "telephone, phone")),
        Target("zone", lazy("Time zone"), words=pgettext_lazy("headers", "time zone")),
        *(replace(own_target(one), key=False) for one in _own_fields(by)),
    ]


def _own_fields(by: Actor) -> list[Field]:
    return [one for one in fields_of(OFFICE, by) if one.is_editable and one.importable]


@dataclass(slots=True)
class _Known:
    """What there is, by names in small letters. made: what this import has added, for its undoing."""

    language: str
    offices: list[Office]
    own: list[Field]
    regions: dict[str, Region] = field(default_factory=dict)
    settlements: dict[tuple[int, str], Settlement] = field(default_factory=dict)

    def region(self, name: str) -> Region | None:
        return self.regions.get(name.lower())

    def settlement(self, region: Region | None, name: str) -> Settlement | None:
        return self.settlements.get((region.pk, name.lower())) if region else None

    def office(self, given: Mapping[str, str]) -> Office | None:
        """By its code, or by its name in its settlement."""
        if code := given.get("code"):
            return next((one for one in self.offices if one.code == code.lower()), None)
        settlement = self.settlement(self.region(given.get("region", "")), given.get("settlement", ""))
        name = given.get("name", "").lower()
        return next((one for one in self.offices if one.settlement == settlement and name in _names(one)), None)

    def add(self, place: Place) -> None:
        match place:
            case Region():
                self.regions |= dict.fromkeys(_names(place), place)
            case Settlement():
                self.settlements |= {(place.region_id, name): place for name in _names(place)}
            case Office():
                self.offices.append(place)


def _names(place: Place) -> set[str]:
    return {text.lower() for text in place.name.values()}


def _known(by: Actor) -> _Known:
    """Three queries."""
    known = _Known((get_language() or settings.LANGUAGE_CODE)[:2], list(known_offices(by=by)), _own_fields(by))
    for place in (*Region.objects.all(), *Settlement.objects.select_related("region")):
        known.add(place)
    return known


@dataclass(slots=True)
class _Judged:
    row: Row
    act: Act
    office: Office | None
    values: dict[str, Any]
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def look(rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    """Nothing is written."""
    known = _known(by)
    return [_told(_judge(row, policy, known)) for row in rows]


def _judge(row: Row, policy: Policy, known: _Known) -> _Judged:
    given = {name: texts[0].strip() for name, texts in row.values.items()}
    office = known.office(given)
    missing = tuple(Problem(name, "field.required") for name in _NEEDED if not given.get(name)) if not office else ()
    if row.problems or missing:
        return _Judged(row, Act.REFUSE, office, given, problems=(*row.problems, *missing))
    if (policy.on_match if office else policy.on_new) in {OnMatch.SKIP, OnNew.SKIP}:
        return _Judged(row, Act.SKIP, office, given)
    values, changes = _values(given, office, policy, known)
    judged = _Judged(
        row, Act.CREATE if office is None else Act.CHANGE if changes else Act.SAME, office, values, changes
    )
    found = office_problems(_wanted(judged, settlement_id=0, project_id=None))
    judged.problems = tuple(Problem(name.partition("_")[0], one.code, one.facts) for name, one in found.items())
    wrong = clean(known.own, values["custom"], office.custom if office else {}).wrong
    judged.problems += tuple(Problem(f"{PREFIX}{key}", one.code, one.facts) for key, one in wrong.items())
    judged.act = Act.REFUSE if judged.problems else judged.act
    return judged


def _values(
    given: Mapping[str, str], office: Office | None, policy: Policy, known: _Known
) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """What the office shall say, and what of it differs. An empty cell says nothing."""
    values: dict[str, Any] = {name: dict(getattr(office, name)) if office else {} for name in _TEXTS}
    values |= {name: getattr(office, name) if office else "" for name in _PLAIN}
    language, changes = known.language, {}
    for name in (*_TEXTS, *_PLAIN):
        before = text_in(values[name], language) if name in _TEXTS else values[name]
        text = given.get(name, "")
        if not text or text == before or (office and before and policy.on_match == OnMatch.FILL):
            continue
        values[name] = values[name] | {language: text} if name in _TEXTS else text
        changes[name] = (before, text)
    values["zone"] = values["zone"] or settings.TIME_ZONE
    values["custom"] = {}
    for one in known.own:
        before, text = typed_value(one, office.custom.get(one.key)) if office else "", given.get(one.name, "")
        if text and text != before and not (before and policy.on_match == OnMatch.FILL):
            values["custom"][one.name], changes[one.name] = text, (before, text)
    return {**given, **values}, changes


def _wanted(one: _Judged, *, settlement_id: int, project_id: int | None) -> OfficeWanted:
    return OfficeWanted(
        code=one.values.get("code", "").lower() or "-",
        settlement_id=settlement_id,
        project_id=project_id,
        **{name: one.values[name] for name in (*_TEXTS, *_PLAIN, "custom")},
    )


def _told(one: _Judged, undo: Mapping[str, Any] | None = None) -> Verdict:
    office = one.office
    title = str(office) if office else one.row.values.get("name", ("",))[0]
    key = UUID(int=office.pk) if office else None
    changes = one.changes if one.act == Act.CHANGE else {}
    return Verdict(one.row, one.act, key, title, changes, one.problems, undo or {}, office.version if office else 0)


# --- writing ---


@command("catalogue.import_offices", needs="catalogue.edit")
def import_offices(*, rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    """Make and change offices as these rows say; one that cannot be stops none of the others."""
    known = _known(by)
    return [_write(_judge(row, policy, known), policy, known, by, now) for row in rows]


def _write(one: _Judged, policy: Policy, known: _Known, by: Actor, now: datetime) -> Verdict:
    if one.act not in {Act.CREATE, Act.CHANGE}:
        return _told(one)
    try:
        with transaction.atomic():
            undo = _put(one, policy, known, by, now)
    except services.FieldsWrong as wrong:  # a code that is none, or another project's
        found: Mapping[str, Any] = wrong.facts["problems"]  # type: ignore[assignment]
        one.act, one.problems = Act.REFUSE, tuple(Problem(name, it.code, it.facts) for name, it in found.items())
        return _told(one)
    return _told(one, undo)


def _put(one: _Judged, policy: Policy, known: _Known, by: Actor, now: datetime) -> dict[str, Any]:
    """Saves it; what is needed to take it back."""
    if office := one.office:
        before = {name: getattr(office, name) for name in (*_TEXTS, *_PLAIN, "custom")}
        wanted = _wanted(one, settlement_id=office.settlement_id, project_id=office.project_id)
        saved = services.save_office(office_id=office.pk, version=office.version, wanted=wanted, by=by, now=now)
        known.offices[known.offices.index(office)] = one.office = saved
        return {"before": before}
    settlement, made = _settlement(one.values, known, by, now)
    wanted = _wanted(one, settlement_id=settlement.pk, project_id=policy.project_id)
    if wanted.code == "-":
        wanted = OfficeWanted(**{**_plain(wanted), "code": _free_code(Office, settlement.code)})
    one.office = services.save_office(office_id=None, version=0, wanted=wanted, by=by, now=now)
    for place in (*made, one.office):
        known.add(place)
    return {"made": [[type(place).__name__, place.pk] for place in reversed(made)]}


def _plain(wanted: OfficeWanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in OfficeWanted.__dataclass_fields__}


def _settlement(given: Mapping[str, Any], known: _Known, by: Actor, now: datetime) -> tuple[Settlement, list[Place]]:
    """The one that is named, and what had to be made for it."""
    made: list[Place] = []
    region = known.region(given["region"])
    if region is None:
        name = PlaceWanted(_free_code(Region, "region"), {known.language: given["region"]})
        region = services.save_region(region_id=None, version=0, wanted=name, by=by, now=now)
        made.append(region)
    settlement = known.settlement(region, given["settlement"])
    if settlement is None:
        name = PlaceWanted(_free_code(Settlement, "settlement"), {known.language: given["settlement"]})
        settlement = services.save_settlement(
            settlement_id=None, version=0, region_id=region.pk, wanted=name, by=by, now=now
        )
        made.append(settlement)
    return settlement, made


def _free_code(model: type[Region | Settlement | Office], base: str) -> str:
    """Codes are for blueprints; a table has none."""
    taken = set(model._default_manager.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for number in range(1, len(taken) + 2) if (code := f"{base[:24]}_{number}") not in taken)


# --- back ---

_MADE: dict[str, type[Region | Settlement]] = {"Region": Region, "Settlement": Settlement}


@command("catalogue.take_back_offices", needs="catalogue.edit")
def take_back_offices(*, done: Sequence[Done], by: Actor, now: datetime) -> list[UUID]:
    """Undo these rows, the last of an office first. Those changed or in use since are left: their keys."""
    left = []
    for one in done:
        office = known_offices(by=by).select_for_update(of=("self",)).filter(pk=one.record.int).first()
        if office is None or office.version != one.version or not _taken_back(office, one):
            left.append(one.record)
    return left


def _taken_back(office: Office, one: Done) -> bool:
    if one.act == Act.CHANGE:
        for name, value in one.undo["before"].items():
            setattr(office, name, value)
        office.version -= 1  # as it was, for the row before this one
        office.save()
        return True
    try:
        with transaction.atomic():
            office.delete()
    except ProtectedError:  # a customer is served there
        return False
    for kind, key in one.undo.get("made", ()):
        try:
            with transaction.atomic():
                _MADE[kind].objects.filter(pk=key).delete()
        except ProtectedError:
            continue
    return True


def _keys(row: Row, policy: Policy) -> list[str]:
    given = {name: texts[0].lower() for name, texts in row.values.items()}
    return [given.get("code") or "|".join(given.get(name, "") for name in ("region", "settlement", "name"))]


IMPORTABLE = Importable(
    code="office",
    label=lazy("Offices"),
    right="catalogue.edit",
    targets=targets,
    look=look,
    write=lambda rows, policy, by, now: import_offices(rows=rows, policy=policy, by=by, now=now),
    undo=lambda done, by, now: take_back_offices(done=done, by=by, now=now),
    words=lambda problem: problem_words(problem.code, problem.facts),
    url=lambda key: reverse("catalogue:office", args=[key.int]),
    row_keys=_keys,
)
