"""The configuration as a file and as a row of versions, on the pages of an administrator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from perezvon.foundation.access import System
from perezvon.foundation.configuration import services, texts
from perezvon.foundation.configuration.models import Version
from perezvon.foundation.configuration.parts import WrongBlueprint
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import Role, Team, User
from perezvon.kernel.errors import NotAllowed

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
VERSIONS = "/admin/configuration/"

pytestmark = pytest.mark.django_db


def user_of(role: str) -> User:
    return User.objects.create_user(
        role, "spring-2026", first_name="Ada", last_name=role, role=Role.objects.get(code=role), language="en"
    )


@pytest.fixture
def page(client):
    client.force_login(user_of("system_administrator"))
    return client


def upload(page, text: str | bytes):
    content = text if isinstance(text, bytes) else text.encode()
    return page.post(f"{VERSIONS}load/", {"file": SimpleUploadedFile("mine.yaml", content)})


class TestVersions:
    def test_are_kept_when_something_differs_and_only_then(self):
        first = services.keep_version(by=BY, now=NOW)
        assert services.keep_version(by=BY, now=NOW) == first
        Team.objects.create(code="night", name={"en": "Night"})
        second = services.keep_version(by=BY, now=NOW + timedelta(minutes=10))
        assert (second.number, second.added, second.removed) == (first.number + 1, 4, 0)

    def test_are_gone_back_to_and_what_was_added_since_stays(self):
        Team.objects.create(code="night", name={"en": "Night"})
        first = services.keep_version(by=BY, now=NOW)
        Team.objects.filter(code="night").update(name={"en": "Day"})
        Team.objects.create(code="later", name={"en": "Later"})

        third = services.roll_back(number=first.number, why="it was better", by=BY, now=NOW)

        assert {team.code: team.name["en"] for team in Team.objects.all()} == {"night": "Night", "later": "Later"}
        assert [version.number for version in Version.objects.all()] == [3, 2, 1]
        assert (third.number, third.why) == (3, "it was better")
        assert Change.objects.filter(table="people_team", act="U", command__isnull=False).exists()

    def test_need_the_right(self):
        operator = user_of("operator").actor()
        first = services.keep_version(by=BY, now=NOW)
        for act in (
            lambda: services.roll_back(number=first.number, why="", by=operator, now=NOW),
            lambda: services.apply_blueprint(blueprint={}, why="", by=operator, now=NOW),
            lambda: services.keep_version(by=operator, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                act()


class TestPages:
    def test_a_file_is_compared_before_it_is_loaded(self, page):
        asked = upload(page, "teams: [{code: night, name: {en: Night watch}}]\nmoon: [1]\n")
        assert "Night watch" in asked.content.decode()
        assert "Left out: moon." in asked.content.decode()
        assert not Team.objects.exists()

        done = page.post(f"{VERSIONS}load/", {"text": asked.context["text"], "confirmed": "1", "why": "for the night"})

        assert done.headers["Location"] == VERSIONS
        assert Team.objects.get().name == {"en": "Night watch"}
        shown = page.get(VERSIONS).content.decode()
        assert "for the night" in shown
        assert "system_administrator A." in shown

    def test_a_version_shows_what_it_changed_and_the_way_back(self, page):
        page.get(VERSIONS)
        Team.objects.create(code="night", name={"en": "Night watch"})
        page.get(VERSIONS)
        lines = [line["text"] for line in page.get(f"{VERSIONS}2/").context["lines"]]
        assert [line for line in lines if line.startswith("+")] == [
            "+teams:",
            "+- code: night",
            "+  name:",
            "+    en: Night watch",
        ]
        Team.objects.update(name={"en": "Day watch"})

        back = page.get(f"{VERSIONS}2/roll-back/")
        assert {"-    en: Day watch", "+    en: Night watch"} <= {line["text"] for line in back.context["lines"]}
        page.post(f"{VERSIONS}2/roll-back/", {"why": "wrong watch"})

        assert Team.objects.get().name == {"en": "Night watch"}

    def test_the_export_loads_again_and_changes_nothing(self, page):
        Team.objects.create(code="night", name={"en": "Night watch", "ru": "\u041d\u043e\u0447\u044c"})
        file = page.get(f"{VERSIONS}export/")
        assert "attachment" in file.headers["Content-Disposition"]
        assert upload(page, file.content).context["lines"] == []

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("teams: [", "This is no configuration"),
            ("- 1\n- 2\n", "not a list of parts"),
            (b"\xff\xfe\x00", "UTF-8"),
            ("a: &a [1]\nb: [*a, *a]\n", "aliases are not allowed"),
            ("x: " + "[" * 5000, "This is no configuration"),
            ("teams: [{code: night}]", "the part “people” is not right"),
            ("teams: 7", "the part “people” is not right"),
            ("projects: [{code: a, number: -5, name: {en: A}, zone: UTC}]", "the part “projects” is not right"),
            ("fields: {customer: [{section: a, name: {en: A}, fields: [{key: '1 2', type: moon}]}]}", "fields"),
        ],
    )
    def test_rubbish_is_refused_in_words_and_nothing_is_changed(self, page, text, told):
        before = texts.present()
        refused = upload(page, text)
        assert refused.status_code == 422
        assert told in refused.content.decode()
        assert texts.present() == before

    def test_too_long_a_file_is_refused(self, page):
        assert upload(page, "a: " + "x" * texts.LONGEST).status_code == 422

    def test_are_for_those_with_the_right(self, client):
        client.force_login(user_of("supervisor"))
        for name in ("versions", "export"):
            assert client.get(reverse(f"configuration:{name}")).status_code == 403
        assert upload(client, "teams: []").status_code == 403


def test_an_unknown_value_of_a_queue_is_told():
    with pytest.raises(WrongBlueprint, match="wrong_blueprint"):
        services.apply_blueprint(
            blueprint={
                "projects": [{"code": "a", "number": 1, "name": {"en": "A"}, "zone": "UTC"}],
                "queues": [{"code": "a", "project": "a", "name": {"en": "A"}, "moon": 1}],
            },
            why="",
            by=BY,
            now=NOW,
        )
