"""One's own profile: photo and password; and what answers a wrong address or an old form."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perezvon.foundation.people.models import Photo, Role, User

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga():
    return User.objects.create(
        login="olga", first_name="Olga", last_name="Orlova", language="en", role=Role.objects.get(code="operator")
    )


@pytest.fixture
def client(olga):
    browser = Client()
    browser.force_login(olga)
    return browser


def send(client: Client, content: bytes, **more):
    return client.post("/me/", {"photo": SimpleUploadedFile("face.png", content), **more})


class TestPhoto:
    def test_is_shown_to_colleagues_as_nothing_but_a_picture(self, client, olga):
        assert send(client, PNG).status_code == 200

        olga.refresh_from_db()
        answer = client.get(olga.photo_url)
        assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_is_hidden_from_strangers(self, client, olga):
        send(client, PNG)
        olga.refresh_from_db()

        assert Client().get(olga.photo_url).status_code == 404
        assert Client().get("/me/").status_code == 302

    @pytest.mark.parametrize(
        "content",
        [b"<svg xmlns='http://www.w3.org/2000/svg'><script>", b"<html>", PNG + b"\0" * 1_000_000],
        ids=["a drawing with a script", "a page", "too large"],
    )
    def test_refuses_what_is_none(self, client, olga, content):
        answer = send(client, content)

        assert answer.status_code == 422
        assert "at most 1000 KB" in answer.content.decode()
        assert not Photo.objects.exists()

    def test_can_be_taken_away(self, client, olga):
        send(client, PNG)
        client.post("/me/", {"remove": "1"})

        olga.refresh_from_db()
        assert (olga.photo_url, Photo.objects.count()) == ("", 0)


class TestPassword:
    @pytest.fixture(autouse=True)
    def known(self, olga, client):
        olga.set_password("the first one given")
        olga.save()
        client.force_login(olga)

    def change(self, client, present="the first one given", wanted="a better one of hers"):
        return client.post("/me/password/", {"present": present, "wanted": wanted})

    def test_is_changed_by_whoever_knows_the_present_one(self, client, olga):
        other = Client()
        other.force_login(olga)

        assert self.change(client).status_code == 200

        olga.refresh_from_db()
        assert olga.check_password("a better one of hers")
        assert client.get("/me/").status_code == 200, "this window goes on"
        assert other.get("/me/").status_code == 302, "others have to sign in again"

    @pytest.mark.parametrize(
        ("given", "words"),
        [({"present": "guessed"}, "Attempts left"), ({"wanted": "short"}, "too short"), ({"wanted": ""}, "too short")],
    )
    def test_stays_when_something_is_wrong(self, client, olga, given, words):
        answer = self.change(client, **given)

        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        olga.refresh_from_db()
        assert olga.check_password("the first one given")

    def test_is_nothing_for_strangers(self):
        assert self.change(Client()).status_code == 302


class TestFailures:
    def test_a_wrong_address_is_answered_in_words(self, client, settings):
        answer = client.get("/nowhere/")

        assert answer.status_code == 404
        assert "There is nothing here" in answer.content.decode()

    def test_our_own_mistake_is_told_with_a_code(self, client, settings, monkeypatch):
        def fail(**_: object) -> None:
            raise RuntimeError("broken on purpose")

        monkeypatch.setattr("perezvon.modules.topics.web.views.list_projects", fail)
        User.objects.update(role=Role.objects.get(code="system_administrator"))
        client.raise_request_exception = False
        answer = client.get("/topics/")

        assert answer.status_code == 500
        assert "wrong on our side" in answer.content.decode()
        assert "quote" in answer.content.decode()

    def test_a_form_with_an_old_token_says_what_to_do(self, olga):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(olga)

        answer = browser.post("/me/", {})

        assert answer.status_code == 403
        assert "load it anew" in answer.content.decode()
