"""The first person of a new installation: `serve` says how, the command adds him, the sign-in page lets him in."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.test import Client

from perezvon.foundation.people.models import User
from perezvon.foundation.people.services import LoginTaken, WeakPassword
from perezvon.modules.routing.models import Queue
from perezvon.modules.telephony.models import Line
from perezvon.modules.topics.models import Topic
from perezvon.project import blueprint, users
from perezvon.project.system import nobody_yet

PASSWORD = "a long first password"


def perezvon(url: str, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perezvon.project.cli", *arguments],
        env=os.environ | {"DATABASE_URL": url},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


class TestTheFirstUser:
    def test_is_added_by_a_command_that_reads_the_password(self, fresh_database: str) -> None:
        assert nobody_yet(fresh_database)

        said = perezvon(fresh_database, "user", "add", "anna", "--role", "system_administrator", typed=f"{PASSWORD}\n")

        assert (said.returncode, said.stdout) == (0, "anna may sign in now, as System administrator.\n"), said.stderr
        assert not nobody_yet(fresh_database)
        assert PASSWORD not in said.stdout + said.stderr
        assert "anna" in perezvon(fresh_database, "user", "list").stdout

    def test_of_a_bank_comes_with_its_blueprint(self, fresh_database: str) -> None:
        said = perezvon(fresh_database, "blueprint", "bank", typed=f"{PASSWORD}\n")

        assert said.returncode == 0, said.stderr
        assert not nobody_yet(fresh_database)


@pytest.mark.django_db
class TestUsers:
    @pytest.fixture(autouse=True)
    def typed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(users, "ask_password", lambda: PASSWORD)

    def test_sign_in_with_the_password_that_was_given(self) -> None:
        users.run(["add", "anna", "--role", "information_administrator", "--first-name", "Anna", "--language", "en"])

        answer = Client().post("/sign-in/", {"login": "anna", "password": PASSWORD})

        assert answer.status_code == 302
        assert User.objects.get().full_name == "Anna anna"

    @pytest.mark.parametrize(
        ("password", "words"), [("short", "too short"), ("password123", "too common"), ("", "too short")]
    )
    def test_need_a_password_that_is_not_guessed(
        self, monkeypatch: pytest.MonkeyPatch, password: str, words: str
    ) -> None:
        monkeypatch.setattr(users, "ask_password", lambda: password)

        with pytest.raises(WeakPassword) as refused:
            users.run(["add", "anna", "--role", "operator"])

        assert words in str(refused.value)
        assert not User.objects.exists()

    def test_are_not_added_twice(self) -> None:
        users.run(["add", "anna", "--role", "operator"])

        with pytest.raises(LoginTaken):
            users.run(["add", "Anna", "--role", "operator"])

    def test_are_signed_out_by_a_new_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        users.run(["add", "anna", "--role", "information_administrator"])
        client = Client()
        client.post("/sign-in/", {"login": "anna", "password": PASSWORD})
        assert client.get("/topics/").status_code == 200
        monkeypatch.setattr(users, "ask_password", lambda: "another long one")

        users.run(["password", "anna"])

        assert client.get("/topics/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("name", blueprint.shipped())
def test_a_blueprint_that_ships_loads_and_loads_again(name: str) -> None:
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    blueprint.load(blueprint.read(name), now=now)
    known = (Topic.objects.count(), Line.objects.count(), Queue.objects.count())

    blueprint.load(blueprint.read(name), now=now)

    assert (Topic.objects.count(), Line.objects.count(), Queue.objects.count()) == known
    assert all(known)
