"""A calendar program that speaks CalDAV (RFC 4791), with requests as such programs send them."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from perezvon.foundation import clock
from perezvon.foundation.people.models import User
from perezvon.modules.tasks import services
from perezvon.modules.tasks.selectors import hash_of_key
from perezvon.modules.tasks.services import Wanted

pytestmark = pytest.mark.django_db
SECRET = "s" * 43
PRINCIPAL = b"""<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>
<d:current-user-principal/><c:calendar-home-set/><d:owner/></d:prop></d:propfind>"""
QUERY = b"""<?xml version="1.0"?><c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>
<d:getetag/><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
<c:time-range start="%s" end="%s"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""
DECLARED = [b"<!DOCTYPE x>", b'<!DOCTYPE x [<!ENTITY a "ha">]>', b'<!DOCTYPE x SYSTEM "file:///etc/hostname">']


def stamp(moment: datetime) -> bytes:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}".encode()


@pytest.fixture
def tomorrow() -> datetime:
    return (clock.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)


@pytest.fixture
def ask(olga):
    """A program with Olga's secret. Gives the answer and its text."""
    services.make_feed(key_hash=hash_of_key(SECRET), by=olga, now=clock.now())
    login = User.objects.get(pk=olga.id).login

    def ask(method: str, path: str, body: bytes = b"", *, secret: str = SECRET, **headers: str):
        given = base64.b64encode(f"{login}:{secret}".encode()).decode()
        answer = Client().generic(
            method, path, body, content_type="application/xml", headers={"Authorization": f"Basic {given}", **headers}
        )
        return answer, answer.content.decode()

    return ask


def plan(by, title: str, due: datetime):
    return services.plan(
        wanted=Wanted(title=title, owner_id=by.id, due=due.replace(tzinfo=None), zone="UTC"), by=by, now=clock.now()
    )


def test_finds_its_way_from_the_name_of_the_server(ask):
    assert Client().get("/.well-known/caldav").headers["Location"] == reverse("tasks:dav")
    answer, text = ask("PROPFIND", reverse("tasks:dav"), PRINCIPAL)

    assert answer.status_code == 207
    assert "<c:calendar-home-set><d:href>/dav/</d:href>" in text
    assert re.search(r"<d:owner ?/>|<d:owner></d:owner>", text.partition("200 OK")[2])
    _answer, inside = ask("PROPFIND", reverse("tasks:dav"), Depth="1")
    assert "<d:href>/dav/tasks/</d:href>" in inside
    assert "calendar-access" in ask("OPTIONS", reverse("tasks:dav_calendar"))[0].headers["DAV"]


def test_reads_ones_own_tasks_of_a_range(ask, olga, ivan, tomorrow):
    plan(olga, "Call the branch", tomorrow)
    plan(olga, "Much later", tomorrow + timedelta(days=60))
    plan(ivan, "Not mine", tomorrow)
    until = tomorrow + timedelta(days=1)

    answer, text = ask("REPORT", reverse("tasks:dav_calendar"), QUERY % (stamp(tomorrow), stamp(until)))

    assert answer.status_code == 207
    assert re.findall(r"SUMMARY:(.*)", text.replace("&#13;", "").replace("\r", "")) == ["To-do: Call the branch"]


def test_moves_a_task_and_says_when_somebody_was_faster(ask, olga, ivan, tomorrow):
    task, foreign = plan(olga, "Call the branch", tomorrow), plan(ivan, "Not mine", tomorrow)
    path = reverse("tasks:dav_event", args=[task.pk])
    read, text = ask("GET", path)
    event = Calendar.from_ical(text)
    for begun in event.walk("VEVENT"):
        for name, hours in (("DTSTART", 2), ("DTEND", 3)):
            begun.pop(name)
            begun.add(name, tomorrow + timedelta(hours=hours))

    stale, _text = ask("PUT", path, event.to_ical(), **{"If-Match": '"77"'})
    moved, _text = ask("PUT", path, event.to_ical(), **{"If-Match": read.headers["ETag"]})

    assert (stale.status_code, moved.status_code) == (412, 204)
    task.refresh_from_db()
    assert (task.due_at, task.duration_min) == (tomorrow + timedelta(hours=2), 60)
    assert ask("PUT", path, b"rubbish")[0].status_code == 415
    assert ask("DELETE", path)[0].status_code == 403
    assert ask("GET", reverse("tasks:dav_event", args=[foreign.pk]))[0].status_code == 404


def test_is_closed_to_strangers_and_to_hostile_words(ask, olga, tomorrow):
    task = plan(olga, "Call the branch", tomorrow)
    paths = [reverse("tasks:dav"), reverse("tasks:dav_calendar"), reverse("tasks:dav_event", args=[task.pk])]

    for path in paths:
        assert ask("PROPFIND", path, secret="x" * 43)[0].status_code == 401
        assert Client().generic("PROPFIND", path).status_code == 401
    query = QUERY % (stamp(tomorrow), stamp(tomorrow + timedelta(days=1)))
    assert ask("REPORT", paths[1], query)[0].status_code == 207
    for declared in DECLARED:
        head, root, rest = query.partition(b"<c:calendar-query")
        assert ask("REPORT", paths[1], head + declared + root + rest)[0].status_code == 403
    assert ask("REPORT", paths[1], b"<rubbish")[0].status_code == 403
    User.objects.filter(pk=olga.id).update(is_active=False)
    assert ask("PROPFIND", paths[0])[0].status_code == 401


def test_answers_rubbish_without_falling_over(ask, olga, tomorrow):
    task = plan(olga, "Call the branch", tomorrow)
    every, path = reverse("tasks:dav_calendar"), reverse("tasks:dav_event", args=[task.pk])
    first, last = b"00010101T000000Z", b"99991231T235959Z"

    for encoding in (b"foo", b"hex", b"rot13"):
        assert ask("REPORT", every, b'<?xml version="1.0" encoding="%s"?><a/>' % encoding)[0].status_code == 403
    assert "Call the branch" in ask("REPORT", every, QUERY % (first, last))[1]
    for begins, ends in ((first, first), (last, last)):
        answer, text = ask("REPORT", every, QUERY % (begins, ends))
        assert (answer.status_code, "Call the branch" in text) == (207, False)
    for moment in (first, last):
        event = ask("GET", path)[1].encode()
        for name in (b"DTSTART", b"DTEND"):
            event = re.sub(rb"(?m)^%s.*?\r$" % name, b"%s:%s\r" % (name, moment), event)
        assert event.count(moment) == 2
        assert ask("PUT", path, event)[0].status_code == 415


@pytest.mark.parametrize(("distinct", "times", "status"), [(50, 1, 207), (51, 1, 400), (2, 500, 207)])
def test_says_no_more_of_a_task_than_programs_ask_for(ask, olga, tomorrow, distinct, times, status):
    plan(olga, "Call the branch", tomorrow)
    tags = b"".join(b"<d:x%d/>" % number for number in range(distinct)) * times
    body = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop>%s</d:prop></d:propfind>' % tags

    answer, text = ask("PROPFIND", reverse("tasks:dav_calendar"), body, Depth="1")

    assert answer.status_code == status
    assert text.count("<d:x1 />") == (2 if status == 207 else 0)
