"""Pages on which is written down what a customer allows: consents, the register, representatives, purposes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Channel, Consent, ContactBan, Customer, Representative
from perezvon.modules.customers.registry import contact_links
from perezvon.modules.customers.selectors import NoSuchPurpose, get_ban, get_customer, list_purposes, purposes_of
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.services import Acting, Banned, PurposeWanted, Said, UnknownCallers
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.small_forms import Asked, FormPage, answer, card_steps, day_of, must_be_right

CONSENT, BAN, LIFT, BANS = "customers.consent", "customers.ban", "customers.lift_ban", "customers.view_bans"
PURPOSES, CONTACTS, PROJECTS = "customers.edit_purposes", "customers.edit_contacts", "people.projects"
LANGUAGES = ("ru", "en")
_LONGEST_KEY = 18


def _card_url(customer: Customer) -> str:
    return reverse("customers:card", args=[customer.pk])


def _row(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < _LONGEST_KEY else None


# --- consents ---


@needs(CONSENT)
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """He agrees to a purpose, or withdraws. `purpose`, `channel` and `withdraw` in the address fill the form."""
    by, now = person_of(request), clock.now()
    customer = get_customer(customer_id, by=by)
    links = contact_links()
    first = {
        "word": "withdrawn" if "withdraw" in request.GET else "given",
        "purpose": request.GET.get("purpose", ""),
        "contact_channel": request.GET.get("channel", Channel.ANY.value),
        "said_on": date_format(today(now), "d.m.Y"),
        "consent_source": Consent.Source.CALL.value,
        "proof": links.in_hand(customer.pk, by) if links else "",
    }
    title = _("Consent")
    page = FormPage(
        title=title,
        group=title,
        submit=_("Save"),
        back_url=_card_url(customer),
        steps=card_steps(customer, title),
        about=_("What he said before stays in the history; what he says now counts."),
        asked=(
            Asked("word", "choice", [("given", _("agrees")), ("withdrawn", _("does not agree, or withdraws"))]),
            Asked("purpose", "choice", [("", "\u2014"), *((one.code, str(one)) for one in purposes_of(customer))]),
            Asked("contact_channel", "choice", Channel.choices),
            Asked("said_on", "date", required=True),
            Asked("last_day", "date", hint=_("Empty: without end.")),
            Asked("consent_source", "choice", Consent.Source.choices),
            Asked("proof", wide=True, hint=_("The words, a reference or the number of the contact.")),
        ),
    )
    return answer(request, page, first, lambda given, problems: _save_consent(customer, given, problems, by, now))


def _save_consent(
    customer: Customer, given: Mapping[str, str], problems: dict[str, Problem], by: Person, now: datetime
) -> None:
    on = day_of(given, "said_on", problems) or today(now)
    until = day_of(given, "last_day", problems)
    must_be_right(problems)
    said = Said(
        purpose=given.get("purpose", ""),
        channel=given.get("contact_channel", ""),
        is_given=given.get("word") == "given",
        on=on,
        source=given.get("consent_source", ""),
        proof=given.get("proof", ""),
        until=until,
    )
    services.note_consent(customer_id=customer.pk, said=said, by=by, now=now)


# --- the do-not-contact register ---


@needs(BAN)
@require_http_methods(["GET", "POST"])
def ban_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A customer, or one of his numbers, is not to be contacted."""
    by, now = person_of(request), clock.now()
    customer = get_customer(customer_id, by=by)
    title = _("Do not contact")
    addresses = [(point.raw, point.raw) for point in customer.points.all() if point.kind != "site"]
    page = FormPage(
        title=title,
        group=customer.short_name,
        submit=title,
        back_url=_card_url(customer),
        steps=card_steps(customer, title),
        asked=(Asked("address", "choice", [("", _("all of his numbers and addresses")), *addresses]), *_asked_ban(by)),
    )
    return answer(request, page, _new_ban(), lambda given, problems: _save_ban(given, problems, by, now, customer.pk))


@needs(BANS)
@require_http_methods(["GET", "POST"])
def ban_new(request: HttpRequest) -> HttpResponse:
    """A number or an e-mail of nobody in particular."""
    by, now = person_of(request), clock.now()
    title = _("A new line of the register")
    page = FormPage(
        title=title,
        group=_("Do not contact"),
        submit=_("Add"),
        back_url=reverse("customers:bans"),
        steps=_register_steps(title),
        about=_("A customer is entered from his card."),
        asked=(Asked("address", required=True, hint=_("A telephone number or an e-mail.")), *_asked_ban(by)),
    )
    return answer(request, page, _new_ban(), lambda given, problems: _save_ban(given, problems, by, now, None))


def _register_steps(last: str) -> list[dict[str, str]]:
    return [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Do not contact"), "url": reverse("customers:bans")},
        {"label": last, "url": ""},
    ]


def _new_ban() -> dict[str, str]:
    return {"contact_channel": Channel.ANY.value, "ban_source": ContactBan.Source.CLIENT.value}


def _asked_ban(by: Person) -> tuple[Asked, ...]:
    purposes = [(str(one.pk), _purpose_name(one)) for one in list_purposes(by=by).filter(is_active=True)]
    return (
        Asked("contact_channel", "choice", Channel.choices),
        Asked("purpose", "choice", [("", _("whatever for")), *purposes]),
        Asked("ban_source", "choice", ContactBan.Source.choices),
        Asked("last_day", "date", hint=_("Empty: without end.")),
        Asked("reason", required=True, wide=True),
    )


def _purpose_name(purpose: Any) -> str:
    return f"{purpose} ({purpose.project})" if purpose.project else str(purpose)


def _save_ban(
    given: Mapping[str, str], problems: dict[str, Problem], by: Person, now: datetime, customer_id: UUID | None
) -> None:
    until = day_of(given, "last_day", problems)
    must_be_right(problems)
    banned = Banned(
        reason=given.get("reason", ""),
        channel=given.get("contact_channel", ""),
        purpose_id=_row(given.get("purpose", "")),
        source=given.get("ban_source", ""),
        until=until,
    )
    services.ban_contact(banned=banned, customer_id=customer_id, address=given.get("address", ""), by=by, now=now)


@needs("customers.view")
@require_GET
def ban(request: HttpRequest, ban_id: int) -> HttpResponse:
    """A line of the register: what it forbids, why, and since when it no longer does."""
    by = person_of(request)
    found = get_ban(ban_id, by=by)
    context = {
        "ban": found,
        "steps": _register_steps(_("Line {number}").format(number=found.pk)),
        "saved": "saved" in request.GET,
        "may_lift": by.may(LIFT) and found.lifted_at is None,
        "now": clock.now(),
    }
    return render_page(request, "customers/ban.html", context, part="workspace")


@needs(LIFT)
@require_http_methods(["GET", "POST"])
def ban_lift(request: HttpRequest, ban_id: int) -> HttpResponse:
    by, now = person_of(request), clock.now()
    found = get_ban(ban_id, by=by)
    title = _("Lift the ban")
    page = FormPage(
        title=title,
        group=str(found.customer or found.address),
        submit=title,
        back_url=reverse("customers:ban", args=[found.pk]),
        steps=_register_steps(title),
        asked=(Asked("reason", required=True, wide=True),),
    )
    return answer(
        request,
        page,
        {},
        lambda given, _problems: services.lift_ban(ban_id=found.pk, reason=given.get("reason", ""), by=by, now=now),
    )


# --- representatives ---


@needs(CONTACTS)
@require_http_methods(["GET", "POST"])
def representative(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Somebody may speak for the customer: a person of the base by the number of his card, or a name."""
    by, now = person_of(request), clock.now()
    customer = get_customer(customer_id, by=by)
    title = _("New representative")
    page = FormPage(
        title=title,
        group=title,
        submit=_("Add"),
        back_url=_card_url(customer),
        steps=card_steps(customer, title),
        asked=(
            Asked("representative_card", hint=_("If he has a card himself.")),
            Asked("representative_name"),
            Asked("phone_contact"),
            Asked("authority", "choice", Representative.Authority.choices),
            Asked("authority_document", wide=True, hint=_("Number, day, notary.")),
            Asked("authority_scope", wide=True, hint=_("What he may do, in words.")),
            Asked("since", "date"),
            Asked("last_day", "date", hint=_("Empty: without end.")),
        ),
    )
    return answer(request, page, {}, lambda given, problems: _save_acting(customer, given, problems, by, now))


def _save_acting(
    customer: Customer, given: Mapping[str, str], problems: dict[str, Problem], by: Person, now: datetime
) -> None:
    since, until = day_of(given, "since", problems), day_of(given, "last_day", problems)
    number = given.get("representative_card", "").strip()
    person = Customer.objects.visible_to(by).filter(number=_row(number) or 0).first() if number else None
    if number and person is None:
        problems["representative_card"] = Problem("card.unknown")
    must_be_right(problems)
    acting = Acting(
        authority=given.get("authority", ""),
        name=given.get("representative_name", ""),
        phone=given.get("phone_contact", ""),
        document=given.get("authority_document", ""),
        scope=given.get("authority_scope", ""),
        since=since,
        until=until,
    )
    services.add_representative(
        customer_id=customer.pk, acting=acting, person_id=person.pk if person else None, by=by, now=now
    )


@needs(CONTACTS)
@require_POST
def representative_revoke(request: HttpRequest, customer_id: UUID, representative_id: int) -> HttpResponse:
    services.revoke_representative(
        representative_id=representative_id,
        reason=request.POST.get("reason", ""),
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")


# --- purposes ---


@needs(PURPOSES)
@require_GET
def purposes(request: HttpRequest) -> HttpResponse:
    """What may be agreed to, of all projects and of each."""
    rows = [{"purpose": one, "project": str(one.project) if one.project else ""} for one in
            list_purposes(by=person_of(request))]  # fmt: skip
    context = {"rows": rows, "saved": "saved" in request.GET}
    return render_page(request, "customers/purposes.html", context, part="workspace")


@needs(PURPOSES)
@require_http_methods(["GET", "POST"])
def purpose(request: HttpRequest, purpose_id: int | None = None) -> HttpResponse:
    """One purpose, or a new one."""
    by, now = person_of(request), clock.now()
    known = list_purposes(by=by).filter(pk=purpose_id).first() if purpose_id else None
    if purpose_id and known is None:
        raise NoSuchPurpose(purpose=purpose_id)
    title = str(known) if known else _("New purpose")
    projects = [(str(one.pk), str(one)) for one in list_projects(by=by)]
    fresh = () if known else (
        Asked("purpose_code", required=True, hint=_("Small Latin letters; it stays: rules name it.")),
        Asked("project", "choice", [("", _("all projects")), *projects]),
    )  # fmt: skip
    page = FormPage(
        title=title,
        group=_("Purpose"),
        submit=_("Save"),
        back_url=reverse("customers:purposes"),
        steps=[
            {"label": _("Administration"), "url": reverse("administration:home")},
            {"label": _("Purposes of consent"), "url": reverse("customers:purposes")},
            {"label": title, "url": ""},
        ],
        asked=(
            *fresh,
            *(Asked(f"purpose_name_{code}", required=code == "ru") for code in LANGUAGES),
            Asked("needs_consent", "tick"),
        ),
        hidden={"version": str(known.version if known else 0)},
    )
    first = {"needs_consent": "on" if known and known.needs_consent else ""}
    first |= {f"purpose_name_{code}": known.name.get(code, "") if known else "" for code in LANGUAGES}

    def save(given: Mapping[str, str], _problems: dict[str, Problem]) -> object:
        return services.save_purpose(
            purpose_id=known.pk if known else None,
            version=_row(given.get("version", "")) or 0,
            wanted=PurposeWanted(
                code=given.get("purpose_code", "").strip().lower(),
                name={code: given.get(f"purpose_name_{code}", "") for code in LANGUAGES},
                needs_consent="needs_consent" in given,
                project_id=_row(given.get("project", "")),
            ),
            by=by,
            now=now,
        )

    return answer(request, page, first, save)


@needs(PURPOSES)
@require_POST
def purpose_switch(request: HttpRequest, purpose_id: int) -> HttpResponse:
    """Withdraw it, or bring it back."""
    services.switch_purpose(
        purpose_id=purpose_id, is_active="back" in request.POST, by=person_of(request), now=clock.now()
    )
    return HttpResponseRedirect(f"{reverse('customers:purposes')}?saved")


# --- unknown callers ---

_WHEN = {
    UnknownCallers.OFF: lazy("never: somebody registers them"),
    UnknownCallers.ANSWER: lazy("when their call is answered"),
    UnknownCallers.END: lazy("when their contact is over and nobody has registered them"),
}


@needs(PROJECTS)
@require_http_methods(["GET", "POST"])
def unknown_callers(request: HttpRequest) -> HttpResponse:
    """Which projects make cards of callers whom nobody knows, and when (X.23)."""
    by = person_of(request)
    projects = list_projects(by=by)
    if request.method == "POST":
        for project in projects:
            if when := request.POST.get(f"project_{project.pk}"):
                services.set_unknown_callers(project_id=project.pk, when=when, by=by, now=clock.now())
        return HttpResponseRedirect(f"{request.path}?saved")
    context = {
        "rows": [{"project": one, "when": UnknownCallers.of(one).value} for one in projects],
        "choices": [(when.value, words) for when, words in _WHEN.items()],
        "saved": "saved" in request.GET,
    }
    return render_page(request, "customers/unknown_callers.html", context, part="workspace")
