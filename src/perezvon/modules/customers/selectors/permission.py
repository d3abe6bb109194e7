"""What a customer allows: the one question of all that dials or sends, and what cards and pages show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.keys import address_hash
from perezvon.modules.customers.models import (
    Channel,
    Consent,
    ContactBan,
    ContactPoint,
    Customer,
    Purpose,
    Representative,
)
from perezvon.modules.customers.permission import ANY, Aim, Ban, Refusal, Word, last_word, may_contact
from perezvon.modules.customers.selectors.phones import find_only_customer
from perezvon.modules.customers.selectors.review import today

CHANNELS = tuple(channel for channel in Channel if channel != Channel.ANY)
MOST = 100


class NoSuchBan(NotFound):
    code = "customers.no_such_ban"


class NoSuchPurpose(NotFound):
    code = "customers.no_such_purpose"


def contact_refusal(
    *, customer_id: UUID | None, channel: str, address: str, now: datetime, purpose: str = ""
) -> Refusal | None:
    """Why this customer or address must not be contacted; None when it may be.

    Everything that dials or sends asks it, in the transaction in which it decides to. purpose: code of a Purpose, ""
    for what the customer asked for himself. Without a customer the one is meant whose number it is, if it is one's
    alone. Two queries, and two more with a purpose or without a customer. Raises NoSuchPurpose.
    """
    key = address_key(channel, address)
    if customer_id is None and channel in {Channel.CALL, Channel.SMS} and key:
        owner = find_only_customer(key)
        customer_id = owner.pk if owner else None
    aim = _aim(purpose, customer_id)
    bans = [*_bans(customer_id, key), *_struck(customer_id, key)]
    words = _words(customer_id) if aim.code and customer_id else []
    return may_contact(channel=channel, aim=aim, bans=bans, words=words, today=today(now))


def address_key(channel: str, address: str) -> str:
    """An address as the register keeps it: digits of a telephone, an e-mail in small letters."""
    text = address.strip()
    if "@" in text or channel == Channel.EMAIL:
        return text.lower()
    phone = parse_phone(text) or parse_phone(f"+{text}")
    return phone.digits if phone else text.lower()


def _aim(purpose: str, customer_id: UUID | None) -> Aim:
    """The project's own purpose of this code goes before the common one."""
    if not purpose:
        return Aim()
    known = Purpose.objects.filter(code=purpose).order_by(F("project").asc(nulls_last=True))
    if customer_id:
        project = Customer.objects.filter(pk=customer_id).values("project")
        known = known.filter(Q(project=None) | Q(project__in=project))
    found = known.first()
    if found is None:
        raise NoSuchPurpose(purpose=purpose)
    return Aim(found.code, found.needs_consent)


def _bans(customer_id: UUID | None, key: str) -> list[Ban]:
    mine = Q(customer=customer_id) if customer_id else Q(pk=None)
    wanted = (mine & Q(address="")) | (Q(address__in=[key, address_hash(key)]) if key else Q(pk=None))
    rows = ContactBan.objects.filter(wanted, lifted_at=None).select_related("purpose").order_by("id")
    return [as_ban(row) for row in rows]


def as_ban(row: ContactBan) -> Ban:
    """A line as the decision takes it; `row` comes with its purpose."""
    purpose = row.purpose.code if row.purpose else ""
    return Ban(row.channel, purpose, row.until, of_person=not row.address, reason=row.reason)


def _struck(customer_id: UUID | None, key: str) -> list[Ban]:
    """A number that was struck out on the card because he does not want to be called there (F01.39)."""
    if customer_id is None or not key:
        return []
    points = ContactPoint.objects.filter(customer=customer_id, struck_reason=ContactPoint.Strike.DO_NOT_CONTACT)
    struck = points.filter(Q(digits=key) | Q(digits="", raw__iexact=key)).order_by("id")
    return [Ban(ANY, of_person=False, reason=str(point.get_struck_reason_display())) for point in struck]


def _words(customer_id: UUID) -> list[Word]:
    rows = Consent.objects.filter(customer=customer_id).select_related("purpose").order_by("id")
    return words_of(rows)


def words_of(rows: Iterable[Consent]) -> list[Word]:
    """Consents as the decision takes them, in the order in which they were said."""
    said = sorted(rows, key=lambda row: row.pk)
    return [Word(row.purpose.code, row.channel, row.is_given, row.on, row.until) for row in said]


# --- for cards and pages ---


def list_consents(customer: Customer) -> list[Consent]:
    """All that he ever said, newest first. One query."""
    return list(customer.consents.select_related("purpose", "by")[:MOST])


def list_purposes(*, by: Actor) -> QuerySet[Purpose]:
    """Those of all projects and of the actor's, withdrawn ones too."""
    purposes = Purpose.objects.select_related("project")
    return purposes if by.projects is None else purposes.filter(Q(project=None) | Q(project__in=by.projects))


def purposes_of(customer: Customer) -> list[Purpose]:
    """What may be agreed to on this card: those in use of its project and of all. A code stands there once."""
    rows = Purpose.objects.filter(Q(project=None) | Q(project=customer.project_id), is_active=True)
    known: dict[str, Purpose] = {}
    for row in rows.order_by("position", F("project").asc(nulls_last=True), "id"):
        known.setdefault(row.code, row)
    return list(known.values())


def state_of(words: Sequence[Word], purpose: str, channel: str, on: date) -> str:
    """ "given", "ended", "withdrawn", or "" when he said nothing of it."""
    word = last_word(words, purpose, channel)
    if word is None:
        return ""
    if not word.is_given:
        return "withdrawn"
    return "ended" if word.until is not None and word.until < on else "given"


def list_bans_of(customer: Customer, now: datetime) -> list[ContactBan]:
    """Lines in force that concern him: his own and those of his numbers and addresses. One query.

    `customer` comes with its points, or they cost one more.
    """
    points = customer.points.all()
    keys = {point.digits or point.raw.lower() for point in points if point.kind != ContactPoint.Kind.SITE}
    keys |= {address_hash(key) for key in keys if key}
    rows = bans_in_force(now).filter(Q(customer=customer) | Q(address__in=keys - {""}))
    return list(rows.select_related("purpose", "by").order_by("-at", "-id")[:MOST])


def ban_words(customer: Customer, now: datetime) -> list[str]:
    """For the head of a card. One query, as list_bans_of."""
    return [gettext("Do not contact: {what}").format(what=ban.shown) for ban in list_bans_of(customer, now)]


def bans_in_force(now: datetime) -> QuerySet[ContactBan]:
    return ContactBan.objects.filter(Q(until=None) | Q(until__gte=today(now)), lifted_at=None)


def list_bans(*, by: Actor) -> QuerySet[ContactBan]:
    """The register as far as the actor sees the people in it; numbers of nobody stand there for all."""
    if by.projects is None:
        return ContactBan.objects.all()
    return ContactBan.objects.filter(Q(customer=None) | Q(customer__in=Customer.objects.of_projects(by)))


def get_ban(ban_id: int, *, by: Actor) -> ContactBan:
    """Raises NoSuchBan."""
    ban = list_bans(by=by).select_related("customer", "purpose", "by", "lifted_by").filter(pk=ban_id).first()
    if ban is None:
        raise NoSuchBan(ban=ban_id)
    return ban


def list_representatives(customer: Customer, *, by: Actor) -> list[Representative]:
    """Who acts for him, newest first; those whose cards are closed to the actor left out. One query."""
    visible = Q(person=None) | Q(person__in=Customer.objects.visible_to(by))
    return list(customer.representatives.filter(visible).select_related("person", "by")[:MOST])


def list_speakers(customer: Customer, *, by: Actor, now: datetime) -> list[Representative]:
    """Those of them who may speak for him now. One query."""
    return [row for row in list_representatives(customer, by=by) if is_in_force(row, today(now))]


def list_represented(customer: Customer, *, by: Actor, now: datetime) -> list[Representative]:
    """For whom he acts now. One query."""
    rows = customer.represents.filter(customer__in=Customer.objects.visible_to(by)).select_related("customer")
    return [row for row in rows if is_in_force(row, today(now))]


def is_in_force(row: Representative, day: date) -> bool:
    """Not revoked, begun, not over."""
    begun = row.since is None or row.since <= day
    return row.revoked_at is None and begun and (row.until is None or row.until >= day)
