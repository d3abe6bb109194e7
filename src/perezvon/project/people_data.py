"""Lifelike customers who do not exist: names by frequency, numbers that pass their checks, the same for one seed.

Made in batches and inserted in bulk with their search rows; the triggers write their history as for anybody else.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.db import transaction

from perezvon.foundation.numbering import reserve_numbers
from perezvon.foundation.search import services as index
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.keys import code_word_key, product_key
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Document, ProductHeld, Status
from perezvon.modules.customers.services.writing import entry_of

BATCH = 2_000
SHARED_EVERY = 40  # so many customers, two of whom have one home telephone
DAYS_OF_CUSTOM = 7 * 365


def make_customers(count: int, seed: int, now: datetime) -> int:
    """Insert `count` customers of the last seven years; deterministic by seed, ids aside. Returns how many."""
    made = 0
    people = _people(count, random.Random(seed), now)  # noqa: S311  (lifelike, not secret)
    for batch in itertools.batched(people, BATCH):
        with transaction.atomic():
            _insert(batch)
        made += len(batch)
    return made


@dataclass(slots=True)
class _Made:
    """One customer with all that belongs to him, not yet stored."""

    customer: Customer
    points: list[ContactPoint]
    document: Document
    address: Address
    products: list[ProductHeld]


def _insert(batch: tuple[_Made, ...]) -> None:
    numbers = reserve_numbers("customer", len(batch))
    for number, made in zip(numbers, batch, strict=True):
        made.customer.number = number
    Customer.objects.bulk_create([made.customer for made in batch])
    ContactPoint.objects.bulk_create([point for made in batch for point in made.points])
    Document.objects.bulk_create([made.document for made in batch])
    Address.objects.bulk_create([made.address for made in batch])
    ProductHeld.objects.bulk_create([product for made in batch for product in made.products])
    index.put_many(entry_of(made.customer) for made in batch)


def _people(count: int, chance: random.Random, now: datetime) -> Iterator[_Made]:
    home = ""
    for number in range(count):
        made = _person(chance, now, shared_home=home if number % SHARED_EVERY == 1 else "")
        home = next((point.raw for point in made.points if point.use == ContactPoint.Use.HOME), home)
        yield made


def _person(chance: random.Random, now: datetime, *, shared_home: str) -> _Made:
    words = _words()
    is_woman = chance.random() < 0.54
    region = chance.choices(words["regions"], weights=_falling(len(words["regions"])))[0]
    name, town, zone, passport_code, inn_code, area_codes = region
    born = now.date() - timedelta(days=chance.randint(19 * 365, 82 * 365))
    last, first, middle = _name(chance, is_woman=is_woman)
    created = now - timedelta(days=chance.randint(1, DAYS_OF_CUSTOM), seconds=chance.randint(0, 86_399))
    existing = chance.random() < 0.85
    customer = Customer(
        id=uuid7(created, chance.randbytes(10)),
        status=Status.EXISTING if existing else Status.POTENTIAL,
        last_name=last,
        first_name=first,
        middle_name=middle,
        no_middle_name=not middle,
        sex="f" if is_woman else "m",
        birth_date=born,
        birth_country="\u0420\u043e\u0441\u0441\u0438\u044f",
        birth_place=town,
        inn=_inn(chance, inn_code),
        snils=_snils(chance),
        region=name,
        town=town,
        zone=zone,
        segment=chance.choice(words["segments"]) if existing else "",
        workplace=chance.choice(words["workplaces"]),
        position=chance.choice(words["positions"].split()),
        source=chance.choice(words["sources"]),
        warnings=[chance.choice(words["warnings"])] if chance.random() < 0.03 else [],
        created_at=created,
    )
    customer.sort_key = index.text_for(customer.full_name)[:320]
    customer.code_word = code_word_key(customer.pk, chance.choice(words["code_words"].split()))
    return _Made(
        customer,
        _points(chance, customer, area_codes, shared_home),
        _passport(chance, customer, passport_code, now.date()),
        _address(chance, customer),
        _products(chance, customer, now) if existing else [],
    )


def _name(chance: random.Random, *, is_woman: bool) -> tuple[str, str, str]:
    words = _words()
    surnames = words["surnames"].split()
    if chance.random() < 0.75:
        last = chance.choices(surnames, weights=_falling(len(surnames)))[0]
    else:
        last = chance.choice(words["stems"].split()) + chance.choice(words["endings"])
    men = words["men"]
    father = chance.choices(men, weights=_falling(len(men)))[0]
    middle = "" if chance.random() < 0.01 else father[2 if is_woman else 1]
    if not is_woman:
        return last, chance.choices(men, weights=_falling(len(men)))[0][0], middle
    women = words["women"].split()
    first = chance.choices(women, weights=_falling(len(women)))[0]
    return _feminine(last), first, middle


def _feminine(surname: str) -> str:
    """The form for a woman; surnames that have only one form stay."""
    for ending, her in _words()["feminine"]:
        if surname.endswith(ending):
            return surname[: -len(ending)] + str(her)
    return surname


def _points(chance: random.Random, customer: Customer, codes: list[str], shared_home: str) -> list[ContactPoint]:
    mobile = f"+7{chance.choice(_words()['mobile'].split())}{chance.randint(1_000_000, 9_999_999)}"
    found = [_phone(customer, ContactPoint.Use.MOBILE, mobile, is_main=True)]
    if shared_home or chance.random() < 0.35:
        code = str(chance.choice(codes))
        subscriber = chance.randint(2 * 10 ** (9 - len(code)), 10 ** (10 - len(code)) - 1)
        found.append(_phone(customer, ContactPoint.Use.HOME, shared_home or f"+7{code}{subscriber}"))
    if chance.random() < 0.3:
        work = f"+7{chance.choice(_words()['mobile'].split())}{chance.randint(1_000_000, 9_999_999)}"
        found.append(_phone(customer, ContactPoint.Use.WORK, work))
    if chance.random() < 0.6:
        address = f"client{chance.randint(10_000, 9_999_999)}@mail.example"
        found.append(ContactPoint(customer=customer, kind=ContactPoint.Kind.EMAIL, raw=address))
    return found


def _phone(customer: Customer, use: str, number: str, *, is_main: bool = False) -> ContactPoint:
    return ContactPoint(
        customer=customer,
        kind=ContactPoint.Kind.PHONE,
        use=use,
        raw=number,
        digits=number.lstrip("+"),
        is_main=is_main,
    )


def _passport(chance: random.Random, customer: Customer, code: str, today: date) -> Document:
    """Issued at 20 or 45, whichever came last; the series' second half is the year of its form."""
    born = customer.birth_date or today
    age = 45 if (today - born).days > 46 * 365 else 20 if (today - born).days > 21 * 365 else 14
    issued = min(
        today, born.replace(day=min(born.day, 28), year=born.year + age) + timedelta(days=chance.randint(5, 60))
    )
    return Document(
        customer=customer,
        number=f"{code}{issued.year % 100:02}{chance.randint(100_000, 999_999)}",
        issued_on=issued,
        issuer=f"{chance.choice(_words()['issuers'])} {customer.region}".upper(),
        issuer_code=f"{chance.randint(100, 999)}-{chance.randint(1, 130):03}",
    )


def _address(chance: random.Random, customer: Customer) -> Address:
    street = chance.choice(_words()["streets"].split())
    house, flat = chance.randint(1, 120), chance.randint(1, 240)
    text = f"{customer.region}, {customer.town}, \u0443\u043b {street}, \u0434 {house}, \u043a\u0432 {flat}"
    return Address(customer=customer, postcode=str(chance.randint(101_000, 690_999)), text=text)


def _products(chance: random.Random, customer: Customer, now: datetime) -> list[ProductHeld]:
    chosen = chance.sample(_words()["products"], chance.choices((1, 2, 3), weights=(5, 4, 1))[0])
    return [_product(chance, customer, kind, name, now) for kind, name in chosen]


def _product(chance: random.Random, customer: Customer, kind: str, name: str, now: datetime) -> ProductHeld:
    number = _card(chance) if kind == "card" else "40817810" + "".join(str(chance.randint(0, 9)) for _ in range(12))
    return ProductHeld(
        customer=customer,
        kind=kind,
        name=name,
        key_hash=product_key(number),
        last4=number[-4:],
        balance=chance.randint(100, 900_000),
        until=now.date() + timedelta(days=chance.randint(60, 1_500)) if kind != "account" else None,
    )


# --- numbers that pass their checks (UX.md §4.1) ------------------------------------------------------


def _inn(chance: random.Random, region: str) -> str:
    digits = [int(sign) for sign in region] + [chance.randint(0, 9) for _ in range(8)]
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        digits.append(sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 11 % 10)
    return "".join(map(str, digits))


def _snils(chance: random.Random) -> str:
    number = f"{chance.randint(1_002_000, 999_999_999):09}"
    control = sum(int(sign) * weight for sign, weight in zip(number, range(9, 0, -1), strict=True)) % 101
    return f"{number}{control % 100:02}"


def _card(chance: random.Random) -> str:
    """A Mir number, with Luhn's check digit."""
    body = "2200" + "".join(str(chance.randint(0, 9)) for _ in range(11))
    doubled = [int(sign) * (2 if place % 2 == 0 else 1) for place, sign in enumerate(body)]
    total = sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return f"{body}{-total % 10}"


@cache
def _falling(count: int) -> list[float]:
    """Weights for a list whose first are the most frequent."""
    return [1 / (place + 3) for place in range(count)]


@cache
def _words() -> dict[str, Any]:
    text = resources.files("perezvon.project").joinpath("blueprints", "people", "names.yaml").read_text("utf-8")
    return yaml.safe_load(text)  # type: ignore[no-any-return]
