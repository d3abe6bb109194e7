"""Which of two answers knows more, when they arrive the other way round.

An answer is drawn from what was committed before its drawing began, so it carries that moment: the end of the last
command of its request, or the beginning of one that changed nothing. Of two answers the one with the later moment knows
all that the other knows; the browser does not let an earlier one take its place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from perezvon.foundation import clock
from perezvon.foundation.commands.services import after_each

AS_OF = "X-Perezvon-As-Of"

type Next = Callable[[HttpRequest], HttpResponse]


def order_of_answers(get_response: Next) -> Next:
    """Seconds since 1970 of what the answer knows, as X-Perezvon-As-Of."""

    def middleware(request: HttpRequest) -> HttpResponse:
        known: list[datetime] = [clock.now()]
        with after_each(lambda: known.append(clock.now())):
            response = get_response(request)
        response[AS_OF] = f"{known[-1].timestamp():.6f}"
        return response

    return middleware
