"""What the desk costs while a call goes on: each state in a bounded number of queries, whatever the base holds."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from perezvon.cores.calls.words import Act, Phase
from perezvon.foundation import clock
from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import ContactPoint
from perezvon.project.people_data import make_customers
from tests.engine.conftest import person, running_engine
from tests.engine.test_engine import be_ready, call_of, press
from tests.support import in_database

AT_MOST = {"ringing": 13, "talking": 20, "wrap-up": 15}


@in_database
def asked_by(login: str) -> tuple[int, str]:
    """How many queries the parts of a desk cost that shows something else, and what comes."""
    client = Client(headers={"HX-Request": "true"})
    client.force_login(User.objects.get(login=login))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("desk:parts")).content.decode()
    return len(queries), page


async def test_each_state_of_a_call_is_shown_by_few_queries(bank, pbx):
    await in_database(make_customers)(5, 1, clock.now())
    known = await in_database(lambda: ContactPoint.objects.select_related("customer").filter(is_main=True)[0])()
    async with running_engine(pbx):
        olga = await person("ivanova")
        await be_ready(pbx, olga)
        call_id = pbx.place_call("loans", f"+{known.digits}")

        ringing = await call_of(olga, Phase.RINGING)
        found = {"ringing": await asked_by("ivanova")}
        await press(olga, ringing, Act.ANSWER)
        await call_of(olga, Phase.TALKING)
        found["talking"] = await asked_by("ivanova")
        pbx.caller_hangs_up(call_id)
        await call_of(olga, Phase.ENDED)
        found["wrap-up"] = await asked_by("ivanova")

    assert all(known.customer.last_name in page for _, page in found.values())
    assert {state: count for state, (count, _) in found.items() if count > AT_MOST[state]} == {}
