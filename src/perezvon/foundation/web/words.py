"""What people read when something is refused. Modules register the words for their own codes."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from perezvon.foundation.access import declared
from perezvon.kernel.errors import NotFound, PerezvonError

type Words = Callable[[PerezvonError], str]

_register: dict[str, Words] = {}


def say(code: str) -> Callable[[Words], Words]:
    """Register the words for an error code: a function of the error, so that facts can be told."""

    def wrap(words: Words) -> Words:
        _register[code] = words
        return words

    return wrap


def words_for(error: Exception, *, quoted: str = "") -> str:
    """A sentence for the person whose request failed."""
    if isinstance(error, PerezvonError):
        words = _register.get(error.code) or (_not_found if isinstance(error, NotFound) else None)
        return words(error) if words else _("This is not possible now ({code}).").format(code=error.code)
    return _("Not saved (code {code}). What you typed is kept; try again.").format(code=quoted)


@say("perezvon.not_allowed")
def _not_allowed(error: PerezvonError) -> str:
    right = declared().get(str(error.facts.get("right")))
    name = _(right.title) if right else str(error.facts.get("right", ""))
    return _("You need the right “{name}”. Your supervisor or administrator can give it.").format(name=name)


@say("perezvon.not_found")
def _not_found(_error: PerezvonError) -> str:
    return _("There is nothing here, or it is not open to you.")


@say("perezvon.bad_text")
def _bad_text(_error: PerezvonError) -> str:
    return _("The text holds a character that cannot be kept. Type it anew.")


@say("perezvon.try_later")
def _try_later(_error: PerezvonError) -> str:
    return _("The system is busy. Try again in a moment.")
