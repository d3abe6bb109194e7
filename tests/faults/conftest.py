"""A system of their own for tests that kill its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_django.plugin import DjangoDbBlocker

from perezvon.foundation.people.models import User
from perezvon.project.postgres import Cluster
from tests.support import database, eventually
from tests.support.centre import WEBVOICE, Branch, Centre, running_centre
from tests.support.desk import CallPage, Desk


@pytest.fixture(scope="package")
def centre(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[Centre]:
    with django_db_blocker.unblock(), running_centre() as running:
        yield running


class Conversation:
    """An operator at his desk and a customer at the call page, talking through the voice process."""

    def __init__(self, centre: Centre, branch: Branch, desk: Desk, customer: CallPage) -> None:
        self.centre, self.branch, self.desk, self.customer = centre, branch, desk, customer

    def kill(self, role: str) -> None:
        """kill -9; returns when another process plays the role."""
        system = self.centre.system
        before = system.kill(role)
        eventually(lambda: system.roles.get(role) not in (None, before), within=30)
        if role == "postgres":
            database.disconnect()  # ours ended with it, as everybody's did

    def customer_hangs_up(self) -> None:
        self.customer.hang_up()
        self.desk.is_in("wrapup")

    def write_up(self) -> None:
        self.desk.add_topic("Complaint")
        self.desk.choose_result("solved")
        self.desk.finish()
        self.desk.is_in("not_ready")

    def is_whole(self, *, ended_by: str) -> None:
        """One contact, written up, with a beginning and an end to each of its stretches."""

        def check() -> bool:
            contact = self.branch.contacts.get()
            assert (contact.state, contact.ended_by) == ("done", ended_by)
            assert contact.began_at <= contact.answered_at <= contact.ended_at <= contact.done_at
            assert not contact.segments.filter(ended_at=None).exists()
            kinds = {one.kind for one in contact.segments.all()}
            assert kinds >= {"queue", "ring", "talk", "wrap_up"}
            return True

        eventually(check, within=30)


@pytest.fixture
def talking(centre: Centre, new_context: Callable[..., BrowserContext]) -> Conversation:
    branch = centre.branch(connector=WEBVOICE)
    user = branch.operators[0]
    User.objects.filter(pk=user.pk).update(language="en")
    desk = Desk(new_context().new_page(), centre, user)
    desk.come()
    expect(desk.page.locator("cc-desk-phone")).to_have_attribute("data-state", "connected")
    desk.ready()
    customer = CallPage(new_context().new_page(), centre, branch.code)
    customer.call()
    desk.answer()
    customer.is_in("talking")
    return Conversation(centre, branch, desk, customer)
