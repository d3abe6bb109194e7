"""Texts that administrators write, in several languages: {"ru": "…", "en": "…"}."""

from __future__ import annotations

from collections.abc import Mapping

FALL_BACK = ("ru", "en")


def text_in(texts: Mapping[str, str], language: str) -> str:
    """The text in `language`, else in the first language that has one, else an empty string."""
    for wanted in (language[:2], *FALL_BACK):
        if texts.get(wanted):
            return texts[wanted]
    return next((text for text in texts.values() if text), "")
