from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, register_admin_page
from perezvon.foundation.administration.registry import Section as AdminSection
from perezvon.foundation.fields.registry import RecordKind, register_record_kind
from perezvon.foundation.lists.custom import custom_columns
from perezvon.foundation.lists.declare import register_columns, register_list
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.search.finders import Finder, Hit, register_finder
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.customers.registry import register_commercial_gate, register_section, register_standings
from perezvon.modules.interactions import documents
from perezvon.modules.interactions.known import contact_occasion, last_contacts
from perezvon.modules.interactions.lists import Contacts, of_customers
from perezvon.modules.interactions.messaging import entries
from perezvon.modules.interactions.models import FIELDS, Interaction
from perezvon.modules.interactions.personal import holder
from perezvon.modules.interactions.registry import register_entries
from perezvon.modules.interactions.sections import sections
from perezvon.modules.interactions.selectors import (
    find_by_number,
    icon_of,
    standings,
    title_of,
)
from perezvon.modules.interactions.services import commercial_is_open
from perezvon.modules.knowledge.registry import register_occasion, register_operation


def register() -> None:
    register_occasion(contact_occasion())
    register_operation(last_contacts())
    documents.register()
    register_record_kind(RecordKind(FIELDS, Interaction, lazy("Contacts"), order=30))
    register_columns(Contacts.code, custom_columns(FIELDS))
    register_holder(holder())
    register_finder(Finder("contact", lazy("Contacts"), "interactions.view", _hits))
    register_standings(standings)
    register_entries(entries)
    register_commercial_gate(commercial_is_open)
    for section in sections():
        register_section(section)
    register_list(Contacts())
    register_columns("customers", of_customers)
    register_place(Place(lazy("Contacts"), "phone", "interactions:list", "interactions.view", 32))
    declare(
        "interactions.view",
        _("See contacts and their history"),
        roles=(OPERATOR, EXTENDED, SUPERVISOR),
        narrows=True,
    )
    declare("interactions.write", _("Write notes, topics and results"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    register_admin_page(
        AdminPage(
            AdminSection.CALLS,
            lazy("Results of contacts"),
            lazy("What operators choose at the end of a contact: reasons, fields, what follows, who is offered it."),
            "list-tree",
            "interactions:results",
            "interactions.set_up",
            30,
        )
    )
    declare("interactions.set_up", _("Set up the results of contacts"), roles=(INFORMATION,))
    declare("interactions.identify", _("Identify customers"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.record", _("Register contacts for the system"), roles=(SYSTEM,))


def _hits(text: str, by: Actor, limit: int) -> list[Hit]:
    """The contact of that number, if it is one."""
    return [_hit(contact) for contact in find_by_number(text, by=by)][:limit]


def _hit(contact: Interaction) -> Hit:
    began = date_format(timezone.localtime(contact.began_at), "SHORT_DATETIME_FORMAT")
    who = contact.customer.short_name if contact.customer else ""
    label = f"№ {contact.number}, {title_of(contact)}"
    detail = ", ".join(part for part in (who, began) if part)
    return Hit(label, reverse("interactions:contact", args=[contact.pk]), icon_of(contact), detail)
