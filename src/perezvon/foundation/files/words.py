"""What people read about files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError

type Facts = Mapping[str, object]

_PROBLEMS: dict[str, Callable[[Facts], str]] = {
    "file.kind": lambda facts: _("Files of the kind “{ending}” are not taken here.").format(**facts),
    "file.mismatch": lambda facts: _(
        "The content is not what the ending “{ending}” says. Save it anew in the right form."
    ).format(**facts),
    "file.empty": lambda _f: _("The file is empty."),
    "file.many": lambda facts: _("There are {most} files already, more do not fit.").format(**facts),
    "file.full": lambda facts: _("The files of one record may take {most} MB together; this one is too much.").format(
        **facts
    ),
}


def problem_words(wrong: Wrong) -> str:
    words = _PROBLEMS.get(wrong.code)
    return words(wrong.facts) if words else common_words(wrong.code, wrong.facts)


@say("files.refused")
def _refused(error: PerezvonError) -> str:
    wrong: Wrong = error.facts["wrong"]  # type: ignore[assignment]
    return _("“{name}” was not attached. {why}").format(name=error.facts["name"], why=problem_words(wrong))


@say("files.too_large")
def _too_large(error: PerezvonError) -> str:
    most = filesizeformat(str(error.facts["most"]))
    return _("The file is too large; one may have up to {most}.").format(most=most)


@say("files.not_safe")
def _not_safe(error: PerezvonError) -> str:
    return not_safe_words(str(error.facts["threat"]), is_too_large=bool(error.facts["is_too_large"]))


def not_safe_words(threat: str, *, is_too_large: bool) -> str:
    """Why a file cannot be opened. threat: what the scanner found, if it has looked already."""
    if threat:
        return _("A virus was found in this file ({threat}). Nobody can open it; delete it.").format(threat=threat)
    if is_too_large:
        return _("This file cannot be checked for viruses: it is too large for that. Nobody can open it.")
    return _("This file has not been checked for viruses yet. It can be opened once it has been.")


_READING: dict[str, Callable[[], str]] = {
    "password": lambda: _("The file is closed with a password, so its words cannot be shown."),
    "too_big": lambda: _("There is too much in the file to show its words here."),
    "broken": lambda: _("The file cannot be read: it is damaged, or not what its name says."),
}


def reading_words(problem: str) -> str:
    """Why the words of a file are not shown."""
    words = _READING.get(problem)
    return words() if words else _("There are no words in this file that can be shown here.")


@say("files.no_such_file")
def _no_file(_error: PerezvonError) -> str:
    return _("There is no such file, or it is not open to you.")
