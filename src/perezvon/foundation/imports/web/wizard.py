"""The steps of an import until it is started. Each has an address; what is chosen is kept at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.services import FieldWrong
from perezvon.foundation.imports import services
from perezvon.foundation.imports.guessing import date_order
from perezvon.foundation.imports.models import Import, State
from perezvon.foundation.imports.own_fields import NEW_FIELD, make_field, may_make_fields
from perezvon.foundation.imports.reading import FileRefused, folder_of, forget_files, source_path
from perezvon.foundation.imports.registry import (
    As,
    Importable,
    OnMatch,
    OnNew,
    Problem,
    Target,
    importable,
    importables,
)
from perezvon.foundation.imports.running import try_sample
from perezvon.foundation.imports.selectors import (
    choice_labels,
    first_lines,
    get_import,
    guessed,
    guessed_header,
    headers,
    list_profiles,
    same_file,
    sample,
)
from perezvon.foundation.imports.services import ProfileNameMissing, SetupWrong, is_much_shorter
from perezvon.foundation.imports.setup import LEFT_EMPTY, Column, Setup, code_of
from perezvon.foundation.imports.web.words import (
    ACTS,
    CASES,
    DATES,
    ON_MATCH,
    ON_NEW,
    REGIONS,
    file_problem,
    problem_words,
)
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.kernel.ids import uuid7

USE = "imports.use"
SAMPLED = 300
_CHOICES_SHOWN = 30


def page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A step, at its address also when it was swapped in."""
    response = render_page(request, template, context, part="workspace", status=status)
    if is_swap(request) and request.method == "GET":
        response["HX-Push-Url"] = request.get_full_path()
    return response


def to(name: str, import_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"imports:{name}", args=[import_id]))


# --- the file ---


@needs(USE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What is imported, and the file."""
    by = person_of(request)
    if request.method == "GET":
        return _new(request, by)
    kind = _chosen_kind(request.POST, by)
    try:
        import_id = _taken(request, kind, by)
    except FileRefused as refused:
        return _new(request, by, words_for(refused), status=422)
    return to("import", import_id)


def _new(request: HttpRequest, by: Person, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "kinds": [(one.code, one.label) for one in importables(by)],
        "kind": request.POST.get("kind", request.GET.get("kind", "")),
        "problem": problem,
        "most_mb": settings.IMPORT_MOST_MB,
        "most_bytes": settings.IMPORT_MOST_MB << 20,
        "too_large": words_for(_too_large()),
    }
    return page(request, "imports/new.html", context, status=status)


def _chosen_kind(posted: QueryDict, by: Person) -> Importable:
    kind = importable(posted.get("kind", ""))
    by.must(kind.right)
    return kind


def _taken(request: HttpRequest, kind: Importable, by: Person) -> UUID:
    """Put the file into its folder, then begin. Raises FileRefused."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise FileRefused(problem="imports.no_file")
    if (file.size or 0) > settings.IMPORT_MOST_MB << 20:
        raise _too_large()
    now = clock.now()
    import_id, digest = uuid7(now), hashlib.sha256()
    folder_of(import_id, make=True)
    try:
        with source_path(import_id).open("wb") as kept:
            for chunk in file.chunks():
                digest.update(chunk)
                kept.write(chunk)
        services.begin_import(
            import_id=import_id, kind=kind.code, file_name=file.name, size_bytes=file.size or 0,
            digest=digest.hexdigest(), by=by, now=now,
        )  # fmt: skip
    except BaseException:
        forget_files(import_id)
        raise
    return import_id


def _too_large() -> FileRefused:
    return FileRefused(problem="imports.too_large", most=settings.IMPORT_MOST_MB)


@needs(USE)
@require_GET
def current(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The step at which an import stands."""
    one = get_import(import_id, by=person_of(request))
    if one.state != State.SETUP:
        return to("result", one.pk)
    return to("check" if one.trial or one.problem else "sheet", one.pk)


# --- sheet and headers ---


@needs(USE)
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Which sheet, which row holds the headers, which source the table is of."""
    by = person_of(request)
    one = get_import(import_id, by=by)
    if one.state != State.SETUP:
        return to("result", one.pk)
    setup = Setup.read(one.setup)
    if request.method == "GET":
        return _sheet(request, one, setup)
    setup, profile_id = _sheet_asked(request.POST, one, setup, by)
    services.set_up(
        import_id=one.pk, setup=setup, project_id=one.project_id, profile_id=profile_id, by=by, now=clock.now()
    )
    return to("columns" if "next" in request.POST else "sheet", one.pk)


def _sheet_asked(posted: QueryDict, one: Import, setup: Setup, by: Person) -> tuple[Setup, int | None]:
    """Another sheet, headers or source mean other columns; the same ones leave what was chosen."""
    place = _number(posted.get("sheet", ""), len(one.sheets))
    header = _number(posted.get("header", ""), 1 << 20) if place == setup.sheet else guessed_header(one, place)
    profile = list_profiles(one.kind).filter(pk=_number(posted.get("profile", ""), 1 << 31)).first()
    if profile and profile.pk != one.profile_id:
        shape = Setup(sheet=place, header=header)
        return Setup.recalled(profile.setup, headers(one, shape), sheet=place, header=header), profile.pk
    if (place, header) != (setup.sheet, setup.header):
        return guessed(one, replace(setup, sheet=place, header=header), by), None
    return setup, None


def _number(text: str, below: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 11 and int(text) < below else 0


def _sheet(request: HttpRequest, one: Import, setup: Setup) -> HttpResponse:
    rows = first_lines(one, setup.sheet)
    width = min(max((len(row.cells) for row in rows), default=0), 40)
    context = {
        "import": one,
        "step": "sheet",
        "sheets": [(place, found["name"], found["rows"]) for place, found in enumerate(one.sheets)],
        "setup": setup,
        "rows": [(row.number, [*row.cells, *[""] * width][:width]) for row in rows],
        "profiles": list(list_profiles(one.kind)),
        "same": same_file(one),
    }
    return page(request, "imports/sheet.html", context)


# --- columns ---


@needs(USE)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Which column fills which field, how rows find their cards, and what becomes of both."""
    by = person_of(request)
    one = get_import(import_id, by=by)
    if one.state != State.SETUP:
        return to("result", one.pk)
    if request.method == "GET":
        return _columns(request, one, by)
    kind = importable(one.kind)
    try:
        posted = _with_new_fields(request.POST, one, by)
    except FieldWrong as wrong:
        return _columns(request, one, by, words_for(wrong), status=422)
    setup = setup_of(posted, Setup.read(one.setup), kind.targets(by))
    project = _number(request.POST.get("project", ""), 1 << 31) or None
    services.set_up(import_id=one.pk, setup=setup, project_id=project, by=by, now=clock.now())
    one = get_import(import_id, by=by)
    if "next" not in request.POST:
        return _columns(request, one, by)
    try:
        services.refuse_wrong(one, by)
    except SetupWrong as wrong:
        return _columns(request, one, by, words_for(wrong), status=422)
    return to("check", one.pk)


def _with_new_fields(posted: QueryDict, one: Import, by: Person) -> QueryDict:
    """What was sent, with the codes of fields in place of the wish for new ones. Raises FieldWrong, NotAllowed."""
    setup, given = Setup.read(one.setup), posted.copy()
    heads, rows = headers(one, setup), sample(one, setup)
    for name in [name for name in posted if name.startswith("to_") and posted[name] == NEW_FIELD]:
        place = _number(name.removeprefix("to_"), len(heads))
        values = [row[place] for row in rows if place < len(row)]
        given[name] = make_field(kind=one.kind, head=heads[place], values=values, by=by, now=clock.now())
        given.setdefault(f"date_{place}", date_order(place, rows))
    return given


def setup_of(posted: QueryDict, before: Setup, targets: Sequence[Target]) -> Setup:
    """What the form says. Options of columns that it did not show stay as they were."""
    known = {one.code: one for one in targets}
    found = {}
    for name in posted:
        place = name.removeprefix("to_")
        if place == name or not place.isdecimal() or posted.get(name, "") not in known:
            continue
        found[int(place)] = _column(posted, int(place), posted.get(name, ""), before.columns.get(int(place), Column()))
    keys = tuple(key for key in posted.getlist("keys") if key in known and known[key].key)
    constants = {code: text for code in known if (text := posted.get(f"constant_{code}", "").strip())}
    return replace(
        before,
        columns=found,
        constants=constants | _new_constant(posted, known),
        keys=keys,
        on_match=OnMatch(posted.get("on_match", "")) if posted.get("on_match") in set(OnMatch) else before.on_match,
        on_new=OnNew(posted.get("on_new", "")) if posted.get("on_new") in set(OnNew) else before.on_new,
    )


def _column(posted: QueryDict, place: int, code: str, before: Column) -> Column:
    start = f"choice_{place}_"
    choices = {name.removeprefix(start): posted[name] for name in posted if name.startswith(start) and posted[name]}
    kept = {
        "to": code,
        "region": posted.get(f"region_{place}", before.region),
        "date": posted.get(f"date_{place}", before.date),
        "case": posted.get(f"case_{place}", before.case),
        "first": f"first_{place}" in posted if f"options_{place}" in posted else before.first,
        "choices": choices or dict(before.choices),
    }
    return Column.read(kept)


def _new_constant(posted: QueryDict, known: Mapping[str, Target]) -> dict[str, str]:
    code, text = posted.get("new_constant", ""), posted.get("new_constant_text", "").strip()
    return {code: text} if code in known and text else {}


def _columns(request: HttpRequest, one: Import, by: Person, problem: str = "", status: int = 200) -> HttpResponse:
    kind, setup = importable(one.kind), Setup.read(one.setup)
    targets = kind.targets(by)
    known, labels = {target.code: target for target in targets}, choice_labels(targets)
    rows = sample(one, setup)
    context = {
        "import": one,
        "step": "columns",
        "has_cards": kind.has_cards,
        "setup": setup,
        "columns": [
            _drawn(place, head, rows, setup.columns.get(place, Column()), known, labels)
            for place, head in enumerate(headers(one, setup))
        ],
        "groups": _groups(target for target in targets),
        "new_field": NEW_FIELD if may_make_fields(one.kind, by) else "",
        "keys": [(target.code, target.label, target.code in setup.keys) for target in _keys(targets, setup)],
        "constants": [(code, known[code].label, text) for code, text in setup.constants.items() if code in known],
        "constant_groups": _groups(target for target in targets if not target.only_key and not target.parts),
        "on_match": ON_MATCH.items(),
        "on_new": ON_NEW.items(),
        "regions": REGIONS.items(),
        "dates": DATES.items(),
        "cases": CASES.items(),
        "projects": list_projects(by=by),
        "problem": problem,
    }
    return page(request, "imports/columns.html", context, status=status)


def _keys(targets: Sequence[Target], setup: Setup) -> list[Target]:
    """Those that a column fills."""
    filled = {column.to for column in setup.columns.values()}
    return [one for one in targets if one.key and (one.code in filled or one.code in setup.keys)]


def _groups(targets: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in targets:
        groups.setdefault(str(one.group), []).append((one.code, str(one.label)))
    return list(groups.items())


def _drawn(
    place: int, head: str, rows: Sequence[Sequence[str]], column: Column, known: Mapping[str, Target],
    labels: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:  # fmt: skip
    target = known.get(column.to)
    values = list(dict.fromkeys(row[place] for row in rows if place < len(row) and row[place]))
    choices = []
    if target and target.type == As.CHOICE:
        choices = [
            (value.lower(), value, column.choices.get(value.lower()) or code_of(value, labels[target.code]))
            for value in values[:_CHOICES_SHOWN]
        ]
    return {
        "place": place,
        "head": head,
        "samples": values[:3],
        "column": column,
        "type": str(target.type) if target else "",
        "many": bool(target and target.many),
        "values": choices,
        "codes": ((LEFT_EMPTY, _("leave empty")), *target.choices) if target else (),
    }


# --- the trial run ---


@needs(USE)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What would come of it: of the first rows at once, of all of them by a job (POST)."""
    by, now = person_of(request), clock.now()
    one = get_import(import_id, by=by)
    if one.state != State.SETUP:
        return to("result", one.pk)
    try:
        if request.method == "POST":
            services.check_all(import_id=one.pk, by=by, now=now)
            return to("result", one.pk)
        services.refuse_wrong(one, by)
    except SetupWrong:
        return to("columns", one.pk)
    trial = one.trial or try_sample(one, by, now, SAMPLED)
    return check_page(request, one, trial)


def check_page(
    request: HttpRequest, one: Import, trial: Mapping[str, Any], problem: str = "", status: int = 200
) -> HttpResponse:
    kind = importable(one.kind)
    context = {
        "import": one,
        "step": "check",
        "trial": trial,
        "totals": totals_of(trial["totals"]),
        "rows": [_verdict(row, kind, person_of(request)) for row in trial["rows"]],
        "same": same_file(one),
        "shorter": one.profile if is_much_shorter(one) else None,
        "profile": one.profile,
        "problem": problem or (file_problem(one.problem) if one.problem else ""),
    }
    return page(request, "imports/check.html", context, status=status)


def totals_of(totals: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Words, tone and number of each act that there was."""
    return [(str(label), tone, totals[act]) for act, (label, tone) in ACTS.items() if totals.get(act)]


def _verdict(row: Mapping[str, Any], kind: Importable, by: Person) -> dict[str, Any]:
    names = {one.code: str(one.label) for one in kind.targets(by)}
    label, tone = ACTS[row["act"]]
    problems = [Problem(*one) for one in row["problems"]]
    return {
        "number": row["number"],
        "label": label,
        "tone": tone,
        "title": row["title"],
        "url": kind.url(UUID(row["record"])) if row["record"] else "",
        "changes": [(names.get(name, name), *pair) for name, pair in row["changes"].items()],
        "problems": [(names.get(one.field, ""), problem_words(kind, one)) for one in problems],
    }


@needs(USE)
@require_POST
def profile(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Remember the choices under the name of a source."""
    by, now = person_of(request), clock.now()
    one = get_import(import_id, by=by)
    try:
        services.save_profile(import_id=one.pk, name=request.POST.get("name", ""), by=by, now=now)
    except ProfileNameMissing as missing:
        return _refused(request, one, by, missing)
    return to("check", one.pk)


def _refused(request: HttpRequest, one: Import, by: Person, error: PerezvonError) -> HttpResponse:
    if one.state != State.SETUP:
        raise NotFound(state=one.state)
    trial = one.trial or try_sample(one, by, clock.now(), SAMPLED)
    return check_page(request, one, trial, words_for(error), status=422)
