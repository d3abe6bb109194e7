"""One running system for all journeys; every test has its own branch with its own people and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext
from pytest_django.plugin import DjangoDbBlocker

from perezvon.foundation.people.models import User
from perezvon.project.postgres import Cluster
from tests.support.centre import Centre, running_centre
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
        desk.sign_in()
        return desk

    return make
