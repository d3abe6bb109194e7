"""Contracts: the card of one, its forms, and the section on the customer's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import as_form, card_sections, form_groups, typed_of
from perezvon.foundation.fields.models import FieldSection
from perezvon.foundation.fields.selectors import fields_of, visible_fields
from perezvon.foundation.fields.values import CURRENCIES
from perezvon.foundation.fields.web.small_forms import day_text, typed_key
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.records.arrangement import tabs_of
from perezvon.foundation.records.registry import ZONES, Slot
from perezvon.foundation.records.selectors import find_layout
from perezvon.foundation.ui.templatetags.ui import money
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.modules.catalogue.selectors import list_products
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Contract, Customer, Kind
from perezvon.modules.customers.registry import Section
from perezvon.modules.customers.selectors import contracts_of, get_contract, get_customer, shows_sums
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.services import Terms
from perezvon.modules.customers.values import CONTRACT, Problem
from perezvon.modules.customers.web.small_forms import Asked, FormPage, answer, card_steps, day_of, must_be_right

VIEW, EDIT = "customers.view_contracts", "customers.edit_contracts"
_TONES = {Contract.State.ACTIVE: "good", Contract.State.SUSPENDED: "warn", Contract.State.CLOSED: ""}
_OWN = "own_"
SLOTS = (
    Slot("terms", lazy("Terms"), "side", 10),
    Slot("tariffs", lazy("Changes of tariff"), "main", 10),
    Slot("losses", lazy("Losses under the contract"), "main", 20),
)


def contract_slots() -> Sequence[Slot]:
    """Every section of a contract's card, an administrator's own among them. One query."""
    own = FieldSection.objects.filter(kind=CONTRACT)
    return [*SLOTS, *(Slot(f"{_OWN}{one.key}", str(one), "side", 40 + place) for place, one in enumerate(own))]


def contract_section() -> Section:
    return Section("contracts", "customers/_contracts.html", contracts, VIEW, 22, "main", lazy("Contracts"))


def contracts(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Of a customer's card. One query, and one of the gate before sums."""
    if customer.kind == Kind.QUASI:
        return None
    rows, may = contracts_of(customer, by=by), by.may(EDIT)
    if not (rows or may):
        return None
    sums = bool(rows) and shows_sums(customer, by=by)
    return {"rows": [_row(one, sums) for one in rows], "may_change": may}


def _row(one: Contract, sums: bool) -> dict[str, Any]:
    return {
        "url": reverse("customers:contract", args=[one.pk]),
        "number": one.number,
        "about": ", ".join(filter(None, (str(one.product or ""), one.partner.full_name if one.partner else ""))),
        "until": one.ends_on,
        "state": str(one.get_state_display()),
        "tone": _TONES[Contract.State(one.state)],
        "sum": _money(one.sum, one.currency) if sums else "",
    }


def _money(amount: Decimal | None, currency: str) -> str:
    return str(money(amount, CURRENCIES.get(currency, currency))) if amount is not None else ""


@needs(VIEW)
@require_GET
def contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """A contract (F01.19): its terms, how the tariff changed (F01.09), losses under it."""
    by, now = person_of(request), clock.now()
    found = get_contract(contract_id, by=by)
    sums = shows_sums(found.customer, by=by)
    fields = visible_fields(by, found)
    blocks = _blocks(found, sums, fields, now)
    layout = find_layout(CONTRACT, by=by, project_id=found.customer.project_id)
    slots = [slot for slot in contract_slots() if slot.code in blocks]
    tabs = tabs_of(layout.arrangement if layout else {}, slots)
    tab = next((one for one in tabs if one.code == request.GET.get("tab")), tabs[0])
    context = {
        "contract": found,
        "chip": {"text": str(found.get_state_display()), "tone": _TONES[Contract.State(found.state)]},
        "steps": card_steps(found.customer, _("Contract {number}").format(number=found.number)),
        "zones": {zone: [blocks[code] for code in tab.zones[zone]] for zone in ZONES},
        "card_tabs": [
            {"label": one.label, "url": f"{request.path}?tab={one.code}", "current": one is tab} for one in tabs
        ]
        if len(tabs) > 1
        else [],
        "sums": sums,
        "may_change": by.may(EDIT),
        "saved": "saved" in request.GET,
        "now": now,
    }
    return render_page(request, "customers/contract.html", context, part="workspace")


def _blocks(found: Contract, sums: bool, fields: Sequence[Field], now: datetime) -> dict[str, dict[str, Any]]:
    """Sections by their codes: {kind, title, rows}."""
    own = card_sections(fields, found.custom)
    return {
        "terms": {"kind": "facts", "title": _("Terms"), "rows": _terms(found, sums)},
        "tariffs": {"kind": "tariffs", "title": _("Changes of tariff"), "rows": list(found.tariff_changes.all())},
        "losses": {"kind": "losses", "title": _("Losses under the contract"), "rows": _losses(found) if sums else None},
        **{f"{_OWN}{one['code']}": {"kind": "facts", "title": one["title"], "rows": one["rows"]} for one in own},
    }


def _terms(found: Contract, sums: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"label": _("Product"), "value": str(found.product or "")},
        {"label": _("Partner"), "value": found.partner.full_name if found.partner else ""},
        {"label": _("Signed on"), "value": _day(found.signed_on)},
        {"label": _("In force from"), "value": _day(found.begins_on)},
        {"label": _("Last day"), "value": _day(found.ends_on)},
        {"label": _("Sum"), "value": _money(found.sum, found.currency) if sums else "", "kind": "number"},
        {"label": _("Currency"), "value": f"{found.currency} ({CURRENCIES.get(found.currency, found.currency)})"},
        {"label": _("Tariff"), "value": found.tariff},
    ]
    return [row for row in rows if row["value"]]


def _day(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _losses(found: Contract) -> list[dict[str, Any]]:
    return [
        {"on": one.on, "what": one.what, "sum": _money(one.sum, found.currency), "by": one.by}
        for one in found.losses.select_related("by")
    ]


# --- forms ---


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def contract_new(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    customer = get_customer(customer_id, by=by)
    title = _("New contract")
    page = _page(title, customer, by, reverse("customers:card", args=[customer.pk]), None)
    first = {"currency": _usual_currency(customer, by), "contract_state": Contract.State.ACTIVE.value}
    return answer(
        request,
        page,
        first,
        lambda given, problems: services.add_contract(
            customer_id=customer.pk, terms=_typed(request, given, problems, by), by=by, now=now
        ),
    )


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def contract_edit(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    found = get_contract(contract_id, by=by)
    page = _page(found.number, found.customer, by, reverse("customers:contract", args=[found.pk]), found)
    return answer(
        request,
        page,
        _first(found, by),
        lambda given, problems: services.change_contract(
            contract_id=found.pk,
            version=typed_key(given, "version") or 0,
            terms=_typed(request, given, problems, by),
            by=by,
            now=now,
        ),
    )


def _usual_currency(customer: Customer, by: Person) -> str:
    """That of the customer's project; of everybody's customer, that of the actor's first project."""
    project = customer.project or next(iter(list_projects(by=by)), None)
    return str(project.settings.get("currency") or "RUB") if project else "RUB"


def _page(title: str, customer: Customer, by: Person, back_url: str, known: Contract | None) -> FormPage:
    products = [("", "\u2014"), *((str(one.pk), f"{one.kind}: {one}") for one in list_products(by=by))]
    asked = (
        Asked("contract_number", required=True),
        Asked("product", "choice", products),
        Asked("partner_card", hint=_("The insurer of a policy, by the number of its card.")),
        Asked("contract_state", "choice", Contract.State.choices),
        Asked("signed_on", "date"),
        Asked("begins_on", "date"),
        Asked("ends_on", "date"),
        Asked("sum"),
        Asked("currency", "choice", [(code, f"{code} ({sign})") for code, sign in CURRENCIES.items()]),
        *(() if known else (Asked("tariff", wide=True),)),
    )
    return FormPage(
        title=title,
        group=_("Contract"),
        submit=_("Save"),
        back_url=back_url,
        steps=card_steps(customer, title),
        asked=asked,
        hidden={"version": str(known.version if known else 0)},
        more=lambda given, errors: form_groups(fields_of(CONTRACT, by), given, errors),
    )


def _first(found: Contract, by: Person) -> dict[str, str]:
    return {
        "contract_number": found.number,
        "product": str(found.product_id or ""),
        "partner_card": str(found.partner.number) if found.partner else "",
        "contract_state": found.state,
        "signed_on": day_text(found.signed_on),
        "begins_on": day_text(found.begins_on),
        "ends_on": day_text(found.ends_on),
        "sum": number_format(found.sum, use_l10n=True, force_grouping=False) if found.sum is not None else "",
        "currency": found.currency,
        **as_form(found.custom, fields_of(CONTRACT, by)),
    }


def _typed(request: HttpRequest, given: Mapping[str, str], problems: dict[str, Problem], by: Person) -> Terms:
    days = {name: day_of(given, name, problems) for name in ("signed_on", "begins_on", "ends_on")}
    amount = _amount(given, problems)
    number = given.get("partner_card", "").strip()
    partner = Customer.objects.visible_to(by).filter(number=typed_key(given, "partner_card") or 0).first()
    if number and partner is None:
        problems["partner_card"] = Problem("card.unknown")
    must_be_right(problems)
    return Terms(
        number=given.get("contract_number", ""),
        product_id=typed_key(given, "product"),
        partner_id=partner.pk if partner else None,
        state=given.get("contract_state", ""),
        sum=amount,
        currency=given.get("currency", ""),
        tariff=given.get("tariff", ""),
        custom=typed_of(request.POST, fields_of(CONTRACT, by), whole=True),
        **days,
    )


def _amount(given: Mapping[str, str], problems: dict[str, Problem]) -> Decimal | None:
    text = given.get("sum", "").strip()
    try:
        return checks.decimal(text, places=2) if text else None
    except Wrong as wrong:
        problems["sum"] = Problem(wrong.code, wrong.facts)
        return None


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def tariff(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """Another tariff from a day on."""
    by, now = person_of(request), clock.now()
    found = get_contract(contract_id, by=by)
    title = _("Change the tariff")
    page = FormPage(
        title=title,
        group=found.number,
        submit=title,
        back_url=reverse("customers:contract", args=[found.pk]),
        steps=card_steps(found.customer, title),
        asked=(Asked("tariff", required=True, wide=True), Asked("since", "date", required=True), Asked("reason")),
    )

    def save(given: Mapping[str, str], problems: dict[str, Problem]) -> object:
        on = day_of(given, "since", problems) or today(now)
        must_be_right(problems)
        return services.change_tariff(
            contract_id=found.pk, tariff=given.get("tariff", ""), on=on, reason=given.get("reason", ""), by=by, now=now
        )

    return answer(request, page, {"tariff": found.tariff, "since": day_text(today(now))}, save)


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def loss(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    found = get_contract(contract_id, by=by)
    title = _("New loss")
    page = FormPage(
        title=title,
        group=found.number,
        submit=_("Add"),
        back_url=reverse("customers:contract", args=[found.pk]),
        steps=card_steps(found.customer, title),
        asked=(Asked("what", required=True, wide=True), Asked("on", "date", required=True), Asked("sum")),
    )

    def save(given: Mapping[str, str], problems: dict[str, Problem]) -> object:
        on, amount = day_of(given, "on", problems) or today(now), _amount(given, problems)
        must_be_right(problems)
        return services.add_loss(contract_id=found.pk, on=on, what=given.get("what", ""), amount=amount, by=by, now=now)

    return answer(request, page, {"on": day_text(today(now))}, save)
