"""Signing in at the identity provider of the company, a real one that signs its tokens (F26.06)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import RSAKey

from perezvon.foundation.access import System
from perezvon.foundation.configuration.parts import export_parts, load_parts
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import Keeper, Project, Role, SignIn, User
from perezvon.modules.accounts import services
from perezvon.modules.accounts.models import SignInProvider
from perezvon.modules.accounts.services import ProviderDetails
from tests.support.identity_server import CLIENT, SECRET, Provider, identity_server

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
PAGE = "/admin/company-sign-in/"
ENGLISH = {"Accept-Language": "en"}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with identity_server() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.reset()
    return running


def connect(issuer: str, secret: str = SECRET, **more) -> SignInProvider:
    details = ProviderDetails(issuer=issuer, client_id=CLIENT, **more)
    return services.set_provider(details=details, secret=secret, version=0, by=BY, now=NOW)


def user(login: str, role: str = "operator", **more) -> User:
    made = User(login=login, last_name="Lisina", role=Role.objects.get(code=role), language="en", **more)
    made.set_password("perezvon-2026")
    made.save()
    return made


def kept(login: str = "lisina", **more) -> User:
    return user(login, keeper=Keeper.PROVIDER, **more)


def go(client) -> str:
    """To the provider: where the browser was sent."""
    answer = client.get("/sign-in/company/?next=/me/", headers=ENGLISH)
    assert answer.status_code == 302
    return answer["Location"]


def come(client, provider: Provider, change=lambda url: url):
    back = urlsplit(change(provider.sign_in(go(client))))
    return client.get(f"{back.path}?{back.query}", headers=ENGLISH)


def is_in(client) -> bool:
    return client.get("/me/").status_code == 200


@pytest.mark.feature("F26.06")
class TestSignIn:
    def test_is_by_the_account_of_the_company(self, client, provider):
        connect(provider.issuer)
        kept("LISINA")
        assert "Sign in with the company account" in client.get("/sign-in/", headers=ENGLISH).content.decode()

        answer = come(client, provider)

        assert (answer.status_code, answer["Location"]) == (302, "/me/")
        assert is_in(client)
        client.post("/sign-out/")
        assert not is_in(client)

    def test_admits_newcomers_with_the_role_of_their_group(self, client, provider):
        loans = Project.objects.create(code="loans", number=1, name={"en": "Loans"})
        role = Role.objects.get(code="operator")
        connect(provider.issuer, newcomer_role=role, newcomer_projects=(loans,), roles={"Call centre": "supervisor"})
        del provider.person["email"]
        provider.user_info = {"email": "lisina@bank.example"}

        assert come(client, provider).status_code == 302

        olga = User.objects.get()
        assert (olga.login, olga.full_name, olga.email) == ("lisina", "Olga Lisina", "lisina@bank.example")
        assert (olga.role.code, olga.keeper, list(olga.projects.all())) == ("supervisor", Keeper.PROVIDER, [loans])
        # He has no password here, whatever stands in that column, nor do digits of his number open.
        olga.set_password("perezvon-2026")
        olga.role = Role.objects.get(code="operator")
        olga.save()
        Role.objects.filter(code="operator").update(sign_in=SignIn.DIGITS)
        client.logout()
        for typed in ("perezvon-2026", "4567"):
            assert client.post("/sign-in/", {"login": "lisina", "password": typed}).status_code == 409

    def test_is_followed_by_a_code_where_the_role_asks_for_one(self, client, provider):
        connect(provider.issuer)
        Role.objects.filter(code="operator").update(sign_in=SignIn.CODE)
        kept(mobile="+79161234567")
        assert come(client, provider)["Location"] == "/sign-in/code/"
        assert not is_in(client)

    @pytest.mark.parametrize(
        ("who", "words"),
        [
            ({}, "nobody is let in here by that name"),
            ({"keeper": Keeper.PROVIDER, "is_active": False}, "nobody is let in here by that name"),
            ({"keeper": Keeper.PEREZVON}, "nobody is let in here by that name"),
        ],
        ids=["a stranger", "a blocked person", "somebody with a password of his own"],
    )
    def test_lets_in_nobody_else(self, client, provider, who, words):
        connect(provider.issuer)
        if who:
            user("lisina", **who)
        answer = come(client, provider)
        assert answer.status_code == 403
        assert words in answer.content.decode()
        assert not is_in(client)

    def test_needs_the_browser_that_began_and_is_good_once(self, client, provider):
        connect(provider.issuer)
        kept()
        wrong = come(client, provider, lambda url: url.replace("state=", "state=x"))
        assert wrong.status_code == 400
        assert "not begun here" in wrong.content.decode()
        assert come(client, provider, lambda url: url + "&error=access_denied").status_code == 302
        client.logout()
        assert client.get("/sign-in/company/back/?state=&code=1").status_code == 400
        assert come(client, provider, lambda url: url.replace("code=", "error=access_denied&no=")).status_code == 403
        assert not is_in(client)

    @pytest.mark.parametrize(
        ("twist", "said"),
        [
            (lambda _one, _header, claims: claims.update(nonce="another"), "nonce"),
            (lambda _one, _header, claims: claims.pop("nonce"), "nonce"),
            (lambda _one, _header, claims: claims.update(exp=claims["iat"] - 600), "expired_token"),
            (lambda _one, _header, claims: claims.update(iat=claims["iat"] + 600), "iat"),
            (lambda _one, _header, claims: claims.update(aud="another"), "aud"),
            (lambda _one, _header, claims: claims.update(aud=[CLIENT, "other"], azp="other"), "azp"),
            (lambda _one, _header, claims: claims.update(iss="https://evil.example"), "iss"),
            (lambda _one, _header, claims: claims.pop("preferred_username"), "preferred_username"),
            (lambda _one, _header, _claims: RSAKey.generate_key(2048), "bad_signature"),
            (lambda _one, header, _claims: header.update(kid="two"), "invalid_key_id"),
            (lambda _one, header, _claims: header.update(alg="none"), "unsupported_algorithm"),
            (lambda one, header, _claims: header.update(alg="HS256") or one.shared_key(), "unsupported_algorithm"),
        ],
    )
    def test_refuses_a_token_that_proves_nothing(self, client, provider, twist, said):
        connect(provider.issuer)
        kept()
        provider.twist = partial(twist, provider)
        answer = come(client, provider)
        assert answer.status_code == 403
        assert said in answer.content.decode()
        assert not is_in(client)

    def test_believes_a_clock_that_is_a_little_off(self, client, provider):
        connect(provider.issuer)
        kept()
        provider.twist = lambda _header, claims: claims.update(iat=claims["iat"] + 60, exp=claims["iat"] - 30)
        assert come(client, provider).status_code == 302

    def test_says_so_when_the_provider_is_away_and_lets_the_rest_in(self, client, provider):
        connect("http://127.0.0.1:1")
        user("gromov", "system_administrator")
        away = client.get("/sign-in/company/", headers=ENGLISH)
        assert away.status_code == 503
        assert "company sign-in does not answer" in away.content.decode()
        assert client.post("/sign-in/", {"login": "gromov", "password": "perezvon-2026"}).status_code == 302

    def test_is_not_offered_where_it_is_off(self, client, provider):
        connect(provider.issuer, is_on=False)
        assert "/sign-in/company/" not in client.get("/sign-in/").content.decode()
        assert client.get("/sign-in/company/").status_code == 404

    @pytest.mark.parametrize(
        "publishes",
        [
            {"issuer": "https://another.example"},
            {"authorization_endpoint": "http://evil.example/sign-in"},
            {"token_endpoint": None},
            {"jwks_uri": "javascript:alert(1)"},
        ],
    )
    def test_believes_no_document_that_leads_elsewhere(self, client, provider, publishes):
        connect(provider.issuer)
        provider.publishes = publishes
        assert client.get("/sign-in/company/").status_code == 503

    def test_with_a_wrong_secret_tells_the_reason(self, client, provider):
        connect(provider.issuer, secret="another")
        kept()
        assert "invalid_client" in come(client, provider).content.decode()


class TestPage:
    @pytest.fixture
    def page(self, client):
        client.force_login(user("gromov", "system_administrator"))
        return client

    def given(self, issuer: str, **more) -> dict[str, str]:
        return {
            "issuer": issuer,
            "client_id": CLIENT,
            "secret": SECRET,
            "scope": "openid profile",
            "claim_login": "preferred_username",
            "is_on": "on",
            "version": "0",
        } | more

    def test_sets_it_up_and_asks_it(self, page, provider):
        assert page.post(PAGE, self.given(provider.issuer, roles="Call centre = operator")).status_code == 302
        found = page.get(PAGE, {"try": "1"}).content.decode()
        assert f"{provider.issuer}/sign-in" in found
        assert "http://testserver/sign-in/company/back/" in found
        assert SECRET not in found
        row = SignInProvider.objects.get()
        assert row.roles == {"Call centre": "operator"}
        assert SECRET not in row.secret
        changes = Change.objects.filter(table="accounts_signinprovider")
        assert changes.exists()
        assert not [one for one in changes if "secret" in str(one.after)]

    def test_sends_the_secret_nowhere_else(self, page, provider):
        page.post(PAGE, self.given(provider.issuer))
        assert page.post(PAGE, self.given(provider.issuer, secret="", version="1", scope="openid")).status_code == 302
        elsewhere = page.post(PAGE, self.given("https://evil.example", secret="", version="2"))
        assert elsewhere.status_code == 422
        assert "Type the password again" in elsewhere.content.decode()
        assert page.post(PAGE, self.given(provider.issuer, version="1", scope="openid email")).status_code == 409

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"issuer": "http://sso.bank.ru"}, "Begins with https://"),
            ({"issuer": "https://user@sso.bank.ru"}, "Begins with https://"),
            ({"client_id": ""}, "under which name"),
            ({"scope": "profile"}, "openid is one of them"),
            ({"claim_login": ""}, "which claim is the login"),
            ({"roles": "Call centre = emperor"}, "the code of a role here"),
        ],
    )
    def test_tells_what_is_wrong_at_its_field(self, page, provider, wrong, words):
        answer = page.post(PAGE, self.given(provider.issuer) | wrong)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not SignInProvider.objects.exists()

    def test_goes_into_blueprints_without_its_secret(self, provider):
        loans = Project.objects.create(code="loans", number=1, name={"en": "Loans"})
        connect(provider.issuer, newcomer_role=Role.objects.get(code="operator"), newcomer_projects=(loans,))
        said = export_parts()
        part = said["company_sign_in"]
        assert SECRET not in str(part)
        load_parts(blueprint={"company_sign_in": part}, by=BY, now=NOW)
        assert SignInProvider.objects.get().version == 1

        part["provider"]["newcomer_role"] = "supervisor"
        load_parts(blueprint={"company_sign_in": part}, by=BY, now=NOW)
        row = SignInProvider.objects.get()
        assert (row.newcomer_role.code, bool(row.secret)) == ("supervisor", True)

        SignInProvider.objects.all().delete()
        load_parts(blueprint={"company_sign_in": part}, by=BY, now=NOW)
        assert export_parts()["company_sign_in"] == part
