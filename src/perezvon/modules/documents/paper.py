"""Pages: HTML out of the editor becomes a template, the template a sheet of paper, the sheet a PDF."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import nh3

from perezvon.kernel.errors import Refused

MOST_LETTERS = 400_000  # some hundred and fifty pages; more would hold a process for a minute
TAGS = frozenset({
    *("p", "br", "hr", "h2", "h3", "h4", "blockquote", "ul", "ol", "li"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "code"),
    *("table", "thead", "tbody", "tr", "th", "td"),
})  # fmt: skip
_SPANS = {"colspan", "rowspan"}
_ATTRIBUTES = {"th": _SPANS, "td": _SPANS, "ol": {"start"}}
_PLACE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ALONE = re.compile(r"<p>\s*(\{%(?:(?!%\}).)*%\})\s*</p>", re.DOTALL)
_ROW = re.compile(r"<tr>(?:(?!</tr>).)*</tr>", re.DOTALL)
_CSS = """
@page { size: A4; margin: 20mm 18mm 22mm 25mm;
        @bottom-left { content: "%(footer)s"; font: 8pt sans-serif; color: #666 }
        @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #666 } }
html { font: 11pt/1.4 "PT Serif", "Liberation Serif", "DejaVu Serif", serif; color: #000 }
p { margin: 0 0 2.5mm; white-space: pre-line; orphans: 2; widows: 2 }
h2 { font-size: 15pt; margin: 4mm 0 3mm } h3 { font-size: 12.5pt; margin: 3mm 0 2mm } h4 { font-size: 11pt }
h2, h3, h4 { break-after: avoid; line-height: 1.2 }
table { border-collapse: collapse; width: 100%%; margin: 2mm 0 4mm }
th, td { border: 0.4pt solid #555; padding: 1mm 2mm; text-align: left; vertical-align: top; white-space: pre-line }
th { background: #f0f0f0 } tr { break-inside: avoid } td p, th p { margin: 0 }
blockquote { margin: 2mm 0 2mm 5mm; padding-left: 3mm; border-left: 1pt solid #888 }
.signature { margin-top: 14mm; break-inside: avoid; display: flex; align-items: flex-end; gap: 5mm }
.signature > * { flex: 1 } .signature .line { border-bottom: 0.5pt solid #000; height: 5mm; flex: 0 0 45mm }
.signature .name { text-align: right }
"""


class NoPango(Refused):
    """The machine lacks the library that lays out text."""

    code = "documents.no_pango"


class TooLong(Refused):
    """The document would have more pages than any."""

    code = "documents.too_long"


@dataclass(frozen=True, slots=True)
class Signature:
    position: str
    name: str


def clean(html: str) -> str:
    """Without scripts, pictures, links and all that is not in TAGS."""
    return nh3.clean(html, tags=set(TAGS), attributes=_ATTRIBUTES, link_rel=None)


def as_template(body: str) -> str:
    """The text of the editor as a template: what stands inside of places is no HTML, and a condition or a loop that
    has a paragraph, or a row of a table, to itself stands around the next ones."""
    bare = _PLACE.sub(lambda place: unescape(_TAG.sub("", place[0])).replace("\xa0", " "), body)
    return _ALONE.sub(r"\1", _ROW.sub(_row, bare))


def _row(row: re.Match[str]) -> str:
    words = _TAG.sub("", row[0]).strip()
    return words if words.startswith("{%") and words.endswith("%}") and words.count("{%") == 1 else row[0]


def with_signature(html: str, signature: Signature | None) -> str:
    """The page, closed by who signs: post, line, name."""
    if signature is None:
        return html
    parts = (f"<div>{escape(signature.position)}</div>", '<div class="line"></div>',
             f'<div class="name">{escape(signature.name)}</div>')  # fmt: skip
    return f'{html}<div class="signature">{"".join(parts)}</div>'


def pdf_of(html: str, *, title: str, footer: str, language: str) -> bytes:
    """The page as PDF. Nothing is ever fetched for it. Raises NoPango, TooLong."""
    if len(html) > MOST_LETTERS:
        raise TooLong(most=MOST_LETTERS)
    weasyprint = _weasyprint()
    said = footer.replace("\\", "").replace('"', "\u201d").replace("\n", " ").replace("<", "")
    page = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_CSS % {'footer': said}}</style></head><body>{html}</body></html>"
    )
    made = io.BytesIO()
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    weasyprint.HTML(string=page, url_fetcher=nothing).write_pdf(made)
    return made.getvalue()


def has_pango() -> bool:
    """Whether pages can be made here."""
    try:
        _weasyprint()
    except NoPango:
        return False
    return True


def _weasyprint() -> Any:
    """Loaded when the first page is made: it looks for libraries of the system, and takes a second."""
    try:
        import weasyprint  # noqa: PLC0415
    except (ImportError, OSError):
        raise NoPango from None
    return weasyprint


def words_of(html: str) -> str:
    """Its words alone."""
    return unescape(_TAG.sub(" ", html)).strip()
