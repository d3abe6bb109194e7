"""Writing down what a customer allows: consents, the do-not-contact register, representatives."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.events import BanLifted, ContactBanned
from perezvon.modules.customers.models import Channel, Consent, ContactBan, Customer, Purpose, Representative
from perezvon.modules.customers.permission import Refusal
from perezvon.modules.customers.selectors.permission import (
    NoSuchPurpose,
    address_key,
    contact_refusal,
    get_ban,
    list_purposes,
    purposes_of,
)
from perezvon.modules.customers.selectors.reading import get_customer
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.services.writing import FieldsWrong, lock, save_changed
from perezvon.modules.customers.values import Problem

LONGEST_PROOF, LONGEST_REASON, LONGEST_NAME, LONGEST_CODE = 500, 500, 200, 32


class ContactRefused(Refused):
    """The register or a consent forbids this contact. facts: refusal."""

    code = "customers.contact_refused"


class PurposeChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "customers.purpose_changed"


class NoSuchRepresentative(NotFound):
    code = "customers.no_such_representative"


def must_be_contactable(
    *, customer_id: UUID | None, channel: str, address: str, now: datetime, purpose: str = ""
) -> None:
    """Raises ContactRefused when `contact_refusal` has something against it."""
    refusal: Refusal | None = contact_refusal(
        customer_id=customer_id, channel=channel, address=address, purpose=purpose, now=now
    )
    if refusal:
        raise ContactRefused(refusal=refusal)


# --- consents ---


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's word on a purpose; see Consent."""

    purpose: str
    channel: str
    is_given: bool
    on: date
    source: str
    proof: str = ""
    until: date | None = None


@command("customers.note_consent", needs="customers.consent")
def note_consent(*, customer_id: UUID, said: Said, by: Actor, now: datetime) -> Consent:
    """Keep that he agreed to a purpose, or that he withdrew. What he said before stays. Raises FieldsWrong."""
    customer = lock(customer_id, by)
    purpose = next((one for one in purposes_of(customer) if one.code == said.purpose), None)
    problems = _problems_of(said, purpose, today(now))
    if problems or purpose is None:
        raise FieldsWrong(problems=problems)
    consent = Consent.objects.create(
        customer=customer,
        purpose=purpose,
        channel=said.channel,
        is_given=said.is_given,
        on=said.on,
        until=said.until if said.is_given else None,
        source=said.source,
        proof=said.proof.strip(),
        by_id=by.user_id,
        at=now,
    )
    save_changed(customer, ["consents"], now)
    return consent


def _problems_of(said: Said, purpose: Purpose | None, day: date) -> dict[str, Problem]:
    problems = {}
    if purpose is None:
        problems["purpose"] = Problem("choice.unknown")
    if said.channel not in Channel.values:
        problems["contact_channel"] = Problem("choice.unknown")
    if said.source not in Consent.Source.values:
        problems["consent_source"] = Problem("choice.unknown")
    if said.on > day:
        problems["said_on"] = Problem("day.future")
    if said.is_given and said.until is not None and said.until < said.on:
        problems["last_day"] = Problem("last_day.before")
    if len(said.proof.strip()) > LONGEST_PROOF:
        problems["proof"] = Problem("text.long", {"most": LONGEST_PROOF})
    return problems


# --- the do-not-contact register ---


@dataclass(frozen=True, slots=True)
class Banned:
    """What a line says. purpose_id: None for whatever purpose."""

    reason: str
    channel: str = Channel.ANY
    purpose_id: int | None = None
    source: str = ContactBan.Source.CLIENT
    until: date | None = None


@command("customers.ban_contact", needs="customers.ban")
def ban_contact(
    *, banned: Banned, by: Actor, now: datetime, customer_id: UUID | None = None, address: str = ""
) -> ContactBan:
    """Enter a person, a number or an e-mail; both: this address of his. The same line in force is not entered twice.

    Raises FieldsWrong, NoSuchCustomer.
    """
    key = ban_key(banned, address)
    purposes = set(list_purposes(by=by).values_list("pk", flat=True)) if banned.purpose_id is not None else set()
    problems = ban_problems(banned, key, has_person=customer_id is not None, purposes=purposes, day=today(now))
    if problems:
        raise FieldsWrong(problems=problems)
    customer = lock(customer_id, by) if customer_id else None
    same = ContactBan.objects.filter(
        customer=customer, address=key, channel=banned.channel, purpose=banned.purpose_id, lifted_at=None
    )
    if known := same.filter(until=banned.until).first():
        return known
    ban = ContactBan.objects.create(
        customer=customer,
        address=key,
        channel=banned.channel,
        purpose_id=banned.purpose_id,
        until=banned.until,
        source=banned.source,
        reason=banned.reason.strip(),
        by_id=by.user_id,
        at=now,
    )
    publish(ContactBanned(ban_id=ban.pk), now=now)
    if customer:
        save_changed(customer, ["bans"], now)
    return ban


def ban_key(banned: Banned, address: str) -> str:
    """What was typed as the register keeps it; "" for nothing, and for what is no number and no mailbox."""
    key = address_key(banned.channel, address) if address.strip() else ""
    return key if "@" in key or parse_phone(f"+{key}") else ""


def ban_problems(
    banned: Banned, key: str, *, has_person: bool, purposes: Container[int], day: date
) -> dict[str, Problem]:
    """By field. key: of `ban_key`. purposes: those that may be named."""
    problems = {}
    if not key and not has_person:
        problems["address"] = Problem("address.unreadable")
    if banned.channel not in Channel.values:
        problems["contact_channel"] = Problem("choice.unknown")
    if banned.source not in ContactBan.Source.values:
        problems["ban_source"] = Problem("choice.unknown")
    if banned.purpose_id is not None and banned.purpose_id not in purposes:
        problems["purpose"] = Problem("choice.unknown")
    if not banned.reason.strip():
        problems["reason"] = Problem("field.required")
    elif len(banned.reason.strip()) > LONGEST_REASON:
        problems["reason"] = Problem("text.long", {"most": LONGEST_REASON})
    if banned.until is not None and banned.until < day:
        problems["last_day"] = Problem("last_day.past")
    return problems


@command("customers.lift_ban", needs="customers.lift_ban")
def lift_ban(*, ban_id: int, reason: str, by: Actor, now: datetime) -> ContactBan:
    """He may be contacted again; the line stays with the reason. Lifted already, nothing happens.

    Raises NoSuchBan, FieldsWrong without a reason.
    """
    if not reason.strip():
        raise FieldsWrong(problems={"reason": Problem("field.required")})
    get_ban(ban_id, by=by)
    customer = Customer.objects.select_for_update(of=("self",)).filter(bans=ban_id).first()
    ban = ContactBan.objects.select_for_update().get(pk=ban_id)
    if ban.lifted_at is None:
        ban.lifted_at, ban.lifted_by_id, ban.lift_reason = now, by.user_id, reason.strip()[:LONGEST_REASON]
        ban.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        publish(BanLifted(ban_id=ban.pk), now=now)
        if customer and customer.deleted_at is None:
            save_changed(customer, ["bans"], now)
    return ban


# --- purposes ---


@dataclass(frozen=True, slots=True)
class PurposeWanted:
    """code and project_id: of a new one; they stay as they are then."""

    code: str
    name: Mapping[str, str]
    needs_consent: bool = False
    project_id: int | None = None


@command("customers.save_purpose", needs="customers.edit_purposes")
def save_purpose(*, purpose_id: int | None, version: int, wanted: PurposeWanted, by: Actor, now: datetime) -> Purpose:
    """A new one, the last, when there is no id. Raises FieldsWrong, NoSuchPurpose, PurposeChanged."""
    named = {language: text.strip()[:LONGEST_NAME] for language, text in wanted.name.items() if text.strip()}
    if not named:
        raise FieldsWrong(problems={"purpose_name_ru": Problem("field.required")})
    if purpose_id is None:
        return _new_purpose(wanted, named, by)
    purpose = _lock_purpose(purpose_id, by)
    if purpose.version != version:
        raise PurposeChanged(purpose=purpose_id)
    if (purpose.name, purpose.needs_consent) != (named, wanted.needs_consent):
        purpose.name, purpose.needs_consent, purpose.version = named, wanted.needs_consent, version + 1
        purpose.save()
    return purpose


def _new_purpose(wanted: PurposeWanted, name: Mapping[str, str], by: Actor) -> Purpose:
    code, project_id = wanted.code, wanted.project_id
    if project_id is not None and not by.sees_project(project_id):
        raise NotFound(project=project_id)
    if not code.isascii() or not code.replace("_", "").isalnum() or len(code) > LONGEST_CODE:
        raise FieldsWrong(problems={"purpose_code": Problem("code.form")})
    if Purpose.objects.filter(code=code, project=project_id).exists():
        raise FieldsWrong(problems={"purpose_code": Problem("code.taken")})
    last = Purpose.objects.order_by("-position").values_list("position", flat=True).first()
    return Purpose.objects.create(
        code=code,
        project_id=project_id,
        name=dict(name),
        needs_consent=wanted.needs_consent,
        position=0 if last is None else last + 1,
    )


@command("customers.switch_purpose", needs="customers.edit_purposes")
def switch_purpose(*, purpose_id: int, is_active: bool, by: Actor, now: datetime) -> Purpose:
    """Withdraw it, so that nobody agrees to it any more, or bring it back. Raises NoSuchPurpose."""
    purpose = _lock_purpose(purpose_id, by)
    Purpose.objects.filter(pk=purpose.pk).update(is_active=is_active, version=F("version") + 1)
    return purpose


def _lock_purpose(purpose_id: int, by: Actor) -> Purpose:
    purpose = list_purposes(by=by).select_for_update(of=("self",)).filter(pk=purpose_id).first()
    if purpose is None:
        raise NoSuchPurpose(purpose=purpose_id)
    return purpose


# --- representatives ---


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts for a customer, and on what ground; see Representative."""

    authority: str
    name: str = ""
    phone: str = ""
    document: str = ""
    scope: str = ""
    since: date | None = None
    until: date | None = None


@command("customers.add_representative", needs="customers.edit_contacts")
def add_representative(
    *, customer_id: UUID, acting: Acting, by: Actor, now: datetime, person_id: UUID | None = None
) -> Representative:
    """Somebody may speak for the customer. person_id: his own card. Raises FieldsWrong, NoSuchCustomer."""
    problems = {}
    if person_id is None and not acting.name.strip():
        problems["representative_name"] = Problem("field.required")
    if person_id == customer_id:
        problems["representative_name"] = Problem("relation.self")
    if acting.authority not in Representative.Authority.values:
        problems["authority"] = Problem("choice.unknown")
    if acting.since and acting.until and acting.until < acting.since:
        problems["last_day"] = Problem("last_day.before")
    if acting.phone.strip() and parse_phone(acting.phone) is None:
        problems["phone_contact"] = Problem("phone.form")
    if problems:
        raise FieldsWrong(problems=problems)
    customer = lock(customer_id, by)
    phone = parse_phone(acting.phone)
    row = Representative.objects.create(
        customer=customer,
        person=get_customer(person_id, by=by) if person_id else None,
        name="" if person_id else acting.name.strip()[:200],
        phone=phone.e164 if phone else "",
        authority=acting.authority,
        document=acting.document.strip()[:200],
        scope=acting.scope.strip()[:300],
        since=acting.since,
        until=acting.until,
        by_id=by.user_id,
        at=now,
    )
    save_changed(customer, ["representatives"], now)
    return row


@command("customers.revoke_representative", needs="customers.edit_contacts")
def revoke_representative(*, representative_id: int, reason: str, by: Actor, now: datetime) -> Representative:
    """He speaks for him no more; the row stays. Revoked already, nothing happens. Raises NoSuchRepresentative."""
    owner = Representative.objects.filter(pk=representative_id).values_list("customer_id", flat=True).first()
    if owner is None:
        raise NoSuchRepresentative(representative=representative_id)
    customer = lock(owner, by)
    row = Representative.objects.select_for_update().get(pk=representative_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoke_reason = now, reason.strip()[:300]
        row.save(update_fields=["revoked_at", "revoke_reason"])
        save_changed(customer, ["representatives"], now)
    return row
