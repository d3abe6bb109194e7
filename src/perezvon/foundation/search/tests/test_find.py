from __future__ import annotations

from uuid import UUID

import pytest

from perezvon.foundation.people.models import Project
from perezvon.foundation.search.models import SearchEntry, SearchWord
from perezvon.foundation.search.registry import Entry, SearchKind, declare_kind
from perezvon.foundation.search.selectors import Guess, find
from perezvon.foundation.search.services import put, put_many, rebuild, remove

PEOPLE = (
    "Смирнова Елена Павловна 10001",
    "Смирнов Олег Викторович 10002",
    "Иванов Пётр Смирнович 10003",
    "Абрамов Иван Иванович 10004",
    "Иванова Алёна Петровна 10005",
    "О'Коннор Шейн 10006",
    "Петров-Водкин Кузьма 10007",
    "Борисов Ян 10008",
)


def key_of(number: int) -> UUID:
    return UUID(int=number)


def entry(text: str, kind: str = "person", project: int | None = None) -> Entry:
    return Entry(kind, key_of(int(text.split()[-1])), text, text, project)


@pytest.fixture
def people(db):
    put_many(entry(text) for text in PEOPLE)


def found(text: str, **details) -> list[int]:
    return [key.int for key in find("person", text, projects=None, limit=10, **details).keys]


@pytest.mark.usefixtures("people")
class TestFind:
    @pytest.mark.parametrize(
        ("typed", "numbers"),
        [
            ("Смирнова Елена", [10001]),
            ("елена смирнова", [10001]),
            ("павл сми", [10001]),
            ("СМИРНОВ", [10002, 10001, 10003]),
            ("пётр иванов", [10003, 10005]),
            ("петр иванов", [10003, 10005]),
            ("алена", [10005]),
            ("оконнор", [10006]),
            ("водкин", [10007]),
            ("10004", [10004]),
            ("Иванов И", [10004]),
            ("Иванович И", [10004]),
            ("иван иван иван", []),
            ("смирнова кузьма", []),
            ("", []),
            ("'|!&:*", []),
        ],
    )
    def test_beginnings_of_words_in_any_order(self, typed, numbers):
        assert found(typed) == numbers

    def test_those_that_begin_with_the_text_come_first(self):
        assert found("Иванов") == [10003, 10005, 10004]

    @pytest.mark.parametrize(
        ("typed", "number", "read_as"),
        [("Cvbhyjdf Tktyf", 10001, "смирнова елена"), (",jhbcjd", 10008, "борисов")],
    )
    def test_the_wrong_keyboard_layout_is_understood(self, typed, number, read_as):
        answer = find("person", typed, projects=None, limit=10)

        assert (answer.keys, answer.guess, answer.read_as) == ((key_of(number),), Guess.LAYOUT, read_as)

    @pytest.mark.parametrize(
        ("typed", "number", "read_as", "guess"),
        [
            ("Smirnova Elena", 10001, "смирнова елена", Guess.LETTERS),
            ("Borisov", 10008, "борисов", Guess.LETTERS),
            ("Vodkyn", 10007, "водкин", Guess.SLIP),
        ],
    )
    def test_a_russian_name_in_latin_letters_is_understood(self, typed, number, read_as, guess):
        answer = find("person", typed, projects=None, limit=10)

        assert key_of(number) in answer.keys
        assert (answer.guess, answer.read_as) == (guess, read_as)

    def test_russian_letters_typed_for_latin_ones_too(self):
        put(entry("Smith John 10009"))

        assert found("Ыьшер") == [10009]

    @pytest.mark.parametrize(
        ("typed", "number", "read_as"),
        [
            ("Смирнва Елена", 10001, "смирнова елена"),
            ("Иваонв Питр", 10003, "иванов петр"),
            ("вадкин", 10007, "водкин"),
            ("<jhbcjl", 10008, "борисов"),
            ("O'Коннор", 10006, "оконнор"),
        ],
        ids=["a letter lost", "a slip in each word", "of a later word", "in the wrong layout as well", "a Latin O"],
    )
    def test_a_slip_is_forgiven_and_said(self, typed, number, read_as):
        answer = find("person", typed, projects=None, limit=10)

        assert key_of(number) in answer.keys
        assert (answer.guess, answer.read_as) == (Guess.SLIP, read_as)

    def test_nobody_is_guessed_while_somebody_fits(self):
        assert find("person", "Смирнов", projects=None, limit=10).guess is Guess.NONE

    def test_a_number_has_no_slips(self):
        assert found("10091") == []

    def test_pages_follow_each_other(self):
        put_many(entry(f"Иванов Номер {number}") for number in range(20_000, 20_030))
        pages = [find("person", "Иванов", projects=None, limit=10, offset=offset) for offset in (0, 10, 20, 30)]

        keys = [key for page in pages for key in page.keys]
        assert len(keys) == len(set(keys)) == 33
        assert {page.total for page in pages} == {33}

    def test_among_given_keys_only(self):
        assert found("иванов", among=[key_of(10004), key_of(10001)]) == [10004]

    def test_two_queries_for_a_common_search(self, django_assert_num_queries):
        with django_assert_num_queries(3):  # words, those in order, the rest with the count
            found("елена смирнова")

    def test_kinds_stay_apart(self):
        put(entry("Смирнова Елена 10011", kind="article"))

        assert found("Смирнова Елена") == [10001]


class TestRights:
    def test_a_record_of_a_project_is_found_by_those_who_see_it(self, db):
        loans, cards = (Project.objects.create(code=code, number=n) for n, code in enumerate(("loans", "cards")))
        put(entry("Иванов Иван 1", project=loans.pk))
        put(entry("Иванов Олег 2"))

        def seen(projects):
            return {key.int for key in find("person", "иванов", projects=projects, limit=10).keys}

        assert seen({loans.pk}) == {1, 2}
        assert seen({cards.pk}) == {2}
        assert seen(set()) == {2}
        assert seen(None) == {1, 2}


@pytest.mark.usefixtures("people")
class TestKeeping:
    def test_new_words_replace_old_ones(self):
        put(Entry("person", key_of(10001), "Орлова Елена", "Орлова Елена"))

        assert found("Орлова") == [10001]
        assert 10001 not in found("Смирнова Елена")

    def test_a_removed_record_is_not_found(self):
        remove(key_of(10001))

        assert found("Смирнова Елена") == []

    def test_rebuild_makes_the_index_what_the_records_are(self):
        records = {key_of(1): entry("Зимин Лев 1", kind="letter"), key_of(2): entry("Зотов Яков 2", kind="letter")}
        declare_kind(
            SearchKind("letter", lambda: iter(records), lambda keys: [records[k] for k in keys if k in records])
        )
        put(entry("Старов Прохор 3", kind="letter"))

        assert rebuild("letter") == 2
        assert {row.title for row in SearchEntry.objects.filter(kind="letter")} == {"Зимин Лев 1", "Зотов Яков 2"}
        words = set(SearchWord.objects.filter(kind="letter").values_list("word", flat=True))
        assert words == {"зимин", "лев", "зотов", "яков"}
        assert found("Смирнова") == [10001]
