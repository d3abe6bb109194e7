"""Invented customers as lifelike as real ones: for the demo, for benches, for tests of size.

The same count, seed and time give the same people. They are written by COPY, the words they are found by as well:
2,000 in a second, 1,000,000 in a few minutes.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import yaml
from django.db import connection, transaction

from perezvon.foundation.numbering import reserve_numbers
from perezvon.foundation.search.services import add_words, text_for
from perezvon.kernel import checks
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.keys import code_word_key, product_key
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Document, ProductHeld
from perezvon.modules.customers.selectors.search import KIND

_CHUNK = 5_000
# Beyond that the history of their making is left out: it would be larger than they are.
_WITH_HISTORY = 20_000
_BANK_PREFIX = "000"  # of a bank that does not exist
_CARD_PREFIX = "220070"
_CARD_TYPES = {"existing": "client", "potential": "interested", "former": "client"}  # as a bank has them
_FIRST_FORM = date(1998, 1, 1)  # passports of today's form
_TABLES: dict[str, tuple[str, str]] = {
    "customer": (
        Customer._meta.db_table,
        "id, number, kind, status, card_type, last_name, first_name, middle_name, no_middle_name, company_name, sex,"
        " birth_date, birth_country, birth_place, inn, snils, region, town, zone, segment, workplace,"
        " position, source, warnings, code_word, language, custom, sort_key, version, created_at",
    ),
    "point": (
        ContactPoint._meta.db_table,
        "customer_id, kind, use, digits, extension, raw, is_main, struck_reason",
    ),
    "document": (Document._meta.db_table, "customer_id, kind, number, issued_on, issuer, issuer_code"),
    "address": (Address._meta.db_table, "customer_id, use, postcode, text"),
    "product": (ProductHeld._meta.db_table, "customer_id, kind, name, key_hash, last4, balance, currency, until"),
    "entry": ("search_searchentry", "key, kind, title, text"),
}


def make_customers(count: int, seed: int, now: datetime) -> int:
    """Add `count` persons, registered over the twelve years before `now`. Gives their number.

    Inside a transaction they are part of it; otherwise every few thousand are committed, as benches want it.
    """
    numbers = reserve_numbers("customer", count)
    maker = _Maker(random.Random(seed), now, numbers)  # noqa: S311  (the same people every time)
    with _without_history(count):
        for chunk in itertools.batched(numbers, _CHUNK):
            _write(maker, chunk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer, customers_contactpoint, search_searchentry, search_searchword")
    return count


def code_word_of(number: int) -> str:
    """The code word of the invented customer with this number, if he has one."""
    words = _names().code_words
    return words[number % len(words)]


def card_of(number: int, nth: int = 0) -> str:
    """The whole number of his nth product, if that is a card."""
    row = f"{_CARD_PREFIX}{nth}{number:08d}"
    return next(card for digit in "0123456789" if checks.is_card(card := row + digit))


def account_of(number: int, nth: int = 0) -> str:
    """The whole number of his nth product, if that is an account."""
    row = f"408178100{nth:02d}{number:09d}"
    return f"{row[:8]}{checks.account_key(row, _BANK_PREFIX)}{row[9:]}"


# --- names ---


@dataclass(frozen=True, slots=True)
class _Region:
    name: str
    town: str
    zone: str
    okato: str
    inn: str
    area_codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """The lists of names.yaml; weights are cumulative."""

    male: Sequence[str]
    female: Sequence[str]
    surname_weights: Sequence[float]
    men: Sequence[Sequence[str]]
    men_weights: Sequence[float]
    women: Sequence[str]
    women_weights: Sequence[float]
    regions: Sequence[_Region]
    region_weights: Sequence[float]
    code_words: Sequence[str]
    latin: dict[int, str]
    rest: dict[str, Any]


def _falling(count: int, offset: int) -> list[float]:
    """Cumulative weights of 1 / (rank + offset): the usual fall of frequencies of names."""
    return list(itertools.accumulate(1 / (rank + offset) for rank in range(count)))


@cache
def _names() -> _Names:
    text = resources.files("perezvon.project").joinpath("blueprints", "people", "names.yaml").read_text("utf-8")
    raw = yaml.safe_load(text)
    common = raw["surnames"].split()
    rare = [stem + ending for stem in raw["stems"].split() for ending in raw["endings"]]
    weights = _falling(len(common), 25)
    weights += [weights[-1] * (1 + 0.12 * rank / len(rare)) for rank in range(1, len(rare) + 1)]
    women, regions = raw["women"].split(), [_Region(*row) for row in raw["regions"]]
    return _Names(
        male=[*common, *rare],
        female=[_feminine(name, raw["feminine"]) for name in (*common, *rare)],
        surname_weights=weights,
        men=raw["men"],
        men_weights=_falling(len(raw["men"]), 5),
        women=women,
        women_weights=_falling(len(women), 5),
        regions=regions,
        region_weights=_falling(len(regions), 2),
        code_words=raw["code_words"].split(),
        latin=str.maketrans(raw["latin"]),
        rest={key: value.split() if key in _WORD_LISTS else value for key, value in raw.items()},
    )


_WORD_LISTS = {"mobile", "streets", "positions"}


def _feminine(surname: str, endings: Iterable[Sequence[str]]) -> str:
    for his, hers in endings:
        if surname.endswith(his):
            return surname.removesuffix(his) + hers
    return surname


# --- people ---


@dataclass(slots=True)
class _Home:
    """Where a family lives, so that the next customer may be one of it."""

    surname: int
    region: _Region
    address: str
    phone: str


@dataclass(slots=True)
class _Rows:
    """Lines for COPY, by table."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {table: [] for table in _TABLES})
    words: set[str] = field(default_factory=set)

    def add(self, table: str, *values: object) -> None:
        self.lines[table].append("\t".join([_written(value) for value in values]) + "\n")


def _written(value: object) -> str:
    """As COPY's text format has it. Our values hold neither tabs nor backslashes."""
    if value is None:
        return r"\N"
    return ("f", "t")[value] if isinstance(value, bool) else str(value)


class _Maker:
    """Draws one person after the other."""

    def __init__(self, chance: random.Random, now: datetime, numbers: range) -> None:
        self._chance = chance
        self._now = now
        self._today = now.date()
        self._first = numbers.start
        self._step = timedelta(days=12 * 365) / max(1, len(numbers))
        self._began = now - self._step * len(numbers)
        self._names = _names()
        self._home: _Home | None = None
        self._switchboards = [f"7495{chance.randrange(2_000_000, 9_999_999)}" for _ in range(3)]

    def draw(self, number: int, rows: _Rows) -> None:
        chance, names = self._chance, self._names
        created = self._began + self._step * (number - self._first)
        key = uuid7(created, chance.randbytes(10))
        home = self._home_of(chance)
        is_woman = chance.random() < 0.54
        last, first, middle = self._name(home.surname, is_woman)
        born = self._today - timedelta(days=int(chance.triangular(18, 88, 38) * 365.25))
        status = chance.choices(("existing", "potential", "former"), (80, 15, 5))[0]
        full_name = f"{last} {first} {middle}".strip()
        text = text_for(f"{full_name} {number}")
        is_known = status != "potential" or chance.random() < 0.4
        rest, region = names.rest, home.region
        rows.add(
            "customer", key, number, "person", status, _CARD_TYPES[status], last, first, middle, not middle, "",
            "f" if is_woman else "m", born, rest["country"] if is_known else "",
            chance.choice(names.regions).town if is_known else "",
            self._inn(region) if is_known and chance.random() < 0.75 else "",
            self._snils() if is_known and chance.random() < 0.6 else "",
            region.name, region.town, region.zone,
            chance.choice(rest["segments"]) if status == "existing" else "",
            chance.choice(rest["workplaces"]) if chance.random() < 0.5 else "",
            chance.choice(rest["positions"]) if chance.random() < 0.5 else "",
            chance.choice(rest["sources"]),
            json.dumps([chance.choice(rest["warnings"])] if chance.random() < 0.03 else [], ensure_ascii=False),
            code_word_key(key, code_word_of(number)) if is_known and chance.random() < 0.7 else "",
            "ru", "{}", text.rpartition(" ")[0], 1, created,
        )  # fmt: skip
        rows.add("entry", key, KIND, full_name, text)
        rows.words.update(text.split())
        self._points(key, number, (last, first), home, rows)
        if is_known:
            self._document(key, born, region, rows)
            self._addresses(key, home, rows)
        if status == "existing":
            self._products(key, number, rows)

    def _name(self, surname: int, is_woman: bool) -> tuple[str, str, str]:
        chance, names = self._chance, self._names
        father = chance.choices(names.men, cum_weights=names.men_weights)[0]
        middle = "" if chance.random() < 0.015 else father[2 if is_woman else 1]
        if is_woman:
            return names.female[surname], chance.choices(names.women, cum_weights=names.women_weights)[0], middle
        return names.male[surname], chance.choices(names.men, cum_weights=names.men_weights)[0][0], middle

    def _home_of(self, chance: random.Random) -> _Home:
        """Now and then the home of the one before: husband and wife share name, address and telephone."""
        if self._home is None or chance.random() > 0.05:
            names = self._names
            region = chance.choices(names.regions, cum_weights=names.region_weights)[0]
            surname = chance.choices(range(len(names.male)), cum_weights=names.surname_weights)[0]
            address = names.rest["street"].format(
                town=region.town,
                street=chance.choice(names.rest["streets"]),
                house=chance.randint(1, 120),
                flat=chance.randint(1, 300),
            )
            self._home = _Home(surname, region, address, self._landline(region))
        return self._home

    def _landline(self, region: _Region) -> str:
        return f"7{self._chance.choice(region.area_codes)}{self._chance.randrange(2_000_000, 9_999_999)}"

    def _mobile(self) -> str:
        return f"7{self._chance.choice(self._names.rest['mobile'])}{self._chance.randrange(10_000_000):07d}"

    def _points(self, key: UUID, number: int, name: tuple[str, str], home: _Home, rows: _Rows) -> None:
        chance = self._chance
        struck = chance.choice(ContactPoint.Strike.values) if chance.random() < 0.02 else ""
        phones = [("mobile", self._mobile(), "")]
        if struck or chance.random() < 0.08:
            phones.append(("mobile", self._mobile(), struck))
        if chance.random() < 0.15:
            phones.append(("home", home.phone, ""))
        if chance.random() < 0.1:
            shared = chance.random() < 0.05
            phones.append(("work", chance.choice(self._switchboards) if shared else self._landline(home.region), ""))
        for place, (use, digits, reason) in enumerate(phones):
            rows.add("point", key, "phone", use, digits, "", f"+{digits}", place == 0, reason)
        if chance.random() < 0.55:
            box = f"{name[1][0]}.{name[0]}".lower().translate(self._names.latin)
            rows.add("point", key, "email", "contact", "", "", f"{box}{number % 1000}@mail.example", False, "")

    def _document(self, key: UUID, born: date, region: _Region, rows: _Rows) -> None:
        chance = self._chance
        issued = self._issued_on(born)
        number = f"{region.okato}{issued.year % 100:02d}{chance.randrange(100_000, 999_999)}"
        issuer = f"{chance.choice(self._names.rest['issuers'])} {region.name}".upper()
        code = f"{region.inn}0-{chance.randrange(1, 99):03d}"
        rows.add("document", key, Document.PASSPORT, number, issued, issuer, code)

    def _issued_on(self, born: date) -> date:
        """Some weeks after the birthday of 14, 20 or 45 that came last, or later, when such forms did not exist yet."""
        delay = timedelta(days=self._chance.randint(15, 75))
        due = [date(born.year + age, born.month, min(born.day, 28)) + delay for age in (14, *checks.REPLACED_AT)]
        issued = max(day for day in due if day <= self._today)
        return issued if issued >= _FIRST_FORM else _FIRST_FORM + timedelta(days=self._chance.randint(0, 2100))

    def _addresses(self, key: UUID, home: _Home, rows: _Rows) -> None:
        rows.add("address", key, Address.Use.REGISTERED, "", home.address)
        if self._chance.random() < 0.2:
            rows.add("address", key, Address.Use.ACTUAL, "", home.address.rpartition(",")[0])

    def _products(self, key: UUID, number: int, rows: _Rows) -> None:
        chance = self._chance
        for nth in range(chance.choices((0, 1, 2, 3), (5, 45, 35, 15))[0]):
            kind, name = chance.choice(self._names.rest["products"])
            whole = card_of(number, nth) if kind == ProductHeld.Kind.CARD else account_of(number, nth)
            balance = f"{chance.lognormvariate(10, 1.2):.2f}"
            until = self._today + timedelta(days=chance.randint(60, 1800)) if kind != "account" else None
            rows.add("product", key, kind, name, product_key(whole), whole[-4:], balance, "RUB", until)

    def _inn(self, region: _Region) -> str:
        digits = f"{region.inn}{self._chance.randrange(100_000_00, 999_999_99):08d}"
        for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
            digits += str(sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 % 10)
        return digits

    def _snils(self) -> str:
        digits = f"{self._chance.randrange(1_001_999, 999_999_999):09d}"
        check = sum(int(d) * w for d, w in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
        return f"{digits}{check:02d}"


# --- writing ---


@transaction.atomic
def _write(maker: _Maker, numbers: Iterable[int]) -> None:
    rows = _Rows()
    for number in numbers:
        maker.draw(number, rows)
    with connection.cursor() as cursor:
        for table, (name, columns) in _TABLES.items():
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                copy.write("".join(rows.lines[table]))
    add_words((KIND, word) for word in rows.words)


@contextmanager
def _without_history(count: int) -> Iterator[None]:
    """A large load leaves no history behind."""
    if count <= _WITH_HISTORY:
        yield
        return
    _switch_history("DISABLE")
    try:
        yield
    finally:
        _switch_history("ENABLE")


def _switch_history(act: str) -> None:
    tables = [name for name, _ in _TABLES.values() if name.startswith("customers_")]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in tables:
            cursor.execute(f"ALTER TABLE {name} {act} TRIGGER history_insert")
