"""What people read about layouts that cannot be."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from perezvon.foundation.fields.words import problem_words as field_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError


def problem_words(wrong: Wrong) -> str:
    match wrong.code:
        case "tabs.none":
            return _("A card needs one tab at least.")
        case "tabs.form":
            words = _("Each tab needs a key of its own in small Latin letters; {most} tabs at most.")
            return words.format(**wrong.facts)
        case "tabs.unnamed":
            return _("Give each tab a name in one language at least.")
    return field_words(wrong.code, wrong.facts)


@say("records.layout_wrong")
def _wrong(error: PerezvonError) -> str:
    problems: Mapping[str, Wrong] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(problem_words(wrong) for wrong in problems.values())


@say("records.layout_changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this layout meanwhile. Open it again; nothing of yours was saved.")


@say("records.no_such_layout")
def _no_layout(_error: PerezvonError) -> str:
    return _("There is no such layout.")
