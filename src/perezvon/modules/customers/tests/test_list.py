"""The list of customers, as a browser asks for it. People of these tests read English."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perezvon.foundation import clock
from perezvon.foundation.lists import services
from perezvon.foundation.lists.models import BulkRun
from perezvon.foundation.lists.services import forget_bulk_runs
from perezvon.foundation.people.models import Role, User
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.tests.conftest import user


def ask(browser, **state):
    return browser.get(f"/customers/?{urlencode(state)}")


def rows_of(response) -> list[list[str]]:
    body = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr data-row>(.*?)</tr>", body, flags=re.DOTALL)
    return [
        [html.unescape(" ".join(re.sub(r"<[^>]+>", " ", cell).split()))
         for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)
         if "list-tick" not in cell]
        for row in rows
    ]  # fmt: skip


def names_of(response) -> list[str]:
    return [row[0].split()[0] for row in rows_of(response)]


def text_of(response) -> str:
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ").split())


class TestList:
    def test_shows_whom_the_person_may_see_by_name(self, browse, olga, people, make, cards):
        make("Чужой Иван", project=cards)

        page = ask(browse(olga))

        assert page.status_code == 200
        assert names_of(page) == ["Белов", "Иванова", "Орлов", "Смирнова"]
        assert "Found: 4" in text_of(page)

    def test_costs_the_same_for_one_row_and_for_many(self, browse, olga, people, make):
        browser = browse(olga)
        ask(browser)
        with CaptureQueriesContext(connection) as four:
            assert len(rows_of(ask(browser))) == 4
        for letter in "абвгдежзиклмнопрст":
            make(f"Петров{letter} Иван")

        with CaptureQueriesContext(connection) as many:
            assert len(rows_of(ask(browser))) == 22

        assert len(many) == len(four) <= 11

    def test_reads_only_the_columns_that_are_shown(self, browse, olga, people):
        with CaptureQueriesContext(connection) as queries:
            page = ask(browse(olga), cols="name,region")

        [rows] = [query["sql"] for query in queries if "LIMIT 51" in query["sql"]]
        assert not any(name in rows for name in ('"workplace"', '"custom"', '"birth_date"', '"digits"'))
        assert "Date of birth" not in re.findall(r"<thead>.*?</thead>", page.content.decode(), re.DOTALL)[0]

    @pytest.mark.feature("F30.05")
    def test_says_what_it_is_sorted_by(self, browse, olga, people):
        page = ask(browse(olga), sort="-birth_date,name")

        assert names_of(page) == ["Иванова", "Смирнова", "Орлов", "Белов"]
        assert "Date of birth (descending), Full name (ascending)" in text_of(page)
        assert page.content.decode().count("aria-sort") == 1
        assert 'aria-sort="descending"' in page.content.decode()

    @pytest.mark.feature("F30.07")
    def test_search_counts_what_it_finds(self, browse, olga, people):
        browser = browse(olga)

        assert names_of(ask(browser, q="смирн")) == ["Смирнова"]
        assert "Found: 1" in text_of(ask(browser, q="8 916 333-33-33"))
        assert "Nothing fits this search and filter." in text_of(ask(browser, q="Неизвестнов"))

    @pytest.mark.feature("F30.08")
    def test_writes_dates_in_words_for_those_who_like_it(self, browse, olga, people):
        browser = browse(olga)
        User.objects.filter(pk=olga.id).update(language="ru")
        short = rows_of(ask(browser, q="Орлов", cols="name,birth_date,created_at"))
        browser.cookies["look_dates"] = "long"
        long = rows_of(ask(browser, q="Орлов", cols="name,birth_date,created_at"))

        assert short[0][1:] == ["12.10.1980", "22.11.2026 12:00"]
        assert long[0][1:] == ["12 октября 1980 г.", "22 ноября 2026 г. 12:00"]

    def test_pages_go_there_and_back_without_losing_or_doubling_anybody(self, browse, olga, people, make):
        for place, letter in enumerate("абвгдежзиклмнопрстуфхцчшщэюя" * 2):
            born = "" if place % 3 else f"{place % 27 + 1}.05.1980"
            make(f"Тестов{letter}{letter if place > 27 else ''} Иван", birth_date=born)
        browser = browse(olga)

        for sort in ("name", "-name", "birth_date,name", "-birth_date", "status,-number"):
            whole = Customer.objects.count()
            there = walk(browser, "Further", sort=sort, size="25")
            assert len(there) == len(set(there)) == whole, sort
            back = walk(browser, "Back", start=there_url(browser, sort), sort=sort, size="25")
            assert set(back) <= set(there)


def there_url(browser, sort: str) -> str:
    url = f"/customers/?{urlencode({'sort': sort, 'size': '25'})}"
    while following := link_of(browser.get(url), "Further"):
        url = following
    return url


def link_of(page, words: str) -> str:
    found = [
        html.unescape(href)
        for href, inside in re.findall(
            r'<a class="btn btn-small" href="([^"]+)"[^>]*>(.*?)</a>', page.content.decode(), re.DOTALL
        )
        if words in inside
    ]
    return found[0] if found else ""


def walk(browser, words: str, *, start: str = "", **state: str) -> list[str]:
    """Names on all pages from the first, or from `start`."""
    url, seen = start or f"/customers/?{urlencode(state)}", []
    while url:
        page = browser.get(url)
        assert page.status_code == 200
        seen += [row[0] for row in rows_of(page)]
        url = link_of(page, words)
    return seen


FILTERS = {
    "a choice": (["and", ["status", "any", "potential"]], {"Белов", "Иванова", "Орлов", "Смирнова"}),
    "none of a choice": (["and", ["status", "none", "potential"]], set()),
    "a text, folded": (["and", ["name", "contains", "ОРЛОВ"]], {"Орлов"}),
    "a text that is absent": (["and", ["region", "lacks", "Москва"]], {"Белов", "Иванова", "Орлов", "Смирнова"}),
    "a day": (["and", ["birth_date", "is", "1980-10-12"]], {"Орлов"}),
    "days between": (["and", ["birth_date", "between", "1980-01-01", "1981-05-14"]], {"Орлов", "Смирнова"}),
    "before a day": (["and", ["birth_date", "before", "1981-05-14"]], {"Орлов"}),
    "after a day": (["and", ["birth_date", "after", "1981-05-14"]], {"Иванова"}),
    "nothing there": (["and", ["birth_date", "empty"]], {"Белов"}),
    "a telephone": (["and", ["phone", "is", "+7 916 333-33-33"]], {"Белов"}),
    "the end of a telephone": (["and", ["phone", "ends", "44-44"]], {"Иванова"}),
    "any of two": (["or", ["name", "starts", "бел"], ["birth_date", "after", "1985-01-01"]], {"Белов", "Иванова"}),
    "groups": (
        ["or", ["and", ["name", "starts", "ор"], ["birth_date", "filled"]], ["and", ["birth_date", "empty"]]],
        {"Орлов", "Белов"},
    ),
    "groups that must all fit": (
        ["and", ["or", ["name", "starts", "ор"], ["name", "starts", "бел"]], ["or", ["birth_date", "filled"]]],
        {"Орлов"},
    ),
}


class TestFilter:
    @pytest.mark.feature("F05.17", partly="service data of cases and orders, see cases")
    @pytest.mark.parametrize(("where", "expected"), FILTERS.values(), ids=FILTERS)
    def test_finds(self, browse, olga, people, where, expected):
        page = ask(browse(olga), where=json.dumps(where))

        assert set(names_of(page)) == expected

    def test_finds_by_a_related_record(self, browse, olga, people, make, loans):
        make("Займов Иван", project=loans)

        page = ask(browse(olga), where=json.dumps(["and", ["project", "any", str(loans.pk)]]))

        assert names_of(page) == ["Займов"]
        assert "Project: Кредиты" in text_of(page)

    def test_stands_above_the_list_in_words(self, browse, olga, people):
        recent = ["and", ["birth_date", "last", "7"], ["region", "filled"]]
        where = ["or", recent, ["and", ["status", "any", "potential", "former"]]]

        told = text_of(ask(browse(olga), where=json.dumps(where)))

        assert "( Date of birth: in the last 7 days and Region: is filled in ) or Customer status:" in told
        assert "Potential, Former Reset" in told

    @pytest.mark.feature("F30.04", partly="sort, view and refresh are shown by other tests of this file")
    def test_is_written_in_a_form(self, browse, olga, people):
        browser = browse(olga)
        swap = {"HTTP_HX_REQUEST": "true"}
        first = browser.get("/customers/filter/", **swap).content.decode()
        assert 'name="w.0.0.fact"' in first

        typed = {"w.join": "and", "w.0.join": "or", "w.0.0.fact": "name", "w.0.0.operator": "starts"}
        typed |= {"w.0.0.value": "ор", "w.0.1.fact": "birth_date", "w.0.1.operator": "is"}
        more = browser.get(f"/customers/filter/?{urlencode(typed | {'edit': 'add.0'})}", **swap).content.decode()
        assert 'name="w.0.2.fact"' in more
        assert 'value="ор"' in more

        typed["w.0.1.value"] = "1990-02-02"
        shown = browser.get(f"/customers/?{urlencode(typed)}", **swap)
        assert set(names_of(shown)) == {"Орлов", "Иванова"}
        plain = browser.get(f"/customers/?{urlencode(typed)}")
        assert plain["Location"] == shown["HX-Push-Url"]
        assert names_of(browser.get(plain["Location"])) == names_of(shown)


HOSTILE = {
    "no such filter": {"where": '["and",["code_word","is","x"]]'},
    "an operator of another type": {"where": '["and",["status","contains","x"]]'},
    "a value that is none": {"where": '["and",["birth_date","is","31.02.1980"]]'},
    "a choice that there is not": {"where": '["and",["status","any","boss"]]'},
    "a lookup of Django": {"where": '["and",["created_by__password","is","x"]]'},
    "not JSON": {"where": "'; DROP TABLE customers --"},
    "too deep": {"where": "[" * 3000 + "]" * 3000},
    "too many": {"where": json.dumps(["and", *[["status", "any", "potential"]] * 21])},
    "numbers beyond all": {"where": '["and",["number","is","1e999999"]]'},
    "many days": {"where": '["and",["created_at","last","99999999"]]'},
    "a zero byte": {"where": '["and",["name","is","\\u0000"]]'},
    "a zero byte in the search": {"q": "\x00"},
    "half a letter": {"where": '["and",["region","contains","\\ud800"]]'},
    "a page with half a letter": {"after": "WyJcdWQ4MDAiLCIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDEiXQ"},
    "no such column": {"cols": "password"},
    "a column that is code": {"cols": "name;DROP"},
    "no such order": {"sort": "code_word"},
    "an order twice": {"sort": "name,-name"},
    "a made-up page": {"after": "bm9uc2Vuc2U"},
    "a page of another order": {"after": "WyIxIl0", "sort": "name"},
    "a page with a wrong key": {"after": "WyJhIiwiYiJd"},
    "a view that is not his": {"view": "999999"},
}


class TestAddress:
    @pytest.mark.parametrize("state", HOSTILE.values(), ids=HOSTILE)
    def test_that_cannot_be_read_is_told_in_words(self, browse, olga, people, state):
        page = ask(browse(olga), **state)

        assert page.status_code in {400, 404}
        assert "Show the whole list" in text_of(page)
        assert not rows_of(page)

    def test_of_a_column_taken_away_since_shows_the_others(self, browse, olga, people):
        assert ask(browse(olga), cols="gone,name:300").status_code == 200


class TestDeleting:
    @pytest.mark.feature("F30.06")
    def test_takes_out_of_sight_and_can_be_undone(self, browse, viktor, people):
        browser, orlov = browse(viktor), people["orlov"]

        done = browser.post("/customers/bulk/delete/", {"key": [orlov.pk]}, HTTP_HX_REQUEST="true")

        told = json.loads(done["HX-Trigger"])["toast"]
        assert told["text"] == "1 customer deleted"
        assert "Орлов" not in names_of(ask(browser))
        assert names_of(ask(browser, q="Орлов")) == []
        assert names_of(ask(browser, deleted="1")) == ["Орлов"]
        browser.post(told["act"]["url"], HTTP_HX_REQUEST="true")
        assert names_of(ask(browser, q="Орлов")) == ["Орлов"]
        assert names_of(ask(browser, deleted="1")) == []

    def test_can_be_undone_once_and_by_who_did_it(self, browse, viktor, people, loans):
        browser = browse(viktor)
        done = browser.post("/customers/bulk/delete/", {"key": [people["orlov"].pk]}, HTTP_HX_REQUEST="true")
        undo = json.loads(done["HX-Trigger"])["toast"]["act"]["url"]
        stranger = user("nina", "Ершова", "Нина", "supervisor", loans).actor()

        assert browse(stranger).post(undo).status_code == 409
        assert browse(viktor).post(undo).status_code == 302
        assert browser.post(undo).status_code == 409

    def test_can_be_undone_for_ten_minutes(self, browse, viktor, people):
        browser = browse(viktor)
        done = browser.post("/customers/bulk/delete/", {"key": [people["orlov"].pk]}, HTTP_HX_REQUEST="true")
        undo = json.loads(done["HX-Trigger"])["toast"]["act"]["url"]
        BulkRun.objects.update(at=clock.now() - timedelta(minutes=11))

        assert browser.post(undo).status_code == 409
        assert forget_bulk_runs(now=clock.now()) == 1
        assert names_of(ask(browser, deleted="1")) == ["Орлов"]

    def test_of_nothing_or_of_too_many_is_refused_in_a_message(self, browse, viktor, people, monkeypatch):
        browser = browse(viktor)
        nothing = browser.post("/customers/bulk/delete/", {}, HTTP_HX_REQUEST="true")
        monkeypatch.setattr(services, "AT_ONCE", 2)
        many = browser.post("/customers/bulk/delete/", {"all": "1"}, HTTP_HX_REQUEST="true")

        told = [json.loads(answer["HX-Trigger"])["toast"] for answer in (nothing, many)]
        assert told[0] == {"text": "No rows are selected.", "tone": "bad"}
        assert told[1]["text"] == "At most 2 rows can be changed at once. Narrow the list."
        assert len(names_of(ask(browser))) == 4

    def test_of_many_is_asked_about_once(self, browse, viktor, people, make):
        for letter in "абвгдежзиклмнопрстуфх":
            make(f"Петров{letter} Иван")
        browser = browse(viktor)
        where = json.dumps(["and", ["name", "starts", "петров"]])
        chosen = {"all": "1", "state": urlencode({"where": where})}

        question = browser.post("/customers/bulk/delete/", chosen, HTTP_HX_REQUEST="true")
        assert "Delete: 21 rows. Go on?" in text_of(question)
        assert Customer.objects.filter(deleted_at__isnull=False).count() == 0

        browser.post("/customers/bulk/delete/", chosen | {"confirmed": "1"}, HTTP_HX_REQUEST="true")
        assert len(names_of(ask(browser))) == 4
        assert len(names_of(ask(browser, deleted="1"))) == 21

    def test_is_not_for_operators(self, browse, olga, people):
        browser = browse(olga)

        assert browser.post("/customers/bulk/delete/", {"key": [people["orlov"].pk]}).status_code == 403
        assert "bulk/delete" not in ask(browser).content.decode()
        assert names_of(ask(browser, deleted="1")) == ["Белов", "Иванова", "Орлов", "Смирнова"]

    def test_touches_nobody_whom_the_person_does_not_see(self, browse, viktor, make, cards):
        Role.objects.filter(code="supervisor").update(all_projects=False)
        foreign = make("Чужой Иван", project=cards)

        browse(viktor).post("/customers/bulk/delete/", {"key": [foreign.pk]})

        foreign.refresh_from_db()
        assert foreign.deleted_at is None
