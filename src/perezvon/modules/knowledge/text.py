"""HTML of articles: what may stand in it, and its words."""

from __future__ import annotations

import re
from html import unescape

import nh3

TAGS = frozenset({
    *("p", "br", "hr", "h2", "h3", "h4", "blockquote", "pre", "ul", "ol", "li", "a"),
    *("strong", "b", "em", "i", "u", "s", "code", "sub", "sup"),
    *("table", "thead", "tbody", "tr", "th", "td"),
})  # fmt: skip
_SPANS = {"colspan", "rowspan"}
_ATTRIBUTES = {"a": {"href"}, "th": _SPANS, "td": _SPANS, "ol": {"start"}}
_SCHEMES = {"https", "http", "mailto", "tel"}
_BREAK = re.compile(r"</?(?:p|br|h[2-4]|li|tr|blockquote|pre|hr)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[ \t\r\f\v]+")
_LINES = re.compile(r"\s*\n\s*")
WORDS_A_MINUTE = 180


def clean(html: str) -> str:
    """Without scripts, styles, pictures of other sites and all that is not in TAGS. An empty paragraph is nothing."""
    cleaned = nh3.clean(
        html, tags=set(TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer"
    )
    return cleaned if plain(cleaned) else ""


def plain(html: str) -> str:
    """Its words, a line for each paragraph."""
    text = unescape(_TAG.sub("", _BREAK.sub("\n", html)))
    return _LINES.sub("\n", _SPACE.sub(" ", text)).strip()


def minutes_to_read(text: str) -> int:
    return max(1, round(len(text.split()) / WORDS_A_MINUTE))
