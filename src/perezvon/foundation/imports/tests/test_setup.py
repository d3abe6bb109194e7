"""Cells become values: the transformations of a column, and the guesses about a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.foundation.imports.guessing import guess_columns, guess_header
from perezvon.foundation.imports.registry import As, Target
from perezvon.foundation.imports.setup import Column, Setup, Transform, headers_of, letters_of

NAME = Target("name", "Name", type=As.FULL_NAME, parts=("last", "first", "middle"))
PHONE = Target("phone", "Telephone", type=As.PHONE, many=True)
BORN = Target("born", "Born", type=As.DATE)
SEX = Target("sex", "Sex", type=As.CHOICE, choices=(("m", "Male"), ("f", "Female")))
SUM = Target("sum", "Sum", type=As.NUMBER)
TOWN = Target("town", "Town")
EMAIL = Target("email", "E-mail", many=True)
TARGETS = (NAME, PHONE, BORN, SEX, SUM, TOWN, EMAIL)
LABELS = {"sex": {"male": "m", "мужской": "m", "female": "f"}}


def row_of(cells: list[str], *columns: Column, **setup: object):
    made = Setup(columns=dict(enumerate(columns)), **setup)
    return Transform(made, TARGETS, LABELS)(7, cells)


def value_of(cell: str, column: Column):
    row = row_of([cell], column)
    return row.problems[0].code if row.problems else row.values.get(column.to, ())


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("8 (916) 123-45-67", ("8 (916) 123-45-67",)),
            ("7.9161234567E10", ("79161234567",)),
            ("7,9161234567E+10", ("79161234567",)),
            ("7,92E+10", "phone.cut"),
            ("8 916 111-11-11; 8 916 222-22-22", ("8 916 111-11-11", "8 916 222-22-22")),
            ("8 916 111 11 11, 8 916 111 11 11", ("8 916 111 11 11",)),
            ("  ", ()),
            ("+7 ••• •••-••-19", ()),
        ],
    )
    def test_telephones(self, cell: str, expected: object):
        assert value_of(cell, Column("phone")) == expected

    def test_telephones_of_another_country_without_its_code(self):
        assert value_of("029 123-45-67", Column("phone", region="BY")) == ("+375291234567",)

    def test_the_first_telephone_of_a_cell_only(self):
        assert value_of("12; 8 916 111-11-11; 8 916 222-22-22", Column("phone", first=True)) == ("12",)

    @pytest.mark.parametrize(
        ("cell", "order", "expected"),
        [
            ("14.05.1981", "dmy", ("1981-05-14",)),
            ("05/14/1981", "mdy", ("1981-05-14",)),
            ("1981-05-14 00:00:00", "dmy", ("1981-05-14",)),
            ("14.05.81", "dmy", ("1981-05-14",)),
            ("14.05.19", "dmy", ("2019-05-14",)),
            ("29720", "dmy", ("1981-05-14",)),
            ("31.02.1981", "dmy", "date.form"),
            ("in May", "dmy", "date.form"),
        ],
    )
    def test_dates(self, cell: str, order: str, expected: object):
        assert value_of(cell, Column("born", date=order)) == expected

    @pytest.mark.parametrize(("cell", "expected"), [("Мужской", "m"), ("ж", "f"), ("m", "m"), ("?", "?")])
    def test_choices_by_label_in_any_language_or_as_the_person_said(self, cell: str, expected: str):
        labels = {"sex": LABELS["sex"] | {"m": "m"}}
        setup = Setup(columns={0: Column("sex", choices={"ж": "f"})})
        assert Transform(setup, TARGETS, labels)(1, [cell]).values["sex"] == (expected,)

    def test_a_full_name_is_cut_into_three(self):
        row = row_of(["ИВАНОВА  анна Сергеевна кызы"], Column("name", case="title"))
        assert row.values == {"last": ("Иванова",), "first": ("Анна",), "middle": ("Сергеевна Кызы",)}

    def test_what_an_export_made_harmless_is_itself_again(self):
        assert value_of("'=1+1", Column("town")) == ("=1+1",)

    def test_of_two_columns_for_one_field_the_first_that_says_something(self):
        assert row_of(["", "Tver", "Omsk"], *[Column("town")] * 3).values == {"town": ("Tver",)}

    def test_a_constant_stands_where_the_row_says_nothing(self):
        row = row_of(["8 916 111-11-11"], Column("phone"), constants={"town": "Tver", "phone": "1"})
        assert row.values == {"phone": ("8 916 111-11-11",), "town": ("Tver",)}

    @given(st.lists(st.text(max_size=30), max_size=8))
    def test_rubbish_is_a_value_or_a_problem_and_never_breaks(self, cells: list[str]):
        row = row_of(cells, *[Column(one.code, first=bool(place % 2)) for place, one in enumerate(TARGETS)])
        assert all(text for texts in row.values.values() for text in texts)


class TestHeaders:
    def test_the_same_word_twice_is_numbered_and_an_empty_one_called_by_its_letter(self):
        assert headers_of(["Phone", "", "Phone", "Phone"], 5) == ["Phone", "B", "Phone (2)", "Phone (3)", "E"]

    def test_letters_go_on_behind_z(self):
        assert [letters_of(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]

    def test_are_found_below_a_title(self):
        rows = [
            (1, ["Клиенты на 22.11.2026"]),
            (3, ["ФИО", "Телефон", "Город"]),
            (4, ["Иванова", "89161111111", "Тверь"]),
        ]
        assert guess_header(rows) == 3

    def test_are_missed_where_there_are_none(self):
        assert guess_header([(1, ["Иванова", "89161111111"]), (2, ["Орлов", "89162222222"])]) == 0


class TestGuess:
    WORDS = {"name": ["Full name", "ФИО"], "phone": ["Telephone", "Телефон"], "town": ["Town", "Город"]}

    def test_columns_by_headers_in_any_language_and_by_their_values(self):
        heads = ["ФИО клиента", "Телефон", "Телефон (2)", "X", "Город"]
        rows = [["Иванова Анна", "8 916 111-11-11", "", "anna@mail.example", "Тверь"]]
        found = guess_columns(heads, rows, TARGETS, self.WORDS)
        assert {place: one.to for place, one in found.items()} == {
            0: "name",
            1: "phone",
            2: "phone",
            3: "email",
            4: "town",
        }

    def test_a_masked_column_is_left_alone(self):
        assert guess_columns(["Town"], [["•••ов"]], TARGETS, self.WORDS) == {}

    def test_a_profile_finds_its_columns_wherever_they_stand(self):
        heads = ["A", "Phone", "Town"]
        setup = Setup(columns={1: Column("phone", region="BY"), 2: Column("town")}, keys=("phone",))
        recalled = Setup.recalled(setup.remembered(heads), ["Town", "New", "Phone"], sheet=1, header=2)
        assert recalled.columns == {0: Column("town"), 2: Column("phone", region="BY")}
        assert (recalled.sheet, recalled.header, recalled.keys) == (1, 2, ("phone",))

    def test_a_setup_survives_being_kept(self):
        setup = Setup(1, 3, {4: Column("sex", choices={"ж": "f"})}, {"town": "Tver"}, ("phone",))
        assert Setup.read(setup.kept()) == setup
