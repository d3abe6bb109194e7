"""What people read about documents and their templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.documents.filling import MOST_LOOPS, Problem
from perezvon.modules.documents.services import FieldsWrong
from perezvon.modules.documents.word import MOST_BYTES

_PLACES: Mapping[str, Callable[[str], str]] = {
    "place.unknown": lambda what: _("There is no field “{what}”; choose one from the list.").format(what=what),
    "place.whole": lambda what: _("“{what}” is no field but several; name one of them.").format(what=what),
    "place.list": lambda what: _("“{what}” is no list; only lists can be gone through row by row.").format(what=what),
    "place.forbidden": lambda what: _("“{what}” cannot stand in a template.").format(what=what),
    "place.loops": lambda _w: _("No more than {most} loops, and one inside another at most.").format(most=MOST_LOOPS),
    "place.long": lambda _w: _("The template is too long."),
    "place.syntax": lambda what: _("A place is not closed or written wrongly: {what}").format(what=what),
    "word.broken": lambda _w: _("This is no Word file (docx), or it is damaged. Save it anew in Word."),
    "word.large": lambda _w: _("The file is too large; a template may have {most} MB.").format(most=MOST_BYTES >> 20),
    "word.lively": lambda what: _(
        "The file holds a macro, another file or a link to something outside ({what}). Take it out and save anew."
    ).format(what=what),
}


_OURS: Mapping[str, Callable[[], str]] = {
    "code.form": lambda: _("A code has small Latin letters, digits, _ and -, begins with a letter, 40 signs at most."),
    "code.taken": lambda: _("There is one with this code already."),
}


def place_words(problem: Problem) -> str:
    return _PLACES[problem.code](problem.what)


def problem_words(wrong: Wrong) -> str:
    problems = wrong.facts.get("problems")
    if isinstance(problems, tuple):
        return " ".join(place_words(one) for one in problems[:10])
    return _OURS[wrong.code]() if wrong.code in _OURS else common_words(wrong.code, wrong.facts)


def words_of(wrong: FieldsWrong) -> dict[str, str]:
    """What is wrong, by field."""
    problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
    return {name: problem_words(one) for name, one in problems.items()}


@say("documents.closed")
def _closed(_error: PerezvonError) -> str:
    return _("The document says what is told once the customer is identified. Open it in a contact with him.")


@say("documents.fields_wrong")
def _fields(error: PerezvonError) -> str:
    return " ".join(words_of(error).values()) if isinstance(error, FieldsWrong) else ""


@say("documents.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed it meanwhile. Open it again to see how it reads now.")


@say("documents.nothing_to_publish")
def _nothing(_error: PerezvonError) -> str:
    return _("There is no such draft any more. Open the template again to see how it stands.")


@say("documents.no_such_template")
def _no_template(_error: PerezvonError) -> str:
    return _("There is no such template, or it is not meant for this record.")


@say("documents.no_such_document")
def _no_document(_error: PerezvonError) -> str:
    return _("There is no such document, or its record is not open to you.")


@say("documents.no_such_source")
def _no_source(_error: PerezvonError) -> str:
    return _("No documents are made about such records.")


@say("documents.cannot_fill")
def _cannot_fill(error: PerezvonError) -> str:
    return _("The template cannot be filled for this record: {why}").format(why=error.facts.get("why", ""))


@say("documents.no_address")
def _no_address(_error: PerezvonError) -> str:
    return _("Say to which mailbox it shall be sent.")


@say("documents.file_gone")
def _file_gone(_error: PerezvonError) -> str:
    return _("The content of this document was erased.")


@say("documents.too_long")
def _too_long(_error: PerezvonError) -> str:
    return _("The document would be too long. Take a template with fewer rows.")


@say("documents.no_pango")
def _no_pango(_error: PerezvonError) -> str:
    return _("PDF cannot be made on this server: the library Pango is missing. Tell the administrator.")
