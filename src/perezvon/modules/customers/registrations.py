from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.search.registry import Entry, SearchKind, declare_kind
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.customers.lists import Customers
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.selectors.search import KIND
from perezvon.modules.customers.services.writing import entry_of

_SERVING = (OPERATOR, EXTENDED, SUPERVISOR)


def register() -> None:
    declare("customers.view", _("Find customers and see their cards"), roles=(*_SERVING, INFORMATION))
    declare("customers.register", _("Register new customers"), roles=_SERVING)
    declare("customers.edit_contacts", _("Change customers' telephones and addresses"), roles=_SERVING)
    declare("customers.edit", _("Change customers' personal data"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.reveal", _("See passports and other numbers in full"), roles=(EXTENDED, SUPERVISOR))
    declare("customers.view_commercial", _("See products once the customer is identified"), roles=_SERVING)
    declare("customers.view_journal", _("See who changed a customer's card"), roles=(EXTENDED, SUPERVISOR))
    register_place(Place(lazy("Office"), "search", "customers:office", "customers.view", 20))
    register_place(Place(lazy("Customers"), "list-details", "customers:list", "customers.view", 30))
    register_place(Place(lazy("Enter a new customer"), "forms", "customers:new", "customers.register", 40))
    declare("customers.delete", _("Delete customers and restore them"), roles=(SUPERVISOR,))
    register_list(Customers())
    declare_kind(SearchKind(KIND, _keys, _entries))


def _keys() -> Iterator[UUID]:
    return _found().values_list("pk", flat=True).iterator()


def _entries(keys: Sequence[UUID]) -> list[Entry]:
    return [entry_of(customer) for customer in _found().filter(pk__in=keys)]


def _found() -> QuerySet[Customer]:
    return Customer.objects.filter(deleted_at=None).exclude(kind=Kind.QUASI).order_by("id")
