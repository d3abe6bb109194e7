"""Is it what it should be? Pure functions: typed text in, the value as we keep it out, or Wrong with a code.

A `*_doubts` function finds what is odd but possible; nobody is stopped by a doubt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.ru import inn as inn_number
from stdnum.ru import ogrn as ogrn_number
from stdnum.ua import edrpou as edrpou_number

OLDEST_YEARS = 120
PASSPORT_AGE, REPLACED_AT = 14, (20, 45)
LONGEST_NAME = 100
MOST_NUMBER = Decimal(10) ** 15

_NOT_DIGIT = re.compile(r"\D+")
_SEPARATORS = re.compile(r"[\s\-\u2013\u2116#]+")
_DECIMAL = re.compile(r"[+-]?(\d{1,30}(\.\d{0,12})?|\.\d{1,12})")
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_LINK = re.compile(r"https?://[^\s/?#@]+\.[^\s/?#@.]{2,63}(:\d{1,5})?([/?#]\S*)?", re.I)
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@([^@\s.]+\.)+[^@\s.\d]{2,63}")
# Marks that may stand in or behind a name: apostrophes, hyphen, full stop of an abbreviation.
_NAME_MARKS = "-'\u2019\u02bc.` "
_CYRILLIC, _LATIN = re.compile("[\u0400-\u04ff]"), re.compile("[A-Za-z]")


class Wrong(ValueError):
    """What was typed cannot be right. code: stable, e.g. "inn.checksum"; words for people live in locale/."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


def digits_of(text: str) -> str:
    return _NOT_DIGIT.sub("", text)


# --- numbers ---


def inn(text: str) -> str:
    """A taxpayer's number: 10 digits of a company, 12 of a person, check digits right.

    Weights 2,4,10,3,5,9,4,6,8 and so on, modulo 11 modulo 10; python-stdnum does the sums.
    """
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) not in {10, 12}:
        raise Wrong("inn.length")
    try:
        return str(inn_number.validate(number))
    except InvalidChecksum:
        raise Wrong("inn.checksum") from None
    except ValidationError:
        raise Wrong("inn.length") from None


def snils(text: str) -> str:
    """A pension account: 11 digits; sum of d * (9…1) modulo 101, where 100 stands as 00, is the last two.

    Only numbers above 001-001-998 carry a checksum (rule of the Pension Fund).
    """
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) != 11:
        raise Wrong("snils.length")
    expected = sum(int(digit) * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True)) % 101 % 100
    if int(number[:9]) > 1_001_998 and int(number[9:]) != expected:
        raise Wrong("snils.checksum")
    return number


def ogrn(text: str) -> str:
    """A state registration number: 13 digits of a company, 15 of an entrepreneur, the last one a check digit.

    The rest of the others divided by 11 (13 digits) or by 13 (15 digits), modulo 10; python-stdnum does the sums.
    """
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) not in {13, 15}:
        raise Wrong("ogrn.length")
    try:
        return str(ogrn_number.validate(number))
    except InvalidChecksum:
        raise Wrong("ogrn.checksum") from None
    except ValidationError:
        raise Wrong("ogrn.form") from None


def kpp(text: str) -> str:
    """A tax registration reason: four digits, two digits or Latin capitals, three digits. There is no checksum."""
    code = _SEPARATORS.sub("", text).upper()
    if not _KPP.fullmatch(code):
        raise Wrong("kpp.form")
    return code


def bik(text: str) -> str:
    """A Russian bank's identification code: nine digits, the first of them 0."""
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) != 9:
        raise Wrong("bik.length")
    if number[0] != "0":
        raise Wrong("bik.form")
    return number


def account(text: str, *, bik: str = "") -> str:
    """An account at a Russian bank, 20 digits. With the bank's `bik` its check digit is looked at too.

    An account that begins with 301 is the bank's own at the Bank of Russia, and is checked as such.
    """
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) != 20:
        raise Wrong("account.length")
    prefix = f"0{bik[4:6]}" if number.startswith("301") else bik[-3:]
    if bik and account_key(number, prefix) != int(number[8]):
        raise Wrong("account.checksum")
    return number


def edrpou(text: str) -> str:
    """A Ukrainian company's number, once called OKPO: eight digits, the last one a check digit (python-stdnum)."""
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) != 8:
        raise Wrong("edrpou.length")
    try:
        return str(edrpou_number.validate(number))
    except ValidationError:
        raise Wrong("edrpou.checksum") from None


def passport(text: str) -> str:
    """A Russian passport: 4 digits of the series, 6 of the number."""
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) != 10:
        raise Wrong("passport.length")
    return number


def issuer_code(text: str) -> str:
    """The code of the office that issued a passport, as 000-000."""
    number = _SEPARATORS.sub("", text)
    if not number.isdecimal() or len(number) != 6:
        raise Wrong("issuer_code.length")
    return f"{number[:3]}-{number[3:]}"


def is_card(digits: str) -> bool:
    """Whether this can be the number of a payment card: 13 to 19 digits, Luhn's check digit right (ISO/IEC 7812-1)."""
    if not (digits.isdecimal() and 13 <= len(digits) <= 19):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def account_key(account: str, prefix: str) -> int:
    """The check digit, ninth of the 20, of an account at a Russian bank; what stands there is not looked at.

    prefix: of a client's account the last three digits of the bank's BIK; of a correspondent account "0" and the
    fifth and sixth. Weights 7, 1, 3 over both; the last digit of the sum times 3 (Bank of Russia, 08.09.1997, 515).
    """
    row = prefix + account[:8] + "0" + account[9:]
    total = sum(int(digit) * (7, 1, 3)[place % 3] % 10 for place, digit in enumerate(row))
    return total * 3 % 10


# --- people ---


def name(text: str) -> str:
    """A part of a person's name: letters of any script, hyphen, apostrophe, blanks within. Case stays as typed."""
    found = " ".join(unicodedata.normalize("NFC", text).split())
    if len(found) > LONGEST_NAME:
        raise Wrong("name.long", most=LONGEST_NAME)
    if not all(letter.isalpha() or letter in _NAME_MARKS for letter in found):
        raise Wrong("name.signs")
    if found and (found[0] in "-." or found[-1] == "-"):
        raise Wrong("name.signs")
    return found


def email(text: str) -> str:
    """An address of a mailbox; the domain in small letters."""
    found = text.strip()
    if len(found) > 254 or ".." in found or not _EMAIL.fullmatch(found):
        raise Wrong("email.form")
    box, _, domain = found.rpartition("@")
    return f"{box}@{domain.lower()}"


def link(text: str) -> str:
    """The address of a page; without a scheme it becomes https. No others: a link is clicked."""
    found = text.strip()
    if found and "://" not in found:
        found = f"https://{found}"
    if len(found) > 2000 or not _LINK.fullmatch(found):
        raise Wrong("link.form")
    return found


def decimal(text: str, *, places: int) -> Decimal:
    """A number as people type it: 1 234,5 or 1234.50, with no more than `places` digits behind the point."""
    found = re.sub(r"[\s\u00a0\u202f']", "", text).replace(",", ".").replace("\u2212", "-")
    if not _DECIMAL.fullmatch(found):
        raise Wrong("number.form")
    value = Decimal(found)
    if len(found.partition(".")[2]) > places:
        raise Wrong("number.places", most=places)
    if abs(value) >= MOST_NUMBER:
        raise Wrong("number.big")
    return value + 0  # no minus before a zero


_DATE = re.compile(r"(?P<day>\d{1,2})[./\- ](?P<month>\d{1,2})[./\- ](?P<year>\d{4})|(\d{4})-(\d{2})-(\d{2})")


def day(text: str) -> date:
    """A date as people type it, 14.05.1981, or as browsers send it, 1981-05-14."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise Wrong("date.form")
    typed = (match["year"], match["month"], match["day"]) if match["year"] else match.group(4, 5, 6)
    try:
        return date(*(int(part) for part in typed))
    except ValueError:
        raise Wrong("date.form") from None


def birth_date(text: str, *, today: date) -> date:
    """A date on which somebody alive can have been born."""
    found = day(text)
    if found > today:
        raise Wrong("birth_date.future")
    if today.year - found.year > OLDEST_YEARS:
        raise Wrong("birth_date.old", most=OLDEST_YEARS)
    return found


def years_between(born: date, then: date) -> int:
    """Full years lived."""
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


# --- doubts ---


def name_doubts(text: str) -> Iterator[str]:
    """Letters of two scripts in one word are look-alikes that nobody will ever find."""
    if any(_CYRILLIC.search(word) and _LATIN.search(word) for word in re.split(r"[ \-]", text)):
        yield "name.mixed_scripts"


def passport_doubts(number: str, *, issued: date | None, born: date | None, today: date) -> Iterator[str]:
    """Does the passport go with its owner? From 14 on, replaced at 20 and 45; digits 3 and 4 are the form's year.

    Source: Government decree 828 of 08.07.1997; one may be late by 90 days.
    """
    if issued and issued > today:
        yield "passport.issued_later"
    if issued and born and years_between(born, issued) < PASSPORT_AGE:
        yield "passport.issued_early"
    elif issued and born and any(_is_outlived(age, issued, born, today) for age in REPLACED_AT):
        yield "passport.expired"
    if issued and number.isdecimal() and len(number) == 10:
        printed = int(number[2:4]) + (1900 if number[2] == "9" else 2000)
        if not printed - 1 <= issued.year <= printed + 3:
            yield "passport.form_year"


def _is_outlived(age: int, issued: date, born: date, today: date) -> bool:
    """Issued before the birthday that ends it, which is over for good."""
    due = date(born.year + age, born.month, min(born.day, 28))
    return issued < due and (today - due).days > 90
