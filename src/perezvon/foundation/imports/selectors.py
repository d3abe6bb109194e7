"""Reading imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import translation

from perezvon.foundation.access import Actor
from perezvon.foundation.imports.guessing import LOOKED_AT, guess_columns, guess_header
from perezvon.foundation.imports.models import WRITTEN, Import, ImportRow, Profile, State
from perezvon.foundation.imports.reading import Line, lines
from perezvon.foundation.imports.registry import Importable, Target, importable
from perezvon.foundation.imports.setup import Setup, Transform, headers_of
from perezvon.kernel.errors import NotFound

LANGUAGES = ("ru", "en")
SAMPLE = 200


class NoSuchImport(NotFound):
    code = "imports.no_such_import"


def list_imports(*, by: Actor) -> QuerySet[Import]:
    """One's own, and all for those who look after them."""
    found = Import.objects.all() if by.may("imports.see_all") else Import.objects.filter(owner=by.user_id)
    return found if by.projects is None else found.filter(project=None) | found.filter(project__in=by.projects)


def list_rows(*, by: Actor) -> QuerySet[ImportRow]:
    """Rows of those imports."""
    return ImportRow.objects.filter(of__in=list_imports(by=by))


def get_import(import_id: UUID, *, by: Actor, lock: bool = False) -> Import:
    """Raises NoSuchImport, also for one that is not open to the actor."""
    found = list_imports(by=by)
    one = (found.select_for_update(of=("self",)) if lock else found).filter(pk=import_id).first()
    if one is None:
        raise NoSuchImport(**{"import": import_id})
    return one


def same_file(one: Import) -> Import | None:
    """An earlier import of the same file that has written something and was not undone."""
    known = Import.objects.filter(digest=one.digest, kind=one.kind, state__in=(*WRITTEN, State.RUNNING))
    return known.exclude(pk=one.pk).order_by("-created_at").first()


def list_profiles(kind: str) -> QuerySet[Profile]:
    return Profile.objects.filter(kind=kind)


# --- the table ---


def sheet_of(one: Import, place: int) -> Mapping[str, Any]:
    sheet: Mapping[str, Any] = one.sheets[place if place < len(one.sheets) else 0]
    return sheet


def first_lines(one: Import, place: int, count: int = LOOKED_AT) -> list[Line]:
    return list(islice(lines(one.pk, sheet_of(one, place)["file"]), count))


def lines_below(one: Import, setup: Setup, *, start: int = 0) -> Iterable[Line]:
    """The rows below the headers."""
    return (
        line for line in lines(one.pk, sheet_of(one, setup.sheet)["file"], start=start) if line.number > setup.header
    )


def rows_below(one: Import, setup: Setup) -> int:
    """How many rows there are to import."""
    above = sum(1 for line in first_lines(one, setup.sheet, LOOKED_AT) if line.number <= setup.header)
    return int(sheet_of(one, setup.sheet)["rows"]) - above


def headers(one: Import, setup: Setup) -> list[str]:
    sheet = sheet_of(one, setup.sheet)
    head = next((line for line in first_lines(one, setup.sheet, 50) if line.number == setup.header), None)
    return headers_of(head.cells if head else [], sheet["columns"])


def sample(one: Import, setup: Setup, count: int = SAMPLE) -> list[list[str]]:
    return [line.cells for line in islice(lines_below(one, setup), count)]


def guessed_header(one: Import, place: int) -> int:
    return guess_header([(line.number, line.cells) for line in first_lines(one, place)])


def guessed(one: Import, setup: Setup, by: Actor) -> Setup:
    """The same with columns guessed and the kind's usual keys, as far as columns fill them."""
    kind = importable(one.kind)
    targets = kind.targets(by)
    columns = guess_columns(headers(one, setup), sample(one, setup), targets, target_words(targets))
    known = {one.code: one for one in targets}
    filled = {column.to for column in columns.values()} | {
        part for column in columns.values() for part in known[column.to].parts
    }
    keys = tuple(key for key in kind.usual_keys if key in filled)
    return replace(setup, columns=columns, keys=keys)


def target_words(targets: Iterable[Target]) -> dict[str, list[str]]:
    """What each target is called in headers: its label and its words, in every language."""
    found: dict[str, list[str]] = {}
    targets = list(targets)
    for language in LANGUAGES:
        with translation.override(language):
            for one in targets:
                words = [str(one.label), *str(one.words).split(",")]
                found.setdefault(one.code, []).extend(word.strip() for word in words if word.strip())
    return found


def choice_labels(targets: Iterable[Target]) -> dict[str, dict[str, str]]:
    """Of each target with choices: what they are called, in small letters and every language → code."""
    found: dict[str, dict[str, str]] = {}
    for one in targets:
        labels = found.setdefault(one.code, {})
        for language in LANGUAGES:
            with translation.override(language):
                labels |= {str(label).lower().strip("\u2014 "): code for code, label in one.choices}
        labels |= {code.lower(): code for code, _ in one.choices}
    return found


def transform_of(kind: Importable, setup: Setup, by: Actor) -> Transform:
    targets = kind.targets(by)
    return Transform(setup, targets, choice_labels(targets))


def mapped(setup: Setup, targets: Sequence[Target]) -> set[str]:
    """Codes of the targets that anything fills."""
    known = {one.code: one for one in targets}
    given = [known[one.to] for one in setup.columns.values() if one.to in known]
    return {one.code for one in given} | {part for one in given for part in one.parts} | set(setup.constants)
