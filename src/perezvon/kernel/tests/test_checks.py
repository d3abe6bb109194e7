from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong

TODAY = date(2026, 11, 22)


def code_of(check, *given, **facts) -> str:
    with pytest.raises(Wrong) as wrong:
        check(*given, **facts)
    return wrong.value.code


class TestInn:
    @pytest.mark.parametrize("typed", ["7707083893", "500100732259", "77 07 083893", " 5001-0073-2259 "])
    def test_takes_right_numbers_of_companies_and_persons(self, typed):
        assert checks.inn(typed) == "".join(filter(str.isdecimal, typed))

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("7707083894", "inn.checksum"),
            ("500100732258", "inn.checksum"),
            ("500100732269", "inn.checksum"),
            ("77070838931", "inn.length"),
            ("770708389A", "inn.length"),
            ("", "inn.length"),
        ],
    )
    def test_names_what_is_wrong(self, typed, code):
        assert code_of(checks.inn, typed) == code


class TestSnils:
    @pytest.mark.parametrize(
        "typed",
        ["112-233-445 95", "11223344595", "001-001-998 00", "087-654-303 00"],
        ids=["the published example", "without signs", "old numbers have no checksum", "100 stands as 00"],
    )
    def test_takes_right_numbers(self, typed):
        assert checks.snils(typed) == "".join(filter(str.isdecimal, typed))

    @pytest.mark.parametrize(("typed", "code"), [("112-233-445 96", "snils.checksum"), ("112-233-445", "snils.length")])
    def test_names_what_is_wrong(self, typed, code):
        assert code_of(checks.snils, typed) == code


class TestPassport:
    @pytest.mark.parametrize("typed", ["4509 123456", "45 09 123456", "4509№123456", "4509123456"])
    def test_keeps_ten_digits(self, typed):
        assert checks.passport(typed) == "4509123456"

    @pytest.mark.parametrize("typed", ["450912345", "45091234567", "45 AB 123456", ""])
    def test_refuses_others(self, typed):
        assert code_of(checks.passport, typed) == "passport.length"

    @pytest.mark.parametrize(
        ("number", "issued", "doubts"),
        [
            ("4510123456", date(2010, 6, 1), []),
            ("4502123456", date(2002, 6, 1), ["passport.issued_early"]),
            ("4507123456", date(2007, 6, 1), ["passport.expired"]),
            ("4526123456", date(2026, 11, 23), ["passport.issued_later"]),
            ("4515123456", date(2011, 6, 1), ["passport.form_year"]),
        ],
        ids=["fits", "before 14", "not replaced at 20", "in the future", "printed after it was issued"],
    )
    def test_doubts_what_does_not_fit_its_owner(self, number, issued, doubts):
        born = date(1990, 5, 14)

        assert list(checks.passport_doubts(number, issued=issued, born=born, today=TODAY)) == doubts

    def test_one_may_be_late_by_ninety_days(self):
        born = date(2006, 9, 1)

        assert not list(checks.passport_doubts("", issued=date(2020, 9, 20), born=born, today=date(2026, 11, 29)))
        assert list(checks.passport_doubts("", issued=date(2020, 9, 20), born=born, today=date(2026, 12, 1))) == [
            "passport.expired"
        ]


class TestName:
    @pytest.mark.parametrize(
        "typed",
        ["Смирнова", "Петров-Водкин", "О'Коннор", "Алиев Мамед оглы", "Ы", "Müller", "ван дер Ваальс", "Мл."],
    )
    def test_takes_names_as_they_are(self, typed):
        assert checks.name(typed) == typed

    def test_keeps_one_blank(self):
        assert checks.name("  Анна   Мария ") == "Анна Мария"

    @pytest.mark.parametrize("typed", ["Иванов2", "Иванов@", "-Иванов", "Иванов-", "<b>Иван</b>"])
    def test_refuses_other_signs(self, typed):
        assert code_of(checks.name, typed) == "name.signs"

    def test_refuses_more_than_fits(self):
        assert code_of(checks.name, "а" * 101) == "name.long"

    def test_doubts_two_scripts_in_a_word(self):
        latin_o = "Иван\u006fв"

        assert list(checks.name_doubts(latin_o)) == ["name.mixed_scripts"]
        assert list(checks.name_doubts("Иванов-Smith")) == []


class TestEmail:
    def test_keeps_the_box_and_lowers_the_domain(self):
        assert checks.email(" E.Smirnova@Mail.Example ") == "E.Smirnova@mail.example"

    @pytest.mark.parametrize("typed", ["smirnova", "a@b", "a b@mail.ru", "a@b..ru", "a@mail.1", "@mail.ru"])
    def test_refuses_what_cannot_be_one(self, typed):
        assert code_of(checks.email, typed) == "email.form"


class TestBirthDate:
    @pytest.mark.parametrize("typed", ["14.05.1981", "14/5/1981", "1981-05-14", " 14-05-1981"])
    def test_takes_dates_as_people_type_them(self, typed):
        assert checks.birth_date(typed, today=TODAY) == date(1981, 5, 14)

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("31.02.1981", "date.form"),
            ("14.05.81", "date.form"),
            ("23.11.2026", "birth_date.future"),
            ("14.05.1881", "birth_date.old"),
        ],
    )
    def test_names_what_is_wrong(self, typed, code):
        assert code_of(checks.birth_date, typed, today=TODAY) == code

    @pytest.mark.parametrize(
        ("then", "years"), [(date(2026, 5, 13), 44), (date(2026, 5, 14), 45)], ids=["the day before", "the birthday"]
    )
    def test_years_are_full_ones(self, then, years):
        assert checks.years_between(date(1981, 5, 14), then) == years


class TestBankNumbers:
    def test_a_card_has_luhns_check_digit(self):
        assert checks.is_card("4111111111111111")
        assert not checks.is_card("4111111111111112")
        assert not checks.is_card("411111111111")

    @pytest.mark.parametrize(
        ("account", "prefix"),
        [("30101810400000000225", "025"), ("30101810200000000593", "025")],
        ids=["correspondent account of BIK 044525225", "of BIK 044525593"],
    )
    def test_an_accounts_ninth_digit_is_its_key(self, account, prefix):
        assert checks.account_key(account, prefix) == int(account[8])


class TestCompanyNumbers:
    @pytest.mark.parametrize("typed", ["1027700132195", "304500116000157", "1 02 77 00 13219 5"])
    def test_takes_right_registration_numbers(self, typed):
        assert checks.ogrn(typed) == typed.replace(" ", "")

    @pytest.mark.parametrize(
        ("check", "typed", "code"),
        [
            (checks.ogrn, "1027700132196", "ogrn.checksum"),
            (checks.ogrn, "304500116000158", "ogrn.checksum"),
            (checks.ogrn, "10277001321", "ogrn.length"),
            (checks.kpp, "77070100", "kpp.form"),
            (checks.kpp, "7707ЮЛ001", "kpp.form"),
            (checks.bik, "04452522", "bik.length"),
            (checks.bik, "144525225", "bik.form"),
            (checks.edrpou, "32855968", "edrpou.checksum"),
            (checks.edrpou, "3285596", "edrpou.length"),
            (checks.account, "4070281090000000000", "account.length"),
        ],
    )
    def test_names_what_is_wrong(self, check, typed, code):
        assert code_of(check, typed) == code

    def test_takes_others(self):
        assert checks.kpp("7707 5k 001") == "77075K001"
        assert checks.bik("044525225") == "044525225"
        assert checks.edrpou("32855961") == "32855961"

    def test_an_account_goes_with_its_bank(self):
        assert checks.account("30101810400000000225", bik="044525225") == "30101810400000000225"
        assert code_of(checks.account, "30101810500000000225", bik="044525225") == "account.checksum"
        assert checks.account("40702810138000000001") == "40702810138000000001"


class TestLinkAndNumber:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("company.com", "https://company.com"),
            ("http://пример.рф/путь?a=1#b", "http://пример.рф/путь?a=1#b"),
            ("HTTPS://Company.com:8443", "HTTPS://Company.com:8443"),
        ],
    )
    def test_keeps_addresses_of_pages(self, typed, kept):
        assert checks.link(typed) == kept

    @pytest.mark.parametrize(
        "typed", ["javascript:alert(1)", "ftp://a.com", "https://a b.com", "https://x@a.com", "word"]
    )
    def test_refuses_other_addresses(self, typed):
        assert code_of(checks.link, typed) == "link.form"

    @pytest.mark.parametrize(
        ("typed", "value"),
        [("1 234,50", "1234.50"), ("-0,5", "-0.5"), ("−7", "-7"), ("-0", "0"), ("12\xa0000", "12000")],
    )
    def test_reads_numbers_as_people_type_them(self, typed, value):
        assert checks.decimal(typed, places=2) == Decimal(value)
        assert not str(checks.decimal("-0", places=2)).startswith("-")

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("1,234,5", "number.form"),
            ("1e9", "number.form"),
            ("1,239", "number.places"),
            ("1" + "0" * 15, "number.big"),
        ],
    )
    def test_refuses_others(self, typed, code):
        assert code_of(checks.decimal, typed, places=2) == code


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


class TestEveryNumber:
    """Made by its rule it is right, however it is typed; and no text at all makes a check fall over."""

    @given(digits(9), st.sampled_from(["", " ", "-"]))
    def test_of_a_companys_tax(self, nine, mark):
        key = sum(int(d) * w for d, w in zip(nine, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True)) % 11 % 10

        assert checks.inn(f"{nine[:4]}{mark}{nine[4:]}{key}") == f"{nine}{key}"
        assert code_of(checks.inn, f"{nine}{(key + 1) % 10}") == "inn.checksum"

    @given(digits(9).filter(lambda nine: int(nine) > 1_001_998))
    def test_of_a_pension_account(self, nine):
        key = sum(int(d) * w for d, w in zip(nine, range(9, 0, -1), strict=True)) % 101 % 100

        assert checks.snils(f"{nine[:3]}-{nine[3:6]}-{nine[6:]} {key:02}") == f"{nine}{key:02}"
        assert code_of(checks.snils, f"{nine}{(key + 1) % 100:02}") == "snils.checksum"

    @given(digits(9), digits(20).filter(lambda account: not account.startswith("301")))
    def test_of_a_bank_account_has_one_right_key(self, bik, account):
        right = [key for key in range(10) if not is_wrong(checks.account, f"{account[:8]}{key}{account[9:]}", bik=bik)]

        assert len(right) == 1

    @pytest.mark.parametrize(
        "check",
        [
            checks.inn,
            checks.snils,
            checks.ogrn,
            checks.kpp,
            checks.bik,
            checks.account,
            checks.edrpou,
            checks.passport,
            checks.issuer_code,
            checks.email,
            checks.link,
            checks.name,
            checks.day,
        ],
    )
    @given(st.text(max_size=30) | st.text("0123456789-\u0663\u00b2 ", max_size=24))
    def test_any_text_is_taken_or_wrong_and_taken_the_same_again(self, check, text):
        try:
            kept = check(text)
        except Wrong:
            return
        assert check(kept if isinstance(kept, str) else kept.isoformat()) == kept


def is_wrong(check, *given, **facts) -> bool:
    try:
        check(*given, **facts)
    except Wrong:
        return True
    return False
