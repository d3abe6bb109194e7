"""What a form carries so that it is done once, however often it is sent."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

COMMAND_ID = "command_id"  # the name of its hidden field


def command_id_of(request: HttpRequest) -> UUID | None:
    """For `intent`: the id that the page gave to this form; None when it has none, or rubbish."""
    try:
        return UUID(request.POST.get(COMMAND_ID, ""))
    except ValueError:
        return None
