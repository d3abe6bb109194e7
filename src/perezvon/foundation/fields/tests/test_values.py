"""Values of fields: what is taken, what is kept, what is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from perezvon.foundation.fields.field import Choice, Field, Level
from perezvon.foundation.fields.forms import typed_value
from perezvon.foundation.fields.formula import computed, keys_in
from perezvon.foundation.fields.options import choices_in, choices_text
from perezvon.foundation.fields.values import as_typed, clean, mask, merged, read, shown, value_of
from perezvon.kernel.checks import Wrong

TEXTS = st.dictionaries(st.text(max_size=5), st.text(max_size=5))
CARDS = (Choice("gold", {"en": "Gold"}), Choice("plus", {"en": "Plus"}, parent="gold"), Choice("old", {}, "", True))


def field(type_: str, key: str = "f", level: Level = Level.EDITED, choices=(), **options) -> Field:
    return Field(key, {"en": key}, type_, level, "bank", {"en": "Bank"}, options, (), _choices=choices)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class TestRead:
    @pytest.mark.parametrize(
        ("one", "typed", "kept"),
        [
            (field("text"), "  Slow payer ", "Slow payer"),
            (field("text", check="inn"), "7707 083 893", "7707083893"),
            (field("number"), "1 234,5", "1234.5"),
            (field("number", places=0), "-12", "-12"),
            (field("money"), "120 000,50 ₽", "120000.50"),
            (field("date"), "14.05.1981", "1981-05-14"),
            (field("choice", choices=CARDS), "gold", "gold"),
            (field("tree", choices=CARDS), "plus", "plus"),
            (field("choices", choices=CARDS), "plus,gold,plus", ["plus", "gold"]),
            (field("phone"), "8 916 123-45-67", "+79161234567"),
            (field("phone", region="UA"), "044 123-45-67", "+380441234567"),
            (field("email"), "Box@Mail.Example", "Box@mail.example"),
            (field("link"), "company.com/a?b=1", "https://company.com/a?b=1"),
            (field("number"), "  ", None),
        ],
    )
    def test_keeps_it_in_one_form(self, one, typed, kept):
        assert read(one, typed) == kept

    @pytest.mark.parametrize(
        ("one", "typed", "code"),
        [
            (field("text", most_letters=3), "four", "text.long"),
            (replace(field("text"), indexed=True), "x" * 501, "text.long"),
            (replace(field("text", most_letters=3), indexed=True), "four", "text.long"),
            (field("text", check="kpp"), "12", "kpp.form"),
            (field("number"), "1e5", "number.form"),
            (field("number"), "NaN", "number.form"),
            (field("number", places=0), "1,5", "number.places"),
            (field("number", least="0"), "-1", "number.small"),
            (field("number", most="10"), "10,5", "number.large"),
            (field("money"), "9" * 16, "number.big"),
            (field("date"), "31.02.2026", "date.form"),
            (field("choice", choices=CARDS), "silver", "choice.unknown"),
            (field("choice", choices=CARDS), "old", "choice.unknown"),
            (field("phone"), "12", "phone.form"),
            (field("email"), "nobody", "email.form"),
            (field("link"), "javascript:alert(1)", "link.form"),
            (field("link"), "data://a.b", "link.form"),
        ],
    )
    def test_names_what_is_wrong(self, one, typed, code):
        with pytest.raises(Wrong) as wrong:
            read(one, typed)
        assert wrong.value.code == code

    def test_a_choice_that_is_offered_no_more_may_stay(self):
        one = field("choice", choices=CARDS)

        assert clean([one], {"custom_f": "old"}, {"f": "old"}).values == {"f": "old"}
        assert clean([one], {"custom_f": "old"}, {"f": "gold"}).wrong["f"].code == "choice.unknown"

    def test_an_account_is_looked_at_together_with_its_bank(self):
        fields = [field("text", "bik", check="bik"), field("text", "account", check="account", bank="bik")]
        typed = {"custom_bik": "044525225", "custom_account": "40702810138000000001"}

        assert clean(fields, typed, {}).wrong["account"].code == "account.checksum"
        assert clean(fields, {"custom_account": typed["custom_account"]}, {}).wrong == {}

    def test_what_may_only_be_seen_is_passed_over(self):
        seen = field("text", level=Level.SEEN)

        assert clean([seen], {"custom_f": "new"}, {"f": "old"}).values == {}


class TestShown:
    @pytest.mark.parametrize(
        ("one", "kept", "words"),
        [
            (field("money"), "120000.50", "120,000.50 ₽"),
            (field("number"), "-1234.5", "-1,234.5"),
            (field("date"), "1981-05-14", "14.05.1981"),
            (field("tree", choices=CARDS), "plus", "Gold / Plus"),
            (field("choices", choices=CARDS), ["gold", "plus"], "Gold, Gold / Plus"),
            (field("choice", choices=CARDS), "gone", "gone"),
            (field("phone"), "+79161234567", "+7 916 123-45-67"),
            (field("text"), None, ""),
        ],
    )
    def test_is_as_people_write_it(self, one, kept, words):
        assert shown(one, kept).replace("\u00a0", " ") == words

    def test_is_dotted_for_those_who_may_not_read_it(self):
        assert shown(field("text", level=Level.MASKED), "40702810138000000001") == "•" * 18 + "01"
        assert mask("12") == "•"

    def test_a_computed_value_follows_the_others(self):
        left = field("computed", formula="limit - used * 1.5", places=1)

        assert value_of(left, {"limit": "100.00", "used": "10"}) == "85.0"
        assert value_of(left, {"limit": "100.00"}) is None

    @pytest.mark.parametrize("text", ["a * a", "a * 1e999", "1e999 - 1e999"])
    def test_a_computed_value_beyond_all_counting_is_none(self, text):
        assert value_of(field("computed", formula=text), {"a": "9" * 15}) is None


class TestFormula:
    def test_counts_with_decimals(self):
        assert computed("-(a + 0.1) * 3 / 2", {"a": "0.2"}, places=2) == Decimal("-0.45")
        assert computed("a / b", {"a": "1", "b": "0"}, places=2) is None
        assert keys_in("a + b * 2") == {"a", "b"}

    @pytest.mark.parametrize(
        "text", ["", "a +", "a ** 2", "a.b", "f(a)", "[a]", "'a'", "a if b else c", "a" * 501, "True", "~a"]
    )
    def test_is_nothing_else(self, text):
        with pytest.raises(Wrong):
            keys_in(text)

    @given(st.text(max_size=40))
    def test_any_text_is_a_formula_or_wrong(self, text):
        try:
            keys_in(text)
        except Wrong:
            return
        computed(text, {}, places=2)


class TestRoundTrips:
    """What is kept, shown in a form and sent back unchanged stays what it was."""

    @given(st.decimals(min_value=-(10**14), max_value=10**14, places=2, allow_nan=False))
    def test_of_numbers(self, value):
        one = field("number")
        kept = read(one, f"{value:f}")

        assert read(one, typed_value(one, kept)) == kept
        assert Decimal(kept) == value

    @given(st.dates(min_value=date(1000, 1, 1)))
    def test_of_dates(self, day):
        one = field("date")
        kept = read(one, day.isoformat())

        assert read(one, typed_value(one, kept)) == kept == day.isoformat()

    @given(st.text(min_size=1, max_size=100))
    def test_of_texts(self, text):
        one = field("text")
        kept = read(one, text)

        assert kept is None or read(one, typed_value(one, kept)) == kept

    @given(st.lists(st.sampled_from(["gold", "plus"]), unique=True))
    def test_of_choices(self, codes):
        one = field("choices", choices=CARDS)

        assert (read(one, as_typed(codes)) or []) == codes

    @given(
        st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
        st.dictionaries(st.text(max_size=5), st.none() | st.text()),
    )
    def test_a_column_holds_no_empty_values(self, kept, values):
        assert all(merged(kept, values).values())

    def test_of_an_administrators_choices(self):
        text = "gold | Золотая | Gold\n- plus | Плюс\n- - most | Всё | Most\nblack | Чёрная"

        assert choices_text(choices_in(text)) == text
