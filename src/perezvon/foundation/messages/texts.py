"""Templates: which places they have, and what they become."""

from __future__ import annotations

import re
from collections.abc import Iterable

from perezvon.foundation.messages.models import Template
from perezvon.foundation.messages.registry import About, placeholders
from perezvon.kernel.checks import Wrong
from perezvon.kernel.texts import text_in

_PLACE = re.compile(r"\{\s*([a-z][a-z0-9_.]*)\s*\}")
_BRACE = re.compile(r"[{}]")


def places_in(text: str) -> list[str]:
    return _PLACE.findall(text)


def check_places(texts: Iterable[str]) -> None:
    """Raises Wrong: place.unknown, place.brace."""
    known = placeholders()
    for text in texts:
        for code in places_in(text):
            if code not in known:
                raise Wrong("place.unknown", place=f"{{{code}}}")
        if _BRACE.search(_PLACE.sub("", text)):
            raise Wrong("place.brace")


def rendered(template: Template, about: About) -> tuple[str, str]:
    """(subject, text) in the reader's language. What has nothing to stand there leaves no hole of blanks."""
    subject, text = (text_in(texts, about.language) for texts in (template.subject, template.text))
    return " ".join(filled(subject, about).split()), filled(text, about)


def filled(text: str, about: About) -> str:
    """`text` with what stands in its places."""
    known = placeholders()
    said = _PLACE.sub(lambda place: known[place[1]].read(about) if place[1] in known else "", text)
    return re.sub(r"[ \t]{2,}", " ", re.sub(r"[ \t]+([,.!?;:])", r"\1", said)).strip()


def sample(text: str) -> str:
    """With an example in each place."""
    known = placeholders()
    return _PLACE.sub(lambda place: str(known[place[1]].sample) if place[1] in known else place[0], text)
