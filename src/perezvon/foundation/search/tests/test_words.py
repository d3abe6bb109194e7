from __future__ import annotations

import pytest

from perezvon.foundation.search.words import fold, in_russian, is_near, other_layout, words_of


class TestFold:
    @pytest.mark.parametrize(
        ("typed", "folded"),
        [("СМИРНОВА", "смирнова"), ("Артём Ёлкин", "артем елкин"), ("Йод", "йод"), ("ＩＢＭ", "ibm")],
        ids=["case", "io is ie", "short i stays", "wide letters"],
    )
    def test_makes_alike_what_people_take_for_the_same(self, typed, folded):
        assert fold(typed) == folded


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("  Петров-Водкин,  Кузьма ", ["петров", "водкин", "кузьма"]),
            ("О'Коннор Д’Артаньян", ["оконнор", "дартаньян"]),
            ("ООО «Вега»", ["ооо", "вега"]),
            ("olga@bank.example", ["olga", "bank", "example"]),
            ("'; DROP | & ! :*", ["drop"]),
            ("", []),
        ],
        ids=["hyphen parts", "apostrophe joins", "quotes go", "an address", "operators are nothing", "nothing"],
    )
    def test_are_letters_and_digits_only(self, text, words):
        assert words_of(text) == words


class TestOtherLayout:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("Bdfyjd", "Иванов"),
            (",jhbcjd", "борисов"),
            ("`krby", "ёлкин"),
            ("Ыьшер", "Smith"),
            ("{fhbnjyjd", "Харитонов"),
        ],
    )
    def test_reads_the_keys_of_the_other_keyboard(self, typed, meant):
        assert other_layout(typed) == meant


class TestInRussian:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("Smirnova", "смирнова"),
            ("Shcherbakov Andrey", "щербаков андрей"),
            ("Iuliia", "юлия"),
            ("Yuliya", "юлия"),
            ("Maria", "мария"),
            ("Zhukovskiy", "жуковский"),
            ("Khasanov-Tsoy", "хасанов-цой"),
            ("Alexander 10009", "александер 10009"),
            ("Смирнова", ""),
            ("10009", ""),
        ],
    )
    def test_spells_a_name_as_it_may_be_spelt_in_russian(self, typed, meant):
        assert in_russian(typed) == meant


class TestNear:
    @pytest.mark.parametrize(
        ("typed", "word"),
        [
            ("ивонов", "иванов"),
            ("смирнва", "смирнова"),
            ("ольгга", "ольга"),
            ("елнеа", "елена"),
            ("смирнав", "смирнова"),
            ("хасонов", "хасановский"),
        ],
        ids=["another letter", "one too few", "one too many", "two swapped", "of a beginning", "of a longer word"],
    )
    def test_one_slip_is_forgiven(self, typed, word):
        assert is_near(typed, word)

    @pytest.mark.parametrize(("typed", "word"), [("ивонав", "иванов"), ("петр", "павел"), ("смирнова", "смир")])
    def test_two_are_not(self, typed, word):
        assert not is_near(typed, word)
