"""A running contact centre for journeys, and branches in it: each test works in one of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.db.models import QuerySet

from perezvon.connectors.pbx_simulator.control import RemoteControl
from perezvon.foundation import clock
from perezvon.foundation.people.models import User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.telephony.models import Line
from perezvon.project import blueprint
from perezvon.project.environment import django_database
from tests.support import database, eventually
from tests.support.system import System, running_system

SIMULATOR, WEBVOICE = "pbx_simulator", "webvoice"
_BANK = blueprint.read("bank")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Branch:
    """A project with a queue, a line and operators that no other test knows. code: of all three."""

    code: str
    line: Line
    operators: tuple[User, ...]

    @property
    def contacts(self) -> QuerySet[Interaction]:
        return Interaction.objects.filter(project=self.line.project)

    def newest_contact(self) -> Interaction:
        """Raises AssertionError while there is none."""
        contact = self.contacts.order_by("-began_at").first()
        assert contact, "no contact yet"
        return contact


class Centre:
    """The running system, seen from outside and from its database."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.url = system.env.url.rstrip("/")
        self.callers = RemoteControl(str(system.env.sockets / "simulator.sock"))

    def branch(
        self,
        *,
        operators: int = 1,
        role: str = "operator",
        connector: str = SIMULATOR,
        line: Mapping[str, Any] | None = None,
        **queue: Any,
    ) -> Branch:
        """line, queue: further fields of the two. role: of its operators."""
        code = f"branch{next(_numbers)}"
        blueprint.load(_branch_blueprint(code, operators, role, connector, queue), now=clock.now())
        if line:
            self._change_line(code, line)
        people = User.objects.filter(login__startswith=f"{code}.").order_by("login")
        return Branch(code, Line.objects.select_related("project", "queue").get(address=code), tuple(people))

    def _change_line(self, code: str, fields: Mapping[str, Any]) -> None:
        known = Line.objects.get(address=code)
        Line.objects.filter(pk=known.pk).update(**fields, version=known.version + 1)
        blueprint.announce_lines(by=blueprint.BY, now=clock.now())

    def customer(self, last_name: str, *phones: str, **fields: Any) -> Customer:
        """A customer of everybody's, with these phones, digits only."""
        now = clock.now()
        number = 900_000 + next(_numbers)
        person = Customer.objects.create(
            id=uuid7(now), number=number, last_name=last_name, first_name="Test", created_at=now, **fields
        )
        for digits in phones:
            ContactPoint.objects.create(customer=person, kind="phone", use="mobile", digits=digits, raw=f"+{digits}")
        return person

    def session_of(self, user: User) -> dict[str, Any]:
        """A session cookie: what signing in gives, without the time that hashing a password takes."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.url}

    def parties(self, call_id: str) -> list[dict[str, Any]]:
        """The legs of a call on the simulated exchange: address, answered, joined, muted."""
        calls = self.callers.ask("GET", "/calls")
        return next((call["legs"] for call in calls if call["call_id"] == call_id), [])

    def rings(self, branch: Branch, caller: str | None = None, **script: Any) -> str:
        """Somebody calls the branch on the simulated exchange; the id of the call."""
        return self.callers.place_call(branch.code, caller, **script)["call_id"]


def new_number() -> str:
    """A mobile number that nobody has used in this run."""
    return f"7916{next(_numbers):07}"


@contextmanager
def running_centre() -> Iterator[Centre]:
    """Everything under the real supervisor, in an own home; Django in this process uses the same database."""
    variables = {"PEREZVON_SIMULATOR": "1", "PEREZVON_VOICE_LOOPBACK_ONLY": "1"}
    with running_system("serve", **variables) as system, _django_uses(system.env.database):
        blueprint.load(_BANK, now=clock.now())
        centre = Centre(system)
        try:
            eventually(lambda: _exchange_answers(centre), within=20)
            yield centre
        except BaseException:
            sys.stderr.write("\n".join(system.log.splitlines()[-60:]))
            raise


def _exchange_answers(centre: Centre) -> bool:
    """The engine leads and has its exchange: only then does it listen to the control socket."""
    with suppress(OSError):
        centre.callers.ask("GET", "/calls")
        return True
    return False


@contextmanager
def _django_uses(url: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # The browser's driver keeps an event loop in this thread; nothing of ours runs in it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        database.disconnect()
        for name, value in django_database(url).items():
            patch.setitem(connections["default"].settings_dict, name, value)
        yield
        database.disconnect()


def _branch_blueprint(code: str, operators: int, role: str, connector: str, queue: Mapping[str, Any]) -> dict[str, Any]:
    name = {"ru": f"Филиал {code}", "en": f"Branch {code}"}
    users = [_user(f"{code}.{number}", code, role) for number in range(1, operators + 1)]
    plan: dict[str, Any] = {
        "projects": [{"code": code, "number": 1000 + next(_numbers), "name": name, "zone": "Europe/Moscow"}],
        "queues": [{"code": code, "project": code, "name": name, "ring_s": 15.0, **queue}],
        "lines": [{"address": code, "project": code, "queue": code, "name": name, "connector": connector,
                   "shown": "+74951002099", "public": connector == WEBVOICE}],
        "users": users,
    }  # fmt: skip
    return plan | {
        "reasons": _BANK["reasons"],
        "results": _BANK["results"],
        "topics": {code: _BANK["topics"]["loans"]},
        "identification": _BANK["identification"],
    }


def _user(login: str, code: str, role: str) -> dict[str, Any]:
    return {"login": login, "first": "Олег", "last": login.capitalize(), "role": role, "projects": [code]}
