"""Working calendars as administrators set them up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perezvon.cores.worktime import Frame, between
from perezvon.foundation.access import System
from perezvon.foundation.calendars import services
from perezvon.foundation.calendars.blueprint import export_calendars, load_calendars
from perezvon.foundation.calendars.hours import read_hours, write_hours
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.calendars.selectors import calendar_for, core_of
from perezvon.foundation.calendars.services import CalendarWrong, WantedCalendar, WantedDay
from perezvon.foundation.people.models import Project, Role, Team, User
from perezvon.kernel.checks import Wrong

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BY = System(name="test")
WITH_DINNER = ("09:00-13:00, 14:00-18:00",) * 5 + ("", "")
MOSCOW = ZoneInfo("Europe/Moscow")
ICS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//test//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261226
SUMMARY:Days of the company
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261228T100000Z
DTEND:20261228T110000Z
SUMMARY:A meeting
END:VEVENT
END:VCALENDAR
"""


class TestHours:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("9-18", "09:00-18:00"),
            ("14:00 \u2013 18:00; 09:00-13:00", "09:00-13:00, 14:00-18:00"),
            ("22:00-06:00", "22:00-06:00"),
            ("0-24", "00:00-24:00"),
            ("", ""),
        ],
    )
    def test_are_read_as_people_write_them(self, text, written):
        assert write_hours(read_hours(text)) == written
        assert read_hours(written) == read_hours(text)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("nine to six", "hours.form"),
            ("9:75-18", "hours.form"),
            ("25-26", "hours.form"),
            ("9-9", "hours.empty"),
            ("9-13, 12-18", "hours.overlap"),
            ("1-2,3-4,5-6,7-8,9-10,11-12,13-14", "hours.many"),
        ],
    )
    def test_that_are_none_are_refused(self, text, code):
        with pytest.raises(Wrong) as refused:
            read_hours(text)
        assert refused.value.code == code

    def test_of_a_night_pass_midnight(self):
        assert read_hours("22-6") == (Frame(22 * 60, 30 * 60),)


@pytest.fixture
def office(db: None) -> WorkingCalendar:
    wanted = WantedCalendar({"en": "Office"}, "Europe/Moscow", WITH_DINNER)
    return services.add_calendar(code="office", wanted=wanted, by=BY, now=NOW)


def hours_of(calendar: WorkingCalendar, year: int) -> timedelta:
    calendar = WorkingCalendar.objects.get(pk=calendar.pk)
    return between(core_of(calendar), datetime(year, 1, 1, tzinfo=MOSCOW), datetime(year + 1, 1, 1, tzinfo=MOSCOW))


class TestPresets:
    @pytest.mark.parametrize("year", [2026, 2027])
    def test_come_to_the_hours_that_the_year_has_by_law(self, office: WorkingCalendar, year: int):
        """247 working days of eight hours, four of them an hour shorter."""
        services.load_preset(calendar_id=office.pk, code=f"ru{year}", by=BY, now=NOW)

        assert hours_of(office, year) == timedelta(hours=247 * 8 - 4)

    def test_leave_what_was_set_by_hand_and_can_be_taken_twice(self, office: WorkingCalendar):
        own = WantedDay(date(2026, 12, 31), "short", "09:00-12:00")
        services.put_day(calendar_id=office.pk, wanted=own, by=BY, now=NOW)

        first = services.load_preset(calendar_id=office.pk, code="ru2026", by=BY, now=NOW)
        again = services.load_preset(calendar_id=office.pk, code="ru2026", by=BY, now=NOW)

        assert first == again == office.days.count() - 1
        assert office.days.get(on="2026-12-31").hours == "09:00-12:00"


class TestWhoGoesByWhat:
    def test_a_team_before_its_project_before_the_usual_week(self, office: WorkingCalendar):
        loans = Project.objects.create(code="loans", number=1, zone="Asia/Omsk")
        cards = Project.objects.create(code="cards", number=2, zone="Asia/Omsk")
        night = Team.objects.create(code="night")
        services.change_calendar(
            calendar_id=office.pk,
            version=office.version,
            wanted=WantedCalendar({"en": "Office"}, "Europe/Moscow", WITH_DINNER, frozenset({loans.pk})),
            by=BY,
            now=NOW,
        )
        services.add_calendar(
            code="night",
            wanted=WantedCalendar({"en": "Night"}, "Europe/Moscow", ("22-6",) * 7, frozenset(), frozenset({night.pk})),
            by=BY,
            now=NOW,
        )

        assert calendar_for(project_id=loans.pk).week[0] == read_hours(WITH_DINNER[0])
        assert calendar_for(project_id=loans.pk, team_id=night.pk).week[0] == read_hours("22-6")
        assert str(calendar_for(project_id=cards.pk).zone) == "Asia/Omsk"
        assert calendar_for().week[0] == read_hours("9-18")

    def test_a_change_is_reckoned_with_at_once(self, office: WorkingCalendar):
        before = hours_of(office, 2026)
        services.put_day(calendar_id=office.pk, wanted=WantedDay(date(2026, 12, 28), "holiday"), by=BY, now=NOW)

        assert hours_of(office, 2026) == before - timedelta(hours=8)


class TestBlueprint:
    def test_what_is_exported_loads_into_the_same(self, office: WorkingCalendar):
        services.load_preset(calendar_id=office.pk, code="ru2026", by=BY, now=NOW)
        kept = export_calendars()
        version = WorkingCalendar.objects.get().version

        load_calendars(kept, BY, NOW)
        assert WorkingCalendar.objects.get().version == version  # nothing differed, nothing was written
        WorkingCalendar.objects.all().delete()
        load_calendars(kept, BY, NOW)

        assert export_calendars() == kept


class TestPages:
    @pytest.fixture
    def browser(self, db: None) -> Client:
        user = User.objects.create(login="info", language="en", role=Role.objects.get(code="information_administrator"))
        found = Client()
        found.force_login(user)
        return found

    def test_a_calendar_is_made_filled_from_a_preset_and_a_file_and_shown(self, browser: Client):
        week = {f"day{day}": text for day, text in enumerate(WITH_DINNER)}
        form = {"code": "omsk", "name_en": "Omsk office", "zone": "Asia/Omsk", **week}

        made = browser.post("/admin/calendars/new/", form)
        calendar = WorkingCalendar.objects.get(code="omsk")
        page = f"/admin/calendars/{calendar.pk}/"
        assert made["Location"] == f"{page}?saved"
        browser.post(f"{page}preset/", {"preset": "ru2027"})
        read = browser.post(f"{page}import/", {"file": SimpleUploadedFile("own.ics", ICS)})

        assert read["Location"] == f"{page}?days=2"  # the meeting has hours, so it is no day off
        shown = browser.get(page).content.decode()
        assert "Days of the company" in shown
        assert "Victory Day" in shown
        assert "Omsk office" in browser.get("/admin/calendars/").content.decode()

    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(self, browser: Client):
        form = {"code": "omsk", "name_en": "Omsk", "zone": "Omsk", **dict.fromkeys([f"day{n}" for n in range(7)], "x")}

        refused = browser.post("/admin/calendars/new/", form)

        assert refused.status_code == 422
        assert "There is no such time zone" in refused.content.decode()
        assert not WorkingCalendar.objects.exists()

    @pytest.mark.parametrize("content", [b"rubbish", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"])
    def test_a_file_that_is_none_is_refused_in_words(self, office: WorkingCalendar, browser: Client, content: bytes):
        answer = browser.post(f"/admin/calendars/{office.pk}/import/", {"file": SimpleUploadedFile("x.ics", content)})

        assert answer.status_code == 422
        assert not office.days.exists()

    def test_a_form_that_is_too_old_changes_nothing(self, office: WorkingCalendar):
        with pytest.raises(services.CalendarChanged):
            services.change_calendar(
                calendar_id=office.pk, version=0, wanted=WantedCalendar({"en": "Other"}), by=BY, now=NOW
            )
        with pytest.raises(CalendarWrong):
            services.put_day(calendar_id=office.pk, wanted=WantedDay(NOW.date(), "short", ""), by=BY, now=NOW)
