"""Words for what is refused to other programs, and to whoever makes their keys."""

from __future__ import annotations

from django.utils.translation import gettext as _

from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError


@say("rest.not_known")
def _not_known(_error: PerezvonError) -> str:
    return _("Send a valid key as “Authorization: Bearer …”. Keys are made in Administration.")


@say("rest.too_many")
def _too_many(error: PerezvonError) -> str:
    return _("Too many requests. Try again in {seconds} s.").format(seconds=error.facts["seconds"])


@say("rest.too_large")
def _too_large(error: PerezvonError) -> str:
    return _("The request is larger than {most} bytes.").format(most=error.facts["most"])


@say("rest.not_json")
def _not_json(_error: PerezvonError) -> str:
    return _("Send the body as JSON, with “Content-Type: application/json”.")


@say("rest.key_too_long")
def _key_too_long(error: PerezvonError) -> str:
    return _("The Idempotency-Key is longer than {most} characters.").format(most=error.facts["most"])


@say("rest.no_such_key")
def _no_such_key(_error: PerezvonError) -> str:
    return _("There is no such key.")


def problem_words(wrong: Wrong) -> str:
    if wrong.code == "rest.over":
        return _("This day is over already.")
    return common_words(wrong.code, wrong.facts)
