from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.modules.customers.registry import register_section, register_standings
from perezvon.modules.interactions.sections import sections
from perezvon.modules.interactions.selectors import standings


def register() -> None:
    register_standings(standings)
    for section in sections():
        register_section(section)
    declare("interactions.view", _("See contacts and their history"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.write", _("Write notes, topics and results"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.identify", _("Identify customers"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("interactions.record", _("Register contacts for the system"), roles=(SYSTEM,))
