"""Cases for other programs: registered once, told of as to the customer, and nothing without a key that may."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perezvon.foundation import clock
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.people.models import Role, User
from perezvon.foundation.people.services.giving import NotYoursToGive
from perezvon.foundation.rest import services as rest
from perezvon.foundation.rest.models import ApiKey
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case
from perezvon.modules.cases.tests.conftest import NOW, SYSTEM, Register, person
from perezvon.modules.cases.tests.test_pages import words

pytestmark = pytest.mark.django_db
BODY = {"project": "loans", "kind": "complaint", "subject": "Fee for the card", "contact": "+7 916 123-45-67"}

_SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*BODY, "fields", "text", "customer", "x"]), inner, max_size=6)
    ),
    max_leaves=8,
)
_WORDS = st.text(max_size=8)
_BODIES = st.fixed_dictionaries(
    {name: st.just(text) for name, text in BODY.items()},
    optional=dict.fromkeys(("text", "priority", "category", "source"), _WORDS)
    | {"fields": st.dictionaries(_WORDS, _WORDS, max_size=2)},
)

type Call = Callable[..., HttpResponse]


@pytest.fixture
def secret(olga) -> str:
    return key_of(olga.id)


def key_of(user_id: int, **more: Any) -> str:
    wanted = {"name": "Site", "per_minute": 600, "expires_at": None, **more}
    return rest.make_key(user_id=user_id, by=SYSTEM, now=NOW, **wanted).secret


@pytest.fixture
def boss_of_cards(cards):
    """May make keys, and has no more rights besides than to manage the people of his project."""
    Role.objects.create(code="boss", rights=["rest.keys", "people.manage"])
    return person("boss", cards, "boss")


@pytest.fixture
def call(client: Client, secret: str) -> Call:
    def made(method: str, path: str, body: object = None, *, key: str = secret, **headers: str) -> HttpResponse:
        sent = {"Authorization": f"Bearer {key}", **headers}
        data = body if isinstance(body, str) else json.dumps(body)
        return client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=sent)

    return made


def told(answer: HttpResponse) -> dict[str, Any]:
    return dict(json.loads(answer.content))


def test_a_key_does_no_more_than_who_makes_it(loans, cards, olga, boss_of_cards):
    with pytest.raises(NotYoursToGive):
        rest.make_key(name="Site", user_id=olga.id, per_minute=60, expires_at=None, by=boss_of_cards, now=NOW)


@pytest.mark.feature("F09.14", partly="phone, Internet, fax, IVR and visits come with their channels")
@pytest.mark.feature("F09.21", partly="routing of cases by skills comes with work items of routing")
class TestRegistering:
    def test_a_case_of_the_customer_whose_number_it_is(self, call: Call, kinds, elena):
        answer = call("POST", "/cases/", {**BODY, "priority": "high", "category": "", "source": "portal"})

        case = Case.objects.get()
        assert answer.status_code == 201, answer.content
        assert told(answer) | {"number": case.code, "state": "new", "stage": "open", "customer": str(elena.pk)} == told(
            answer
        )
        assert told(answer)["told"]["ru"]
        assert (case.priority, case.source, case.registered_by.login) == (3, "portal", "olga")

        later = call("GET", f"/cases/{case.code}/")
        assert told(later) == told(answer)
        services.comment_case(case_id=case.pk, text="We look into it", is_public=True, by=SYSTEM, now=NOW)
        services.comment_case(case_id=case.pk, text="He is difficult", by=SYSTEM, now=NOW)
        assert told(call("GET", f"/cases/{case.number}/"))["answer"] == "We look into it"

    def test_sent_twice_with_one_key_is_registered_once(self, call: Call, kinds, elena):
        first, again = (call("POST", "/cases/", BODY, **{"Idempotency-Key": "order 17"}) for _turn in range(2))
        other = call("POST", "/cases/", BODY, **{"Idempotency-Key": "order 18"})

        assert (first.status_code, again.status_code) == (201, 201)
        assert told(first) == told(again)
        assert told(other)["id"] != told(first)["id"]
        assert Case.objects.count() == 2

    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"kind": "gone"}, 422, "cases.fields_wrong"),
            ({"project": "cards"}, 422, "cases.fields_wrong"),
            ({"category": "gone"}, 422, "cases.fields_wrong"),
            ({"contact": "+7 916 000-00-00"}, 422, "cases.customer_unclear"),
            ({"subject": ""}, 422, "rest.unreadable"),
            ({"unknown": "x"}, 422, "rest.unreadable"),
            ({"subject": "a\x00b"}, 422, "rest.unreadable"),
            ({"customer": "01a1bc91-90d9-7767-8dd7-e843193c9108"}, 404, "customers.no_such_customer"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_cannot_be_is_refused_in_words_by_field(
        self, call: Call, kinds, elena, cards, changed, status: int, code: str
    ):
        answer = call("POST", "/cases/", {**BODY, **changed})

        assert (answer.status_code, told(answer)["code"]) == (status, code)
        assert answer["Content-Type"] == "application/problem+json"
        assert told(answer)["title"]
        assert not Case.objects.exists()

    def test_rubbish_is_never_our_mistake(self, call: Call, kinds, elena):
        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(st.one_of(st.text(string.printable, max_size=60), _SHAPES, _BODIES))
        def sent(body: object) -> None:
            answer = call("POST", "/cases/", body)
            assert answer.status_code in {201, 400, 422}, (body, answer.content)

        sent()


class TestKeys:
    def test_only_valid_ones_open_and_each_for_its_person(
        self, call: Call, kinds, elena, cards, olga, register: Register
    ):
        case = register()
        stranger, over = key_of(person("otto", cards).id), key_of(olga.id, expires_at=NOW + timedelta(seconds=1))
        administrator = key_of(person("root", cards, "system_administrator").id)
        taken = key_of(olga.id)
        rest.revoke_key(key_id=ApiKey.objects.order_by("-id")[0].pk, by=SYSTEM, now=NOW)

        path = f"/cases/{case.number}/"
        answers = [call("GET", path, key=one).status_code for one in ("", "pz_made_up", over, taken)]
        assert answers == [401] * 4
        assert call("GET", path, key=stranger).status_code == 404  # of another project
        assert told(call("GET", path, key=administrator))["code"] == "perezvon.not_allowed"
        User.objects.filter(pk=olga.id).update(is_active=False)
        assert call("GET", path).status_code == 401

    def test_no_more_than_so_many_a_minute_and_no_body_without_end(self, call: Call, kinds, olga, freeze):
        few = key_of(olga.id, per_minute=2)

        answers = [call("GET", "/cases/1/", key=few) for _turn in range(3)]
        large = call("POST", "/cases/", {**BODY, "text": "x" * 300_000})

        assert [one.status_code for one in answers] == [404, 404, 429]
        assert 0 < int(answers[-1]["Retry-After"]) <= 60
        assert large.status_code == 413

    def test_a_body_that_is_no_json_is_refused_in_words(self, client: Client, secret: str, kinds, elena):
        sent = {"Authorization": f"Bearer {secret}"}
        form = client.post("/api/v1/cases/", BODY, headers=sent)
        other = client.post("/api/v1/cases/", json.dumps(BODY), content_type="text/plain", headers=sent)

        for answer in (form, other):
            assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")
            assert told(answer)["code"] == "rest.not_json"
            assert "application/json" in told(answer)["title"]
        assert client.post("/api/v1/cases/", BODY).status_code == 401
        assert not Case.objects.exists()

    def test_is_shown_once_and_kept_nowhere(self, browse, loans, olga):
        root = person("root", loans, "system_administrator")
        browser = browse(root)

        made = browser.post("/admin/keys/new/", {"name": "Site", "user": str(olga.id), "per_minute": "60"})
        secret = made.context["made"].secret if made.context else ""
        wrong = browser.post("/admin/keys/new/", {"name": "", "user": "", "per_minute": "0"})
        later = browser.get("/admin/keys/")

        assert secret in made.content.decode()
        assert made["Cache-Control"] == "no-store"
        assert secret not in later.content.decode()
        assert wrong.status_code == 422
        assert secret not in json.dumps(list(CommandRecord.objects.values()), default=str)
        key = ApiKey.objects.get()
        assert secret not in json.dumps(ApiKey.objects.values().get(), default=str)
        browser.post(f"/admin/keys/{key.pk}/revoke/")
        assert "taken back" in words(browser.get("/admin/keys/"))
        assert browse(olga).get("/admin/keys/").status_code == 403

    def test_the_description_names_every_operation(self, client: Client, browse, loans):
        described = client.get("/api/v1/openapi.json").json()

        assert set(described["paths"]) >= {"/api/v1/cases/", "/api/v1/cases/{number}/"}
        page = words(browse(person("root", loans, "system_administrator")).get("/admin/keys/docs/"))
        assert "POST /api/v1/cases/" in page


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute does not end while requests are counted."""
    moment = clock.now().replace(second=5)
    monkeypatch.setattr("perezvon.foundation.rest.api.clock.now", lambda: moment)
