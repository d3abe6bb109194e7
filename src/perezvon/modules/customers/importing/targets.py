"""What a column of a table can fill on a customer's card."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.imports.own_fields import own_target
from perezvon.foundation.imports.registry import As, Label, Target
from perezvon.modules.customers.addresses import PARTS
from perezvon.modules.customers.models import LOCKED_TYPES, CardType, Document, Kind, Sex, Status
from perezvon.modules.customers.selectors.sources import list_sources
from perezvon.modules.customers.values import ADDRESSES, PHONES, RECORD
from perezvon.modules.customers.web.words import FIELDS

FULL_NAME, NUMBER = "full_name", "number"
NAME_PARTS = ("last_name", "first_name", "middle_name")
# Whoever may bring cards that only their source may change (F01.33).
FROM_SOURCE = "customers.import_clients"

_PERSON, _CONTACTS, _MORE = lazy("Who it is"), lazy("How to reach him"), lazy("Further")
_DOCUMENT = lazy("Identity")

# What headers call the fields, beside their own names; parted by commas.
_WORDS: dict[str, Label] = {
    FULL_NAME: pgettext_lazy("headers", "full name, name, client, customer, contact person"),
    "last_name": pgettext_lazy("headers", "last name, surname, family name"),
    "first_name": pgettext_lazy("headers", "first name, given name"),
    "middle_name": pgettext_lazy("headers", "middle name, patronymic"),
    "company_name": pgettext_lazy("headers", "company, organisation, firm, company name"),
    "birth_date": pgettext_lazy("headers", "date of birth, birthday, born, dob"),
    "sex": pgettext_lazy("headers", "sex, gender"),
    "inn": pgettext_lazy("headers", "tax number, inn, taxpayer"),
    "snils": pgettext_lazy("headers", "pension account, snils"),
    "phone_mobile": pgettext_lazy("headers", "mobile, cell, mobile phone, cell phone, mobile telephone"),
    "phone_contact": pgettext_lazy("headers", "telephone, phone, tel, contact telephone, phone number, phones"),
    "phone_home": pgettext_lazy("headers", "home telephone, home phone"),
    "phone_work": pgettext_lazy("headers", "work telephone, work phone, office phone"),
    "phone_fax": pgettext_lazy("headers", "fax"),
    "email": pgettext_lazy("headers", "e-mail, email, mail, mailbox"),
    "site": pgettext_lazy("headers", "site, website, web site, www"),
    "region": pgettext_lazy("headers", "region, oblast, state"),
    "town": pgettext_lazy("headers", "town, city"),
    "workplace": pgettext_lazy("headers", "works at, place of work, employer"),
    "position": pgettext_lazy("headers", "position, job title, post"),
    "source": pgettext_lazy("headers", "source of information, source"),
    "passport": pgettext_lazy("headers", "passport, passport number, passport series and number"),
    "passport_issued_on": pgettext_lazy("headers", "passport issued on, date of issue"),
    "passport_issuer": pgettext_lazy("headers", "passport issued by, issued by"),
    "passport_code": pgettext_lazy("headers", "office code, code of the office"),
    "address_registered": pgettext_lazy("headers", "registered address, legal address"),
    "address_actual": pgettext_lazy("headers", "address, actual address"),
    "address_postal": pgettext_lazy("headers", "postal address, mailing address"),
    "status": pgettext_lazy("headers", "status, customer status"),
    "card_type": pgettext_lazy("headers", "card type"),
    "kind": pgettext_lazy("headers", "kind, person or company"),
    NUMBER: pgettext_lazy("headers", "number, crm id, customer number, id"),
}
_TYPES = {
    **dict.fromkeys(NAME_PARTS, As.NAME),
    **dict.fromkeys(PHONES, As.PHONE),
    **dict.fromkeys(("birth_date", "passport_issued_on"), As.DATE),
    **dict.fromkeys(("kind", "sex", "status", "card_type", "language"), As.CHOICE),
    FULL_NAME: As.FULL_NAME,
}
_KEYS = frozenset({*PHONES, "email", "inn", "snils", "passport", NUMBER})
_GROUPS: dict[Label, tuple[str, ...]] = {
    _PERSON: (FULL_NAME, *NAME_PARTS, "company_name", "kind", "sex", "birth_date", NUMBER),
    _CONTACTS: (*PHONES, "email", "site", *ADDRESSES, "region", "town"),
    _DOCUMENT: ("inn", "snils", "passport", "passport_issued_on", "passport_issuer", "passport_code"),
    _MORE: ("status", "card_type", "source", "workplace", "position", "birth_country", "birth_place", "language"),
}
# The passport has columns of its own; of other documents the number comes.
DOCUMENTS = {
    f"document_{kind}": kind for kind in Document.Kind if kind not in {Document.Kind.PASSPORT, Document.Kind.OTHER}
}
# Addresses that may come in parts: "address_actual.postcode".
IN_PARTS = {name: [f"{name}.{part}" for part in PARTS] for name in ("address_actual", "address_registered")}
_PART_NAMES: dict[str, Label] = {
    "postcode": lazy("postcode"),
    "region": lazy("region"),
    "town": lazy("town"),
    "line": lazy("street, house, flat"),
}
_PART_WORDS: dict[str, Label] = {
    "address_actual.postcode": pgettext_lazy("headers", "postcode, zip, zip code, postal code"),
    "address_actual.line": pgettext_lazy("headers", "street, street and house"),
}
_LANGUAGES: tuple[tuple[str, Label], ...] = (("ru", lazy("Russian")), ("en", lazy("English")))


def targets(by: Actor) -> list[Target]:
    """The fields of the card that `by` may fill, an administrator's own among them. One query."""
    own = [_own(code, group, by) for group, codes in _GROUPS.items() for code in codes]
    return [*own, *_parts(), *_documents(), *(own_target(field) for field in importable_fields(by))]


def _parts() -> Iterator[Target]:
    for name, codes in IN_PARTS.items():
        for code, part in zip(codes, PARTS, strict=True):
            label = format_lazy("{address}: {part}", address=FIELDS[name], part=_PART_NAMES[part])
            yield Target(code, label, _CONTACTS, words=_PART_WORDS.get(code, ""))


def _documents() -> Iterator[Target]:
    yield from (Target(code, kind.label, _DOCUMENT) for code, kind in DOCUMENTS.items())


def importable_fields(by: Actor) -> list[Field]:
    """An administrator's own fields, as far as `by` may fill them."""
    return [field for field in fields_of(RECORD, by) if field.importable and field.is_editable]


def _own(code: str, group: Label, by: Actor) -> Target:
    choices = tuple(_choices(code, by))
    return Target(
        code=code,
        label=lazy("Full name") if code == FULL_NAME else FIELDS[code],
        group=group,
        type=As.CHOICE if code == "source" and choices else _TYPES.get(code, As.TEXT),
        words=_WORDS.get(code, ""),
        choices=choices,
        many=code in PHONES or code in {"email", "site"},
        key=code in _KEYS,
        only_key=code == NUMBER,
        parts=NAME_PARTS if code == FULL_NAME else (),
    )


def _choices(code: str, by: Actor) -> Iterator[tuple[str, Label]]:
    match code:
        case "kind":
            yield from ((one.value, one.label) for one in (Kind.PERSON, Kind.COMPANY))
        case "sex":
            yield from Sex.choices
        case "status":
            yield from Status.choices
        case "card_type":
            yield from ((value, label) for value, label in CardType.choices if may_bring(value, by))
        case "source":
            yield from ((name, name) for name in list_sources(by=by))
        case "language":
            yield from _LANGUAGES


def may_bring(card_type: str, by: Actor) -> bool:
    """Clients and front office applicants come from the systems that know them."""
    return card_type not in LOCKED_TYPES or by.may(FROM_SOURCE)
