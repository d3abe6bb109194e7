"""Fields of an administrator's own in the list of customers; and lists too large to be counted."""

from __future__ import annotations

import json
import re

import pytest

from perezvon.foundation.fields.models import CustomField, FieldsStamp
from perezvon.foundation.fields.services import Wanted, add_field, add_section, change_field
from perezvon.foundation.lists import paging
from perezvon.foundation.people.models import Role
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.tests.conftest import NOW, user
from perezvon.modules.customers.tests.test_list import ask, names_of, rows_of, text_of, walk


@pytest.fixture
def fields(people, system):
    """Six fields with values: limit and since are sortable."""
    add_section(kind="customer", key="bank", label={"en": "Bank"}, by=system, now=NOW)

    def add(key: str, type_: str, **wanted: object) -> None:
        given = Wanted(label={"en": key.title()}, section="bank", **wanted)
        add_field(kind="customer", key=key, type=type_, wanted=given, by=system, now=NOW)

    colours = "red | Красный | Red\nblue | Синий | Blue"
    add("limit", "number", sortable=True)
    add("since", "date", sortable=True)
    add("colour", "choice", options={"choices": colours})
    add("likes", "choices", options={"choices": colours})
    add("nick", "text", sortable=True)
    add("secret", "text", access={"operator": "masked"})
    CustomField.objects.filter(is_sortable=True).update(index_state=CustomField.Index.READY)
    FieldsStamp.renew("customer")
    values = {
        "orlov": {"limit": "900", "since": "2020-03-01", "colour": "red", "likes": ["red", "blue"], "nick": "Orel"},
        "belov": {"limit": "1000", "since": "2026-11-20", "colour": "blue", "likes": ["blue"], "secret": "1234567"},
        "ivanova": {"limit": "-5.5", "nick": "Anna"},
    }
    for name, custom in values.items():
        Customer.objects.filter(pk=people[name].pk).update(custom=custom)


FILTERS = {
    "a number": (["and", ["custom_limit", "least", "900"]], {"Орлов", "Белов"}),
    "a negative number": (["and", ["custom_limit", "between", "-10", "0"]], {"Иванова"}),
    "a day": (["and", ["custom_since", "before", "2021-01-01"]], {"Орлов"}),
    "a choice": (["and", ["custom_colour", "any", "blue"]], {"Белов"}),
    "several choices": (["and", ["custom_likes", "any", "red"]], {"Орлов"}),
    "none of them": (["and", ["custom_likes", "none", "red"]], {"Белов", "Иванова", "Смирнова"}),
    "a text": (["and", ["custom_nick", "contains", "ANN"]], {"Иванова"}),
    "nothing": (["and", ["custom_nick", "empty"]], {"Белов", "Смирнова"}),
}


class TestFields:
    def test_are_columns_once_somebody_chooses_them(self, browse, olga, fields):
        browser = browse(olga)
        assert "Limit" not in re.findall(r"<thead>.*?</thead>", ask(browser).content.decode(), re.DOTALL)[0]

        rows = rows_of(ask(browser, cols="name,custom_limit,custom_since,custom_colour,custom_likes"))

        assert rows[0][1:] == ["1,000", "20.11.2026", "Blue", "Blue"]
        assert rows[2][1:] == ["900", "01.03.2020", "Red", "Red, Blue"]
        assert rows[3][1:] == ["", "", "", ""]

    @pytest.mark.parametrize(("where", "expected"), FILTERS.values(), ids=FILTERS)
    def test_can_be_filtered_by(self, browse, olga, fields, where, expected):
        assert set(names_of(ask(browse(olga), where=json.dumps(where)))) == expected

    def test_sort_as_what_they_are_with_the_empty_ones_last(self, browse, olga, fields):
        browser = browse(olga)

        assert names_of(ask(browser, sort="custom_limit")) == ["Иванова", "Орлов", "Белов", "Смирнова"]
        assert names_of(ask(browser, sort="-custom_limit")) == ["Белов", "Орлов", "Иванова", "Смирнова"]
        assert ask(browser, sort="custom_colour").status_code == 400

    def test_show_and_tell_nothing_of_what_is_masked(self, browse, olga, fields):
        browser = browse(olga)

        page = ask(browser, cols="name,custom_secret")
        assert "1234567" not in page.content.decode()
        assert rows_of(page)[0][1].endswith("67")
        for state in ({"where": '["and",["custom_secret","is","1234567"]]'}, {"sort": "custom_secret"}):
            assert ask(browser, **state).status_code == 400

    def test_are_closed_to_a_new_role_as_to_the_one_that_sees_least(self, browse, fields, loans, system):
        row = CustomField.objects.get(key="limit")
        wanted = Wanted({"en": "Limit"}, "bank", access={"operator": "hidden"}, sortable=True)
        change_field(field_id=row.pk, version=row.version, wanted=wanted, by=system, now=NOW)
        rights = Role.objects.get(code="supervisor").rights
        Role.objects.create(code="chief", name={"en": "Chief"}, rights=rights)
        browser = browse(user("chief", "Титов", "Иван", "chief", loans).actor())

        assert [len(row) for row in rows_of(ask(browser, cols="name,custom_limit"))] == [1] * 4
        for state in ({"where": '["and",["custom_limit","least","1"]]'}, {"sort": "custom_limit"}):
            assert ask(browser, **state).status_code == 400
        told = browser.post("/customers/export/", {"format": "csv", "state": "cols=name,custom_limit"})
        assert told.status_code == 200
        assert "Орлов" in told.content.decode()
        assert "900" not in told.content.decode()


@pytest.fixture
def large(monkeypatch, people):
    """Two rows are more than can be counted or sorted, and the planner knows of them."""
    monkeypatch.setattr(paging, "COUNTED_TO", 2)
    monkeypatch.setattr(paging, "SORTED_TO", 1)
    monkeypatch.setattr(paging, "KEPT_TO", 1)


class TestLargeList:
    def test_is_counted_about(self, browse, olga, large):
        assert re.search(r"Found: ~\d+", text_of(ask(browse(olga))))

    def test_is_sorted_by_what_has_an_index_only_and_says_so(self, browse, olga, large):
        page = ask(browse(olga), sort="-region")

        assert names_of(page) == ["Белов", "Иванова", "Орлов", "Смирнова"]
        assert "cannot be sorted by “Region”" in text_of(page)
        assert names_of(ask(browse(olga), sort="-name")) == ["Смирнова", "Орлов", "Иванова", "Белов"]

    @pytest.mark.parametrize("sort", ["custom_limit", "-custom_limit", "custom_nick", "-custom_nick", "-name"])
    def test_has_pages_that_follow_each_other_both_ways(self, browse, olga, fields, large, make, monkeypatch, sort):
        for place, letter in enumerate("абвгдежзиклмнопрстуфхцчшщ"):
            made = make(f"Тестов{letter} Иван")
            if place % 3:
                custom = {"limit": str(place % 5), "nick": letter}
                Customer.objects.filter(pk=made.pk).update(custom=custom)
        browser = browse(olga)
        there = walk(browser, "Further", sort=sort, size="25", cols="name")

        last = [row[0] for row in rows_of(ask(browser, sort=sort, size="25"))]
        assert len(there) == len(set(there)) == 29
        assert last == there[:25]
        monkeypatch.undo()
        assert there == walk(browser, "Further", sort=sort, size="100", cols="name")

    def test_goes_back_over_the_border_of_the_empty_ones(self, browse, olga, fields, large, make):
        for letter in "абвгдежзиклмнопрстуфхцчшщабвгдежзиклмнопрстуфхцчшщ":
            make(f"Тестов{letter} Иван", email=f"{letter}{Customer.objects.count()}@mail.example")
        browser = browse(olga)
        there = walk(browser, "Further", sort="-custom_limit", size="25", cols="name,number")
        pages = [ask(browser, sort="-custom_limit", size="25", cols="name,number")]
        while link := _link(pages[-1], "Further"):
            pages.append(browser.get(link))
        back = [row for page in _backwards(browser, pages[-1]) for row in page]

        assert len(there) == 54
        assert sorted(back) == sorted(row[1] for page in pages[:-1] for row in rows_of(page))


def _link(page, words: str) -> str:
    links = re.findall(r'<a class="btn btn-small" href="([^"]+)"[^>]*>(.*?)</a>', page.content.decode(), re.DOTALL)
    return next((href.replace("&amp;", "&") for href, inside in links if words in inside), "")


def _backwards(browser, page):
    while link := _link(page, "Back"):
        page = browser.get(link)
        yield [row[1] for row in rows_of(page)]
