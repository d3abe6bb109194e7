"""One running system for all journeys; every test has its own branch with its own people and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from pytest_django.plugin import DjangoDbBlocker

from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import Customer
from perezvon.project.postgres import Cluster
from tests.support.centre import Branch, Centre, new_number, running_centre
from tests.support.desk import Desk

type Operator = Callable[..., Desk]


@pytest.fixture(scope="session")
def centre(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[Centre]:
    with django_db_blocker.unblock(), running_centre() as running:
        yield running


@pytest.fixture
def operator(centre: Centre, new_context: Callable[..., BrowserContext]) -> Operator:
    """A signed-in desk. on_simulator: his phone is the simulated exchange's, not the browser's."""

    def make(user: User, *, language: str = "en", on_simulator: bool = True) -> Desk:
        context = new_context(language)
        if on_simulator:
            context.route("**/phone/offer/", lambda route: route.abort())
            centre.callers.operator_comes(f"agent:{user.pk}")
        User.objects.filter(pk=user.pk).update(language=language)
        desk = Desk(context.new_page(), centre, user)
        desk.come()
        return desk

    return make


@dataclass(slots=True)
class Talk:
    """One operator talking with a caller; his colleagues' desks are opened by `operator`."""

    branch: Branch
    desk: Desk
    call_id: str
    number: str
    customer: Customer

    @property
    def colleague(self) -> User:
        return self.branch.operators[1]


@pytest.fixture
def talk(centre: Centre, operator: Operator) -> Callable[..., Talk]:
    """Somebody known has rung and was answered."""

    def make(*, language: str = "en", name: str = "Smirnova", **branch: Any) -> Talk:
        place, number = centre.branch(**branch), new_number()
        customer = centre.customer(name, number)
        desk = operator(place.operators[0], language=language)
        desk.ready()
        call_id = centre.rings(place, f"+{number}")
        desk.answer()
        return Talk(place, desk, call_id, number, customer)

    return make
