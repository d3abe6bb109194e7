"""Word files: which may be a template, what their places are, and how they are filled."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from docx import Document as open_word
from docx.document import Document as Word
from docx.table import Table
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from perezvon.modules.documents.filling import Environment, Problem, problems_in

MOST_BYTES = 10 * 2**20
_MOST_UNPACKED, _MOST_PARTS = 60 * 2**20, 500
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OUTSIDE = re.compile(rb'<Relationship\b[^>]*TargetMode="External"[^>]*>', re.IGNORECASE)
_LINK = b"/relationships/hyperlink"
_LIVELY = ("vbaproject", "activex", "embeddings/")
_HEADINGS = re.compile(r"Heading ([1-4])")
_PREVIEW_ROWS = 2000


def wrong_with(content: bytes, environment: Environment) -> list[Problem]:
    """Why it cannot be a template; nothing when it can. code: word.broken, word.large, word.lively, or of a place."""
    if problem := _unsafe(content):
        return [problem]
    try:
        problems = [one for source in _sources(content) for one in problems_in(source, environment)]
        return list(dict.fromkeys(problems)) or _try(content, environment)
    except Exception:  # noqa: BLE001  (two libraries read a file that anybody may have written)
        return [Problem("word.broken", "")]


def _unsafe(content: bytes) -> Problem | None:
    """A file that unpacks to gigabytes, declares entities, fetches something or runs something."""
    if len(content) > MOST_BYTES:
        return Problem("word.large", "")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(one.file_size for one in parts) > _MOST_UNPACKED:
                return Problem("word.large", "")
            for one in parts:
                name = one.filename.lower()
                if any(sign in name for sign in _LIVELY):
                    return Problem("word.lively", one.filename)
                if name.endswith((".xml", ".rels")) and _is_lively(packed.read(one)):
                    return Problem("word.lively", one.filename)
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError):
        return Problem("word.broken", "")
    return None


def _is_lively(xml: bytes) -> bool:
    return bool(_DECLARED.search(xml)) or any(_LINK not in one for one in _OUTSIDE.findall(xml))


def _sources(content: bytes) -> Iterator[str]:
    """The templates inside: the text, the heads and feet of pages, the properties."""
    template = DocxTemplate(io.BytesIO(content))
    properties = template.get_docx().core_properties
    yield template.patch_xml(template.get_xml())
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _key, part in template.get_headers_footers(uri):
            yield template.patch_xml(template.get_part_xml(part))
    yield from (getattr(properties, name) or "" for name in ("author", "comments", "subject", "title"))


def _try(content: bytes, environment: Environment) -> list[Problem]:
    """What says nothing wrong may still not fit together: a table whose loop never ends."""
    try:
        fill(content, {}, environment)
    except TemplateError as error:
        return [Problem("place.syntax", str(error)[:200])]
    return []


def fill(content: bytes, context: Mapping[str, Any], environment: Environment) -> bytes:
    """The file with values in its places. Raises TemplateError."""
    template = DocxTemplate(io.BytesIO(content))
    template.render(dict(context), jinja_env=environment, autoescape=True)
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


# --- shown in a browser ---


def html_of(content: bytes) -> str:
    """Its words, headings and tables, for a look in the browser; how it is laid out Word alone knows."""
    document: Word = open_word(io.BytesIO(content))
    parts = list[str]()
    for place, block in enumerate(document.iter_inner_content()):
        if place > _PREVIEW_ROWS:
            break
        parts.append(_paragraph(block) if isinstance(block, Paragraph) else _table(block))
    return "".join(parts)


def _paragraph(one: Paragraph) -> str:
    style = _HEADINGS.match(one.style.name or "") if one.style else None
    tag = f"h{min(int(style[1]) + 1, 4)}" if style else "p"
    words = "".join(f"<strong>{_text(run.text)}</strong>" if run.bold else _text(run.text) for run in one.runs)
    return f"<{tag}>{words}</{tag}>" if words.strip() else ""


def _table(table: Table) -> str:
    rows = (
        "".join(f"<td>{'<br>'.join(_text(one.text) for one in cell.paragraphs)}</td>" for cell in row.cells)
        for row in list(table.rows)[:_PREVIEW_ROWS]
    )
    return f"<table><tbody>{''.join(f'<tr>{cells}</tr>' for cells in rows)}</tbody></table>"


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")
