"""Tables that come by themselves and bring the base up to date (F26.05)."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.imports import services
from perezvon.foundation.imports.fetching import is_place, watched_folder
from perezvon.foundation.imports.models import Import, Profile, State
from perezvon.foundation.imports.services import ProfileWrong, Schedule, schedule_profile
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.people.models import Role
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.tests.conftest import user
from perezvon.modules.customers.tests.test_imports import _own_folder, add, run_jobs, send, table, text_of

__all__ = ["_own_folder", "add"]
HEAD = "ФИО;Мобильный;Остаток"
BY = System(name="imports")


@pytest.fixture
def lisina(loans):
    """Looks after the data: may let tables come by themselves."""
    rights = [*Role.objects.get(code="information_administrator").rights, "customers.view"]
    Role.objects.filter(code="information_administrator").update(rights=rights)
    return user("lisina", "Лисина", "Ирина", "information_administrator", loans).actor()


@pytest.fixture
def profile(browse, lisina, add) -> Profile:
    """The insurer's table: matched by telephone, the remaining sum is overwritten, strangers are passed over."""
    add("rest", "money", "Остаток")
    browser = browse(lisina)
    one = send(browser, table("Зимина Анна;89167000001;900", "Зимин Олег;89167000002;500", head=HEAD))
    one.setup |= {"on_match": "overwrite"}
    one.save()
    browser.post(f"/imports/{one.pk}/profile/", {"name": "Страховщик"})
    browser.post(f"/imports/{one.pk}/start/")
    run_jobs()
    found = Profile.objects.get()
    assert found.last_rows == 2
    return found


@pytest.fixture
def folder(profile, lisina):
    """The profile looks into a folder each hour: folder("a.csv", *rows)."""
    schedule = Schedule("folder", "insurer", "hour")
    schedule_profile(profile_id=profile.pk, schedule=schedule, by=lisina, now=clock.now())
    place = watched_folder() / "insurer"
    place.mkdir(parents=True)
    moments = iter(range(1_000_000, 2_000_000))

    def put(name: str, *rows: str, head: str = HEAD) -> None:
        path = place / name
        path.write_text("\n".join([head, *rows]))
        os.utime(path, (moment := next(moments), moment))

    return put


def look(profile: Profile) -> Import | None:
    """As the clock does an hour later; the newest import."""
    assert services.look_at_due(by=BY, now=clock.now() + timedelta(hours=1, minutes=1)) == 1
    Profile.objects.update(due_at=clock.now())
    run_jobs()
    return Import.objects.order_by("-created_at").first()


def rests() -> dict[str, str]:
    return {one.last_name: one.custom.get("rest", "") for one in Customer.objects.all()}


@pytest.mark.feature("F26.05")
class TestFolder:
    def test_the_newest_table_brings_the_sums_up_to_date(self, folder, profile, lisina):
        folder("old.csv", "Зимина Анна;89167000001;1", "Зимин Олег;89167000002;1")
        folder("new.csv", "Зимина Анна;89167000001;450,50", "Зимин Олег;89167000002;500")
        one = look(profile)
        assert (one.state, one.file_name, one.totals) == (State.DONE, "new.csv", {"change": 1, "same": 1})
        assert rests() == {"Зимина": "450.50", "Зимин": "500"}
        assert one.owner_id == lisina.id

    def test_the_same_table_again_is_no_run(self, folder, profile):
        folder("new.csv", "Зимина Анна;89167000001;1", "Зимин Олег;89167000002;1")
        first = look(profile)
        assert look(profile) == first

    def test_a_much_shorter_table_stops_and_asks(self, folder, profile, browse, lisina):
        folder("new.csv", "Зимина Анна;89167000001;1")
        one = look(profile)
        assert (one.state, rests()["Зимина"]) == (State.SETUP, "900")
        browser = browse(lisina)
        assert "The table has 1 rows, the last one had 2." in text_of(browser.get(f"/imports/{one.pk}/", follow=True))
        browser.post(f"/imports/{one.pk}/start/", {"shorter": "on"})
        run_jobs()
        assert rests()["Зимина"] == "1"

    def test_a_table_without_a_column_stops_and_says_which(self, folder, profile):
        folder("new.csv", "Зимина Анна;89167000001", "Зимин Олег;89167000002", head="ФИО;Мобильный")
        one = look(profile)
        assert (one.state, one.problem["facts"]["columns"]) == (State.SETUP, "Остаток")

    def test_columns_may_change_places(self, folder, profile):
        folder("new.csv", "7;Зимина Анна;89167000001", "7;Зимин Олег;89167000002", head="Остаток;ФИО;Мобильный")
        look(profile)
        assert rests() == {"Зимина": "7", "Зимин": "7"}

    def test_an_empty_folder_and_a_broken_table_are_told(self, folder, profile, browse, lisina):
        before = Import.objects.count()
        look(profile)
        assert Import.objects.count() == before
        assert "There is no table in the folder." in text_of(browse(lisina).get("/imports/sources/"))
        folder("new.csv", "", head="<html>")
        assert look(profile).state == State.BROKEN

    def test_links_out_of_the_folder_are_not_followed(self, folder, profile, tmp_path):
        secret = tmp_path / "secret.csv"
        secret.write_text(HEAD)
        (watched_folder() / "insurer" / "link.csv").symlink_to(secret)
        look(profile)
        assert Profile.objects.get().problem["code"] == "imports.nothing_there"

    def test_what_was_missed_for_long_is_looked_at_once(self, folder, profile):
        later = clock.now() + timedelta(days=3)
        assert services.look_at_due(by=BY, now=later) == 1
        assert services.look_at_due(by=BY, now=later) == 0
        assert later < Profile.objects.get().due_at <= later + timedelta(hours=1)

    def test_stops_when_whoever_set_it_up_has_left(self, folder, profile, lisina):
        Role.objects.filter(code="information_administrator").update(rights=[])
        folder("new.csv", "Зимина Анна;89167000001;1", "Зимин Олег;89167000002;1")
        look(profile)
        assert rests()["Зимина"] == "900"


@pytest.fixture
def server():
    """Answers with `server.content`, or leads elsewhere."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if running.leads_to else 200)
            if running.leads_to:
                self.send_header("Location", running.leads_to)
            self.end_headers()
            self.wfile.write(running.content)

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    running.content, running.leads_to = b"", ""
    running.url = f"http://127.0.0.1:{running.server_port}/rests.csv"
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


class TestAddress:
    def test_is_fetched_when_somebody_asks(self, profile, server, browse, lisina):
        browser = browse(lisina)
        answer = browser.post(f"/imports/sources/{profile.pk}/", {"origin": "url", "place": server.url, "every": "day"})
        assert answer.status_code == 302
        server.content = f"{HEAD}\nЗимина Анна;89167000001;3\nЗимин Олег;89167000002;4\n".encode()
        browser.post(f"/imports/sources/{profile.pk}/look/")
        run_jobs()
        assert rests() == {"Зимина": "3", "Зимин": "4"}
        assert "rests.csv" in text_of(browser.get("/imports/"))

    def test_does_not_follow_to_another_server(self, profile, server, lisina, browse):
        schedule_profile(profile_id=profile.pk, schedule=Schedule("url", server.url), by=lisina, now=clock.now())
        server.leads_to = f"http://localhost:{server.server_port}/"
        browse(lisina).post(f"/imports/sources/{profile.pk}/look/")
        run_jobs()
        assert Profile.objects.get().problem["code"] == "imports.led_elsewhere"
        assert Job.objects.filter(state="failed").count() == 0

    def test_that_is_silent_is_told(self, profile, server, lisina, browse):
        schedule_profile(
            profile_id=profile.pk, schedule=Schedule("url", "http://127.0.0.1:9/x"), by=lisina, now=clock.now()
        )
        browse(lisina).post(f"/imports/sources/{profile.pk}/look/")
        run_jobs()
        assert Profile.objects.get().problem["code"] == "imports.unreachable"

    @pytest.mark.parametrize(
        ("origin", "place"),
        [
            ("url", "file:///etc/passwd"), ("url", "http://a:b@host/x"), ("url", "http://"), ("url", ""),
            ("folder", "../x"), ("folder", ".."), ("folder", "/etc"), ("folder", ""), ("upload", "x"),
        ],
    )  # fmt: skip
    def test_others_are_refused_and_what_was_typed_stays(self, origin: str, place: str, profile, browse, lisina):
        assert not is_place(origin, place)
        with pytest.raises(ProfileWrong):
            schedule_profile(profile_id=profile.pk, schedule=Schedule(origin, place), by=lisina, now=clock.now())
        answer = browse(lisina).post(f"/imports/sources/{profile.pk}/", {"origin": origin, "place": place})
        assert answer.status_code == 422
        assert f'value="{place}"' in answer.content.decode()

    def test_is_not_for_supervisors_to_set(self, profile, browse, viktor):
        assert browse(viktor).post(f"/imports/sources/{profile.pk}/", {"origin": "upload"}).status_code == 403
