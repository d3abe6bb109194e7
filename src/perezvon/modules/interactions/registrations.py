from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.lists.declare import register_columns, register_list
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.customers.registry import register_section, register_standings
from perezvon.modules.interactions.lists import Contacts, of_customers
from perezvon.modules.interactions.sections import sections
from perezvon.modules.interactions.selectors import standings


def register() -> None:
    register_standings(standings)
    for section in sections():
        register_section(section)
    register_list(Contacts())
    register_columns("customers", of_customers)
    register_place(Place(lazy("Contacts"), "phone", "interactions:list", "interactions.view", 32))
    declare("interactions.view", _("See contacts and their history"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.write", _("Write notes, topics and results"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.identify", _("Identify customers"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.record", _("Register contacts for the system"), roles=(SYSTEM,))
