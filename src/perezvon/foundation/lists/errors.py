"""What a list refuses, and the words for it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError, Refused


class WrongState(Refused):
    """The address asks for something that this list does not have. facts: part, one of PARTS."""

    code = "lists.wrong_state"
    http_status = 400


class TooSlow(Refused):
    """The question takes longer than anybody waits."""

    code = "lists.too_slow"
    http_status = 422


class TooMany(Refused):
    """More rows than can be changed at once. facts: most."""

    code = "lists.too_many"
    http_status = 422


class NothingChosen(Refused):
    code = "lists.nothing_chosen"
    http_status = 422


class UndoneTooLate(Refused):
    code = "lists.undone_too_late"


class NoSuchView(NotFound):
    code = "lists.no_such_view"


class ViewNameTaken(Refused):
    code = "lists.view_name_taken"
    http_status = 422


class ViewNameMissing(Refused):
    code = "lists.view_name_missing"
    http_status = 422


@say("lists.wrong_state")
def _wrong_state(error: PerezvonError) -> str:
    parts = {
        "where": _("This address asks for a filter that the list does not know."),
        "cols": _("This address asks for columns that the list does not have."),
        "sort": _("This address asks for an order that the list does not know."),
        "page": _("This address leads to a page that is not there any more."),
        "view": _("This view does not exist, or is not shared with you."),
    }
    return parts.get(str(error.facts.get("part")), _("The list cannot read this address."))


@say("lists.too_slow")
def _too_slow(_error: PerezvonError) -> str:
    return _("The search took too long and was stopped. Add a condition, or choose another order.")


@say("lists.too_many")
def _too_many(error: PerezvonError) -> str:
    return _("At most {most} rows can be changed at once. Narrow the list.").format(most=error.facts["most"])


@say("lists.nothing_chosen")
def _nothing_chosen(_error: PerezvonError) -> str:
    return _("No rows are selected.")


@say("lists.undone_too_late")
def _undone_too_late(_error: PerezvonError) -> str:
    return _("This can no longer be undone.")


@say("lists.view_name_taken")
def _view_name_taken(_error: PerezvonError) -> str:
    return _("You already have a view with this name.")


@say("lists.view_name_missing")
def _view_name_missing(_error: PerezvonError) -> str:
    return _("Give the view a name.")
