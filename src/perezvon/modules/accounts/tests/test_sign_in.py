"""Signing in: one step or two, by an application, by messages, by the seed's digits; and where one is signed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from perezvon.connectors.kept_messages import KeptMessages
from perezvon.foundation import clock
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.people.models import Role, User
from perezvon.foundation.people.services import block_user
from perezvon.kernel import totp
from perezvon.modules.accounts import services
from perezvon.modules.accounts.models import Authenticator, SentCode, SignedIn, SignInAttempt
from perezvon.modules.accounts.web.security import browser_name
from perezvon.ports.messages import Sent

PASSWORD = "spring of 2026"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(tmp_path, monkeypatch, settings):
    """What has been sent, newest first."""
    kept = KeptMessages(tmp_path / "messages.jsonl")
    monkeypatch.setattr("perezvon.modules.accounts.web.sign_in.messenger", lambda: kept)
    monkeypatch.setattr("perezvon.modules.accounts.web.security.messenger", lambda: kept)

    def newest() -> Sent:
        return kept.recent(1)[0]

    return newest


@pytest.fixture
def olga(make):
    user = make("olga", mobile="+7 916 000-21-19", email="olga@bank.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def english() -> Client:
    return Client(headers={"accept-language": "en"})


def policy(sign_in: str, days: int = 0) -> None:
    Role.objects.filter(code="operator").update(sign_in=sign_in, trusted_days=days)


def first_step(browser: Client, password: str = PASSWORD, **more):
    return browser.post("/sign-in/", {"login": "olga", "password": password, **more}, headers={"user-agent": CHROME})


def is_in(browser: Client) -> bool:
    return browser.get("/me/").status_code == 200


def code_in(message: Sent) -> str:
    return re.search(r"\b(\d{6})\b", message.message.text)[1]


def with_app(user: User) -> bytes:
    """His application is set up; its secret. The code of the present step is used up by that."""
    secret, now = b"s" * totp.SECRET_BYTES, clock.now()
    services.begin_authenticator(secret=secret, by=user.actor(), now=now)
    code = totp.code_at(secret, totp.step_at(now))
    services.confirm_authenticator(code=code, backup_codes=["abcde-fghjk", "mnpqr-stuvw"], by=user.actor(), now=now)
    Authenticator.objects.update(last_step=0)
    return secret


class TestOneStep:
    def test_is_all_where_the_role_asks_for_no_more(self, olga):
        browser = english()
        assert first_step(browser, next="/me/").headers["Location"] == "/me/"
        assert is_in(browser)

    def test_is_kept_for_the_audit(self, olga):
        first_step(english())
        record = CommandRecord.objects.get(name="accounts.sign_in")
        assert record.actor == f"user:{olga.pk}"

    def test_a_blocked_account_hears_what_a_wrong_password_hears(self, olga):
        olga.is_active = False
        olga.save()
        answer = first_step(english())
        assert "Login or password is wrong" in answer.content.decode()


class TestCodeByMessage:
    def test_the_password_alone_opens_nothing(self, olga, sent):
        policy("code")
        browser = english()
        assert first_step(browser).headers["Location"] == "/sign-in/code/"
        assert not is_in(browser)

    def test_comes_by_sms_and_opens(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser, next="/me/")
        page = browser.post("/sign-in/code/send/", {"channel": "sms"}).content.decode()
        assert "•••-21-19" in page
        assert "7916" not in page, "the whole number is nobody's affair yet"
        assert "916 000" not in page
        assert sent().message.to == "+79160002119"

        answer = browser.post("/sign-in/code/", {"code": code_in(sent())})

        assert answer.headers["Location"] == "/me/"
        assert is_in(browser)

    def test_comes_by_mail_as_well(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/send/", {"channel": "email"})
        assert sent().message.to == "olga@bank.example"
        browser.post("/sign-in/code/", {"code": code_in(sent())})
        assert is_in(browser)

    def test_is_kept_nowhere_in_readable_form(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/send/", {"channel": "sms"})
        code = code_in(sent())
        assert code not in str(SentCode.objects.values().get())
        assert code not in str(list(CommandRecord.objects.values("facts", "result", "why")))

    def test_is_good_once_and_for_five_minutes(self, olga, sent):
        now = clock.now()
        by = olga.actor()
        services.keep_sent_code(channel="sms", code="123456", by=by, now=now)
        assert not services.take_code(code="123456", by=by, now=now + timedelta(minutes=5))
        assert services.take_code(code="123 456", by=by, now=now + timedelta(minutes=4))
        assert not services.take_code(code="123456", by=by, now=now + timedelta(minutes=4))

    def test_ends_after_five_wrong_ones(self, olga):
        now, by = clock.now(), olga.actor()
        services.keep_sent_code(channel="sms", code="123456", by=by, now=now)
        assert not any(services.take_code(code=f"00000{n}", by=by, now=now) for n in range(5))
        assert not services.take_code(code="123456", by=by, now=now)

    def test_another_is_sent_a_minute_later_at_the_earliest(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/send/", {"channel": "sms"})
        answer = browser.post("/sign-in/code/send/", {"channel": "sms"})
        assert answer.status_code == 429
        assert "Another one can be sent in" in answer.content.decode()

    def test_wrong_ones_lock_the_login_in_words(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/send/", {"channel": "sms"})
        answers = [browser.post("/sign-in/code/", {"code": "000000"}) for _ in range(6)]
        assert "This is not the code" in answers[0].content.decode()
        assert "Too many attempts. Try again after" in answers[5].content.decode()
        assert not is_in(browser)
        assert first_step(english()).status_code == 429, "and the first step with it"

    def test_wrong_ones_are_not_forgotten_for_a_right_password(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser)
        for _time in range(4):
            browser.post("/sign-in/code/", {"code": "000000"})
        first_step(browser)

        browser.post("/sign-in/code/", {"code": "000000"})

        answer = browser.post("/sign-in/code/", {"code": "000000"})
        assert "Too many attempts. Try again after" in answer.content.decode()
        assert first_step(english()).status_code == 429

    def test_wrong_ones_are_forgotten_once_one_is_in(self, olga, sent):
        policy("code")
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/send/", {"channel": "sms"})
        browser.post("/sign-in/code/", {"code": "nonsense"})
        assert SignInAttempt.objects.count() == 1

        browser.post("/sign-in/code/", {"code": code_in(sent())})

        assert is_in(browser)
        assert not SignInAttempt.objects.exists()

    def test_without_the_first_step_there_is_no_second(self, olga, sent):
        policy("code")
        browser = english()
        assert browser.get("/sign-in/code/").headers["Location"] == "/sign-in/"
        assert browser.post("/sign-in/code/send/", {"channel": "sms"}).headers["Location"] == "/sign-in/"
        assert browser.get("/sign-in/password/").headers["Location"] == "/sign-in/"

    def test_is_seen_on_the_page_of_sent_messages(self, olga, anna, browse, sent):
        policy("code")
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/send/", {"channel": "sms"})
        assert code_in(sent()) in browse(anna).get("/admin/messages/").content.decode()
        assert browse(olga).get("/admin/messages/").status_code == 403


class TestApplication:
    def test_is_set_up_with_a_picture_and_a_code_of_it(self, olga, browse):
        browser = browse(olga)
        page = browser.post("/me/security/begin/")
        secret = services.secret_being_set_up(olga.pk)
        assert page.context["picture"].uri.startswith("data:image/svg+xml")
        assert secret.hex() not in Authenticator.objects.get().secret
        assert browser.post("/me/security/confirm/", {"code": "000000"}).status_code == 422
        code = totp.code_at(secret, totp.step_at(clock.now()))

        browser.post("/me/security/confirm/", {"code": code})

        sheet = browser.get("/me/security/").context["sheet"]
        assert len(set(sheet)) == 10
        assert browser.get("/me/security/").context["sheet"] is None, "shown once"
        assert services.ways_of(olga).app

    def test_its_code_opens_once(self, olga):
        policy("code")
        secret = with_app(olga)
        code = totp.code_at(secret, totp.step_at(clock.now()))
        browser, other = english(), english()
        for one in (browser, other):
            first_step(one)
            one.post("/sign-in/code/", {"code": code})
        assert (is_in(browser), is_in(other)) == (True, False)

    def test_a_backup_code_opens_once(self, olga):
        policy("code")
        with_app(olga)
        browser, other = english(), english()
        for one in (browser, other):
            first_step(one)
            one.post("/sign-in/code/", {"code": "ABCDE-fghjk"})
        assert (is_in(browser), is_in(other)) == (True, False)
        assert services.ways_of(olga).backup == 1

    def test_is_set_up_on_the_way_in_where_there_is_no_other_way(self, olga):
        policy("code")
        User.objects.filter(pk=olga.pk).update(mobile="", email="")
        browser = english()
        first_step(browser)
        assert browser.get("/sign-in/code/").headers["Location"] == "/sign-in/code/set-up/"
        browser.get("/sign-in/code/set-up/")
        code = totp.code_at(services.secret_being_set_up(olga.pk), totp.step_at(clock.now()))
        answer = browser.post("/sign-in/code/set-up/", {"code": code})
        assert answer.headers["Location"] == "/me/security/"
        assert len(browser.get("/me/security/").context["sheet"]) == 10

    def test_whoever_lost_his_telephone_is_helped_by_the_administrator(self, olga, anna, browse):
        with_app(olga)
        browse(anna).post(f"/admin/people/{olga.pk}/second-step/")
        assert not services.ways_of(olga).app


class TestTrustedDevice:
    def test_is_asked_for_no_code_for_the_days_of_the_role(self, olga, sent):
        policy("code", days=14)
        secret = with_app(olga)
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/", {"code": totp.code_at(secret, totp.step_at(clock.now())), "trust": "on"})
        browser.post("/sign-out/")

        assert first_step(browser).headers["Location"] == "/"
        assert first_step(english()).headers["Location"] == "/sign-in/code/", "another browser is asked"
        until = clock.now() + timedelta(days=14, minutes=1)
        assert not services.is_trusted(olga, browser.cookies["perezvon_device"].value, until)

    def test_can_be_forgotten(self, olga):
        policy("code", days=14)
        secret = with_app(olga)
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/", {"code": totp.code_at(secret, totp.step_at(clock.now())), "trust": "on"})
        device = browser.get("/me/security/").context["devices"][0]["row"]
        browser.post(f"/me/devices/{device.pk}/forget/")
        browser.post("/sign-out/")
        assert first_step(browser).headers["Location"] == "/sign-in/code/"

    def test_is_not_offered_where_the_role_trusts_none(self, olga):
        policy("code")
        secret = with_app(olga)
        browser = english()
        first_step(browser)
        browser.post("/sign-in/code/", {"code": totp.code_at(secret, totp.step_at(clock.now())), "trust": "on"})
        assert "perezvon_device" not in browser.cookies


@pytest.mark.feature("F28.04")
@pytest.mark.feature("X.27")
class TestDigitsOfTheSeed:
    def test_four_digits_then_login_again_with_four_and_six(self, olga, sent):
        policy("digits")
        browser = english()
        answer = first_step(browser, "2119")
        assert "A code was sent to" in answer.content.decode()
        assert not is_in(browser)

        first_step(browser, "2119" + code_in(sent()))

        assert is_in(browser)

    @pytest.mark.parametrize("typed", ["2118", "211", PASSWORD, ""])
    def test_other_digits_send_nothing(self, olga, sent, tmp_path, typed):
        policy("digits")
        assert first_step(english(), typed).status_code == 409
        assert not (tmp_path / "messages.jsonl").exists()

    def test_a_wrong_code_opens_nothing(self, olga, sent):
        policy("digits")
        browser = english()
        first_step(browser, "2119")
        first_step(browser, "2119000000" if code_in(sent()) != "000000" else "2119000001")
        assert not is_in(browser)

    def test_five_wrong_codes_lock_the_login(self, olga, sent):
        policy("digits")
        browser = english()
        first_step(browser, "2119")
        answers = [first_step(browser, "2119abcdef").status_code for _time in range(6)]
        assert answers == [422] * 5 + [429]
        first_step(browser, "2119" + code_in(sent()))
        assert not is_in(browser), "the right one comes too late"

    def test_the_administrator_is_warned(self, browse, anna):
        policy("digits")
        role = Role.objects.get(code="operator")
        assert "asks for no secret" in browse(anna).get(f"/admin/roles/{role.pk}/").content.decode()
        assert Role.objects.exclude(code="operator").filter(sign_in="digits").count() == 0, "off unless it is chosen"


class TestGivenPassword:
    def test_is_replaced_by_ones_own_before_one_gets_in(self, olga):
        User.objects.filter(pk=olga.pk).update(password_is_given=True)
        browser = english()
        assert first_step(browser, next="/me/").headers["Location"] == "/sign-in/password/"
        assert not is_in(browser)
        assert browser.post("/sign-in/password/", {"wanted": PASSWORD}).status_code == 422, "not the same one again"
        assert browser.post("/sign-in/password/", {"wanted": "short"}).status_code == 422

        answer = browser.post("/sign-in/password/", {"wanted": "autumn of 2026"})

        assert answer.headers["Location"] == "/me/"
        assert is_in(browser)
        assert User.objects.get(pk=olga.pk).check_password("autumn of 2026")

    def test_does_not_skip_the_code(self, olga, sent):
        policy("code")
        User.objects.filter(pk=olga.pk).update(password_is_given=True)
        browser = english()
        assert first_step(browser).headers["Location"] == "/sign-in/code/"
        assert browser.get("/sign-in/password/").headers["Location"] == "/sign-in/"


class TestSessions:
    def test_are_seen_and_ended(self, olga):
        here, there = english(), english()
        first_step(here)
        first_step(there)
        shown = here.get("/me/security/").context["sessions"]
        assert sorted(one["is_this"] for one in shown) == [False, True]
        assert {one["browser"] for one in shown} == {"Chrome 142, Linux"}
        other = next(one["row"] for one in shown if not one["is_this"])

        here.post(f"/me/sessions/{other.pk}/end/")

        assert (is_in(here), is_in(there)) == (True, False)

    def test_begun_in_place_of_somebody_elses_are_kept_too(self, olga, make, browse):
        for login in ("ivan", "petr"):
            browser = browse(make(login))
            first_step(browser)
            key = browser.session.session_key
            assert SignedIn.objects.filter(user=olga, session=key).exists()

    def test_of_others_cannot_be_ended(self, olga, make, browse):
        here = english()
        first_step(here)
        row = SignedIn.objects.get()
        assert browse(make("ivan")).post(f"/me/sessions/{row.pk}/end/").status_code == 404
        assert is_in(here)

    def test_are_gone_after_signing_out(self, olga):
        here = english()
        first_step(here)
        here.post("/sign-out/")
        assert not SignedIn.objects.exists()


class TestActing:
    @pytest.fixture
    def acting(self, browse, anna, olga):
        browser = browse(anna)
        browser.post(f"/admin/people/{olga.pk}/act-as/")
        return browser

    def test_shows_what_the_other_sees_and_says_so_on_every_page(self, acting, olga):
        for url in ("/me/", "/customers/"):
            page = acting.get(url).content.decode()
            assert "acts in the name of Test Olga" in page, url
        assert acting.get("/admin/people/").status_code == 403

    def test_is_written_beside_everything_that_is_done(self, acting, anna, olga):
        acting.post("/me/", {"remove": "1"})
        record = CommandRecord.objects.get(name="people.set_photo")
        assert (record.actor, record.facts["acted_by"]) == (f"user:{olga.pk}", f"user:{anna.pk}")
        assert CommandRecord.objects.get(name="accounts.begin_acting").facts == {"user_id": str(olga.pk)}

    def test_takes_no_calls_and_changes_no_password(self, acting, olga):
        assert acting.get("/desk/").status_code == 403
        answer = acting.post("/me/password/", {"present": PASSWORD, "wanted": "autumn of 2026"})
        assert answer.status_code == 403
        assert acting.post("/me/security/begin/").status_code == 403

    def test_ends_where_it_began(self, acting, anna, olga):
        acting.post("/acting/end/")
        assert acting.get("/admin/people/").status_code == 200
        assert User.objects.get(pk=olga.pk).last_login is None, "he has not signed in himself"

    def test_keeps_the_session_where_its_owner_finds_it(self, anna, olga, make):
        """Two administrators act at once; each still sees and ends his own session."""
        for user in (anna, make("boris", "system_administrator")):
            user.set_password(PASSWORD)
            user.save()
            browser = english()
            browser.post("/sign-in/", {"login": user.login, "password": PASSWORD})
            assert browser.post(f"/admin/people/{olga.pk}/act-as/").status_code == 302
            row = SignedIn.objects.get(user=user)
            assert row.session == browser.session.session_key
            browser.post("/acting/end/")
            assert [one["is_this"] for one in browser.get("/me/security/").context["sessions"]] == [True]

    def test_ends_when_the_administrator_is_blocked(self, acting, anna, make):
        boris = make("boris", "system_administrator")
        block_user(user_id=anna.pk, by=boris.actor(), now=clock.now())
        assert acting.get("/me/").status_code == 302

    def test_ends_when_the_administrator_may_do_so_no_more(self, acting, anna):
        left = sorted(set(anna.role.rights) - {"people.impersonate"})
        Role.objects.filter(pk=anna.role.pk).update(rights=left)
        assert acting.get("/me/").status_code == 302

    def test_needs_the_right(self, browse, make, olga):
        assert browse(make("lena", "supervisor")).post(f"/admin/people/{olga.pk}/act-as/").status_code == 403


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome 142, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 YaBrowser/25.10.0 Safari/537", "Yandex 25, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/18.1 Safari/605", "Safari 18, macOS"),
        ("", "unknown browser"),
    ],
)
def test_browsers_have_names(agent, name):
    with translation.override("en"):
        assert browser_name(agent) == name
