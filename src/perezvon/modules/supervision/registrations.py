from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.web.panels import Area, Panel, register_panel
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.supervision.personal import holder
from perezvon.modules.supervision.planning import PLAN
from perezvon.modules.supervision.scripted import register_actions
from perezvon.modules.supervision.selectors import ASK, WATCH


def register() -> None:
    register_place(Place(lazy("Monitor"), "eye", "supervision:floor", WATCH, 75))
    register_place(Place(lazy("Planning"), "calendar", "supervision:plan", PLAN, 79))
    declare(PLAN, _("Plan how many operators a day needs"), roles=(SUPERVISOR,))
    register_panel(Panel(Area.STRIP, "supervision:hands", WATCH, "help", 5))
    register_panel(Panel(Area.STRIP, "supervision:messages", ASK, "floor_message", 6))
    register_panel(Panel(Area.CONTACT, "supervision:ask", ASK, "help", 50))
    register_holder(holder())
    register_actions()
    declare(ASK, _("Ask for the senior in a contact, and answer"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare(WATCH, _("See queues and operators as they are now"), roles=(SUPERVISOR,))
    declare("supervision.set_up", _("Set the thresholds of the monitor"), roles=(SUPERVISOR, INFORMATION))
