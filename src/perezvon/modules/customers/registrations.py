from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _
from django.utils.translation import pgettext_lazy

from perezvon.foundation.access import Actor, Subject, declare, register_subject
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, register_admin_page
from perezvon.foundation.administration.registry import Section as AdminSection
from perezvon.foundation.fields.registry import RecordKind, register_record_kind
from perezvon.foundation.files.registry import FileOwner, register_file_owner
from perezvon.foundation.imports.registry import register_importable
from perezvon.foundation.lists.custom import custom_columns
from perezvon.foundation.lists.declare import register_columns, register_list
from perezvon.foundation.messages.registry import INSIDE, SERVICE, Refusal, Wish, register_gate, register_placeholder
from perezvon.foundation.personal.registry import register_finder as register_finder_of_people
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.records.registry import Card, register_card
from perezvon.foundation.search.finders import Action, Finder, Hit, register_action, register_finder
from perezvon.foundation.search.registry import Entry, SearchKind, declare_kind
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.customers import documents
from perezvon.modules.customers.importing.bans import IMPORTABLE as BANS
from perezvon.modules.customers.importing.declaration import IMPORTABLE
from perezvon.modules.customers.importing.targets import FROM_SOURCE
from perezvon.modules.customers.known import contracts
from perezvon.modules.customers.lists import Bans, Contracts, Customers
from perezvon.modules.customers.models import CardType, Contract, Customer, Kind
from perezvon.modules.customers.personal import find_subject, holder
from perezvon.modules.customers.placeholders import placeholders
from perezvon.modules.customers.registry import register_section
from perezvon.modules.customers.selectors import contact_refusal, find_contracts, get_customer
from perezvon.modules.customers.selectors.search import FIELDS, KIND, Asked, Candidate, search
from perezvon.modules.customers.services.writing import entry_of
from perezvon.modules.customers.values import CONTRACT, RECORD
from perezvon.modules.customers.web.contracts import contract_section, contract_slots
from perezvon.modules.customers.web.sections import sections, slots
from perezvon.modules.customers.web.words import refusal_words
from perezvon.modules.documents.registry import register_source
from perezvon.modules.knowledge.registry import register_operation

_SERVING = (OPERATOR, EXTENDED, SUPERVISOR)


def register() -> None:
    register_holder(holder())
    register_finder_of_people(find_subject)
    declare("customers.view", _("Find customers and see their cards"), roles=(*_SERVING, INFORMATION))
    declare("customers.register", _("Register new customers"), roles=_SERVING)
    declare("customers.edit_contacts", _("Change customers' telephones and addresses"), roles=_SERVING)
    declare("customers.edit", _("Change customers' personal data"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.reveal", _("See passports and other numbers in full"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.view_commercial", _("See products once the customer is identified"), roles=_SERVING)
    declare("customers.view_journal", _("See who changed a customer's card"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.comment", _("Write comments on customers' cards"), roles=_SERVING)
    declare("customers.warn", _("Put warnings on customers' cards"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.recommend", _("Enter people on a customer's recommendation"), roles=_SERVING)
    declare("customers.merge", _("Merge cards of one customer"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.consent", _("Write down consents of customers"), roles=_SERVING)
    declare("customers.ban", _("Forbid contacting customers and numbers"), roles=_SERVING)
    declare("customers.view_bans", _("See the do-not-contact register"), roles=(EXTENDED, SUPERVISOR, INFORMATION))
    declare("customers.lift_ban", _("Lift bans on contact"), roles=(SUPERVISOR,))
    declare("customers.contact_anyway", _("Contact a customer in spite of a ban, with a reason"), roles=(SUPERVISOR,))
    declare("customers.edit_purposes", _("Change the purposes of consent"), roles=(INFORMATION,))
    declare("customers.outside_sources", _("Connect the company's base of customers"), roles=(SYSTEM,))
    register_place(Place(lazy("Office"), "search", "customers:office", "customers.view", 20))
    register_place(Place(lazy("Customers"), "list-details", "customers:list", "customers.view", 30))
    register_place(Place(pgettext_lazy("place", "New customer"), "forms", "customers:new", "customers.register", 40))
    declare("customers.delete", _("Delete customers and restore them"), roles=(SUPERVISOR,))
    declare("customers.import", _("Import customers from tables"), roles=(SUPERVISOR, INFORMATION))
    declare("customers.sources", _("Say which sources of information may be chosen"), roles=(SUPERVISOR, INFORMATION))
    declare(FROM_SOURCE, _("Import cards that only the system they come from may change"), roles=(INFORMATION,))
    register_list(Customers())
    register_list(Bans())
    declare("customers.view_contracts", _("See contracts of customers"), roles=(*_SERVING, INFORMATION))
    declare("customers.edit_contracts", _("Enter and change contracts"), roles=(EXTENDED, SUPERVISOR))
    register_list(Contracts())
    register_columns(Contracts.code, custom_columns(CONTRACT))
    register_place(Place(lazy("Contracts"), "file-text", "customers:contracts", "customers.view_contracts", 88))
    register_section(contract_section())
    register_finder(Finder("contract", lazy("Contracts"), "customers.view_contracts", _contract_hits))
    register_admin_page(
        AdminPage(
            AdminSection.DATA,
            lazy("Do not contact"),
            lazy("People, numbers and e-mails that must not be contacted, why, and until when."),
            "ban",
            "customers:bans",
            "customers.view_bans",
            62,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.DATA,
            lazy("Purposes of consent"),
            lazy("What customers may agree to, and for what nobody is contacted without consent."),
            "checklist",
            "customers:purposes",
            "customers.edit_purposes",
            64,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.DATA,
            lazy("Possible duplicates"),
            lazy("Cards that may be one person's: compare them and make one of two."),
            "users",
            "customers:duplicates",
            "customers.merge",
            60,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.DATA,
            lazy("Sources of information"),
            lazy("Where customers have heard of you: what may be chosen on their cards, project by project."),
            "list-details",
            "customers:sources",
            "customers.sources",
            50,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.SYSTEM,
            lazy("Bases of customers"),
            lazy("The company's base or CRM that is asked about callers nobody here knows."),
            "link",
            "customers:outside_sources",
            "customers.outside_sources",
            42,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.CALLS,
            lazy("Unknown callers"),
            lazy("Which projects make a card of a caller nobody knows, and when."),
            "user-plus",
            "customers:unknown_callers",
            "people.projects",
            60,
        )
    )
    register_columns(Customers.code, custom_columns(RECORD))
    register_record_kind(
        RecordKind(
            RECORD,
            Customer,
            lazy("Customers"),
            variants=lambda: ((Kind.PERSON, Kind.PERSON.label), (Kind.COMPANY, Kind.COMPANY.label)),
            variant_of=lambda customer: str(customer.kind),
            order=10,
            has_files=True,
        )
    )
    register_subject(Subject("customer", lazy("Customer"), lazy("number of the card"), _find_customer, _sees_customer))
    register_gate(_gate)
    register_operation(contracts())
    for placeholder in placeholders():
        register_placeholder(placeholder)
    for section in sections():
        register_section(section)
    register_source(documents.source())
    register_section(documents.section())
    register_file_owner(FileOwner(RECORD, _customer, _card_url, str))
    register_card(Card(RECORD, lazy("Customers"), slots, variants=tuple(CardType.choices)))
    register_record_kind(RecordKind(CONTRACT, Contract, lazy("Contracts"), order=20))
    register_card(Card(CONTRACT, lazy("Contracts"), contract_slots))
    declare_kind(SearchKind(KIND, _keys, _entries))
    register_finder(Finder("customer", lazy("Customers"), "customers.view", _hits, _all_url))
    register_importable(IMPORTABLE)
    register_importable(BANS)
    register_action(Action(lazy("Register a new customer"), _new_url, "user-plus", "customers.register"))


def _find_customer(text: str, by: Actor) -> tuple[str, str] | None:
    """By his number; whoever asks sees him himself."""
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    found = Customer.objects.visible_to(by).filter(number=number).first()
    return (str(found.pk), found.full_name) if found else None


def _sees_customer(actor: Actor, key: str) -> bool:
    return actor.may("customers.view") and Customer.objects.visible_to(actor).filter(pk=key).exists()


def _keys() -> Iterator[UUID]:
    return _found().values_list("pk", flat=True).iterator()


def _entries(keys: Sequence[UUID]) -> list[Entry]:
    return [entry_of(customer) for customer in _found().filter(pk__in=keys)]


def _found() -> QuerySet[Customer]:
    return Customer.objects.filter(deleted_at=None).exclude(kind=Kind.QUASI).order_by("id")


def _hits(text: str, by: Actor, limit: int) -> list[Hit]:
    """By name, phone, passport, card or any other number, as in the office."""
    found = search(Asked(text=text), by=by, offered=FIELDS, limit=limit)
    return [_hit(row) for row in found.rows]


def _hit(row: Candidate) -> Hit:
    name = " ".join(part for part in (row.last_name, row.first_name, row.middle_name) if part)
    born = date_format(row.birth_date, "SHORT_DATE_FORMAT") if row.birth_date else ""
    detail = ", ".join(part for part in (born, f"№ {row.number}") if part)
    icon = "building" if row.kind == Kind.COMPANY else "user"
    return Hit(name, reverse("customers:card", args=[row.id]), icon, detail)


def _all_url(text: str) -> str:
    return f"{reverse('customers:office')}?{urlencode({'q': text})}"


def _new_url() -> str:
    return reverse("customers:new")


def _customer(customer_id: UUID, by: Actor) -> Customer:
    by.must("customers.view")
    return get_customer(customer_id, by=by)


def _card_url(customer_id: UUID) -> str:
    return reverse("customers:card", args=[customer_id])


def _contract_hits(text: str, by: Actor, limit: int) -> list[Hit]:
    """By the beginning of the number."""
    return [
        Hit(
            f"{lazy('Contract')} {one.number}",
            reverse("customers:contract", args=[one.pk]),
            "file-text",
            ", ".join(part for part in (one.customer.short_name, str(one.product or "")) if part),
        )
        for one in find_contracts(text, by=by, limit=limit)
    ]


def _gate(wish: Wish) -> Refusal | None:
    """Nothing goes to a customer or a number that must not be contacted."""
    if wish.purpose in INSIDE:
        return None
    refusal = contact_refusal(
        customer_id=wish.record if wish.kind == RECORD else None,
        channel=wish.channel,
        address=wish.address,
        now=wish.now,
        purpose="" if wish.purpose == SERVICE else wish.purpose,
    )
    return Refusal(refusal.why, refusal_words(refusal)) if refusal else None
