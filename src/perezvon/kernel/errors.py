"""Errors raised on purpose: a code for programs, facts for the words that people read."""

from __future__ import annotations


class PerezvonError(Exception):
    """Base of all. `code` never changes; words for people live in locale/."""

    code = "perezvon.error"
    http_status = 500

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class Refused(PerezvonError):
    """A business rule said no and the person can act on it."""

    code = "perezvon.refused"
    http_status = 409


class NotFound(PerezvonError):
    """It is not there, or the asker may not know that it is."""

    code = "perezvon.not_found"
    http_status = 404


class NotAllowed(PerezvonError):
    """The actor lacks the right named in `facts["right"]`."""

    code = "perezvon.not_allowed"
    http_status = 403


class TryLater(PerezvonError):
    """Nothing is wrong with the request; the other side is busy or away."""

    code = "perezvon.try_later"
    http_status = 503
