"""Fields that an administrator gives to tasks."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from perezvon.foundation.access import System
from perezvon.foundation.fields.models import CustomField, FieldsStamp
from perezvon.foundation.fields.services import FieldWrong, Wanted, add_field, add_section
from perezvon.foundation.people.models import User
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import FIELDS, Task
from perezvon.modules.tasks.selectors import search_tasks
from perezvon.modules.tasks.tests.conftest import NOW

BY = System(name="test")


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def browser(olga) -> Client:
    add_section(kind=FIELDS, key="more", label={"en": "Trip"}, by=BY, now=NOW)
    car = Wanted({"en": "Car"}, "more", required=True, options={"most_letters": 20})
    add_field(kind=FIELDS, key="car", type="text", wanted=car, by=BY, now=NOW)
    add_field(kind=FIELDS, key="km", type="number", wanted=Wanted({"en": "Distance"}, "more"), by=BY, now=NOW)
    made = Client()
    made.force_login(User.objects.get(pk=olga.id))
    return made


GIVEN = {"title": "Visit the customer", "kind": "todo", "owner": "anyone", "custom_car": "A 123 BC", "custom_km": "12"}


def test_stand_on_the_form_the_task_and_in_the_list(browser, olga):
    assert 'name="custom_car"' in browser.get("/tasks/new/").content.decode()

    saved = browser.post("/tasks/new/", GIVEN)

    task = Task.objects.get()
    assert task.custom == {"car": "A 123 BC", "km": "12"}
    page = words(browser.get(saved["Location"]))
    assert "Trip Car A 123 BC Distance 12" in page
    for value, is_there in (("123", True), ("999", False)):
        where = json.dumps(["and", ["custom_car", "contains", value]])
        listed = browser.get("/tasks/all/", {"cols": "title,custom_car", "where": where})
        assert ("A 123 BC" in words(listed)) is is_there
    CustomField.objects.filter(key="car").update(is_searchable=True, index_state=CustomField.Index.READY)
    FieldsStamp.renew(FIELDS)
    assert search_tasks("A 123 BC", by=olga, limit=5) == [task]
    changed = GIVEN | {"custom_car": "B 7", "version": str(task.version), "date": "", "time": ""}
    browser.post(f"/tasks/{task.pk}/edit/", changed)
    task.refresh_from_db()
    assert task.custom["car"] == "B 7"


def test_a_wrong_value_is_told_at_the_field_and_what_was_typed_stays(browser):
    answer = browser.post("/tasks/new/", GIVEN | {"custom_car": "", "custom_km": "far"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert text.count('aria-invalid="true"') == 2
    assert 'value="far"' in text
    assert not Task.objects.exists()


def test_who_may_only_read_a_field_does_not_write_it(browser, olga):
    CustomField.objects.filter(key="car").update(access={"operator": "seen"})

    browser.post("/tasks/new/", GIVEN)

    assert Task.objects.get().custom == {"km": "12"}
    assert 'name="custom_car"' not in browser.get("/tasks/new/").content.decode()


def test_what_the_system_plans_asks_for_none(browser, olga):
    assert services.plan(wanted=services.Wanted("Call back"), by=olga, now=NOW).custom == {}


def test_the_next_of_a_row_has_them_too(browser, olga):
    browser.post("/tasks/new/", GIVEN | {"repeat": "daily", "date": "2026-11-24", "time": "10:00", "owner": ""})
    task = Task.objects.get()
    services.do(task_id=task.pk, by=olga, now=NOW)

    assert [one.custom["car"] for one in Task.objects.all()] == ["A 123 BC"] * 2


def test_a_field_for_files_is_offered_where_pages_show_files(browser, olga):
    with pytest.raises(FieldWrong):
        add_field(kind=FIELDS, key="scans", type="file", wanted=Wanted({"en": "Scans"}, "more"), by=BY, now=NOW)
