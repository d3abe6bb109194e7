"""Message catalogues, by Babel alone: no gettext programs are needed.

`locale/` folders stand beside the code that speaks. A new text goes to the nearest one above the file that says it,
else to the project's; at run time all of them are one. Catalogues are sorted and name no lines, so that two
branches seldom touch the same place.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[1]
LANGUAGES = ("ru",)  # English is what the code says
PREPARED = ("uk",)  # part of it is translated; the rest falls back to Russian
_LAZY = {f"{word}_lazy": DEFAULT_KEYWORDS[word] for word in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = {**DEFAULT_KEYWORDS, **_LAZY, "lazy": None}  # our short name for gettext_lazy

type Found = tuple[str | tuple[str, ...], str | None]


def run(arguments: list[str]) -> int:
    """Build what is older than its source; with --update, put new texts into the catalogues first."""
    if "--update" in arguments:
        for language in LANGUAGES:
            update(language, SOURCE)
    for path in catalogues(SOURCE):
        build(path)
    return 0


def build(path: Path) -> None:
    """The .mo beside a .po, unless it is newer already. Untranslated and doubtful texts stay English."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return
    draft = target.with_suffix(".new")
    with draft.open("wb") as file:
        write_mo(file, read_catalogue(path))
    draft.rename(target)


def update(language: str, source: Path) -> None:
    """Add texts that are new, drop those that nobody says; translations are nobody's but the translator's."""
    said = texts_in(source)
    before = {path: read_catalogue(path) for path in catalogues(source) if path.parts[-3] == language}
    known = {found for catalogue in before.values() for found in texts_of(catalogue)}
    new = {text: _catalogue_for(file, source, language) for text, file in said.items() if text not in known}
    for path in {*before, *new.values()}:
        old = before.get(path, Catalog(locale=language, charset="utf-8"))
        kept = [found for found in texts_of(old) if found in said]
        _write(path, old, kept + [text for text, target in new.items() if target == path], language)


def texts_in(source: Path) -> dict[Found, Path]:
    """What Python files and templates ask to be translated, each with the first file that does. Tests say nothing."""
    found: dict[Found, Path] = {}
    for path in sorted(source.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and "tests" not in path.parts:
            for text in _texts_in(path):
                found.setdefault(text, path)
    return found


def texts_of(catalogue: Catalog) -> Iterator[Found]:
    for message in catalogue:
        if message.id:
            yield cast("Found", (message.id, message.context))


def catalogues(source: Path) -> list[Path]:
    return sorted(source.rglob("locale/*/LC_MESSAGES/django.po"))


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def _catalogue_for(file: Path, source: Path, language: str) -> Path:
    near = (folder / "locale" for folder in file.parents if folder.is_relative_to(source))
    folder = next((path for path in near if path.is_dir()), source / "project" / "locale")
    return folder / language / "LC_MESSAGES" / "django.po"


def _write(path: Path, old: Catalog, texts: list[Found], language: str) -> None:
    wanted = Catalog(locale=language, charset="utf-8")
    for text, context in texts:
        message = old.get(text if isinstance(text, str) else text[0], context)
        wanted.add(text, message.string if message else "", context=context)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, wanted, no_location=True, sort_output=True, omit_header=True, width=120)
    path.write_bytes(_header(language) + written.getvalue())


def _texts_in(path: Path) -> Iterator[Found]:
    # Of a template Django makes lines with calls in them, which are no program: each is read for itself.
    source = path.read_text()
    parts = [source] if path.suffix == ".py" else [line.strip() for line in templatize(source).splitlines()]
    for part in parts:
        calls = extract_python(io.BytesIO(part.encode()), KEYWORDS, [], {"encoding": "utf-8"})
        for _, function, messages, _ in calls:
            # Babel's stubs know lists only; one argument comes as itself, several as a tuple.
            given = cast("str | tuple[str | None, ...]", messages)
            yield from _found(str(function), given if isinstance(given, tuple) else (given,))


def _found(function: str, given: tuple[str | None, ...]) -> Iterator[Found]:
    said = [text for text in given if text]
    context = said.pop(0) if "pgettext" in function and len(said) > 1 else None
    if not said:
        return
    yield (tuple(said[:2]) if function.startswith(("n", "un")) and len(said) > 1 else said[0]), context


def _header(language: str) -> bytes:
    plural = Catalog(locale=language).plural_forms
    lines = [f"Language: {language}", "Content-Type: text/plain; charset=UTF-8", f"Plural-Forms: {plural}"]
    quoted = "\n".join(f'"{line}\\n"' for line in lines)
    return f'msgid ""\nmsgstr ""\n{quoted}\n\n'.encode()
