"""Loading the demo, beside the running system.

Customers come first, then the newest days, so that every page shows something after seconds; what is there already is
left alone, and a load that was killed goes on where it was.
"""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import command, intent
from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import Customer, Kind
from perezvon.project import blueprint
from perezvon.project.demo import PASSWORD
from perezvon.project.demo.articles import load_articles
from perezvon.project.demo.board import load_board
from perezvon.project.demo.cases import load_cases
from perezvon.project.demo.conversations import load_conversations
from perezvon.project.demo.day import id_of
from perezvon.project.demo.documents import load_documents
from perezvon.project.demo.history import BY, History, load_history, read_centre
from perezvon.project.demo.tasks import load_tasks
from perezvon.project.environment import environment
from perezvon.project.people_data import make_customers

BLUEPRINT = "bank"
CUSTOMERS = 2000


def load() -> int:
    """Put in what is missing of the demo and say so on the terminal."""
    began = time.monotonic()
    history = History(now=begin(at=clock.now()))
    _add_customers(history)
    load_articles(BLUEPRINT, by=User.objects.get(login="lisina").actor(), now=history.now)
    load_board(BLUEPRINT, by=User.objects.get(login="lebedev").actor(), now=history.now)
    load_cases(BLUEPRINT, now=history.now)
    load_tasks(BLUEPRINT, now=history.now)
    load_documents(now=history.now)
    centre = read_centre(BLUEPRINT)
    written = 0
    for day, contacts in load_history(history, centre, environment().recordings):
        written += contacts
        if day.day % 10 == 0:
            print(f"contacts since {day:%d.%m.%Y} are in", flush=True)
    led = sum(count for _day, count in load_conversations(history, centre))
    print(f"{led} conversations by scenarios are in", flush=True)
    told = f"{written} contacts put in" if written else "nothing was missing"
    print(f"demo data: {told}, {time.monotonic() - began:.0f} s", flush=True)
    return 0


def begin(*, at: datetime) -> datetime:
    """Set the centre up. Returns the end of the history: `at`, or what it was when the demo was first loaded."""
    with intent(id_of("demo")):
        set_up(by=BY, now=at)
    return CommandRecord.objects.values_list("at", flat=True).get(pk=id_of("demo"))


@command("demo.set_up", needs="routing.configure")
def set_up(*, by: System, now: datetime) -> None:
    """The blueprint, with one password for everybody."""
    blueprint.load(blueprint.read(BLUEPRINT), now=now, password=PASSWORD)


@command("demo.add_customers", needs="customers.register")
def add_customers(*, count: int, seed: int, by: System, now: datetime) -> None:
    make_customers(count, seed, now)


def _add_customers(history: History) -> None:
    command_id: UUID = id_of("demo customers", history.seed)
    with intent(command_id):
        add_customers(count=CUSTOMERS, seed=history.seed, by=BY, now=history.now)
    print(f"{Customer.objects.filter(kind=Kind.PERSON).count()} customers are in", flush=True)
