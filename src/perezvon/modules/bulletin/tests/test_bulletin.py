"""What everybody should know, and who has read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Group, Project, Role, User
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.modules.accounts.models import SignedIn
from perezvon.modules.bulletin import services
from perezvon.modules.bulletin.models import Announcement, Importance, Kind, Stage
from perezvon.modules.bulletin.selectors import (
    find_with_files,
    get_announcement,
    list_current,
    list_posted,
    list_urgent,
    reading_of,
)
from perezvon.modules.bulletin.services import FieldsWrong, Wanted

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
BY = System(name="test")

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans() -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"})


@pytest.fixture
def cards() -> Project:
    return Project.objects.create(code="cards", number=102, name={"en": "Cards"})


def person(login: str, role: str, *projects: Project) -> User:
    user = User.objects.create_user(login, last_name=login.title(), role=Role.objects.get(code=role), language="en")
    user.projects.set(projects)
    return user


@pytest.fixture
def olga(loans) -> User:
    return person("olga", "operator", loans)


@pytest.fixture
def petr(cards) -> User:
    return person("petr", "operator", cards)


@pytest.fixture
def lena(loans) -> User:
    Role.objects.filter(code="supervisor").update(all_projects=False)
    return person("lena", "supervisor", loans)


def titles(found) -> list[str]:
    return [one.title for one in found]


def told(user: User, at: datetime = NOW) -> list[str]:
    return titles(list_current(by=user.actor(), now=at))


def post(title: str, **more) -> Announcement:
    return services.post(wanted=Wanted(title, **more), by=BY, now=NOW)


def problems_of(wanted: Wanted, by=BY) -> dict[str, str]:
    with pytest.raises(FieldsWrong) as refused:
        services.post(wanted=wanted, by=by, now=NOW)
    return {name: wrong.code for name, wrong in refused.value.facts["problems"].items()}


class TestAudience:
    def test_without_any_it_is_for_all(self, olga, petr):
        post("Fire drill")

        assert told(olga) == told(petr) == ["Fire drill"]

    def test_of_projects_and_groups(self, olga, petr, loans):
        vkc = Group.objects.create(code="vkc", name={"en": "VKC"})
        post("For loans", project_ids=frozenset({loans.pk}))
        post("For the group", group_ids=frozenset({vkc.pk}))
        petr.groups.add(vkc)

        assert told(olga) == ["For loans"]
        assert told(petr) == ["For the group"]

    def test_of_those_who_are_signed_in_as_it_appears(self, olga, petr):
        SignedIn.objects.create(user=olga, session="a", began_at=NOW, seen_at=NOW, address="")
        post("Lunch is late", only_signed_in=True, shown_from=NOW)
        SignedIn.objects.create(user=petr, session="b", began_at=LATER, seen_at=LATER, address="")

        assert told(olga, LATER) == ["Lunch is late"]
        assert told(petr, LATER) == []

    def test_nobody_tells_people_of_projects_that_are_not_his(self, lena, loans, cards):
        assert problems_of(Wanted("x"), lena.actor()) == {"projects": "announcement.which_projects"}
        assert problems_of(Wanted("x", project_ids=frozenset({cards.pk})), lena.actor()) == {
            "projects": "choice.unknown"
        }
        both = post("Both", project_ids=frozenset({loans.pk, cards.pk}))
        assert not list_posted(by=lena.actor()).exists()
        with pytest.raises(NotFound):
            services.change(announcement_id=both.pk, version=1, wanted=Wanted("y"), by=lena.actor(), now=NOW)

    def test_an_operator_writes_none(self, olga):
        with pytest.raises(NotAllowed):
            services.post(wanted=Wanted("x"), by=olga.actor(), now=NOW)


class TestTime:
    def test_it_is_seen_from_its_beginning_to_its_end(self, olga):
        one = post("Sale", shown_from=NOW + timedelta(hours=1), shown_until=LATER)

        assert told(olga) == []
        assert told(olga, NOW + timedelta(hours=1)) == ["Sale"]
        assert told(olga, LATER) == []
        with pytest.raises(NotFound):
            get_announcement(one.pk, by=olga.actor(), now=NOW)
        with pytest.raises(NotFound):
            find_with_files(one.pk, olga.actor())

    def test_screens_hear_of_it_as_it_begins_and_ends(self):
        one = post("Sale", shown_from=NOW + timedelta(minutes=1), shown_until=LATER)
        assert not OutboxRow.objects.filter(topic="live", body__kind="bulletin").exists()

        for moment, stage in (
            (NOW, "planned"),
            (NOW + timedelta(minutes=1), "shown"),
            (LATER, "over"),
            (LATER, "over"),
        ):
            if services.is_anything_due(moment):
                services.tell_of_due(by=BY, now=moment)
            one.refresh_from_db()
            assert one.stage == stage

        assert OutboxRow.objects.filter(topic="live", body__kind="bulletin").count() == 2

    def test_what_is_over_before_it_begins_is_refused(self):
        assert problems_of(Wanted("x", shown_until=NOW)) == {"shown_until": "announcement.over_before"}
        assert problems_of(Wanted(" ", text="a" * 20_001)) == {"title": "field.required", "text": "text.long"}
        assert problems_of(Wanted("x", kind=Kind.INSTRUCTION, only_signed_in=True)) == {
            "only_signed_in": "announcement.instruction_for_now"
        }
        assert problems_of(Wanted("x", kind="poem", importance="shrill")) == {
            "kind": "choice.unknown", "importance": "choice.unknown",
        }  # fmt: skip

    def test_taken_down_and_put_back(self, olga, lena, loans):
        one = post("Sale", project_ids=frozenset({loans.pk}))

        assert services.delete(announcement_ids=[one.pk], by=lena.actor(), now=NOW) == [one.pk]
        assert told(olga) == []
        services.restore(announcement_ids=[one.pk], by=lena.actor(), now=NOW)
        assert told(olga) == ["Sale"]


class TestReading:
    @pytest.mark.feature("F11.01", partly="planned shifts as an audience (workforce)")
    def test_its_author_sees_who_has_read_it(self, olga, lena, loans, client):
        one = post("Outage", importance=Importance.URGENT, project_ids=frozenset({loans.pk}))
        assert titles(list_urgent(by=olga.actor(), now=NOW)) == ["Outage"]

        for _twice in range(2):
            services.mark_read(announcement_id=one.pk, by=olga.actor(), now=NOW)

        assert list_urgent(by=olga.actor(), now=NOW) == []
        reading = reading_of(one, by=lena.actor())
        assert [user.login for user, _at in reading.read] == ["olga"]
        assert [user.login for user in reading.unread] == ["lena"]
        client.force_login(lena)
        page = words_of(client.get(reverse("bulletin:announcement", args=[one.pk])))
        assert "Who has read it 1 of 2 Not yet Lena Read Olga" in page

    def test_after_a_change_they_are_asked_again_if_the_author_wants(self, olga):
        one = post("Outage", importance=Importance.URGENT)
        services.mark_read(announcement_id=one.pk, by=olga.actor(), now=NOW)
        wanted = Wanted("Outage until noon", importance=Importance.URGENT)

        services.change(announcement_id=one.pk, version=1, wanted=wanted, by=BY, now=NOW)
        assert list_urgent(by=olga.actor(), now=NOW) == []
        services.change(announcement_id=one.pk, version=2, wanted=wanted, read_again=True, by=BY, now=NOW)
        assert titles(list_urgent(by=olga.actor(), now=NOW)) == ["Outage until noon"]
        with pytest.raises(services.Changed):
            services.change(announcement_id=one.pk, version=2, wanted=wanted, by=BY, now=NOW)

    def test_costs_one_query_however_many(self, olga, django_assert_num_queries):
        for place in range(12):
            post(f"No. {place}")
        by = olga.actor()

        with django_assert_num_queries(1):
            assert len(list_current(by=by, now=NOW)) == 12


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


class TestPages:
    @pytest.mark.feature("F11.02")
    def test_news_and_instructions_stand_in_one_place(self, client, olga):
        now = clock.now()
        wanted = (
            Wanted("New tariff", "From December, see https://bank.example/tariffs <b>"),
            Wanted("How to greet", kind=Kind.INSTRUCTION, section="Conversation"),
        )
        made = [services.post(wanted=one, by=BY, now=now) for one in wanted]
        client.force_login(olga)

        page = words_of(client.get(reverse("bulletin:board")))
        assert "New tariff" in page
        assert "Conversation How to greet" in page
        assert "Write an announcement" not in page
        body = client.get(reverse("bulletin:announcement", args=[made[0].pk])).content.decode()
        assert '<a href="https://bank.example/tariffs"' in body
        assert "&lt;b&gt;" in body

    def test_what_was_typed_stays_when_something_is_wrong(self, client, lena, loans):
        client.force_login(lena)
        typed = {
            "kind": "news", "importance": "important", "title": "Outage", "text": "Say so", "shown_from": "never",
            "projects": str(loans.pk),
        }  # fmt: skip

        refused = client.post(reverse("bulletin:new"), typed)
        assert refused.status_code == 422
        assert "A date needs day, month and year" in words_of(refused)
        assert 'value="never"' in refused.content.decode()
        saved = client.post(reverse("bulletin:new"), typed | {"shown_from": ""})
        one = Announcement.objects.get()
        assert saved.headers["Location"].startswith(f"/bulletin/{one.pk}/")
        assert (one.title, one.stage, list(one.projects.all())) == ("Outage", Stage.SHOWN, [loans])
        page = words_of(client.get(reverse("bulletin:list")))
        assert "Outage" in page

    def test_read_where_it_stands(self, client, olga):
        one = services.post(wanted=Wanted("Outage", importance=Importance.URGENT), by=BY, now=clock.now())
        client.force_login(olga)
        assert "Outage" in words_of(client.get(reverse("bulletin:strip")))

        url = reverse("bulletin:read", args=[one.pk])
        answer = client.post(f"{url}?in=strip", headers={"HX-Request": "true"})

        assert "Outage" not in words_of(answer)
        assert "Outage" in words_of(client.get(reverse("bulletin:panel")))

    def test_files_are_attached_by_its_authors_alone(self, client, olga, lena, loans):
        one = services.post(wanted=Wanted("Tariffs", project_ids=frozenset({loans.pk})), by=BY, now=clock.now())
        url = reverse("files:files", args=["announcement", one.pk])
        client.force_login(olga)

        assert client.get(url).status_code == 200
        assert "data-upload" not in client.get(reverse("bulletin:announcement", args=[one.pk])).content.decode()
        assert client.post(url, {"file": SimpleUploadedFile("a.txt", b"a")}).status_code == 403
        client.force_login(lena)
        assert "data-upload" in client.get(reverse("bulletin:announcement", args=[one.pk])).content.decode()
