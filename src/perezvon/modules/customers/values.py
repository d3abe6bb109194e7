"""What people type about a customer, made into what is kept. One way for pages, API and import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perezvon.foundation.fields import values as custom_values
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.models import LOCKED_TYPES, Address, CardType, ContactPoint, Kind, Sex

RECORD = "customer"  # the kind of records that customers are
CONTRACT = "contract"
PHONES = {f"phone_{use}": use for use in ContactPoint.Use.values}
CONTACTS = (*PHONES, "email", "site")
ADDRESSES = {f"address_{use}": use for use in (Address.Use.REGISTERED, Address.Use.ACTUAL, Address.Use.POSTAL)}
PASSPORT = {
    "passport": "number",
    "passport_issued_on": "issued_on",
    "passport_issuer": "issuer",
    "passport_code": "issuer_code",
}
OWN = (
    "last_name",
    "first_name",
    "middle_name",
    "no_middle_name",
    "company_name",
    "sex",
    "birth_date",
    "birth_country",
    "birth_place",
    "inn",
    "snils",
    "region",
    "town",
    "workplace",
    "position",
    "source",
    "language",
)
EDITABLE = (*OWN, *PASSPORT, *ADDRESSES)
ALL = ("kind", "card_type", *EDITABLE, *CONTACTS, "code_word")


# How a customer wants to be served (F01.50): what is chosen, and what is said in words.
CHANNELS = ("phone", "email", "sms", "messenger", "letter")
TIMES = ("morning", "day", "evening", "weekend")
PREFERENCES: dict[str, tuple[str, ...]] = {"channel": CHANNELS, "time": TIMES, "orders": (), "service": ()}
_LONGEST_PREFERENCE = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field cannot be taken as typed."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """values: of the fields given, as we keep them. problems: of those that cannot be. doubts: codes a field."""

    values: dict[str, Any]
    problems: dict[str, Problem]
    doubts: dict[str, list[str]]


def clean(
    typed: Mapping[str, str], *, today: date, fields: Sequence[Field] = (), kept: Mapping[str, Any] | None = None
) -> Cleaned:
    """Read the fields given. An empty one is empty, not wrong; which must be there is the service's to say.

    fields: an administrator's own, read under their names; kept: the values that they have.
    """
    values: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for name in ALL:
        if name in typed:
            try:
                values[name] = read_own(name, typed[name].strip(), today)
            except Wrong as wrong:
                problems[name] = Problem(wrong.code, wrong.facts)
    if values.get("middle_name") and values.get("no_middle_name"):
        problems["middle_name"] = Problem("middle_name.contradiction")
    own = custom_values.clean(fields, typed, kept or {})
    values |= {custom_name(key): value for key, value in own.values.items()}
    problems |= {custom_name(key): Problem(wrong.code, wrong.facts) for key, wrong in own.wrong.items()}
    return Cleaned(values, problems, _doubts(values, today))


def custom_name(key: str) -> str:
    """What an administrator's own field is called in forms."""
    return f"{PREFIX}{key}"


def custom_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of cleaned values, those of an administrator's own fields, by key."""
    return {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}


def read_own(name: str, text: str, today: date) -> Any:
    """One of `ALL` as it is kept. Raises Wrong."""
    if name == "no_middle_name":
        return text not in {"", "0", "false"}
    if not text:
        return None if name in _DATES else ""
    if name == "birth_date":
        return checks.birth_date(text, today=today)
    return _READERS[name](text)


def _doubts(values: Mapping[str, Any], today: date) -> dict[str, list[str]]:
    found = {name: list(checks.name_doubts(values.get(name) or "")) for name in _NAMES}
    found["passport"] = list(
        checks.passport_doubts(
            values.get("passport") or "",
            issued=values.get("passport_issued_on"),
            born=values.get("birth_date"),
            today=today,
        )
    )
    return {name: doubts for name, doubts in found.items() if doubts}


def preferences_of(typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Problem]]:
    """Preferences as they are kept, and what is wrong with others."""
    given = {name: typed.get(name, "").strip() for name in PREFERENCES}
    problems = {
        name: Problem("choice.unknown") for name, of in PREFERENCES.items() if of and given[name] not in ("", *of)
    }
    problems |= {
        name: Problem("text.long", {"most": _LONGEST_PREFERENCE})
        for name, text in given.items()
        if len(text) > _LONGEST_PREFERENCE
    }
    return {name: text for name, text in given.items() if text}, problems


# --- readers: text in, value out, or Wrong ---


def _at_most(size: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > size:
            raise Wrong("text.long", most=size)
        return text

    return read


def _one_of(choices: list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise Wrong("choice.unknown")
        return text

    return read


def _phone(text: str) -> str:
    """As typed; `point_of` reads it again."""
    if parse_phone(text) is None:
        raise Wrong("phone.form")
    return _at_most(254)(text)


_NAMES = ("last_name", "first_name", "middle_name")
_DATES = ("birth_date", "passport_issued_on")
_TEXTS = {
    "company_name": 255,
    "birth_country": 100,
    "birth_place": 200,
    "region": 100,
    "town": 100,
    "workplace": 200,
    "position": 200,
    "source": 100,
    "passport_issuer": 255,
    "site": 254,
    "code_word": 100,
    **dict.fromkeys(ADDRESSES, 400),
}
_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(_NAMES, checks.name),
    **{name: _at_most(size) for name, size in _TEXTS.items()},
    **dict.fromkeys(PHONES, _phone),
    "kind": _one_of([Kind.PERSON, Kind.COMPANY]),
    # Clients and front office applicants come from the systems that know them, by import.
    "card_type": _one_of([one for one in CardType.values if one not in LOCKED_TYPES]),
    "sex": _one_of(Sex.values),
    "language": _one_of(["ru", "en"]),
    "inn": checks.inn,
    "snils": checks.snils,
    "passport": checks.passport,
    "passport_issued_on": checks.day,
    "passport_code": checks.issuer_code,
    "email": checks.email,
}
