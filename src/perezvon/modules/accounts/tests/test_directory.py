"""Signing in with the login and password of the company, which a real LDAP server knows (F26.06)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import Keeper, Project, Role, User
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.accounts import services
from perezvon.modules.accounts.models import CompanyDirectory
from perezvon.modules.accounts.services import DirectoryDetails

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
PAGE = "/admin/directory/"
WRONG = 409  # login or password
SERVER = Path(__file__).parents[5] / "tests/support/directory_server.py"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"ldap://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.kill()


def connect(url: str, **more) -> CompanyDirectory:
    given = {
        "base": "dc=bank",
        "account": "cn=perezvon,dc=bank",
        "person_filter": "(uid={login})",
        "start_tls": False,
    }
    details = DirectoryDetails(url=url, **given | more)
    return services.set_directory(details=details, secret="service-2026", version=0, by=BY, now=NOW)


def user(login: str, role: str = "operator", **more) -> User:
    made = User(login=login, last_name="Lisina", role=Role.objects.get(code=role), language="en", **more)
    made.set_password("perezvon-2026")
    made.save()
    return made


def sign_in(client, login: str, password: str):
    return client.post("/sign-in/", {"login": login, "password": password}, headers={"Accept-Language": "en"})


@pytest.mark.feature("F26.06")
class TestSignIn:
    @pytest.mark.parametrize("typed", ["lisina", "LISINA", "C3:lisina"])
    def test_is_by_the_password_of_the_company(self, client, url, typed):
        connect(url)
        user(typed if ":" in typed else "lisina", keeper=Keeper.DIRECTORY)
        assert sign_in(client, typed, "perezvon-2026").status_code == WRONG  # the one kept here counts no more
        assert sign_in(client, typed, "spring-2026").status_code == 302
        assert client.get("/me/").status_code == 200

    def test_of_others_stays_as_it_was(self, client, url):
        connect(url)
        user("lisina")
        assert sign_in(client, "lisina", "spring-2026").status_code == WRONG
        assert sign_in(client, "lisina", "perezvon-2026").status_code == 302

    def test_admits_newcomers_with_the_role_of_their_group(self, client, url):
        loans = Project.objects.create(code="loans", number=1, name={"en": "Loans"})
        role = Role.objects.get(code="operator")
        row = connect(url, newcomer_role=role, newcomer_projects=(loans,), roles={"Call centre": "supervisor"})

        assert sign_in(client, "lisina", "spring-2026").status_code == 302

        olga = User.objects.get(login="lisina")
        assert (olga.full_name, olga.email, olga.mobile) == ("Olga Lisina", "lisina@bank.example", "+79161234567")
        assert (olga.role.code, olga.keeper, list(olga.projects.all())) == ("supervisor", Keeper.DIRECTORY, [loans])
        client.logout()
        CompanyDirectory.objects.filter(pk=row.pk).update(newcomer_role=None)
        assert sign_in(client, "lisina", "spring-2026").status_code == 302

    def test_admits_nobody_unless_told_to(self, client, url):
        connect(url)
        assert sign_in(client, "lisina", "spring-2026").status_code == WRONG
        assert not User.objects.exists()

    @pytest.mark.parametrize("password", ["", "winter-2025"])
    def test_of_a_stranger_fails(self, client, url, password):
        connect(url, newcomer_role=Role.objects.get(code="operator"))
        assert sign_in(client, "lisina", password).status_code == WRONG
        assert not User.objects.exists()

    def test_of_a_blocked_person_fails(self, client, url):
        connect(url, newcomer_role=Role.objects.get(code="operator"))
        user("lisina", keeper=Keeper.DIRECTORY, is_active=False)
        assert sign_in(client, "lisina", "spring-2026").status_code == WRONG

    def test_fails_when_the_directory_is_switched_off(self, client, url):
        connect(url, is_on=False)
        user("lisina", keeper=Keeper.DIRECTORY)
        assert sign_in(client, "lisina", "spring-2026").status_code == WRONG

    def test_says_so_when_the_directory_is_away_and_lets_the_rest_in(self, client, url):
        connect("ldap://127.0.0.1:1")
        user("lisina", keeper=Keeper.DIRECTORY)
        user("gromov", "system_administrator")
        away = sign_in(client, "lisina", "spring-2026")
        assert away.status_code == 503
        assert "company directory does not answer" in away.content.decode()
        assert sign_in(client, "gromov", "perezvon-2026").status_code == 302

    def test_is_slowed_down_for_those_who_guess(self, client, url):
        connect(url)
        user("lisina", keeper=Keeper.DIRECTORY)
        for _attempt in range(5):
            sign_in(client, "lisina", "winter-2025")
        assert sign_in(client, "lisina", "spring-2026").status_code == 429


class TestPage:
    @pytest.fixture
    def page(self, client):
        client.force_login(user("gromov", "system_administrator"))
        return client

    def given(self, url: str, **more) -> dict[str, str]:
        return {
            "url": url,
            "base": "dc=bank",
            "account": "cn=perezvon,dc=bank",
            "secret": "service-2026",
            "person_filter": "(uid={login})",
            "is_on": "on",
            "version": "0",
        } | more

    def test_connects_tries_and_lets_somebody_in(self, page, url, client):
        assert page.post(PAGE, self.given(url, roles="Call centre = operator")).status_code == 302

        found = page.get(PAGE, {"try": "lisina"}).content.decode()
        assert "Olga Lisina" in found
        assert "Call centre, Office" in found
        assert "finds nobody" in page.get(PAGE, {"try": "nobody"}).content.decode()
        assert CompanyDirectory.objects.get().roles == {"Call centre": "operator"}

    def test_keeps_the_password_hidden_and_encrypted(self, page, url):
        page.post(PAGE, self.given(url))
        assert "service-2026" not in page.get(PAGE).content.decode()
        assert "service-2026" not in CompanyDirectory.objects.get().secret
        kept = Change.objects.filter(table="accounts_companydirectory")
        assert kept.exists()
        assert not [one for one in kept if "service-2026" in str(one.after) or "secret" in str(one.after)]

    def test_leaves_the_password_when_none_is_typed_but_sends_it_nowhere_else(self, page, url):
        page.post(PAGE, self.given(url))
        assert page.post(PAGE, self.given(url, secret="", version="1", base="ou=People,dc=bank")).status_code == 302
        elsewhere = page.post(PAGE, self.given("ldap://evil.example", secret="", version="2"))
        assert elsewhere.status_code == 422
        assert "Type the password again" in elsewhere.content.decode()

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"url": "https://dc1"}, "Begins with ldap://"),
            ({"base": ""}, "in which part of the directory"),
            ({"person_filter": "uid=1"}, "with {login} in it once"),
            ({"roles": "Call centre = emperor"}, "the code of a role here"),
        ],
    )
    def test_tells_what_is_wrong_at_its_field_and_keeps_what_was_typed(self, page, url, wrong, words):
        answer = page.post(PAGE, self.given(url, account="cn=typed,dc=bank") | wrong)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert "cn=typed,dc=bank" in answer.content.decode()
        assert not CompanyDirectory.objects.exists()

    def test_of_two_administrators_the_later_hears_of_the_earlier(self, page, url):
        page.post(PAGE, self.given(url))
        page.post(PAGE, self.given(url, version="1", base="ou=One,dc=bank"))
        answer = page.post(PAGE, self.given(url, version="1", base="ou=Two,dc=bank"))
        assert answer.status_code == 409
        assert "ou=Two,dc=bank" in answer.content.decode()

    def test_is_for_those_with_the_right(self, client, url):
        client.force_login(user("lebedev", "supervisor"))
        assert client.get(PAGE).status_code == 403
        with pytest.raises(NotAllowed):
            services.try_directory("lisina", by=User.objects.get().actor())
