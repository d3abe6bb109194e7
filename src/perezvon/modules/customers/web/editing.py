"""Registering a customer, and changing a card: look, confirm, save."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import typed_of
from perezvon.foundation.fields.selectors import fields_of, visible_fields
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.registry import contact_links
from perezvon.modules.customers.selectors import (
    MASKED_FIELDS,
    Review,
    get_customer,
    get_customer_with_details,
    is_locked,
    may_recommend,
    review_changes,
    review_registration,
)
from perezvon.modules.customers.selectors.sources import list_sources
from perezvon.modules.customers.services import FieldsWrong, Outdated
from perezvon.modules.customers.values import ALL, RECORD, Problem
from perezvon.modules.customers.web.forms import (
    BLOCKS,
    editing_form,
    in_words,
    registration_form,
    typed_again,
    typed_changes,
    with_sources,
)
from perezvon.modules.customers.web.office import Contact
from perezvon.modules.customers.web.words import doubt_words, field_name, reason_words

_UNPROCESSABLE, _CONFLICT = 422, 409
_LONGEST_MARKS = 50_000


# --- registering ---


@needs("customers.register")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A potential customer (F01.27): what is odd is shown once before saving, what is wrong at its field."""
    by, now = person_of(request), clock.now()
    contact = Contact.of(request, by)
    if request.method == "GET":
        return _new_form(request, contact, _prefilled(request), {})
    fields = _fields_for_new(by, request.POST.get("kind", ""))
    typed = {name: request.POST[name] for name in ALL if name in request.POST}
    typed |= typed_of(request.POST, fields, whole=False)
    review = review_registration(typed, fields, by=by, now=now)
    if "sure" not in request.POST and not review.problems and (review.doubts or review.alike):
        return _new_form(request, contact, typed, {}, review)
    try:
        with intent(command_id=command_id_of(request)):
            customer = _registered(request, typed, by, now)
    except FieldsWrong as wrong:
        return _new_form(request, contact, typed, _problems(wrong), status=_UNPROCESSABLE)
    return HttpResponseRedirect(_after(customer, contact, by))


def _registered(request: HttpRequest, typed: Mapping[str, str], by: Person, now: datetime) -> Customer:
    """On somebody's recommendation, if the form says so (F01.42)."""
    if recommending := _recommending(request, by):
        return services.recommend(customer_id=recommending.pk, typed=typed, by=by, now=now)
    return services.register_potential(typed=typed, by=by, now=now)


def _recommending(request: HttpRequest, by: Person) -> Customer | None:
    given = (request.POST if request.method == "POST" else request.GET).get("recommended_by", "")
    return get_customer(_uuid(given), by=by) if given and may_recommend(by) else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(customer=text) from None


def _fields_for_new(by: Person, kind: str) -> list[Field]:
    return fields_of(RECORD, by, variant=kind or Kind.PERSON)


def _prefilled(request: HttpRequest) -> dict[str, str]:
    phone = request.GET.get("phone", "")
    plus = "+" if phone.isdecimal() and len(phone) > 10 else ""
    typed = {"kind": request.GET.get("kind", Kind.PERSON), "phone_contact": f"{plus}{phone}"}
    return typed | {name: request.GET[name] for name in ALL if name in request.GET}


def _new_form(
    request: HttpRequest,
    contact: Contact | None,
    typed: Mapping[str, str],
    problems: Mapping[str, Problem],
    review: Review | None = None,
    status: int = 200,
) -> HttpResponse:
    fields = _fields_for_new(person_of(request), typed.get("kind", ""))
    context = {
        "groups": registration_form(typed, problems, fields, list_sources(by=person_of(request))),
        "kind": typed.get("kind") or Kind.PERSON,
        "kinds": [(Kind.PERSON, Kind.PERSON.label), (Kind.COMPANY, Kind.COMPANY.label)],
        "problems": _summary(problems, fields),
        "doubts": _doubts(review) if review else [],
        "alike": [
            {
                "name": one.customer.full_name,
                "url": reverse("customers:card", args=[one.customer.pk]),
                "reasons": ", ".join(reason_words(reason) for reason in one.reasons),
            }
            for one in (review.alike if review else ())
        ],
        "recommending": _recommending(request, person_of(request)),
        "sure": bool(review),
        "contact": contact,
        "command_id": uuid4(),
    }
    return render_page(request, "customers/new.html", context, part="workspace", status=status)


def _after(customer: Customer, contact: Contact | None, by: Person) -> str:
    """To the contact he was registered in, now linked to him, or to his card."""
    links = contact_links()
    if contact is None or links is None:
        return f"{reverse('customers:card', args=[customer.pk])}?saved"
    links.link(contact.id, customer.pk, by, clock.now())
    return contact.back_url


# --- editing ---


@needs("customers.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Change personal data: the form, then what would change, then the saved card (F01.36)."""
    by = person_of(request)
    customer = get_customer_with_details(customer_id, by=by)
    if request.method == "GET":
        return _edit_form(request, customer, None, {})
    blocks, fields = _asked_blocks(request, customer, by)
    typed = typed_changes(request.POST, fields, blocks)
    if "confirmed" in request.POST:
        return _save(request, customer, typed)
    review = review_changes(customer, typed, fields, now=clock.now())
    if review.problems:
        return _edit_form(request, customer, typed, review.problems, status=_UNPROCESSABLE)
    if not review.changes:
        return HttpResponseRedirect(reverse("customers:card", args=[customer_id]))
    return _confirmation(request, customer, review)


def _block(request: HttpRequest) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("block", "")


def _asked_blocks(request: HttpRequest, customer: Customer, by: Person) -> tuple[Collection[str], list[Field]]:
    """What is edited: one block of the card (F01.35), or without `block` all that is open to this person."""
    block, fields = _block(request), visible_fields(by, customer)
    open_blocks = () if is_locked(customer, by) else BLOCKS
    if block.startswith("own_"):
        return (), [field for field in fields if field.section == block.removeprefix("own_")]
    return (open_blocks, fields) if block not in BLOCKS else ([one for one in open_blocks if one == block], [])


def _edit_form(
    request: HttpRequest,
    customer: Customer,
    typed: Mapping[str, str] | None,
    problems: Mapping[str, Problem],
    status: int = 200,
) -> HttpResponse:
    by = person_of(request)
    blocks, fields = _asked_blocks(request, customer, by)
    offered = list_sources(by=by, project_id=customer.project_id)
    context = {
        "customer": customer,
        "block": _block(request),
        "groups": with_sources(editing_form(customer, typed, problems, fields, blocks), offered),
        "problems": _summary(problems, fields),
        "version": request.POST.get("version", customer.version),
        "read": request.POST.get("read") or _marks(customer, by),
    }
    return render_page(request, "customers/edit.html", context, part="workspace", status=status)


def _confirmation(request: HttpRequest, customer: Customer, review: Review) -> HttpResponse:
    context = {
        "customer": customer,
        "changes": _changes(request, customer, review.changes),
        "doubts": _doubts(review),
        "post_url": reverse("customers:edit", args=[customer.pk]),
        "kept": {
            "version": request.POST.get("version", customer.version),
            "read": request.POST.get("read", ""),
            "block": _block(request),
            "command_id": uuid4(),
        }.items(),
    }
    return render_page(request, "customers/confirm.html", context, part="workspace")


def _changes(request: HttpRequest, customer: Customer, changes: Mapping[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    own = {field.name: field for field in visible_fields(person_of(request), customer)}
    return [_change(name, *values, own) for name, values in changes.items()]


def _change(name: str, before: Any, after: Any, own: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "name": name,
        "label": own[name].label if name in own else field_name(name),
        "before": in_words(name, before, own, masked=True),
        "after": in_words(name, after, own),
        "value": typed_again(name, after, own) or ("-" if name in MASKED_FIELDS else ""),
        # What is kept now may be read by the browser only where the card shows it too.
        "kept": "" if name in MASKED_FIELDS else typed_again(name, before, own),
    }


def _save(request: HttpRequest, customer: Customer, typed: Mapping[str, str]) -> HttpResponse:
    version, why = request.POST.get("version", ""), request.POST.get("why", "")[:500]
    try:
        with intent(command_id=command_id_of(request), why=why):
            services.update_customer(
                customer_id=customer.pk,
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                typed=typed,
                read=_read_again(request.POST.get("read", "")),
                by=person_of(request),
                now=clock.now(),
            )
    except FieldsWrong as wrong:
        return _edit_form(request, customer, typed, _problems(wrong), status=_UNPROCESSABLE)
    except Outdated as outdated:
        return _conflict(request, customer, outdated)
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer.pk])}?saved")


def _marks(customer: Customer, by: Person) -> str:
    return json.dumps(services.read_marks(customer, visible_fields(by, customer)))


def _read_again(text: str) -> dict[str, str]:
    """The marks as they came back; rubbish is no mark."""
    try:
        found = json.loads(text) if len(text) < _LONGEST_MARKS else {}
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in found.items()} if isinstance(found, dict) else {}


def _conflict(request: HttpRequest, customer: Customer, outdated: Outdated) -> HttpResponse:
    """Somebody saved meanwhile: theirs or mine, field by field."""
    differences: Mapping[str, tuple[Any, Any]] = outdated.facts["differences"]  # type: ignore[assignment]
    kept = {
        "version": outdated.facts["version"],
        "read": _marks(get_customer_with_details(customer.pk, by=person_of(request)), person_of(request)),
        "command_id": uuid4(),
        "confirmed": "1",
        "why": request.POST.get("why", ""),
    }
    context = {
        "title": customer.full_name,
        "tab_title": customer.short_name,
        "choices": [
            {
                "name": one["name"],
                "label": one["label"],
                "theirs": one["before"],
                "mine": one["after"],
                "theirs_typed": one["kept"],
                "mine_typed": one["value"],
            }
            for one in _changes(request, customer, differences)
        ],
        "kept": list(kept.items()),
        "post_url": request.path,
        "back_url": reverse("customers:card", args=[customer.pk]),
    }
    # A browser's swap shows 422 as an answer; anybody else is told what it is.
    status = _UNPROCESSABLE if is_swap(request) else _CONFLICT
    return render_page(request, "ui/conflict_page.html", context, part="workspace", status=status)


# --- the code word ---


@needs("customers.edit")
@require_POST
def code_word(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Set another code word. Nobody sees the old one or, after this, the new one."""
    by = person_of(request)
    get_customer(customer_id, by=by)
    services.set_code_word(customer_id=customer_id, word=request.POST.get("word", ""), by=by, now=clock.now())
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")


# --- shared ---


def _problems(wrong: FieldsWrong) -> Mapping[str, Problem]:
    return wrong.facts["problems"]  # type: ignore[return-value]


def _summary(problems: Mapping[str, Problem], fields: Iterable[Field]) -> list[dict[str, str]]:
    own = {field.name: field.label for field in fields}
    return [{"field": name, "label": own.get(name) or field_name(name)} for name in problems]


def _doubts(review: Review) -> list[str]:
    return [doubt_words(code) for codes in review.doubts.values() for code in codes]
