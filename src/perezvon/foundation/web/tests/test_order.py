"""Which of two answers knows more."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.commands.services import command
from perezvon.foundation.web.order import AS_OF, order_of_answers

BY = System(name="test")


@command("tests.ring_once", needs=None)
def ring_once(*, by, now) -> None: ...


@command("tests.ring_twice", needs=None)
def ring_twice(*, by, now) -> None:
    ring_once(by=by, now=now)
    ring_once(by=by, now=now)


def as_of(page) -> float:
    return float(order_of_answers(page)(RequestFactory().get("/"))[AS_OF])


def test_an_answer_that_changed_nothing_knows_what_was_before_it():
    before = clock.now().timestamp()
    moments = []

    def page(_request: HttpRequest) -> HttpResponse:
        moments.append(clock.now().timestamp())
        return HttpResponse()

    assert before <= as_of(page) <= moments[0]


@pytest.mark.django_db
def test_an_act_knows_what_was_before_its_last_command_had_ended():
    moments = []

    def page(_request: HttpRequest) -> HttpResponse:
        ring_once(by=BY, now=clock.now())
        moments.append(clock.now().timestamp())
        ring_twice(by=BY, now=clock.now())
        moments.append(clock.now().timestamp())
        return HttpResponse()

    known = as_of(page)
    first, last = moments
    assert first <= known <= last
