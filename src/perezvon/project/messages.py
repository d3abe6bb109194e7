"""Message catalogues, by Babel alone: no gettext programs are needed.

`locale/` folders stand beside the code that speaks; a folder collects the texts of everything below its parent.
Catalogues are sorted and name no lines, so that two branches seldom touch the same place.
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
_LAZY = {f"{word}_lazy": DEFAULT_KEYWORDS[word] for word in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = {**DEFAULT_KEYWORDS, **_LAZY}

type Found = tuple[str | tuple[str, ...], str | None]


def run(arguments: list[str]) -> int:
    """Build what is older than its source; with --update, put new texts into the catalogues first."""
    if "--update" in arguments:
        for folder in locale_folders():
            for language in LANGUAGES:
                update(folder, language)
    for path in catalogues():
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


def update(folder: Path, language: str) -> None:
    """Add texts that are new, drop those that are gone; translations are nobody's but the translator's."""
    path = folder / language / "LC_MESSAGES" / "django.po"
    before = read_catalogue(path) if path.exists() else Catalog(locale=language, charset="utf-8")
    wanted = Catalog(locale=language, charset="utf-8")
    for text, context in texts_of(folder.parent):
        old = before.get(text if isinstance(text, str) else text[0], context)
        wanted.add(text, old.string if old else "", context=context)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, wanted, no_location=True, sort_output=True, omit_header=True, width=120)
    path.write_bytes(_header(language) + written.getvalue())


def texts_of(folder: Path) -> set[Found]:
    """What Python files and templates below `folder` ask to be translated, with the context where one is given."""
    found: set[Found] = set()
    for path in folder.rglob("*"):
        if path.suffix in {".py", ".html", ".txt"} and not _is_others(path, folder):
            found.update(_texts_in(path))
    return found


def locale_folders() -> list[Path]:
    """Those with catalogues; a `locale` may hold other things that are told in several languages."""
    return sorted({path.parents[2] for path in SOURCE.rglob("locale/*/LC_MESSAGES/*.po")})


def catalogues() -> list[Path]:
    return sorted(path for folder in locale_folders() for path in folder.glob("*/LC_MESSAGES/*.po"))


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def _is_others(path: Path, folder: Path) -> bool:
    """Tests speak to nobody; a folder further down that has its own catalogue collects for itself."""
    steps = path.relative_to(folder).parts[:-1]
    nearer = (folder.joinpath(*steps[: length + 1]) for length in range(len(steps)))
    return "tests" in steps or any((step / "locale").is_dir() for step in nearer)


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
