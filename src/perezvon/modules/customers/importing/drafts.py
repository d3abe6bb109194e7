"""A row of a table as a customer: what finds him, and what would stand on his card. No queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from perezvon.foundation.fields import values as custom_values
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.imports.registry import Policy, Problem, Row
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.kernel.phone import PhoneNumber, parse_phone
from perezvon.modules.customers.addresses import HOME, PARTS, cleaned_parts, in_one_line
from perezvon.modules.customers.importing.targets import DOCUMENTS, IN_PARTS, NAME_PARTS, NUMBER
from perezvon.modules.customers.models import CardType, ContactPoint, Customer, Document, Kind, Status
from perezvon.modules.customers.services.belongings import document_number
from perezvon.modules.customers.values import EDITABLE, PHONES, read_own

PHONE = "phone"
_POINTS = {**dict.fromkeys(PHONES, ContactPoint.Kind.PHONE), "email": ContactPoint.Kind.EMAIL}
POINTS = {**_POINTS, "site": ContactPoint.Kind.SITE}
_CODES = {"status": Status.values, "card_type": CardType.values}


@dataclass(slots=True)
class Draft:
    """points, documents: not saved, without their customer. parts: of an address, by its name.

    keys: what the policy matches by, as (class, value).
    """

    row: Row
    points: list[ContactPoint] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def is_company(self) -> bool:
        given = self.row.values
        kind = given.get("kind", ("",))[0]
        named = any(name in given for name in NAME_PARTS)
        return kind == Kind.COMPANY or (not kind and "company_name" in given and not named)


def draft_of(row: Row, policy: Policy) -> Draft:
    """With its contact points and keys; `fill` reads the rest once it is known whose row it is."""
    draft = Draft(row, problems=list(row.problems), keys=keys_of(row, policy))
    for name, kind in POINTS.items():
        for text in row.values.get(name, ()):
            try:
                draft.points.append(_point(kind, PHONES.get(name, ContactPoint.Use.CONTACT), text))
            except Wrong as wrong:
                draft.problems.append(Problem(name, wrong.code, wrong.facts))
    return draft


def keys_of(row: Row, policy: Policy) -> tuple[tuple[str, str], ...]:
    """("phone", "79161234567"), ("inn", …): what a customer is matched by, as it is kept."""
    found = ((name, text) for name in policy.keys for text in row.values.get(name, ()))
    keys = ((PHONE if name in PHONES else name, _key(name, text)) for name, text in found)
    return tuple(dict.fromkeys(key for key in keys if key[1]))


def row_keys(row: Row, policy: Policy) -> list[str]:
    return [f"{name}:{value}" for name, value in keys_of(row, policy)]


def _key(name: str, text: str) -> str:
    if name in PHONES:
        number = phone(text)
        return number.digits if number else ""
    if name == "email":
        return text.lower()
    if name == NUMBER:
        number_ = checks.digits_of(text)
        return str(int(number_)) if 0 < len(number_) < 18 else ""
    return checks.digits_of(text) if name in {"inn", "snils", "passport"} else text


@lru_cache(maxsize=4096)
def phone(text: str) -> PhoneNumber | None:
    """Read once for the key and once for the card."""
    return parse_phone(text)


def _point(kind: str, use: str, text: str) -> ContactPoint:
    if kind == ContactPoint.Kind.PHONE:
        number = phone(text)
        if number is None:
            raise Wrong("phone.form")
        if len(text) > 254:
            raise Wrong("text.long", most=254)
        return ContactPoint(kind=kind, use=use, raw=text, digits=number.digits, extension=number.extension)
    raw = checks.email(text) if kind == ContactPoint.Kind.EMAIL else text
    if len(raw) > 254:
        raise Wrong("text.long", most=254)
    return ContactPoint(kind=kind, use=use, raw=raw)


def fill(draft: Draft, known: Customer | None, fields: Mapping[str, Field], today: date) -> None:
    """Read what belongs on the card. A company's full name is one name, however it was cut."""
    given = dict(draft.row.values)
    if (known.kind == Kind.COMPANY) if known else draft.is_company:
        parts = [given.pop(name)[0] for name in NAME_PARTS if name in given]
        if parts and "company_name" not in given:
            given["company_name"] = (" ".join(parts),)
    _join_addresses(draft, given)
    kept = known.custom if known else {}
    for name, texts in given.items():
        try:
            if name in fields:
                one = fields[name].holding(kept.get(fields[name].key))
                draft.values[name] = custom_values.read(one, ",".join(texts))
            elif name in _READ:
                draft.values[name] = _own(name, texts[0].strip(), today)
            elif name in DOCUMENTS:
                kind = DOCUMENTS[name]
                draft.documents.append(Document(kind=kind, number=document_number(kind, texts[0])))
        except Wrong as wrong:
            draft.problems.append(Problem(name, wrong.code, wrong.facts))


def _join_addresses(draft: Draft, given: dict[str, tuple[str, ...]]) -> None:
    """Parts of an address make its line, in the order of the country (F29.05); they go before a line that is given."""
    for name, codes in IN_PARTS.items():
        typed = {part: given.pop(code)[0] for code, part in zip(codes, PARTS, strict=True) if code in given}
        if not typed:
            continue
        parts, wrong = cleaned_parts(HOME, typed)
        draft.problems += [Problem(f"{name}.{part}", one.code, one.facts) for part, one in wrong.items()]
        if not wrong:
            given[name], draft.parts[name] = (in_one_line(HOME, parts),), {part: parts[part] for part in PARTS}


_READ = frozenset({*EDITABLE, *_CODES})


def _own(name: str, text: str, today: date) -> Any:
    if name not in _CODES:
        return read_own(name, text, today)
    if text not in _CODES[name]:
        raise Wrong("choice.unknown")
    return text


def custom_key(name: str) -> str:
    return name.removeprefix(PREFIX)
